"""What can go wrong in the store, as the program sees it. No message holds a value."""


class StoreError(Exception):
    """The database refused or failed; what was asked did not happen and everything earlier still stands."""


class StoreBusyError(StoreError):
    """More is waiting to be written than will be done soon. Try again in a moment."""


class UnreachableError(StoreError):
    """There is no connection to the database, or it is not one this program can use."""


class LostConnectionError(UnreachableError):
    """The connection broke off under way; what was asked may have happened or not."""


class SimulatedMismatchError(StoreError):
    """Simulated and real responses would come together in one survey."""
