"""The chapter about what goes with a high or low grade."""

from collections.abc import Iterator

from analysis.reporting import charts, wording
from analysis.reporting.associations import Association, Associations
from analysis.reporting.charts import Dot, Row
from analysis.reporting.documents import Chapter
from analysis.reporting.figures import (
    CHARACTERS,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    Table,
    drawn,
    round_ticks,
)
from analysis.reporting.outcomes import Outcomes
from analysis.reporting.plan import ReportPlan

_LABEL = 62.0

_CAUTION = (
    (
        "Dit zegt niet waardoor iets komt. Wie hulp kreeg en een hoog cijfer geeft, kan om een heel andere "
        "reden tevreden zijn. En wie tevreden is, doet misschien eerder mee."
    ),
    (
        "Elk verschil is berekend terwijl de andere kenmerken gelijk blijven. Alleen wie op al deze vragen "
        "antwoord gaf, telt mee."
    ),
)


def associations(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    """Nothing when the plan asks for no regression."""
    found = outcomes.associations
    if found is None:
        return
    grade = wording.lower_first(found.outcome.label)
    yield Chapter(
        anchor="samenhang",
        kicker="Uitkomsten",
        title="Wat hangt samen met een hoog of laag cijfer?",
        running="Wat hangt samen met het cijfer?",
        lead=f"Het gaat om het {grade}. Welke mensen geven een hoger cijfer, en welke een lager?"
        if not found.withheld
        else f"Het gaat om het {grade}. Daarvoor zijn er {charts.TOO_FEW}.",
        paragraphs=_CAUTION,
        figures=() if found.withheld else (_figure(maker, found, report.population),),
    )


def _figure(maker: Maker, found: Associations, population: str) -> Figure:
    name = maker.figure_name()
    title = _title(found)
    lines = tuple(_line(each) for each in found.found)
    rows = [
        Row(
            label=each.label,
            dot=Dot(value=each.value, low=each.low, high=each.high),
            reference=0.0,
            lines=len(line.label),
        )
        for each, line in zip(found.found, lines, strict=True)
    ]
    questions = [wording.plain(each, maker.outcomes.questionnaire) for each in found.questions if each]
    against = [each.against for each in found.found if each.against]
    compared = (
        f" Groepen zijn vergeleken met: {wording.listed([*dict.fromkeys(against)])}." if against else ""
    )
    return Figure(
        name=name,
        title=title,
        what=f"{found.outcome.label}: hoeveel punten hoger of lager, met de marge van 95%",
        note="Lineaire regressie; de marge rekent met weging en steekproef. "
        f"n = {wording.whole(found.respondents)}.{compared} Hoger en lager staan er alleen als het geen "
        f"toeval lijkt, na correctie voor alle toetsen. Vragen: {'; '.join(questions)}. Basis: {population}, "
        f"uit de steekproef, gewogen. {maker.source}",
        table=Table(
            caption=f"Tabel bij {name.lower()}",
            columns=(
                Column(label="Kenmerk", width=_LABEL, style=""),
                Column(label="punten", width=13),
                Column(label="marge", width=22),
                Column(label="verschil", width=24, style="mark"),
            ),
            lines=lines,
            width=121,
        ),
        svg=drawn(
            charts.dots(
                maker.colours,
                rows,
                title=title,
                width=45 * charts.MILLIMETRE,
                ticks=round_ticks(rows, "mean"),
                unit="",
                reference_name="geen verschil",
            )
        ),
        beside=True,
    )


def _line(each: Association) -> Line:
    low, high = wording.signed(each.low, 1), wording.signed(each.high, 1)
    return Line(
        label=charts.wrapped(each.label, int(_LABEL * CHARACTERS)),
        cells=(
            Printed(text=wording.signed(each.value, 1), style="strong"),
            Printed(text=f"{low} tot {high}"),
            Printed(text=wording.MARKS[each.mark], style="" if each.mark == "same" else "strong"),
        ),
    )


def _title(found: Associations) -> str:
    """The strongest of those that are marked."""
    marked = [each for each in found.found if each.mark != "same"]
    if not marked:
        return "Van geen kenmerk is aangetoond dat het met het cijfer samenhangt"
    most = max(marked, key=lambda each: abs(each.value))
    way = "hoger" if most.value > 0 else "lager"
    return f"{wording.quoted(most.label)} hangt het sterkst samen met het cijfer: {way}"
