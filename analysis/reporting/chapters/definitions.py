"""The annex with the definition of every figure, and how the published scales were scored."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.asked import Asked
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.charts import plots
from analysis.reporting.exports.questions import question_of
from analysis.reporting.figures.making import CHARACTERS, POINTS, Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.scale_accounts import ENOUGH, ScaleAccount
from analysis.reporting.phrases import later

_LABEL = 40.0


def definitions(maker: Maker, outcomes: Outcomes, letters: Iterator[str]) -> Chapter:
    """What each figure of the report counts, of which question, among whom."""
    phrases, letter = maker.phrases, next(letters)
    return Chapter(
        anchor="betekenis",
        kicker=phrases.say("Bijlage {letter}", letter=letter),
        title=phrases.say("Alle cijfers en wat ze betekenen"),
        running=phrases.say("Bijlage {letter}: betekenis van de cijfers", letter=letter),
        lead=phrases.say("Welke vraag hoort bij een cijfer, en welke antwoorden tellen mee?"),
        figures=(
            definitions_of(maker, phrases.say("De betekenis van elk cijfer"), outcomes.indicators),
            *([_scales(maker, outcomes)] if outcomes.scales else []),
        ),
    )


def definitions_of(maker: Maker, title: str, chosen: Sequence[Outcome]) -> Figure:
    phrases, asked = maker.phrases, Asked(maker.outcomes.questionnaire, maker.phrases)
    return maker.table(
        title,
        phrases.say("De vraag, en wat van de antwoorden meetelt"),
        (
            Column(label=phrases.say("Cijfer"), width=_LABEL, style=""),
            Column(label=phrases.say("vraag"), width=62, style=""),
            Column(label=phrases.say("wat meetelt"), style=""),
        ),
        [_line(maker, asked, each) for each in chosen],
        phrases.say(
            "Een aandeel is het deel van de mensen die antwoord gaven. Wie ‘weet ik niet’ of ‘wil ik niet "
            "zeggen’ koos, telt niet mee, behalve waar dat bij een cijfer staat. {source}",
            source=maker.source,
        ),
        long=True,
    )


def _line(maker: Maker, asked: Asked, outcome: Outcome) -> Line:
    indicator = outcome.indicator
    counted = [wording.capital(asked.counted(indicator))]
    reasons = [
        asked.quoted(asked.text(reason.label))
        for reason in outcome.question.reasons
        if reason.code in indicator.include
    ]
    if reasons:
        named = maker.phrases.names(reasons)
        counted.append(maker.phrases.say("in het geheel telt ook {reasons}", reasons=named))
    if indicator.of_whom:
        counted.append(indicator.of_whom)
    return Line(
        label=(indicator.label,),
        cells=(
            Printed(text=maker.question_text(outcome)),
            Printed(text="; ".join(counted)),
        ),
    )


def _scales(maker: Maker, outcomes: Outcomes) -> Figure:
    phrases, asked = maker.phrases, Asked(outcomes.questionnaire, maker.phrases)
    return maker.table(
        phrases.say("Scores uit meer vragen samen"),
        phrases.say("Hoe goed de vragen van een score bij elkaar horen, met de alfa van Cronbach"),
        (
            Column(label=phrases.say("Vragen"), width=_LABEL, style=""),
            Column(label=phrases.say("waar de vragen vandaan komen"), width=58, style=""),
            Column(label=phrases.say("vragen")),
            Column(label=phrases.say("alfa")),
            Column(label=phrases.say("n")),
        ),
        [_scale_line(maker, asked, each) for each in outcomes.scales],
        phrases.say(
            "Alfa loopt tot 1: hoe hoger, hoe meer de vragen hetzelfde meten. Vanaf {enough} noemt men dat "
            "meestal genoeg. Gewogen, van wie alle vragen van de score beantwoordde.{rules} {source}",
            enough=phrases.decimal(ENOUGH),
            rules="".join(f" {phrases.say(rule)}" for rule in _rules(outcomes)),
            source=maker.source,
        ),
        long=True,
    )


_MISSING = {
    "cohesion": later("Sociale samenhang telt vanaf vier van de zes antwoorden, als hun gemiddelde."),
    "who5": later("De WHO-5 telt vanaf vier van de vijf antwoorden; een vijfde is dan hun gemiddelde."),
    "loneliness": later("Eenzaamheid telt alleen met alle zes antwoorden."),
}
"""How many answers a score needs, as `analysis.estimation.scales` has it."""


def _rules(outcomes: Outcomes) -> list[str]:
    used = {each.indicator.scale for each in outcomes.indicators}
    return [rules[scale] for rules in (_MISSING, POINTS) for scale in rules if scale in used]


def _scale_line(maker: Maker, asked: Asked, account: ScaleAccount) -> Line:
    question = question_of(maker.outcomes.questionnaire, account.variable)
    value = (
        Printed(text=wording.NONE, style="few")
        if account.alpha is None
        else Printed(text=maker.phrases.decimal(account.alpha, 2), style="strong")
    )
    return Line(
        label=plots.wrapped(asked.text(question.short), int(_LABEL * CHARACTERS)),
        cells=(
            Printed(text=question.provenance.instrument or wording.NONE),
            Printed(text=maker.phrases.whole(account.items)),
            value,
            Printed(text=wording.base_of(maker.phrases, account.respondents)),
        ),
    )
