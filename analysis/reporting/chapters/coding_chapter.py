"""The chapter about open answers: a section for each question, with its topics and quotes."""

from collections.abc import Iterator

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, Section
from analysis.reporting.coding.topics import Agreement, CodedQuestion
from analysis.reporting.figures import coding_figures
from analysis.reporting.figures.making import Maker
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later

ANCHOR = "open-antwoorden"

_RULES = (
    later(
        "Wie iets opschrijft, is geen afspiegeling van alle bewoners. Daarom zijn de antwoorden geteld en "
        "niet gewogen, en is er geen marge."
    ),
    later(
        "Een onderwerp van minder dan 5 mensen tonen wij niet, en ook niet wat nodig is om dat uit te "
        "rekenen."
    ),
)
_QUOTES = later(
    "Een citaat staat er alleen als de bewoner dat goedvond en twee mensen het hebben gelezen. Tussen "
    "vierkante haken staat wat is weggelaten of vervangen."
)
_ELSEWHERE = later("Citaten over een leidend principe staan bij dat principe.")
_TRANSLATED = later("De vertalingen zijn niet van de bewoners zelf.")


def own_words(maker: Maker, outcomes: Outcomes) -> Iterator[Chapter]:
    """Nothing when the plan names no open answers."""
    if not outcomes.coding:
        return
    title = maker.phrases.say("Wat mensen zelf zeggen")
    quotes = [quote for coded in outcomes.coding for quote in coded.quotes]
    rules = [*_RULES]
    rules += [_QUOTES] if quotes else []
    rules += [_ELSEWHERE] if any(quote.principle for quote in quotes) else []
    rules += [_TRANSLATED] if any(quote.translation for quote in quotes) else []
    yield Chapter(
        anchor=ANCHOR,
        kicker=maker.phrases.say("Uitkomsten"),
        title=title,
        running=title,
        lead=maker.phrases.say(
            "Sommige vragen konden mensen in hun eigen woorden beantwoorden. Lezers hebben de antwoorden "
            "ingedeeld naar onderwerp."
        ),
        paragraphs=tuple(map(maker.phrases.say, rules)),
        sections=tuple(_section(maker, coded) for coded in outcomes.coding),
    )


def _section(maker: Maker, coded: CodedQuestion) -> Section:
    table = coding_figures.topics(maker, coded)
    return Section(
        anchor=f"open-{coded.question.key}",
        title=coded.question.short.source,
        lead=_lead(maker, coded),
        figures=() if table is None else (table,),
        quotes=coding_figures.about_question(maker, coded),
    )


def _lead(maker: Maker, coded: CodedQuestion) -> str:
    phrases = maker.phrases
    sentences = [
        phrases.say(
            "Op de vraag {question} schreven {written} mensen uit de steekproef iets. Van {coded} van hen is "
            "het antwoord ingedeeld.",
            question=wording.quoted(coded.question.label.source),
            written=wording.base_of(phrases, coded.written),
            coded=wording.base_of(phrases, coded.coded),
        )
    ]
    if coded.others:
        sentences.append(
            phrases.say(
                "Daarnaast zijn {others} antwoorden gelezen van mensen die niet zijn uitgenodigd of te "
                "weinig invulden; zij zijn niet meegeteld.",
                others=wording.base_of(phrases, coded.others),
            )
        )
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
