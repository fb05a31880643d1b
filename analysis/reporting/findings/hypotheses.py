"""The tests of a plan: each by its function of the engine, their p-values adjusted together."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

import analysis  # the models are loaded when a plan has tests: docs/decisions/0054
from analysis.columns import ColumnError, categories, crossed
from analysis.estimation.hypotheses import HypothesisTest
from analysis.estimation.multiplicity import adjust
from analysis.formulas import INTERCEPT, sides
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL, Reason, hidden_cells
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import is_special, question_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.groups import groups_by
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.plans.tables_plan import ChiSquare, Model, Ranks, TestPlan, TTest, factors
from analysis.reporting.plans.weighting_plan import AREA
from analysis.reporting.wording import question_text
from analysis.sampling.designs import Design, DesignError
from analysis.sampling.variance import degrees_of_freedom
from survey.questionnaires.model import Number

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class Coefficient(Struct, frozen=True, kw_only=True):
    """A coefficient of a model, or the difference of a t test, with its 95% interval.

    `p_value` is that of its being zero, on its own: not adjusted for other tests.
    """

    name: str
    value: float
    standard_error: float
    low: float
    high: float
    p_value: float


class HypothesisResult(Struct, frozen=True, kw_only=True):
    """A test of the plan, or of one `term` of a regression; `result` says why where it may not be published.

    `adjusted_p` allows for all tests of the plan.
    """

    plan: TestPlan
    term: str
    questions: tuple[str, ...]
    respondents: int
    result: HypothesisTest | Reason
    adjusted_p: float | None
    coefficients: tuple[Coefficient, ...] = ()


class _Asked(NamedTuple):
    """A test with the design that holds its columns; `used` have an answer on all of them."""

    plan: TestPlan
    design: Design
    outcome: str | None
    names: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    used: Mask


def hypothesis_tests(
    sample: Dataset, plan: AnalysisPlan, design: Design, protected: Collection[str]
) -> tuple[HypothesisResult, ...]:
    """Every test of the plan, in its order. `design` has the weights of `sample`.

    `protected`: tests, by their keys, that would tell of a few people beside other tests and figures.
    Raises DesignError or ColumnError, with the key of the test.
    """
    found: list[HypothesisResult] = []
    for test in plan.tests:
        try:
            found += _tested(sample, plan, test, design, protected)
        except (ColumnError, DesignError) as error:
            raise type(error)(f"Test {test.key}: {error}") from error
    p_values = {
        place: result.p_value
        for place, result in enumerate(each.result for each in found)
        if isinstance(result, HypothesisTest) and not np.isnan(result.p_value)
    }
    adjusted = dict(zip(p_values, adjust([*p_values.values()], method=plan.adjust_tests), strict=True))
    return tuple(replace(each, adjusted_p=adjusted.get(place)) for place, each in enumerate(found))


def compared_in(
    sample: Dataset, plan: AnalysisPlan, design: Design
) -> Iterator[tuple[str, Mask, tuple[npt.NDArray[Any], ...]]]:
    """The key of every test, who is in it, and what of everybody's answers it is about, in no language."""
    for test in plan.tests:
        asked = _ask(sample, plan, test, design)
        yield (
            test.key,
            asked.used,
            tuple(_said(sample, plan, asked, name) for name in sorted(asked.design.data)),
        )


def outcome_of(test: TestPlan) -> str | None:
    """What a test compares, by its name in the plan; a chi-square has none."""
    return sides(test.formula).outcome


def groups_in(sample: Dataset, plan: AnalysisPlan, test: TestPlan) -> Iterator[tuple[str, int, Codes]]:
    """What a test divides people by: a name of the plan, how many groups, and that of everybody.

    Those who are not in the test, for want of an answer to one of its terms, are in one group more. Also a
    regression tells the mean or share of each of its groups: those that it fits are those that there are.
    """
    columns = {name: _term(sample, plan, name) for name in factors(test.formula)}
    used = np.logical_and.reduce([_is_there(column) for column in columns.values()])
    for name, column in columns.items():
        if column.dtype == object or np.isin(column[used], (0, 1)).all():
            parts = crossed(None, [column[used]])
            codes = np.full(sample.size, len(parts.levels), dtype=np.intp)
            codes[used] = parts.codes
            yield name, len(parts.levels), codes


