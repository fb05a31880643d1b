"""Chapters about open answers, of residents and of others: a section per question, with topics and quotes."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, Section
from analysis.reporting.coding.agreement import Agreement
from analysis.reporting.coding.topics import CodedQuestion
from analysis.reporting.figures import coding_figures
from analysis.reporting.figures.making import Maker
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later

ANCHOR = "open-antwoorden"

_WRITERS = later(
    "Wie iets opschrijft, is geen afspiegeling van alle {people}. Daarom zijn de antwoorden geteld en niet "
    "gewogen, en is er geen marge."
)
_FEW = later(
    "Een onderwerp van minder dan 5 mensen tonen wij niet, en ook niet wat nodig is om dat uit te rekenen."
)
_QUOTES = later(
    "Een citaat staat er alleen als wie het schreef dat goedvond en twee mensen het hebben gelezen. Tussen "
    "vierkante haken staat wat is weggelaten of vervangen."
)
_NOT_OF_THE_SAMPLE = later(
    "Daarnaast zijn {others} antwoorden gelezen van mensen die niet zijn uitgenodigd of te weinig invulden; "
    "zij zijn niet meegeteld."
)
_OTHERS = later(
    "Daarnaast zijn {others} antwoorden gelezen van mensen die te weinig invulden; zij zijn niet meegeteld."
)
_ELSEWHERE = later("Citaten over een leidend principe staan bij dat principe.")
_TRANSLATED = later("De vertalingen zijn niet van de schrijvers zelf.")


def own_words(maker: Maker, outcomes: Outcomes) -> Iterator[Chapter]:
    """A chapter for residents and one for each companion, of whom open answers were coded."""
    phrases = maker.phrases
    if outcomes.coding:
        title = phrases.say("Wat mensen zelf zeggen")
        yield _chapter(maker, "", title, phrases.say("bewoners"), outcomes.coding)
    for each in outcomes.companions:
        if each.coding:
            title = phrases.say("Wat {name} zelf schrijven", name=each.name)
            yield _chapter(maker, f"-{each.plan.survey}", title, each.name, each.coding)


def _chapter(
    maker: Maker, survey: str, title: str, people: str, questions: Sequence[CodedQuestion]
) -> Chapter:
    phrases = maker.phrases
    return Chapter(
        anchor=f"{ANCHOR}{survey}",
        kicker=phrases.say("Uitkomsten"),
        title=title,
        running=title,
        lead=phrases.say(
            "Sommige vragen konden mensen in hun eigen woorden beantwoorden. Lezers hebben de antwoorden "
            "ingedeeld naar onderwerp."
        ),
        paragraphs=(phrases.say(_WRITERS, people=people), *map(phrases.say, _rules(questions))),
        sections=tuple(_section(maker, survey, coded) for coded in questions),
    )


def _rules(questions: Sequence[CodedQuestion]) -> Iterator[str]:
    quotes = [quote for coded in questions for quote in coded.quotes]
    yield _FEW
    if quotes:
        yield _QUOTES
    if any(quote.principle for quote in quotes):
        yield _ELSEWHERE
    if any(quote.translation for quote in quotes):
        yield _TRANSLATED


def _section(maker: Maker, survey: str, coded: CodedQuestion) -> Section:
    table = coding_figures.topics(maker, coded)
    return Section(
        anchor=f"open{survey}-{coded.question.key}",
        title=coded.question.short.source,
        lead=_lead(maker, coded),
        figures=() if table is None else (table,),
        quotes=coding_figures.about_question(maker, coded),
    )


def _lead(maker: Maker, coded: CodedQuestion) -> str:
    phrases = maker.phrases
    sentences = [
        phrases.say(
            "Op de vraag {question} schreven {written} {people} iets. Van {coded} van hen is het antwoord "
            "ingedeeld.",
            question=wording.quoted(coded.question.label.source),
            written=wording.base_of(phrases, coded.written),
            people=coding_figures.counted_people(phrases, coded),
            coded=wording.base_of(phrases, coded.coded),
        )
    ]
    if coded.others:
        read = _OTHERS if coded.writers else _NOT_OF_THE_SAMPLE
        sentences.append(phrases.say(read, others=wording.base_of(phrases, coded.others)))
    if coded.agreement is not None:
        sentences.append(_agreed(phrases, coded.agreement))
    return " ".join(sentences)


def _agreed(phrases: Phrases, found: Agreement) -> str:
    both = phrases.say(
        "Twee mensen deelden {number} antwoorden los van elkaar in en kozen bij {share} hetzelfde "
        "hoofdonderwerp",
        number=phrases.whole(found.answers),
        share=phrases.percent(found.same),
    )
    if found.kappa is None:
        return f"{both}."
    kappa, low, high = (phrases.decimal(each, 2) for each in found.kappa)
    return phrases.say(
        "{both} (kappa van Cohen {kappa}, marge {low} tot {high}).",
        both=both,
        kappa=kappa,
        low=low,
        high=high,
    )
