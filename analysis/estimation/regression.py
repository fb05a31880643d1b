"""Regression under the design: what goes with what, with standard errors of the sample that was drawn."""

import warnings
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import linalg
from statsmodels.genmod.families import Binomial, Gaussian, Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning
from threadpoolctl import threadpool_limits

from analysis.errors import refuse_other
from analysis.estimation.hypotheses import HypothesisTest, f_test, half_width, t_test, wald_statistic
from analysis.formulas import FormulaError, ModelMatrix, model_matrix, refuse_nothing
from analysis.frozen import Frozen
from analysis.sampling.designs import Design, DesignError, Floats, Mask
from analysis.sampling.rows import refuse_negative, rows_in
from analysis.sampling.variance import degrees_of_freedom, each, sampling_covariance

Family = Literal["gaussian", "binomial", "poisson"]

RANGES: dict[Family, tuple[float, float]] = {"binomial": (0.0, 1.0), "poisson": (0.0, np.inf)}
"""Between which values an outcome must lie."""

PRECISION = 1e-12
"""Change of the deviance, relative and absolute, at which a fit is done."""

REDUNDANT = 1e-9
"""A column of which the others leave less than this share unexplained says nothing new."""

SETTLED = 1e-9
"""When the average variance of the outcome, where columns count, is below this, these predict it."""


class _Logit(Binomial):  # type: ignore[misc]
    """Starts between the outcome and one half, as R does: the covariance is made from the last step of the
    fit, so that the start shows in its seventh digit.
    """

    def __init__(self, prior: Floats) -> None:
        super().__init__()
        self.prior = prior

    def starting_mu(self, y: Floats) -> Floats:
        start: Floats = (self.prior * y + 0.5) / (self.prior + 1)
        return start


class _Log(Poisson):  # type: ignore[misc]
    """Starts a little above the outcome, as R does."""

    def starting_mu(self, y: Floats) -> Floats:
        return np.asarray(y + 0.1)


class ModelError(DesignError):
    """A model that cannot be fitted to these answers: says which column, and what to do."""


class Asked(NamedTuple):
    """What is to be fitted, apart from the weights: `outcome` and `model` have the rows of `model.rows`."""

    formula: str
    model: ModelMatrix
    outcome: Floats