def _is_there(column: npt.NDArray[Any]) -> Mask:
    there: Mask = column != "" if column.dtype == object else ~np.isnan(column.astype(float))
    return there


def _tested(
    sample: Dataset, plan: AnalysisPlan, test: TestPlan, design: Design, protected: Collection[str]
) -> Iterator[HypothesisResult]:
    asked = _ask(sample, plan, test, design)
    questions = [asked.outcome] if asked.outcome else []
    base = HypothesisResult(
        plan=test,
        term="",
        questions=tuple(_question(sample, plan, name) for name in (*questions, *asked.names)),
        respondents=int(asked.used.sum()),
        result="too_few",
        adjusted_p=None,
    )
    told = (asked.outcome,) if asked.outcome else asked.names
    reason = _withheld(asked, sensitive=any(_is_sensitive(sample, plan, name) for name in told))
    if reason is None and test.key in protected:
        reason = "protected"
    if reason is not None:
        yield replace(base, result=reason)
        return
    for term, result, coefficients in _run(asked):
        if result.degrees_of_freedom[-1] > 0:
            yield replace(base, term=term, result=result, coefficients=coefficients)
        else:
            yield replace(base, term=term, result="no_margin")


def _run(asked: _Asked) -> Iterator[tuple[str, HypothesisTest, tuple[Coefficient, ...]]]:
    design = asked.design
    match asked.plan:
        case ChiSquare(statistic=statistic):
            row, column = asked.names
            yield "", analysis.chisq(row, column, design, statistic=statistic), ()
        case TTest(formula=formula):
            found = analysis.ttest(formula, design)
            levels = categories(None, design.data[asked.names[0]][asked.used]).levels
            difference = Coefficient(
                name=" - ".join(reversed(levels)),
                value=found.value,
                standard_error=found.standard_error,
                low=found.low,
                high=found.high,
                p_value=found.test.p_value,
            )
            yield "", found.test, (difference,)
        case Ranks(formula=formula, test=test):
            yield "", analysis.ranktest(formula, design, test=test), ()
        case Model(formula=formula, family=family):
            model = (
                analysis.ordinal(formula, design)
                if family == "ordinal"
                else analysis.glm(formula, design, family=family)
            )
            terms = [term for term in model.terms if term != INTERCEPT]
            for place, term in enumerate(terms):
                yield term, analysis.wald_test(model, term), () if place else _coefficients(model)


def _coefficients(model: Any) -> tuple[Coefficient, ...]:
    low, high = model.interval()
    columns = zip(model.names, model.values, model.standard_errors, low, high, model.p_values, strict=True)
    return tuple(
        Coefficient(
            name=name,
            value=float(b),
            standard_error=float(se),
            low=float(least),
            high=float(most),
            p_value=float(p),
        )
        for name, b, se, least, most, p in columns
    )


def _ask(sample: Dataset, plan: AnalysisPlan, test: TestPlan, design: Design) -> _Asked:
    outcome, terms = sides(test.formula)
    names = factors(test.formula)
    data: dict[str, npt.NDArray[Any]] = {name: _term(sample, plan, name) for name in names}
    if outcome is not None:
        data[outcome] = _numbers(sample, plan, outcome)
    used = np.logical_and.reduce([*(_is_there(column) for column in data.values()), design.weights != 0])
    return _Asked(test, replace(design, data=data), outcome, names, terms, used)


def _numbers(sample: Dataset, plan: AnalysisPlan, name: str) -> Floats:
    """An indicator, or the codes of a question; nan where there is no answer."""
    indicator = next((each for each in plan.indicators if each.key == name), None)
    if indicator is not None:
        return indicators.values(sample, indicator)
    codes = sample.codes[name]
    return np.where(codes < 0, np.nan, codes.astype(float))


def _term(sample: Dataset, plan: AnalysisPlan, name: str) -> npt.NDArray[Any]:
    """An area, margin or choice in words ("" where there is no answer); an indicator or number as numbers."""
    margins = {margin.population for margin in plan.weighting.margins}
    divided = name == AREA or name in margins
    numeric = name in {each.key for each in plan.indicators}
    if not divided and (numeric or isinstance(question_of(sample.questionnaire, name), Number)):
        return _numbers(sample, plan, name)
    groups = groups_by(sample, plan, [name])
    return np.where(groups.answered, groups.texts(), "").astype(object)


