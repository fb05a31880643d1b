"""Chapters by theme: what residents answered to its questions, what others say of it, which advice it had."""

from collections.abc import Iterator, Sequence

from analysis.reporting.chapters.definitions import definitions_of
from analysis.reporting.chapters.documents import Chapter, Section, advice_name
from analysis.reporting.exports.questions import belongs_to
from analysis.reporting.figures import indicator_figures
from analysis.reporting.figures.companion_principle_figures import of_statements
from analysis.reporting.figures.making import Figure, Maker, in_parts, numbered
from analysis.reporting.findings.companions import statements
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.theme_chapters_plan import ThemeChapter

_ROWS = 20
"""Most outcomes in a figure, so that it fits on a page."""

_STATEMENTS = 12
"""Most statements: a figure that takes no more than half a page finds room below another."""


def theme_chapters(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    for chapter in report.theme_chapters:
        yield Chapter(
            anchor=f"thema-{chapter.key}",
            kicker=maker.phrases.say("Uitkomsten"),
            title=chapter.title,
            running=chapter.title,
            lead=maker.phrases.say(
                "Dezelfde vragen als bij de leidende principes, nu op een rij per thema van de evaluatie."
            ),
            sections=tuple(_sections(maker, outcomes, report, chapter)),
        )


def _sections(
    maker: Maker, outcomes: Outcomes, report: ReportPlan, chapter: ThemeChapter
) -> Iterator[Section]:
    for code, name in chapter.themes.items():
        chosen = _outcomes(outcomes, report, code)
        yield Section(
            anchor=f"thema-{chapter.key}-{code.lower()}",
            title=name,
            lead=" ".join(filter(None, (_not_asked(maker, chosen), _advice(maker, report, code)))),
            figures=tuple(_figures(maker, outcomes, report, chapter, code)),
        )
    if chapter.definitions:
        yield _definitions(maker, outcomes, report, chapter)


def _outcomes(outcomes: Outcomes, report: ReportPlan, code: str) -> list[Outcome]:
    return [
        each
        for each in outcomes.indicators
        if belongs_to(each.question, code) and each.question.key not in report.background
    ]


def _figures(
    maker: Maker, outcomes: Outcomes, report: ReportPlan, chapter: ThemeChapter, code: str
) -> Iterator[Figure]:
    chosen = _outcomes(outcomes, report, code)
    shares = [each for each in chosen if each.indicator.kind == "proportion"]
    means = [each for each in chosen if each.indicator.kind == "mean"]
    name = chapter.themes[code]
    for some, part in numbered(maker.phrases, [*in_parts(shares, _ROWS)]):
        yield indicator_figures.overview(maker, some, report.population, f"{name}{part}")
    if means:
        yield indicator_figures.means(maker, means, report.population, name)
    for views, part in numbered(maker.phrases, [*in_parts(statements(outcomes.around, code), _STATEMENTS)]):
        yield of_statements(maker, f"{name}{part}", (), views, outcomes.around)


def _not_asked(maker: Maker, chosen: Sequence[Outcome]) -> str:
    if chosen:
        return ""
    return maker.phrases.say("Over dit thema is bewoners niets gevraagd dat een cijfer geeft.")


def _advice(maker: Maker, report: ReportPlan, code: str) -> str:
    """Which pieces of earlier advice belong to the theme; empty when none do."""
    phrases = maker.phrases
    names = [advice_name(phrases, report, each) for each in report.follow_up if each.theme == code]
    if not names:
        return ""
    return phrases.say(
        "Van de eerdere adviezen horen hierbij: {names}. Wat ervan werd, staat in een eigen hoofdstuk.",
        names=phrases.names(names),
    )


def _definitions(maker: Maker, outcomes: Outcomes, report: ReportPlan, chapter: ThemeChapter) -> Section:
    found = [_outcomes(outcomes, report, code) for code in chapter.themes]
    chosen = list({each.indicator.key: each for part in found for each in part}.values())
    title = maker.phrases.say("De betekenis van elk cijfer van dit hoofdstuk")
    return Section(
        anchor=f"thema-{chapter.key}-betekenis",
        title=maker.phrases.say("Wat deze cijfers betekenen"),
        lead=maker.phrases.say(
            "Van elk cijfer de vraag, en welke antwoorden meetellen. Die van alle cijfers staan in de "
            "bijlage ‘betekenis van de cijfers’. De getallen achter elke figuur staan ook in het "
            "tabellenboek en in bestanden voor een rekenblad."
        ),
        figures=(definitions_of(maker, title, chosen),) if chosen else (),
    )
