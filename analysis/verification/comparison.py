"""What we found beside what was expected: element by element, to the tolerance of the case."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct

ALLOWANCE = 1e-9
"""What a number may always be off, so that a result near zero can agree; part of the format."""


class Difference(Struct, frozen=True, kw_only=True):
    """One element that is not as expected; `place` is where it stands in `expected`."""

    place: str
    expected: Any
    found: Any


class Comparison(Struct, frozen=True, kw_only=True):
    """The differences, and the largest |x - r| / |r|, with |r| no smaller than the allowance."""

    differences: tuple[Difference, ...]
    largest: float


def compare(found: Any, expected: Any, tolerance: float) -> Comparison:
    """Every element of `expected` beside the same of `found`, which may hold more names.

    A number x agrees with r when |x - r| <= tolerance |r| + 1e-9, what is not available (None, nan,
    infinite) with null, a text with the same text. Rows with a key are looked up by it, whatever their
    order.
    """
    largest = 0.0
    differences = []
    for place, wanted, ours in _elements("", expected, found):
        number = _is_number(wanted) and _is_number(ours)
        off = abs(ours - wanted) if number else 0.0
        if number:
            largest = max(largest, off / max(abs(wanted), ALLOWANCE))
        agrees = off <= tolerance * abs(wanted) + ALLOWANCE if number else ours == wanted
        if not agrees:
            differences.append(Difference(place=place, expected=wanted, found=ours))
    return Comparison(differences=tuple(differences), largest=largest)


def _elements(place: str, expected: Any, found: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every element that is expected, its place, and ours; a part that we lack is one element."""
    ours = _plain(found)
    if isinstance(expected, dict) and isinstance(ours, dict):
        for name, wanted in expected.items():
            yield from _elements(f"{place}.{name}".lstrip("."), wanted, ours.get(name, "nothing"))
    elif isinstance(expected, list) and isinstance(ours, list) and _have_keys(expected + ours):
        by_key = {_key(row): row for row in ours}
        for row in expected:
            yield from _elements(f"{place}[{_key(row)}]", _keyless(row), by_key.pop(_key(row), "nothing"))
        for key, row in by_key.items():
            yield f"{place}[{key}]", "nothing", row
    elif isinstance(expected, list) and isinstance(ours, list) and len(expected) == len(ours):
        for at, (wanted, element) in enumerate(zip(expected, ours, strict=True)):
            yield from _elements(f"{place}[{at}]", wanted, element)
    else:
        yield place, expected, ours


def _plain(value: Any) -> Any:
    """As JSON would have it; what is not finite is not available."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, tuple):
        return list(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _have_keys(rows: list[Any]) -> bool:
    return bool(rows) and all(isinstance(row, dict) and "key" in row for row in rows)


def _key(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {level}" for name, level in sorted(row["key"].items()))


def _keyless(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "key"}