def _said(sample: Dataset, plan: AnalysisPlan, asked: _Asked, name: str) -> npt.NDArray[Any]:
    column: npt.NDArray[Any] = asked.design.data[name]
    return groups_by(sample, plan, [name]).named() if column.dtype == object else column


def _question(sample: Dataset, plan: AnalysisPlan, name: str) -> str:
    indicator = next((each for each in plan.indicators if each.key == name), None)
    variable = _variable(plan, name)
    if variable is None:
        return ""
    text = question_text(question_of(sample.questionnaire, variable), variable)
    return f"{indicator.label}: {text}" if indicator else text


def _variable(plan: AnalysisPlan, name: str) -> str | None:
    """The question's variable behind a name of the plan; None for the area."""
    known = {margin.population: margin.variable for margin in plan.weighting.margins}
    known = {each.key: each.variable for each in plan.indicators} | known
    return None if name == AREA else known.get(name, name)


def _is_sensitive(sample: Dataset, plan: AnalysisPlan, name: str) -> bool:
    variable = _variable(plan, name)
    return variable is not None and is_special(question_of(sample.questionnaire, variable))


def _withheld(asked: _Asked, *, sensitive: bool) -> Reason | None:
    """Why a test may not be published: it would tell of a few people, or a part of it has no margin."""
    if int(asked.used.sum()) < MINIMUM_BASE:
        return "too_few"
    if any(degrees_of_freedom(asked.design, part) < 1 for part in _parts(asked)):
        return "no_margin"
    return _disclosing(asked, sensitive=sensitive)


def _disclosing(asked: _Asked, *, sensitive: bool) -> Reason | None:
    """Why what a test compares would tell of a few people."""
    if isinstance(asked.plan, ChiSquare):
        return "protected" if _has_a_hidden_cell(asked, sensitive=sensitive) else None
    if 0 < _left_out(asked) < SMALLEST_CELL:
        return "protected"
    outcome = asked.design.data[asked.outcome][asked.used]
    answers, answer = np.unique(outcome, return_inverse=True)
    for counts in _compared(asked, answer, len(answers)):
        if counts.sum(axis=1).min() < MINIMUM_BASE:
            return "too_few"
        if len(answers) == 2 and hidden_cells(counts, sensitive=sensitive).any():
            return "protected"
    by_step = isinstance(asked.plan, Model) and asked.plan.family == "ordinal"
    # The thresholds of an ordinal model tell how many gave each answer.
    if by_step and hidden_cells(np.bincount(answer)[None], sensitive=sensitive).any():
        return "protected"
    return None


def _has_a_hidden_cell(asked: _Asked, *, sensitive: bool) -> bool:
    """Whether a cell of the table would be hidden: its statistic and its totals tell such a cell.

    Also where several are unknown. They are whole numbers, and few: seldom do two tables give one statistic.
    """
    row, column = ([asked.design.data[name][asked.used]] for name in asked.names)
    rows, columns = crossed(None, row), crossed(None, column)
    counts = np.zeros((len(rows.levels), len(columns.levels)), dtype=np.intp)
    np.add.at(counts, (rows.codes, columns.codes), 1)
    return bool(hidden_cells(counts, sensitive=sensitive).any())


def _left_out(asked: _Asked) -> int:
    """How many have the outcome and are not in the test: their sum is that of all less that of the test."""
    outcome = asked.design.data[asked.outcome].astype(float)
    return int((~np.isnan(outcome) & (asked.design.weights != 0) & ~asked.used).sum())


def _parts(asked: _Asked) -> Iterator[Mask]:
    """Everybody who is used, and the groups that the terms divide them in."""
    yield asked.used
    for name in asked.names:
        column = asked.design.data[name]
        if column.dtype == object:
            for level in np.unique(column[asked.used]):
                yield asked.used & (column == level)


def _compared(asked: _Asked, answer: Codes, answers: int) -> Iterator[Codes]:
    """For each term that divides people, how many of each part gave each answer."""
    for term in asked.terms:
        columns = [asked.design.data[name][asked.used] for name in term]
        divided = [column for column in columns if column.dtype == object or np.isin(column, (0, 1)).all()]
        if divided:
            parts = crossed(None, divided)
            cells = parts.codes * answers + answer
            yield np.bincount(cells, minlength=len(parts.levels) * answers).reshape(-1, answers)
