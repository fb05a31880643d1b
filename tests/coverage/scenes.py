"""The ways of drawing, weighting and estimating whose intervals are studied: one table of the study each."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from analysis import (
    Design,
    bootstrap,
    calibrate,
    divide_by_propensity,
    doubly_robust,
    fay_herriot,
    jackknife,
    mass_imputed,
    mean,
    poststratified,
    poststratify,
    propensity_calibrated,
    propensity_weighted,
    proportion_interval,
    rake,
    response_propensities,
    trim,
    weighting_classes,
)
from analysis.columns import crossed
from analysis.estimation.estimates import Estimate, ratio
from analysis.formulas import model_matrix
from analysis.modelling.open_participation import OpenEstimate
from analysis.weighting.calibration import Distance
from tests.coverage.people import (
    AREAS,
    Floats,
    Table,
    by_themselves,
    census,
    invited,
    per_district,
    persons_design,
    rows,
    through_streets,
)
from tests.coverage.statistics import (
    ESTIMATES,
    INTERVALS,
    REFUSALS,
    Bounds,
    Statistic,
    of_domain,
    quantile_at,
    share,
    together,
)

MARGINS = ("area", "age", "sex", "origin")
"""Those on which taking part depends."""

REPLICATES = 100
"""Of a bootstrap."""

JACKKNIFED = 120
"""The largest number per district with a replicate for every person."""

Hits = Mapping[str, Floats]
"""Per row of the table whether each interval holds the truth: 1, 0, or nan where there is none."""

Draw = Callable[[int, np.random.Generator], Hits]
"""The hits of one draw of a size."""


def covers(found: Bounds, truth: Floats) -> Floats:
    """1 where an interval holds the truth, 0 where not, nan where there is no interval."""
    held = (found.low <= truth) & (truth <= found.high)
    return np.where(np.isnan(found.low), np.nan, held)


def _held(make: Callable[[], Bounds], truth: Floats) -> Floats:
    try:
        return covers(make(), truth)
    except REFUSALS:
        return np.full(len(truth), np.nan)


def _answers_of(
    people: Table, statistics: Mapping[str, Statistic]
) -> Callable[[Callable[[], Design]], dict[str, Floats]]:
    """What tells of a design which of the statistics hold their truth, which is what the census gives."""
    everybody = census(people)
    truths = {name: statistic(everybody).value for name, statistic in statistics.items()}

    def answer(make: Callable[[], Design]) -> dict[str, Floats]:
        try:
            design = make()
        except REFUSALS:
            return {name: np.full(len(truth), np.nan) for name, truth in truths.items()}
        return {name: covers(statistic(design), truths[name]) for name, statistic in statistics.items()}

    return answer


def shares(people: Table) -> Draw:
    """Methods for the interval of a share; persons drawn per district, everybody answers."""
    answer = _answers_of(people, INTERVALS)
    return lambda size, random: answer(lambda: persons_design(per_district(people, size, random)))


def estimates(people: Table) -> Draw:
    """Every estimator; persons drawn per district, everybody answers."""
    answer = _answers_of(people, ESTIMATES)
    return lambda size, random: answer(lambda: persons_design(per_district(people, size, random)))


def raked_estimates(people: Table) -> Draw:
    """Every estimator after uneven nonresponse and raking."""
    answer = _answers_of(people, ESTIMATES)
    margins = _margins(people, *MARGINS)
    return lambda size, random: answer(lambda: _raked(_responding(invited(people, size, random)), margins))


def _joined(found: Mapping[str, Mapping[str, Floats]]) -> Hits:
    """Rows of the table: what was estimated, then how."""
    kinds = next(iter(found.values()))
    return {f"{what}, {how}": parts[what] for what in kinds for how, parts in found.items()}


def _responding(asked: Table) -> Design:
    """Those who answered, as if they were all that was drawn; no finite population correction."""
    sample = rows(asked, np.flatnonzero(asked["responded"]))
    number = np.unique(sample["area"], return_counts=True)[1][0]
    return Design.of(sample, strata="area", weights=sample["people"] / number)


def _margins(people: Table, *names: str) -> dict[str, dict[str, float]]:
    return {name: _counts(people, name) for name in names}


def _counts(people: Table, name: str) -> dict[str, float]:
    levels, counts = np.unique(people[name], return_counts=True)
    return dict(zip(levels.tolist(), counts.tolist(), strict=True))


def _totals(formula: str, people: Table) -> dict[str, float]:
    matrix = model_matrix(formula, people)
    return dict(zip(matrix.names, matrix.values.sum(axis=0).tolist(), strict=True))


def weightings(people: Table) -> Draw:
    """Ways of weighting after uneven nonresponse: the share with unmet need, per district and in the town."""
    answer = _answers_of(people, {"district": share("unmet", "logit"), "town": _town})
    ways = _ways(people)

    def draw(size: int, random: np.random.Generator) -> Hits:
        asked = invited(people, size, random)
        return _joined({name: answer(partial(way, asked)) for name, way in ways.items()})

    return draw


def _town(design: Design) -> Bounds:
    return _one(proportion_interval("unmet", design))


def _one(found: Estimate | OpenEstimate) -> Bounds:
    return Bounds(*np.array([[found.value], [found.low], [found.high]], dtype=float))


def _ways(people: Table) -> Mapping[str, Callable[[Table], Design]]:
    formula = "~ area + age + sex + origin"
    totals = _totals(formula, people)
    margins = _margins(people, *MARGINS)
    without = _margins(people, "area", "age", "sex")

    def trimmed(asked: Table) -> Design:
        design = _raked(_responding(asked), margins)
        return trim(design, upper=3 * float(np.median(design.weights))).design

    def calibrated(asked: Table, distance: Distance, bounds: tuple[float, float] | None = None) -> Design:
        return calibrate(_responding(asked), formula, totals, distance=distance, bounds=bounds).design

    def modelled(asked: Table) -> tuple[Design, object]:
        design = persons_design(asked)
        return design, response_propensities(design, f"responded {formula}")

    return {
        "as drawn": _responding,
        "poststratified by age": lambda asked: (
            poststratify(_responding(asked), "age", _counts(people, "age")).design
        ),
        "raked": lambda asked: _raked(_responding(asked), margins),
        "raked, origin left out": lambda asked: _raked(_responding(asked), without),
        "raked and trimmed": trimmed,
        "calibrated, linear": partial(calibrated, distance="linear"),
        "calibrated, raking": partial(calibrated, distance="raking"),
        "calibrated, logit from 0.2 to 5": partial(calibrated, distance="logit", bounds=(0.2, 5)),
        "calibrated, truncated at 0.2 and 5": partial(calibrated, distance="truncated", bounds=(0.2, 5)),
        "response propensities": lambda asked: divide_by_propensity(*modelled(asked)).design,
        "weighting classes": lambda asked: weighting_classes(*modelled(asked)).design,
    }


def _raked(design: Design, margins: Mapping[str, Mapping[str, float]]) -> Design:
    return rake(design, margins).design


def replicates(people: Table) -> Draw:
    """Replicates beside linearisation, after nonresponse and raking (each replicate is raked again)."""
    answer = _answers_of(
        people,
        {
            "mean": together,
            "ratio": of_domain(ratio, "grade", "confidence"),
            "share, logit": share("unmet", "logit"),
            "median, without ties": quantile_at("bond", 0.5),
        },
    )
    margins = _margins(people, *MARGINS)

    def draw(size: int, random: np.random.Generator) -> Hits:
        drawn = _responding(invited(people, size, random))
        made = {"linearised": drawn, "bootstrap": bootstrap(drawn, replicates=REPLICATES, seed=_seed(random))}
        if size <= JACKKNIFED:
            made["jackknife"] = jackknife(drawn)
        return _joined({name: answer(partial(_raked, design, margins)) for name, design in made.items()})

    return draw


def _seed(random: np.random.Generator) -> int:
    return int(random.integers(2**32))


def streets(people: Table) -> Draw:
    """Streets drawn in every district, five persons in each: what the design must know."""
    answer = _answers_of(people, {"mean": together, "share, logit": share("unmet", "logit")})

    def draw(size: int, random: np.random.Generator) -> Hits:
        sample = through_streets(people, size, random)
        both = Design.of(
            sample, strata="area", clusters=["street", "person"], population=["streets", "in_street"]
        )
        first = Design.of(sample, strata="area", clusters=["street"], weights=both.weights)
        alone = Design.of(sample, strata="area", weights=both.weights)
        designs = {
            "streets and persons, with their numbers": both,
            "streets": first,
            "streets, jackknife": jackknife(first),
            "streets, bootstrap": bootstrap(first, replicates=REPLICATES, seed=_seed(random)),
            "streets left out": alone,
        }
        return _joined({name: answer(lambda made=made: made) for name, made in designs.items()})

    return draw


def open_participation(people: Table) -> Draw:
    """The share with unmet need from people who came by themselves, beside 500 who were invited.

    Who comes depends on the predictors; or also on the answer itself, which no method here can repair.
    """
    formula = "~ older + sex + origin + education"
    totals = _totals(formula, people)
    truth = np.nanmean(people["unmet"].astype(float), keepdims=True)
    engaged = 0.8 * people["older"].astype(float) + 0.5 * (people["education"] == "high")
    engaged -= 0.6 * (people["origin"] != "netherlands")
    odds = {"holds": engaged, "fails": engaged + 0.6 * np.nan_to_num(people["unmet"].astype(float))}

    def draw(size: int, random: np.random.Generator) -> Hits:
        reference = persons_design(per_district(people, 50, random))
        found: dict[str, Floats] = {}
        for assumption, log_odds in odds.items():
            came = by_themselves(people, log_odds, size, random)
            given = ("unmet", formula, came)
            boot = {"replicates": REPLICATES, "seed": _seed(random)}
            binomial = {"family": "binomial", **boot}
            made = {
                "propensity weights": partial(propensity_weighted, *given, reference, **boot),
                "propensity weights to totals": partial(propensity_calibrated, *given, totals, **boot),
                "mass imputation": partial(mass_imputed, *given, reference, **binomial),
                "doubly robust": partial(doubly_robust, *given, reference, **binomial),
            }
            found |= {
                f"{name}, assumption {assumption}": _held(lambda make=make: _one(make()), truth)
                for name, make in made.items()
            }
        return found

    return draw


def small_areas(people: Table) -> Draw:
    """Model-based estimates of districts beside the direct ones; persons drawn, everybody answers."""
    everybody = census(people)
    direct = {"mean, direct": together, "share, direct, logit": share("unmet", "logit")}
    answer = _answers_of(people, direct)
    truth = {"mean": together(everybody).value, "share": share("unmet", "mean")(everybody).value}
    older = np.bincount(_areas(people), people["older"]) / np.bincount(_areas(people))
    predictors = np.column_stack([np.ones(len(AREAS)), older])
    cells = _cells(people, "area", "age", "sex", "education")

    def draw(size: int, random: np.random.Generator) -> Hits:
        design = persons_design(per_district(people, size, random))
        return {
            **answer(lambda: design),
            "mean, Fay-Herriot": _held(lambda: _fay_herriot(design, predictors), truth["mean"]),
            "share, multilevel": _held(lambda: _multilevel(design, cells), truth["share"]),
        }

    return draw


def _areas(people: Table) -> np.ndarray:
    return np.searchsorted(AREAS, people["area"])


def _cells(people: Table, *names: str) -> dict[str, np.ndarray]:
    found = crossed(people, list(names))
    first, counts = np.unique(found.codes, return_index=True, return_counts=True)[1:]
    return {**{name: people[name][first] for name in names}, "total": counts}


def _fay_herriot(design: Design, predictors: Floats) -> Bounds:
    parts = [mean("wellbeing", design, domain=design.data["area"] == area) for area in AREAS]
    values = np.array([part.values[0] for part in parts])
    variances = np.array([part.covariance[0, 0] for part in parts])
    found = fay_herriot(values, variances, predictors, areas=AREAS).areas
    modelled, errors = (np.array([getattr(one, name) for one in found]) for name in ("modelled", "error"))
    return Bounds(modelled, modelled - 1.96 * errors, modelled + 1.96 * errors)


def _multilevel(design: Design, cells: Table) -> Bounds:
    formula = "unmet ~ sex + education + (1 | area) + (1 | age)"
    found = poststratified(formula, design.data, cells, by="area").areas
    return Bounds(*np.array([[one.modelled, one.low, one.high] for one in found]).T)
