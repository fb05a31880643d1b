"""Values that stay as they are: nobody writes into their arrays, and what they were made from may change."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import force_setattr


class Frozen(Struct, frozen=True):
    """A value whose arrays cannot be written to."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                force_setattr(self, name, read_only(value))


def read_only(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, in which nobody who holds only this can write."""
    view = values.view()
    view.flags.writeable = False
    return view


def held(data: Any) -> Any:
    """A table as it is now, whatever its owner does with it later.

    Data frames share their memory until one of the two changes (pandas copies on write, a column of Polars
    never changes), so only arrays and lists are copied, and arrays that nobody can write to are kept.
    """
    if isinstance(data, Mapping):
        return {name: _held_column(column) for name, column in data.items()}
    return _held_column(data)


def _held_column(column: Any) -> Any:
    if isinstance(column, list):
        return tuple(column)
    if isinstance(column, np.ndarray):
        kept = column.flags.owndata and not column.flags.writeable
        return column if kept else read_only(column.copy())
    if hasattr(column, "iloc"):  # pandas
        return column.copy(deep=False)
    if hasattr(column, "clone"):  # Polars
        return column.clone()
    return column.copy() if hasattr(column, "copy") else column
