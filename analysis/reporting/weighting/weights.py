"""From respondents to weights: base weights per area, then the steps of the plan.

The invited sample is stratified by the area that a code was issued for, unless the plan says otherwise.
Nobody is dropped because an answer on a margin is missing: such people keep the share of the weights that
they had.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.plans.weighting_plan import AREA, DesignPlan, Nonresponse, WeightingPlan
from analysis.reporting.weighting.draws import draw
from analysis.reporting.weighting.margins import (
    UNKNOWN,
    CountedMargin,
    Merge,
    Reconciliation,
    area_names,
    counted_margin,
    places,
    reconciled,
)
from analysis.reporting.weighting.weighting_steps import Basis, Done, make_up_for_break_offs, weighted
from analysis.sampling.designs import Design
from analysis.sampling.variance import effective_number
from analysis.weighting.calibration import CalibrationError, EmptyCell
from analysis.weighting.raking import outside_limits, ratios

Floats = npt.NDArray[np.float64]


class MarginLevel(Struct, frozen=True, kw_only=True):
    """One category of a margin before and after weighting, in persons.

    `before` and `after` are sums of base and of final weights; `population` is the reconciled count.
    People whose answer is missing have the category "" and no population.
    """

    margin: str
    area: str
    category: str
    respondents: int
    before: float
    after: float
    population: float | None


class Weighting(Struct, frozen=True, kw_only=True, eq=False):
    """The weights of the invited sample, and the account of how they came about.

    Arrays have one entry per respondent. `design` is what `estimates` and `variance` need. `base`: the
    weights that the limits are multiples of. `design_effect` is Kish's 1 + CV^2 of the weights,
    `effective_number` n divided by it; `smallest` and `largest` are the extreme ratios of final to base
    weight; `trimmed` counts the weights that were cut, `outside` those that are outside the limits all the
    same; `rounds` are those of the last step. `margins` has a line per area and category, as they
    were before merging; the first margin, "area", has the area totals.
    """

    design: Design
    base: Floats
    design_effect: float
    effective_number: float
    rounds: int
    trimmed: int
    outside: int
    smallest: float
    largest: float
    margins: tuple[MarginLevel, ...]
    merges: tuple[Merge, ...]
    reconciliations: tuple[Reconciliation, ...]
    steps: tuple[Done, ...]

    @property
    def weights(self) -> Floats:
        """For how many adults of the municipality each respondent stands."""
        return self.design.weights


def weigh(
    sample: Dataset,
    plan: WeightingPlan,
    drawn_as: DesignPlan = DesignPlan(),  # noqa: B008 - a frozen value
    sent: Dataset | None = None,
) -> Weighting:
    """Weights for the invited respondents in `sample`, which holds no others.

    `sent`: all invited people who sent answers, enough or not; a step for nonresponse needs them.
    Raises CalibrationError or DesignError, with names, numbers and what to do.
    """
    if not sample.size:
        raise EmptyCell("No invited resident has answered yet: there is nothing to weigh.")
    names = area_names(sample, plan)
    people, counted, reconciliations = reconciled(
        [counted_margin(sample, margin, names) for margin in plan.margins]
    )
    margins = (_area_margin(sample, names, people), *counted)
    begun: tuple[Done, ...] = ()
    rest = plan.steps
    if rest and isinstance(rest[0], Nonresponse):
        begun, rest = (_made_up_for(rest[0], plan, drawn_as, names, people, sent),), rest[1:]
    start = begun[0].account.design if begun else draw(sample, drawn_as, names, people)
    design, done = weighted(start, rest, Basis(plan, margins, start.weights))
    return _accounted(plan, start.weights, design, margins, (*begun, *done), reconciliations)


def _made_up_for(  # noqa: PLR0913, PLR0917 - a draw and what was sent depend on all of these
    step: Nonresponse,
    plan: WeightingPlan,
    drawn_as: DesignPlan,
    names: dict[str, str],
    people: Floats,
    sent: Dataset | None,
) -> Done:
    if sent is None:
        raise CalibrationError(
            "A step for nonresponse is about all invited people who sent answers, and knows no others. Leave "
            "it out where people of the open link are weighted too."
        )
    return make_up_for_break_offs(draw(sent, drawn_as, names, people), sent, step, plan, names)


def _accounted(  # noqa: PLR0913, PLR0917 - the account is of all of these
    plan: WeightingPlan,
    base: Floats,
    design: Design,
    margins: Sequence[CountedMargin],
    done: tuple[Done, ...],
    reconciliations: tuple[Reconciliation, ...],
) -> Weighting:
    changes = ratios(design.weights, base)
    effective = effective_number(design.weights)
    return Weighting(
        design=design,
        base=base,
        design_effect=design.size / effective,
        effective_number=effective,
        rounds=done[-1].account.rounds if done else 0,
        trimmed=sum(each.account.trimmed for each in done),
        outside=int(outside_limits(changes, plan.smallest, plan.largest).sum()),
        smallest=float(changes.min()),
        largest=float(changes.max()),
        margins=tuple(level for margin in margins for level in _account(margin, base, design.weights)),
        merges=tuple(dict.fromkeys(merge for each in done for merge in each.merges)),
        reconciliations=reconciliations,
        steps=done,
    )


def _area_margin(sample: Dataset, names: dict[str, str], people: Floats) -> CountedMargin:
    return CountedMargin(
        key=AREA,
        areas=tuple(dict.fromkeys(names.values())),
        categories=("all",),
        place=places(sample, "area", names),
        category=np.zeros(sample.size, dtype=np.intp),
        counts=people[:, None],
    )


def _account(margin: CountedMargin, base: Floats, weights: Floats) -> Iterator[MarginLevel]:
    for place, area in enumerate(margin.areas):
        for category, name in [*enumerate(margin.categories), (UNKNOWN, "")]:
            inside = (margin.place == place) & (margin.category == category)
            if category == UNKNOWN and not inside.any():
                continue
            yield MarginLevel(
                margin=margin.key,
                area=area,
                category=name,
                respondents=int(inside.sum()),
                before=float(base[inside].sum()),
                after=float(weights[inside].sum()),
                population=None if category == UNKNOWN else float(margin.counts[place, category]),
            )
