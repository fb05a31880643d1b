"""Columns and domains as the rows of a design: as many as it has, and nothing in them that is no answer."""

import numpy as np
import numpy.typing as npt

from analysis.columns import Categories, Column, ColumnError, called, categories, numbers, refuse_other_index
from analysis.sampling.designs import Design, DesignError, Floats, Mask


def row_numbers(column: Column, design: Design) -> Floats:
    """A number for every row of the design, nan where there is no answer. Raises ColumnError."""
    values = numbers(design.data, column)
    refuse_other_size(called(column), len(values), design)
    return values


def row_categories(column: Column, design: Design) -> Categories:
    """A category for every row of the design, MISSING where there is none. Raises ColumnError."""
    found = categories(design.data, column)
    refuse_other_size(called(column), len(found.codes), design)
    return found


def rows_in(domain: npt.ArrayLike | None, design: Design) -> Mask:
    """The rows of a domain; without one all of them. Raises ColumnError."""
    if domain is None:
        return np.ones(design.size, dtype=bool)
    refuse_other_index("The domain", domain, design.data)
    mask = np.asarray(domain)
    if mask.dtype != bool or mask.shape != (design.size,):
        raise ColumnError(
            f"A domain is true or false for each of the {design.size} rows of the design, never missing; "
            f"this is {mask.dtype} of shape {mask.shape}. Compare a column, such as data['age'] == 'old'."
        )
    return mask


def refuse_other_size(what: str, size: int, design: Design) -> None:
    if size != design.size:
        raise ColumnError(
            f"{what} has {size} rows, the design has {design.size}. Give one value for each of these."
        )


def refuse_negative(what: str, design: Design, rows: Mask, *, replicates: bool = False) -> None:
    """Raise DesignError where one of these rows has a negative weight: only sums and means bear that.

    `replicates`: also in a replicate, where each is fitted again.
    """
    _refuse_negative(what, design.weights, rows)
    if replicates and design.replicates is not None:
        for place, weights in enumerate(design.replicates.weights.T, start=1):
            _refuse_negative(f"{what}, replicate {place}", weights, rows)


def _refuse_negative(what: str, weights: Floats, rows: Mask) -> None:
    wrong = rows & (weights < 0)
    if wrong.any():
        row = int(wrong.argmax())
        raise DesignError(
            f"{what}: the weight in row {row + 1} is {weights[row]:g}, and this needs weights from 0. "
            "Give the linear calibration bounds, or take distance raking."
        )
