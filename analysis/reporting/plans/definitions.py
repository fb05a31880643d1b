"""What the names of figures and areas stand for, in no language: reports are compared by them."""

import re
from collections.abc import Iterable

from analysis.reporting.plans.companion_plan import CompanionPlan, NetworkPlan
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.weighting_plan import MarginPlan
from survey.questionnaires.model import Municipality


def defined(
    plan: AnalysisPlan, companions: Iterable[CompanionPlan], municipality: Municipality
) -> dict[str, str]:
    """By survey and name: of figures on residents, and on contact between organisations of `companions`.

    Of groups nothing: their names are not compared. Of margins those that a table or a test names. Of areas
    the neighbourhoods, and which areas there are: one less another is the rest, also under a new code.
    """
    own = {f"indicator {each.key}": _counted(each) for each in plan.indicators}
    own |= {f"table {each.key}": f"by {', '.join(each.by)}" for each in plan.tables}
    own |= {f"test {each.key}": each.formula for each in plan.tests}
    named = {name for table in plan.tables for name in table.by}
    named |= {name for test in plan.tests for name in re.findall(r"\w+", test.formula)}
    own |= {
        f"margin {each.population}": _categories(each)
        for each in plan.weighting.margins
        if each.population in named
    }
    found = {plan.survey: own | _areas(municipality)}
    found |= {each.survey: _contact(each.network) for each in companions if each.network is not None}
    return {f"{survey}, {name}": what for survey, names in found.items() for name, what in names.items()}


def _counted(indicator: Indicator) -> str:
    limits = (("from", indicator.at_least), ("up to", indicator.at_most))
    return " ".join(
        (
            f"{indicator.kind} of {indicator.scale or ''}({indicator.variable})",
            *([f"= {_codes(indicator.codes)}"] if indicator.codes else []),
            *(f"{name} {limit:g}" for name, limit in limits if limit is not None),
            *([f"with {_codes(indicator.include)}"] if indicator.include else []),
        )
    )


def _categories(margin: MarginPlan) -> str:
    listed = [f"{name} = {_codes(codes)}" for name, codes in sorted(margin.categories.items())]
    return f"{margin.variable}: {'; '.join(listed)}; otherwise {margin.otherwise}"


def _areas(municipality: Municipality) -> dict[str, str]:
    inside: dict[str, list[str]] = {area.code: [] for area in municipality.areas}
    for each in municipality.neighbourhoods:
        inside[each.area].append(each.code)
    found = {f"area {code}": ", ".join(sorted(neighbourhoods)) for code, neighbourhoods in inside.items()}
    return found | {"areas": ", ".join(sorted(inside))}


def _contact(network: NetworkPlan) -> dict[str, str]:
    answers: dict[str, list[int]] = {}
    for code, organisation in network.organisations.items():
        answers.setdefault(f"organisation {organisation}", []).append(int(code))
    found = {name: f"{network.organisation} = {_codes(codes)}" for name, codes in answers.items()}
    return found | {"contact": f"{network.contact} = {_codes(network.often)}"}


def _codes(codes: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(codes)))
