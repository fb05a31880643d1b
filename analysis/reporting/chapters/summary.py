"""The results on one page for residents, in a language of the survey: figures, findings, how sure they are.

Sentences are made by rules from published figures, as those of the main report, and claim no more than these
do. What was asked is said in the questionnaire's own words.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from analysis.estimation.estimates import CONFIDENCE
from analysis.reporting.chapters.asked import Asked, limits
from analysis.reporting.chapters.documents import (
    Remark,
    Summary,
    SummaryNumber,
    indicators_named,
    report_plan,
)
from analysis.reporting.chapters.participants import marked_groups
from analysis.reporting.charts import pictures
from analysis.reporting.charts.plots import Palette
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.questions import question_of
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import Indicator, ReportLanguage, ReportPlan
from analysis.reporting.plans.weighting_plan import MarginPlan, margins_used
from analysis.reporting.wording import Kind, Mark, capital, is_protected, lower_first, withheld
from survey.questionnaires.model import Questionnaire

NUMBERS = 5
"""As many headline figures as fit the page."""

PROTECTED_MEANS = later(
    "Staat er ‘beschermd’? Dan kon u uit het cijfer opmaken wat een paar mensen antwoordden."
)

_DIFFERENT = ("higher", "lower")
_DIRECTIONS: tuple[tuple[str, Mark], ...] = (
    (later("Daar is het cijfer hoger: {names}."), "higher"),
    (later("Daar is het cijfer lager: {names}."), "lower"),
)
_LANGUAGES: dict[ReportLanguage, str] = {
    "nl": later("Het rapport is in het Nederlands."),
    "en": later("Het rapport is in het Engels."),
}


class Materials(Struct, frozen=True, kw_only=True):
    """What every summary is made with: colours and an icon set (SVG)."""

    colours: Palette
    icons: str

    def pictogram(self, name: str) -> str:
        return pictures.pictogram(self.colours, self.icons, name)


def summaries(outcomes: Outcomes, phrases: Mapping[str, Phrases], materials: Materials) -> Iterator[Summary]:
    """One for every language that both questionnaire and report have."""
    for tag, draft in languages(outcomes.questionnaire, phrases).items():
        asked = Asked(outcomes.questionnaire, phrases[tag])
        yield summarised(outcomes, asked, materials, draft=draft)


def languages(questionnaire: Questionnaire, phrases: Mapping[str, Phrases]) -> dict[str, bool]:
    """The languages of summaries, and whether nobody who grew up with one has approved its texts."""
    drafts = {questionnaire.source_language: False}
    drafts |= {each.tag: each.state == "draft" for each in questionnaire.offered}
    return {tag: drafts[tag] or spoken.draft for tag, spoken in phrases.items() if tag in drafts}


def file_name(summary: Summary) -> str:
    return f"samenvatting-{summary.tag}.pdf"


def summarised(outcomes: Outcomes, asked: Asked, materials: Materials, *, draft: bool) -> Summary:
    report = report_plan(outcomes.plan)
    say = asked.phrases.say
    sender = asked.text(outcomes.questionnaire.fieldwork.sender)
    return Summary(
        tag=asked.phrases.tag,
        direction=asked.phrases.direction,
        title=say("Wat bewoners antwoordden"),
        kicker=f"{capital(sender)} · {asked.phrases.month(outcomes.dataset.export.week)}",
        lead=say(
            "De belangrijkste uitkomsten van de vragenlijst {title}, op één bladzijde.",
            title=asked.quoted(asked.text(outcomes.questionnaire.title)),
        ),
        warnings=tuple(_warnings(outcomes, say, draft=draft)),
        # the letters of a picture are drawn one by one, which takes Arabic apart
        watermark=say("Concept") if asked.phrases.direction == "ltr" else "",
        unapproved=say("Dit is een concept: nog niemand heeft het goedgekeurd."),
        numbers_title=say("De cijfers"),
        numbers=tuple(
            _number(asked, outcome, materials.colours)
            for outcome in indicators_named(outcomes, report.headline)[:NUMBERS]
        ),
        findings_title=say("Wat valt op?"),
        findings=tuple(
            Remark(pictogram=materials.pictogram(name), sentences=sentences)
            for name, sentences in (
                ("message-circle", (_answered(asked, outcomes, report),)),
                ("map-pin", _areas(asked, outcomes, report)),
                ("users", tuple(_missed(asked, outcomes))),
            )
            if sentences
        ),
        account=tuple(_account(asked, outcomes, materials)),
        note=say("De zinnen op deze bladzijde zijn volgens vaste regels uit de cijfers gemaakt."),
    )


def _warnings(outcomes: Outcomes, say: Callable[[str], str], *, draft: bool) -> Iterator[str]:
    if outcomes.dataset.export.simulated:
        yield say(
            "Gesimuleerde antwoorden, geen echte uitkomsten. Geen enkel cijfer gaat over echte bewoners."
        )
    if draft:
        yield say("Deze vertaling is nog niet nagekeken door iemand die de taal van huis uit spreekt.")


# --- figures --------------------------------------------------------------------------------------


def _number(asked: Asked, outcome: Outcome, colours: Palette) -> SummaryNumber:
    indicator, cell, phrases = outcome.indicator, outcome.whole, asked.phrases
    question, counted = asked.question(indicator.variable), asked.counted(indicator)
    if indicator.kind == "proportion":
        counted = phrases.say("Antwoord: {answers}", answers=counted)
    question_help = asked.help(indicator.variable)
    about = (asked.of_whom(indicator.variable),) if outcome.for_some else ()
    if isinstance(cell, Suppressed):
        return SummaryNumber(
            value=withheld(phrases, cell),
            question=question,
            help=question_help,
            counted=capital(counted),
            details=about,
            few=True,
        )
    picture, caption = _picture(asked, indicator, cell.value, colours)
    low, high = (_value(phrases, end, indicator.kind) for end in (cell.low, cell.high))
    return SummaryNumber(
        value=_value(phrases, cell.value, indicator.kind),
        question=question,
        help=question_help,
        counted=capital(counted),
        details=(
            phrases.say("tussen {low} en {high}", low=low, high=high),
            phrases.count("{number} antwoord", "{number} antwoorden", cell.respondents),
            *about,
        ),
        picture=picture,
        caption=caption,
    )


def _picture(asked: Asked, indicator: Indicator, value: float, colours: Palette) -> tuple[str, str]:
    """Ten people for a share, boxes up to the highest for a mean; and what they show in words."""
    phrases = asked.phrases
    mirrored = phrases.direction == "rtl"
    if indicator.kind == "proportion":
        return pictures.people(colours, of_ten(value), mirrored=mirrored), in_ten(phrases, value)
    _, high = limits(asked.questionnaire, indicator)
    number = min(high, pictures.TEN)
    caption = phrases.say("{value} van {high}", value=phrases.decimal(value), high=phrases.whole(high))
    return pictures.boxes(colours, value * number / high, number, mirrored=mirrored), caption


def _value(phrases: Phrases, value: float, kind: Kind) -> str:
    return phrases.percent(value) if kind == "proportion" else phrases.decimal(value)


def of_ten(share: float) -> float:
    """To the nearest half: with whole people 45% would be four, and its neighbour of 48% five."""
    return int(2 * pictures.TEN * share + 0.5) / 2


def in_ten(phrases: Phrases, share: float) -> str:
    """A share as people out of ten: about so many, or fewer than one, or more than nine."""
    number = of_ten(share)
    if number < 1:
        return phrases.say("minder dan 1 van de 10 mensen")
    if number > pictures.TEN - 1:
        return phrases.say("meer dan 9 van de 10 mensen")
    ends = dict.fromkeys((math.floor(number), math.ceil(number)))
    return phrases.say(
        "ongeveer {number} van de 10 mensen", number="\N{EN DASH}".join(map(phrases.whole, ends))
    )


# --- findings -------------------------------------------------------------------------------------


def _answered(asked: Asked, outcomes: Outcomes, report: ReportPlan) -> str:
    """The first share of the profile that may be published; of those that are no headline figure, if any."""
    phrases = asked.phrases
    chosen = indicators_named(outcomes, report.profile)
    shares = [each for each in chosen if each.indicator.kind == "proportion"]
    fresh = [each for each in shares if each.indicator.key not in report.headline]
    for outcome in fresh or shares:
        cell = outcome.whole
        if not isinstance(cell, Suppressed):
            return phrases.say(
                "Op de vraag {question} antwoordde {share} van de mensen: {answers} (tussen {low} en "
                "{high}).",
                question=asked.quoted_question(outcome.indicator.variable),
                share=phrases.percent(cell.value),
                answers=asked.counted(outcome.indicator),
                low=phrases.percent(cell.low),
                high=phrases.percent(cell.high),
            )
    return phrases.say("Hierover kunnen wij geen cijfer geven.")


def _areas(asked: Asked, outcomes: Outcomes, report: ReportPlan) -> tuple[str, ...]:
    """How many areas are marked on some outcome of the profile, and which on the one with most of them."""
    phrases = asked.phrases
    chosen = indicators_named(outcomes, report.profile)
    if not any(area.mark for outcome in chosen for area in outcome.areas):
        return (phrases.say("Wij konden de wijken niet met elkaar vergelijken."),)
    marked = {area.area.code for outcome in chosen for area in outcome.areas if area.mark in _DIFFERENT}
    if not marked:
        return (
            phrases.say(
                "Tussen de wijken die wij konden vergelijken, is geen duidelijk verschil aangetoond."
            ),
        )
    town = phrases.name(asked.questionnaire.municipality.name)
    most = _most_marked(chosen)
    return (
        phrases.count(
            "In {number} wijk is minstens één uitkomst duidelijk anders dan in de rest van {town}.",
            "In {number} wijken is minstens één uitkomst duidelijk anders dan in de rest van {town}.",
            len(marked),
            town=town,
        ),
        *(sentence for each in most for sentence in _most_often(asked, each)),
    )


def _most_marked(chosen: Sequence[Outcome]) -> list[Outcome]:
    """The outcome on which most areas are marked; none when several are equal in that."""
    marks = [sum(area.mark in _DIFFERENT for area in outcome.areas) for outcome in chosen]
    most = [outcome for outcome, number in zip(chosen, marks, strict=True) if number == max(marks)]
    return most if len(most) == 1 else []


def _most_often(asked: Asked, most: Outcome) -> Iterator[str]:
    phrases = asked.phrases
    yield phrases.say(
        "Dat is het vaakst zo bij {question}.",
        question=f"{asked.quoted(asked.topic(most.indicator.variable))} ({_measured(asked, most)})",
    )
    for sentence, mark in _DIRECTIONS:
        for names in _marked(most, mark):
            yield phrases.say(sentence, names=phrases.names(names))


def _measured(asked: Asked, outcome: Outcome) -> str:
    """What is higher or lower: which answer a share counts, or on what scale a mean is."""
    counted = asked.counted(outcome.indicator)
    if outcome.indicator.kind == "mean":
        return counted
    return lower_first(asked.phrases.say("Antwoord: {answers}", answers=counted))


def _marked(outcome: Outcome, mark: Mark) -> Iterator[list[str]]:
    """The names of the areas with this mark, when there are any."""
    names = [area.area.name for area in outcome.areas if area.mark == mark]
    if names:
        yield names


def _missed(asked: Asked, outcomes: Outcomes) -> Iterator[str]:
    """Who took part clearly less often, and whether the weighting makes up for it."""
    missed = marked_groups(outcomes, "lower")
    if not outcomes.balances or (not missed and marked_groups(outcomes, "higher")):
        return
    phrases = asked.phrases
    margins = outcomes.plan.weighting.margins
    if not missed:
        kinds = [asked.text(question_of(asked.questionnaire, each.variable).short) for each in margins]
        yield phrases.say(
            "Wie meedeed, lijkt op alle inwoners. Wij vergeleken: {kinds}.", kinds=phrases.names(kinds)
        )
        return
    groups = [_group(asked, margin, category) for margin, category in missed]
    yield phrases.say("Deze groepen deden minder vaak mee: {groups}.", groups=phrases.names(groups))
    if {margin.population for margin, _ in missed} <= margins_used(outcomes.plan.weighting):
        yield phrases.say("Hun antwoorden tellen zwaarder mee.")


# --- account --------------------------------------------------------------------------------------


def _account(asked: Asked, outcomes: Outcomes, materials: Materials) -> Iterator[Remark]:
    say = asked.phrases.say
    yield Remark(
        title=say("Wie deden mee?"),
        pictogram=materials.pictogram("user"),
        sentences=tuple(_participants(asked, outcomes)),
    )
    yield Remark(
        title=say("Hoe zeker zijn de cijfers?"),
        pictogram=materials.pictogram("message-circle-question-mark"),
        sentences=(
            say(
                "Wij vroegen niet iedereen. Hadden wij iedereen gevraagd, dan lag een cijfer heel "
                "waarschijnlijk ({certain}) tussen de twee getallen die erbij staan.",
                certain=asked.phrases.percent(CONFIDENCE),
            ),
            say("Wie niet meedeed, kan anders denken. Dat zit niet in die twee getallen."),
            say("Zijn er te weinig antwoorden? Dan geven wij geen cijfer. Zo blijft niemand herkenbaar."),
            *_protected(asked.phrases, outcomes),
        ),
    )
    where = say(
        "Alle uitkomsten staan in het rapport {report}.",
        report=asked.quoted(asked.phrases.name(outcomes.plan.title)),
    )
    language = report_plan(outcomes.plan).language
    own = asked.phrases.tag.partition("-")[0] == language
    yield Remark(
        title=say("Meer weten?"),
        pictogram=materials.pictogram("file-text"),
        sentences=(where,) if own else (where, say(_LANGUAGES[language])),
    )


def _protected(phrases: Phrases, outcomes: Outcomes) -> Iterator[str]:
    """What the word for it means, where a figure of the page is protected."""
    headline = indicators_named(outcomes, report_plan(outcomes.plan).headline)[:NUMBERS]
    if any(is_protected(each.whole) for each in headline):
        yield phrases.say(PROTECTED_MEANS)


def _participants(asked: Asked, outcomes: Outcomes) -> Iterator[str]:
    phrases = asked.phrases
    yield phrases.count(
        "{number} mens deed mee met een eigen code.",
        "{number} mensen deden mee met een eigen code.",
        outcomes.respondents,
    )
    rate = response_rates(outcomes.invited)[1]
    if rate is not None:
        yield phrases.say("Dat is {share} van alle mensen met een code.", share=phrases.percent(rate))
    yield phrases.say(
        "De cijfers gaan over alle volwassenen in {town}.",
        town=phrases.name(asked.questionnaire.municipality.name),
    )
    if outcomes.open_respondents:
        yield phrases.count(
            "Nog {number} mens deed mee zonder code. Dat antwoord telt op deze bladzijde niet mee.",
            "Nog {number} mensen deden mee zonder code. Hun antwoorden tellen op deze bladzijde niet mee.",
            outcomes.open_respondents,
        )


def _group(asked: Asked, margin: MarginPlan, category: str) -> str:
    """A category of a margin as the answers that stand for it."""
    codes = margin.categories[category]
    if codes:
        return asked.answers(margin.variable, codes)
    listed = {code for others in margin.categories.values() for code in others}
    return asked.rest(margin.variable, listed)
