"""Figures of what changed in every area since an earlier wave."""

from collections.abc import Iterator, Sequence
from functools import partial

from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.charts.plots import Dot, Row
from analysis.reporting.disclosure import FIRM_AREA_BASE
from analysis.reporting.figures.making import (
    CHARACTERS,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    mark_cell,
    scaled,
)
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.waves import Change
from analysis.reporting.phrases import Phrases, later
from survey.questionnaires.model import Area

_AREA = 34.0
_REACHES = (0.4, 1, 2, 4, 10, 20, 40, 60, 80, 100)
"""To either side of no difference: each has a half that is printed with one decimal."""


def area_changes(
    maker: Maker, outcome: Outcome, changes: Sequence[Change], moments: tuple[str, str], population: str
) -> Figure:
    """An outcome in every area, then and now: the largest rise first, too few answers last."""
    phrases, kind = maker.phrases, outcome.indicator.kind
    found = {change.area: change for change in changes}
    shown = sorted(changes, key=lambda change: -change.difference)
    compared = [(change.area, change) for change in shown if change.area is not None]
    rest = [(each.area, None) for each in outcome.areas if each.area not in found]
    rows = [(_line(phrases, area, change), change) for area, change in (*compared, *rest)]
    marks = [_row(phrases, line, change) for line, change in rows]
    unit = "%" if kind == "proportion" else phrases.say("gem.")
    return maker.beside(
        _title(phrases, outcome.indicator.label, shown),
        phrases.say(
            "{label}, per wijk, in {then} en in {now}. De punten zijn de verschillen, met de marge van 95%",
            label=outcome.indicator.label,
            then=moments[0],
            now=moments[1],
        ),
        (
            Column(label=phrases.say("Wijk"), width=_AREA, style=""),
            *(
                Column(label=label, group=moment, width=width)
                for moment in moments
                for label, width in ((unit, 11.0), ("n", 10.0))
            ),
            Column(label=phrases.say("verschil"), width=13),
            Column(label=phrases.say("marge"), width=19),
            Column(label="", width=25, style="mark"),
        ),
        [line for line, _ in rows],
        phrases.say(
            "{question} Basis: {population}, uit de steekproef, gewogen.{few} {rule} De p-waarden zijn "
            "gecorrigeerd over alle wijken en cijfers onder dit kopje. {source}",
            question=maker.question_note(outcome),
            population=population,
            few="".join(_few(phrases, shown, rest)),
            rule=maker.mark_rule(),
            source=maker.source,
        ),
        plot=partial(
            plots.dots,
            phrases,
            maker.colours,
            marks,
            ticks=_ticks(marks),
            unit="",
            reference_name=phrases.say("geen verschil"),
        ),
    )


def _few(phrases: Phrases, shown: Sequence[Change], rest: Sequence[object]) -> Iterator[str]:
    """What a dash and "indicatief" mean, where they stand."""
    if rest:
        yield phrases.say(
            " Een streepje: in een van beide metingen te weinig antwoorden of beschermd, of toen een "
            "andere wijk."
        )
    if any(change.then.indicative or change.now.indicative for change in shown):
        yield phrases.say(
            " Indicatief: in een van beide metingen minder dan {firm} antwoorden.", firm=FIRM_AREA_BASE
        )


def _line(phrases: Phrases, area: Area, change: Change | None) -> Line:
    label = plots.wrapped(area.name, int(_AREA * CHARACTERS))
    if change is None:
        return Line(label=label, cells=(Printed(text=wording.NONE, style="few"),) * 7, style="few")
    kind = change.indicator.kind
    difference, low, high = (
        phrases.signed(scaled(value, kind), _places(change))
        for value in (change.difference, change.low, change.high)
    )
    fewest = min(change.then, change.now, key=lambda estimate: estimate.respondents)
    return Line(
        label=label,
        cells=(
            *(
                Printed(text=text)
                for estimate in (change.then, change.now)
                for text in (wording.figure(phrases, estimate, kind), wording.base(phrases, estimate))
            ),
            Printed(text=difference, style="strong"),
            Printed(text=phrases.say("{low} tot {high}", low=low, high=high)),
            mark_cell(phrases, fewest, change.mark),
        ),
    )


def _places(change: Change) -> int:
    return 0 if change.indicator.kind == "proportion" else 1


def _row(phrases: Phrases, line: Line, change: Change | None) -> Row:
    """Rounded as it is printed, so that the words of the plot are those of the table."""
    label, lines = " ".join(line.label), len(line.label)
    if change is None:
        return Row(label=label, dot=None, withheld=phrases.say("niet te vergelijken"), lines=lines)
    value, low, high = (
        round(scaled(each, change.indicator.kind), _places(change))
        for each in (change.difference, change.low, change.high)
    )
    return Row(label=label, dot=Dot(value=value, low=low, high=high), withheld="", reference=0.0, lines=lines)


def _ticks(rows: Sequence[Row]) -> tuple[float, ...]:
    """No difference in the middle, and as far to either side as the intervals reach."""
    ends = [abs(end) for row in rows if row.dot is not None for end in (row.dot.low, row.dot.high)]
    reach = next((each for each in _REACHES if each >= max(ends)), _REACHES[-1])
    return (-reach, -reach / 2, 0, reach / 2, reach)


def _title(phrases: Phrases, label: str, changes: Sequence[Change]) -> str:
    """In which areas, by name, it is clearly higher or lower than it was."""
    parts = [
        phrases.say(sentence, areas=wording.areas_named(phrases, names))
        for direction, sentence in (
            ("higher", later("hoger dan toen in {areas}")),
            ("lower", later("lager dan toen in {areas}")),
        )
        if (names := [change.area.name for change in changes if change.area and change.mark == direction])
    ]
    said = phrases.names(parts) if parts else phrases.say("in geen wijk een aantoonbare verandering")
    return f"{label}: {said}"
