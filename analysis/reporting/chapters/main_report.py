"""The main report: its summary and chapters, in the order of the pages."""

from collections.abc import Callable, Collection, Iterator, Sequence
from string import ascii_uppercase

from msgspec.structs import replace

from analysis.reporting import wording
from analysis.reporting.chapters import companion_chapters
from analysis.reporting.chapters.accessibility_annex import accessibility
from analysis.reporting.chapters.annexes import account, area_tables, questions
from analysis.reporting.chapters.association_figures import associations
from analysis.reporting.chapters.building_blocks import CLOSING
from analysis.reporting.chapters.checklists import checklists
from analysis.reporting.chapters.coding_chapter import own_words
from analysis.reporting.chapters.definitions import definitions
from analysis.reporting.chapters.documents import (
    Chapter,
    Conclusion,
    KeyNumber,
    MainReport,
    category_name,
    indicators_named,
    margin_name,
    report_plan,
    status_of,
)
from analysis.reporting.chapters.follow_up import follow_up
from analysis.reporting.chapters.glossary import glossary
from analysis.reporting.chapters.hard_to_reach_figures import hard_to_reach
from analysis.reporting.chapters.model_annexes import model_annexes
from analysis.reporting.chapters.principles import principles
from analysis.reporting.chapters.privacy_annex import privacy
from analysis.reporting.chapters.theme_chapters import theme_chapters
from analysis.reporting.chapters.wave_figures import waves
from analysis.reporting.charts import maps, plots
from analysis.reporting.charts.background import Background, Published
from analysis.reporting.charts.plots import Comparison, Palette
from analysis.reporting.disclosure import SMALLEST_CELL, Suppressed
from analysis.reporting.exports.dataset import Account
from analysis.reporting.figures import (
    indicator_figures,
    model_figures,
    participation_figures,
    question_figures,
)
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed, drawn, in_parts
from analysis.reporting.figures.panel_figures import MOST_MEASURES, area_panels
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.findings.representativeness import AREA
from analysis.reporting.phrases import SOURCE_LANGUAGE, Phrases, later
from analysis.reporting.plans.plan import Annex, ReportPlan
from analysis.reporting.plans.weighting_plan import MarginPlan, margins_used
from analysis.reporting.wording import with_unit
from survey.questionnaires.model import Battery

LATER_LETTERS = ascii_uppercase[3:]
"""Of the annexes that are not in every report; A to C are."""

_ANNEXES: dict[Annex, Callable[[Maker, Outcomes, ReportPlan, str], Chapter]] = {
    "checklists": checklists,
    "accessibility": accessibility,
    "privacy": privacy,
}

_AREA_SENTENCES = 3
"""Most outcomes whose marked areas are named in the summary."""

_AT_PLACES = later(
    "Wie met een strookje of aan een kiosk meedeed, is niet getrokken en telt in geen andere figuur mee."
)


def main_report(outcomes: Outcomes, background: Background, colours: Palette) -> MainReport:
    """All chapters, without the evaluator's own texts; two of them consist of nothing else."""
    report = report_plan(outcomes.plan)
    maker = Maker(outcomes, background, colours)
    phrases = maker.phrases
    headline = indicators_named(outcomes, report.headline)
    # Numbered in the order of the pages: chapters before annexes.
    chapters = (
        _introduction(phrases),
        _method(maker, outcomes),
        _participants(maker, outcomes, report),
        _overview(maker, outcomes, report, background),
        *waves(maker, outcomes, report),
        *principles(maker, outcomes, report),
        *theme_chapters(maker, outcomes, report),
        *own_words(maker, outcomes),
        *follow_up(maker, outcomes, report),
        *hard_to_reach(maker, outcomes, report),
        _areas(maker, outcomes, report),
        *associations(maker, outcomes, report),
        *companion_chapters.companions(maker, outcomes, report),
        _open(maker, outcomes, report),
        _closing(phrases),
        *((glossary(maker, outcomes, report),) if "glossary" in report.annexes else ()),
    )
    annexes = tuple(_annexes(maker, outcomes, report))
    return MainReport(
        title=outcomes.plan.title,
        subtitle=report.subtitle,
        sender=outcomes.questionnaire.fieldwork.sender.source,
        month=phrases.month(outcomes.dataset.export.week),
        status=status_of(outcomes, phrases),
        cover=drawn(maps.cover(phrases, colours, background.shapes)),
        guide=drawn(plots.reading_guide(phrases, colours)),
        attribution=maker.municipality.attribution,
        lead=_summary_lead(outcomes, maker),
        numbers=tuple(_key_number(phrases, outcome) for outcome in headline),
        numbers_note=phrases.say(
            "Basis: {population}, uit de steekproef, gewogen. Tussen haakjes de marge van 95%. {source}",
            population=report.population,
            source=maker.source,
        ),
        conclusions=tuple(_conclusions(maker, outcomes, report, background)),
        chapters=chapters,
        annexes=annexes,
    )


