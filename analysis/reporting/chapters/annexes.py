"""The annexes of the main report: how it was done, the questions, the figures by area."""

from collections.abc import Iterator

from analysis.reporting import wording
from analysis.reporting.chapters import weighting_wording
from analysis.reporting.chapters.asked import Asked
from analysis.reporting.chapters.documents import Chapter, category_name, indicators_named, margin_name
from analysis.reporting.charts import plots
from analysis.reporting.charts.plots import Comparison
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL
from analysis.reporting.exports.dataset import Account
from analysis.reporting.figures import indicator_figures, participation_figures
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.phrases import SOURCE_LANGUAGE, Phrases, later
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.weighting_plan import area_totals, margins_used
from analysis.weighting.raking import SLACK
from survey.questionnaires.model import (
    Battery,
    MultipleChoice,
    Municipality,
    Number,
    OpenText,
    Place,
    Question,
    SingleChoice,
)
from survey.questionnaires.wording import NO_ANSWER


def account(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    figures = (
        _dispositions(maker, outcomes),
        _rates(maker, outcomes),
        _weighting_figure(maker, outcomes),
        _weighting_numbers(maker, outcomes),
        *_weighting_changes(maker, outcomes, report),
        _missing_table(maker, outcomes),
    )
    steps = (
        *weighting_wording.steps(maker.phrases, outcomes.plan, outcomes.weighting),
        maker.phrases.say(
            "Wie een kenmerk niet invulde, telt mee met het aandeel dat deze groep in de steekproef had."
        ),
        weighting_wording.errors(maker.phrases, outcomes.plan),
        *map(maker.phrases.say, _OTHER_STEPS),
        maker.phrases.say(_CODED if outcomes.open_answers else _NOT_CODED),
        _languages(maker.phrases, outcomes),
        _versions(maker.phrases, outcomes),
    )
    return Chapter(
        anchor="bijlage-a",
        kicker=maker.phrases.say("Bijlage A"),
        title=maker.phrases.say("Verantwoording"),
        running=maker.phrases.say("Bijlage A: verantwoording"),
        lead=maker.phrases.say("Hoe kwamen de antwoorden binnen, hoe is gewogen, en wat is niet getoond?"),
        paragraphs=steps,
        figures=figures,
    )


_OTHER_STEPS = (
    later(
        "Verschillen tussen wijken: tweezijdige toets per wijk tegenover de rest van de "
        "stad, met correctie voor meer toetsen (Benjamini en Hochberg) over de wijken."
    ),
    later(
        "Verschillen tussen groepen: tweezijdige toets van elke groep tegenover alle anderen, per uitkomst "
        "met dezelfde correctie over de groepen."
    ),
    later(
        "Geheimhouding: geen cijfer bij minder dan 30 antwoorden; per wijk is 30 tot en met "
        "49 ‘indicatief’. Een antwoord dat minder dan 5 mensen gaven wordt niet getoond, en "
        "ook niet wat nodig is om dat uit te rekenen. Bij gezondheid en herkomst vervalt een "
        "cijfer ook als bijna iedereen in een kleine groep hetzelfde zei."
    ),
)
_NOT_CODED = later(
    "Open antwoorden: er zijn nog geen citaten vrijgegeven. Citaten komen pas in een "
    "rapport nadat iemand ze heeft nagelezen en namen en plaatsen heeft weggehaald."
)
_CODED = later(
    "Open antwoorden: lezers deelden ze in naar onderwerp. Een citaat kwam er alleen in met toestemming van "
    "wie het schreef, zonder namen en plaatsen, en nadat een tweede lezer het vrijgaf."
)


def _languages(phrases: Phrases, outcomes: Outcomes) -> str:
    """In which languages residents could answer, and which translations nobody has approved."""
    questionnaire = outcomes.dataset.questionnaire
    drafts = [catalogue.tag for catalogue in questionnaire.offered if catalogue.state == "draft"]
    tags = {questionnaire.source_language, *(catalogue.tag for catalogue in questionnaire.offered)}
    offered = phrases.say(
        "Talen: invullen kon in het {languages}.", languages=phrases.names(phrases.languages(tags))
    )
    if not drafts:
        return offered
    return phrases.say(
        "{offered} De tekst in het {languages} is een concept: die is nog niet nagekeken door "
        "mensen voor wie de tekst bedoeld is.",
        offered=offered,
        languages=phrases.names(phrases.languages(drafts)),
    )


def _versions(phrases: Phrases, outcomes: Outcomes) -> str:
    about = outcomes.dataset.export
    return phrases.say(
        "Vragenlijst {survey}, versie {version}; programma {program}; export van week {week}.",
        survey=about.survey,
        version=about.version,
        program=about.program,
        week=about.week,
    )


def _dispositions(maker: Maker, outcomes: Outcomes) -> Figure:
    fieldwork = outcomes.dataset.fieldwork
    lines = []
    for area in maker.municipality.areas:
        if area.code not in fieldwork.areas:
            continue
        account = fieldwork.areas[area.code]
        lines.append(_disposition_line(maker.phrases, area.name, account.invited, account.open, ""))
    lines.append(
        _disposition_line(
            maker.phrases, maker.municipality.name, outcomes.invited, outcomes.participation, "total"
        )
    )
    return maker.table(
        maker.phrases.say("De uitkomst van elke code, per wijk"),
        maker.phrases.say("Aantallen; in de laatste drie kolommen de open deelname"),
        (
            Column(label=maker.phrases.say("Wijk"), width=42, style=""),
            Column(label=maker.phrases.say("codes")),
            Column(label=maker.phrases.say("volledig (I)")),
            Column(label=maker.phrases.say("deels (P)")),
            Column(label=maker.phrases.say("te weinig (R)")),
            Column(label=maker.phrases.say("geen reactie (U)")),
            Column(label="RR2"),
            Column(label=maker.phrases.say("open: volledig")),
            Column(label=maker.phrases.say("open: deels")),
            Column(label=maker.phrases.say("open: te weinig")),
        ),
        lines,
        maker.phrases.say(
            "Volledig: meer dan 80% van de vragen die iemand kreeg is beantwoord; deels: 50 tot "
            "80%; te weinig: minder dan 50%, die antwoorden tellen niet mee. {withdrawn} mensen "
            "trokken hun antwoorden in. {source}",
            withdrawn=maker.phrases.whole(fieldwork.withdrawn),
            source=maker.source,
        ),
    )


def _disposition_line(phrases: Phrases, name: str, invited: Account, others: Account, style: str) -> Line:
    rate = response_rates(invited)[1]
    numbers = (invited.issued, invited.complete, invited.partial, invited.refused, invited.unknown)
    return Line(
        label=(name,),
        cells=(
            *(Printed(text=phrases.whole(number)) for number in numbers),
            Printed(text=wording.NONE if rate is None else f"{plots.percent(100 * rate)}%", style="strong"),
            *(
                Printed(text=phrases.whole(number))
                for number in (others.complete, others.partial, others.refused)
            ),
        ),
        style="total" if style else "",
    )


def _rates(maker: Maker, outcomes: Outcomes) -> Figure:
    rates = response_rates(outcomes.invited)
    words = (
        maker.phrases.say("volledig ÷ alle codes"),
        maker.phrases.say("volledig en deels ÷ alle codes"),
        maker.phrases.say("als RR1, met het geschatte deel van ‘geen reactie’ dat meetelt"),
        maker.phrases.say("als RR2, met het geschatte deel van ‘geen reactie’ dat meetelt"),
        maker.phrases.say("volledig ÷ wie reageerde"),
        maker.phrases.say("volledig en deels ÷ wie reageerde"),
    )
    lines = [
        Line(
            label=(f"RR{number}",),
            cells=(
                Printed(text=text),
                Printed(
                    text=wording.NONE if rate is None else f"{plots.percent(100 * rate)}%", style="strong"
                ),
            ),
        )
        for number, (rate, text) in enumerate(zip(rates, words, strict=True), start=1)
    ]
    return maker.table(
        maker.phrases.say("Respons volgens de zes maten van AAPOR"),
        maker.phrases.say("Steekproef, in procenten"),
        (
            Column(label=maker.phrases.say("Maat"), width=20, style=""),
            Column(label=maker.phrases.say("hoe berekend"), width=120, style="mark"),
            Column(label=maker.phrases.say("respons")),
        ),
        lines,
        maker.phrases.say(
            "RR3 en RR4: niet bekend is welke brieven niet aankwamen, daarom telt ‘geen reactie’ "
            "helemaal mee (e = 1). Open deelname heeft geen respons. {source}",
            source=maker.source,
        ),
    )


def _weighting_figure(maker: Maker, outcomes: Outcomes) -> Figure:
    levels = [level for level in outcomes.weighting.margins if level.margin == "area"]
    people = sum(level.respondents for level in levels) or 1
    after = sum(level.after for level in levels) or 1
    population = sum(level.population or 0 for level in levels) or 1
    rows = [
        Comparison(
            group="",
            label=_area_names(maker.phrases, level.area, maker.municipality),
            unweighted=100 * level.respondents / people,
            weighted=100 * level.after / after,
            population=100 * (level.population or 0) / population,
        )
        for level in levels
    ]
    note = maker.phrases.say(
        "Basis: de steekproef, n = {people}. Eén cijfer achter de komma, omdat de "
        "verschillen klein zijn. Bron van de bevolking: CBS. {source}",
        people=maker.phrases.whole(people),
        source=maker.source,
    )
    return participation_figures.weighting(maker, rows, [level.respondents for level in levels], note)


_OUTSIDE = later(
    "De bevolkingscijfers vragen hier om gewichten buiten de grenzen, en gaan voor. Wie "
    "dat niet wil, voegt in het plan meer groepen samen (minimum_cell), kiest ruimere "
    "grenzen of laat een kenmerk weg. "
)


def _weighting_numbers(maker: Maker, outcomes: Outcomes) -> Figure:
    weighting, slack = outcomes.weighting, f"{plots.percent(100 * SLACK)}%"
    facts = (
        (maker.phrases.say("Antwoorden in de steekproef"), maker.phrases.whole(outcomes.respondents)),
        (
            maker.phrases.say("Volwassenen waarvoor zij staan"),
            maker.phrases.whole(float(weighting.weights.sum())),
        ),
        (maker.phrases.say("Design-effect (Kish)"), maker.phrases.decimal(weighting.design_effect, 2)),
        (maker.phrases.say("Effectief aantal antwoorden"), maker.phrases.whole(weighting.effective_number)),
        (
            maker.phrases.say("Kleinste gewicht, keer het startgewicht"),
            maker.phrases.decimal(weighting.smallest, 2),
        ),
        (
            maker.phrases.say("Grootste gewicht, keer het startgewicht"),
            maker.phrases.decimal(weighting.largest, 2),
        ),
        (maker.phrases.say("Afgekapte gewichten"), maker.phrases.whole(weighting.trimmed)),
        (
            maker.phrases.say("Gewichten die meer dan {slack} buiten de grenzen vallen", slack=slack),
            maker.phrases.whole(weighting.outside),
        ),
    )
    return maker.table(
        maker.phrases.say(
            "{respondents} antwoorden zijn er na weging {effective} waard",
            respondents=maker.phrases.whole(outcomes.respondents),
            effective=maker.phrases.whole(weighting.effective_number),
        ),
        maker.phrases.say("De weging in getallen"),
        (
            Column(label=maker.phrases.say("Kenmerk van de weging"), width=110, style=""),
            Column(label=maker.phrases.say("waarde")),
        ),
        [Line(label=(name,), cells=(Printed(text=value),)) for name, value in facts],
        maker.phrases.say(
            "Het design-effect is 1 plus het kwadraat van de variatiecoëfficiënt van de "
            "gewichten. Na het afkappen is opnieuw gewogen; tot {slack} buiten de grenzen telt "
            "als erbinnen. {outside}{source}",
            slack=slack,
            outside=maker.phrases.say(_OUTSIDE) if weighting.outside else "",
            source=maker.source,
        ),
    )


def _weighting_changes(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Figure]:
    """Merged cells and scaled counts, and which counts are estimates."""
    merged: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for merge in outcomes.weighting.merges:
        area = _area_names(maker.phrases, merge.area, maker.municipality)
        margin = merge.margin.partition(", ")[0]
        merged.setdefault((margin, merge.categories), []).append(area)
    adjusted = outcomes.weighting.reconciliations
    lines = [
        Line(
            label=(maker.phrases.say("Samengevoegd: {margin}", margin=margin_name(margin, report).lower()),),
            cells=(
                Printed(text=", ".join(areas)),
                Printed(text=" + ".join(category_name(margin, each, report) for each in categories)),
                *([Printed(text="")] if adjusted else ()),
            ),
        )
        for (margin, categories), areas in merged.items()
    ]
    lines += [
        Line(
            label=(
                maker.phrases.say("Bijgesteld: {margin}", margin=margin_name(change.margin, report).lower()),
            ),
            cells=(
                Printed(text=_area_names(maker.phrases, change.area, maker.municipality)),
                Printed(text=maker.phrases.say("totaal")),
                Printed(text=f"{maker.phrases.whole(change.counted)} → {maker.phrases.whole(change.used)}"),
            ),
        )
        for change in adjusted
    ]
    if lines:
        yield maker.table(
            maker.phrases.say("Wat voor de weging is samengevoegd of bijgesteld"),
            maker.phrases.say(
                "Groepen met te weinig antwoorden gaan samen met een buurgroep; afgeronde aantallen "
                "krijgen één totaal"
            ),
            (
                Column(label=maker.phrases.say("Wat"), width=44, style=""),
                Column(label=maker.phrases.say("waar"), width=56, style="mark"),
                Column(label=maker.phrases.say("groepen"), width=42 if adjusted else 66, style="mark"),
                *([Column(label=maker.phrases.say("aantal"))] if adjusted else ()),
            ),
            lines,
            maker.phrases.say(
                "Een groep gaat samen bij minder dan {smallest} antwoorden. Wijken met "
                "samengevoegde groepen zijn samen ook gewogen op de groepen zoals ze waren.",
                smallest=outcomes.plan.weighting.minimum_cell,
            ),
            long=True,
        )
    yield _sources_table(maker, outcomes, report)


def _area_names(phrases: Phrases, code: str, municipality: Municipality) -> str:
    """One area, areas weighted as one, the municipality, or (no code) all areas with merged groups."""
    if not code:
        return phrases.say("deze wijken samen")
    names = {area.code: area.name for area in municipality.areas} | {municipality.code: municipality.name}
    return " + ".join(names[each] for each in code.split(" + "))


def _sources_table(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Figure:
    # The base weights rest on the margin that counts the people of each area, whatever the steps are.
    weighting, population = outcomes.plan.weighting, outcomes.dataset.population
    used = margins_used(weighting) | {area_totals(weighting, population)}
    seen = dict.fromkeys(
        (row.margin, row.category, row.status, row.source, row.method, row.reference_date)
        for row in population
        if row.margin in used
    )
    lines = []
    for margin, category, status, source, method, date in seen:
        label = category_name(margin, category, report)
        explanation = f"{source}. {wording.capital(method)}".strip(" .") + "."
        lines.append(
            Line(
                label=plots.wrapped(label, 26),
                cells=(
                    Printed(
                        text=maker.phrases.say("schatting")
                        if status == "estimate"
                        else maker.phrases.say("officieel"),
                        style="strong" if status == "estimate" else "",
                    ),
                    Printed(text=maker.phrases.day(date)),
                    Printed(text=explanation, language=SOURCE_LANGUAGE),
                ),
            )
        )
    return maker.table(
        maker.phrases.say("Bevolkingscijfers waarop is gewogen; schattingen staan erbij"),
        maker.phrases.say("Per groep de bron, de peildatum en bij een schatting de aanname"),
        (
            Column(label=maker.phrases.say("Groep"), width=42, style=""),
            Column(label=maker.phrases.say("soort"), width=20, style="mark"),
            Column(label=maker.phrases.say("peildatum"), width=26, style="mark"),
            Column(label=maker.phrases.say("bron en aanname"), style="mark"),
        ),
        lines,
        maker.phrases.say("De officiële aantallen staan in de genoemde bronnen."),
        long=True,
    )


def _missing_table(maker: Maker, outcomes: Outcomes) -> Figure:
    lines = []
    for row in outcomes.missing:
        asked = outcomes.respondents - row.not_shown
        counts = (row.dont_know, row.rather_not_say, row.not_applicable, row.skipped)
        answers = [
            wording.base_of(maker.phrases, row.answered),
            *(wording.part(count, asked) for count in counts),
        ]
        told = [wording.base_of(maker.phrases, asked), *answers]
        if row.question in outcomes.telling:
            told = [
                told[0] if asked == outcomes.respondents else wording.NONE,
                *(wording.NONE for _ in answers),
            ]
        elif 0 < row.not_shown < SMALLEST_CELL:
            told = [wording.NONE, *told[1:]]
        lines.append(
            Line(
                label=(f"{row.number}  {_shortened(row.label, 46)}",),
                cells=tuple(Printed(text=text) for text in told),
            )
        )
    return maker.table(
        maker.phrases.say("Hoeveel mensen elke vraag kregen, en hoeveel antwoord gaven"),
        maker.phrases.say(
            "Steekproef, ongewogen; de laatste vier kolommen in procenten van wie de vraag kreeg"
        ),
        (
            Column(label=maker.phrases.say("Vraag"), width=80, style=""),
            Column(label=maker.phrases.say("kreeg de vraag")),
            Column(label=maker.phrases.say("gaf antwoord")),
            Column(label=maker.phrases.say("weet niet")),
            Column(label=maker.phrases.say("zegt liever niet")),
            Column(label=maker.phrases.say("niet van toepassing")),
            Column(label=maker.phrases.say("overge\xadslagen")),
        ),
        lines,
        maker.phrases.say(
            "Een vraag die iemand volgens de route niet kreeg, telt niet als ontbrekend. Een "
            "streepje: van minder dan {smallest} mensen, of het zou tonen hoe weinig mensen "
            "een antwoord gaven. {source}",
            smallest=MINIMUM_BASE,
            source=maker.source,
        ),
        long=True,
    )


def _shortened(text: str, most: int) -> str:
    lines = plots.wrapped(text.rstrip("."), most)
    return lines[0] if len(lines) == 1 else f"{lines[0]} …"


def questions(maker: Maker, outcomes: Outcomes) -> Chapter:
    questionnaire = outcomes.questionnaire
    figures = [
        maker.table(
            block.title.source,
            maker.phrases.say("Vragen zoals bewoners ze lazen"),
            (
                Column(label=maker.phrases.say("Nr."), width=13, style=""),
                Column(label=maker.phrases.say("vraag en antwoorden"), width=112, style="mark"),
                Column(label=maker.phrases.say("herkomst van de vraag"), style="mark"),
            ),
            [
                Line(
                    label=(question.provenance.number,),
                    cells=(
                        Printed(text=_full_text(question, maker)),
                        Printed(text=_origin(maker.phrases, question)),
                    ),
                )
                for question in block.questions
            ],
            "",
            long=True,
        )
        for block in questionnaire.blocks
    ]
    return Chapter(
        anchor="bijlage-b",
        own_text=False,
        kicker=maker.phrases.say("Bijlage B"),
        title=maker.phrases.say("De vragen"),
        running=maker.phrases.say("Bijlage B: de vragen"),
        lead=maker.phrases.say(
            "Versie {version} van de vragenlijst. Waar de tekst per wijk verschilt, staat hier "
            "de algemene tekst.",
            version=questionnaire.version,
        ),
        figures=tuple(figures),
    )


def _full_text(question: Question, maker: Maker) -> str:
    """The question with its items and answers, and for whom it was, in one paragraph."""
    asked = Asked(maker.outcomes.questionnaire, maker.phrases)
    help_text = asked.whole(question.hint).replace(f"{NO_ANSWER}.", NO_ANSWER)
    parts = [text for text in (asked.whole(question.label), help_text) if text]
    if isinstance(question, Battery):
        parts += [f"({item.key}) {item.label.source}" for item in question.items]
    match question:
        case SingleChoice() | MultipleChoice() | Battery():
            parts.append(
                maker.phrases.say(
                    "Antwoorden: {answers}.",
                    answers=" / ".join(option.label.source for option in question.options),
                )
            )
        case Number():
            parts.append(
                maker.phrases.say(
                    "Een getal van {minimum} tot en met {maximum}.",
                    minimum=question.minimum,
                    maximum=question.maximum,
                )
            )
        case OpenText():
            parts.append(maker.phrases.say("Open antwoord."))
        case Place():
            parts.append(maker.phrases.say("Alleen de wijk wordt bewaard."))
    if question.reasons:
        parts.append(
            maker.phrases.say(
                "Ook mogelijk: {answers}.",
                answers=" / ".join(reason.label.source for reason in question.reasons),
            )
        )
    parts.append(maker.routes.told([question]))
    if question.purpose is not None:
        parts.append(maker.phrases.say("Alleen voor wie deze vraag wilde krijgen."))
    return " ".join(filter(None, parts))


_WORDING = {
    "own": later("eigen tekst"),
    "published": later("gepubliceerde tekst"),
    "own_translation": later("eigen vertaling, niet gevalideerd"),
}


def _origin(phrases: Phrases, question: Question) -> str:
    provenance = question.provenance
    return "; ".join(
        text for text in (provenance.instrument, phrases.say(_WORDING[provenance.wording])) if text
    )


def area_tables(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    return Chapter(
        anchor="bijlage-c",
        own_text=False,
        kicker=maker.phrases.say("Bijlage C"),
        title=maker.phrases.say("Cijfers per wijk"),
        running=maker.phrases.say("Bijlage C: cijfers per wijk"),
        lead=maker.phrases.say(
            "De aantallen en marges bij de tabellen per wijk. De tabel van elke andere figuur "
            "staat ernaast of eronder."
        ),
        paragraphs=(maker.mark_rule(),),
        figures=tuple(
            indicator_figures.area_table(maker, outcome)
            for outcome in indicators_named(outcomes, report.profile)
        ),
    )
