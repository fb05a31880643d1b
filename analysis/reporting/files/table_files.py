"""Tables and tests as files: CSV for a program, and one text to read."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from analysis.estimation.estimates import CONFIDENCE, Observed
from analysis.estimation.hypotheses import HypothesisTest
from analysis.reporting.disclosure import SMALLEST_CELL, Cell, Suppressed
from analysis.reporting.findings.hypotheses import HypothesisResult
from analysis.reporting.findings.tables import IndicatorTable
from analysis.reporting.plans.tables_plan import ChiSquare, Model, Ranks, TestPlan, TTest
from analysis.reporting.wording import Kind

ESTIMATES = "estimates.csv"
DIFFERENCES = "differences.csv"
TESTS = "tests.csv"
COEFFICIENTS = "coefficients.csv"
READABLE = "tables.txt"

SMALLEST_P = "0.0001"
"""Below this a p-value is not told more precisely."""

WHY = {
    # the reason of a suppressed figure in words
    "too_few": "too few answers",
    "protected": "withheld: it could tell about a few people",
    "counted": "withheld, its number of answers too: it is how many gave an answer to another question",
    "no_margin": "withheld: no degrees of freedom, so nobody knows how sure it is",
}


def files(tables: Sequence[IndicatorTable], tests: Sequence[HypothesisResult], source: str) -> dict[str, str]:
    """The text of every file by its name; `source` says where the answers come from.

    Figures are rounded as in the reports, shares to whole percents and means to tenths: with more decimals
    the figures of a few people could be computed from those of the others.
    """
    return {
        ESTIMATES: csv_text(_ESTIMATE_COLUMNS, _estimates(tables), source),
        DIFFERENCES: csv_text(_DIFFERENCE_COLUMNS, _differences(tables), source),
        TESTS: csv_text(_TEST_COLUMNS, _tests(tests), source),
        COEFFICIENTS: csv_text(_COEFFICIENT_COLUMNS, _coefficients(tests), source),
        READABLE: "\n".join([source, *_readable(tables, tests), ""]),
    }


_ABOUT = ("table", "indicator", "label", "kind", "question", "by", "by_question", "domain")
_INTERVAL = ("standard_error", "low", "high", "confidence", "respondents")
_P_VALUES = ("p_value", "adjusted_p")
_ESTIMATE_COLUMNS = (*_ABOUT, "value", *_INTERVAL, "note")
_DIFFERENCE_COLUMNS = (*_ABOUT, "against", "difference", *_INTERVAL, *_P_VALUES, "adjusting")
_TEST_ABOUT = ("test", "kind", "formula", "term", "questions", "respondents")
_STATISTIC = ("method", "statistic", "value", "df", "denominator_df")
_TEST_COLUMNS = (*_TEST_ABOUT, *_STATISTIC, *_P_VALUES, "note")
_COEFFICIENT_COLUMNS = ("test", "formula", "questions", "name", "scale", "value", *_INTERVAL, "p_value")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]], source: str) -> str:
    """A table whose last column says on every row where the answers come from."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*columns, "source"))
    writer.writerows((*row, source) for row in rows)
    return text.getvalue()


def _about(table: IndicatorTable) -> tuple[str, ...]:
    each = table.indicator
    return (
        table.table.key,
        each.key,
        each.label,
        each.kind,
        table.question,
        table.by,
        table.by_question,
    )


def _estimates(tables: Sequence[IndicatorTable]) -> Iterator[tuple[str, ...]]:
    for table in tables:
        for each in table.cells:
            cell, kind = each.cell, table.indicator.kind
            if isinstance(cell, Suppressed):
                numbers: tuple[str, ...] = ("",) * 5
                note = WHY[cell.reason]
            else:
                error = _error(cell.standard_error, kind)
                value, low, high = figures((cell.value, cell.low, cell.high), kind)
                numbers = (value, error, low, high, f"{table.table.confidence:g}")
                note = "indicative" if cell.indicative else ""
            yield (*_about(table), each.domain, *numbers, base_of(cell), note)


def _differences(tables: Sequence[IndicatorTable]) -> Iterator[tuple[str, ...]]:
    for table in tables:
        respondents = {each.domain: base_of(each.cell) for each in table.cells}
        kind = table.indicator.kind
        for each in table.differences:
            found = each.difference
            value, low, high = figures((found.value, found.low, found.high), kind)
            yield (
                *_about(table),
                each.domain,
                each.against,
                value,
                _error(found.standard_error, kind),
                low,
                high,
                f"{table.table.confidence:g}",
                respondents[each.domain],
                _p_value(found.p_value),
                _p_value(each.adjusted_p),
                table.table.adjust,
            )


def _tests(tests: Sequence[HypothesisResult]) -> Iterator[tuple[str, ...]]:
    for each in tests:
        asked = (
            each.plan.key,
            str(type(each.plan).__struct_config__.tag),
            each.plan.formula,
            each.term,
            _questions(each),
            base(each.respondents),
        )
        if isinstance(each.result, HypothesisTest):
            adjusted = "" if each.adjusted_p is None else _p_value(each.adjusted_p)
            yield (*asked, *_statistic(each.plan, each.result), _p_value(each.result.p_value), adjusted, "")
        else:
            yield (*asked, *[""] * (len(_STATISTIC) + len(_P_VALUES)), WHY[each.result])


