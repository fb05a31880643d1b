"""Other packages that weight, each as its documentation says, on the columns it likes best.

Reading and preparing are not timed. weightipy and rimpy start from equal weights and want percentages.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import svy
import weightipy

from tests.bench.samples import DOMAINS, Sample

try:
    import rimpy
except ImportError:  # it needs Python 3.12
    rimpy = None

TOLERANCE = 1e-9
"""To which the margins are reached, where a package lets one say so; weightipy goes on to the last digit."""

Weights = Callable[[], npt.ArrayLike]


def raking(drawn: Sample) -> Iterator[tuple[str, Weights]]:
    """What rakes the sample to its margins, by name: rimpy only where Python is new enough for it."""
    yield "weightipy", with_weightipy(drawn)
    yield "svy", with_svy(drawn)
    if rimpy is not None:
        yield "rimpy", with_rimpy(drawn)


def with_weightipy(drawn: Sample) -> Weights:
    frame = pd.DataFrame({name: drawn.columns[name] for name in drawn.margins})
    targets = percentages(drawn)

    def raked() -> npt.ArrayLike:
        scheme = weightipy.scheme_from_dict(targets)
        weighted = weightipy.weight_dataframe(frame, scheme, weight_column="weight")
        return weighted["weight"].to_numpy()

    return raked


def with_svy(drawn: Sample) -> Weights:
    frame = pl.DataFrame({name: drawn.columns[name] for name in (*drawn.margins, "weight")})
    given = svy.Sample(frame, svy.Design(wgt="weight"))

    def raked() -> npt.ArrayLike:
        found = given.weighting.rake(controls=drawn.margins, tol=TOLERANCE, wgt_name="raked")
        return found.data["raked"].to_numpy()

    return raked


def with_rimpy(drawn: Sample) -> Weights:
    frame = pl.DataFrame({name: drawn.columns[name] for name in drawn.margins})
    targets = percentages(drawn)

    def raked() -> npt.ArrayLike:
        return rimpy.rake(frame, targets, convergence_threshold=TOLERANCE)["weight"].to_numpy()

    return raked


def percentages(drawn: Sample) -> dict[str, dict[int, float]]:
    return {
        name: {level: 100 * count / sum(counts.values()) for level, count in counts.items()}
        for name, counts in drawn.margins.items()
    }


def svy_replicates(drawn: Sample, number: int) -> Callable[[], object]:
    """The rescaled bootstrap, each replicate raked again."""
    given = of_persons(drawn)

    def replicated() -> object:
        with_replicates = given.weighting.create_bs_wgts(n_reps=number, rstate=1)
        return with_replicates.weighting.rake(controls=drawn.margins, tol=TOLERANCE, wgt_name="raked")

    return replicated


def svy_means(drawn: Sample) -> Callable[[], object]:
    """Means of all items by domain, with standard errors that know of the raking before."""
    raked = of_persons(drawn).weighting.rake(controls=drawn.margins, tol=TOLERANCE, wgt_name="raked")
    return lambda: raked.estimation.mean(drawn.items, by=DOMAINS)


def of_persons(drawn: Sample) -> Any:
    """The sample with each person as a unit of its own, and domains as texts, as svy wants them."""
    frame = pl.DataFrame({**drawn.columns, "person": np.arange(drawn.size)})
    frame = frame.with_columns(pl.col(*DOMAINS).cast(pl.String))
    return svy.Sample(frame, svy.Design(wgt="weight", psu="person"))
