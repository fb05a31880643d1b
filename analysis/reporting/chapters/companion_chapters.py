"""The chapter about employees and partners, and the annexes with all that they and young people answered."""

from collections.abc import Iterator

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.figures import (
    companion_answer_figures,
    companion_network_figures,
    companion_principle_figures,
)
from analysis.reporting.figures.making import Figure, Maker
from analysis.reporting.findings.companions import Companion, is_by_principle
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
        "Dat doen wij vanaf tien antwoorden, en niet preciezer dan een kwart."
    ),
)


def companions(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    """Who took part, their grades for the principles, their network; nothing when the plan names nobody."""
    if not report.companions:
        return
    absent = [
        each.name
        for each in report.companions
        if each.survey not in {one.export.survey for one in outcomes.companions}
    ]
    missing = (
        maker.phrases.say(
            "Van {names} zijn geen antwoorden in dit rapport.", names=maker.phrases.names(absent)
        )
        if absent
        else ""
    )
    title = wording.capital(
        maker.phrases.names([each.name for each in outcomes.companions or report.companions])
    )
    yield Chapter(
        anchor="kring",
        kicker=maker.phrases.say("Uitkomsten"),
        title=title,
        running=title,
        lead=maker.phrases.say(
            "Wat zeggen de mensen om de bewoners heen? {missing}", missing=missing
        ).strip(),
        paragraphs=tuple(map(maker.phrases.say, _RULES)) if outcomes.companions else (),
        figures=tuple(_figures(maker, outcomes, report)),
    )


def _figures(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Figure]:
    given = outcomes.companions
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
    """An annex for each companion with every closed question that does not stand in its chapter."""
    for companion, letter in zip(outcomes.companions, letters, strict=False):
        yield Chapter(
            anchor=f"bijlage-{letter.lower()}",
            kicker=maker.phrases.say("Bijlage {letter}", letter=letter),
            title=maker.phrases.say("Antwoorden van {name}", name=companion.name),
            running=maker.phrases.say(
                "Bijlage {letter}: antwoorden van {name}", letter=letter, name=companion.name
            ),
            lead=maker.phrases.say(
                "Alle antwoorden van {respondents} {name}, geteld en niet gewogen.",
                respondents=maker.phrases.whole(companion.respondents),
                name=companion.name,
            ),
            figures=tuple(_of(maker, companion)),
        )


def _of(maker: Maker, companion: Companion) -> Iterator[Figure]:
    for question, counted in companion.questions():
        if question.key not in companion.plan.background:
            yield companion_answer_figures.answers(maker, companion, question, counted)
