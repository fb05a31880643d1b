"""What stands on the page with the summary: numbers, and conclusions drawn by rules."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import (
    Conclusion,
    KeyNumber,
    compared_by_area,
    indicators_named,
    of_whom,
)
from analysis.reporting.chapters.participants import missed, missed_areas
from analysis.reporting.charts import plots
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.making import Maker
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.weighting_plan import margins_used
from analysis.reporting.wording import with_unit

_AREA_SENTENCES = 3
"""Most outcomes whose marked areas are named in the summary."""

_AREAS_NAMED = 6
"""Most areas of low response that are named, so that the page holds them."""


def lead(maker: Maker, outcomes: Outcomes) -> str:
    people = maker.phrases.whole(outcomes.respondents)
    sentence = maker.phrases.say(
        "In {month} waren er antwoorden van {people} mensen uit de steekproef in {town}.",
        month=maker.phrases.month(outcomes.dataset.export.week),
        people=people,
        town=maker.municipality.name,
    )
    rate = response_rates(outcomes.invited)[1]
    if rate is not None:
        sentence += maker.phrases.say(
            " Van alle mensen met een code deed {rate}% mee.", rate=plots.percent(100 * rate)
        )
    if outcomes.open_respondents:
        sentence += maker.phrases.say(
            " Nog {people} mensen deden mee via de open link; zij staan apart.",
            people=maker.phrases.whole(outcomes.open_respondents),
        )
    return sentence


def key_number(maker: Maker, outcome: Outcome) -> KeyNumber:
    phrases, asked = maker.phrases, maker.question_text(outcome)
    kind, cell = outcome.indicator.kind, outcome.whole
    among = of_whom(phrases, outcome)
    about = (wording.lower_first(outcome.indicator.label), among)
    what = ", ".join(filter(None, about))
    if isinstance(cell, Suppressed):
        return KeyNumber(
            value=wording.withheld(phrases, cell),
            what=what,
            margin=f"(n = {wording.base(phrases, cell)})",
            few=True,
            asked=asked,
        )
    return KeyNumber(
        value=with_unit(phrases, cell.value, kind),
        what=what,
        margin=f"({wording.interval(phrases, cell, kind)}; n = {wording.base(phrases, cell)})",
        asked=asked,
    )


def conclusions(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Conclusion]:
    """What the figures say, by rules: shares that are no key number, the marked areas, who is missed."""
    shares = [
        outcome
        for outcome in indicators_named(outcomes, report.profile)
        if outcome.indicator.kind == "proportion"
    ]
    fresh = [outcome for outcome in shares if outcome.indicator.key not in report.headline]
    facts = [fact for outcome in fresh or shares if (fact := _fact(maker.phrases, outcome))]
    yield Conclusion(
        title=maker.phrases.say("Wat bewoners zeggen"),
        sentences=tuple(facts[:4]) or (maker.phrases.say("Hierover kunnen wij geen cijfer geven."),),
    )
    yield _area_conclusion(maker.phrases, compared_by_area(outcomes, report), maker.municipality.name)
    yield _missed(maker.phrases, outcomes, report)


def _missed(phrases: Phrases, outcomes: Outcomes, report: ReportPlan) -> Conclusion:
    """Which groups and areas took part less often than on average, as the table on response marks them."""
    if not outcomes.balances:
        return Conclusion(
            title=phrases.say("Wie wij minder bereikten"),
            sentences=(
                phrases.say(
                    "Van een wijk is niet bekend hoeveel mensen een code kregen. Daarom zeggen wij niet "
                    "wie minder vaak meedeed."
                ),
            ),
        )
    fewer, areas = missed(outcomes, report), missed_areas(outcomes)
    if not fewer and not areas:
        return Conclusion(
            title=phrases.say("Geen groep deed duidelijk minder mee"),
            sentences=(
                phrases.say(
                    "Wij vergeleken de respons van groepen en wijken. Nergens is die duidelijk lager dan "
                    "gemiddeld."
                ),
            ),
        )
    sentences = []
    if fewer:
        weighted = missed(outcomes, report, margins_used(outcomes.plan.weighting))
        sentences = [
            phrases.say(
                "Vergeleken met de bevolking deden minder vaak mee: {groups}.", groups=_quoted(phrases, fewer)
            ),
            *_made_up(phrases, fewer, weighted),
        ]
    if areas:
        named = (
            phrases.names(areas)
            if len(areas) <= _AREAS_NAMED
            else phrases.counted(len(areas), "wijk", "wijken")
        )
        sentences.append(phrases.say("Minder mensen dan gemiddeld deden mee in {areas}.", areas=named))
    last = phrases.say(
        "Een weging lost dat niet helemaal op: wie niet meedeed, denkt er misschien anders over."
    )
    return Conclusion(title=phrases.say("Wie wij minder bereikten"), sentences=(*sentences, last))


def _quoted(phrases: Phrases, names: Sequence[str]) -> str:
    return phrases.names([wording.quoted(name) for name in names])


def _made_up(phrases: Phrases, missed: Sequence[str], weighted: Sequence[str]) -> Iterator[str]:
    """Which of the missed groups the weighting makes up for."""
    if weighted:
        sentence = (
            later(
                "Hun antwoorden tellen zwaarder mee. Zo lijken de uitkomsten meer op die van alle inwoners."
            )
            if weighted == missed
            else later(
                "De antwoorden van {groups} tellen zwaarder mee. Zo lijken de uitkomsten meer op die van "
                "alle inwoners."
            )
        )
        yield phrases.say(sentence, groups=_quoted(phrases, weighted))
    if others := [name for name in missed if name not in weighted]:
        yield phrases.say("Op {groups} is niet gewogen.", groups=_quoted(phrases, others))


def _area_conclusion(phrases: Phrases, chosen: Sequence[Outcome], town: str) -> Conclusion:
    """The marked areas of the three outcomes with most of them, how many there are, or why there are none."""
    marks = {each.indicator.label: [(area.area.name, area.mark) for area in each.areas] for each in chosen}
    found = {mark for row in marks.values() for _, mark in row}
    if not found - {None}:
        return Conclusion(
            title=phrases.say("Nog geen vergelijking van wijken"),
            sentences=(
                phrases.say(
                    "Van geen wijk is een cijfer te vergelijken met de rest van {town}.",
                    town=town,
                ),
            ),
        )
    if not found & {"higher", "lower"}:
        compared = phrases.counted(len(chosen), "uitkomst", "uitkomsten")
        return Conclusion(
            title=phrases.say("Geen duidelijke verschillen tussen de wijken"),
            sentences=(
                phrases.say(
                    "Wij vergeleken de wijken op {outcomes}. Bij geen ervan is een verschil aangetoond.",
                    outcomes=compared,
                ),
            ),
        )
    sentences = [
        f"{label}: {wording.lower_first(wording.areas_title(phrases, row, town))}."
        for label, row in marks.items()
        if {"higher", "lower"} & {mark for _, mark in row}
    ]
    more = len(sentences) - _AREA_SENTENCES
    number, compared = wording.differences(phrases, [mark for row in marks.values() for _, mark in row])
    rest = phrases.say("In totaal zijn er {found} bij {compared}.", found=number, compared=compared)
    return Conclusion(
        title=phrases.say("Verschillen tussen de wijken"),
        sentences=(*sentences[:_AREA_SENTENCES], *((rest,) if more > 0 else ())),
    )


def _fact(phrases: Phrases, outcome: Outcome) -> str | None:
    """A share of all residents as a sentence, with its margin and about whom it is."""
    cell = outcome.whole
    if isinstance(cell, Suppressed):
        return None
    among = of_whom(phrases, outcome)
    behind = (among, wording.margin(phrases, cell, "proportion"))
    return wording.fact(
        phrases, with_unit(phrases, cell.value, "proportion"), outcome.indicator.label, "proportion", behind
    )
