"""Generated samples: strata, streets and persons, unequal weights, populations, missing answers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from analysis.sampling.designs import Design
from analysis.weighting.adjustments import calibrate, rake

Drawing = tuple[tuple[str, ...], tuple[str, ...]]
"""The columns of the units of each stage, and of their populations."""

DRAWINGS: tuple[Drawing, ...] = (
    ((), ()),
    ((), ("persons",)),
    (("street",), ()),
    (("street",), ("streets",)),
    (("street", "person"), ("streets", "in_street")),
)

WEIGHTINGS = ("base", "raked", "calibrated")


class Sample(NamedTuple):
    """Columns with a row per person, how they were drawn, and how they are weighted.

    `street` is the first-stage unit, `age` and `sex` have no missing answers; `totals` are those of the
    population, by level of the margins age and sex.
    """

    data: Mapping[str, np.ndarray]
    drawing: Drawing
    weighting: str
    totals: Mapping[str, Mapping[Any, float]]

    def __repr__(self) -> str:
        """Without the columns, which a failing test would print in full."""
        return f"Sample({len(self.data['y'])} rows, {self.drawing}, {self.weighting})"

    def drawn(self) -> Design:
        clusters, population = self.drawing
        return Design.of(
            self.data, weights="weight", strata="stratum", clusters=clusters, population=population
        )

    def design(self) -> Design:
        if self.weighting == "raked":
            return rake(self.drawn(), self.totals).design
        if self.weighting == "calibrated":
            return calibrate(self.drawn(), "~ age + sex", self.model_totals()).design
        return self.drawn()

    def model_totals(self) -> dict[str, float]:
        """Under the names of a model `~ age + sex`, which leaves out the first levels."""
        everybody = {"(Intercept)": sum(self.totals["sex"].values())}
        return everybody | {
            f"{name}{level}": count
            for name, counts in self.totals.items()
            for level, count in list(counts.items())[1:]
        }

    def changed(self, **columns: np.ndarray) -> "Sample":
        return self._replace(data={**self.data, **columns})

    def taken(self, order: np.ndarray) -> "Sample":
        """The rows in another order."""
        return self._replace(data={name: column[order] for name, column in self.data.items()})


@st.composite
def samples(draw: st.DrawFn, *, weightings: tuple[str, ...] = WEIGHTINGS) -> Sample:
    """Three strata of 6 to 9 streets of 2 to 4 persons; some weights are zero where nothing is adjusted."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weighting = draw(st.sampled_from(weightings))
    streets = random.integers(6, 10, 3)
    of_street = np.repeat(np.arange(3), streets)
    inhabitants = random.integers(2, 5, len(of_street))
    street = np.repeat(np.arange(len(of_street)), inhabitants)
    size = len(street)
    stratum = of_street[street]
    persons = np.bincount(stratum)
    age, sex = random.choice(list("abc"), size), random.choice(["man", "woman"], size)
    age[:3], sex[:2] = list("abc"), ["man", "woman"]
    weight = random.uniform(1, 9, size)
    if weighting == "base":
        weight[random.random(size) < 0.05] = 0.0
    leaning = random.normal(size=len(of_street))[street]
    y = 7 + leaning + 0.5 * (sex == "woman") + random.normal(size=size)
    x = random.uniform(1, 3, size)

    def holes(column: np.ndarray) -> np.ndarray:
        return np.where(random.random(size) < 0.08, np.nan, column)

    kind = np.where(leaning + random.normal(size=size) > 0, "own", "rent").astype(object)
    kind[random.random(size) < 0.08] = None
    data = {
        "stratum": np.array(["East", "North", "West"])[stratum],
        "street": street,
        "person": np.arange(size),
        "persons": np.ceil(persons * random.uniform(1.5, 9, 3))[stratum],
        "streets": np.ceil(streets * random.uniform(1.5, 9, 3))[stratum],
        "in_street": np.ceil(inhabitants * random.uniform(1.5, 9, len(of_street)))[street],
        "weight": weight,
        "age": age,
        "sex": sex,
        "kind": kind,
        "y": holes(y),
        "x": holes(x),
        "yes": holes((leaning + random.normal(size=size) > 0.3).astype(float)),
        **{f"item{place}": holes(np.rint(y + random.normal(size=size))) for place in range(3)},
    }
    totals = {name: _near(data[name], weight, random) for name in ("age", "sex")}
    scale = sum(totals["age"].values()) / sum(totals["sex"].values())
    totals["sex"] = {level: count * scale for level, count in totals["sex"].items()}
    return Sample(data, draw(st.sampled_from(DRAWINGS)), weighting, totals)


def _near(column: np.ndarray, weights: np.ndarray, random: np.random.Generator) -> dict[Any, float]:
    """Population totals some way off those of the sample."""
    return {
        str(level): float(weights[column == level].sum() * random.uniform(1.5, 3))
        for level in np.unique(column)
    }
