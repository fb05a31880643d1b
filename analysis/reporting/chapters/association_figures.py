"""The chapter about what goes with a high or low grade."""

from collections.abc import Iterator
from functools import partial

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.charts import plots
from analysis.reporting.charts.plots import Dot, Row
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.making import (
    CHARACTERS,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    round_ticks,
)
from analysis.reporting.findings.associations import Association, Associations
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import ReportPlan

_LABEL = 62.0
_NAMED_AT_MOST = 3

_CAUTION = (
    later(
        "Dit zegt niet waardoor iets komt. Wie hulp kreeg en een hoog cijfer geeft, kan om "
        "een heel andere reden tevreden zijn. En wie tevreden is, doet misschien eerder mee."
    ),
    later(
        "Bij elk verschil zijn de andere kenmerken gelijk gehouden. Alleen wie op "
        "al deze vragen antwoord gaf, telt mee."
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
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Wat hangt samen met een hoog of laag cijfer?"),
        running=maker.phrases.say("Wat hangt samen met het cijfer?"),
        lead=maker.phrases.say(
            "Het gaat om het {grade}. Welke mensen geven een hoger cijfer, en welke een lager?", grade=grade
        )
        if not found.withheld
        else maker.phrases.say(
            "Het gaat om het {grade}. Daarover kunnen wij niets zeggen ({reason}).",
            grade=grade,
            reason=wording.withheld(maker.phrases, Suppressed(reason=found.withheld)),
        ),
        paragraphs=() if found.withheld else tuple(map(maker.phrases.say, _CAUTION)),
        figures=() if found.withheld else (_figure(maker, found, report.population),),
    )


def _figure(maker: Maker, found: Associations, population: str) -> Figure:
    lines = tuple(_line(maker.phrases, each) for each in found.found)
    rows = [
        Row(
            label=each.label,
            dot=Dot(value=each.value, low=each.low, high=each.high),
            withheld="",
            reference=0.0,
            lines=len(line.label),
        )
        for each, line in zip(found.found, lines, strict=True)
    ]
    questions = [each for each in found.questions if each]
    against = [each.against for each in found.found if each.against]
    compared = (
        maker.phrases.say(
            " Groepen zijn vergeleken met: {groups}.", groups=maker.phrases.names([*dict.fromkeys(against)])
        )
        if against
        else ""
    )
    return maker.beside(
        _title(maker.phrases, found),
        maker.phrases.say(
            "{label}: hoeveel punten hoger of lager, met de marge van 95%", label=found.outcome.label
        ),
        (
            Column(label=maker.phrases.say("Kenmerk"), width=_LABEL, style=""),
            Column(label=maker.phrases.say("punten"), width=13),
            Column(label=maker.phrases.say("marge"), width=22),
            Column(label=maker.phrases.say("verschil"), width=24, style="mark"),
        ),
        lines,
        maker.phrases.say(
            "Lineaire regressie; de marge rekent met weging en steekproef. n = "
            "{respondents} van {total}: wie een van deze vragen niet kreeg of niet beantwoordde, telt niet "
            "mee.{compared} Hoger en lager staan er alleen als het geen toeval lijkt, "
            "na correctie voor alle toetsen.{together} Vragen: {questions} Basis: {population}, uit de "
            "steekproef, gewogen. {source}",
            respondents=maker.phrases.whole(found.respondents),
            total=maker.phrases.whole(maker.outcomes.respondents),
            compared=compared,
            together=_together(maker.phrases, found),
            questions=wording.listed(questions),
            population=population,
            source=maker.source,
        ),
        plot=partial(
            plots.dots,
            maker.phrases,
            maker.colours,
            rows,
            ticks=round_ticks(rows, "mean"),
            unit="",
            reference_name=maker.phrases.say("geen verschil"),
        ),
    )


def _line(phrases: Phrases, each: Association) -> Line:
    low, high = phrases.signed(each.low, 1), phrases.signed(each.high, 1)
    return Line(
        label=plots.wrapped(each.label, int(_LABEL * CHARACTERS)),
        cells=(
            Printed(text=phrases.signed(each.value, 1), style="strong"),
            Printed(text=phrases.say("{low} tot {high}", low=low, high=high)),
            Printed(
                text=phrases.say(wording.MARKS[each.mark]), style="" if each.mark == "same" else "strong"
            ),
        ),
    )


def _title(phrases: Phrases, found: Associations) -> str:
    """All that are marked, none as the strongest: their units differ, and groups are tested together."""
    marked = [each for each in found.found if each.mark != "same"]
    if not marked:
        return phrases.say("Van geen kenmerk is aangetoond dat het met het cijfer samenhangt")
    names = [
        phrases.say(
            later("{label} (hoger)") if each.mark == "higher" else later("{label} (lager)"),
            label=wording.quoted(each.label),
        )
        for each in marked
    ]
    return phrases.say(
        "Met het cijfer hangt aantoonbaar samen: {found}",
        found=phrases.names(names)
        if len(names) <= _NAMED_AT_MOST
        else phrases.counted(len(names), "kenmerk", "kenmerken"),
    )


def _together(phrases: Phrases, found: Associations) -> str:
    """Why nothing is marked where a margin is all on one side, where that is so."""
    apart = [each for each in found.found if each.mark == "same" and (each.low > 0 or each.high < 0)]
    if not apart:
        return ""
    many = phrases.say(
        " Er kan ‘= gelijk’ staan waar de marge 0 niet bevat: wij toetsen veel, en dan wijkt er altijd "
        "wel iets af door toeval."
    )
    if not any(each.against for each in apart):
        return many
    return many + phrases.say(" Een kenmerk met meer groepen is als geheel getoetst.")
