"""What people wrote in their own words: a table of topics, and quotes ready to print."""

from collections.abc import Iterator

from analysis.reporting import wording
from analysis.reporting.coding.quotes import Quote
from analysis.reporting.coding.topics import CodedQuestion, TopicCount
from analysis.reporting.figures.making import Column, Figure, Line, Maker, Printed, PrintedQuote, small_cells
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases
from survey.questionnaires.wording import direction_of, language_name

_LONG = 15
"""A table with more topics goes over to a next page."""


def topics(maker: Maker, coded: CodedQuestion) -> Figure | None:
    """How often each topic came up, most often first; None where nothing was coded."""
    if not coded.topics:
        return None
    phrases = maker.phrases
    lines = [
        Line(
            label=(each.topic.name,),
            cells=(
                _number(maker, each),
                _share(phrases, each),
                Printed(text=wording.base_of(phrases, coded.coded)),
            ),
        )
        for each in sorted(coded.topics, key=_often, reverse=True)
    ]
    asked = wording.sentence(wording.asked(coded.question))
    note = phrases.say(
        "Vraag {question} Basis: {people} van wie het antwoord is ingedeeld, n = {number}, geteld en niet "
        "gewogen. Een antwoord kan over meer onderwerpen gaan. {source}",
        question=f"{coded.question.provenance.number}: {asked}",
        people=counted_people(phrases, coded),
        number=wording.base_of(phrases, coded.coded),
        source=maker.source,
    )
    return maker.table(
        phrases.say("Waar de antwoorden over gaan: {short}", short=coded.question.short.source),
        phrases.say("Aantal antwoorden per onderwerp, en deel van de ingedeelde antwoorden in procenten"),
        (
            Column(label=phrases.say("Onderwerp"), style=""),
            Column(label=phrases.say("aantal"), width=24),
            Column(label="%", width=20),
            Column(label="n", on_page=False),
        ),
        lines,
        f"{note}{small_cells(phrases, [each.cell for each in coded.topics])}",
        long=len(lines) > _LONG,
    )


def counted_people(phrases: Phrases, coded: CodedQuestion) -> str:
    return coded.writers or phrases.say("mensen uit de steekproef")


def _often(each: TopicCount) -> int:
    """What is withheld comes last, in the order of the list, which tells nothing."""
    return -1 if each.answers is None else each.answers


def _number(maker: Maker, each: TopicCount) -> Printed:
    if each.answers is None:
        return Printed(text=wording.NONE, style="few")
    return Printed(text=maker.phrases.whole(each.answers))


def _share(phrases: Phrases, each: TopicCount) -> Printed:
    if each.answers is None:
        return Printed(text=wording.NONE, style="few", said=wording.withheld(phrases, each.cell))
    return Printed(text=wording.part(each.answers, each.cell.respondents or 0), style="strong")


def about_question(maker: Maker, coded: CodedQuestion) -> tuple[PrintedQuote, ...]:
    """The quotes of a question that are about no principle."""
    return tuple(_printed(maker, coded, quote, "") for quote in coded.quotes if not quote.principle)


def about_principle(maker: Maker, outcomes: Outcomes, code: str) -> Iterator[PrintedQuote]:
    """The quotes about a principle, each with the question that it answers."""
    for coded in outcomes.open_answers:
        for quote in coded.quotes:
            if quote.principle == code:
                yield _printed(maker, coded, quote, coded.question.label.source)


def _printed(maker: Maker, coded: CodedQuestion, quote: Quote, asked: str) -> PrintedQuote:
    """With no more about who said it than their group, and the language that they wrote in."""
    phrases = maker.phrases
    who = (
        phrases.say("Een van de {name}", name=coded.writers) if coded.writers else phrases.say("Een bewoner")
    )
    if asked:
        who = phrases.say("{who}, bij de vraag {question}", who=who, question=wording.quoted(asked))
    if quote.translation:
        who = phrases.say(
            "{who}. Vertaald uit het {language}",
            who=who,
            language=language_name(quote.language, reader=phrases.tag),
        )
    return PrintedQuote(
        paragraphs=_paragraphs(quote.text),
        language=quote.language,
        direction=direction_of(quote.language),
        translation=_paragraphs(quote.translation),
        who=f"{who}.",
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split("\n"))))
