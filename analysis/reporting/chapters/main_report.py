"""The main report: its chapters and annexes, in the order of the pages."""

from collections.abc import Callable, Iterator
from string import ascii_uppercase

from analysis.reporting.chapters import companion_chapters, one_page, study_wording
from analysis.reporting.chapters.accessibility_annex import accessibility
from analysis.reporting.chapters.annexes import account, area_tables, questions
from analysis.reporting.chapters.area_chapter import area_differences
from analysis.reporting.chapters.association_figures import associations
from analysis.reporting.chapters.building_blocks import CLOSING
from analysis.reporting.chapters.checklists import checklists
from analysis.reporting.chapters.coding_chapter import own_words
from analysis.reporting.chapters.definitions import definitions
from analysis.reporting.chapters.documents import (
    Chapter,
    MainReport,
    indicators_named,
    report_plan,
    status_of,
)
from analysis.reporting.chapters.follow_up import follow_up
from analysis.reporting.chapters.glossary import glossary, glossary_of_annexes
from analysis.reporting.chapters.hard_to_reach_figures import hard_to_reach
from analysis.reporting.chapters.model_annexes import model_annexes
from analysis.reporting.chapters.open_participation import open_participation
from analysis.reporting.chapters.overview import overview
from analysis.reporting.chapters.participants import participants
from analysis.reporting.chapters.principles import principles
from analysis.reporting.chapters.privacy_annex import privacy
from analysis.reporting.chapters.theme_chapters import theme_chapters
from analysis.reporting.chapters.wave_figures import waves
from analysis.reporting.chapters.what_was_asked import what_was_asked
from analysis.reporting.charts import maps, plots
from analysis.reporting.charts.background import Background
from analysis.reporting.charts.plots import Palette
from analysis.reporting.figures.making import Maker, drawn
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.plan import Annex, ReportPlan
from analysis.reporting.plans.study_plan import StudyPlan

LATER_LETTERS = ascii_uppercase[3:]
"""Of the annexes that are not in every report; A to C are."""

_ANNEXES: dict[Annex, Callable[[Maker, Outcomes, ReportPlan, str], Chapter]] = {
    "checklists": checklists,
    "accessibility": accessibility,
    "privacy": privacy,
    "glossary": glossary_of_annexes,
}


def main_report(outcomes: Outcomes, background: Background, colours: Palette) -> MainReport:
    """All chapters, without the evaluator's own texts; two of them may consist of nothing else."""
    report = report_plan(outcomes.plan)
    maker = Maker(outcomes, background, colours)
    phrases = maker.phrases
    headline = indicators_named(outcomes, report.headline)
    # Numbered in the order of the pages: chapters before annexes.
    before = (
        _introduction(phrases, report.study),
        what_was_asked(maker, outcomes),
        participants(maker, outcomes, report),
        overview(maker, outcomes, report),
        *waves(maker, outcomes, report),
        *principles(maker, outcomes, report),
        *theme_chapters(maker, outcomes, report),
        *own_words(maker, outcomes),
    )
    chapters = (
        *before,
        *follow_up(maker, outcomes, report, before),
        *hard_to_reach(maker, outcomes, report),
        area_differences(maker, outcomes, report),
        *associations(maker, outcomes, report),
        *companion_chapters.companions(maker, outcomes, report),
        open_participation(maker, outcomes, report),
        _closing(phrases),
        *((glossary(maker, outcomes, report),) if "glossary" in report.annexes else ()),
    )
    annexes = tuple(_annexes(maker, outcomes, report))
    return MainReport(
        title=outcomes.plan.title,
        subtitle=report.subtitle,
        sender=outcomes.questionnaire.fieldwork.sender.source,
        month=phrases.month(outcomes.dataset.export.week),
        status=status_of(outcomes, phrases),
        cover=drawn(maps.cover(phrases, colours, background.shapes)),
        guide=drawn(plots.reading_guide(phrases, colours)),
        attribution=maker.municipality.attribution,
        lead=one_page.lead(maker, outcomes),
        numbers=tuple(one_page.key_number(maker, outcome) for outcome in headline),
        numbers_note=phrases.say(
            "Basis: {population}, uit de steekproef, gewogen. Tussen haakjes de marge van 95%. {source}",
            population=report.population,
            source=maker.source,
        ),
        conclusions=tuple(one_page.conclusions(maker, outcomes, report)),
        chapters=chapters,
        annexes=annexes,
    )


def _annexes(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    letters = iter(LATER_LETTERS)
    yield account(maker, outcomes, report)
    yield questions(maker, outcomes)
    yield area_tables(maker, outcomes, report)
    yield from model_annexes(maker, outcomes, report, letters)
    yield from companion_chapters.all_answers(maker, outcomes, letters)
    yield definitions(maker, outcomes, letters)
    for name in report.annexes:
        yield _ANNEXES[name](maker, outcomes, report, next(letters))


def _introduction(phrases: Phrases, study: StudyPlan) -> Chapter:
    """With what the plan tells of the study; nothing stands here that nobody told."""
    title = phrases.say("Waarom dit onderzoek?")
    return Chapter(
        anchor="inleiding",
        kicker=phrases.say("Over dit rapport"),
        title=title,
        running=title,
        lead=study_wording.told(phrases, study.aim) if study.aim else "",
        paragraphs=(study_wording.told(phrases, study.rationale),) if study.rationale else (),
    )


def _closing(phrases: Phrases) -> Chapter:
    title = phrases.say("Conclusies en aanbevelingen")
    return Chapter(anchor=CLOSING, kicker=phrases.say("Conclusies"), title=title, running=title, lead="")
