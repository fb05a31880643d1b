"""Samples of any size with everything that the engine is measured on, and the same for the peers."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct

LEVELS = (2, 5, 6, 10, 4)
"""Of the five margins."""

ITEMS = 40
DOMAINS = ("district", "age")
"""10 districts by 3 age groups."""


class Sample(Struct, frozen=True, kw_only=True):
    """Columns of a sample, and the population of every level of its margins.

    The margins are codes from 0 in one byte; items are grades from 1 to 10, in one byte too.
    """

    columns: dict[str, npt.NDArray[Any]]
    margins: dict[str, dict[int, float]]

    @property
    def size(self) -> int:
        return len(self.columns["weight"])

    @property
    def items(self) -> list[str]:
        return [name for name in self.columns if name.startswith("item")]

    @property
    def megabytes(self) -> float:
        return sum(column.nbytes for column in self.columns.values()) / 1e6

    def named(self) -> dict[str, Any]:
        """The columns with margins as categories, as a formula takes them."""
        return {
            name: pd.Categorical.from_codes(column, [f"level{level}" for level in self.margins[name]])
            if name in self.margins
            else column
            for name, column in self.columns.items()
        }

    def totals(self) -> dict[str, float]:
        """The margins as totals of a formula: all people, and those in every level but the first."""
        found = {"(Intercept)": sum(next(iter(self.margins.values())).values())}
        for name, counts in self.margins.items():
            found |= {f"{name}level{level}": count for level, count in counts.items() if level}
        return found

    def furthest(self, weights: npt.ArrayLike) -> float:
        """How far the weights are from a margin, at most, as a share of its level; any scale will do."""
        given = np.asarray(weights, dtype=float)
        scale = sum(next(iter(self.margins.values())).values()) / given.sum()
        errors = [
            np.abs(scale * np.bincount(self.columns[name], given) / np.array([*counts.values()]) - 1).max()
            for name, counts in self.margins.items()
        ]
        return float(max(errors))


def sample(size: int, *, items: int = 0, seed: int = 1) -> Sample:
    """People whose margins are up to a third off the population."""
    chance = np.random.default_rng(seed)
    columns: dict[str, npt.NDArray[Any]] = {}
    margins: dict[str, dict[int, float]] = {}
    for levels in LEVELS:
        name = f"margin{levels}"
        columns[name] = chance.integers(0, levels, size).astype(np.int8)
        shares = np.bincount(columns[name], minlength=levels) * chance.uniform(0.75, 1.25, levels)
        margins[name] = _counts(shares, size)
    for place in range(items):
        columns[f"item{place}"] = chance.integers(1, 11, size).astype(np.int8)
    if items:
        columns |= {"district": columns["margin10"], "age": (columns["margin6"] // 2).astype(np.int8)}
    return Sample(columns={**columns, "weight": np.ones(size)}, margins=margins)


def with_rare_levels(size: int, *, seed: int = 2) -> Sample:
    """People of whom 0.05% are in the first level of every margin, where the population has 2%."""
    chance = np.random.default_rng(seed)
    columns: dict[str, npt.NDArray[Any]] = {"weight": np.ones(size)}
    margins: dict[str, dict[int, float]] = {}
    for levels in LEVELS:
        shares = [0.0005, *np.full(levels - 1, 0.9995 / (levels - 1))]
        columns[f"margin{levels}"] = chance.choice(levels, size, p=shares).astype(np.int8)
        margins[f"margin{levels}"] = _counts(
            np.array([0.02, *np.full(levels - 1, 0.98 / (levels - 1))]), size
        )
    return Sample(columns=columns, margins=margins)


def _counts(shares: npt.NDArray[Any], size: int) -> dict[int, float]:
    return {level: float(count) for level, count in enumerate(shares / shares.sum() * size)}
