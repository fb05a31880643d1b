"""Groups of residents: what they say beside what everybody else says, and what nobody knows."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.estimation.domains import differences
from analysis.estimation.estimates import Estimate
from analysis.estimation.multiplicity import adjust
from analysis.reporting import disclosure
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import ClosedQuestion, is_special, question_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.area_differences import mark_of, p_value
from analysis.reporting.findings.indicators import Measured
from analysis.reporting.findings.published import protected
from analysis.reporting.plans.plan import GroupPlan, Indicator
from analysis.reporting.wording import Mark
from analysis.sampling.designs import Design
from survey.questionnaires.model import Questionnaire

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

SIDES = IN, REST, UNKNOWN = "in", "rest", ""


class GroupOutcome(Struct, frozen=True, kw_only=True):
    """One group of the plan; no cells when the questionnaire does not ask who belongs to it.

    `cells` and `marks` are by the key of an indicator that `is_compared`; a mark compares with everybody else
    who told whether he or she belongs to it, and is None where there is nothing to compare.
    """

    plan: GroupPlan
    question: ClosedQuestion | None
    cells: dict[str, Cell]
    marks: dict[str, Mark | None]


def group_outcomes(  # noqa: PLR0913, PLR0917 - groups, what they are asked, and what is withheld
    sample: Dataset,
    design: Design,
    groups: Sequence[GroupPlan],
    values: Mapping[Indicator, Floats],
    relevant: Callable[[Indicator], float],
    withheld: Collection[tuple[str, str]] = (),
    uncounted: Collection[tuple[str, str]] = (),
) -> tuple[GroupOutcome, ...]:
    """What every group says of the indicators, of which `values` has one per response of `sample`.

    `design` has the weights of `sample`. `withheld`: the name of a group and the key of an indicator that are
    not shown there for another reason; `uncounted`: the name of a group and the key of a question of which
    not even the answers are counted. The p-values of an indicator are adjusted over the groups (Benjamini and
    Hochberg 1995), which overlap.
    """
    asked = [group for group in groups if group.variable]
    cells: dict[str, dict[str, Cell]] = {group.name: {} for group in asked}
    found: dict[str, dict[str, tuple[float, float]]] = {each.key: {} for each in values}
    for group in asked:
        places = places_of(sample, group)
        compared = {
            each: own for each, own in values.items() if is_compared(sample.questionnaire, group, each)
        }
        for indicator, (own, rest) in _beside_others(sample, compared, design, places, group).items():
            question = question_of(sample.questionnaire, indicator.variable)
            cell = disclosure.withheld(own) if (group.name, indicator.key) in withheld else own
            if (group.name, question.key) in uncounted:
                cell = disclosure.uncounted()
            cells[group.name][indicator.key] = cell
            if not isinstance(cell, Suppressed) and not isinstance(disclosure.protect(rest), Suppressed):
                inside, others, unknown = (places == SIDES.index(side) for side in (IN, REST, UNKNOWN))
                answers = np.where(unknown, np.nan, values[indicator])
                level = f"{SIDES.index(IN)}"
                (difference,) = differences(answers, design, places, levels=[level]).differences
                p = p_value(difference, (cell, answers[inside]), (rest, answers[others]))
                found[indicator.key][group.name] = difference.value, p
    marks = _marks(values, found, relevant)
    return tuple(
        GroupOutcome(
            plan=group,
            question=question_of(sample.questionnaire, group.variable) if group.variable else None,
            cells=cells.get(group.name, {}),
            marks={key: marks.get((group.name, key)) for key in cells.get(group.name, {})},
        )
        for group in groups
    )


def _marks(
    chosen: Iterable[Indicator],
    found: Mapping[str, Mapping[str, tuple[float, float]]],
    relevant: Callable[[Indicator], float],
) -> dict[tuple[str, str], Mark]:
    """By the name of a group and the key of an indicator; `found` has differences and their p-values, by
    indicator first."""
    marks: dict[tuple[str, str], Mark] = {}
    for indicator in chosen:
        own = found[indicator.key]
        p_values = adjust([p for _, p in own.values()])
        for (name, (value, _)), p in zip(own.items(), p_values, strict=True):
            marks[name, indicator.key] = mark_of(value, p, relevant(indicator))
    return marks


def is_compared(questionnaire: Questionnaire, group: GroupPlan, indicator: Indicator) -> bool:
    """Whether an indicator is told of a group: health is not told by origin, nor by illness.

    Both are of a special category (article 9 of the GDPR), and each is told of everybody.
    """
    if not group.variable:
        return False
    asked = [question_of(questionnaire, each.variable) for each in (group, indicator)]
    return not all(is_special(question) for question in asked)


def places_of(sample: Dataset, group: GroupPlan) -> Codes:
    """Of every response whether it is of the group, as a place in SIDES."""
    chosen = sample.chosen(group.variable, group.codes)
    return np.select([chosen == 1, chosen == 0], [0, 1], 2).astype(np.intp)


def _beside_others(
    sample: Dataset, values: Mapping[Indicator, Floats], design: Design, places: Codes, group: GroupPlan
) -> dict[Indicator, tuple[Cell, Estimate]]:
    """In the group, as it may be shown; and of those outside it, which is compared with and never shown.

    Only the group and everybody are printed. So what could follow is the sum of all who are not of the
    group; ten people who did not say whether they are hide in that sum, and need no group hidden for them.
    Where a group is of people of an origin or with an illness, an answer that only they gave tells that of
    whoever gave it.
    """
    measured = [Measured(each.kind, own) for each, own in values.items()]
    inside = places == SIDES.index(IN)
    domains = [inside, ~inside]
    pairs = zip(*indicators.by_group(measured, design, domains), strict=True)
    (rests,) = indicators.by_group(measured, design, [places == SIDES.index(REST)])
    of_group = question_of(sample.questionnaire, group.variable)
    found = {}
    for (each, own), pair, rest in zip(values.items(), pairs, rests, strict=True):
        question = of_group if is_special(of_group) else question_of(sample.questionnaire, each.variable)
        found[each] = protected(own, pair, domains, each, question)[0], rest
    return found