def _annexes(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    letters = iter(LATER_LETTERS)
    yield account(maker, outcomes, report)
    yield questions(maker, outcomes)
    yield area_tables(maker, outcomes, report)
    yield from model_annexes(maker, outcomes, report, letters)
    yield from companion_chapters.all_answers(maker, outcomes, letters)
    yield definitions(maker, outcomes, letters)
    for name in report.annexes:
        if name in _ANNEXES:
            yield _ANNEXES[name](maker, outcomes, report, next(letters))


def _introduction(phrases: Phrases) -> Chapter:
    title = phrases.say("Waarom dit onderzoek?")
    return Chapter(
        anchor="inleiding", kicker=phrases.say("Over dit rapport"), title=title, running=title, lead=""
    )


def _closing(phrases: Phrases) -> Chapter:
    title = phrases.say("Conclusies en aanbevelingen")
    return Chapter(anchor=CLOSING, kicker=phrases.say("Conclusies"), title=title, running=title, lead="")


def _key_number(phrases: Phrases, outcome: Outcome) -> KeyNumber:
    kind, cell = outcome.indicator.kind, outcome.whole
    about = (wording.lower_first(outcome.indicator.label), wording.among(phrases, outcome.question))
    what = ", ".join(filter(None, about))
    if isinstance(cell, Suppressed):
        return KeyNumber(
            value=wording.withheld(phrases, cell),
            what=what,
            margin=f"(n = {wording.base(phrases, cell)})",
            few=True,
        )
    return KeyNumber(
        value=with_unit(phrases, cell.value, kind),
        what=what,
        margin=f"({wording.interval(phrases, cell, kind)}; n = {wording.base(phrases, cell)})",
    )


def _summary_lead(outcomes: Outcomes, maker: Maker) -> str:
    people = maker.phrases.whole(outcomes.respondents)
    sentence = maker.phrases.say(
        "In {month} waren er antwoorden van {people} mensen uit de steekproef in {town}.",
        month=maker.phrases.month(outcomes.dataset.export.week),
        people=people,
        town=maker.municipality.name,
    )
    rate = response_rates(outcomes.invited)[1]
    if rate is not None:
        sentence += maker.phrases.say(
            " Van alle mensen met een code deed {rate}% mee.", rate=plots.percent(100 * rate)
        )
    if outcomes.open_respondents:
        sentence += maker.phrases.say(
            " Nog {people} mensen deden mee via de open link; zij staan apart.",
            people=maker.phrases.whole(outcomes.open_respondents),
        )
    return sentence


def _conclusions(
    maker: Maker, outcomes: Outcomes, report: ReportPlan, background: Background
) -> Iterator[Conclusion]:
    """What the figures say, by rules: shares that are no key number, the marked areas, who is missed."""
    shares = [
        outcome
        for outcome in indicators_named(outcomes, report.profile)
        if outcome.indicator.kind == "proportion"
    ]
    fresh = [outcome for outcome in shares if outcome.indicator.key not in report.headline]
    facts = [fact for outcome in fresh or shares if (fact := _fact(maker.phrases, outcome))]
    yield Conclusion(
        title=maker.phrases.say("Wat bewoners zeggen"),
        sentences=tuple(facts[:4]) or (maker.phrases.say("Er zijn te weinig antwoorden."),),
    )
    yield _area_conclusion(maker.phrases, indicators_named(outcomes, report.profile), maker.municipality.name)
    missed = _missed(_groups(outcomes, report))
    yield Conclusion(
        title=maker.phrases.say("Wie wij minder bereikten")
        if missed
        else maker.phrases.say("De deelnemers lijken op de bevolking"),
        sentences=(
            (
                maker.phrases.say(
                    "Naar verhouding deden minder vaak mee: {groups}.", groups=_quoted(maker.phrases, missed)
                ),
                *_made_up(
                    maker.phrases,
                    missed,
                    _missed(_groups(outcomes, report, margins_used(outcomes.plan.weighting))),
                ),
                maker.phrases.say(
                    "Helemaal herstellen kan een weging dat niet: wie niet meedeed, kan anders denken."
                ),
            )
            if missed
            else (maker.phrases.say("Geen groep wijkt 5 procentpunten of meer af van het CBS."),)
        ),
    )


def _missed(rows: Sequence[Comparison]) -> list[str]:
    """Groups of which at least 5 points fewer took part than live there."""
    return [row.label for row in rows if row.population - (row.unweighted or 0) >= 5]


def missed_groups(outcomes: Outcomes, report: ReportPlan) -> list[tuple[MarginPlan, str]]:
    """The margin and category of every group of which at least 5 points fewer took part than live there."""
    margins = outcomes.plan.weighting.margins
    groups = [(margin, category) for margin in margins for category in margin.categories]
    rows = zip(groups, _groups(outcomes, report), strict=True)
    return [group for group, row in rows if _missed([row])]


def _quoted(phrases: Phrases, names: Sequence[str]) -> str:
    return phrases.names([wording.quoted(name) for name in names])


def _made_up(phrases: Phrases, missed: Sequence[str], weighted: Sequence[str]) -> Iterator[str]:
    """Which of the missed groups the weighting makes up for."""
    if weighted:
        sentence = (
            later(
                "Hun antwoorden tellen zwaarder mee. Zo lijken de uitkomsten meer op die van alle inwoners."
            )
            if weighted == missed
            else later(
                "De antwoorden van {groups} tellen zwaarder mee. Zo lijken de uitkomsten meer op die van "
                "alle inwoners."
            )
        )
        yield phrases.say(sentence, groups=_quoted(phrases, weighted))
    if others := [name for name in missed if name not in weighted]:
        yield phrases.say("Op {groups} is niet gewogen.", groups=_quoted(phrases, others))


def _area_conclusion(phrases: Phrases, chosen: Sequence[Outcome], town: str) -> Conclusion:
    """The marked areas of at most three outcomes, or that there are none, or nothing to compare."""
    marks = {each.indicator.label: [(area.area.name, area.mark) for area in each.areas] for each in chosen}
    found = {mark for row in marks.values() for _, mark in row}
    if not found - {None}:
        return Conclusion(
            title=phrases.say("Nog geen vergelijking van wijken"),
            sentences=(
                phrases.say(
                    "In elke wijk zijn er te weinig antwoorden voor een vergelijking met de rest van {town}.",
                    town=town,
                ),
            ),
        )
    if not found & {"higher", "lower"}:
        compared = phrases.counted(len(chosen), "uitkomst", "uitkomsten")
        return Conclusion(
            title=phrases.say("Geen duidelijke verschillen tussen de wijken"),
            sentences=(
                phrases.say(
                    "Wij vergeleken de wijken op {outcomes}. Bij geen ervan is een verschil aangetoond.",
                    outcomes=compared,
                ),
            ),
        )
    sentences = [
        f"{label}: {wording.lower_first(wording.areas_title(phrases, row, town))}."
        for label, row in marks.items()
        if {"higher", "lower"} & {mark for _, mark in row}
    ]
    more = len(sentences) - _AREA_SENTENCES
    rest = phrases.say(
        "Bij nog {outcomes} verschilt een wijk van de rest.",
        outcomes=phrases.counted(more, "uitkomst", "uitkomsten"),
    )
    return Conclusion(
        title=phrases.say("Verschillen tussen de wijken"),
        sentences=(*sentences[:_AREA_SENTENCES], *((rest,) if more > 0 else ())),
    )


def _fact(phrases: Phrases, outcome: Outcome) -> str | None:
    """A share of all residents as a sentence, with its margin and about whom it is."""
    cell = outcome.whole
    if isinstance(cell, Suppressed):
        return None
    behind = (wording.among(phrases, outcome.question), wording.margin(phrases, cell, "proportion"))
    return wording.fact(
        phrases, with_unit(phrases, cell.value, "proportion"), outcome.indicator.label, "proportion", behind
    )


def _method(maker: Maker, outcomes: Outcomes) -> Chapter:
    questionnaire = outcomes.questionnaire
    lines = [
        Line(
            label=(block.title.source,),
            cells=(
                Printed(text=", ".join(dict.fromkeys(each.provenance.number for each in block.questions))),
                Printed(text=maker.phrases.whole(_acts(block.questions))),
            ),
        )
        for block in questionnaire.blocks
    ]
    figures = (
        _participation_table(maker, outcomes),
        maker.table(
            maker.phrases.say(
                "De vragenlijst heeft {parts}",
                parts=maker.phrases.counted(len(questionnaire.blocks), "onderdeel", "onderdelen"),
            ),
            maker.phrases.say(
                "Onderdelen, nummers van de vragen, en het aantal keren dat iemand antwoordt als "
                "alle vragen langskomen"
            ),
            (
                Column(label=maker.phrases.say("Onderdeel"), width=56, style=""),
                Column(label=maker.phrases.say("vragen"), width=84, style="mark"),
                Column(label=maker.phrases.say("antwoorden")),
            ),
            lines,
            maker.phrases.say(
                "Iedereen mocht elke vraag overslaan. De teksten van de vragen staan in bijlage B."
            ),
        ),
    )
    return Chapter(
        anchor="gevraagd",
        kicker=maker.phrases.say("Over het onderzoek"),
        title=maker.phrases.say("Wat is gevraagd, en aan wie?"),
        running=maker.phrases.say("Wat is gevraagd?"),
        lead=maker.phrases.say(
            "Mensen kregen een brief met een eigen code. Wie geen code had, kon meedoen via een "
            "open link. Die antwoorden tellen wij apart."
        ),
        figures=figures,
    )


def _acts(questions: Sequence[object]) -> int:
    return sum(len(each.items) if isinstance(each, Battery) else 1 for each in questions)


def _participation_table(maker: Maker, outcomes: Outcomes) -> Figure:
    invited, others = outcomes.invited, outcomes.participation
    rate = response_rates(invited)[1]
    routes = (
        (later("Met een strookje uit een Huis van de Buurt"), outcomes.slips),
        (later("Aan een kiosk"), outcomes.kiosks),
    )
    at_places = [(route, account) for route, account in routes if account != Account()]
    lines = (
        Line(
            label=(maker.phrases.say("Steekproef: mensen met een code"),),
            cells=_account_cells(
                maker.phrases,
                invited,
                maker.phrases.whole(invited.issued),
                wording.NONE if rate is None else f"{plots.percent(100 * rate)}%",
            ),
        ),
        Line(
            label=(maker.phrases.say("Open deelname: mensen zonder code"),),
            cells=_account_cells(maker.phrases, others, wording.NONE, maker.phrases.say("geen respons")),
        ),
        *(
            Line(
                label=(maker.phrases.say(route),),
                cells=_account_cells(maker.phrases, account, wording.NONE, maker.phrases.say("geen respons")),
            )
            for route, account in at_places
        ),
    )
    title = (
        maker.phrases.say(
            "{people} van de {issued} mensen met een code deden mee",
            people=maker.phrases.whole(invited.complete + invited.partial),
            issued=maker.phrases.whole(invited.issued),
        )
        if invited.issued
        else maker.phrases.say(
            "{people} mensen met een code deden mee",
            people=maker.phrases.whole(invited.complete + invited.partial),
        )
    )
    return maker.table(
        title,
        maker.phrases.say("Deelname per route, aantallen mensen"),
        (
            Column(label=maker.phrases.say("Route"), width=58, style=""),
            Column(label=maker.phrases.say("codes")),
            Column(label=maker.phrases.say("volledig ingevuld")),
            Column(label=maker.phrases.say("voor een deel ingevuld")),
            Column(label=maker.phrases.say("te weinig ingevuld")),
            Column(label=maker.phrases.say("respons")),
        ),
        lines,
        maker.phrases.say(
            "Respons volgens AAPOR (RR2): volledig en voor een deel ingevuld, gedeeld door alle "
            "codes. Bij open deelname is niet bekend hoeveel mensen de link zagen. Daarom is er "
            "geen respons en geen marge. {places}{source}",
            places=f"{maker.phrases.say(_AT_PLACES)} " if at_places else "",
            source=maker.source,
        ),
    )


def _account_cells(phrases: Phrases, account: Account, codes: str, rate: str) -> tuple[Printed, ...]:
    return (
        Printed(text=codes),
        Printed(text=phrases.whole(account.complete)),
        Printed(text=phrases.whole(account.partial)),
        Printed(text=phrases.whole(account.refused)),
        Printed(text=rate, style="strong"),
    )


def _participants(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    rows = _groups(outcomes, report)
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
    figures = list(participation_figures.participants(maker, rows, counts, note))
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
        question_figures.distribution(maker, distribution, report.population)
        for key in report.background
        for distribution in outcomes.distributions
        if distribution.question.key == key
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
    return phrases.say("Door de weging telt {each} zo zwaar als zij in de bevolking voorkomt. ", each=each)


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


def _groups(outcomes: Outcomes, report: ReportPlan, among: Collection[str] | None = None) -> list[Comparison]:
    """Every category of the margins (of those `among`), in percent of those whose answer is known."""
    return [comparison for comparison, _ in _groups_and_counts(outcomes, report, among)]


def _group_counts(outcomes: Outcomes, report: ReportPlan) -> list[int]:
    return [count for _, count in _groups_and_counts(outcomes, report)]


def _groups_and_counts(
    outcomes: Outcomes, report: ReportPlan, among: Collection[str] | None = None
) -> Iterator[tuple[Comparison, int]]:
    margins = outcomes.plan.weighting.margins
    for margin in (each for each in margins if among is None or each.population in among):
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


def _overview(maker: Maker, outcomes: Outcomes, report: ReportPlan, background: Background) -> Chapter:
    shares = [each for each in outcomes.indicators if each.indicator.kind == "proportion"]
    means = [each for each in outcomes.indicators if each.indicator.kind == "mean"]
    figures = [indicator_figures.overview(maker, part, report.population) for part in in_parts(shares, 18)]
    if means:
        figures.append(indicator_figures.means(maker, means, report.population))
    compared = list(_comparisons(maker.phrases, outcomes, background))
    if compared:
        figures.append(_comparison_table(maker, compared))
    return Chapter(
        anchor="totaalbeeld",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Totaalbeeld"),
        running=maker.phrases.say("Totaalbeeld"),
        lead=maker.phrases.say(
            "Alle uitkomsten voor {town} bij elkaar. De hoofdstukken hierna zetten de antwoorden "
            "op rij per leidend principe.",
            town=maker.municipality.name,
        ),
        figures=tuple(figures),
    )


def _comparisons(
    phrases: Phrases, outcomes: Outcomes, background: Background
) -> Iterator[tuple[Outcome, Published]]:
    """Published figures about the same question, in the same unit, that may be compared."""
    for outcome in outcomes.indicators:
        key = outcome.question.provenance.comparison
        unit = "%" if outcome.indicator.kind == "proportion" else outcome.question
        for published in background.published:
            known = published.comparable in ("yes", "limited") and published.key == key
            same = published.unit == "%" if unit == "%" else published.unit in {"1-10", "0-10"}
            whole_area = published.area in (outcomes.questionnaire.municipality.code, "NL")
            if known and same and whole_area:
                yield outcome, published


def _comparison_table(maker: Maker, compared: Sequence[tuple[Outcome, Published]]) -> Figure:
    lines = [
        Line(
            label=plots.wrapped(published.indicator, 40),
            language=SOURCE_LANGUAGE,
            cells=(
                Printed(text=published.area_name, language=SOURCE_LANGUAGE),
                Printed(text=published.year or maker.phrases.say("onbekend")),
                Printed(
                    text=f"{maker.phrases.decimal(published.value, 0)}%"
                    if published.unit == "%"
                    else maker.phrases.decimal(published.value)
                ),
                Printed(
                    text=wording.NONE
                    if isinstance(outcome.whole, Suppressed)
                    else with_unit(maker.phrases, outcome.whole.value, outcome.indicator.kind),
                    style="strong",
                ),
                Printed(text=wording.interval(maker.phrases, outcome.whole, outcome.indicator.kind)),
                Printed(
                    text=maker.phrases.say("uit de tweede hand")
                    if published.source_kind == "secondary"
                    else maker.phrases.say("eerste hand")
                ),
            ),
        )
        for outcome, published in compared
    ]
    made = maker.table(
        maker.phrases.say("Eerdere cijfers geven richting, geen trend"),
        maker.phrases.say(
            "Gepubliceerde cijfers naast de uitkomst nu; de vraag of de doelgroep was niet precies dezelfde"
        ),
        (
            Column(label=maker.phrases.say("Onderwerp in de bron"), width=58, style=""),
            Column(label=maker.phrases.say("gebied"), width=22, style="mark"),
            Column(label=maker.phrases.say("jaar"), width=13),
            Column(label=maker.phrases.say("toen"), width=13),
            Column(label=maker.phrases.say("nu"), width=13),
            Column(label=maker.phrases.say("marge nu"), width=18),
            Column(label=maker.phrases.say("soort bron"), width=29, style="mark"),
        ),
        lines,
        _kinds_of_sources(maker, [published for _, published in compared]),
    )
    sources = "; ".join(dict.fromkeys(published.source for _, published in compared))
    found: Figure = replace(made, sources=sources)
    return found


def _kinds_of_sources(maker: Maker, compared: Sequence[Published]) -> str:
    second_hand = maker.phrases.say(
        "Uit de tweede hand: overgenomen uit een krant of een weblog over het onderzoek, nog "
        "niet vergeleken met het origineel."
    )
    there = any(published.source_kind == "secondary" for published in compared)
    return " ".join((*((second_hand,) if there else ()), maker.source))


def _areas(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    chosen = indicators_named(outcomes, report.profile)
    central = indicators_named(outcomes, report.headline)
    (mapped,) = indicators_named(outcomes, (report.map,))
    drawn = indicator_figures.area_map(maker, mapped)
    others = [
        each
        for each in chosen
        if each is not mapped and any(area.mark in ("higher", "lower") for area in each.areas)
    ]
    figures = [
        *((drawn,) if drawn is not None else ()),
        indicator_figures.area_dots(maker, mapped, report.population),
        *(indicator_figures.area_dots(maker, each, report.population) for each in others[:3]),
        *(area_panels(maker, part, report.population) for part in in_parts(central, MOST_MEASURES)),
        *(indicator_figures.area_matrix(maker, part) for part in in_parts(chosen, 7)),
    ]
    return Chapter(
        anchor="wijken",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Verschillen tussen de wijken"),
        running=maker.phrases.say("Verschillen tussen de wijken"),
        lead=maker.phrases.say(
            "Elke wijk staat naast de rest van de stad. Een teken staat er alleen als het "
            "verschil geen toeval lijkt en groot genoeg is om ertoe te doen."
        ),
        figures=tuple(figures),
    )


def _open(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    lines = []
    for outcome in indicators_named(outcomes, tuple(dict.fromkeys((*report.headline, *report.profile)))):
        kind, seen = outcome.indicator.kind, outcome.open
        hidden = isinstance(seen, Suppressed)
        lines.append(
            Line(
                label=(outcome.indicator.label,),
                cells=(
                    Printed(text=wording.base(maker.phrases, seen)),
                    Printed(
                        text=maker.phrases.say("te weinig antwoorden")
                        if isinstance(seen, Suppressed)
                        else with_unit(maker.phrases, seen.value, kind),
                        style="few" if hidden else "strong",
                    ),
                    Printed(
                        text=wording.NONE
                        if isinstance(outcome.whole, Suppressed)
                        else with_unit(maker.phrases, outcome.whole.value, kind)
                    ),
                ),
            )
        )
    table = maker.table(
        maker.phrases.say(
            "{people} mensen deden mee via de open link",
            people=maker.phrases.whole(outcomes.open_respondents),
        ),
        maker.phrases.say(
            "Open deelname ongewogen en zonder marge, naast de gewogen uitkomst van de steekproef"
        ),
        (
            Column(label=maker.phrases.say("Uitkomst"), width=80, style=""),
            Column(label=maker.phrases.say("n open deelname")),
            Column(label=maker.phrases.say("open deelname")),
            Column(label=maker.phrases.say("steekproef")),
        ),
        lines,
        maker.phrases.say(
            "Wie via de open link meedoet, kiest daar zelf voor. Wij weten niet hoeveel mensen "
            "de link zagen, en meer dan één keer meedoen is niet uit te sluiten. Daarom is er "
            "geen respons en geen marge, en zeggen deze cijfers niets over alle inwoners. "
            "{source}",
            source=maker.source,
        ),
    )
    return Chapter(
        anchor="open",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Open deelname"),
        running=maker.phrases.say("Open deelname"),
        lead=maker.phrases.say(
            "Iedereen kon meedoen via een open link. Deze antwoorden staan hier apart. Ze tellen "
            "niet mee in de andere figuren."
        )
        + (
            maker.phrases.say(" Een schatting met een model staat in bijlage D.")
            if outcomes.open_margins
            else ""
        ),
        figures=(table,),
    )