def _statistic(plan: TestPlan, result: HypothesisTest) -> tuple[str, ...]:
    """The method, what its statistic is called, its value, and one or two numbers of degrees of freedom."""
    freedom = [f"{number:.6g}" for number in result.degrees_of_freedom]
    by_f = len(freedom) == 2
    name = "F" if by_f else "X2" if isinstance(plan, ChiSquare) else "t"
    return (_method(plan, by_f=by_f), name, f"{result.statistic:.3f}", freedom[0], freedom[1] if by_f else "")


def _method(plan: TestPlan, *, by_f: bool) -> str:
    """What statisticians call the test; Wilcoxon's, of more than two groups, is Kruskal and Wallis's."""
    match plan:
        case ChiSquare(statistic=statistic):
            return f"Rao-Scott, {'second' if statistic == 'F' else 'first'} order"
        case TTest():
            return "t"
        case Ranks(test=test):
            return _RANKS.get(test, "Kruskal-Wallis" if by_f else "Wilcoxon")
        case Model():
            return "Wald"


_RANKS = {"vanderWaerden": "Van der Waerden", "median": "median"}
"""The others have the same scores."""


def _coefficients(tests: Sequence[HypothesisResult]) -> Iterator[tuple[str, ...]]:
    for each in tests:
        for one in each.coefficients:
            numbers = (f"{number:.3f}" for number in (one.value, one.standard_error, one.low, one.high))
            about = (each.plan.key, each.plan.formula, _questions(each), one.name, _scale(each.plan))
            yield (*about, *numbers, f"{CONFIDENCE:g}", base(each.respondents), _p_value(one.p_value))


def _scale(plan: TestPlan) -> str:
    """What a coefficient is expressed in."""
    logistic = isinstance(plan, Model) and plan.family != "gaussian"
    return "log-odds" if logistic else "units of the outcome"


def _p_value(p: float) -> str:
    return f"<{SMALLEST_P}" if p < float(SMALLEST_P) else f"{p:.4f}"


def _readable(tables: Sequence[IndicatorTable], tests: Sequence[HypothesisResult]) -> Iterator[str]:
    for table in tables:
        yield from _one_table(table)
    if tests:
        yield from ("", "Tests", "-----")
    for row in _tests(tests):
        test, kind, formula, term, questions, respondents, *found, p, adjusted, note = row
        yield f"{test} ({kind}): {formula}{f', term {term}' if term else ''}, n = {respondents}"
        yield f"  {questions}"
        yield f"  {note}" if note else f"  {_in_words(*found)}, p {p}, adjusted {adjusted or '-'}"


def _in_words(method: str, statistic: str, value: str, freedom: str, denominator: str) -> str:
    """Wald: F = 3.210 (df 3 and 1139)"""
    return f"{method}: {statistic} = {value} (df {freedom}{f' and {denominator}' if denominator else ''})"


def _one_table(table: IndicatorTable) -> Iterator[str]:
    head = f"{table.table.label or table.table.key}: {table.indicator.label}, by {table.by}"
    yield from ("", head, "-" * len(head), f"Question: {table.question}")
    width = max(len(each.domain) for each in table.cells)
    for row, each in zip(_estimates([table]), table.cells, strict=True):
        value, _, low, high, confidence, respondents, note = row[-7:]
        shown = f"{value} ({low} to {high}, {float(confidence):.0%})  {note}" if value else note
        yield f"{each.domain:<{width}}  n = {respondents or '-':>5}  {shown}".rstrip()
    for row in _differences([table]):
        domain, against, value, _, low, high, *_, p, adjusted, _ = row[7:]
        yield f"{domain} minus {against}: {value} ({low} to {high}), p {p}, adjusted {adjusted}"


def _questions(test: HypothesisResult) -> str:
    return " / ".join(question for question in test.questions if question)


def base_of(cell: Cell | Observed) -> str:
    """The number of answers behind a figure; nothing where it may not be told."""
    return "" if isinstance(cell, Suppressed) and cell.reason == "counted" else base(cell.respondents)


def base(respondents: int | None) -> str:
    """A number of people; a small one is not told."""
    return f"<{SMALLEST_CELL}" if respondents is None or 0 < respondents < SMALLEST_CELL else str(respondents)


def figures(numbers: Iterable[float], kind: Kind) -> tuple[str, ...]:
    """Shares of 1 to whole percents, means to tenths."""
    decimals = 2 if kind == "proportion" else 1
    return tuple(f"{round(number, decimals) + 0.0:.{decimals}f}" for number in numbers)  # no -0.0


def _error(number: float, kind: Kind) -> str:
    return f"{number:.{3 if kind == 'proportion' else 2}f}"
