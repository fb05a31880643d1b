"""Which groups of residents answer otherwise than everybody else, on the outcomes of one principle."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from msgspec.structs import replace

from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.figures.making import (
    CHARACTERS,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    interval_cell,
    mark_cell,
)
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.phrases import Phrases
from analysis.reporting.wording import Kind, Mark

_LABEL = 74.0

_TOGETHER = 36
"""Most lines of a table that stay on one page."""


class _Compared(NamedTuple):
    """A group beside everybody else on one outcome."""

    group: str
    outcome: Outcome
    cell: Cell
    mark: Mark

    @property
    def differs(self) -> bool:
        return self.mark != "same"


def differing(maker: Maker, principle: str, chosen: Sequence[Outcome], population: str) -> Figure | None:
    """The figures that are marked, by group; None when none is."""
    compared = [*_compared(maker, chosen)]
    marked = [each for each in compared if each.differs]
    if not marked:
        return None
    found, comparisons = wording.differences(maker.phrases, [each.mark for each in compared])
    lines = [*_lines(maker.phrases, marked)]
    questions = [each.outcome.question for each in compared]
    told = [*{each.outcome.indicator.key: each.outcome for each in marked}.values()]
    made = maker.table(
        maker.phrases.say(
            "{principle} per groep: {found} bij {compared}",
            principle=principle,
            found=found,
            compared=comparisons,
        ),
        maker.phrases.say(
            "In procenten of gemiddelden, met de marge van 95%. Hier staat alleen wat duidelijk anders is"
        ),
        (
            Column(label=maker.phrases.say("Uitkomst"), width=_LABEL, style=""),
            Column(label="n", width=12),
            Column(label=maker.phrases.say("in de groep"), width=14),
            Column(label=maker.phrases.say("marge"), width=18),
            Column(label=maker.phrases.say("alle bewoners"), width=16),
            Column(label=maker.phrases.say("tegenover de anderen"), width=32, style="mark"),
        ),
        lines,
        maker.phrases.say(
            "{alike}{few}{sensitive} Iemand kan bij meer groepen horen. De vragen ({numbers}) staan in "
            "bijlage B.{caveats} Basis: {population}, uit de steekproef, gewogen.{about_whom} Het teken zet "
            "de groep tegenover de anderen, niet tegenover alle bewoners. {mark_rule} {source}",
            alike=_alike_beside(maker.phrases, compared),
            few=_of_few(maker, chosen, compared),
            sensitive=_sensitive(maker, chosen),
            numbers=maker.phrases.names([*dict.fromkeys(each.provenance.number for each in questions)]),
            caveats=maker.caveats(questions),
            population=population,
            about_whom=maker.about_whom(told),
            mark_rule=maker.mark_rule(),
            source=maker.source,
        ),
        long=len(lines) > _TOGETHER,
    )
    return replace(made, apart=made.long)


def alike(maker: Maker, chosen: Sequence[Outcome]) -> str:
    """That no group is marked on any of these, or that none could be compared; else nothing."""
    if not any(outcome.indicator.key in each.cells for each in maker.outcomes.groups for outcome in chosen):
        return ""
    compared = [*_compared(maker, chosen)]
    if not compared:
        return maker.phrases.say("Er zijn te weinig antwoorden om groepen te vergelijken.")
    if any(each.differs for each in compared):
        return ""
    _, comparisons = wording.differences(maker.phrases, [each.mark for each in compared])
    groups = len({each.group for each in compared})
    return maker.phrases.say(
        "Wij vergeleken {groups} met alle anderen. Bij {compared} is geen duidelijk verschil "
        "aangetoond.{sensitive}",
        groups=maker.phrases.counted(groups, "groep", "groepen"),
        compared=comparisons,
        sensitive=_sensitive(maker, chosen),
    )


def _compared(maker: Maker, chosen: Sequence[Outcome]) -> Iterator[_Compared]:
    for group in maker.outcomes.groups:
        for outcome in chosen:
            mark = group.marks.get(outcome.indicator.key)
            if mark is not None:
                yield _Compared(group.plan.name, outcome, group.cells[outcome.indicator.key], mark)


def _alike_beside(phrases: Phrases, compared: Sequence[_Compared]) -> str:
    """Which groups are marked on nothing, where others are."""
    marked = {each.group for each in compared if each.differs}
    others = [each.group for each in compared if each.group not in marked]
    if not others:
        return phrases.say("Elke groep die wij vergeleken, staat hier.")
    return phrases.say("Ook vergeleken, zonder duidelijk verschil: {groups}.", groups=_named(phrases, others))


def _of_few(maker: Maker, chosen: Sequence[Outcome], compared: Sequence[_Compared]) -> str:
    """Which groups have too few answers to be compared on any of these outcomes."""
    keys, seen = {each.indicator.key for each in chosen}, {each.group for each in compared}
    few = [
        each.plan.name
        for each in maker.outcomes.groups
        if each.plan.name not in seen and any(key in each.cells for key in keys)
    ]
    if not few:
        return ""
    return maker.phrases.say(
        " Niet vergeleken, want te weinig antwoorden: {groups}.", groups=_named(maker.phrases, few)
    )


def _sensitive(maker: Maker, chosen: Sequence[Outcome]) -> str:
    """Which groups are not compared on all of these outcomes, because they and the outcome are sensitive."""
    groups = [
        each.plan.name
        for each in maker.outcomes.groups
        if each.question is not None and any(outcome.indicator.key not in each.cells for outcome in chosen)
    ]
    if not groups:
        return ""
    return maker.phrases.say(
        " Gezondheid is niet vergeleken bij {groups}: een groep en een uitkomst die allebei gevoelig zijn, "
        "zetten wij niet naast elkaar.",
        groups=_named(maker.phrases, groups),
    )


def _named(phrases: Phrases, groups: Sequence[str]) -> str:
    return phrases.names([wording.quoted(wording.lower_first(name)) for name in dict.fromkeys(groups)])


def _lines(phrases: Phrases, marked: Sequence[_Compared]) -> Iterator[Line]:
    for group, found in groupby(marked, key=lambda each: each.group):
        yield Line(label=(group,), style="group")
        for each in found:
            kind = each.outcome.indicator.kind
            yield Line(
                label=plots.wrapped(each.outcome.indicator.label, int(_LABEL * CHARACTERS)),
                cells=(
                    Printed(text=wording.base(phrases, each.cell)),
                    Printed(text=_figure(phrases, each.cell, kind), style="strong"),
                    interval_cell(phrases, each.cell, kind),
                    Printed(text=_figure(phrases, each.outcome.whole, kind)),
                    mark_cell(phrases, each.cell, each.mark),
                ),
                style="sub",
            )


def _figure(phrases: Phrases, cell: Cell, kind: Kind) -> str:
    """Shares and means stand below each other, so that a share has its sign."""
    return wording.NONE if isinstance(cell, Suppressed) else wording.with_unit(phrases, cell.value, kind)
