"""Scores of published scales, and how well their items hang together.

Answers come as codes, shape (respondents, items); missing answers are negative. Scores are nan where
too many answers are missing. Reverse-worded items are marked, never recoded in the data.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.columns import Column, ColumnError, listed
from analysis.sampling.designs import Design
from analysis.sampling.rows import row_numbers, rows_in

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]

COHESION_ITEMS = 6
COHESION_NEEDED = 4
WHO5_ITEMS = 5
LONELINESS_ITEMS = 6

LOW_WELLBEING = 50
"""A WHO-5 score of 50 or lower means low wellbeing (Topp and others 2015)."""

SOMEWHAT_LONELY = 2
STRONGLY_LONELY = 5


class Loneliness(NamedTuple):
    """Scores of the six-item scale: the total from 0 to 6, its two halves from 0 to 3."""

    total: Floats
    emotional: Floats
    social: Floats


class Wellbeing(NamedTuple):
    """WHO-5 scores from 0 to 100, and for whom one missing answer was filled in."""

    score: Floats
    filled: Mask


def cohesion(answers: Codes, reversed_items: Mask) -> Floats:
    """Social cohesion of the Veiligheidsmonitor, 0 to 10: the mean of six statements.

    Codes 5 (fully agree) to 1 become 10 to 0 in the positive direction; at least four of six must be
    answered. Range and statements: CBS and the ministry of Justice, Veiligheidsmonitor 2021; the mean
    over answered items is this project's reading of the formula.
    """
    scores = cohesion_points(answers, reversed_items)
    answered = (answers >= 0).sum(axis=1)
    sums = np.nansum(scores, axis=1)
    return np.where(answered >= COHESION_NEEDED, sums / np.maximum(answered, 1), np.nan)


def cohesion_points(answers: Codes, reversed_items: Mask) -> Floats:
    """What every statement of `cohesion` counts for, 0 to 10; nan where there is no answer."""
    directed = np.where(reversed_items, 6 - answers, answers)
    return np.where(answers < 0, np.nan, (directed - 1) * 2.5)


def who5(answers: Codes) -> Wellbeing:
    """WHO-5 wellbeing: the sum of five answers (0 to 5) times 4 (WHO 1998; Topp and others 2015).

    With one answer missing, the mean of the other four times 20, and the response is flagged.
    """
    answered = (answers >= 0).sum(axis=1)
    sums = np.where(answers >= 0, answers, 0).sum(axis=1)
    score = np.where(answered >= WHO5_ITEMS - 1, sums / np.maximum(answered, 1) * 20.0, np.nan)
    return Wellbeing(score=score, filled=answered == WHO5_ITEMS - 1)


def loneliness(answers: Codes, reversed_items: Mask) -> Loneliness:
    """De Jong Gierveld's six items (De Jong Gierveld and Van Tilburg 2006), all six needed.

    Codes 1 yes, 2 more or less, 3 no. The three statements about missing people (emotional) count for
    "yes" and "more or less", the three reversed ones about having people (social) for "more or less"
    and "no". A total of 2 to 4 is somewhat lonely, 5 or 6 strongly.
    """
    points = loneliness_points(answers, reversed_items)
    complete = (answers >= 0).all(axis=1)
    emotional = np.where(complete, points[:, ~reversed_items].sum(axis=1), np.nan)
    social = np.where(complete, points[:, reversed_items].sum(axis=1), np.nan)
    return Loneliness(total=emotional + social, emotional=emotional, social=social)


def loneliness_points(answers: Codes, reversed_items: Mask) -> Floats:
    """What every statement of `loneliness` counts for, 0 or 1; nan where there is no answer."""
    points = np.where(reversed_items, answers >= 2, answers <= 2).astype(float)
    return np.where(answers < 0, np.nan, points)


def alpha(columns: Column | Sequence[Column], design: Design, *, domain: Mask | None = None) -> float:
    """Cronbach's alpha of items that point in one direction, for the population.

    k/(k-1) (1 - sum of the variances of k items / variance of their sum), weighted, over the rows that
    have an answer on every item (Cronbach 1951). Raises ColumnError.
    """
    items = [row_numbers(column, design) for column in listed(columns)]
    if len(items) < 2:
        raise ColumnError("Alpha says how items hang together: give at least two columns.")
    scores = np.column_stack([*items, np.sum(items, axis=0)])
    complete = ~np.isnan(scores).any(axis=1) & (design.weights != 0)
    complete &= rows_in(domain, design)
    if not complete.any():
        raise ColumnError("Nobody answered every item: alpha cannot be computed. Leave out an item.")
    weights = design.weights[complete]
    centred = scores[complete] - np.average(scores[complete], axis=0, weights=weights)
    variances = np.average(centred**2, axis=0, weights=weights)
    if not variances[-1] > 0:
        raise ColumnError("The sum of the items does not vary: alpha cannot be computed.")
    return float(len(items) / (len(items) - 1) * (1 - variances[:-1].sum() / variances[-1]))
