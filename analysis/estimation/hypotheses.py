"""What tests of hypotheses share: their result, and Wald's statistic."""

import numpy as np
from msgspec import Struct
from scipy import stats

from analysis.sampling.designs import DesignError, Floats

INDEPENDENT = 1e-10
"""A correlation matrix with an eigenvalue below this is taken for singular."""


class SingularTest(DesignError):
    """More is tested at once than the units drawn can bear, or something that cannot vary."""


class HypothesisTest(Struct, frozen=True, kw_only=True):
    """A test statistic with the degrees of freedom of its distribution: one number for t and chi-square,
    numerator and denominator for F. The p-value is nan where the denominator has none left.
    """

    statistic: float
    degrees_of_freedom: tuple[float, ...]
    p_value: float


def f_test(statistic: float, numerator: float, denominator: float) -> HypothesisTest:
    """The upper tail of F."""
    p_value = float(stats.f.sf(statistic, numerator, denominator)) if denominator > 0 else float("nan")
    return HypothesisTest(statistic=statistic, degrees_of_freedom=(numerator, denominator), p_value=p_value)


def t_test(statistic: float, freedom: float) -> HypothesisTest:
    """Both tails of t."""
    p_value = 2 * float(stats.t.sf(abs(statistic), freedom)) if freedom > 0 else float("nan")
    return HypothesisTest(statistic=statistic, degrees_of_freedom=(freedom,), p_value=p_value)


def t_quantile(confidence: float, freedom: float) -> float:
    """Half the width of a two-sided interval, in standard errors; nan without degrees of freedom."""
    return float(stats.t.ppf((1 + confidence) / 2, freedom)) if freedom > 0 else float("nan")


def wald_statistic(values: Floats, spread: Floats, subject: str) -> float:
    """b' V^-1 b, for `values` b with covariance V (Wald 1943). Raises SingularTest, naming the subject."""
    errors = np.sqrt(np.diag(spread))
    if not (errors > 0).all() or np.linalg.eigvalsh(spread / np.outer(errors, errors))[0] < INDEPENDENT:
        raise SingularTest(
            f"{subject}: the {len(values)} numbers that are tested together do not vary independently of "
            "each other in this design. Merge levels, or test fewer at once."
        )
    return float(values @ np.linalg.solve(spread, values))
