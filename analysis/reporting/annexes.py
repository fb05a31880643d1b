"""The annexes of the main report: how it was done, the questions, the figures by area."""

from collections.abc import Iterator

from analysis.reporting import charts, indicator_figures, participation_figures, weighting_wording, wording
from analysis.reporting.charts import Comparison
from analysis.reporting.dataset import Account
from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.documents import Chapter, category_name, indicators_named, margin_name
from analysis.reporting.figures import Column, Figure, Line, Maker, Printed
from analysis.reporting.outcomes import Outcomes, response_rates
from analysis.reporting.plan import ReportPlan
from analysis.reporting.weighting_plan import area_totals, margins_used
from analysis.reporting.wording import whole
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
        *weighting_wording.steps(outcomes.plan, outcomes.weighting),
        "Wie een kenmerk niet invulde, telt mee met het aandeel dat deze groep in de steekproef had.",
        weighting_wording.errors(outcomes.plan),
        *_OTHER_STEPS,
        _languages(outcomes),
        _versions(outcomes),
    )
    return Chapter(
        anchor="bijlage-a",
        kicker="Bijlage A",
        title="Verantwoording",
        running="Bijlage A: verantwoording",
        lead="Hoe kwamen de antwoorden binnen, hoe is gewogen, en wat is niet getoond?",
        paragraphs=steps,
        figures=figures,
    )


_OTHER_STEPS = (
    (
        "Verschillen tussen wijken: tweezijdige toets per wijk tegenover de rest van de stad, met "
        "correctie voor meer toetsen (Benjamini en Hochberg) over de wijken."
    ),
    (
        "Geheimhouding: geen cijfer bij minder dan 30 antwoorden; per wijk is 30 tot en met 49 "
        "‘indicatief’. Een antwoord dat minder dan 5 mensen gaven wordt niet getoond, en ook niet wat "
        "nodig is om dat uit te rekenen. Bij gezondheid en herkomst vervalt een cijfer ook als bijna "
        "iedereen in een kleine groep hetzelfde zei."
    ),
    (
        "Open antwoorden: er zijn nog geen citaten vrijgegeven. Citaten komen pas in een rapport nadat "
        "iemand ze heeft nagelezen en namen en plaatsen heeft weggehaald."
    ),
)


def _languages(outcomes: Outcomes) -> str:
    """In which languages residents could answer, and which translations nobody has approved."""
    questionnaire = outcomes.dataset.questionnaire
    drafts = [catalogue.tag for catalogue in questionnaire.offered if catalogue.state == "draft"]
    tags = [questionnaire.source_language, *(catalogue.tag for catalogue in questionnaire.offered)]
    offered = f"Talen: invullen kon in het {wording.listed(wording.languages(tags))}."
    if not drafts:
        return offered
    return (
        f"{offered} De tekst in het {wording.listed(wording.languages(drafts))} is een concept: die is nog "
        "niet nagekeken door iemand die de taal van huis uit spreekt."
    )


def _versions(outcomes: Outcomes) -> str:
    about = outcomes.dataset.export
    made = f"programma {about.program}; export van week {about.week}"
    return f"Vragenlijst {about.survey}, versie {about.version}; {made}."


def _dispositions(maker: Maker, outcomes: Outcomes) -> Figure:
    fieldwork = outcomes.dataset.fieldwork
    lines = []
    for area in maker.municipality.areas:
        if area.code not in fieldwork.areas:
            continue
        account = fieldwork.areas[area.code]
        lines.append(_disposition_line(area.name, account.invited, account.open, ""))
    lines.append(
        _disposition_line(maker.municipality.name, outcomes.invited, outcomes.participation, "total")
    )
    return maker.table(
        "De uitkomst van elke code, per wijk",
        "Aantallen; in de laatste drie kolommen de open deelname",
        (
            Column(label="Wijk", width=42, style=""),
            Column(label="codes"),
            Column(label="volledig (I)"),
            Column(label="deels (P)"),
            Column(label="te weinig (R)"),
            Column(label="geen reactie (U)"),
            Column(label="RR2"),
            Column(label="open: volledig"),
            Column(label="open: deels"),
            Column(label="open: te weinig"),
        ),
        lines,
        "Volledig: meer dan 80% van de vragen die iemand kreeg is beantwoord; deels: 50 tot 80%; te "
        "weinig: minder dan "
        f"50%, die antwoorden tellen niet mee. {whole(fieldwork.withdrawn)} mensen trokken hun antwoorden "
        "in. "
        f"{maker.source}",
    )


