"""What is written in a case holds only words that we know."""

from msgspec import Struct


class Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A word that we do not know would change what is meant, so it is refused: the case fails."""
