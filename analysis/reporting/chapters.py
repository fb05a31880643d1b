"""The main report: its summary and chapters, in the order of the pages."""

from collections.abc import Collection, Iterator, Sequence
from string import ascii_uppercase

from analysis.reporting import (
    charts,
    companion_chapters,
    indicator_figures,
    model_figures,
    participation_figures,
    question_figures,
    wording,
)
from analysis.reporting.annexes import account, area_tables, questions
from analysis.reporting.association_figures import associations
from analysis.reporting.background import Background, Published
from analysis.reporting.building_blocks import CLOSING
from analysis.reporting.charts import Comparison, Palette
from analysis.reporting.dataset import Account
from analysis.reporting.disclosure import SMALLEST_CELL, Suppressed
from analysis.reporting.documents import (
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
from analysis.reporting.figures import Column, Figure, Line, Maker, Printed, drawn
from analysis.reporting.follow_up import follow_up
from analysis.reporting.hard_to_reach_figures import hard_to_reach
from analysis.reporting.model_annexes import model_annexes
from analysis.reporting.outcome_values import Outcome
from analysis.reporting.outcomes import Outcomes, response_rates
from analysis.reporting.plan import ReportPlan
from analysis.reporting.principles import principles
from analysis.reporting.representativeness import AREA
from analysis.reporting.weighting_plan import MarginPlan, margins_used
from analysis.reporting.wording import whole, with_unit
from survey.questionnaires.model import Battery

LATER_LETTERS = ascii_uppercase[3:]
"""Of the annexes that are not in every report; A to C are."""

_AREA_SENTENCES = 3
_AT_PLACES = (
    "Wie met een strookje of aan een kiosk meedeed, is niet getrokken en telt in geen andere figuur mee. "
)
"""Most outcomes whose marked areas are named in the summary."""


_INTRODUCTION = Chapter(
    anchor="inleiding",
    kicker="Over dit rapport",
    title="Waarom dit onderzoek?",
    running="Waarom dit onderzoek?",
    lead="",
)
_CLOSING = Chapter(
    anchor=CLOSING,
    kicker="Conclusies",
    title="Conclusies en aanbevelingen",
    running="Conclusies en aanbevelingen",
    lead="",
)


def main_report(outcomes: Outcomes, background: Background, colours: Palette) -> MainReport:
    """All chapters, without the evaluator's own texts; two of them consist of nothing else."""
    report = report_plan(outcomes.plan)
    maker = Maker(outcomes, background, colours)
    headline = indicators_named(outcomes, report.headline)
    # Numbered in the order of the pages.
    letters = iter(LATER_LETTERS)
    chapters = (
        _INTRODUCTION,
        _method(maker, outcomes),
        _participants(maker, outcomes, report),
        _overview(maker, outcomes, report, background),
        *principles(maker, outcomes, report),
        *follow_up(maker, outcomes, report),
        *hard_to_reach(maker, outcomes, report),
        _areas(maker, outcomes, report),
        *associations(maker, outcomes, report),
        *companion_chapters.companions(maker, outcomes, report),
        _open(maker, outcomes, report),
        _CLOSING,
        account(maker, outcomes, report),
        questions(maker, outcomes),
        area_tables(maker, outcomes, report),
        *model_annexes(maker, outcomes, report, letters),
        *companion_chapters.all_answers(maker, outcomes, letters),
    )
    return MainReport(
        title=outcomes.plan.title,
        subtitle=report.subtitle,
        sender=outcomes.questionnaire.fieldwork.sender.source,
        month=wording.month(outcomes.dataset.export.week),
        status=status_of(outcomes),
        cover=drawn(charts.cover(colours, background.shapes)),
        guide=drawn(charts.reading_guide(colours)),
        attribution=maker.municipality.attribution,
        lead=_summary_lead(outcomes, maker),
        numbers=tuple(_key_number(outcome) for outcome in headline),
        numbers_note=f"Basis: {report.population}, uit de steekproef, gewogen. Tussen haakjes de marge "
        f"van 95%. {maker.source}",
        conclusions=tuple(_conclusions(maker, outcomes, report, background)),
        chapters=chapters,
    )


def _key_number(outcome: Outcome) -> KeyNumber:
    kind, cell = outcome.indicator.kind, outcome.whole
    about = (wording.lower_first(outcome.indicator.label), wording.among(outcome.question))
    what = ", ".join(filter(None, about))
    if isinstance(cell, Suppressed):
        return KeyNumber(
            value=wording.withheld(cell), what=what, margin=f"(n = {wording.base(cell)})", few=True
        )
    return KeyNumber(
        value=with_unit(cell.value, kind),
        what=what,
        margin=f"({wording.interval(cell, kind)}; n = {wording.base(cell)})",
    )


def _summary_lead(outcomes: Outcomes, maker: Maker) -> str:
    people = whole(outcomes.respondents)
    sentence = (
        f"In {wording.month(outcomes.dataset.export.week)} waren er antwoorden van {people} mensen uit de "
        f"steekproef in {maker.municipality.name}."
    )
    rate = response_rates(outcomes.invited)[1]
    if rate is not None:
        sentence += f" Van alle mensen met een code deed {charts.percent(100 * rate)}% mee."
    if outcomes.open_respondents:
        sentence += (
            f" Nog {whole(outcomes.open_respondents)} mensen deden mee via de open link; zij staan apart."
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
    facts = [fact for outcome in fresh or shares if (fact := _fact(outcome))]
    yield Conclusion(
        title="Wat bewoners zeggen", sentences=tuple(facts[:4]) or (f"Er zijn {charts.TOO_FEW}.",)
    )
    yield _area_conclusion(indicators_named(outcomes, report.profile), maker.municipality.name)
    missed = _missed(_groups(outcomes, report))
    yield Conclusion(
        title="Wie wij minder bereikten" if missed else "De deelnemers lijken op de bevolking",
        sentences=(
            (
                f"Naar verhouding deden minder vaak mee: {_quoted(missed)}.",
                *_made_up(missed, _missed(_groups(outcomes, report, margins_used(outcomes.plan.weighting)))),
                "Helemaal herstellen kan een weging dat niet: wie niet meedeed, kan anders denken.",
            )
            if missed
            else ("Geen groep wijkt 5 procentpunten of meer af van het CBS.",)
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


def _quoted(names: Sequence[str]) -> str:
    return wording.listed([wording.quoted(name) for name in names])


def _made_up(missed: Sequence[str], weighted: Sequence[str]) -> Iterator[str]:
    """Which of the missed groups the weighting makes up for."""
    if weighted:
        whose = "Hun antwoorden" if weighted == missed else f"De antwoorden van {_quoted(weighted)}"
        yield f"{whose} tellen zwaarder mee. Zo lijken de uitkomsten meer op die van alle inwoners."
    if others := [name for name in missed if name not in weighted]:
        yield f"Op {_quoted(others)} is niet gewogen."


def _area_conclusion(chosen: Sequence[Outcome], town: str) -> Conclusion:
    """The marked areas of at most three outcomes, or that there are none, or nothing to compare."""
    marks = {each.indicator.label: [(area.area.name, area.mark) for area in each.areas] for each in chosen}
    found = {mark for row in marks.values() for _, mark in row}
    if not found - {None}:
        return Conclusion(
            title="Nog geen vergelijking van wijken",
            sentences=(
                f"In elke wijk zijn er {charts.TOO_FEW} voor een vergelijking met de rest van {town}.",
            ),
        )
    if not found & {"higher", "lower"}:
        compared = wording.counted(len(chosen), "uitkomst", "uitkomsten")
        return Conclusion(
            title="Geen duidelijke verschillen tussen de wijken",
            sentences=(
                f"Wij vergeleken de wijken op {compared}. Bij geen ervan is een verschil aangetoond.",
            ),
        )
    sentences = [
        f"{label}: {wording.lower_first(wording.areas_title(row, town))}."
        for label, row in marks.items()
        if {"higher", "lower"} & {mark for _, mark in row}
    ]
    more = len(sentences) - _AREA_SENTENCES
    rest = f"Bij nog {wording.counted(more, 'uitkomst', 'uitkomsten')} verschilt een wijk van de rest."
    return Conclusion(
        title="Verschillen tussen de wijken",
        sentences=(*sentences[:_AREA_SENTENCES], *((rest,) if more > 0 else ())),
    )


def _fact(outcome: Outcome) -> str | None:
    """A share of all residents as a sentence, with its margin and about whom it is."""
    cell = outcome.whole
    if isinstance(cell, Suppressed):
        return None
    behind = (wording.among(outcome.question), wording.margin(cell, "proportion"))
    return wording.fact(with_unit(cell.value, "proportion"), outcome.indicator.label, "proportion", behind)


def _method(maker: Maker, outcomes: Outcomes) -> Chapter:
    questionnaire = outcomes.questionnaire
    lines = [
        Line(
            label=(block.title.source,),
            cells=(
                Printed(text=", ".join(dict.fromkeys(each.provenance.number for each in block.questions))),
                Printed(text=whole(_acts(block.questions))),
            ),
        )
        for block in questionnaire.blocks
    ]
    figures = (
        _participation_table(maker, outcomes),
        maker.table(
            f"De vragenlijst heeft {wording.counted(len(questionnaire.blocks), 'onderdeel', 'onderdelen')}",
            "Onderdelen, nummers van de vragen, en het aantal keren dat iemand antwoordt als alle vragen "
            "langskomen",
            (
                Column(label="Onderdeel", width=56, style=""),
                Column(label="vragen", width=84, style="mark"),
                Column(label="antwoorden"),
            ),
            lines,
            "Iedereen mocht elke vraag overslaan. De teksten van de vragen staan in bijlage B.",
        ),
    )
    return Chapter(
        anchor="gevraagd",
        kicker="Over het onderzoek",
        title="Wat is gevraagd, en aan wie?",
        running="Wat is gevraagd?",
        lead="Mensen kregen een brief met een eigen code. Wie geen code had, kon meedoen via een open link. "
        "Die antwoorden tellen wij apart.",
        figures=figures,
    )


def _acts(questions: Sequence[object]) -> int:
    return sum(len(each.items) if isinstance(each, Battery) else 1 for each in questions)


def _participation_table(maker: Maker, outcomes: Outcomes) -> Figure:
    invited, others = outcomes.invited, outcomes.participation
    rate = response_rates(invited)[1]
    routes = (
        ("Met een strookje uit een Huis van de Buurt", outcomes.slips),
        ("Aan een kiosk", outcomes.kiosks),
    )
    at_places = [(route, account) for route, account in routes if account != Account()]
    lines = (
        Line(
            label=("Steekproef: mensen met een code",),
            cells=_account_cells(
                invited,
                whole(invited.issued),
                wording.NONE if rate is None else f"{charts.percent(100 * rate)}%",
            ),
        ),
        Line(
            label=("Open deelname: mensen zonder code",), cells=_account_cells(others, wording.NONE, "geen")
        ),
        *(
            Line(label=(route,), cells=_account_cells(account, wording.NONE, "geen"))
            for route, account in at_places
        ),
    )
    title = (
        f"{whole(invited.complete + invited.partial)} van de {whole(invited.issued)} mensen met een code "
        "deden mee"
        if invited.issued
        else f"{whole(invited.complete + invited.partial)} mensen met een code deden mee"
    )
    return maker.table(
        title,
        "Deelname per route, aantallen mensen",
        (
            Column(label="Route", width=58, style=""),
            Column(label="codes"),
            Column(label="volledig ingevuld"),
            Column(label="voor een deel ingevuld"),
            Column(label="te weinig ingevuld"),
            Column(label="respons"),
        ),
        lines,
        "Respons volgens AAPOR (RR2): volledig en voor een deel ingevuld, gedeeld door alle codes. Bij "
        "open deelname "
        "is niet bekend hoeveel mensen de link zagen. Daarom is er geen respons en geen marge. "
        f"{_AT_PLACES if at_places else ''}"
        f"{maker.source}",
    )


def _account_cells(account: Account, codes: str, rate: str) -> tuple[Printed, ...]:
    return (
        Printed(text=codes),
        Printed(text=whole(account.complete)),
        Printed(text=whole(account.partial)),
        Printed(text=whole(account.refused)),
        Printed(text=rate, style="strong"),
    )


def _participants(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    rows = _groups(outcomes, report)
    counts = _group_counts(outcomes, report)
    estimated = any(row.status == "estimate" for row in outcomes.dataset.population)
    note = (
        f"Basis: {report.population}, uit de steekproef, n = {whole(outcomes.respondents)}. Percentages "
        "zijn berekend "
        "over wie antwoord gaf. Bron van de bevolkingscijfers: CBS"
        + (", voor een deel met een eigen schatting (bijlage A). " if estimated else ". ")
        + maker.source
    )
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
        kicker="Over het onderzoek",
        title="Wie deden mee?",
        running="Wie deden mee?",
        lead=f"Niet elke groep deed even vaak mee. {_weighted_groups(outcomes, report)}Daarna staan hier de "
        "andere kenmerken van de deelnemers.",
        figures=tuple(figures),
    )


def _weighted_groups(outcomes: Outcomes, report: ReportPlan) -> str:
    """Which groups count for as much as they are of the population; ends in a space, empty when none do."""
    used = margins_used(outcomes.plan.weighting)
    margins = [margin.population for margin in outcomes.plan.weighting.margins]
    names = [wording.lower_first(margin_name(margin, report)) for margin in margins if margin in used]
    if not names:
        return ""
    each = "elke groep hier" if len(names) == len(margins) else f"elke groep van {wording.listed(names)}"
    return f"Door de weging telt {each} zo zwaar als zij in de bevolking voorkomt. "


def _balances(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Figure:
    areas = {area.code: area.name for area in maker.municipality.areas}
    return model_figures.balances(
        maker,
        outcomes.balances,
        lambda margin: "Wijk" if margin == AREA else margin_name(margin, report),
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
    figures = [indicator_figures.overview(maker, part, report.population) for part in _parts(shares, 18)]
    if means:
        figures.append(indicator_figures.means(maker, means, report.population))
    compared = list(_comparisons(outcomes, background))
    if compared:
        figures.append(_comparison_table(maker, compared))
    return Chapter(
        anchor="totaalbeeld",
        kicker="Uitkomsten",
        title="Totaalbeeld",
        running="Totaalbeeld",
        lead=f"Alle uitkomsten voor {maker.municipality.name} bij elkaar. De hoofdstukken hierna zetten "
        "de antwoorden "
        "op rij per leidend principe.",
        figures=tuple(figures),
    )


def _parts(outcomes: Sequence[Outcome], size: int) -> Iterator[Sequence[Outcome]]:
    """In pieces of about the same length, so that each fits on a page."""
    number = -(-len(outcomes) // size) or 1
    length = -(-len(outcomes) // number) or 1
    return (outcomes[start : start + length] for start in range(0, len(outcomes), length))


def _comparisons(outcomes: Outcomes, background: Background) -> Iterator[tuple[Outcome, Published]]:
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
            label=charts.wrapped(published.indicator, 40),
            cells=(
                Printed(text=published.area_name),
                Printed(text=published.year or "onbekend"),
                Printed(
                    text=f"{wording.decimal(published.value, 0)}%"
                    if published.unit == "%"
                    else wording.decimal(published.value)
                ),
                Printed(
                    text=wording.NONE
                    if isinstance(outcome.whole, Suppressed)
                    else with_unit(outcome.whole.value, outcome.indicator.kind),
                    style="strong",
                ),
                Printed(text=wording.interval(outcome.whole, outcome.indicator.kind)),
                Printed(text="uit de tweede hand" if published.source_kind == "secondary" else "eerste hand"),
            ),
        )
        for outcome, published in compared
    ]
    sources = "; ".join(dict.fromkeys(published.source for _, published in compared))
    return maker.table(
        "Eerdere cijfers geven richting, geen trend",
        "Gepubliceerde cijfers naast de uitkomst nu; de vraag of de doelgroep was niet precies dezelfde",
        (
            Column(label="Onderwerp in de bron", width=58, style=""),
            Column(label="gebied", width=22, style="mark"),
            Column(label="jaar", width=13),
            Column(label="toen", width=13),
            Column(label="nu", width=13),
            Column(label="marge nu", width=18),
            Column(label="soort bron", width=29, style="mark"),
        ),
        lines,
        "Uit de tweede hand: overgenomen uit een krant of een weblog over het onderzoek, nog niet "
        f"vergeleken met het origineel. Bronnen: {sources}. {maker.source}",
    )


def _areas(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    chosen = indicators_named(outcomes, report.profile)
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
        *(indicator_figures.area_matrix(maker, part) for part in _parts(chosen, 7)),
    ]
    return Chapter(
        anchor="wijken",
        kicker="Uitkomsten",
        title="Verschillen tussen de wijken",
        running="Verschillen tussen de wijken",
        lead="Elke wijk staat naast de rest van de stad. Een teken staat er alleen als het verschil geen "
        "toeval lijkt "
        "en groot genoeg is om ertoe te doen.",
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
                    Printed(text=wording.base(seen)),
                    Printed(
                        text="te weinig antwoorden"
                        if isinstance(seen, Suppressed)
                        else with_unit(seen.value, kind),
                        style="few" if hidden else "strong",
                    ),
                    Printed(
                        text=wording.NONE
                        if isinstance(outcome.whole, Suppressed)
                        else with_unit(outcome.whole.value, kind)
                    ),
                ),
            )
        )
    table = maker.table(
        f"{wording.capital(whole(outcomes.open_respondents))} mensen deden mee via de open link",
        "Open deelname ongewogen en zonder marge, naast de gewogen uitkomst van de steekproef",
        (
            Column(label="Uitkomst", width=80, style=""),
            Column(label="n open deelname"),
            Column(label="open deelname"),
            Column(label="steekproef"),
        ),
        lines,
        "Wie via de open link meedoet, kiest daar zelf voor. Wij weten niet hoeveel mensen de link "
        "zagen, en meer dan "
        "één keer meedoen is niet uit te sluiten. Daarom is er geen respons en geen marge, en zeggen "
        "deze cijfers "
        f"niets over alle inwoners. {maker.source}",
    )
    return Chapter(
        anchor="open",
        kicker="Uitkomsten",
        title="Open deelname",
        running="Open deelname",
        lead="Iedereen kon meedoen via een open link. Deze antwoorden staan hier apart. Ze tellen niet "
        "mee in de "
        "andere figuren."
        + (" Een schatting met een model staat in bijlage D." if outcomes.open_margins else ""),
        figures=(table,),
    )
