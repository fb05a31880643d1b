"""What employees, partners and young people answered: the chapters, and the annexes with all answers."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.questions import ClosedQuestion
from analysis.reporting.figures import (
    companion_answer_figures,
    companion_network_figures,
    companion_principle_figures,
)
from analysis.reporting.figures.making import Figure, Maker
from analysis.reporting.findings.companions import NETWORK_BASE, Companion, is_by_principle
from analysis.reporting.findings.counts import Count
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import later
from analysis.reporting.plans.plan import ReportPlan

_RULES = (
    later(
        "De antwoorden zijn geteld en niet gewogen: niemand weet hoeveel mensen de vraag "
        "kregen. De cijfers gaan over wie antwoord gaf, niet over alle mensen die er werken."
    ),
    later(
        "Bij minder dan 30 antwoorden geven wij geen cijfer, en een antwoord van minder dan "
        "5 mensen tonen wij niet. Van één organisatie tonen wij alleen met wie zij contact heeft. "
        "Dat doen wij vanaf {fewest} antwoorden, en niet preciezer dan een kwart."
    ),
)

_ALONE = (
    later(
        "De cijfers gaan over de {name} die antwoord gaven. Wij weten niet hoeveel anderen de vragen kregen, "
        "en of zij hetzelfde zouden zeggen. Daarom zeggen de cijfers niets over alle {name}, en is er geen "
        "marge."
    ),
    later(
        "Zet deze cijfers niet naast die van de bewoners in dit rapport om te zien wie hoger of lager is: "
        "het zijn andere mensen en vaak andere vragen, en bij bewoners is wel gewogen."
    ),
    later(
        "Bij minder dan 30 antwoorden geven wij geen cijfer, en een antwoord van minder dan 5 mensen tonen "
        "wij niet. Een vraag die niemand kreeg, staat er niet bij."
    ),
)


def companions(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    """Those who work for residents together, and each companion with a chapter of its own.

    Nothing when the plan names nobody.
    """
    together = outcomes.around
    given = {each.export.survey for each in outcomes.companions}
    absent = [each.name for each in report.companions if each.survey not in given]
    if together or absent:
        yield _together(maker, report, together, absent)
    for each in outcomes.companions:
        if each.plan.chapter:
            yield _alone(maker, each)


def _together(maker: Maker, report: ReportPlan, given: Sequence[Companion], absent: Sequence[str]) -> Chapter:
    """Who took part, their grades for the principles, their network."""
    missing = (
        maker.phrases.say(
            "Van {names} zijn geen antwoorden in dit rapport.", names=maker.phrases.names(absent)
        )
        if absent
        else ""
    )
    title = wording.capital(maker.phrases.names([each.name for each in given] or absent))
    return Chapter(
        anchor="kring",
        kicker=maker.phrases.say("Uitkomsten"),
        title=title,
        running=title,
        lead=maker.phrases.say(
            "Wat zeggen de mensen om de bewoners heen? {missing}", missing=missing
        ).strip(),
        paragraphs=tuple(maker.phrases.say(rule, fewest=NETWORK_BASE) for rule in _RULES) if given else (),
        figures=tuple(_figures(maker, given, report)),
    )


def _alone(maker: Maker, companion: Companion) -> Chapter:
    """All answers of one companion, and what may not be concluded from them."""
    title = wording.capital(companion.name)
    return Chapter(
        anchor=f"kring-{companion.plan.survey}",
        kicker=maker.phrases.say("Uitkomsten"),
        title=title,
        running=title,
        lead=_counted(maker, companion),
        paragraphs=tuple(maker.phrases.say(rule, name=companion.name) for rule in _ALONE),
        figures=tuple(
            companion_answer_figures.of_companion(maker, companion, question, counted)
            for question, counted in _asked(companion)
        ),
        apart=True,
    )


def _figures(maker: Maker, given: Sequence[Companion], report: ReportPlan) -> Iterator[Figure]:
    if not given:
        return
    yield companion_answer_figures.took_part(maker, given)
    for each in given:
        wanted = {question.key: (question, counted) for question, counted in each.questions()}
        for key in each.plan.background:
            yield companion_answer_figures.of_companion(maker, each, *wanted[key])
    graded = [each for each in given if any(is_by_principle(question) for question, _ in each.questions())]
    if graded:
        yield from companion_principle_figures.principle_grades(maker, report.principles, graded)
    drawn = companion_network_figures.network(maker, given)
    yield from () if drawn is None else (drawn,)


def all_answers(maker: Maker, outcomes: Outcomes, letters: Iterator[str]) -> Iterator[Chapter]:
    """An annex for each companion with every closed question that does not stand in a chapter."""
    for companion, letter in zip(outcomes.around, letters, strict=False):
        yield Chapter(
            anchor=f"bijlage-{letter.lower()}",
            kicker=maker.phrases.say("Bijlage {letter}", letter=letter),
            title=maker.phrases.say("Antwoorden van {name}", name=companion.name),
            running=maker.phrases.say(
                "Bijlage {letter}: antwoorden van {name}", letter=letter, name=companion.name
            ),
            lead=_counted(maker, companion),
            figures=tuple(
                _numbered(maker, companion, question, counted)
                for question, counted in _asked(companion)
                if question.key not in companion.plan.background
            ),
        )


def _numbered(
    maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]
) -> Figure:
    """With the number of the question: a chapter may have the same table."""
    figure = companion_answer_figures.of_companion(maker, companion, question, counted)
    return replace(figure, title=f"{question.provenance.number} {figure.title}")


def _counted(maker: Maker, companion: Companion) -> str:
    return maker.phrases.say(
        "Alle antwoorden van {respondents} {name}, geteld en niet gewogen.",
        respondents=wording.base_of(maker.phrases, companion.respondents),
        name=companion.name,
    )


def _asked(companion: Companion) -> Iterator[tuple[ClosedQuestion, tuple[Count, ...]]]:
    """The questions that somebody got, and those of which it may not be told that nobody did."""
    for question, counted in companion.questions():
        if any(each.asked or _is_uncounted(each) for each in counted):
            yield question, counted


def _is_uncounted(count: Count) -> bool:
    return isinstance(count.cell, Suppressed) and count.cell.reason == "counted"
