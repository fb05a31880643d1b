"""The chapter on who took part without a code: counted, and in no other figure."""

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, indicators_named
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.wording import with_unit


def open_participation(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    return Chapter(
        anchor="open",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Open deelname"),
        running=maker.phrases.say("Open deelname"),
        lead=maker.phrases.say(
            "Iedereen kon meedoen via een open link. Deze antwoorden staan hier apart. Ze tellen "
            "niet mee in de andere figuren."
        )
        + (
            maker.phrases.say(
                " Bijlage D schat er met een model alle bewoners uit. Dat mag alleen als een aanname klopt."
            )
            if outcomes.open_margins
            else ""
        ),
        figures=(_table(maker, outcomes, report),),
    )


def _table(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Figure:
    return maker.table(
        maker.phrases.say(
            "{people} mensen deden mee via de open link",
            people=maker.phrases.whole(outcomes.open_respondents),
        ),
        maker.phrases.say(
            "Open deelname ongewogen en zonder marge, naast de gewogen uitkomst van de steekproef"
        ),
        (
            Column(label=maker.phrases.say("Uitkomst"), width=80, style=""),
            Column(label=maker.phrases.say("n open deelname")),
            Column(label=maker.phrases.say("open deelname")),
            Column(label=maker.phrases.say("steekproef")),
            Column(label=maker.phrases.say("n steekproef"), on_page=False),
        ),
        [
            _line(maker.phrases, each)
            for each in indicators_named(outcomes, tuple(dict.fromkeys((*report.headline, *report.profile))))
        ],
        maker.phrases.say(
            "Wie via de open link meedoet, kiest daar zelf voor. Wij weten niet hoeveel mensen "
            "de link zagen, en meer dan één keer meedoen is niet uit te sluiten. Daarom is er "
            "geen respons en geen marge, en zeggen deze cijfers zelf niets over alle inwoners. "
            "{source}",
            source=maker.source,
        ),
    )


def _line(phrases: Phrases, outcome: Outcome) -> Line:
    kind, seen = outcome.indicator.kind, outcome.open
    return Line(
        label=(outcome.indicator.label,),
        cells=(
            Printed(text=wording.base(phrases, seen)),
            Printed(text=wording.withheld(phrases, seen), style="few")
            if isinstance(seen, Suppressed)
            else Printed(text=with_unit(phrases, seen.value, kind), style="strong"),
            Printed(
                text=wording.NONE
                if isinstance(outcome.whole, Suppressed)
                else with_unit(phrases, outcome.whole.value, kind)
            ),
            Printed(text=wording.base(phrases, outcome.whole)),
        ),
    )
