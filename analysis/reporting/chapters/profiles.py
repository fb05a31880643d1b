"""The profile of two pages of every area."""

import re
from collections.abc import Iterator, Mapping, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import (
    KeyNumber,
    Profile,
    SocialMap,
    category_name,
    indicators_named,
    report_plan,
    status_of,
)
from analysis.reporting.charts import maps, pictures, plots
from analysis.reporting.charts.background import Background
from analysis.reporting.charts.plots import Palette
from analysis.reporting.figures import indicator_figures
from analysis.reporting.figures.making import Maker, drawn
from analysis.reporting.findings.outcome_values import Distribution, Outcome
from analysis.reporting.findings.outcomes import AreaPeople, Outcomes
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.plan import ReportPlan
from survey.questionnaires.model import Area


def profiles(outcomes: Outcomes, background: Background, colours: Palette) -> Iterator[Profile]:
    report = report_plan(outcomes.plan)
    chosen = indicators_named(outcomes, report.profile)
    reasons = next(each for each in outcomes.distributions if each.question.key == report.reasons)
    for people in outcomes.people:
        yield _profile(Maker(outcomes, background, colours), people, chosen, reasons)


def _profile(maker: Maker, people: AreaPeople, chosen: Sequence[Outcome], reasons: Distribution) -> Profile:
    phrases, outcomes = maker.phrases, maker.outcomes
    report = report_plan(outcomes.plan)
    area = people.area
    shares = [outcome for outcome in chosen if outcome.indicator.kind == "proportion"]
    means = [outcome for outcome in chosen if outcome.indicator.kind == "mean"]
    marks = [
        (outcome.indicator.label, each.mark)
        for outcome in chosen
        for each in outcome.areas
        if each.area.code == area.code and each.mark is not None
    ]
    locator = None
    if maker.background.shapes:
        title = phrases.say("Ligging van {area} in {town}", area=area.name, town=maker.municipality.name)
        locator = drawn(maps.locator(phrases, maker.colours, maker.background.shapes, area.code, title=title))

    return Profile(
        area=area,
        title=outcomes.plan.title,
        status=status_of(outcomes, phrases),
        month=phrases.month(outcomes.dataset.export.week),
        locator=locator,
        attribution=maker.municipality.attribution,
        sentences=wording.profile_sentences(phrases, marks, maker.municipality.name),
        facts=tuple(_facts(phrases, outcomes, people, report)),
        facts_note=_facts_note(phrases, outcomes, area),
        shares=indicator_figures.profile(maker, area.code, shares, report.population),
        means=indicator_figures.profile_means(maker, area.code, means) if means else None,
        reasons=indicator_figures.profile_choices(maker, area.code, reasons),
        questions=tuple(dict.fromkeys(maker.question_text(outcome) for outcome in chosen)),
        social_map=None if report.social_map is None else _social_map(maker, area, report.social_map),
        quoted=any(coded.quotes for coded in outcomes.coding),
        words=_words(chosen, report.glossary),
    )


def _words(chosen: Sequence[Outcome], glossary: Mapping[str, str]) -> dict[str, str]:
    """Of the plan's glossary, those in the names of these outcomes: a profile is read by itself."""
    named = " ".join(each.indicator.label for each in chosen)
    return {
        word: meaning for word, meaning in glossary.items() if re.search(rf"\b{re.escape(word)}\b", named)
    }


def _social_map(maker: Maker, area: Area, address: str) -> SocialMap:
    there = address.replace("{area}", area.code)
    title = maker.phrases.say("Code die uw telefoon kan lezen: {address}", address=there)
    return SocialMap(address=there, code=drawn(pictures.scannable(maker.colours, there, title=title)))


def _facts(
    phrases: Phrases, outcomes: Outcomes, people: AreaPeople, report: ReportPlan
) -> Iterator[KeyNumber]:
    """The adults, for every margin counted per area its last named category or two, and the answers."""
    yield KeyNumber(value=phrases.whole(people.adults), what=phrases.say("volwassenen"), margin="")
    for margin in outcomes.plan.weighting.margins:
        categories = [
            category for category in margin.categories if (margin.population, category) in people.shares
        ]
        chosen = (categories[0], categories[-1]) if len(categories) > 2 else categories[:1]
        for category in chosen:
            label = category_name(margin.population, category, report)
            share = people.shares[margin.population, category]
            yield KeyNumber(
                value=f"{plots.percent(100 * share)}%",
                what=phrases.say("is {label}", label=label) if label[0].isdigit() else label,
                margin="",
            )
    yield KeyNumber(
        value=phrases.whole(people.respondents),
        what=phrases.say("mensen uit de steekproef deden mee"),
        margin="",
    )


def _facts_note(phrases: Phrases, outcomes: Outcomes, area: Area) -> str:
    rows = [row for row in outcomes.dataset.population if row.area == area.code]
    dates = sorted({row.reference_date for row in rows})
    estimated = any(row.status == "estimate" for row in rows)
    note = phrases.say(
        "Bevolking: CBS, peildatum {days}.", days=phrases.names([phrases.day(each) for each in dates])
    )
    if estimated:
        note += phrases.say(
            " Het aantal volwassenen, de jongste groep en het aantal met kinderen zijn voor een "
            "deel een schatting."
        )
    return note


def file_name(profile: Profile) -> str:
    """wijkprofiel-WK054606-morsdistrict.pdf"""
    return f"wijkprofiel-{profile.area.code}-{wording.dashed(profile.area.name)}.pdf"
