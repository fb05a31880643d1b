"""The annex about languages and accessibility: what was offered, and in what language people answered."""

from collections.abc import Iterator

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.participation_account import LanguageUse
from analysis.reporting.phrases import later
from analysis.reporting.plans.plan import ReportPlan
from survey.questionnaires.model import MultipleChoice, Option, Questionnaire, SingleChoice
from survey.questionnaires.wording import REGISTERS

_EVERYWHERE = (
    later(
        "De vragen staan één voor één op een bladzijde en zijn met alleen een toetsenbord in te vullen. Wie "
        "wil, kiest grotere letters. Waar het apparaat een stem heeft voor de taal, kan iemand een vraag "
        "laten voorlezen."
    ),
)
_THIS_REPORT = later(
    "Dit rapport is een PDF met een leesvolgorde, kopjes en tekst bij elke figuur, voor wie luistert in "
    "plaats van leest (PDF/UA-1). Hetzelfde staat op één bladzijde voor het web."
)
_STATEMENT = later(
    "Wat van de vragenlijst is getest en wat niet voldoet, staat in de toegankelijkheidsverklaring op "
    "dezelfde website, onder /toegankelijkheid."
)


def accessibility(maker: Maker, outcomes: Outcomes, _: ReportPlan, letter: str) -> Chapter:
    phrases, questionnaire = maker.phrases, outcomes.questionnaire
    return Chapter(
        anchor="talen",
        kicker=phrases.say("Bijlage {letter}", letter=letter),
        title=phrases.say("Talen en toegankelijkheid"),
        running=phrases.say("Bijlage {letter}: talen en toegankelijkheid", letter=letter),
        lead=phrases.say("In welke taal kon iemand meedoen, en wat was er voor wie moeilijk leest of ziet?"),
        paragraphs=tuple(
            phrases.say(text) for text in (*_EVERYWHERE, *_features(questionnaire), _STATEMENT, _THIS_REPORT)
        ),
        figures=(_languages(maker, outcomes),),
    )


def _features(questionnaire: Questionnaire) -> Iterator[str]:
    """What this questionnaire has for who reads or writes with difficulty."""
    if questionnaire.short_form is not None:
        yield later("Wie weinig tijd of moeite met lezen heeft, kon een korte vragenlijst kiezen.")
    options = list(_options(questionnaire))
    if any(option.pictogram for option in options):
        yield later("Bij een deel van de antwoorden staat een plaatje, naast de woorden.")
    if any(option.helper for option in options):
        yield later(
            "Iemand mocht helpen met invullen. Op elke bladzijde stond dan dat het om de "
            "mening van de bewoner gaat."
        )


def _options(questionnaire: Questionnaire) -> Iterator[Option]:
    for block in questionnaire.blocks:
        for question in block.questions:
            if isinstance(question, SingleChoice | MultipleChoice):
                yield from question.options


def _languages(maker: Maker, outcomes: Outcomes) -> Figure:
    phrases = maker.phrases
    names = {each.tag: phrases.languages([each.tag])[0] for each in outcomes.languages}
    drafts = sum(each.draft for each in outcomes.languages)
    title = phrases.say(
        "De vragenlijst was er in {languages}, waarvan {drafts} als concept",
        languages=phrases.counted(len(outcomes.languages), "taal", "talen"),
        drafts=phrases.in_words(drafts) if drafts else phrases.whole(drafts),
    )
    return maker.table(
        title,
        phrases.say("Van alle bewoners van wie de antwoorden tellen, ook van de open link; aantallen"),
        (
            Column(label=phrases.say("Taal"), width=38, style=""),
            Column(label=phrases.say("vertaling"), width=104, style="mark"),
            Column(label=phrases.say("antwoorden")),
        ),
        [
            Line(
                label=(wording.capital(names[each.tag]),),
                cells=(Printed(text=phrases.say(_state(each))), _number(maker, each)),
            )
            for each in sorted(outcomes.languages, key=lambda each: names[each.tag])
        ],
        phrases.say(
            "Een streepje: van minder dan vijf mensen, of het zou tonen hoe weinig mensen een andere taal "
            "kozen. Geteld, niet gewogen. {source}",
            source=maker.source,
        ),
    )


def _state(each: LanguageUse) -> str:
    if each.draft and each.tag in REGISTERS:
        return later("concept: nog niet nagekeken door mensen voor wie de tekst bedoeld is")
    if each.draft:
        return later("concept: nog niet nagekeken door wie de taal van huis uit spreekt")
    return later("vastgesteld")


def _number(maker: Maker, each: LanguageUse) -> Printed:
    if each.respondents is None:
        return Printed(text=wording.NONE, style="few")
    return Printed(text=maker.phrases.whole(each.respondents), style="strong")