def _disposition_line(name: str, invited: Account, others: Account, style: str) -> Line:
    rate = response_rates(invited)[1]
    numbers = (invited.issued, invited.complete, invited.partial, invited.refused, invited.unknown)
    return Line(
        label=(name,),
        cells=(
            *(Printed(text=whole(number)) for number in numbers),
            Printed(text=wording.NONE if rate is None else f"{charts.percent(100 * rate)}%", style="strong"),
            *(Printed(text=whole(number)) for number in (others.complete, others.partial, others.refused)),
        ),
        style="total" if style else "",
    )


def _rates(maker: Maker, outcomes: Outcomes) -> Figure:
    rates = response_rates(outcomes.invited)
    words = (
        "volledig ÷ alle codes",
        "volledig en deels ÷ alle codes",
        "als RR1, met het geschatte deel van ‘geen reactie’ dat meetelt",
        "als RR2, met het geschatte deel van ‘geen reactie’ dat meetelt",
        "volledig ÷ wie reageerde",
        "volledig en deels ÷ wie reageerde",
    )
    lines = [
        Line(
            label=(f"RR{number}",),
            cells=(
                Printed(text=text),
                Printed(
                    text=wording.NONE if rate is None else f"{charts.percent(100 * rate)}%", style="strong"
                ),
            ),
        )
        for number, (rate, text) in enumerate(zip(rates, words, strict=True), start=1)
    ]
    return maker.table(
        "Respons volgens de zes maten van AAPOR",
        "Steekproef, in procenten",
        (
            Column(label="Maat", width=20, style=""),
            Column(label="hoe berekend", width=120, style="mark"),
            Column(label="respons"),
        ),
        lines,
        "RR3 en RR4: niet bekend is welke brieven niet aankwamen, daarom telt ‘geen reactie’ helemaal "
        "mee (e = 1). "
        f"Open deelname heeft geen respons. {maker.source}",
    )


def _weighting_figure(maker: Maker, outcomes: Outcomes) -> Figure:
    levels = [level for level in outcomes.weighting.margins if level.margin == "area"]
    people = sum(level.respondents for level in levels) or 1
    after = sum(level.after for level in levels) or 1
    population = sum(level.population or 0 for level in levels) or 1
    rows = [
        Comparison(
            group="",
            label=_area_names(level.area, maker.municipality),
            unweighted=100 * level.respondents / people,
            weighted=100 * level.after / after,
            population=100 * (level.population or 0) / population,
        )
        for level in levels
    ]
    note = (
        f"Basis: de steekproef, n = {whole(people)}. Eén cijfer achter de komma, omdat de verschillen "
        "klein zijn. Bron "
        f"van de bevolking: CBS. {maker.source}"
    )
    return participation_figures.weighting(maker, rows, [level.respondents for level in levels], note)


_OUTSIDE = (
    "De bevolkingscijfers vragen hier om gewichten buiten de grenzen, en gaan voor. Wie dat niet wil, voegt "
    "in het plan meer groepen samen (minimum_cell), kiest ruimere grenzen of laat een kenmerk weg. "
)


