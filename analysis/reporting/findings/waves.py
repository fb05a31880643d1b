"""What changed since an earlier wave: of what was asked in the same words, and counted in the same way.

Two waves are samples drawn apart, so the variance of a change is the sum of theirs, with the degrees of
freedom of Satterthwaite (1946): (v1 + v2)^2 / (v1^2 / d1 + v2^2 / d2), for variances v with d degrees.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from analysis.estimation.estimates import Estimate
from analysis.estimation.hypotheses import half_width, t_test
from analysis.estimation.multiplicity import adjust
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.questions import ClosedQuestion, part_text, question_of
from analysis.reporting.findings.area_differences import mark_of
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.plans.plan import Indicator
from analysis.reporting.wording import Kind, Mark
from survey.questionnaires.model import Battery, Number, Questionnaire

Reason = Literal["new", "counted", "wording", "answers", "people", "withheld"]
"""Why an indicator is not compared: the earlier wave did not have it, counted other answers, asked in other
words, offered other answers, asked other people; or one of the two may not be shown."""


class Change(Struct, frozen=True, kw_only=True):
    """An indicator in two waves; `difference` is now minus then, with its interval.

    `mark`: higher or lower when `adjusted_p`, over all changes, and the size of the difference allow it.
    """

    indicator: Indicator
    then: Estimate
    now: Estimate
    difference: float
    low: float
    high: float
    adjusted_p: float
    mark: Mark


class LeftOut(Struct, frozen=True, kw_only=True):
    indicator: Indicator
    reason: Reason


class Wave(Struct, frozen=True, kw_only=True, eq=False):
    """One wave of a survey; the `questionnaire` is in the language that it was written in."""

    week: str
    respondents: int
    questionnaire: Questionnaire
    outcomes: tuple[Outcome, ...]


class Waves(Struct, frozen=True, kw_only=True):
    """Since an earlier wave, of `week`: what can be compared, in the order of the plan, and what cannot."""

    week: str
    respondents: int
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]


def compare_waves(now: Wave, then: Wave, relevant: Mapping[Kind, float]) -> Waves:
    """All indicators of this wave beside those of the earlier one.

    P-values are adjusted over all that is compared (Benjamini and Hochberg 1995); `relevant` is the smallest
    difference worth a mark.
    """
    earlier = {outcome.indicator.key: outcome for outcome in then.outcomes}
    asked = (now.questionnaire, then.questionnaire)
    pairs: list[tuple[Indicator, Estimate, Estimate]] = []
    left: list[LeftOut] = []
    for outcome in now.outcomes:
        indicator, before = outcome.indicator, earlier.get(outcome.indicator.key)
        reason = "new" if before is None else _difference(indicator, before.indicator, asked)
        if before is None or reason is not None:
            left.append(LeftOut(indicator=indicator, reason=reason or "new"))
        elif isinstance(outcome.whole, Suppressed) or isinstance(before.whole, Suppressed):
            left.append(LeftOut(indicator=indicator, reason="withheld"))
        else:
            pairs.append((indicator, before.whole, outcome.whole))
    return Waves(
        week=then.week,
        respondents=then.respondents,
        changes=_changes(pairs, relevant),
        left_out=tuple(left),
    )


def _changes(
    pairs: Sequence[tuple[Indicator, Estimate, Estimate]], relevant: Mapping[Kind, float]
) -> tuple[Change, ...]:
    spreads = [_spread(then, now) for _, then, now in pairs]
    differences = [now.value - then.value for _, then, now in pairs]
    tests = [
        t_test(difference / error if error > 0 else np.nan, freedom).p_value
        for difference, (error, freedom) in zip(differences, spreads, strict=True)
    ]
    found = []
    for (indicator, then, now), difference, (error, freedom), p in zip(
        pairs, differences, spreads, adjust(tests), strict=True
    ):
        reach = float(half_width(error, freedom))
        found.append(
            Change(
                indicator=indicator,
                then=then,
                now=now,
                difference=difference,
                low=difference - reach,
                high=difference + reach,
                adjusted_p=p,
                mark=mark_of(difference, p, relevant[indicator.kind]),
            )
        )
    return tuple(found)


def _spread(then: Estimate, now: Estimate) -> tuple[float, float]:
    """The standard error of the difference of two samples, and its degrees of freedom."""
    variances = [each.standard_error**2 for each in (then, now)]
    free = [each.degrees_of_freedom for each in (then, now)]
    if not any(variances):
        return 0.0, float(min(free))
    parts = sum(variance**2 / max(freedom, 1) for variance, freedom in zip(variances, free, strict=True))
    return float(np.sqrt(sum(variances))), sum(variances) ** 2 / parts if min(free) > 0 else 0.0


# --- the same words -------------------------------------------------------------------------------


def _difference(now: Indicator, then: Indicator, asked: tuple[Questionnaire, Questionnaire]) -> Reason | None:
    """Why an indicator of both waves is not the same number; None when it is."""
    if replace(then, label=now.label) != now:
        return "counted"
    here, before = (question_of(each, now.variable) for each in asked)
    if _words(here, now.variable) != _words(before, now.variable):
        return "wording"
    if _answers(here) != _answers(before):
        return "answers"
    if (here.when, here.areas, here.purpose) != (before.when, before.areas, before.purpose):
        return "people"
    return None


def _words(question: ClosedQuestion, variable: str) -> tuple[str, ...]:
    """All that stands above the answers; of a score, every item that it adds up."""
    hint = "" if question.hint is None else question.hint.source
    part = part_text(question, variable)
    if isinstance(question, Battery) and not part:
        return (question.label.source, hint, *(each.label.source for each in question.items))
    return (question.label.source, hint, part)


def _answers(question: ClosedQuestion) -> tuple[tuple[int, str], ...]:
    reasons = tuple((each.code, each.label.source) for each in question.reasons)
    if isinstance(question, Number):
        ends = ((question.minimum, question.low), (question.maximum, question.high))
        return (*((code, "" if text is None else text.source) for code, text in ends), *reasons)
    return (*((each.code, each.label.source) for each in question.options), *reasons)
