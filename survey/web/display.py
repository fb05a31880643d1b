"""How a resident wants pages to look: the size of the letters, and pictograms or not.

It is kept in a cookie of its own, as it is said here and nothing else: it outlives a visit, holds no
answer, and goes with the browser session.
"""

from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

TextSize = Literal["normal", "large", "largest"]

FIELD = "display"
"""The name of the buttons and of the query that ask for another display."""


class Display(Struct, frozen=True, kw_only=True):
    text: TextSize = "normal"
    pictograms: bool = True

    @property
    def value(self) -> str:
        """As it stands in the cookie and in a form: `large`, `large-words` without pictograms."""
        return self.text if self.pictograms else f"{self.text}-words"


AS_IT_COMES = Display()


def displays(now: Display, *, pictograms: bool) -> dict[str, Display]:
    """What can be chosen, by name: each size of letters; where there are pictograms, these or words alone."""
    sizes = {size: replace(now, text=size) for size in get_args(TextSize)}
    both = {"pictograms": replace(now, pictograms=True), "words": replace(now, pictograms=False)}
    return sizes | (both if pictograms else {})


DISPLAYS = tuple(Display(text=t, pictograms=p) for t in get_args(TextSize) for p in (True, False))

_BY_VALUE = {display.value: display for display in DISPLAYS}


def display_of(value: str) -> Display:
    """The display in a cookie or form; as it comes for anything else."""
    return _BY_VALUE.get(value, AS_IT_COMES)
