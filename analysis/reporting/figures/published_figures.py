"""Figures that others published, beside those of now."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.charts.background import Published
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.questions import ClosedQuestion
from analysis.reporting.figures.making import CHARACTERS, Column, Figure, Line, Maker, Printed
from analysis.reporting.phrases import SOURCE_LANGUAGE
from analysis.reporting.wording import Kind

_LABEL = 59.0


class Beside(NamedTuple):
    """A published figure, and that of now."""

    published: Published
    cell: Cell
    kind: Kind


def comparable(maker: Maker, question: ClosedQuestion, kind: Kind) -> Iterator[Published]:
    """Those about the same question, in the same unit, that may be compared."""
    units = {"%"} if kind == "proportion" else {"1-10", "0-10"}
    for published in maker.background.published:
        known = published.comparable in ("yes", "limited")
        if known and published.key == question.provenance.comparison and published.unit in units:
            yield published


def of_everybody(maker: Maker, question: ClosedQuestion, kind: Kind) -> Iterator[Published]:
    """Those of the whole municipality or country."""
    for published in comparable(maker, question, kind):
        if published.area in (maker.municipality.code, "NL"):
            yield published


def beside_published(maker: Maker, title: str, compared: Sequence[Beside], note: str = "") -> Figure:
    """`note` comes before what is said of the kinds of sources."""
    made = maker.table(
        title,
        maker.phrases.say(
            "Cijfers van anderen naast die van nu. De vraag was toen anders, of zij ging over andere mensen"
        ),
        (
            Column(label=maker.phrases.say("Onderwerp in de bron"), width=_LABEL, style=""),
            Column(label=maker.phrases.say("gebied"), width=27, style="mark"),
            Column(label=maker.phrases.say("jaar"), width=10),
            Column(label=maker.phrases.say("toen"), width=11),
            Column(label=maker.phrases.say("nu"), width=11),
            Column(label=maker.phrases.say("marge nu"), width=16),
            Column(label=maker.phrases.say("n nu"), width=11),
            Column(label=maker.phrases.say("soort bron"), width=21, style="mark"),
        ),
        [_line(maker, each) for each in compared],
        " ".join(filter(None, (note, _kinds_of_sources(maker, compared)))),
    )
    sources = "; ".join(dict.fromkeys(each.published.source for each in compared))
    found: Figure = replace(made, sources=sources)
    return found


def _line(maker: Maker, each: Beside) -> Line:
    phrases, published = maker.phrases, each.published
    told = f"{published.indicator} ({published.remark})" if published.remark else published.indicator
    return Line(
        label=plots.wrapped(told, int(_LABEL * CHARACTERS)),
        language=SOURCE_LANGUAGE,
        cells=(
            Printed(text=published.area_name, language=SOURCE_LANGUAGE),
            Printed(text=published.year or phrases.say("onbekend")),
            Printed(
                text=f"{phrases.decimal(published.value, 0)}%"
                if published.unit == "%"
                else phrases.decimal(published.value)
            ),
            Printed(text=wording.NONE, style="strong", said=wording.withheld(phrases, each.cell))
            if isinstance(each.cell, Suppressed)
            else Printed(text=wording.with_unit(phrases, each.cell.value, each.kind), style="strong"),
            Printed(text=wording.interval(phrases, each.cell, each.kind)),
            Printed(text=wording.base(phrases, each.cell)),
            Printed(
                text=phrases.say("tweede hand")
                if published.source_kind == "secondary"
                else phrases.say("eerste hand")
            ),
        ),
    )


def _kinds_of_sources(maker: Maker, compared: Sequence[Beside]) -> str:
    second_hand = maker.phrases.say(
        "Tweede hand: uit een krant of een weblog over het onderzoek. Met het origineel is dit nog "
        "niet vergeleken."
    )
    there = any(each.published.source_kind == "secondary" for each in compared)
    return " ".join((*((second_hand,) if there else ()), maker.source))
