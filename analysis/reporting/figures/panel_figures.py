"""Figures of small panels: the same outcomes of every area, in a fixed order."""

from collections.abc import Sequence

from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.charts.panel_charts import Axis, Direction, Measure, Panel, Place, panels
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.making import (
    CHARACTERS,
    PAGE,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    Table,
    drawn,
    interval_cell,
    marked_cell,
    plot_rows,
    round_ticks,
    small_cells,
    starred,
    stars,
    value_cell,
    value_of,
)
from analysis.reporting.findings.outcome_values import Outcome

MOST_MEASURES = 5
"""In one figure: more rows than these do not fit on a page with many areas, nor more columns in its table."""
_WIDEST_NAME = 52.0


def area_panels(maker: Maker, chosen: Sequence[Outcome], population: str) -> Figure:
    """At most `MOST_MEASURES` outcomes, shares first, of every area, with the table of all their numbers."""
    chosen = sorted(chosen, key=lambda outcome: outcome.indicator.kind != "proportion")
    name = maker.figure_name()
    places = [_places(maker, outcome) for outcome in chosen]
    title = wording.panels_title(maker.phrases, marks_by_area(maker, chosen), maker.municipality.name)
    svg = panels(
        maker.phrases,
        maker.colours,
        [
            Panel(name=area.name, places=tuple(row[number] for row in places))
            for number, area in enumerate(maker.municipality.areas)
        ],
        [Measure(label=outcome.indicator.label, whole=_printed(maker, outcome)) for outcome in chosen],
        _axes(chosen, places),
        title=title,
        whole_name=maker.municipality.name,
    )
    cells = [each.cell for outcome in chosen for each in outcome.areas]
    texts = wording.listed([maker.question_text(outcome) for outcome in chosen])
    return Figure(
        name=name,
        title=title,
        what=maker.phrases.say(
            "Elk vak is een wijk, met de marge van 95%. De lijn door de rijen is heel {town}. "
            "▲ hoger en ▼ lager dan de rest van {town}",
            town=maker.municipality.name,
        ),
        note=maker.phrases.say(
            "Vragen {texts} Basis: {population}, uit de steekproef, gewogen.{about_whom}{stars}{small_cells} "
            "{mark_rule} {source}",
            texts=texts,
            population=population,
            about_whom=maker.about_whom(chosen),
            stars=stars(maker.phrases, cells),
            small_cells=small_cells(maker.phrases, cells),
            mark_rule=maker.mark_rule(),
            source=maker.source,
        ),
        table=_table(maker, chosen, name),
        svg=drawn(svg),
        long=True,
    )


def marks_by_area(maker: Maker, chosen: Sequence[Outcome]) -> list[tuple[str, list[wording.Mark | None]]]:
    """Every area by name, with its mark on each outcome."""
    return [
        (area.name, [outcome.areas[number].mark for outcome in chosen])
        for number, area in enumerate(maker.municipality.areas)
    ]


def _places(maker: Maker, outcome: Outcome) -> list[Place]:
    """A place for every area."""
    kind = outcome.indicator.kind
    whole = value_of(outcome.whole, kind)
    label = Line(label=(outcome.indicator.label,))
    cells = [each.cell for each in outcome.areas]
    rows = plot_rows(maker.phrases, [label] * len(cells), cells, kind, [whole] * len(cells))
    return [
        Place(
            row=row,
            printed=starred(maker.phrases, each.cell, kind),
            direction=_direction(each.mark),
        )
        for row, each in zip(rows, outcome.areas, strict=True)
    ]


def _direction(mark: wording.Mark | None) -> Direction | None:
    return None if mark == "same" else mark


def _printed(maker: Maker, outcome: Outcome) -> str:
    cell = outcome.whole
    if isinstance(cell, Suppressed):
        return wording.NONE
    return wording.with_unit(maker.phrases, cell.value, outcome.indicator.kind)


def _axes(chosen: Sequence[Outcome], places: Sequence[Sequence[Place]]) -> list[Axis]:
    """One for all shares, and one for every mean: grades and scores of a scale do not share theirs."""
    shares = sum(outcome.indicator.kind == "proportion" for outcome in chosen)
    found = [Axis(rows=shares, ticks=(0, 50, 100), unit="%")] if shares else []
    for outcome, of_areas in zip(chosen, places, strict=True):
        if outcome.indicator.kind == "mean":
            rows = [place.row for place in of_areas]
            ticks = round_ticks(rows, "mean")
            found.append(Axis(rows=1, ticks=(ticks[0], ticks[-1]), unit=""))
    return found


def _table(maker: Maker, chosen: Sequence[Outcome], name: str) -> Table:
    """A row for every area; of every outcome the figure, its interval and the number of answers."""
    phrases = maker.phrases
    columns: list[Column] = []
    for outcome in chosen:
        share, label = outcome.indicator.kind == "proportion", outcome.indicator.label
        columns += [
            Column(label="%" if share else phrases.say("gem."), group=label, width=7.8),
            Column(label=phrases.say("marge"), group=label, width=9.6 if share else 12.2),
            Column(label="n", group=label, width=8.4),
        ]
    width = min(_WIDEST_NAME, PAGE - sum(column.width or 0 for column in columns))
    lines = [
        Line(
            label=plots.wrapped(area.name, int(width * CHARACTERS)),
            cells=tuple(
                printed
                for outcome in chosen
                for each in (outcome.areas[number],)
                for printed in (
                    marked_cell(phrases, each, outcome.indicator.kind),
                    interval_cell(phrases, each.cell, outcome.indicator.kind),
                    Printed(text=wording.base(phrases, each.cell)),
                )
            ),
        )
        for number, area in enumerate(maker.municipality.areas)
    ]
    lines.append(
        Line(
            label=plots.wrapped(maker.municipality.name, int(width * CHARACTERS)),
            cells=tuple(
                printed
                for outcome in chosen
                for printed in (
                    value_cell(phrases, outcome.whole, outcome.indicator.kind),
                    interval_cell(phrases, outcome.whole, outcome.indicator.kind),
                    Printed(text=wording.base(phrases, outcome.whole)),
                )
            ),
            style="total",
        )
    )
    return Table(
        caption=phrases.say("Tabel bij {name}", name=name.lower()),
        columns=(Column(label=phrases.say("Wijk"), width=width, style=""), *columns),
        lines=tuple(lines),
    )
