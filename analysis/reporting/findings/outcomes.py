"""Everything a report says, as frozen values: from data set, plan and weighting to publishable cells.

Disclosure control has been applied to all that leaves this module; a report is made from it without
seeing an answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.estimation import estimates
from analysis.estimation.estimates import Estimate, Observed
from analysis.reporting import disclosure
from analysis.reporting.coding.topics import CodedQuestion
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.dataset import Account, Dataset
from analysis.reporting.exports.questions import (
    ClosedQuestion,
    closed_questions,
    is_special,
    number_classes,
    question_of,
    variables_of,
)
from analysis.reporting.findings import indicators
from analysis.reporting.findings.area_differences import compare_areas
from analysis.reporting.findings.associations import Associations, associations
from analysis.reporting.findings.companions import Companion
from analysis.reporting.findings.differencing import withhold
from analysis.reporting.findings.divisions import Hidden, group_key, hidden_figures
from analysis.reporting.findings.hard_to_reach import GroupOutcome, group_outcomes
from analysis.reporting.findings.indicators import Measured
from analysis.reporting.findings.leading import telling
from analysis.reporting.findings.open_answers import OpenModel, open_estimate, open_model
from analysis.reporting.findings.outcome_values import AnswerShare, AreaOutcome, Distribution, Outcome
from analysis.reporting.findings.participation_account import (
    ConsentShare,
    LanguageUse,
    consents_given,
    languages_used,
)
from analysis.reporting.findings.published import protect_observed, protected
from analysis.reporting.findings.representativeness import Balance, NothingIssued, balances
from analysis.reporting.findings.scale_accounts import ScaleAccount, scale_accounts
from analysis.reporting.findings.sensitivity import IndicatorVariants, choices, compare, without
from analysis.reporting.findings.small_areas import area_models
from analysis.reporting.findings.waves import Waves
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.language import phrases_of
from analysis.reporting.plans.model_plan import PLANNED
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.weighting_plan import AREA
from analysis.reporting.weighting.margins import NO_ANSWER, UNKNOWN, categories_of, outside_categories
from analysis.reporting.weighting.weights import Weighting
from analysis.reporting.wording import Mark
from analysis.sampling.designs import Design
from survey.questionnaires.model import (
    DONT_KNOW,
    NOT_APPLICABLE,
    NOT_SHOWN,
    RATHER_NOT_SAY,
    SKIPPED,
    Area,
    Battery,
    MultipleChoice,
    Number,
    Option,
    Questionnaire,
    SingleChoice,
)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


class Missing(Struct, frozen=True, kw_only=True):
    """What respondents of the invited sample did with a question or item, in persons."""

    question: str
    variable: str
    number: str
    label: str
    answered: int
    dont_know: int
    rather_not_say: int
    not_applicable: int
    skipped: int
    not_shown: int


class AreaPeople(Struct, frozen=True, kw_only=True):
    """Who lives in an area, from the population file, and how many answered.

    `shares` gives by margin and category the share of adults; `estimated` names what is an estimate.
    """

    area: Area
    adults: float
    shares: dict[tuple[str, str], float]
    respondents: int
    open_respondents: int


class ShortForm(Struct, frozen=True, kw_only=True):
    """How many of a group chose the short form, of those who answered: a plain share, for it is about them.

    `margin` and `category` are those of the plan; both are empty for all respondents.
    """

    margin: str
    category: str
    cell: Observed | Suppressed


class Outcomes(Struct, frozen=True, kw_only=True, eq=False):
    """All that is published, of one export under one plan.

    `balances`: empty when it is not known how many were invited. `variants`: empty when the plan has none.
    `open_margins`: what the model of the open link rests on; empty without one. `telling`: questions, by
    their keys, of which the number of answers would tell what a few people answered to these or to those
    before them. `short_form`: all respondents
    and the groups of each margin; empty when nobody chose a short form. `companions`: what others than
    residents answered, where their exports were given. `groups`: those of the plan, beside everybody else.
    `associations`: what goes with a grade, None when the plan does not ask. `waves`: what changed since an
    earlier wave, None without one. `scales`: how the scales of the plan hang together. `languages` and
    `consents`: of all residents whose answers count. `coding`: what residents wrote in their own words, by
    topic.
    """

    dataset: Dataset
    plan: AnalysisPlan
    weighting: Weighting
    respondents: int
    open_respondents: int
    indicators: tuple[Outcome, ...]
    distributions: tuple[Distribution, ...]
    missing: tuple[Missing, ...]
    people: tuple[AreaPeople, ...]
    invited: Account
    participation: Account
    slips: Account
    kiosks: Account
    balances: tuple[Balance, ...]
    variants: tuple[IndicatorVariants, ...]
    open_margins: tuple[str, ...]
    telling: frozenset[str]
    short_form: tuple[ShortForm, ...]
    companions: tuple[Companion, ...] = ()
    groups: tuple[GroupOutcome, ...] = ()
    associations: Associations | None = None
    waves: Waves | None = None
    scales: tuple[ScaleAccount, ...] = ()
    languages: tuple[LanguageUse, ...] = ()
    consents: tuple[ConsentShare, ...] = ()
    coding: tuple[CodedQuestion, ...] = ()

    @property
    def questionnaire(self) -> Questionnaire:
        return self.dataset.questionnaire

    @property
    def open_answers(self) -> tuple[CodedQuestion, ...]:
        """What everybody wrote in their own words: residents first, then the companions."""
        return (*self.coding, *(coded for each in self.companions for coded in each.coding))

    @property
    def around(self) -> tuple[Companion, ...]:
        """The companions that stand beside the residents: those without a chapter of their own."""
        return tuple(each for each in self.companions if not each.plan.chapter)


def gather(  # noqa: PLR0913, PLR0917 - all that a report rests on
    dataset: Dataset,
    sample: Dataset,
    open_responses: Dataset,
    plan: AnalysisPlan,
    weighting: Weighting,
    companions: Sequence[Companion] = (),
    coding: Sequence[CodedQuestion] = (),
) -> Outcomes:
    """All outcomes. `sample` are the weighted invited respondents, `open_responses` the usable others."""
    areas = dataset.questionnaire.municipality.areas
    accounts = [dataset.fieldwork.areas[area.code] for area in areas if area.code in dataset.fieldwork.areas]
    model, phrases = open_model(open_responses, plan), phrases_of(plan)
    hidden = hidden_figures(sample, plan)
    open_telling = telling(open_responses)
    estimated = _estimates(sample, plan, weighting.design)
    values = {each: of.values for each, of in zip(plan.indicators, estimated, strict=True)}
    found, distributions = withhold(
        [
            _outcome(sample, open_responses, each, plan, weighting, of, model, hidden, open_telling)
            for each, of in zip(plan.indicators, estimated, strict=True)
        ],
        [_uncounted(each, hidden) for each in _distributions(sample, weighting, phrases)],
        sample,
        {each.key: own for each, own in values.items()},
        hidden,
    )
    return Outcomes(
        dataset=dataset,
        plan=plan,
        weighting=weighting,
        respondents=sample.size,
        open_respondents=open_responses.size,
        indicators=found,
        distributions=distributions,
        missing=tuple(_missing(sample)),
        people=tuple(_people(sample, open_responses, area) for area in areas),
        invited=_total([account.invited for account in accounts]),
        participation=_total([account.open for account in accounts]),
        slips=_total([account.slip for account in accounts]),
        kiosks=_total([account.kiosk for account in accounts]),
        balances=_balances(sample, plan),
        variants=_variants(dataset, plan, found, hidden) if plan.sensitivity else (),
        open_margins=() if model is None else model.margins,
        telling=frozenset((*_telling(sample, plan), *hidden.of_everybody)),
        short_form=tuple(_short_form(sample, plan)),
        companions=tuple(companions),
        coding=tuple(coding),
        groups=_groups(sample, values, plan, weighting, hidden),
        associations=associations(sample, plan, weighting.design, hidden.tests),
        scales=tuple(scale_accounts(sample, plan, weighting.design)),
        languages=languages_used((sample, open_responses)),
        consents=consents_given((sample, open_responses)),
    )


def _variants(
    dataset: Dataset, plan: AnalysisPlan, found: Sequence[Outcome], hidden: Hidden
) -> tuple[IndicatorVariants, ...]:
    compared = compare(dataset, plan, choices(plan, phrases_of(plan).say(PLANNED)))
    keys = {each.indicator.key for each in found if isinstance(each.whole, Suppressed)}
    return tuple(without(compared, keys, hidden.of_everybody))


def _groups(
    sample: Dataset,
    values: Mapping[Indicator, Floats],
    plan: AnalysisPlan,
    weighting: Weighting,
    hidden: Hidden,
) -> tuple[GroupOutcome, ...]:
    if plan.report is None or not plan.report.groups:
        return ()
    withheld = {
        (group.name, indicator)
        for group in plan.report.groups
        for indicator, division, _ in hidden.cells
        if division == group_key(group)
    }
    uncounted = {
        (group.name, question)
        for group in plan.report.groups
        for question, division, _ in hidden.bases
        if division == group_key(group)
    }
    return group_outcomes(
        sample, weighting.design, plan.report.groups, values, plan.relevant, withheld, uncounted
    )


def _balances(sample: Dataset, plan: AnalysisPlan) -> tuple[Balance, ...]:
    try:
        return balances(sample, plan)
    except NothingIssued:
        return ()


# --- indicators -----------------------------------------------------------------------------------


class _Estimates(NamedTuple):
    """The values of an indicator, and its estimates: of everybody, of each area, and of all but that area."""

    values: Floats
    whole: Estimate
    areas: tuple[Estimate, ...]
    rests: tuple[Estimate, ...]


def _estimates(sample: Dataset, plan: AnalysisPlan, design: Design) -> list[_Estimates]:
    """Of every indicator of the plan."""
    measured = [Measured(each.kind, indicators.values(sample, each)) for each in plan.indicators]
    domains = _domains(sample)
    whole = indicators.of_everybody(measured, design)
    areas = indicators.by_group(measured, design, domains)
    rests = [indicators.by_group(measured, design, [~domain]) for domain in domains]
    return [
        _Estimates(
            values=of.values,
            whole=whole[place],
            areas=tuple(area[place] for area in areas),
            rests=tuple(rest[place] for (rest,) in rests),
        )
        for place, of in enumerate(measured)
    ]


def _domains(sample: Dataset) -> list[Mask]:
    return [sample.texts["area"] == area.code for area in sample.questionnaire.municipality.areas]


def _outcome(  # noqa: PLR0913, PLR0917 - an outcome depends on both samples, plan and models
    sample: Dataset,
    others: Dataset,
    indicator: Indicator,
    plan: AnalysisPlan,
    weighting: Weighting,
    estimated: _Estimates,
    model: OpenModel | None,
    hidden: Hidden,
    open_telling: frozenset[str],
) -> Outcome:
    question = question_of(sample.questionnaire, indicator.variable)
    open_values = indicators.values(others, indicator)
    (own,) = protected(estimated.values, [estimated.whole], [None], indicator, question)
    whole = disclosure.uncounted() if question.key in hidden.of_everybody else own
    seen = protect_observed(open_values, indicator, question)
    if question.key in open_telling:
        seen = disclosure.uncounted()
    modelled = None
    wanted = plan.open is not None and indicator.key in plan.open.indicators
    if model is not None and wanted and not isinstance(seen, Suppressed):
        modelled = open_estimate(model, open_values, indicator)
    return Outcome(
        indicator=indicator,
        question=question,
        whole=whole,
        open=seen,
        areas=_area_outcomes(sample, estimated, indicator, question, plan, weighting, hidden),
        for_some=any(_lack(sample, column, NOT_SHOWN, NOT_APPLICABLE) for column in variables_of(question)),
        open_modelled=modelled,
    )


def _lack(sample: Dataset, column: str, *codes: int) -> int:
    """How many people have one of these codes in the place of an answer."""
    return int(np.isin(sample.codes[column], codes).sum())


def _area_outcomes(  # noqa: PLR0913, PLR0917 - an outcome depends on design, plan and question
    sample: Dataset,
    estimated: _Estimates,
    indicator: Indicator,
    question: ClosedQuestion,
    plan: AnalysisPlan,
    weighting: Weighting,
    hidden: Hidden,
) -> tuple[AreaOutcome, ...]:
    areas, values = sample.questionnaire.municipality.areas, estimated.values
    own = protected(values, estimated.areas, _domains(sample), indicator, question)
    # Before anything is made of them: a model of the areas would tell what one of them said.
    cells = [
        hidden.besides(cell, indicator, question, AREA, area.code)
        for area, cell in zip(areas, own, strict=True)
    ]
    # The rest of the municipality is hidden with the area itself, which could be computed from it.
    rests = [
        cell if isinstance(cell, Suppressed) else disclosure.protect(rest)
        for rest, cell in zip(estimated.rests, cells, strict=True)
    ]
    shown = [place for place, rest in enumerate(rests) if not isinstance(rest, Suppressed)]
    codes = [areas[place].code for place in shown]
    published = [(estimated.areas[place], estimated.rests[place]) for place in shown]
    compared = compare_areas(
        values, weighting.design, sample.texts["area"], codes, published, plan.relevant(indicator)
    )
    direct = {area.code: cell for area, cell in zip(areas, cells, strict=True)}
    models = area_models(sample, plan, indicator, values, direct)
    marks: dict[int, Mark] = {place: each.mark for place, each in zip(shown, compared, strict=True)}
    return tuple(
        AreaOutcome(
            area=area,
            cell=cells[place],
            rest=rests[place],
            mark=marks.get(place),
            models=models.get(area.code),
        )
        for place, area in enumerate(areas)
    )


# --- answers --------------------------------------------------------------------------------------


def _distributions(sample: Dataset, weighting: Weighting, phrases: Phrases) -> Iterator[Distribution]:
    for question in closed_questions(sample.questionnaire):
        match question:
            case Battery():
                for item in question.items:
                    column = f"{question.key}_{item.key}"
                    found = _choices(sample, question, column, item.label.source.rstrip("."), weighting)
                    yield msgspec.structs.replace(found, reversed=item.reversed)
            case MultipleChoice():
                yield _ticks(sample, question, weighting)
            case Number():
                yield _numbers(sample, question, weighting, phrases)
            case SingleChoice():
                yield _choices(sample, question, question.key, question.short.source, weighting)


def _uncounted(distribution: Distribution, hidden: Hidden) -> Distribution:
    """Without its figures, where their number of answers may not be told."""
    if distribution.question.key not in hidden.of_everybody:
        return distribution
    answers = tuple(
        msgspec.structs.replace(answer, cell=disclosure.uncounted()) for answer in distribution.answers
    )
    mean = None if distribution.mean is None else disclosure.uncounted()
    return msgspec.structs.replace(distribution, answers=answers, mean=mean)


def _choices(
    sample: Dataset, question: SingleChoice | Battery, column: str, label: str, weighting: Weighting
) -> Distribution:
    options = [option for option in question.options if option.stop is None]
    codes = sample.codes[column]
    values = [_is_in(codes, (option.code,)) for option in options]
    names = [(f"{option.code}", option.label.source) for option in options]
    return _partition(question, column, label, names, values, weighting, _asked(sample, column))


def _numbers(sample: Dataset, question: Number, weighting: Weighting, phrases: Phrases) -> Distribution:
    codes = sample.codes[question.key]
    classes = number_classes(question, phrases)
    values = [_is_in(codes, tuple(range(low, high + 1))) for low, high, _ in classes]
    names = [(f"{low}" if low == high else f"{low}-{high}", name) for low, high, name in classes]
    answered = np.where(codes < 0, np.nan, codes.astype(float))
    mean = disclosure.protect(indicators.average(answered, weighting.design))
    asked = _asked(sample, question.key)
    return _partition(
        question, question.key, question.short.source, names, values, weighting, asked, mean=mean
    )


def _asked(sample: Dataset, column: str) -> int:
    """How many people got the question of a column."""
    return sample.size - _lack(sample, column, NOT_SHOWN)


def _partition(  # noqa: PLR0913, PLR0917 - an outcome depends on design, plan and question
    question: ClosedQuestion,
    variable: str,
    label: str,
    names: Sequence[tuple[str, str]],
    values: Sequence[Floats],
    weighting: Weighting,
    asked: int,
    mean: Cell | None = None,
) -> Distribution:
    """Answers that exclude each other: one table of one row for disclosure control."""
    found = indicators.of_everybody(indicators.shares(values), weighting.design)
    counts = np.array([[int((value == 1).sum()) for value in values]])
    cells = disclosure.protect_table(counts, [found], level="city", sensitive=is_special(question))[0]
    return Distribution(
        question=question,
        variable=variable,
        label=label,
        answers=_named(names, cells),
        respondents=int(counts.sum()),
        asked=asked,
        mean=mean,
    )


def _named(names: Sequence[tuple[str, str]], cells: Sequence[Cell]) -> tuple[AnswerShare, ...]:
    return tuple(
        AnswerShare(code=code, label=label, cell=cell)
        for (code, label), cell in zip(names, cells, strict=True)
    )


def _ticks(sample: Dataset, question: MultipleChoice, weighting: Weighting) -> Distribution:
    """Answers that may go together: each is a table of its own."""
    values = [_ticked(sample, question, option) for option in question.options]
    found = indicators.of_everybody(indicators.shares(values), weighting.design)
    cells = [
        disclosure.protect_shares(
            [int((value == 1).sum())], [each], level="city", sensitive=is_special(question)
        )[0]
        for value, each in zip(values, found, strict=True)
    ]
    names = [(f"{option.code}", option.label.source) for option in question.options]
    return Distribution(
        question=question,
        variable=question.key,
        label=question.short.source,
        answers=_named(names, cells),
        respondents=int((~np.isnan(values[0])).sum()),
        asked=_asked(sample, variables_of(question)[0]),
        areas=_ticks_by_area(sample, question, values, weighting),
    )


def _ticks_by_area(
    sample: Dataset, question: MultipleChoice, values: Sequence[Floats], weighting: Weighting
) -> tuple[tuple[Area, tuple[Cell, ...]], ...]:
    areas, domains = sample.questionnaire.municipality.areas, _domains(sample)
    found = indicators.by_group(indicators.shares(values), weighting.design, domains)
    by_option = [
        disclosure.protect_shares(
            [int((value[domain] == 1).sum()) for domain in domains],
            [area[place] for area in found],
            level="area",
            sensitive=is_special(question),
        )
        for place, value in enumerate(values)
    ]
    by_area = zip(*by_option, strict=True)
    return tuple((area, tuple(cells)) for area, cells in zip(areas, by_area, strict=True))


def _ticked(sample: Dataset, question: MultipleChoice, option: Option) -> Floats:
    column = sample.codes[f"{question.key}_{option.code}"]
    return np.where(column < 0, np.nan, column.astype(float))


def _is_in(codes: npt.NDArray[np.int32], wanted: tuple[int, ...]) -> Floats:
    return np.where(codes < 0, np.nan, np.isin(codes, wanted).astype(float))


# --- who took part --------------------------------------------------------------------------------


def _telling(sample: Dataset, plan: AnalysisPlan) -> Iterator[str]:
    """Questions of margins, by their keys, to which a few people gave an answer outside the categories.

    How many answered, less those in the categories, would be how many gave that answer.
    """
    for margin in plan.weighting.margins:
        if 0 < int((outside_categories(sample, margin) == 1).sum()) < disclosure.SMALLEST_CELL:
            yield question_of(sample.questionnaire, margin.variable).key


def _short_form(sample: Dataset, plan: AnalysisPlan) -> Iterator[ShortForm]:
    form = sample.questionnaire.short_form
    if form is None:
        return
    chosen = _is_in(sample.codes[form.variable], form.codes)
    if not (chosen == 1).any():
        return
    yield from _short_form_among(chosen, "", {"": np.full(sample.size, True)})
    for margin in plan.weighting.margins:
        placed = categories_of(sample, margin)
        groups = {name: placed == place for place, name in enumerate(margin.categories)}
        # Who is in no category is not shown, but could be computed from all others.
        rest = {NO_ANSWER: placed == UNKNOWN}
        among = _short_form_among(chosen, margin.population, groups | rest)
        yield from (each for each in among if each.category in groups)


def _short_form_among(chosen: Floats, margin: str, groups: Mapping[str, Mask]) -> Iterator[ShortForm]:
    seen = [estimates.observed(chosen, group) for group in groups.values()]
    hits = [int((chosen[group] == 1).sum()) for group in groups.values()]
    cells = disclosure.protect_shares(hits, seen, level="city")
    for category, cell in zip(groups, cells, strict=True):
        yield ShortForm(margin=margin, category=category, cell=cell)


def _missing(sample: Dataset) -> Iterator[Missing]:
    for question in closed_questions(sample.questionnaire):
        number, key = question.provenance.number, question.key
        if isinstance(question, Battery):
            for item in question.items:
                column = f"{key}_{item.key}"
                yield _missing_in(sample.codes[column], key, column, f"{number}{item.key}", item.label.source)
        elif isinstance(question, MultipleChoice):
            codes = sample.codes[f"{key}_{question.options[0].code}"]
            yield _missing_in(codes, key, key, number, question.short.source)
        else:
            yield _missing_in(sample.codes[key], key, key, number, question.short.source)


def _missing_in(
    codes: npt.NDArray[np.int32], question: str, variable: str, number: str, label: str
) -> Missing:
    return Missing(
        question=question,
        variable=variable,
        number=number,
        label=label,
        answered=int((codes >= 0).sum()),
        dont_know=int((codes == DONT_KNOW).sum()),
        rather_not_say=int((codes == RATHER_NOT_SAY).sum()),
        not_applicable=int((codes == NOT_APPLICABLE).sum()),
        skipped=int((codes == SKIPPED).sum()),
        not_shown=int((codes == NOT_SHOWN).sum()),
    )


def _people(sample: Dataset, others: Dataset, area: Area) -> AreaPeople:
    counts = {(row.margin, row.category): row.count for row in sample.population if row.area == area.code}
    totals: dict[str, float] = {}
    for (margin, _), count in counts.items():
        totals[margin] = totals.get(margin, 0.0) + count
    return AreaPeople(
        area=area,
        adults=next(iter(totals.values()), 0.0),
        shares={key: count / totals[key[0]] for key, count in counts.items() if totals[key[0]]},
        respondents=int((sample.texts["area"] == area.code).sum()),
        open_respondents=int((others.texts["area"] == area.code).sum()),
    )


def _total(accounts: Sequence[Account]) -> Account:
    names = Account.__struct_fields__
    return Account(**{name: sum(getattr(account, name) for account in accounts) for name in names})


def response_rates(account: Account) -> tuple[float | None, ...]:
    """AAPOR's RR1 to RR6 (Standard Definitions 2015), shares of 1, None without a denominator.

    The share e of the unknown that is eligible is set to 1: no letter is known to have been undeliverable.
    """
    known = account.complete + account.partial + account.refused + account.non_contact + account.other
    everyone = known + account.unknown
    some, full = account.complete + account.partial, account.complete
    pairs = (
        (full, everyone),
        (some, everyone),
        (full, everyone),
        (some, everyone),
        (full, known),
        (some, known),
    )
    return tuple(above / below if below else None for above, below in pairs)
