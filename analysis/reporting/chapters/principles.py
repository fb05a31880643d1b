"""A chapter for every leading principle: the answers to its questions."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, figures_of
from analysis.reporting.charts import plots
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.questions import is_agreement
from analysis.reporting.figures import (
    coding_figures,
    companion_principle_figures,
    group_figures,
    indicator_figures,
    question_figures,
)
from analysis.reporting.figures.making import Figure, Maker
from analysis.reporting.findings.outcome_values import Distribution, Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases
from analysis.reporting.plans.plan import ReportPlan
from survey.questionnaires.model import Battery


def principles(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    background = set(report.background)
    placed: dict[str, list[str]] = {}
    told: set[str] = set()
    for code, name in report.principles.items():
        mine = [each for each in outcomes.distributions if code in each.question.provenance.principles]
        fresh = [
            each for each in mine if each.question.key not in placed and each.question.key not in background
        ]
        figures = tuple(_question_figures(maker, fresh, report))
        elsewhere = [
            f"{placed[key][0]} ({label})"
            for key, label in dict.fromkeys((each.question.key, each.question.short.source) for each in mine)
            if key in placed
        ]
        for each in fresh:
            placed.setdefault(each.question.key, figures_of(each.question.key, figures))
        about = [each for each in _about(outcomes, code) if each.question.key not in background]
        shares = [each for each in about if each.indicator.kind == "proportion"]
        full = f"{code} {name}"  # a theme may have the same name
        differing = group_figures.differing(maker, full, about, report.population)
        beside = companion_principle_figures.beside_residents(maker, code, full, shares, outcomes.around)
        if not figures and beside is None:
            figures = tuple(_shared_figures(maker, outcomes, code, report))
        yield Chapter(
            anchor=code.lower(),
            kicker=maker.phrases.say("Leidend principe {code}", code=code),
            title=name,
            apart=True,
            running=full,
            lead=_principle_lead(maker.phrases, outcomes, code, told, asked=bool(mine)),
            paragraphs=tuple(
                text
                for text in (
                    _also(maker.phrases, elsewhere),
                    group_figures.alike(maker, about),
                    companion_principle_figures.judged(maker.phrases, code, outcomes.companions),
                )
                if text
            ),
            figures=(*figures, *(each for each in (differing, beside) if each is not None)),
            quotes=tuple(coding_figures.about_principle(maker, outcomes, code)),
        )


def _shared_figures(maker: Maker, outcomes: Outcomes, code: str, report: ReportPlan) -> Iterator[Figure]:
    """For a principle whose questions all stand elsewhere, beside nothing of others: its indicators."""
    shares = _shares(outcomes, code)
    if shares:
        yield indicator_figures.overview(
            maker, shares, report.population, f"{code} {report.principles[code]}"
        )


def _shares(outcomes: Outcomes, code: str) -> list[Outcome]:
    """The indicators of a principle that are shares."""
    return [each for each in _about(outcomes, code) if each.indicator.kind == "proportion"]


def _about(outcomes: Outcomes, code: str) -> list[Outcome]:
    return [each for each in outcomes.indicators if code in each.question.provenance.principles]


def _also(phrases: Phrases, elsewhere: Sequence[str]) -> str:
    if not elsewhere:
        return ""
    return phrases.say("Bij dit principe horen ook: {questions}.", questions=phrases.names(elsewhere))


def _principle_lead(phrases: Phrases, outcomes: Outcomes, code: str, told: set[str], *, asked: bool) -> str:
    """Three shares of a principle, of those that no earlier chapter led with if any; adds them to `told`.

    Those about the same people stand together, behind who these are.
    """
    if not asked:
        return phrases.say(
            "Over dit principe zijn geen vragen aan bewoners gesteld. Dit rapport zegt er niets over."
        )
    shown = [each for each in _shares(outcomes, code) if not isinstance(each.whole, Suppressed)]
    fresh = [each for each in shown if each.indicator.key not in told]
    chosen = (fresh or shown)[:3]
    told.update(each.indicator.key for each in chosen)
    facts: dict[str, list[str]] = {}
    for each in chosen:
        facts.setdefault(each.indicator.of_whom, []).append(_fact(phrases, each))
    sentences = [
        f"{f'{wording.capital(whom)}: ' if whom else ''}{phrases.names(about)}."
        for whom, about in facts.items()
    ]
    if any(each.for_some and not each.indicator.of_whom for each in chosen):
        sentences.append(phrases.say(wording.NOT_EVERYBODY))
    return " ".join(sentences)


def _fact(phrases: Phrases, each: Outcome) -> str:
    cell, indicator = each.whole, each.indicator
    return f"{wording.figure(phrases, cell, indicator.kind)}% {wording.lower_first(indicator.label)}"


def _question_figures(
    maker: Maker, distributions: Sequence[Distribution], report: ReportPlan
) -> Iterator[Figure]:
    """Agreement statements that follow each other together, batteries as one figure, the rest one by one."""
    waiting: list[Distribution] = []
    for distribution in distributions:
        agreement = _is_agreement(distribution, report)
        together = waiting and (
            waiting[-1].question is distribution.question
            or (agreement and _is_agreement(waiting[-1], report))
        )
        if waiting and not together:
            yield _joint_figure(maker, waiting, report)
            waiting = []
        if agreement or _is_ordered(distribution):
            waiting.append(distribution)
        else:
            yield question_figures.distribution(maker, distribution, report.population)
    if waiting:
        yield _joint_figure(maker, waiting, report)


def _joint_figure(maker: Maker, distributions: Sequence[Distribution], report: ReportPlan) -> Figure:
    make = question_figures.agreement if _is_agreement(distributions[0], report) else question_figures.ordered
    return make(maker, distributions, report.population)


def _is_ordered(distribution: Distribution) -> bool:
    battery = isinstance(distribution.question, Battery)
    return battery and 1 < len(distribution.answers) <= plots.MOST_SHADES


def _is_agreement(distribution: Distribution, report: ReportPlan) -> bool:
    return is_agreement(distribution.question, report.agreement)
