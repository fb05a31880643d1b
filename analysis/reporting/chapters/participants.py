"""The chapter on who took part: groups of the sample beside the population."""

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, category_name, margin_name
from analysis.reporting.charts import plots
from analysis.reporting.charts.plots import Comparison
from analysis.reporting.disclosure import SMALLEST_CELL, Cell, Suppressed
from analysis.reporting.figures import model_figures, participation_figures, question_figures
from analysis.reporting.figures.making import Figure, Maker
from analysis.reporting.figures.published_figures import Beside, beside_published, of_everybody
from analysis.reporting.findings.outcome_values import Distribution
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.representativeness import AREA
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.weighting_plan import MarginPlan, margins_used
from analysis.reporting.wording import Mark


def participants(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    rows = groups(outcomes, report)
    counts = _group_counts(outcomes, report)
    estimated = any(row.status == "estimate" for row in outcomes.dataset.population)
    known = maker.phrases.say(
        "Basis: {population}, uit de steekproef, n = {respondents}. Percentages zijn berekend over wie "
        "antwoord gaf.",
        population=report.population,
        respondents=maker.phrases.whole(outcomes.respondents),
    )
    counts_from = maker.phrases.say(
        later("Bron van de bevolkingscijfers: CBS, voor een deel met een eigen schatting (bijlage A).")
        if estimated
        else later("Bron van de bevolkingscijfers: CBS.")
    )
    note = f"{known} {counts_from} {maker.source}"
    more, less = (_names(marked_groups(outcomes, mark), report) for mark in ("higher", "lower"))
    figures = list(participation_figures.participants(maker, rows, counts, more, less, note))
    if outcomes.balances:
        figures.append(_balances(maker, outcomes, report))
    if outcomes.short_form:
        figures.append(
            participation_figures.short_form(
                maker,
                outcomes.short_form,
                lambda margin: margin_name(margin, report),
                lambda margin, category: category_name(margin, category, report),
            )
        )
    figures += [
        figure
        for key in report.background
        for distribution in outcomes.distributions
        if distribution.question.key == key
        for figure in (
            question_figures.distribution(maker, distribution, report.population),
            *_published(maker, distribution, report),
        )
    ]
    return Chapter(
        anchor="deelnemers",
        kicker=maker.phrases.say("Over het onderzoek"),
        title=maker.phrases.say("Wie deden mee?"),
        running=maker.phrases.say("Wie deden mee?"),
        lead=maker.phrases.say(
            "Niet elke groep deed even vaak mee. {weighted_groups}Daarna staan hier de andere "
            "kenmerken van de deelnemers.",
            weighted_groups=_weighted_groups(maker.phrases, outcomes, report),
        ),
        figures=tuple(figures),
    )


def _published(maker: Maker, distribution: Distribution, report: ReportPlan) -> Iterator[Figure]:
    """What others published of a group that is all but one answer to a question, beside what it is here."""
    published = [*of_everybody(maker, distribution.question, "proportion")]
    for group in report.groups if published else ():
        others = [each.cell for each in distribution.answers if not set(each.codes) & set(group.codes)]
        if group.variable != distribution.variable or len(others) != 1:
            continue
        share = _all_but(others[0])
        compared = [Beside(each, share, "proportion") for each in published]
        told = [f"{plots.percent(each.value)}% ({each.year})" for each in published]
        said = (
            wording.withheld(maker.phrases, share)
            if isinstance(share, Suppressed)
            else wording.with_unit(maker.phrases, share.value, "proportion")
        )
        yield beside_published(
            maker,
            maker.phrases.say(
                "{group}: {share} nu, {published} volgens een ander",
                group=group.name,
                share=said,
                published=maker.phrases.names(told),
            ),
            compared,
            maker.note([distribution], report.population).removesuffix(maker.source).strip(),
        )


def _all_but(cell: Cell) -> Cell:
    """The share of all who gave another answer."""
    if isinstance(cell, Suppressed):
        return cell
    return replace(cell, value=1 - cell.value, low=1 - cell.high, high=1 - cell.low)


def _weighted_groups(phrases: Phrases, outcomes: Outcomes, report: ReportPlan) -> str:
    """Which groups count for as much as they are of the population; ends in a space, empty when none do."""
    used = margins_used(outcomes.plan.weighting)
    margins = [margin.population for margin in outcomes.plan.weighting.margins]
    names = [wording.lower_first(margin_name(margin, report)) for margin in margins if margin in used]
    if not names:
        return ""
    each = (
        phrases.say("elke groep hier")
        if len(names) == len(margins)
        else phrases.say("elke groep van {names}", names=phrases.names(names))
    )
    return phrases.say("Door de weging telt {each} even zwaar als in de bevolking. ", each=each)


def _balances(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Figure:
    areas = {area.code: area.name for area in maker.municipality.areas}
    return model_figures.balances(
        maker,
        outcomes.balances,
        lambda margin: maker.phrases.say("Wijk") if margin == AREA else margin_name(margin, report),
        lambda margin, category: (
            areas[category] if margin == AREA else category_name(margin, category, report)
        ),
    )


def marked_groups(outcomes: Outcomes, mark: Mark) -> list[tuple[MarginPlan, str]]:
    """The margin and category of every group that the table on response marks so."""
    marks = {
        (each.margin, group.category): group.response.mark
        for each in outcomes.balances
        for group in each.groups
        if group.response is not None
    }
    return [
        (margin, category)
        for margin in outcomes.plan.weighting.margins
        for category in margin.categories
        if marks.get((margin.population, category)) == mark
    ]


def _names(groups: Iterable[tuple[MarginPlan, str]], report: ReportPlan) -> list[str]:
    return [category_name(margin.population, category, report) for margin, category in groups]


def missed(outcomes: Outcomes, report: ReportPlan, among: Collection[str] | None = None) -> list[str]:
    """The groups, by name, that took part less often (those of the margins `among`)."""
    groups = marked_groups(outcomes, "lower")
    return _names([each for each in groups if among is None or each[0].population in among], report)


def missed_areas(outcomes: Outcomes) -> list[str]:
    """The areas, by name, in which fewer people answered than on average, as the table on response marks."""
    names = {area.code: area.name for area in outcomes.questionnaire.municipality.areas}
    return [
        names[group.category]
        for each in outcomes.balances
        if each.margin == AREA
        for group in each.groups
        if group.response is not None and group.response.mark == "lower"
    ]


def groups(outcomes: Outcomes, report: ReportPlan) -> list[Comparison]:
    """Every category of the margins, in percent of those whose answer is known."""
    return [comparison for comparison, _ in _groups_and_counts(outcomes, report)]


def _group_counts(outcomes: Outcomes, report: ReportPlan) -> list[int]:
    return [count for _, count in _groups_and_counts(outcomes, report)]


def _groups_and_counts(outcomes: Outcomes, report: ReportPlan) -> Iterator[tuple[Comparison, int]]:
    for margin in outcomes.plan.weighting.margins:
        levels = [
            level
            for level in outcomes.weighting.margins
            if level.margin == margin.population and level.population is not None
        ]
        names = report.margins.get(margin.population)
        people = sum(level.respondents for level in levels) or 1
        after = sum(level.after for level in levels) or 1
        population = sum(level.population or 0 for level in levels) or 1
        for category in margin.categories:
            here = [level for level in levels if level.category == category]
            count = sum(level.respondents for level in here)
            yield (
                Comparison(
                    group=margin.population if names is None else names.label,
                    label=category_name(margin.population, category, report),
                    unweighted=None if 0 < count < SMALLEST_CELL else 100 * count / people,
                    weighted=100 * sum(level.after for level in here) / after,
                    population=100 * sum(level.population or 0 for level in here) / population,
                ),
                count,
            )
