"""The part of a plan that asks for tables of indicators by domain, and for tests of hypotheses."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Annotated, Literal

from msgspec import Meta, Struct

from analysis.estimation.group_tests import RankTest
from analysis.estimation.intervals import Method
from analysis.estimation.multiplicity import Adjusting
from analysis.formulas import FormulaError, sides
from analysis.reporting.plans.plan_checks import Words, refuse_repeats, refuse_unknown
from analysis.reporting.plans.weighting_plan import AREA
from survey.questionnaires.model import Battery, Key, Number, Questionnaire, SingleChoice
from survey.questionnaires.problems import Findings


class TablePlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Indicators by domain, and differences between domains.

    `indicators`: keys (none: all). `by`: "area", a margin of the plan, or a question with one answer; of
    several names the combinations are the domains. `against`: each domain against the rest, each pair, or
    both; their p-values are adjusted together for each indicator, by `adjust`. `interval`: the method for
    proportions; means have t intervals.
    """

    key: Key
    by: tuple[str, ...]
    label: Words = ""
    indicators: tuple[Key, ...] = ()
    against: tuple[Literal["rest", "pairs"], ...] = ("rest",)
    adjust: Adjusting = "BH"
    interval: Method = "logit"
    confidence: Annotated[float, Meta(ge=0.5, lt=1)] = 0.95


class ChiSquare(Struct, frozen=True, kw_only=True, tag_field="kind", tag="chi-square"):
    """Whether two categories are independent, `~ reach + age`: Rao and Scott, first or second order."""

    key: Key
    formula: str
    statistic: Literal["F", "Chisq"] = "F"


class TTest(Struct, frozen=True, kw_only=True, tag_field="kind", tag="t"):
    """Whether two groups have the same mean or share, `grade ~ sex`."""

    key: Key
    formula: str


class Ranks(Struct, frozen=True, kw_only=True, tag_field="kind", tag="rank"):
    """Whether groups differ in order, `grade ~ area`."""

    key: Key
    formula: str
    test: RankTest = "wilcoxon"


class Model(Struct, frozen=True, kw_only=True, tag_field="kind", tag="regression"):
    """What goes with an answer, `reach ~ age + sex`; each term is tested by Wald's test."""

    key: Key
    formula: str
    family: Literal["gaussian", "binomial", "ordinal"] = "gaussian"


TestPlan = ChiSquare | TTest | Ranks | Model


def check_tables(
    tables: Sequence[TablePlan],
    indicators: Sequence[str],
    margins: Sequence[str],
    questionnaire: Questionnaire,
    findings: Findings,
) -> None:
    """Report names of indicators and domains that are not there. `margins` are those of the plan."""
    refuse_repeats([table.key for table in tables], "tables", findings)
    domains = [AREA, *margins, *_choices(questionnaire)]
    for number, table in enumerate(tables):
        place = f"tables[{number}]"
        refuse_unknown(
            table.indicators, indicators, "indicator of this plan", "WA230", f"{place}.indicators", findings
        )
        refuse_unknown(
            table.by, domains, "area, margin or question with one answer", "WA231", f"{place}.by", findings
        )
        refuse_repeats(table.by, f"{place}.by", findings)
        if not table.by:
            findings.error("WA231", f"{place}.by", 'Name what to divide by, such as "area".')


def check_tests(
    tests: Sequence[TestPlan],
    indicators: Mapping[str, str],
    margins: Mapping[str, str],
    questionnaire: Questionnaire,
    findings: Findings,
) -> None:
    """Report formulas that cannot be read, that name what is not there, or that are not of their kind.

    `indicators` and `margins` are those of the plan, each with its variable.
    """
    refuse_repeats([test.key for test in tests], "tests", findings)
    choices = [*_choices(questionnaire)]
    outcomes = [*indicators, *choices]
    terms = [AREA, *margins, *outcomes]
    for number, test in enumerate(tests):
        place = f"tests[{number}].formula"
        try:
            outcome, names = sides(test.formula).outcome, factors(test.formula)
        except FormulaError as error:
            findings.error("WA232", place, str(error))
            continue
        left = [] if outcome is None else [outcome]
        refuse_unknown(left, outcomes, "indicator or question with one answer", "WA233", place, findings)
        refuse_unknown(names, terms, "area, margin, indicator or question", "WA233", place, findings)
        _check_form(test, outcome, names, place, findings)
        variables = {choice: choice for choice in choices} | {**indicators, **margins}
        asked = [(name, variables.get(name, "")) for name in (*left, *names)]
        _refuse_same_answer([each for each in asked if each[1] in choices], place, findings)


def factors(formula: str) -> tuple[str, ...]:
    """The names on the right side of a formula, each once. Raises FormulaError."""
    return tuple(dict.fromkeys(name for term in sides(formula).terms for name in term))


def _check_form(
    test: TestPlan, outcome: str | None, names: Sequence[str], place: str, findings: Findings
) -> None:
    match test:
        case ChiSquare() if outcome is not None or len(names) != 2:
            wanted = "two categories and no outcome, such as ~ reach + age"
        case TTest() | Ranks() if outcome is None or len(names) != 1:
            wanted = "an outcome and one category, such as grade ~ sex"
        case Model() if outcome is None or not names:
            wanted = "an outcome and one or more terms, such as reach ~ age + sex"
        case _:
            return
    findings.error("WA234", place, f"This kind of test needs {wanted}.")


def _refuse_same_answer(asked: Sequence[tuple[str, str]], place: str, findings: Findings) -> None:
    """Report two names of one variable: an answer explains itself, whatever people said."""
    for (one, variable), (other, same) in combinations(asked, 2):
        if variable == same:
            findings.error(
                "WA234", place, f"{one} and {other} are the same answer to {same}. Leave one of them out."
            )


def _choices(questionnaire: Questionnaire) -> Iterator[str]:
    """The variables of questions with one answer: choices, numbers and the items of batteries."""
    for question in (question for block in questionnaire.blocks for question in block.questions):
        match question:
            case SingleChoice() | Number():
                yield question.key
            case Battery():
                yield from (f"{question.key}_{item.key}" for item in question.items)
            case _:
                pass
