"""Regression of an answer in steps, such as from "fully disagree" to "fully agree", under the design."""

from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from scipy.special import expit, logit

from analysis.columns import categories
from analysis.estimation.regression import ModelError, Regression, ask, refuse_redundant, regression
from analysis.formulas import INTERCEPT, FormulaError
from analysis.sampling.designs import Codes, Design, Floats, Mask
from analysis.sampling.variance import each, sampling_covariance

ITERATIONS = 50
"""Newton steps before a fit gives up (five to eight are usual), and halvings of one step."""

PRECISION = 1e-10
"""A fit is done when no coefficient changes by more than this; what is left is about its square."""

FLAT = 1e-9
"""When the likelihood bends less than this in some direction, relatively, it has no maximum there."""


def ordinal(formula: str, design: Design, *, domain: Mask | None = None) -> Regression:
    """The proportional odds model: logit P(y <= k) = threshold_k - x b (McCullagh 1980).

    A coefficient above zero goes with higher answers. The thresholds come last, named `1|2`. Maximises the
    weighted likelihood by Newton's method; the covariance is that of the sample, from the influence A^-1
    score with A the observed weighted information (Binder 1983), or from fitting to every replicate.

    The outcome is a number, of which only the order counts. Raises FormulaError, ColumnError, ModelError,
    LoneStratum or EmptyReplicate.
    """
    asked = ask(formula, design, domain)
    model, rows = asked.model, asked.model.rows
    if INTERCEPT not in model.terms:
        raise FormulaError(f"{formula}: leave out the 0 or - 1; the thresholds take the intercept's place.")
    answers = categories(None, asked.outcome)
    if len(answers.levels) < 2:
        raise ModelError(f"{formula}: everybody gives the answer {answers.levels[0]}. Take more rows.")
    predictors = replace(
        model,
        names=model.names[1:],
        values=model.values[:, 1:],
        terms={
            name: tuple(place - 1 for place in places)
            for name, places in model.terms.items()
            if name != INTERCEPT
        },
    )
    steps = _Steps.of(predictors.values, answers.codes, len(answers.levels))

    def fitted(weights: Floats) -> _Fit:
        refuse_redundant(asked, weights)
        occurring = np.bincount(answers.codes, weights) > 0
        found = _fit(steps, weights) if occurring.all() else None
        if found is None:
            raise ModelError(
                f"{formula}: the fit does not settle: a column predicts the outcome without fail, or a step "
                "of the outcome is empty. Merge levels or steps, or leave out a column."
            )
        return found

    def refitted(weights: Floats) -> Floats:
        try:
            return fitted(weights[rows]).values
        except ModelError:
            return np.full(len(fit.values), np.nan)

    fit = fitted(design.weights[rows])
    influence = np.zeros((design.size, len(fit.values)))
    influence[rows] = np.linalg.solve(fit.information, fit.scores.T).T
    spread = sampling_covariance(each(refitted), influence, design, rows)
    thresholds = [f"{low}|{high}" for low, high in zip(answers.levels, answers.levels[1:], strict=False)]
    return regression(
        asked._replace(model=predictors), design, (*predictors.names, *thresholds), fit.values, spread
    )


class _Fit(NamedTuple):
    """Coefficients, the score of every row before weighting, and the observed weighted information."""

    values: Floats
    scores: Floats
    information: Floats


class _Steps(NamedTuple):
    """The answers as intervals on the latent scale: their ends are `upper` b and `lower` b.

    Both have shape (rows, coefficients), those of the `predictors` before the thresholds; the `highest`
    answers have no upper end, the `lowest` no lower one.
    """

    upper: Floats
    lower: Floats
    highest: Mask
    lowest: Mask
    predictors: int

    @classmethod
    def of(cls, predictors: Floats, codes: Codes, number: int) -> "_Steps":
        ends = np.eye(number + 1)[:, 1:-1]
        return cls(
            np.hstack([-predictors, ends[codes + 1]]),
            np.hstack([-predictors, ends[codes]]),
            codes == number - 1,
            codes == 0,
            predictors.shape[1],
        )

    def start(self, weights: Floats) -> Floats:
        """Thresholds as if no predictor mattered."""
        thresholds = self.upper[:, self.predictors :]
        shares = np.cumsum(weights @ thresholds) / weights.sum()
        return np.concatenate([np.zeros(self.predictors), logit(shares)])

    def up_to(self, values: Floats) -> tuple[Floats, Floats]:
        """The chance of an answer up to the upper end, and up to the lower end."""
        return (
            np.where(self.highest, 1.0, expit(self.upper @ values)),
            np.where(self.lowest, 0.0, expit(self.lower @ values)),
        )

    def height(self, values: Floats, weights: Floats) -> float:
        """The weighted log-likelihood; minus infinity where it is not defined."""
        above, below = self.up_to(values)
        chances = above - below
        counted = weights > 0
        if not (chances[counted] > 0).all():
            return -np.inf
        return float(weights[counted] @ np.log(chances[counted]))

    def derivatives(self, values: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """The score of every row and the weighted information; a row without weight has a score of 0."""
        above, below = self.up_to(values)
        chances = np.where(weights > 0, above - below, np.inf)
        up, down = above * (1 - above) / chances, below * (1 - below) / chances
        scores = self.upper * up[:, None] - self.lower * down[:, None]
        bends = self.upper.T @ (self.upper * (weights * up * (1 - 2 * above))[:, None]) - self.lower.T @ (
            self.lower * (weights * down * (1 - 2 * below))[:, None]
        )
        return scores, scores.T @ (scores * weights[:, None]) - bends


def _fit(steps: _Steps, weights: Floats) -> _Fit | None:
    """The maximum of a concave likelihood (Pratt 1981) by Newton steps, halved until it rises; or None."""
    scaled = weights / weights.mean()
    values = steps.start(scaled)
    height = steps.height(values, scaled)
    for _ in range(ITERATIONS):
        scores, information = steps.derivatives(values, scaled)
        try:
            step = np.linalg.solve(information, scaled @ scores)
        except np.linalg.LinAlgError:
            return None
        if np.abs(step).max() <= PRECISION * max(1.0, np.abs(values).max()):
            return None if _is_flat(information) else _Fit(values, scores, information * weights.mean())
        for _ in range(ITERATIONS):
            reached = steps.height(values + step, scaled)
            if reached >= height - PRECISION * abs(height):
                break
            step /= 2
        values, height = values + step, reached
    return None


def _is_flat(information: Floats) -> bool:
    """Whether coefficients could grow together without end: the chances are then 0 and 1 to all digits."""
    bends = np.diag(information)
    if not (bends > 0).all():
        return True
    root = np.sqrt(bends)
    return bool(np.linalg.eigvalsh(information / np.outer(root, root))[0] < FLAT)
