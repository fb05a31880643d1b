"""Levels as a case writes them, and as the table has them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.weighting.populations import parts_of

Said = str | float | bool
"""A level as a case writes it."""


def spelled(level: Said, column: npt.NDArray[Any]) -> str:
    """A level as `column` has it; true is 1 among numbers, among texts TRUE in any case of letters."""
    if not isinstance(level, bool):
        (text,) = parts_of(level)
        return text
    if column.dtype.kind != "U":
        return str(int(level))
    same = [text for text in np.unique(column).tolist() if text.lower() == str(level).lower()]
    return same[0] if same else str(level).upper()
