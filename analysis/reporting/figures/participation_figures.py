"""Figures of who took part, before and after weighting."""

from collections.abc import Callable, Sequence
from functools import partial

from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.charts.plots import Comparison
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed, Table, drawn
from analysis.reporting.findings.outcomes import ShortForm
from analysis.reporting.phrases import Phrases

_ALIKE = 1.0
"""Points within which a weighted group is as large as in the population."""


def participants(  # noqa: PLR0913, PLR0917 - a chart, its words, and what was found of its rows
    maker: Maker,
    rows: Sequence[Comparison],
    counts: Sequence[int],
    more: Sequence[str],
    less: Sequence[str],
    note: str,
) -> tuple[Figure, Figure]:
    """Groups before and after weighting and in the population: the chart, and its table.

    `more` and `less`: the groups that took part clearly more and less often.
    """
    name = maker.figure_name()
    title = wording.participants_title(
        maker.phrases,
        more,
        less,
        tested=bool(maker.outcomes.balances),
        matches=all(abs(row.weighted - row.population) < _ALIKE for row in rows if row.weighted is not None),
    )
    lines: list[Line] = []
    for place, (row, number) in enumerate(zip(rows, counts, strict=True)):
        if not place or row.group != rows[place - 1].group:
            lines.append(Line(label=(row.group,), style="group"))
        lines.append(_comparison_line(maker.phrases, row, number))
    table = Table(
        caption=maker.phrases.say(
            "Tabel bij {name}: deelnemers en inwoners, in procenten", name=name.lower()
        ),
        columns=(
            Column(label=maker.phrases.say("Groep"), width=62, style=""),
            Column(label=maker.phrases.say("aantal (n)")),
            Column(label=maker.phrases.say("ongewogen")),
            Column(label=maker.phrases.say("gewogen")),
            Column(label="CBS"),
            Column(label=maker.phrases.say("gewogen min CBS")),
        ),
        lines=tuple(lines),
    )
    chart = Figure(
        name=name,
        title=title,
        what=maker.phrases.say(
            "Aandeel van de deelnemers vóór en na weging, en aandeel van de inwoners volgens het "
            "CBS, in procenten"
        ),
        note=maker.phrases.say("{note} De tabel hierna hoort bij deze figuur.", note=note),
        table=None,
        svg=drawn(plots.participants(maker.phrases, maker.colours, rows, title=title)),
    )
    return chart, Figure(
        name=maker.phrases.say("Tabel bij {name}", name=name.lower()),
        title=maker.phrases.say("Deelnemers en inwoners"),
        what=maker.phrases.say("In procenten"),
        note=note,
        table=table,
    )


def weighting(maker: Maker, rows: Sequence[Comparison], counts: Sequence[int], note: str) -> Figure:
    """Every area's share of the adults before and after weighting."""
    worst = max((abs((row.weighted or 0) - row.population) for row in rows), default=0)
    title = (
        maker.phrases.say("De weging brengt elke wijk terug naar haar aandeel in de stad")
        if worst < 0.05
        else maker.phrases.say(
            "Na weging wijkt geen wijk meer dan {worst} procentpunt af van het CBS",
            worst=maker.phrases.decimal(worst),
        )
    )
    lines = tuple(
        Line(
            label=(row.label,),
            cells=(
                Printed(text=maker.phrases.whole(number)),
                *(
                    Printed(text=wording.NONE if value is None else maker.phrases.decimal(value))
                    for value in (row.unweighted, row.weighted, row.population)
                ),
            ),
        )
        for row, number in zip(rows, counts, strict=True)
    )
    return maker.beside(
        title,
        maker.phrases.say(
            "Aandeel in alle volwassenen (%), en het verschil met het CBS in procentpunten. "
            "Open: vóór weging, dicht: na weging"
        ),
        (
            Column(label=maker.phrases.say("Wijk"), width=43, style=""),
            Column(label=maker.phrases.say("aantal (n)"), width=15),
            Column(label=maker.phrases.say("vóór weging"), width=15),
            Column(label=maker.phrases.say("na weging"), width=15),
            Column(label="CBS", width=13),
        ),
        lines,
        note,
        plot=partial(plots.shifts, maker.phrases, maker.colours, rows),
    )


def short_form(
    maker: Maker,
    found: Sequence[ShortForm],
    margin: Callable[[str], str],
    category: Callable[[str, str], str],
) -> Figure:
    """Who chose the short form; `margin` and `category` give the words. The first is of all respondents."""
    everybody, *groups = found
    lines = [
        Line(
            label=(maker.phrases.say("Alle deelnemers"),),
            cells=_short_cells(maker.phrases, everybody),
            style="total",
        )
    ]
    for place, each in enumerate(groups):
        if not place or each.margin != groups[place - 1].margin:
            lines.append(Line(label=(margin(each.margin),), style="group"))
        lines.append(
            Line(
                label=(category(each.margin, each.category),),
                cells=_short_cells(maker.phrases, each),
                style="sub",
            )
        )
    share = everybody.cell
    title = (
        maker.phrases.say("Korte vragenlijst: {reason}", reason=wording.withheld(maker.phrases, share))
        if isinstance(share, Suppressed)
        else maker.phrases.say(
            "{share}% van de deelnemers koos zelf de korte vragenlijst",
            share=plots.percent(100 * share.value),
        )
    )
    return maker.table(
        title,
        maker.phrases.say("Deel van de deelnemers dat de korte vragenlijst koos, per groep, ongewogen"),
        (
            Column(label=maker.phrases.say("Groep"), width=80, style=""),
            Column(label=maker.phrases.say("aantal (n)")),
            Column(label=maker.phrases.say("korte vragenlijst (%)")),
        ),
        lines,
        maker.phrases.say(
            "Mensen kozen dit zelf aan het begin. Vragen die niet in de korte vragenlijst staan, "
            "gaan alleen over wie alle vragen kreeg; de weging maakt dat niet goed. Een groep "
            "zonder cijfer heeft een streepje: te weinig antwoorden of beschermd. {source}",
            source=maker.source,
        ),
    )


def _short_cells(phrases: Phrases, each: ShortForm) -> tuple[Printed, ...]:
    cell = each.cell
    shown = wording.NONE if isinstance(cell, Suppressed) else plots.percent(100 * cell.value)
    return Printed(text=wording.base(phrases, cell)), Printed(text=shown, style="strong")


def _comparison_line(phrases: Phrases, row: Comparison, number: int) -> Line:
    off = None if row.weighted is None else row.weighted - row.population
    return Line(
        label=(row.label,),
        cells=(
            Printed(text=wording.base_of(phrases, number)),
            *(
                Printed(text=wording.NONE if value is None else plots.percent(value))
                for value in (row.unweighted, row.weighted, row.population)
            ),
            Printed(
                text=wording.NONE if off is None else phrases.signed(off),
                style="strong" if off is not None and abs(off) >= 5 else "",
            ),
        ),
        style="sub",
    )
