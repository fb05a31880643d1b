"""The evaluator's analysis plan: how to weigh, which indicators to report, what to tabulate and test."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from analysis.estimation.multiplicity import Adjusting
from analysis.reporting.exports.dataset import InputError, PopulationCount, answer_codes, battery
from analysis.reporting.plans.coding_plan import CodingPlan, check_coding
from analysis.reporting.plans.companion_plan import CompanionPlan, check_companions
from analysis.reporting.plans.model_plan import (
    OpenPlan,
    SmallAreasPlan,
    Variant,
    check_open,
    check_small_areas,
    check_variants,
    varied,
)
from analysis.reporting.plans.plan_checks import Words, check_variable, refuse_repeats, refuse_unknown
from analysis.reporting.plans.study_plan import Day, StudyPlan, check_study, is_day
from analysis.reporting.plans.tables_plan import Model, TablePlan, TestPlan, check_tables, check_tests
from analysis.reporting.plans.theme_chapters_plan import ThemeChapter, check_theme_chapters
from analysis.reporting.plans.weighting_plan import (
    DesignPlan,
    Positive,
    WeightingPlan,
    check_design,
    check_weighting,
    in_effect,
)
from survey.questionnaires.decoding import decode, decode_toml
from survey.questionnaires.model import Key, MultipleChoice, OpenText, Place, Questionnaire
from survey.questionnaires.problems import Findings


class Indicator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number to report: the share of people who gave certain answers, or a mean.

    `variable` is a column, a multiple choice question, or with `scale` a battery. A proportion counts
    the answers in `codes`, or those from `at_least` up or `at_most` down. Missing answers are
    outside the base, except those in `include` (for instance -8, don't know). `of_whom` says about whom the
    number is when its question was not for everybody, in words after the label: "van wie meedeed".
    """

    key: Key
    label: Words
    of_whom: Words = ""
    variable: str
    kind: Literal["proportion", "mean"]
    codes: tuple[int, ...] = ()
    scale: Literal["cohesion", "who5", "loneliness"] | None = None
    at_least: float | None = None
    at_most: float | None = None
    include: tuple[Literal[-7, -8, -9], ...] = ()


