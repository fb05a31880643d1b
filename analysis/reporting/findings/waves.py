"""What changed since an earlier wave: of what was asked in the same words, and counted in the same way.

Two waves are samples drawn apart, so the variance of a change is the sum of theirs. Each is recovered from
the limit of the figure's own interval, below or above: of a mean this is the standard error; of a share, also
of 0% or 100%, what its limits allow (Newcombe 1998, method 10; Zou and Donner 2008). The degrees of freedom
are those of Satterthwaite (1946): (v1 + v2)^2 / (v1^2 / d1 + v2^2 / d2), for variances v with d degrees.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from analysis.estimation.estimates import Estimate
from analysis.estimation.multiplicity import adjust
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.questions import ClosedQuestion, part_text, question_of
from analysis.reporting.findings.area_differences import apart, mark_of
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.plans.plan import Indicator
from analysis.reporting.wording import Mark
from survey.questionnaires.model import Area, Battery, Number, Questionnaire

Reason = Literal["new", "counted", "wording", "answers", "people", "withheld"]
"""Why an indicator is not compared: the earlier wave did not have it, counted other answers, asked in other
words, offered other answers, asked other people; or one of the two may not be shown."""


class Change(Struct, frozen=True, kw_only=True):
    """An indicator in two waves, of everybody or in one `area`; `difference` is now minus then.

    `low` and `high`: its 95% interval. `mark`: higher or lower when `adjusted_p`, over all changes of its
    kind (everybody, or areas), and the size of the difference allow it.
    """

    indicator: Indicator
    then: Estimate
    now: Estimate
    difference: float
    low: float
    high: float
    adjusted_p: float
    mark: Mark
    area: Area | None = None


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
    """Since an earlier wave, of `week`: what can be compared, in the order of the plan, and what cannot.

    `in_areas`: some of what can be compared, in every area of which both waves may be shown.
    """

    week: str
    respondents: int
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]
    in_areas: tuple[Change, ...] = ()


class _Pair(Struct, frozen=True, kw_only=True):
    """What is compared: an indicator then and now."""

    indicator: Indicator
    then: Estimate
    now: Estimate
    area: Area | None = None


def compare_waves(
    now: Wave, then: Wave, relevant: Callable[[Indicator], float], by_area: Collection[str] = ()
) -> Waves:
    """All indicators of this wave beside those of the earlier one, and those of these keys `by_area` too.

    P-values are adjusted over all that is compared of everybody, and over all that is of areas (Benjamini
    and Hochberg 1995); `relevant` is the smallest difference worth a mark. An area is the same when its code
    and its name are.
    """
    earlier = {outcome.indicator.key: outcome for outcome in then.outcomes}
    asked = (now.questionnaire, then.questionnaire)
    pairs: list[_Pair] = []
    in_areas: list[_Pair] = []
    left: list[LeftOut] = []
    for outcome in now.outcomes:
        indicator, before = outcome.indicator, earlier.get(outcome.indicator.key)
        reason = "new" if before is None else _difference(indicator, before.indicator, asked)
        if before is None or reason is not None:
            left.append(LeftOut(indicator=indicator, reason=reason or "new"))
        elif isinstance(outcome.whole, Suppressed) or isinstance(before.whole, Suppressed):
            left.append(LeftOut(indicator=indicator, reason="withheld"))
        else:
            pairs.append(_Pair(indicator=indicator, then=before.whole, now=outcome.whole))
            in_areas += _of_areas(outcome, before) if indicator.key in by_area else ()
    return Waves(
        week=then.week,
        respondents=then.respondents,
        changes=_changes(pairs, relevant),
        left_out=tuple(left),
        in_areas=_changes(in_areas, relevant),
    )


def _of_areas(now: Outcome, then: Outcome) -> Iterator[_Pair]:
    """An indicator in every area that may be shown in both waves.

    The difference tells no more of people than the two figures do, for the waves are of other people.
    """
    earlier = {each.area: each.cell for each in then.areas}
    for each in now.areas:
        before = earlier.get(each.area)
        if isinstance(before, Estimate) and isinstance(each.cell, Estimate):
            yield _Pair(indicator=now.indicator, then=before, now=each.cell, area=each.area)


def _changes(pairs: Sequence[_Pair], relevant: Callable[[Indicator], float]) -> tuple[Change, ...]:
    found = [_change(pair) for pair in pairs]
    return tuple(
        replace(change, adjusted_p=p, mark=mark_of(change.difference, p, relevant(change.indicator)))
        for change, p in zip(found, adjust([change.adjusted_p for change in found]), strict=True)
    )


def _change(pair: _Pair) -> Change:
    """A change by itself: its p-value is not adjusted yet, and it has no mark."""
    found = apart(pair.now, pair.then)
    return Change(
        indicator=pair.indicator,
        area=pair.area,
        then=pair.then,
        now=pair.now,
        difference=found.value,
        low=found.low,
        high=found.high,
        adjusted_p=found.p_value,
        mark="same",
    )


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
