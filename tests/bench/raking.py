"""Raking a million respondents, against one pass of numpy over the same columns, in one run."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from msgspec import Struct

from analysis.weighting.merging import Margin
from analysis.weighting.raking import raked_weights

RESPONDENTS = 1_000_000
LEVELS = (2, 5, 6, 10, 4)
TIMES = 7


class Raking(Struct, frozen=True, kw_only=True):
    """Medians in milliseconds."""

    raking: float
    one_pass: float


def margins(chance: np.random.Generator) -> list[Margin]:
    """Five margins whose targets are up to a third off the sample."""
    made = []
    for levels in LEVELS:
        codes = chance.integers(0, levels, RESPONDENTS).astype(np.int8)
        shares = np.bincount(codes, minlength=levels) * chance.uniform(0.75, 1.25, levels)
        targets = shares / shares.sum() * RESPONDENTS
        names = tuple(str(level) for level in range(levels))
        made.append(Margin(key=f"m{levels}", levels=names, codes=codes, targets=targets))
    return made


def milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return median(times)


def measure() -> Raking:
    wanted = margins(np.random.default_rng(1))
    old = np.ones(RESPONDENTS)

    def one_pass() -> None:
        for margin in wanted:
            np.bincount(margin.codes, old, len(margin.levels))

    return Raking(raking=milliseconds(lambda: raked_weights(old, wanted)), one_pass=milliseconds(one_pass))