class MarginNames(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a margin and its categories are called in a report."""

    label: Words
    categories: dict[str, Words]


class GroupPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group that stands beside everybody else: who gave one of `codes` to the question `variable`.

    `gap` says in words what is not known about it. Without a `variable` that is all there is to say. One that
    is not `hard_to_reach` is compared by principle and has no place in the chapter on groups that are.
    """

    name: Words
    variable: str = ""
    codes: tuple[int, ...] = ()
    gap: Words = ""
    hard_to_reach: bool = True


class FollowUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Advice of an earlier evaluation, and the indicators that bear on what became of it; none: not asked.

    `companions`: the variable under which employees or partners were asked about it, such as `k24_a`.
    `questions`: more questions that bear on it, of residents or of others, by the keys that they have there;
    the report points to their figures, which stand in earlier chapters.
    `theme`: the code of the theme that it belongs to.
    """

    key: Key
    kind: Literal["recommendation", "suggestion"]
    text: Words
    indicators: tuple[Key, ...] = ()
    companions: str = ""
    questions: tuple[Key, ...] = ()
    theme: str = ""


ReportLanguage = Literal["nl", "en"]

Annex = Literal["checklists", "accessibility", "privacy", "glossary"]


class EventPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened between two waves, that readers should know; `date` as 2025-07-01."""

    date: Day
    text: Words
    source: Words


FileBeside = Annotated[str, Meta(pattern=r"^[^/\\:.~][^/\\:]*$")]
"""Of a file that lies beside the plan."""

WebAddress = Annotated[str, Meta(pattern=r"^https://[^\s{}]+(\{area\}[^\s{}]*)?$", max_length=200)]


class ReportPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands where in the reports; every name is a key of an indicator or a question.

    `population` says in words who the figures are about. `headline`: the indicators on the page with
    the summary; `profile`: those set out per area; `map`: the one on the map. `reasons`: a multiple
    choice question whose answers the area profiles list. `background`: questions about who respondents
    are. `principles`: the chapters, by the code in the questions' metadata. `agreement`: the scale whose
    answers are drawn to both sides of a zero line, with codes 1 (disagree) to 5 (agree). `companions`: the
    surveys whose answers stand beside those of the residents when their exports are given. `groups` stand
    beside everybody else: by principle, and those that are hard to reach for the indicators of `headline`.
    `regression`: a test of the plan, by its key, that tells what goes with a grade. `authors`: who write
    the report, so that somebody else approves it. `follow_up`: the advice of an earlier evaluation.
    `language`: of all that the report says; `translations` hold by language what the plan's own texts are
    in it. `events`: what happened since an earlier wave. `open_answers`: questions whose answers were
    coded, and the sheets. `theme` and `logo`: files beside the plan, a style sheet with the colours of
    the municipality and its logo. `social_map`: the address of the page with what there is for residents,
    where `{area}` stands for the code of an area. `study`: what no export tells about it. `annexes`:
    those that come after the figures, in this order. `glossary`: words of this place and what they mean,
    beside those of every report. `theme_chapters`: chapters by theme. `remarks`: what readers should know of
    a question, by its key, which stands under the figure with its answers.
    """

    subtitle: Words
    population: Words
    headline: tuple[Key, ...]
    profile: tuple[Key, ...]
    map: Key
    reasons: Key
    principles: dict[str, Words]
    background: tuple[Key, ...] = ()
    agreement: Key = "agreement"
    margins: dict[str, MarginNames] = {}
    companions: tuple[CompanionPlan, ...] = ()
    groups: tuple[GroupPlan, ...] = ()
    regression: Key | None = None
    authors: tuple[Words, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    language: ReportLanguage = "nl"
    translations: dict[ReportLanguage, dict[str, Words]] = {}
    events: tuple[EventPlan, ...] = ()
    study: StudyPlan = StudyPlan()
    annexes: tuple[Annex, ...] = ()
    glossary: dict[Words, Words] = {}
    theme_chapters: tuple[ThemeChapter, ...] = ()
    remarks: dict[Key, Words] = {}
    open_answers: CodingPlan | None = None
    theme: FileBeside | None = None
    logo: FileBeside | None = None
    social_map: WebAddress | None = None

    @property
    def coding_sheets(self) -> tuple[str, ...]:
        """The files beside the plan with topics and quotes, of residents and of others."""
        plans = (self.open_answers, *(each.open_answers for each in self.companions))
        return tuple(name for plan in plans if plan is not None for name in plan.files)


class AnalysisPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the evaluator decides; the thresholds of disclosure are not among it.

    A difference is marked from `relevant_share` (of 1) or `relevant_mean`, which is one of grades.
    The p-values of all `tests` are adjusted together, by `adjust_tests`.
    """

    format: Literal[1]
    survey: str
    title: Words
    weighting: WeightingPlan
    indicators: tuple[Indicator, ...]
    relevant_share: Positive = 0.05
    relevant_mean: Positive = 0.3
    report: ReportPlan | None = None
    sensitivity: tuple[Variant, ...] = ()
    open: OpenPlan | None = None
    small_areas: SmallAreasPlan | None = None
    design: DesignPlan = DesignPlan()
    tables: tuple[TablePlan, ...] = ()
    tests: tuple[TestPlan, ...] = ()
    adjust_tests: Adjusting = "holm"

    def relevant(self, indicator: Indicator) -> float:
        """The smallest difference worth a mark; of a score up to 100 it is ten times that of grades."""
        if indicator.kind == "proportion":
            return self.relevant_share
        return self.relevant_mean * (10 if indicator.scale == "who5" else 1)


_ITEMS = {"cohesion": 6, "who5": 5, "loneliness": 6}


def parse(
    data: bytes, questionnaire: Questionnaire, population: Sequence[PopulationCount], name: str = "plan.toml"
) -> AnalysisPlan:
    """The plan in a TOML file, checked against the questionnaire and the population file it is for.

    Raises InputError with every problem.
    """
    findings = Findings(name)
    table = decode_toml(data, findings)
    plan = None if table is None else decode(AnalysisPlan, table, "", findings)
    if plan is not None:
        _check(plan, questionnaire, population, findings)
    if plan is None or list(findings):
        raise InputError(findings)
    return plan


def _check(
    plan: AnalysisPlan,
    questionnaire: Questionnaire,
    population: Sequence[PopulationCount],
    findings: Findings,
) -> None:
    if plan.survey != questionnaire.key:
        findings.error(
            "WA201",
            "survey",
            f"This plan is for {plan.survey}, but the export is of {questionnaire.key}. "
            "Use the plan of that survey.",
        )
    if plan.relevant_share > 1:
        findings.error(
            "WA214",
            "relevant_share",
            f"{plan.relevant_share:g} is more than the whole. It is a share: 0.05 = 5 points.",
        )
    codes = answer_codes(questionnaire)
    check_design(plan.design, questionnaire, findings)
    check_weighting(plan.weighting, "weighting", questionnaire, population, findings)
    indicators = [indicator.key for indicator in plan.indicators]
    refuse_repeats(indicators, "indicators", findings)
    for place, indicator in enumerate(plan.indicators):
        where = f"indicators[{place}]"
        if indicator.scale is None:
            check_variable(indicator.variable, indicator.codes, where, codes, findings)
        else:
            _check_battery(indicator, where, questionnaire, findings)
        _check_kind(indicator, where, findings)
    margins = [margin.population for margin in plan.weighting.margins]
    check_tables(plan.tables, indicators, margins, questionnaire, findings)
    check_tests(
        plan.tests,
        {indicator.key: indicator.variable for indicator in plan.indicators},
        {margin.population: margin.variable for margin in plan.weighting.margins},
        questionnaire,
        findings,
    )
    if plan.report is not None:
        _check_report(plan.report, plan, questionnaire, findings)
    _check_models(plan, questionnaire, population, findings)


def _check_models(
    plan: AnalysisPlan,
    questionnaire: Questionnaire,
    population: Sequence[PopulationCount],
    findings: Findings,
) -> None:
    margins = [margin.population for margin in plan.weighting.margins]
    of_plan = {problem.message for problem in findings}
    check_variants(plan.sensitivity, margins, findings)
    for number, variant in enumerate(plan.sensitivity):
        place, own = f"sensitivity[{number}]", Findings(findings.file)
        weighting = varied(plan.weighting, variant, place, own)
        if weighting is not None:
            check_weighting(weighting, f"{place}.weighting", questionnaire, population, own)
            known = set(variant.without) <= set(margins)
            if known and not list(own) and _changes_nothing(variant, weighting, plan.weighting, population):
                own.error("WA240", place, _NOTHING)
        for problem in own:
            # What is wrong with the plan's own weighting was said there.
            if problem.message not in of_plan:
                findings.error(problem.code, problem.place, problem.message)
    indicators = [indicator.key for indicator in plan.indicators]
    if plan.open is not None:
        check_open(plan.open, indicators, margins, findings)
    if plan.small_areas is not None:
        check_small_areas(plan.small_areas, indicators, margins, population, findings)


_NOTHING = (
    "This changes nothing: the weights are those of the plan. Leave out a margin that a step weights to, or "
    "give open or other fields of weighting."
)


def _changes_nothing(
    variant: Variant, weighting: WeightingPlan, planned: WeightingPlan, population: Sequence[PopulationCount]
) -> bool:
    return not variant.open and in_effect(weighting, population) == in_effect(planned, population)


def _check_report(
    report: ReportPlan, plan: AnalysisPlan, questionnaire: Questionnaire, findings: Findings
) -> None:
    questions = {question.key: question for block in questionnaire.blocks for question in block.questions}
    multiple = [key for key, question in questions.items() if isinstance(question, MultipleChoice)]
    indicators = [indicator.key for indicator in plan.indicators]
    closed = [key for key, question in questions.items() if not isinstance(question, OpenText | Place)]
    for place, names, known, what in (
        ("headline", report.headline, indicators, "indicator of this plan"),
        ("profile", report.profile, indicators, "indicator of this plan"),
        ("map", (report.map,), indicators, "indicator of this plan"),
        ("reasons", (report.reasons,), multiple, "multiple choice question"),
        ("background", report.background, closed, "closed question"),
        ("remarks", tuple(report.remarks), closed, "closed question"),
    ):
        refuse_unknown(names, known, what, "WA212", f"report.{place}", findings)
    _check_regression(report, plan, findings)
    refuse_repeats([group.name for group in report.groups], "report.groups", findings)
    codes = answer_codes(questionnaire)
    for number, group in enumerate(report.groups):
        _check_group(group, f"report.groups[{number}]", codes, findings)
    check_companions(report.companions, plan.survey, findings)
    for number, advice in enumerate(report.follow_up):
        place = f"report.follow_up[{number}].indicators"
        refuse_unknown(advice.indicators, indicators, "indicator of this plan", "WA212", place, findings)
    refuse_repeats([advice.key for advice in report.follow_up], "report.follow_up", findings)
    for number, event in enumerate(report.events):
        if not is_day(event.date):
            findings.error("WA256", f"report.events[{number}].date", f"{event.date} is no day of any month.")
    check_theme_chapters(
        report.theme_chapters, report.principles, [each.theme for each in report.follow_up], findings
    )
    check_study(report.study, findings)
    refuse_repeats(report.annexes, "report.annexes", findings)
    if report.open_answers is not None:
        check_coding(report.open_answers, questionnaire, "report.open_answers", findings)
    refuse_repeats(report.coding_sheets, "report: sheets of open_answers", findings)
    shares = {indicator.key for indicator in plan.indicators if indicator.kind == "proportion"}
    if not shares.intersection(report.profile):
        findings.error("WA212", "report.profile", "Name at least one proportion: the profiles draw these.")


def _check_regression(report: ReportPlan, plan: AnalysisPlan, findings: Findings) -> None:
    if report.regression is None:
        return
    test = next((test for test in plan.tests if test.key == report.regression), None)
    means = {indicator.key for indicator in plan.indicators if indicator.kind == "mean"}
    if (
        not isinstance(test, Model)
        or test.family != "gaussian"
        or test.formula.partition("~")[0].strip() not in means
        or ":" in test.formula
        or "*" in test.formula
    ):
        findings.error(
            "WA254",
            "report.regression",
            f"{report.regression} is no regression of the plan with a mean as its outcome and no products. "
            'Write it under [[tests]] with kind = "regression" and formula = "overall_grade ~ reach + sex".',
        )


def _check_group(group: GroupPlan, place: str, codes: dict[str, frozenset[int]], findings: Findings) -> None:
    if group.variable:
        check_variable(group.variable, group.codes, place, codes, findings)
    if bool(group.variable) != bool(group.codes):
        findings.error("WA253", place, "A group is a variable with codes. Give both, or neither and a gap.")
    elif not group.variable and not group.gap:
        findings.error("WA253", place, f"{group.name}: say who belongs to it, or in gap what is not known.")
    elif group.gap and not group.hard_to_reach:
        findings.error(
            "WA253", place, f"{group.name}: only the chapter on hard-to-reach groups prints a gap."
        )


def _check_battery(
    indicator: Indicator, place: str, questionnaire: Questionnaire, findings: Findings
) -> None:
    try:
        items = len(battery(questionnaire, indicator.variable).items)
    except KeyError:
        findings.error(
            "WA207", f"{place}.variable", f"The questionnaire has no battery {indicator.variable}."
        )
        return
    if indicator.scale is not None and items != _ITEMS[indicator.scale]:
        findings.error(
            "WA209",
            f"{place}.scale",
            f"{indicator.scale} has {_ITEMS[indicator.scale]} statements, {indicator.variable} has {items}.",
        )


def _check_kind(indicator: Indicator, place: str, findings: Findings) -> None:
    limits = indicator.at_least is not None or indicator.at_most is not None
    if indicator.kind == "mean" and (indicator.codes or limits or indicator.include):
        findings.error("WA210", place, "A mean takes no codes, include, at_least or at_most. Leave them out.")
    if indicator.kind == "proportion" and bool(indicator.codes) == limits:
        findings.error("WA210", place, "A proportion needs codes, or else at_least or at_most.")
    if indicator.codes and indicator.scale is not None:
        findings.error("WA210", place, "The share of a scale is given by at_least or at_most, not by codes.")
