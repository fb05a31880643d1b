"""The sample of an export as it was drawn, by the plan: base weights, strata, clusters, replicates."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.plans.weighting_plan import SAMPLED_AREA, Balanced, Bootstrap, DesignPlan, Jackknife
from analysis.reporting.weighting.margins import places
from analysis.sampling.designs import Design, DesignError, LoneStratum
from analysis.sampling.replicates import balanced, bootstrap, jackknife

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Texts = npt.NDArray[np.str_]

ALL = "all"
"""The stratum of a sample that is one draw."""


def draw(people: Dataset, plan: DesignPlan, names: Mapping[str, str], inhabitants: Floats) -> Design:
    """The design of these people, with the weight of their area: its inhabitants divided by the people in it.

    `names` are those under which areas are weighted, `inhabitants` has a number for each, in their order.
    Raises DesignError, LoneStratum among them.
    """
    area = places(people, SAMPLED_AREA, names)
    strata = _crossed(people, plan.strata, names)
    population = inhabitants[area] if plan.finite_population else _population(plan, strata)
    drawn = Design.of(
        weights=base_weights(area, inhabitants),
        strata=strata,
        clusters=[_crossed(people, (name,), names) for name in plan.clusters],
        population=[] if population is None else [population],
        lonely=plan.lonely,
    )
    if plan.lonely == "fail":
        _refuse_lone_strata(drawn, plan)
    match plan.replicates:
        case Jackknife():
            return jackknife(drawn)
        case Balanced(fay=fay):
            return balanced(drawn, fay=fay)
        case Bootstrap(number=number, seed=seed):
            return bootstrap(drawn, replicates=number, seed=seed)
        case None:
            return drawn


def base_weights(strata: Codes, people: Floats) -> Floats:
    """People per respondent in each stratum, N_h / n_h: within an area everybody answers as likely."""
    return (people / np.maximum(np.bincount(strata, minlength=len(people)), 1))[strata]


def texts_of(people: Dataset, column: str, names: Mapping[str, str]) -> Texts:
    """A column of responses.csv as texts; "" where there is no answer. Areas as they are weighted."""
    if column == SAMPLED_AREA:
        return np.array([names[str(area)] for area in people.texts[column]])
    if column in people.texts:
        return people.texts[column]
    codes = people.codes[column]
    return np.where(codes < 0, "", codes.astype(np.str_))


def _crossed(people: Dataset, columns: tuple[str, ...], names: Mapping[str, str]) -> Texts:
    """Every combination of the columns that occurs, as one text per row."""
    if not columns:
        return np.full(people.size, ALL)
    found = [_filled(people, column, names) for column in columns]
    return np.array([" ".join(row) for row in zip(*found, strict=True)])


def _filled(people: Dataset, column: str, names: Mapping[str, str]) -> Texts:
    texts = texts_of(people, column, names)
    empty = int((texts == "").sum())
    if empty:
        raise DesignError(
            f"Column {column} of the design is empty for {empty} of {people.size} responses. Everybody was "
            "drawn from some stratum and cluster: name another column in the plan."
        )
    return texts


def _population(plan: DesignPlan, strata: Texts) -> Floats | None:
    if not plan.population:
        return None
    unknown = [str(stratum) for stratum in np.unique(strata) if str(stratum) not in plan.population]
    if unknown:
        raise DesignError(
            f"design.population has no number for stratum {', '.join(unknown)}. Add how many units it has."
        )
    return np.array([plan.population[str(stratum)] for stratum in strata])


def _refuse_lone_strata(drawn: Design, plan: DesignPlan) -> None:
    """Raise LoneStratum when one respondent or cluster stands for a whole stratum."""
    stage = drawn.stages[0]
    alone = [stage.names[stratum] for stratum in np.flatnonzero(stage.drawn == 1).tolist()]
    if alone:
        what = "cluster was drawn" if plan.clusters else "person answered"
        raise LoneStratum(
            f"Only one {what} in {', '.join(alone)}: no margin of error can be computed. In the plan, name "
            "an area with a neighbour in merge_areas, or say what it counts for (lonely in [design])."
        )
