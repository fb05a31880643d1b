"""The store: who may take part, drafts and responses, in SQLite or PostgreSQL.

Everything else in the program uses these names and nothing deeper.
"""

from survey.store.errors import (
    PlaceTakenError,
    SimulatedMismatchError,
    StoreBusyError,
    StoreError,
    UnreachableError,
)
from survey.store.statements import (
    Acceptance,
    Archive,
    LedgerCount,
    LedgerEntry,
    StoredResponse,
    WithdrawalCount,
)
from survey.store.stores import Store

__all__ = [
    "Acceptance",
    "Archive",
    "LedgerCount",
    "LedgerEntry",
    "PlaceTakenError",
    "SimulatedMismatchError",
    "Store",
    "StoreBusyError",
    "StoreError",
    "StoredResponse",
    "UnreachableError",
    "WithdrawalCount",
]