def _weighting_numbers(maker: Maker, outcomes: Outcomes) -> Figure:
    weighting, slack = outcomes.weighting, f"{charts.percent(100 * SLACK)}%"
    facts = (
        ("Antwoorden in de steekproef", whole(outcomes.respondents)),
        ("Volwassenen waarvoor zij staan", whole(float(weighting.weights.sum()))),
        ("Design-effect (Kish)", wording.decimal(weighting.design_effect, 2)),
        ("Effectief aantal antwoorden", whole(weighting.effective_number)),
        ("Kleinste gewicht, keer het startgewicht", wording.decimal(weighting.smallest, 2)),
        ("Grootste gewicht, keer het startgewicht", wording.decimal(weighting.largest, 2)),
        ("Afgekapte gewichten", whole(weighting.trimmed)),
        (f"Gewichten die meer dan {slack} buiten de grenzen vallen", whole(weighting.outside)),
    )
    return maker.table(
        f"{whole(outcomes.respondents)} antwoorden zijn er na weging {whole(weighting.effective_number)} "
        "waard",
        "De weging in getallen",
        (Column(label="Kenmerk van de weging", width=110, style=""), Column(label="waarde")),
        [Line(label=(name,), cells=(Printed(text=value),)) for name, value in facts],
        "Het design-effect is 1 plus het kwadraat van de variatiecoëfficiënt van de gewichten. Na het "
        f"afkappen is opnieuw gewogen; tot {slack} buiten de grenzen telt als erbinnen. "
        f"{_OUTSIDE if weighting.outside else ''}{maker.source}",
    )


def _weighting_changes(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Figure]:
    """Merged cells and scaled counts, and which counts are estimates."""
    merged: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for merge in outcomes.weighting.merges:
        area = _area_names(merge.area, maker.municipality)
        margin = merge.margin.partition(", ")[0]
        merged.setdefault((margin, merge.categories), []).append(area)
    lines = [
        Line(
            label=(f"Samengevoegd: {margin_name(margin, report).lower()}",),
            cells=(
                Printed(text=", ".join(areas)),
                Printed(text=" + ".join(category_name(margin, each, report) for each in categories)),
                Printed(text=""),
            ),
        )
        for (margin, categories), areas in merged.items()
    ]
    lines += [
        Line(
            label=(f"Bijgesteld: {margin_name(change.margin, report).lower()}",),
            cells=(
                Printed(text=_area_names(change.area, maker.municipality)),
                Printed(text="totaal"),
                Printed(text=f"{whole(change.counted)} → {whole(change.used)}"),
            ),
        )
        for change in outcomes.weighting.reconciliations
    ]
    if lines:
        yield maker.table(
            "Wat voor de weging is samengevoegd of bijgesteld",
            "Groepen met te weinig antwoorden gaan samen met een buurgroep; afgeronde aantallen krijgen "
            "één totaal",
            (
                Column(label="Wat", width=44, style=""),
                Column(label="waar", width=56, style="mark"),
                Column(label="groepen", width=42, style="mark"),
                Column(label="aantal"),
            ),
            lines,
            f"Een groep gaat samen bij minder dan {outcomes.plan.weighting.minimum_cell} antwoorden. Wijken "
            "met samengevoegde groepen zijn samen ook gewogen op de groepen zoals ze waren.",
            long=True,
        )
    yield _sources_table(maker, outcomes, report)


def _area_names(code: str, municipality: Municipality) -> str:
    """One area, areas weighted as one, the municipality, or (no code) all areas with merged groups."""
    if not code:
        return "deze wijken samen"
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
                label=charts.wrapped(label, 26),
                cells=(
                    Printed(
                        text="schatting" if status == "estimate" else "officieel",
                        style="strong" if status == "estimate" else "",
                    ),
                    Printed(text=wording.day(date)),
                    Printed(text=explanation),
                ),
            )
        )
    return maker.table(
        "Bevolkingscijfers waarop is gewogen; schattingen staan erbij",
        "Per groep de bron, de peildatum en bij een schatting de aanname",
        (
            Column(label="Groep", width=42, style=""),
            Column(label="soort", width=20, style="mark"),
            Column(label="peildatum", width=26, style="mark"),
            Column(label="bron en aanname", style="mark"),
        ),
        lines,
        "De aantallen zelf staan in population.csv bij de gemeente.",
        long=True,
    )