class Regression(Frozen, frozen=True, kw_only=True, eq=False):
    """Coefficients of a model, with their covariance matrix under the design.

    `terms` gives the places of the coefficients of each term. `degrees_of_freedom` are those of the
    design + 1 - the number of coefficients; where that is not above 0, intervals are infinite and
    p-values 1.
    `respondents` have no missing answer and a positive weight.
    """

    formula: str
    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    terms: dict[str, tuple[int, ...]]
    degrees_of_freedom: int
    respondents: int

    @property
    def standard_errors(self) -> Floats:
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def t(self) -> Floats:
        """Coefficients divided by their standard errors; nan where there is no spread."""
        errors = self.standard_errors
        found: Floats = np.divide(self.values, errors, out=np.full(len(errors), np.nan), where=errors > 0)
        return found

    @property
    def p_values(self) -> Floats:
        """Of each coefficient's being zero, two-sided."""
        return np.array([t_test(float(t), self.degrees_of_freedom).p_value for t in self.t])

    def interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Lower and upper ends of the t intervals."""
        reach = half_width(self.standard_errors, self.degrees_of_freedom, confidence)
        return self.values - reach, self.values + reach


def glm(
    formula: str, design: Design, *, family: Family = "gaussian", domain: Mask | None = None
) -> Regression:
    """A generalised linear model with the canonical link: identity, logit or log.

    The coefficients solve the weighted likelihood equations sum w x (y - mu) = 0 and are found by
    statsmodels. Their covariance is that of the sample: the influence of a row is A^-1 x (y - mu), A the
    weighted information (Binder 1983), written with the weights and residuals of the last step of the
    fit; or the model is fitted again to every replicate. The variance need not be that of the family:
    binomial and poisson are R's quasibinomial and quasipoisson.

    Rows with a missing answer count as outside the domain. Raises FormulaError, ColumnError, ModelError,
    LoneStratum or EmptyReplicate.
    """
    refuse_other("family", family, Family)
    asked = ask(formula, design, domain)
    _refuse_out_of_range(asked, family)
    _refuse_constant(asked)
    rows = asked.model.rows
    fit = _fit(asked, family, design.weights[rows])
    working = fit.model.weights
    _refuse_settled(asked, working, fit.model.var_weights)
    scores = asked.model.values * (working * fit.resid_working)[:, None]
    influence = np.zeros((design.size, len(fit.params)))
    influence[rows] = scores @ fit.normalized_cov_params / design.weights[rows, None]

    def refitted(weights: Floats) -> Floats:
        try:
            return np.asarray(_fit(asked, family, weights[rows], start=fit.params).params)
        except ModelError:
            return np.full(len(fit.params), np.nan)

    # Models have few columns: several threads would wait for each other longer than they compute.
    with threadpool_limits(1, user_api="blas"):
        spread = sampling_covariance(each(refitted), influence, design, rows)
    return regression(asked, design, asked.model.names, np.asarray(fit.params), spread)


def wald_test(model: Regression, term: str) -> HypothesisTest:
    """Whether all q coefficients b of a term are zero: b' V^-1 b / q, F with the degrees of the model.

    V is the covariance of the sample, see `glm`; as R's regTermTest does it.
    Raises FormulaError when the model has no such term, or SingularTest.
    """
    places = next(
        (list(found) for name, found in model.terms.items() if set(name.split(":")) == set(term.split(":"))),
        None,
    )
    if places is None:
        raise FormulaError(f"{model.formula} has no term {term}. It has: {', '.join(model.terms)}.")
    found = wald_statistic(
        model.values[places], model.covariance[np.ix_(places, places)], f"Term {term} of {model.formula}"
    )
    return f_test(found / len(places), len(places), model.degrees_of_freedom)


def ask(formula: str, design: Design, domain: Mask | None) -> Asked:
    """The rows that a model is fitted to: of a weight, in the domain, with every answer.

    Raises FormulaError, ColumnError, DesignError or ModelError.
    """
    counted = rows_in(domain, design) & (design.weights != 0)
    model = model_matrix(formula, design.data, counted)
    refuse_nothing(formula, model)
    refuse_negative(formula, design, model.rows, replicates=True)
    if model.outcome is None:
        raise FormulaError(f"{formula} has no outcome. Write it before the ~.")
    if not model.rows.any():
        raise ModelError(f"{formula}: no row has an answer on every column. Leave out a column.")
    return Asked(formula, model, model.outcome)


def regression(
    asked: Asked, design: Design, names: tuple[str, ...], values: Floats, spread: Floats
) -> Regression:
    """The coefficients with what the design says of them."""
    return Regression(
        formula=asked.formula,
        names=names,
        values=values,
        covariance=spread,
        terms=asked.model.terms,
        degrees_of_freedom=degrees_of_freedom(design, asked.model.rows) + 1 - len(values),
        respondents=int(asked.model.rows.sum()),
    )


def refuse_redundant(asked: Asked, weights: Floats) -> None:
    """Raise ModelError when a column is a combination of others, among the rows of positive weight."""
    values = asked.model.values[weights > 0]
    sizes = np.sqrt((values**2).sum(axis=0))
    # Without pivoting, so that the later of two columns that say the same is named.
    left = np.zeros(len(sizes))
    diagonal = np.diag(linalg.qr(values / np.where(sizes > 0, sizes, 1.0), mode="r")[0])
    left[: len(diagonal)] = np.abs(diagonal)
    if (left < REDUNDANT).any():
        name = asked.model.names[int(np.flatnonzero(left < REDUNDANT)[0])]
        raise ModelError(
            f"{asked.formula}: column {name} is a combination of the columns before it, in the rows used. "
            "Leave out a column, or merge levels."
        )


def _refuse_constant(asked: Asked) -> None:
    if np.ptp(asked.outcome) == 0:
        raise ModelError(
            f"{asked.formula}: the outcome is {asked.outcome[0]:g} in every row used, so there is nothing to "
            "explain. Take more rows, or another outcome."
        )


def _refuse_out_of_range(asked: Asked, family: Family) -> None:
    lowest, highest = RANGES.get(family, (-np.inf, np.inf))
    outside = (asked.outcome < lowest) | (asked.outcome > highest)
    if outside.any():
        raise ModelError(
            f"{asked.formula}: the outcome is {asked.outcome[outside][0]:g} in some row. A {family} model "
            f"needs values from {lowest:g} to {highest:g}: recode the outcome, or choose another family."
        )


def _fit(asked: Asked, family: Family, weights: Floats, *, start: Floats | None = None) -> Any:
    """statsmodels' results, of which only what holds for any weights is used. Raises ModelError."""
    refuse_redundant(asked, weights)
    scaled = weights / weights.mean()
    families = {"gaussian": Gaussian, "binomial": lambda: _Logit(scaled), "poisson": _Log}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if family == "gaussian":
            warnings.simplefilter("ignore", PerfectSeparationWarning)
        try:
            return GLM(asked.outcome, asked.model.values, family=families[family](), var_weights=scaled).fit(
                start_params=start, tol=PRECISION, rtol=PRECISION, maxiter=100
            )
        except PerfectSeparationWarning as sign:
            raise ModelError(_settled(asked.formula, " + ".join(asked.model.names[1:]))) from sign
        except Warning as sign:
            raise ModelError(
                f"{asked.formula}: the fit does not settle ({sign}). Leave out a column, or merge levels."
            ) from sign


def _refuse_settled(asked: Asked, working: Floats, weights: Floats) -> None:
    """Raise ModelError when the outcome hardly varies where some combination of columns counts.

    That is the smallest b'(sum w v x x')b / b'(sum w x x')b over all b, v being the variance of a row.
    """
    weighted = asked.model.values * np.sqrt(weights)[:, None]
    basis, columns = linalg.qr(weighted / np.sqrt((weighted**2).sum(axis=0)), mode="economic")
    variances, directions = linalg.eigh(basis.T @ (basis * (working / weights)[:, None]))
    if variances[0] < SETTLED:
        share = np.abs(linalg.solve_triangular(columns, directions[:, 0]))
        name = asked.model.names[int(np.flatnonzero(share > share.max() / 10)[-1])]
        raise ModelError(_settled(asked.formula, name))


def _settled(formula: str, name: str) -> str:
    return (
        f"{formula}: column {name} predicts the outcome without fail, so its coefficient has no end. "
        "Merge the level with another, or leave the column out."
    )
