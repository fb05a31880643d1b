"""Groups that are hard to reach: what they say beside what everybody else says, and what nobody knows."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.estimation.domains import differences
from analysis.estimation.estimates import Estimate
from analysis.estimation.multiplicity import adjust
from analysis.reporting import disclosure
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import ClosedQuestion, question_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.area_differences import mark_of
from analysis.reporting.findings.published import protected
from analysis.reporting.plans.plan import GroupPlan, Indicator
from analysis.reporting.wording import Kind, Mark
from analysis.sampling.designs import Design

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]
Codes = npt.NDArray[np.intp]

SIDES = IN, REST, UNKNOWN = "in", "rest", ""


class GroupOutcome(Struct, frozen=True, kw_only=True):
    """One group of the plan; no cells when the questionnaire does not ask who belongs to it.

    `cells` and `marks` are by the key of an indicator; a mark compares with everybody else who told whether
    he or she belongs to it, and is None where there is nothing to compare.
    """

    plan: GroupPlan
    question: ClosedQuestion | None
    cells: dict[str, Cell]
    marks: dict[str, Mark | None]


def group_outcomes(  # noqa: PLR0913, PLR0917 - groups, what they are asked, and what is withheld
    sample: Dataset,
    design: Design,
    groups: Sequence[GroupPlan],
    chosen: Sequence[Indicator],
    relevant: Mapping[Kind, float],
    withheld: Collection[tuple[str, str]] = (),
    uncounted: Collection[tuple[str, str]] = (),
) -> tuple[GroupOutcome, ...]:
    """What every group says of the indicators. `design` has the weights of `sample`.

    `withheld`: the name of a group and the key of an indicator that are not shown there for another reason;
    `uncounted`: the name of a group and the key of a question of which not even the answers are counted.
    The p-values of an indicator are adjusted over the groups (Benjamini and Hochberg 1995), which overlap.
    """
    sides = {group.name: np.array(SIDES)[places_of(sample, group)] for group in groups if group.variable}
    cells: dict[str, dict[str, Cell]] = {name: {} for name in sides}
    marks: dict[str, dict[str, Mark | None]] = {name: {} for name in sides}
    for indicator in chosen:
        values = indicators.values(sample, indicator)
        found = {}
        for name, side in sides.items():
            shown, rest = _cells(sample, values, design, side, indicator)
            if (name, indicator.key) in withheld:
                shown = disclosure.withheld(shown)
            if (name, question_of(sample.questionnaire, indicator.variable).key) in uncounted:
                shown = disclosure.uncounted()
            cells[name][indicator.key], marks[name][indicator.key] = shown, None
            if not isinstance(shown, Suppressed) and not isinstance(disclosure.protect(rest), Suppressed):
                known = np.where(side == UNKNOWN, np.nan, values)
                (found[name],) = differences(known, design, side, levels=[IN]).differences
        p_values = adjust([each.p_value for each in found.values()])
        for (name, each), p in zip(found.items(), p_values, strict=True):
            marks[name][indicator.key] = mark_of(each.value, p, relevant[indicator.kind])
    return tuple(
        GroupOutcome(
            plan=group,
            question=question_of(sample.questionnaire, group.variable) if group.variable else None,
            cells=cells.get(group.name, {}),
            marks=marks.get(group.name, {}),
        )
        for group in groups
    )


def places_of(sample: Dataset, group: GroupPlan) -> Codes:
    """Of every response whether it is of the group, as a place in SIDES."""
    chosen = sample.chosen(group.variable, group.codes)
    return np.select([chosen == 1, chosen == 0], [0, 1], 2).astype(np.intp)


def _cells(
    sample: Dataset, values: Floats, design: Design, side: Texts, indicator: Indicator
) -> tuple[Cell, Estimate]:
    """In the group, as it may be shown; and of those outside it, which is compared with and never shown.

    Only the group and everybody are printed. So what could follow is the sum of all who are not of the
    group; ten people who did not say whether they are hide in that sum, and need no group hidden for them.
    """
    domains = [side == IN, side != IN]
    found = [indicators.estimate(indicator.kind, values, design, domain) for domain in domains]
    question = question_of(sample.questionnaire, indicator.variable)
    inside, _ = protected(values, found, domains, indicator, question)
    return inside, indicators.estimate(indicator.kind, values, design, side == REST)
