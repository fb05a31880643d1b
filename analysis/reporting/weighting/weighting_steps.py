"""The steps of a plan's weighting, each by the function of the engine that does it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

import analysis  # a response model is loaded when a plan has one: docs/decisions/0054
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.plans.weighting_plan import (
    Calibrate,
    Nonresponse,
    Poststratify,
    Rake,
    Step,
    Trim,
    WeightingPlan,
)
from analysis.reporting.weighting.draws import texts_of
from analysis.reporting.weighting.margins import (
    NO_ANSWER,
    CountedMargin,
    Merge,
    merged_levels,
    raking_margins,
)
from analysis.sampling.designs import Design, Replicates
from analysis.weighting.adjustments import Adjusted, WeightedTotal, calibrate, poststratify, rake, trim
from analysis.weighting.calibration import CalibrationError, ImpossibleBounds, NotConverged
from analysis.weighting.merging import Margin
from analysis.weighting.populations import Level

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Done(Struct, frozen=True, kw_only=True, eq=False):
    """A step with its account, and the levels that were merged for it."""

    step: Step
    account: Adjusted
    merges: tuple[Merge, ...] = ()


class Basis(NamedTuple):
    """What the steps go by; `margins` and `base`, the weights that a trimming goes by, have every row."""

    plan: WeightingPlan
    margins: Sequence[CountedMargin]
    base: Floats


def make_up_for_break_offs(
    drawn: Design,
    sent: Dataset,
    step: Nonresponse,
    plan: WeightingPlan,
    names: Mapping[str, str],
) -> Done:
    """Those who sent enough answers, weighted for those who did not. Raises CalibrationError."""
    enough = sent.usable("invited", plan.dispositions)
    data: dict[str, npt.NDArray[np.generic]] = {"enough": enough.astype(float)}
    merges: list[Merge] = []
    for name in step.by:
        data[name], merged = _merged_column(sent, name, texts_of(sent, name, names), plan.minimum_cell)
        merges += merged
    design = replace(drawn, data=data)
    chances = analysis.response_propensities(design, f"enough ~ {' + '.join(step.by)}")
    if step.classes is None:
        found = analysis.divide_by_propensity(design, chances)
    else:
        found = analysis.weighting_classes(design, chances, step.classes)
    whole = WeightedTotal(
        margin="all",
        level="all",
        before=float(drawn.weights.sum()),
        after=float(found.design.weights.sum()),
        population=None,
    )
    return Done(
        step=step,
        account=Adjusted(
            design=found.design,
            totals=(whole,),
            rounds=1,
            largest_deviation=0.0,
            smallest_ratio=found.smallest_ratio,
            largest_ratio=found.largest_ratio,
            design_effect=found.design_effect,
            effective_number=found.effective_number,
        ),
        merges=tuple(merges),
    )


def _merged_column(
    sent: Dataset, name: str, texts: npt.NDArray[np.str_], minimum: int
) -> tuple[npt.NDArray[np.object_], list[Merge]]:
    """A column with levels of too few people merged, so that a model can tell levels apart."""
    levels, codes = np.unique(np.where(texts == "", NO_ANSWER, texts), return_inverse=True)
    sizes = np.bincount(codes)
    labels = levels.astype(object)
    merges: list[Merge] = []
    for group in merged_levels(sizes.tolist(), minimum):
        categories = tuple(str(levels[place]) for place in group)
        labels[list(group)] = " + ".join(categories)
        if len(group) > 1:
            whole, people = sent.questionnaire.municipality.code, int(sizes[list(group)].sum())
            merges.append(Merge(margin=name, area=whole, categories=categories, respondents=people))
    return labels[codes], merges


def weighted(start: Design, steps: Sequence[Step], basis: Basis) -> tuple[Design, tuple[Done, ...]]:
    """The design after all steps, and what each did; every replicate goes through the same steps.

    Raises CalibrationError.
    """
    done = _through(replace(start, replicates=None), steps, basis, np.ones(start.size, dtype=bool))
    after = _last(start, done)
    if start.replicates is not None:
        after = replace(after, replicates=_replicated(start.replicates, steps, basis))
    return replace(after, data=None), done


def _replicated(replicates: Replicates, steps: Sequence[Step], basis: Basis) -> Replicates:
    weights = np.zeros_like(replicates.weights)
    for place, column in enumerate(replicates.weights.T):
        inside = column > 0
        design = Design(weights=column[inside], stages=())
        try:
            done = _through(design, steps, basis._replace(base=column), inside)
        except CalibrationError as error:
            raise type(error)(f"Replicate {place + 1}: {error}") from error
        weights[inside, place] = _last(design, done).weights
    return replace(replicates, weights=weights)


def _through(design: Design, steps: Sequence[Step], basis: Basis, inside: Mask) -> tuple[Done, ...]:
    done: list[Done] = []
    for step in steps:
        done.append(_step(_last(design, done), step, basis, inside))
    return tuple(done)


def _last(start: Design, done: Sequence[Done]) -> Design:
    return done[-1].account.design if done else start


def _step(design: Design, step: Step, basis: Basis, inside: Mask) -> Done:
    limits = (basis.plan.smallest, basis.plan.largest)
    if isinstance(step, Trim):
        base = basis.base[inside]
        return Done(step=step, account=trim(design, limits[1] * base, limits[0] * base, strict=step.strict))
    margins, merges = _levels(design, step, basis, inside)
    columns = {margin.key: np.array(margin.levels, dtype=object)[margin.codes[inside]] for margin in margins}
    try:
        account = _to_margins(replace(design, data=columns), step, margins, limits)
    except NotConverged as error:
        raise NotConverged(
            f"{error} In the plan: raise minimum_cell, so that small levels are merged."
        ) from None
    except ImpossibleBounds as error:
        raise ImpossibleBounds(
            f"{error} In the plan: move smallest and largest apart, or raise minimum_cell."
        ) from None
    return Done(step=step, account=account, merges=merges)


def _to_margins(
    design: Design, step: Step, margins: Sequence[Margin], limits: tuple[float, float]
) -> Adjusted:
    """`design` has a column of levels for every margin."""
    totals: dict[str | tuple[str, ...], dict[Level, float]] = {
        margin.key: dict(zip(margin.levels, margin.targets.tolist(), strict=True)) for margin in margins
    }
    match step:
        case Poststratify():
            return poststratify(design, margins[0].key, totals[margins[0].key])
        case Rake():
            return rake(design, totals, limits=limits if step.trim else None)
        case Calibrate():
            return _calibrated(design, step, margins, limits)
        case _:
            raise AssertionError("nonresponse and trimming look at no margin")


def _calibrated(
    design: Design, step: Calibrate, margins: Sequence[Margin], limits: tuple[float, float]
) -> Adjusted:
    """Calibration to a one for every level, with the account by margin and level."""
    levels = {f"{margin.key}, {level}": (margin.key, level) for margin in margins for level in margin.levels}
    targets = [target for margin in margins for target in margin.targets.tolist()]
    account = calibrate(
        design,
        {name: design.data[key] == level for name, (key, level) in levels.items()},
        dict(zip(levels, targets, strict=True)),
        distance=step.distance,
        bounds=limits,
    )
    named = zip(account.totals, levels.values(), strict=True)
    return replace(
        account, totals=tuple(replace(total, margin=key, level=level) for total, (key, level) in named)
    )


def _levels(
    design: Design, step: Step, basis: Basis, inside: Mask
) -> tuple[tuple[Margin, ...], tuple[Merge, ...]]:
    """The margins of the step, small levels merged, with a row for everybody, inside or not.

    Levels are merged by how many answered, so they are the same in every replicate.
    """
    weights = np.zeros(len(inside))
    weights[inside] = design.weights
    wanted = (step.margin,) if isinstance(step, Poststratify) else getattr(step, "margins", ())
    margins: list[Margin] = []
    merges: list[Merge] = []
    for margin in basis.margins:
        if not wanted or margin.key in wanted:
            found, merged = raking_margins(margin, weights, basis.plan.minimum_cell)
            if isinstance(step, Poststratify):  # merged levels of all areas together would be a second margin
                found, merged = found[:1], tuple(each for each in merged if each.margin == margin.key)
            margins += found
            merges += merged
    return tuple(margins), tuple(merges)
