"""What tests of hypotheses share: their result, the reach of an interval, and Wald's statistic."""

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import special, stats

from analysis.errors import refuse_no_share
from analysis.sampling.designs import DesignError, Floats

INDEPENDENT = 1e-10
"""A correlation matrix with an eigenvalue below this is taken for singular."""


class SingularTest(DesignError):
    """More is tested at once than the units drawn can bear, or something that cannot vary."""


class HypothesisTest(Struct, frozen=True, kw_only=True):
    """A test statistic with the degrees of freedom of its distribution: one number for t and chi-square,
    numerator and denominator for F. The p-value is 1 where none are left: then there is no evidence.
    """

    statistic: float
    degrees_of_freedom: tuple[float, ...]
    p_value: float


def f_test(statistic: float, numerator: float, denominator: float) -> HypothesisTest:
    """The upper tail of F."""
    p_value = float(stats.f.sf(statistic, numerator, denominator)) if denominator > 0 else 1.0
    return HypothesisTest(statistic=statistic, degrees_of_freedom=(numerator, denominator), p_value=p_value)


def t_test(statistic: float, freedom: float) -> HypothesisTest:
    """Both tails of t; a statistic that is nan, for want of spread, is no evidence."""
    evidence = freedom > 0 and not np.isnan(statistic)
    p_value = 2 * float(stats.t.sf(abs(statistic), freedom)) if evidence else 1.0
    return HypothesisTest(statistic=statistic, degrees_of_freedom=(freedom,), p_value=p_value)


def half_width(
    errors: Floats | float, freedom: float | npt.NDArray[np.intp], confidence: float = 0.95
) -> Floats:
    """t times the standard errors; with no degrees of freedom left anything is possible: infinite."""
    refuse_no_share("confidence", confidence)
    free = np.asarray(freedom)
    reach = special.stdtrit(np.maximum(free, 1), (1 + confidence) / 2) * errors
    return np.where(free > 0, reach, np.inf)


def wald_statistic(values: Floats, spread: Floats, subject: str) -> float:
    """b' V^-1 b, for `values` b with covariance V (Wald 1943). Raises SingularTest, naming the subject."""
    errors = np.sqrt(np.diag(spread))
    if not (errors > 0).all() or np.linalg.eigvalsh(spread / np.outer(errors, errors))[0] < INDEPENDENT:
        raise SingularTest(
            f"{subject}: the {len(values)} numbers that are tested together do not vary independently of "
            "each other in this design. Merge levels, or test fewer at once."
        )
    return float(values @ np.linalg.solve(spread, values))