def _missing_table(maker: Maker, outcomes: Outcomes) -> Figure:
    lines = []
    for row in outcomes.missing:
        asked = outcomes.respondents - row.not_shown
        counts = (row.dont_know, row.rather_not_say, row.not_applicable, row.skipped)
        answers = [wording.base_of(row.answered), *(wording.part(count, asked) for count in counts)]
        if row.variable in outcomes.telling:
            answers = [wording.NONE] * len(answers)
        lines.append(
            Line(
                label=(f"{row.number}  {_shortened(row.label, 46)}",),
                cells=(
                    Printed(text=wording.base_of(asked)),
                    *(Printed(text=text) for text in answers),
                ),
            )
        )
    return maker.table(
        "Bij elke vraag: wie kreeg haar, en wie gaf antwoord",
        "Steekproef, ongewogen; de laatste vier kolommen in procenten van wie de vraag kreeg",
        (
            Column(label="Vraag", width=80, style=""),
            Column(label="kreeg de vraag"),
            Column(label="gaf antwoord"),
            Column(label="weet niet"),
            Column(label="zegt liever niet"),
            Column(label="niet van toepassing"),
            Column(label="overge\u00adslagen"),
        ),
        lines,
        "Een vraag die iemand volgens de route niet kreeg, telt niet als ontbrekend. Een streepje: van "
        f"minder dan {MINIMUM_BASE} mensen, of het zou tonen hoe weinig mensen een antwoord gaven. "
        f"{maker.source}",
        long=True,
    )


def _shortened(text: str, most: int) -> str:
    lines = charts.wrapped(text.rstrip("."), most)
    return lines[0] if len(lines) == 1 else f"{lines[0]} …"


def questions(maker: Maker, outcomes: Outcomes) -> Chapter:
    questionnaire = outcomes.questionnaire
    figures = [
        maker.table(
            block.title.source,
            "Vragen zoals bewoners ze lazen",
            (
                Column(label="Nr.", width=13, style=""),
                Column(label="vraag en antwoorden", width=112, style="mark"),
                Column(label="herkomst van de vraag", style="mark"),
            ),
            [
                Line(
                    label=(question.provenance.number,),
                    cells=(
                        Printed(text=_full_text(question, maker)),
                        Printed(text=_origin(question)),
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
        kicker="Bijlage B",
        title="De vragen",
        running="Bijlage B: de vragen",
        lead=f"Versie {questionnaire.version} van de vragenlijst. Waar de tekst per wijk verschilt, staat "
        "hier de algemene tekst.",
        figures=tuple(figures),
    )


def _full_text(question: Question, maker: Maker) -> str:
    """The question with its items and answers, in one paragraph."""
    parts = [wording.plain(question.label.source, maker.outcomes.questionnaire)]
    if isinstance(question, Battery):
        parts += [f"({item.key}) {item.label.source}" for item in question.items]
    match question:
        case SingleChoice() | MultipleChoice() | Battery():
            parts.append(f"Antwoorden: {' / '.join(option.label.source for option in question.options)}.")
        case Number():
            parts.append(f"Een getal van {question.minimum} tot en met {question.maximum}.")
        case OpenText():
            parts.append("Open antwoord.")
        case Place():
            parts.append("Alleen de wijk wordt bewaard.")
    if question.reasons:
        parts.append(f"Ook mogelijk: {' / '.join(reason.label.source for reason in question.reasons)}.")
    return " ".join(parts)


_WORDING = {
    "own": "eigen tekst",
    "published": "gepubliceerde tekst",
    "own_translation": "eigen vertaling, niet gevalideerd",
}


def _origin(question: Question) -> str:
    provenance = question.provenance
    return "; ".join(text for text in (provenance.instrument, _WORDING[provenance.wording]) if text)


def area_tables(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    return Chapter(
        anchor="bijlage-c",
        own_text=False,
        kicker="Bijlage C",
        title="Cijfers per wijk",
        running="Bijlage C: cijfers per wijk",
        lead="De aantallen en marges bij de tabellen per wijk. De tabel van elke andere figuur staat "
        "ernaast of eronder.",
        paragraphs=(maker.mark_rule(),),
        figures=tuple(
            indicator_figures.area_table(maker, outcome)
            for outcome in indicators_named(outcomes, report.profile)
        ),
    )
