"""P-values of many tests at once, so that chance alone does not make a finding."""

from collections.abc import Sequence
from typing import Literal

from statsmodels.stats.multitest import multipletests

from analysis.columns import ColumnError, values_of
from analysis.errors import refuse_other

Adjusting = Literal["BH", "BY", "holm", "bonferroni"]

METHODS: dict[Adjusting, str] = {"BH": "fdr_bh", "BY": "fdr_by", "holm": "holm", "bonferroni": "bonferroni"}
"""The names of statsmodels."""


def adjust(p_values: Sequence[float], *, method: Adjusting = "BH") -> list[float]:
    """P-values that may each be compared with the significance level, in the order given.

    "BH" and "BY" keep the share of false findings below it (Benjamini and Hochberg 1995; Benjamini and
    Yekutieli 2001, under any dependence); "holm" and "bonferroni" the chance of any (Holm 1979).
    Raises ColumnError when a value is not between 0 and 1.
    """
    refuse_other("adjustment for many tests", method, Adjusting)
    given = values_of(None, p_values)
    if given.dtype.kind not in "biuf" or not ((given >= 0) & (given <= 1)).all():
        raise ColumnError("P-values lie between 0 and 1. Leave out the tests that could not be done.")
    return [float(p) for p in multipletests(given, method=METHODS[method])[1]] if len(given) else []
