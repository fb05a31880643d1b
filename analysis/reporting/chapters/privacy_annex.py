"""The annex about ethics and privacy: what residents agreed to, what is kept, and what nobody settled yet."""

from collections.abc import Iterator

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.chapters.study_wording import contact, ethics, once, told
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL, Suppressed
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.participation_account import ConsentShare
from analysis.reporting.plans.plan import ReportPlan


def privacy(maker: Maker, outcomes: Outcomes, report: ReportPlan, letter: str) -> Chapter:
    phrases = maker.phrases
    return Chapter(
        anchor="privacy",
        kicker=phrases.say("Bijlage {letter}", letter=letter),
        title=phrases.say("Ethiek en privacy"),
        running=phrases.say("Bijlage {letter}: ethiek en privacy", letter=letter),
        lead=phrases.say("Waar stemden mensen mee in, wat is van hen bewaard, en wie ziet dat?"),
        figures=(*_consents(maker, outcomes), _rules(maker, outcomes, report)),
    )


def _consents(maker: Maker, outcomes: Outcomes) -> Iterator[Figure]:
    if not outcomes.consents:
        return
    phrases = maker.phrases
    yield maker.table(
        phrases.say("Bewoners kozen zelf waarvoor zij toestemming gaven"),
        phrases.say("Wat niet hoefde om mee te doen, en welk deel het aankruiste (%)"),
        (
            Column(label=phrases.say("Toestemming"), width=60, style=""),
            Column(label=phrases.say("uitleg die erbij stond"), style=""),
            Column(label="%", width=12),
            Column(label="n", width=12),
        ),
        [_consent(maker, each) for each in outcomes.consents],
        phrases.say(
            "Van alle bewoners van wie de antwoorden tellen, ook van de open link. Geteld, niet gewogen; "
            "daarom is er geen marge. {source}",
            source=maker.source,
        ),
        long=True,
    )


def _consent(maker: Maker, each: ConsentShare) -> Line:
    hidden = isinstance(each.cell, Suppressed)
    return Line(
        label=(each.purpose.label.source,),
        cells=(
            Printed(text=each.purpose.explanation.source),
            Printed(
                text=wording.NONE
                if isinstance(each.cell, Suppressed)
                else wording.number(maker.phrases, each.cell.value, "proportion"),
                style="few" if hidden else "strong",
            ),
            Printed(text=wording.base(maker.phrases, each.cell)),
        ),
    )


def _rules(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Figure:
    phrases = maker.phrases
    return maker.table(
        phrases.say("Hoe met mensen en hun antwoorden is omgegaan"),
        phrases.say("Per onderwerp wat geldt; wat niet is opgegeven, staat er zo"),
        (
            Column(label=phrases.say("Onderwerp"), width=40, style=""),
            Column(label=phrases.say("hoe het is geregeld"), style=""),
        ),
        [
            Line(label=(topic,), cells=(Printed(text=text),))
            for topic, text in _topics(maker, outcomes, report)
        ],
        "",
        long=True,
    )


def _topics(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[tuple[str, str]]:
    say, fieldwork, study = maker.phrases.say, outcomes.questionnaire.fieldwork, report.study
    yield say("Toetsing vooraf"), told(maker.phrases, ethics(study, fieldwork))
    yield (
        say("Vrijwillig"),
        say("Niemand hoefde mee te doen. Iedereen mocht elke vraag overslaan en op elk moment stoppen."),
    )
    yield say("Antwoorden weghalen"), _withdrawal(maker, outcomes)
    yield say("Eén keer meedoen"), once(maker.phrases)
    yield (
        say("Wat niet bij de antwoorden staat"),
        say(
            "Naam, adres, telefoonnummer, e-mailadres, internetadres, dag en tijd. Van postcode en buurt "
            "is alleen de wijk bewaard. In een open antwoord kan iemand toch iets over zichzelf "
            "hebben geschreven."
        ),
    )
    yield (
        say("Geen herkenbare mensen"),
        say(
            "Geen cijfer bij minder dan {minimum} antwoorden, en geen antwoord van minder dan {smallest} "
            "mensen; bijlage A zegt er meer over.",
            minimum=MINIMUM_BASE,
            smallest=SMALLEST_CELL,
        ),
    )
    yield (
        say("Eigen woorden van bewoners"),
        say("Citaten staan alleen in een rapport als iemand ze heeft nagelezen en vrijgegeven."),
    )
    yield say("Waar de antwoorden zijn, hoe lang, en wie erbij kan"), told(maker.phrases, study.data)
    yield say("Vragen of een klacht"), told(maker.phrases, contact(study, fieldwork))


def _withdrawal(maker: Maker, outcomes: Outcomes) -> str:
    phrases, until = maker.phrases, outcomes.questionnaire.fieldwork.withdrawal_until
    how = phrases.say("Wie antwoordde, kreeg woorden waarmee de eigen antwoorden weg te halen zijn.")
    day = (
        phrases.say("Tot wanneer is niet opgegeven.")
        if until is None
        else phrases.say("Dat kon tot en met {day}.", day=phrases.day(until))
    )
    used = phrases.say(
        "Zo vaak is dat gedaan: {number}.", number=phrases.whole(outcomes.dataset.fieldwork.withdrawn)
    )
    return f"{how} {day} {used}"
