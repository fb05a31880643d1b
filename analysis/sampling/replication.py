"""Standard errors from replicate weights: the same statistic again, in other samples that might have been."""

import numpy as np

from analysis.sampling.designs import Design, DesignError, Floats, Mask, Replicates
from analysis.sampling.rows import rows_in

INDEPENDENT = 1e-5
"""Replicates that differ from a combination of others by less than this share count as that combination."""


class EmptyReplicate(DesignError):
    """A replicate in which a statistic cannot be computed."""


def replicate_covariance(estimates: Floats, full: Floats, replicates: Replicates) -> Floats:
    """Covariance of statistics from their values in the replicates, shape (replicates, statistics).

    scale sum_r rscales_r (theta_r - centre)(theta_r - centre)' (Wolter 2007, chapters 3 to 5). The centre
    is the mean of the replicates that count (rscales > 0), or with `mse` the estimate from the full
    sample, shape (statistics,). A statistic that the full sample has not (nan) has no covariance either.

    Raises EmptyReplicate.
    """
    rscales = np.broadcast_to(replicates.rscales, len(estimates))
    lost = ~np.isfinite(estimates) & np.isfinite(full)
    if lost[rscales > 0].any():
        first = int(np.flatnonzero(lost.any(axis=1) & (rscales > 0))[0]) + 1
        raise EmptyReplicate(
            f"In replicate {first} nobody is left of those that the statistic is about. Put the domain "
            "together with another, or make replicates that leave out fewer (the bootstrap, Fay's method)."
        )
    counted = estimates[rscales > 0]
    away = counted - (full if replicates.mse else counted.mean(axis=0))
    found: Floats = replicates.scale * (away.T * rscales[rscales > 0]) @ away
    return found


def replicate_degrees_of_freedom(design: Design, domain: Mask | None = None) -> int:
    """The number of independent columns among the replicate weights of the domain, minus one."""
    if design.replicates is None:
        raise DesignError("The design has no replicates.")
    inside = design.replicates.weights[rows_in(domain, design)]
    if not inside.any():
        return 0
    products = inside.T @ inside if len(inside) >= inside.shape[1] else inside @ inside.T
    size = np.linalg.eigvalsh(products)
    return int((size > INDEPENDENT**2 * size.max()).sum()) - 1
