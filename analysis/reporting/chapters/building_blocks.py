"""Conclusions drafted from the figures, for the evaluator to edit; every figure in them is a reference.

The rules are those of `wording`: a difference is claimed where it is marked, and nothing is explained.
"""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import indicators_named, of_whom, report_plan
from analysis.reporting.chapters.prose import BLOCK
from analysis.reporting.chapters.references import area_names
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.language import phrases_of

CLOSING = "conclusies"
"""The anchor of the chapter that the building blocks are for."""

_HEADINGS = (
    (later("Wat bewoners zeggen"), "proportion"),
    (later("Welke cijfers bewoners geven"), "mean"),
)


def building_blocks(outcomes: Outcomes) -> str:
    """A paragraph for every figure on the page with the summary or in the profiles, then the areas."""
    report, phrases = report_plan(outcomes.plan), phrases_of(outcomes.plan)
    chosen = indicators_named(outcomes, tuple(dict.fromkeys((*report.headline, *report.profile))))
    parts: list[str] = []
    for heading, kind in _HEADINGS:
        blocks = [
            _block(phrases, _fact(phrases, each))
            for each in chosen
            if each.indicator.kind == kind and not isinstance(each.whole, Suppressed)
        ]
        parts += [f"## {phrases.say(heading)}", *blocks] if blocks else []
    areas = [_block(phrases, sentence) for sentence in _areas(phrases, chosen, outcomes)]
    parts += [f"## {phrases.say('Verschillen tussen de wijken')}", *areas] if areas else []
    return "\n\n".join(parts)


def _block(phrases: Phrases, sentence: str) -> str:
    return f"[!{phrases.say(BLOCK)}] {sentence}"


def _fact(phrases: Phrases, outcome: Outcome) -> str:
    key, label, kind = outcome.indicator.key, outcome.indicator.label, outcome.indicator.kind
    among = of_whom(phrases, outcome)
    behind = (among, _named(f"{key}.margin"), f"n = {_named(f'{key}.n')}")
    return wording.fact(phrases, _named(key), label, kind, behind)


def _areas(phrases: Phrases, chosen: Sequence[Outcome], outcomes: Outcomes) -> Iterator[str]:
    names = area_names([each.area for each in outcomes.people])
    for outcome in chosen:
        own = f"{outcome.indicator.key}.area"
        marked = [each.area for each in outcome.areas if each.mark in {"higher", "lower"}]
        places = [
            (area.name, _named(f"{own}.{names[area.code]}.mark"), _named(f"{own}.{names[area.code]}"))
            for area in marked
        ]
        if places:
            town = outcomes.questionnaire.municipality.name
            yield wording.against_rest(phrases, outcome.indicator.label, places, town)


def _named(reference: str) -> str:
    return f"{{{{ {reference} }}}}"
