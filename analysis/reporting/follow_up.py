"""What became of the advice of an earlier evaluation: for each piece the figures that bear on it."""

from collections.abc import Iterator, Sequence

from analysis.reporting import companion_figures, indicator_figures, wording
from analysis.reporting.documents import Chapter, Section, indicators_named
from analysis.reporting.figures import Figure, Maker
from analysis.reporting.outcomes import Outcomes
from analysis.reporting.plan import FollowUp, ReportPlan

_NAMES = {"recommendation": ("aanbeveling", "aanbevelingen"), "suggestion": ("suggestie", "suggesties")}
_NOT_ASKED = "Geen vraag aan bewoners meet dit. Wat ervan werd, moet uit andere bronnen blijken."
_ASKED_COMPANIONS = "Dit zeggen medewerkers en partners erover. Aan bewoners is het niet gevraagd."
_ASKED = "Dit zeggen de antwoorden van bewoners erover. Of het advies is gevolgd, meten zij niet."


def follow_up(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    """One chapter with a section for each piece of advice in the plan; none where the plan has none."""
    if not report.follow_up:
        return
    kinds = [advice.kind for advice in report.follow_up]
    counts = [wording.counted(kinds.count(kind), *names) for kind, names in _NAMES.items() if kind in kinds]
    yield Chapter(
        anchor="vervolg",
        kicker="Uitkomsten",
        title="Wat werd van de eerdere adviezen?",
        running="Wat werd van de eerdere adviezen?",
        lead=f"De vorige evaluatie gaf {wording.listed(counts)}. Per advies staat hier wat mensen "
        "antwoordden op vragen die erbij horen.",
        sections=tuple(_section(maker, outcomes, report, advice) for advice in report.follow_up),
    )


def _section(maker: Maker, outcomes: Outcomes, report: ReportPlan, advice: FollowUp) -> Section:
    alike = [each.key for each in report.follow_up if each.kind == advice.kind]
    name = wording.capital(_NAMES[advice.kind][0])
    residents = tuple(_figures(maker, outcomes, report, advice.indicators))
    others = companion_figures.one_question(maker, outcomes.companions, advice.companions)
    lead = _ASKED if residents else _NOT_ASKED if others is None else _ASKED_COMPANIONS
    return Section(
        anchor=f"vervolg-{advice.key}",
        title=f"{name} {alike.index(advice.key) + 1}: {wording.lower_first(advice.text)}",
        lead=lead,
        figures=residents if others is None else (*residents, others),
    )


def _figures(maker: Maker, outcomes: Outcomes, report: ReportPlan, keys: Sequence[str]) -> Iterator[Figure]:
    chosen = indicators_named(outcomes, keys)
    shares = [each for each in chosen if each.indicator.kind == "proportion"]
    means = [each for each in chosen if each.indicator.kind == "mean"]
    if shares:
        yield indicator_figures.overview(maker, shares, report.population)
    if means:
        yield indicator_figures.means(maker, means, report.population)
