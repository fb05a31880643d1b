"""What became of the advice of an earlier evaluation: for each piece the figures that bear on it."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import (
    Chapter,
    Section,
    advice_name,
    figures_of,
    indicators_named,
)
from analysis.reporting.figures import companion_answer_figures, indicator_figures
from analysis.reporting.figures.making import Figure, Maker
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.plan import FollowUp, ReportPlan

_NOT_ASKED = later("Geen vraag aan bewoners meet dit. Wat ervan werd, moet uit andere bronnen blijken.")
_ASKED_OTHERS = later("Aan bewoners is dit niet gevraagd.")
_ASKED = later("Dit zeggen de antwoorden van bewoners erover. Zij meten niet of het advies is gevolgd.")


def follow_up(
    maker: Maker, outcomes: Outcomes, report: ReportPlan, earlier: Sequence[Chapter]
) -> Iterator[Chapter]:
    """One chapter with a section for each piece of advice in the plan; none where the plan has none.

    It points to figures of `earlier` chapters.
    """
    if not report.follow_up:
        return
    beside = [*_of_companions(maker, outcomes, report)]
    placed = [figure for chapter in earlier for part in chapter.parts for figure in part.figures]
    sections = [_section(maker, outcomes, report, advice, beside, placed) for advice in report.follow_up]
    counts = [*_counts(maker.phrases, [advice.kind for advice in report.follow_up])]
    yield Chapter(
        anchor="vervolg",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Wat werd van de eerdere adviezen?"),
        running=maker.phrases.say("Wat werd van de eerdere adviezen?"),
        lead=maker.phrases.say(
            "De vorige evaluatie gaf {advice}. Per advies staat hier wat mensen antwoordden op "
            "vragen die erbij horen.",
            advice=maker.phrases.names(counts),
        ),
        figures=tuple(figure for figure, _ in beside),
        sections=tuple(sorted(sections, key=lambda each: each.short)),
        others=maker.phrases.say("Adviezen zonder eigen figuur"),
    )


def _counts(phrases: Phrases, kinds: Sequence[str]) -> Iterator[str]:
    """How much advice of each kind there is, in words."""
    if number := kinds.count("recommendation"):
        yield phrases.counted(number, "aanbeveling", "aanbevelingen")
    if number := kinds.count("suggestion"):
        yield phrases.counted(number, "suggestie", "suggesties")


def _section(  # noqa: PLR0913, PLR0917 - advice, and all that may bear on it
    maker: Maker,
    outcomes: Outcomes,
    report: ReportPlan,
    advice: FollowUp,
    beside: Sequence[tuple[Figure, set[str]]],
    placed: Sequence[Figure],
) -> Section:
    name = wording.capital(advice_name(maker.phrases, report, advice))
    figures = tuple(_figures(maker, outcomes, report, advice.indicators))
    own = {each.question.key for each in outcomes.distributions}
    residents = _first_figures([key for key in advice.questions if key in own], placed)
    others = [] if figures else [each.name.lower() for each, about in beside if advice.companions in about]
    others += _first_figures([key for key in advice.questions if key not in own], placed)
    return Section(
        anchor=f"vervolg-{advice.key}",
        title=f"{name}: {wording.lower_first(advice.text)}",
        lead=" ".join(_lead(maker.phrases, residents, others, shown=bool(figures))),
        figures=figures,
    )


def _first_figures(questions: Sequence[str], placed: Sequence[Figure]) -> list[str]:
    """Of each question the first figure: others repeat it."""
    return [*dict.fromkeys(name for key in questions for name in figures_of(key, placed)[:1])]


def _lead(phrases: Phrases, residents: Sequence[str], others: Sequence[str], *, shown: bool) -> Iterator[str]:
    """What residents and others say of it and where; `shown`: the figures of residents follow."""
    if shown:
        yield phrases.say(_ASKED)
    elif not residents:
        yield phrases.say(_ASKED_OTHERS if others else _NOT_ASKED)
    if residents:
        yield phrases.say(
            "Wat bewoners zeiden over iets dat erbij hoort, staat in {figures}.",
            figures=phrases.names(residents),
        )
    if others:
        yield phrases.say("Wat anderen erover zeggen, staat in {figures}.", figures=phrases.names(others))


def _of_companions(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[tuple[Figure, set[str]]]:
    """What each group answered about the advice: all of it below each other, so that it can be compared.

    With the variables that the figure is of.
    """
    asked = {advice.companions for advice in report.follow_up}
    for companion in outcomes.companions:
        for question, counted in companion.questions():
            if about := [each for each in counted if each.variable in asked]:
                figure = companion_answer_figures.of_companion(maker, companion, question, about)
                yield figure, {each.variable for each in about}


def _figures(maker: Maker, outcomes: Outcomes, report: ReportPlan, keys: Sequence[str]) -> Iterator[Figure]:
    chosen = indicators_named(outcomes, keys)
    shares = [each for each in chosen if each.indicator.kind == "proportion"]
    means = [each for each in chosen if each.indicator.kind == "mean"]
    if shares:
        yield indicator_figures.overview(maker, shares, report.population)
    if means:
        yield indicator_figures.means(maker, means, report.population)
