"""The chapter on what was asked and of whom: the routes by which people answered, the questionnaire."""

from collections.abc import Sequence

from analysis.reporting import wording
from analysis.reporting.chapters import study_wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.charts import plots
from analysis.reporting.exports.dataset import Account
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.phrases import Phrases, later
from survey.questionnaires.model import Battery

_AT_PLACES = later(
    "Wie met een strookje of aan een kiosk meedeed, is niet getrokken en telt in geen andere figuur mee."
)


def what_was_asked(maker: Maker, outcomes: Outcomes) -> Chapter:
    questionnaire = outcomes.questionnaire
    lines = [
        Line(
            label=(block.title.source,),
            cells=(
                Printed(text=", ".join(dict.fromkeys(each.provenance.number for each in block.questions))),
                Printed(text=maker.phrases.whole(_acts(block.questions))),
            ),
        )
        for block in questionnaire.blocks
    ]
    figures = (
        _participation_table(maker, outcomes),
        maker.table(
            maker.phrases.say(
                "De vragenlijst heeft {parts}",
                parts=maker.phrases.counted(len(questionnaire.blocks), "onderdeel", "onderdelen"),
            ),
            maker.phrases.say(
                "Onderdelen, nummers van de vragen, en het aantal keren dat iemand antwoordt als "
                "alle vragen langskomen"
            ),
            (
                Column(label=maker.phrases.say("Onderdeel"), width=56, style=""),
                Column(label=maker.phrases.say("vragen"), width=84, style="mark"),
                Column(label=maker.phrases.say("antwoorden")),
            ),
            lines,
            maker.phrases.say(
                "Iedereen mocht elke vraag overslaan. De teksten van de vragen staan in bijlage B."
            ),
        ),
    )
    return Chapter(
        anchor="gevraagd",
        kicker=maker.phrases.say("Over het onderzoek"),
        title=maker.phrases.say("Wat is gevraagd, en aan wie?"),
        running=maker.phrases.say("Wat is gevraagd?"),
        lead=maker.phrases.say(
            "Mensen kregen een brief met een eigen code. Wie geen code had, kon meedoen via een "
            "open link. Die antwoorden tellen wij apart."
        ),
        paragraphs=tuple(
            filter(
                None,
                (
                    study_wording.modes(maker.phrases, outcomes),
                    study_wording.answered_in(maker.phrases, outcomes),
                    study_wording.asked_besides(maker.phrases, outcomes),
                ),
            )
        ),
        figures=figures,
    )


def _acts(questions: Sequence[object]) -> int:
    return sum(len(each.items) if isinstance(each, Battery) else 1 for each in questions)


def _participation_table(maker: Maker, outcomes: Outcomes) -> Figure:
    phrases = maker.phrases
    routes = (
        (later("Met een strookje uit een Huis van de Buurt"), outcomes.slips),
        (later("Aan een kiosk"), outcomes.kiosks),
    )
    at_places = [(route, account) for route, account in routes if account != Account()]
    uninvited = (
        (later("Open deelname: mensen zonder code"), outcomes.participation),
        *at_places,
    )
    lines = (
        _of_sample(phrases, outcomes.invited),
        *(
            Line(
                label=(phrases.say(route),),
                cells=_account_cells(phrases, account, wording.NONE, phrases.say("geen respons")),
            )
            for route, account in uninvited
        ),
    )
    return maker.table(
        _took_part(phrases, outcomes.invited),
        phrases.say("Deelname per route, aantallen mensen"),
        (
            Column(label=phrases.say("Route"), width=58, style=""),
            Column(label=phrases.say("codes")),
            Column(label=phrases.say("volledig ingevuld")),
            Column(label=phrases.say("voor een deel ingevuld")),
            Column(label=phrases.say("te weinig ingevuld")),
            Column(label=phrases.say("respons")),
        ),
        lines,
        phrases.say(
            "Respons volgens AAPOR (RR2): volledig en voor een deel ingevuld, gedeeld door alle "
            "codes. Bij open deelname is niet bekend hoeveel mensen de link zagen. Daarom is er "
            "geen respons en geen marge. {places}{source}",
            places=f"{phrases.say(_AT_PLACES)} " if at_places else "",
            source=maker.source,
        ),
    )


def _took_part(phrases: Phrases, invited: Account) -> str:
    people = phrases.whole(invited.complete + invited.partial)
    if not invited.issued:
        return phrases.say("{people} mensen met een code deden mee", people=people)
    return phrases.say(
        "{people} van de {issued} mensen met een code deden mee",
        people=people,
        issued=phrases.whole(invited.issued),
    )


def _of_sample(phrases: Phrases, invited: Account) -> Line:
    rate = response_rates(invited)[1]
    return Line(
        label=(phrases.say("Steekproef: mensen met een code"),),
        cells=_account_cells(
            phrases,
            invited,
            phrases.whole(invited.issued),
            wording.NONE if rate is None else f"{plots.percent(100 * rate)}%",
        ),
    )


def _account_cells(phrases: Phrases, account: Account, codes: str, rate: str) -> tuple[Printed, ...]:
    return (
        Printed(text=codes),
        Printed(text=phrases.whole(account.complete)),
        Printed(text=phrases.whole(account.partial)),
        Printed(text=phrases.whole(account.refused)),
        Printed(text=rate, style="strong"),
    )
