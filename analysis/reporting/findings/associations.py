"""What goes with a high or low grade: a regression of the plan, in words. It tells no cause."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from analysis.formulas import INTERCEPT
from analysis.reporting.disclosure import Reason
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.findings.area_differences import SIGNIFICANCE
from analysis.reporting.findings.groups import groups_by
from analysis.reporting.findings.hypotheses import Coefficient, HypothesisResult, hypothesis_tests
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.tables_plan import factors
from analysis.reporting.wording import Mark
from analysis.sampling.designs import Design


class Association(Struct, frozen=True, kw_only=True):
    """How much higher the outcome is with this, all else in the model equal, with its 95% interval.

    `against` is the category that it is compared with; empty for what somebody does or does not. `mark` is
    "same" unless both the term as a whole (adjusted for all tests of the plan) and the interval exclude no
    difference.
    """

    label: str
    against: str
    value: float
    low: float
    high: float
    mark: Mark


class Associations(Struct, frozen=True, kw_only=True):
    """The regression that the report asks for; `withheld` says why there is nothing to show."""

    outcome: Indicator
    questions: tuple[str, ...]
    respondents: int
    found: tuple[Association, ...]
    withheld: Reason | None = None


def associations(
    sample: Dataset, plan: AnalysisPlan, design: Design, protected: Collection[str]
) -> Associations | None:
    """None when the report asks for no regression. `protected` as in `hypothesis_tests`.

    Raises DesignError or ColumnError, with the test's key.
    """
    wanted = None if plan.report is None else plan.report.regression
    if not wanted:
        return None
    results = [each for each in hypothesis_tests(sample, plan, design, protected) if each.plan.key == wanted]
    first = results[0]
    outcome = first.plan.formula.partition("~")[0].strip()
    withheld = next((each.result for each in results if isinstance(each.result, str)), None)
    return Associations(
        outcome=next(each for each in plan.indicators if each.key == outcome),
        questions=first.questions,
        respondents=first.respondents,
        found=() if withheld else tuple(_found(sample, plan, first.plan.formula, results)),
        withheld=withheld,
    )


def _found(
    sample: Dataset, plan: AnalysisPlan, formula: str, results: Sequence[HypothesisResult]
) -> Iterator[Association]:
    labels = {indicator.key: indicator.label for indicator in plan.indicators}
    by_term = {each.term: each.adjusted_p for each in results}
    coefficients = [each for each in results[0].coefficients if each.name != INTERCEPT]
    for name in factors(formula):
        p = by_term.get(name)
        sure = p is not None and p < SIGNIFICANCE
        if name in labels:
            (only,) = (each for each in coefficients if each.name == name)
            yield _association(only, labels[name], "", sure)
            continue
        groups = groups_by(sample, plan, [name])
        own = {each.name.removeprefix(name): each for each in coefficients if each.name.startswith(name)}
        levels = [level for place, level in enumerate(groups.levels) if place != groups.unanswered]
        # A level of nobody who answered all questions has no coefficient either: then neither is named.
        references = [level for level in levels if level not in own]
        reference = references[0] if len(references) == 1 else ""
        for level in levels:
            if level in own:
                yield _association(own[level], f"{groups.label}: {level}", reference, sure)


def _association(coefficient: Coefficient, label: str, against: str, sure: bool) -> Association:
    apart = coefficient.low > 0 or coefficient.high < 0
    mark: Mark = "same" if not (sure and apart) else "higher" if coefficient.value > 0 else "lower"
    return Association(
        label=label,
        against=against,
        value=coefficient.value,
        low=coefficient.low,
        high=coefficient.high,
        mark=mark,
    )
