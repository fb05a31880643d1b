"""The evaluator's analysis plan: which margins to weigh by, which indicators to report."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

from msgspec import Meta, Struct

from analysis.reporting.dataset import InputError, PopulationCount, answer_codes, battery
from analysis.reporting.model_plan import (
    OpenPlan,
    SmallAreasPlan,
    Variant,
    check_open,
    check_small_areas,
    check_variants,
    varied,
)
from survey.questionnaires.decoding import decode, decode_toml
from survey.questionnaires.model import AreaCode, Key, MultipleChoice, OpenText, Place, Questionnaire
from survey.questionnaires.problems import Findings

Positive = Annotated[float, Meta(gt=0)]


class MarginPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which answers stand for which category of a margin in the population file.

    `population` is the margin's name there; whether it is counted per area or for the whole
    municipality follows from that file. `categories` lists the answer codes of each category, in their
    natural order (neighbours may be merged); any other valid answer counts as `otherwise`, or is
    treated as unknown when that is absent.
    """

    population: str
    variable: str
    categories: dict[str, tuple[int, ...]]
    otherwise: str | None = None


class WeightingPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to weigh. The first margin counted per area also gives the number of people per area.

    `minimum_cell`: levels with fewer respondents are merged with a neighbour. `smallest` and
    `largest`: limits of a weight, as multiples of the base weight, which is the mean of the area.
    `merge_areas`: areas that are treated as one in weighting, because too few people answered there.
    `finite_population`: reckon with n/N.
    """

    margins: tuple[MarginPlan, ...]
    minimum_cell: Annotated[int, Meta(ge=0)] = 20
    smallest: Positive = 0.2
    largest: Positive = 5.0
    merge_areas: tuple[tuple[AreaCode, ...], ...] = ()
    finite_population: bool = False
    dispositions: tuple[Literal["complete", "partial", "break_off"], ...] = ("complete", "partial")


class Indicator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number to report: the share of people who gave certain answers, or a mean.

    `variable` is a column, a multiple choice question, or with `scale` a battery. A proportion counts
    the answers in `codes`, or those from `at_least` up or `at_most` down. Missing answers are
    outside the base, except those in `include` (for instance -8, don't know).
    """

    key: Key
    label: str
    variable: str
    kind: Literal["proportion", "mean"]
    codes: tuple[int, ...] = ()
    scale: Literal["cohesion", "who5", "loneliness"] | None = None
    at_least: float | None = None
    at_most: float | None = None
    include: tuple[Literal[-7, -8, -9], ...] = ()


