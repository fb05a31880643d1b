"""How a sample was drawn and weighted: what every estimate and its standard error start from."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol, Self

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from analysis import columns
from analysis.columns import MISSING, Column, called, combined, crossed, listed, numbers
from analysis.errors import LARGEST, AnalysisError, refuse_other
from analysis.frozen import Frozen, held

Codes = columns.Codes
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

Lonely = Literal["fail", "remove", "certainty", "average", "adjust"]
"""What a stratum with one unit contributes to the variance: it stops the work; nothing, because it is left
out or was taken with certainty; the average of the other strata; or its distance from the mean of all."""


class DesignError(AnalysisError):
    """A design that cannot be: the message says which column, stratum or unit, and what to do."""


class LoneStratum(DesignError):
    """A stratum with one unit: its spread cannot be estimated."""


class Adjustment(Protocol):
    """A step of weighting, as standard errors see it."""

    def residuals(self, weighted: Floats) -> Floats:
        """What the step does not explain of weighted influence values z, shape (rows, statistics).

        With w_k the weights after the step and d_k those before it: z/w is regressed on the variables of
        the step with weights d, and w times the residual is returned (Deville and Särndal 1992, 3.4).
        """
        ...


class Stage(Frozen, frozen=True, kw_only=True, eq=False):
    """One stage of drawing; every array has one entry per row.

    `units` are the units drawn at this stage and `strata` the groups they were drawn from, both numbered
    from 0. A unit lies in one stratum; the strata of a later stage are the units of the one before it.
    `names` are those of the strata. `population` is the number of units in the row's stratum; None: drawn
    with replacement, or so few of so many that it does not matter.
    """

    units: Codes
    strata: Codes
    names: "Names"
    population: Floats | None = None

    def stratum(self, place: int) -> str:
        """What a message calls one of the strata."""
        return _stratum(self.names, place)

    @property
    def drawn(self) -> Codes:
        """How many units were drawn from each stratum."""
        return np.bincount(self.stratum_of_unit, minlength=len(self.names))

    @property
    def stratum_of_unit(self) -> Codes:
        strata = np.zeros(int(self.units.max()) + 1, dtype=np.intp)
        strata[self.units] = self.strata
        return strata


class UnitNames(Struct, frozen=True, kw_only=True, eq=False):
    """The names of the units of a stage, from which the next one drew; made when a message needs one.

    `kind` is what such a unit is called and `levels` how each is; `above` are the names of the strata from
    which they were drawn themselves.
    """

    kind: str
    levels: tuple[str, ...]
    level_of_unit: Codes
    above: "Names"
    stratum_of_unit: Codes

    def __len__(self) -> int:
        return len(self.level_of_unit)

    def __getitem__(self, unit: int) -> str:
        name = f"{self.kind} {self.levels[self.level_of_unit[unit]]}"
        return (
            name if self.above == WHOLE else f"{name} in {_stratum(self.above, self.stratum_of_unit[unit])}"
        )

    def take(self, units: Codes) -> Self:
        return replace(
            self, level_of_unit=self.level_of_unit[units], stratum_of_unit=self.stratum_of_unit[units]
        )


Names = tuple[str, ...] | UnitNames

WHOLE = ("all",)
"""The name of the only stratum, where there are none."""


def _stratum(names: Names, place: int) -> str:
    return names[place] if isinstance(names, UnitNames) else f"stratum {names[place]}"


class Replicates(Frozen, frozen=True, kw_only=True, eq=False):
    """Weights as they would have been in other samples: `weights` has shape (rows, replicates).

    Variance = `scale` sum_r `rscales`_r (theta_r - centre)^2; the centre is the mean of the replicates, or
    with `mse` the estimate from the full sample. `origin` says how the units of each were drawn, whatever
    happened to their weights since: with the same one, replicate r of two weightings holds the same people.
    """

    weights: Floats
    scale: float
    rscales: Floats
    mse: bool = False
    origin: object = field(default_factory=object)


class Design(Frozen, frozen=True, kw_only=True, eq=False):
    """A sample with its final weights.

    `stages`: as drawn, the first one first; `adjustments`: the steps that made `weights` from the base
    weights, in their order; `lonely`: for strata with one unit, and with `lonely_in_domains` also for
    those of which one unit is left in a domain. `replicates`, when there are any, give the variance
    instead of the stages. `data` holds the columns that can be named instead of given, as they were when
    the design was made.
    """

    weights: Floats
    stages: tuple[Stage, ...]
    adjustments: tuple[Adjustment, ...] = ()
    lonely: Lonely = "fail"
    lonely_in_domains: bool = False
    replicates: Replicates | None = None
    data: Any = None

    @property
    def size(self) -> int:
        return len(self.weights)

    @classmethod
    def of(
        cls,
        data: Any = None,
        *,
        weights: Column | None = None,
        strata: Column | None = None,
        clusters: Column | Sequence[Column] = (),
        population: Column | Sequence[Column] = (),
        nested: bool = False,
        lonely: Lonely = "fail",
        lonely_in_domains: bool = False,
    ) -> Self:
        """A sample as it was drawn, from columns: their names in `data`, or their values.

        `strata`: from which the first stage drew; `clusters`: the unit of each stage, such as the street,
        then the household (none: the rows themselves were drawn); `population`: per stage how many units
        its stratum has, for the finite population correction; `nested`: the numbers of clusters begin
        anew in each stratum. One column may stand without a list.
        Without `weights` they are N/n of every stage multiplied. Raises DesignError or ColumnError.
        """
        refuse_other("way with single units", lonely, Lonely)
        data = held(data)
        drawn, counted = listed(clusters), listed(population)
        if weights is None and not counted:
            raise DesignError("A design needs weights, or the population of every stage to make them from.")
        size = len(numbers(data, counted[0] if weights is None else weights))
        if not size:
            raise DesignError("There are no rows, so there is no sample. Look at what was left out before.")
        stages = _stages(data, size, strata, drawn, counted, nested=nested)
        given = _expansion(stages) if weights is None else _weights(data, weights)
        return cls(
            weights=given, stages=stages, lonely=lonely, lonely_in_domains=lonely_in_domains, data=data
        )


def _stages(
    data: Any,
    size: int,
    strata: Column | None,
    clusters: Sequence[Column],
    population: Sequence[Column],
    *,
    nested: bool,
) -> tuple[Stage, ...]:
    if len(population) > max(len(clusters), 1):
        raise DesignError(f"{len(population)} columns of population for {max(len(clusters), 1)} stages.")
    within, names = _coded(data, strata, size)
    if not clusters:
        stage = Stage(units=np.arange(size), strata=within, names=names)
        return (_with_population(stage, data, population),)
    stages: list[Stage] = []
    above: Names = names
    for place, column in enumerate(clusters):
        units, levels = _coded(data, column, size)
        level_of_unit: Codes = np.arange(len(levels))
        if place == 0 and not nested:
            _refuse_shared(column, units, within)
        else:
            units, occurring = combined([within, units], [len(above), len(levels)])
            level_of_unit = occurring[:, 1]
        stage = Stage(units=units, strata=within, names=above)
        stages.append(_with_population(stage, data, population[place : place + 1]))
        if place + 1 < len(clusters):
            above = UnitNames(
                kind=column if isinstance(column, str) else f"unit of stage {place + 1}",
                levels=levels,
                level_of_unit=level_of_unit,
                above=above,
                stratum_of_unit=stage.stratum_of_unit,
            )
            within = units
    return tuple(stages)


def _coded(data: Any, column: Column | None, size: int) -> tuple[Codes, tuple[str, ...]]:
    if column is None:
        return np.zeros(size, dtype=np.int8), WHOLE
    found = crossed(data, [column])
    if (found.codes == MISSING).any():
        row = int(np.flatnonzero(found.codes == MISSING)[0]) + 1
        raise DesignError(f"{called(column)} of the design is empty in row {row}. Every row needs one.")
    _refuse_other_size(column, len(found.codes), size)
    return found.codes, found.levels


def _refuse_other_size(column: Column, found: int, size: int) -> None:
    if found != size:
        raise DesignError(
            f"{called(column)} has {found} rows, where the design has {size}. Give one value for each row."
        )


def _refuse_shared(column: Column, units: Codes, strata: Codes) -> None:
    stratum_of_unit = Stage(units=units, strata=strata, names=()).stratum_of_unit
    if (stratum_of_unit[units] != strata).any():
        raise DesignError(
            f"{called(column)}: the same unit occurs in more than one stratum. If numbers begin anew in each "
            "stratum, say nested=True; else correct the units."
        )


def _weights(data: Any, column: Column) -> Floats:
    weights = numbers(data, column)
    wrong = ~((weights == 0) | (weights >= 1 / LARGEST))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise DesignError(
            f"{called(column)}: the weight in row {row + 1} is {weights[row]:g}. A weight is a number "
            f"from 0, and of any size from {1 / LARGEST:g} to {LARGEST:g}; leave out who was not drawn."
        )
    if not weights.any():
        raise DesignError(f"{called(column)}: all weights are 0.")
    return weights


def _with_population(stage: Stage, data: Any, columns: Sequence[Column]) -> Stage:
    """The stage with its column of population, if there is one: a number per stratum, no less than drawn."""
    if not columns:
        return stage
    column = columns[0]
    counts = numbers(data, column)
    _refuse_other_size(column, len(counts), len(stage.strata))
    if not np.isfinite(counts).all():
        row = int(np.flatnonzero(~np.isfinite(counts))[0]) + 1
        raise DesignError(f"{called(column)} of the design is empty in row {row}. Every row needs one.")
    largest, smallest = (np.full(len(stage.names), start) for start in (-np.inf, np.inf))
    np.maximum.at(largest, stage.strata, counts)
    np.minimum.at(smallest, stage.strata, counts)
    differing = np.flatnonzero(smallest < largest)
    if len(differing):
        raise DesignError(f"{called(column)} has more than one number in {stage.stratum(differing[0])}.")
    short = np.flatnonzero(largest < stage.drawn)
    if len(short):
        raise DesignError(
            f"{called(column)}: {stage.stratum(short[0])} has fewer units than were drawn from it. "
            "Correct the number."
        )
    return replace(stage, population=counts)


def _expansion(stages: Sequence[Stage]) -> Floats:
    """N/n of every stage multiplied."""
    weights = np.ones(len(stages[0].units))
    for stage in stages:
        if stage.population is None:
            raise DesignError("Without weights, every stage needs a column of population.")
        weights *= stage.population / stage.drawn[stage.strata]
    return weights


def persons(weights: Floats, strata: Codes, names: Sequence[str], population: Floats | None = None) -> Design:
    """The design of persons drawn from strata; `population`: persons per stratum, or None."""
    counts = None if population is None else population[strata]
    stage = Stage(units=np.arange(len(weights)), strata=strata, names=tuple(names), population=counts)
    return Design(weights=weights, stages=(stage,))


def reweighted(design: Design, weights: Floats, adjustment: Adjustment | None = None) -> Design:
    """The design after one more step of weighting."""
    steps = design.adjustments if adjustment is None else (*design.adjustments, adjustment)
    return replace(design, weights=weights, adjustments=steps)
