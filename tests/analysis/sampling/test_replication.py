import numpy as np
import pytest

from analysis.estimation.estimates import mean, ratio, total, variance
from analysis.sampling.designs import Design, Replicates
from analysis.sampling.replication import EmptyReplicate
from analysis.sampling.variance import degrees_of_freedom


def jackknifed(size: int = 12, *, mse: bool = False) -> tuple[Design, Design]:
    """A simple random sample with its linearised design, and with every row left out once (JK1)."""
    random = np.random.default_rng(5)
    data = {"x": random.normal(5, 1, size), "y": random.normal(9, 2, size), "w": np.full(size, 4.0)}
    drawn = Design.of(data, weights="w")
    factors = np.where(np.eye(size, dtype=bool), 0.0, size / (size - 1))
    replicates = Replicates(weights=4.0 * factors, scale=(size - 1) / size, rscales=np.ones(size), mse=mse)
    return drawn, Design(weights=drawn.weights, stages=drawn.stages, replicates=replicates, data=data)


@pytest.mark.parametrize("mse", [False, True])
def test_of_a_total_and_a_mean_the_jackknife_is_the_linearised_variance(mse: bool) -> None:
    drawn, replicated = jackknifed(mse=mse)
    for statistic in (mean, total):
        expected = statistic(["x", "y"], drawn).covariance
        assert statistic(["x", "y"], replicated).covariance == pytest.approx(expected)
    assert degrees_of_freedom(replicated) == degrees_of_freedom(drawn) == 11


def test_every_replicate_computes_the_whole_statistic_again() -> None:
    _, replicated = jackknifed()
    x, y = replicated.data["x"], replicated.data["y"]
    without = [np.delete(y, place).sum() / np.delete(x, place).sum() for place in range(12)]
    assert ratio("y", "x", replicated).standard_errors[0] ** 2 == pytest.approx(11 * np.var(without))
    spread = [np.var(np.delete(y, place)) * 12 / 11 for place in range(12)]
    assert variance("y", replicated).standard_errors[0] ** 2 == pytest.approx(11 * np.var(spread))


def test_a_domain_that_a_replicate_lacks_is_refused_by_its_number() -> None:
    _, replicated = jackknifed()
    with pytest.raises(EmptyReplicate, match="In replicate 3 nobody is left"):
        mean("y", replicated, domain=np.arange(12) == 2)