class MarginNames(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a margin and its categories are called in a report."""

    label: str
    categories: dict[str, str]


class ReportPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands where in the reports; every name is a key of an indicator or a question.

    `population` says in words who the figures are about. `headline`: the indicators on the page with
    the summary; `profile`: those set out per area; `map`: the one on the map. `reasons`: a multiple
    choice question whose answers the area profiles list. `background`: questions about who respondents
    are. `principles`: the chapters, by the code in the questions' metadata. `agreement`: the scale whose
    answers are drawn to both sides of a zero line, with codes 1 (disagree) to 5 (agree).
    """

    subtitle: str
    population: str
    headline: tuple[Key, ...]
    profile: tuple[Key, ...]
    map: Key
    reasons: Key
    principles: dict[str, str]
    background: tuple[Key, ...] = ()
    agreement: Key = "agreement"
    margins: dict[str, MarginNames] = {}


class AnalysisPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the evaluator decides; the thresholds of disclosure are not among it.

    A difference between an area and the rest is marked from `relevant_share` (of 1) or `relevant_mean`.
    """

    format: Literal[1]
    survey: str
    title: str
    weighting: WeightingPlan
    indicators: tuple[Indicator, ...]
    relevant_share: Positive = 0.05
    relevant_mean: Positive = 0.3
    report: ReportPlan | None = None
    sensitivity: tuple[Variant, ...] = ()
    open: OpenPlan | None = None
    small_areas: SmallAreasPlan | None = None


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
    codes = answer_codes(questionnaire)
    _check_weighting(plan.weighting, "weighting", questionnaire, population, findings)
    _check_repeats([indicator.key for indicator in plan.indicators], "indicators", findings)
    for place, indicator in enumerate(plan.indicators):
        where = f"indicators[{place}]"
        if indicator.scale is None:
            _check_variable(indicator.variable, indicator.codes, where, codes, findings)
        else:
            _check_battery(indicator, where, questionnaire, findings)
        _check_kind(indicator, where, findings)
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
            _check_weighting(weighting, f"{place}.weighting", questionnaire, population, own)
        for problem in own:
            # What is wrong with the plan's own weighting was said there.
            if problem.message not in of_plan:
                findings.error(problem.code, problem.place, problem.message)
    indicators = [indicator.key for indicator in plan.indicators]
    if plan.open is not None:
        check_open(plan.open, indicators, margins, findings)
    if plan.small_areas is not None:
        check_small_areas(plan.small_areas, indicators, margins, population, findings)


def _check_report(
    report: ReportPlan, plan: AnalysisPlan, questionnaire: Questionnaire, findings: Findings
) -> None:
    questions = {question.key: question for block in questionnaire.blocks for question in block.questions}
    multiple = {key for key, question in questions.items() if isinstance(question, MultipleChoice)}
    indicators = {indicator.key for indicator in plan.indicators}
    closed = {key for key, question in questions.items() if not isinstance(question, OpenText | Place)}
    for place, names, known, what in (
        ("headline", report.headline, indicators, "indicator of this plan"),
        ("profile", report.profile, indicators, "indicator of this plan"),
        ("map", (report.map,), indicators, "indicator of this plan"),
        ("reasons", (report.reasons,), multiple, "multiple choice question"),
        ("background", report.background, closed, "closed question"),
    ):
        for name in names:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f" Did you mean {near[0]}?" if near else ""
                findings.error("WA212", f"report.{place}", f"{name} is no {what}.{hint}")
    shares = {indicator.key for indicator in plan.indicators if indicator.kind == "proportion"}
    if not shares.intersection(report.profile):
        findings.error("WA212", "report.profile", "Name at least one proportion: the profiles draw these.")


def _check_weighting(
    plan: WeightingPlan,
    place: str,
    questionnaire: Questionnaire,
    population: Sequence[PopulationCount],
    findings: Findings,
) -> None:
    codes = answer_codes(questionnaire)
    for number, margin in enumerate(plan.margins):
        _check_margin(margin, f"{place}.margins[{number}]", codes, population, findings)
    wanted = {margin.population for margin in plan.margins}
    if not any(row.margin in wanted and row.area != questionnaire.municipality.code for row in population):
        findings.error(
            "WA202",
            f"{place}.margins",
            "None of the margins is counted per area. Add one: it gives the area totals.",
        )
    if not plan.smallest < 1 < plan.largest:
        findings.error("WA203", place, "The limits must lie around 1: smallest below it, largest above it.")
    known = {area.code for area in questionnaire.municipality.areas}
    merged = [area for group in plan.merge_areas for area in group]
    for area in sorted(set(merged) - known):
        findings.error(
            "WA204", f"{place}.merge_areas", f"{area} is not an area of this municipality. Correct it."
        )
    _check_repeats(merged, f"{place}.merge_areas", findings)
    _check_repeats([margin.population for margin in plan.margins], f"{place}.margins", findings)


def _check_margin(
    margin: MarginPlan,
    place: str,
    codes: dict[str, frozenset[int]],
    population: Sequence[PopulationCount],
    findings: Findings,
) -> None:
    counted = dict.fromkeys(row.category for row in population if row.margin == margin.population)
    if not counted:
        known = ", ".join(dict.fromkeys(row.margin for row in population))
        findings.error(
            "WA205",
            f"{place}.population",
            f"population.csv has no margin {margin.population}. It has: {known}.",
        )
    elif set(counted) != set(margin.categories):
        findings.error(
            "WA206",
            f"{place}.categories",
            f"population.csv counts {', '.join(counted)} in this margin. "
            "Give these categories, and no others.",
        )
    if margin.otherwise is not None and margin.otherwise not in margin.categories:
        findings.error("WA206", f"{place}.otherwise", f"{margin.otherwise} is not one of the categories.")
    for category, answers in margin.categories.items():
        if not answers and category != margin.otherwise:
            findings.error(
                "WA206",
                f"{place}.categories.{category}",
                "Give the codes of this category, or make it otherwise.",
            )
    listed = [code for group in margin.categories.values() for code in group]
    _check_variable(margin.variable, listed, place, codes, findings)
    _check_repeats([str(code) for code in listed], f"{place}.categories", findings)


def _check_variable(
    variable: str, listed: Iterable[int], place: str, codes: dict[str, frozenset[int]], findings: Findings
) -> None:
    if variable not in codes:
        near = get_close_matches(variable, codes, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        findings.error(
            "WA207", f"{place}.variable", f"The questionnaire has no closed question {variable}.{hint}"
        )
        return
    unknown = sorted(set(listed) - codes[variable])
    if unknown:
        findings.error(
            "WA208",
            place,
            f"{variable} has no code {', '.join(map(str, unknown))}. "
            f"It has: {', '.join(map(str, sorted(codes[variable])))}.",
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


def _check_repeats(names: Sequence[str], place: str, findings: Findings) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        findings.error("WA211", place, f"{name} stands here twice. Remove one.")
