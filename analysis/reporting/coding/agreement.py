"""How far two people who coded the same answers apart from each other find the same topics."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from scipy import stats

from analysis.reporting.coding.coding_sheets import AnswerRow
from analysis.reporting.disclosure import MINIMUM_BASE

_TAIL = 0.025
"""To either side of an interval of 95%."""


class Agreement(Struct, frozen=True, kw_only=True):
    """How often two coders who did not see each other's work chose the same main topic.

    `same` is the share of the `answers` that both coded. `kappa`: Cohen's, with its 95% interval; None where
    both chose one topic only.
    """

    answers: int
    same: float
    kappa: tuple[float, float, float] | None


def agreement(rows: Sequence[AnswerRow], others: Sequence[AnswerRow]) -> Agreement | None:
    """That of the main topics of the answers that both coded; None when these are too few."""
    second = {row.id: row.topics[0] for row in others if row.topics}
    pairs = [(row.topics[0], second[row.id]) for row in rows if row.topics and row.id in second]
    if len(pairs) < MINIMUM_BASE:
        return None
    same = sum(one == other for one, other in pairs)
    return Agreement(answers=len(pairs), same=same / len(pairs), kappa=_kappa(pairs, same))


def _kappa(pairs: Sequence[tuple[str, str]], same: int) -> tuple[float, float, float] | None:
    """(p_o - p_e) / (1 - p_e), by chance p_e, with what the exact limits of p_o make of it.

    As Cohen (1960) has it, p_e is taken as known and only p_o as uncertain; in the place of his normal
    approximation, which has no width where the coders always agree, come the limits of Clopper and Pearson
    (1934) for `same` out of all.
    """
    chosen = [np.unique(topics, return_counts=True) for topics in zip(*pairs, strict=True)]
    (one, other), number = [dict(zip(*each, strict=True)) for each in chosen], len(pairs)
    chance = sum(count * other.get(topic, 0) for topic, count in one.items()) / number**2
    if chance == 1:
        return None
    low = stats.beta.ppf(_TAIL, same, number - same + 1) if same else 0.0
    high = stats.beta.isf(_TAIL, same + 1, number - same) if same < number else 1.0
    kappa, least, most = ((share - chance) / (1 - chance) for share in (same / number, low, high))
    return float(kappa), max(float(least), -1.0), float(most)
