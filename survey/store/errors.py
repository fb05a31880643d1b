"""What can go wrong in the store, as the program sees it. No message holds a value."""

from survey.kiosk import Kiosk


class StoreError(Exception):
    """The database refused or failed; what was asked did not happen and everything earlier still stands."""


class StoreBusyError(StoreError):
    """More is waiting to be written than will be done soon. Try again in a moment."""


class UnreachableError(StoreError):
    """There is no connection to the database, or it is not one this program can use."""


class LostConnectionError(UnreachableError):
    """The connection broke off under way; what was asked may have happened or not."""


class PlaceTakenError(StoreError):
    """A place of this key exists and is another one; `there` is a kiosk as it is at that place."""

    def __init__(self, there: Kiosk) -> None:
        super().__init__(
            f"There is a place {there.place} already: {there.name} in {there.area}, for the survey "
            f"{there.survey}, {'with' if there.needs_code else 'without'} a need of codes. "
            "Say the same of it, or choose another key for the place."
        )
        self.there = there


class SimulatedMismatchError(StoreError):
    """Simulated and real responses would come together in one survey."""
