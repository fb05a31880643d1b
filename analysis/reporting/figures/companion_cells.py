"""Cells and notes of figures of what employees and partners say: counted, without a margin."""

from collections.abc import Iterator, Sequence

from analysis.estimation.estimates import Observed
from analysis.reporting import wording
from analysis.reporting.disclosure import MINIMUM_BASE, Suppressed
from analysis.reporting.exports.questions import ClosedQuestion
from analysis.reporting.figures.making import Maker, Printed, small_cells
from analysis.reporting.findings.companions import Companion
from analysis.reporting.phrases import Phrases
from analysis.reporting.wording import Kind


def not_weighted(phrases: Phrases, companions: Sequence[Companion]) -> str:
    """Whose answers were counted, and what that means."""
    return phrases.say(
        "Antwoorden van {names} zijn geteld en niet gewogen. Wij weten niet hoeveel mensen zijn gevraagd. "
        "Daarom is er geen marge.",
        names=phrases.names([each.name for each in companions]),
    )


def pairs(phrases: Phrases, cells: Sequence[Observed | Suppressed | None], kind: Kind) -> Iterator[Printed]:
    for cell in cells:
        if cell is None:
            yield from (Printed(text=""), Printed(text=""))
        else:
            yield from (seen(phrases, cell, kind), Printed(text=wording.base(phrases, cell)))


def seen(phrases: Phrases, cell: Observed | Suppressed, kind: Kind) -> Printed:
    if isinstance(cell, Suppressed):
        return Printed(text=wording.NONE, style="few", said=wording.withheld(phrases, cell))
    return Printed(text=wording.number(phrases, cell.value, kind), style="strong")


def asked_as(phrases: Phrases, question: ClosedQuestion) -> str:
    return phrases.say(
        "Vraag {text}",
        text=f"{question.provenance.number}: {wording.sentence(wording.asked(question))}",
    )


def unweighted(
    maker: Maker,
    asked: str,
    cells: Sequence[Observed | Suppressed | None],
    companions: Sequence[Companion],
) -> str:
    """What was asked, and how to read figures that were counted."""
    return f"{asked} {not_weighted(maker.phrases, companions)} {few(maker.phrases, cells)}{maker.source}"


def few(phrases: Phrases, cells: Sequence[Observed | Suppressed | None]) -> str:
    """What the dashes of these cells mean; nothing where all are shown."""
    hidden = [cell for cell in cells if isinstance(cell, Suppressed)]
    if not hidden:
        return ""
    too_few = any(cell.reason == "too_few" for cell in hidden)
    return phrases.say(
        "Een streepje: {reasons}.{too_few}{small_cells} ",
        reasons=wording.withheld(phrases, *hidden),
        too_few=phrases.say(" Te weinig is minder dan {minimum}.", minimum=MINIMUM_BASE) if too_few else "",
        small_cells=small_cells(phrases, hidden),
    )
