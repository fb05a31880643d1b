"""The chapter on differences between areas: the map, every area beside the rest, all numbers."""

from analysis.reporting.chapters.documents import Chapter, indicators_named
from analysis.reporting.figures import indicator_figures
from analysis.reporting.figures.making import Maker, in_parts
from analysis.reporting.figures.panel_figures import MOST_MEASURES, area_panels
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.plans.plan import ReportPlan


def area_differences(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    chosen = indicators_named(outcomes, report.profile)
    central = indicators_named(outcomes, report.headline)
    (mapped,) = indicators_named(outcomes, (report.map,))
    drawn = indicator_figures.area_map(maker, mapped)
    others = [
        each
        for each in chosen
        if each is not mapped and any(area.mark in ("higher", "lower") for area in each.areas)
    ]
    figures = [
        *((drawn,) if drawn is not None else ()),
        indicator_figures.area_dots(maker, mapped, report.population),
        *(indicator_figures.area_dots(maker, each, report.population) for each in others[:3]),
        *(area_panels(maker, part, report.population) for part in in_parts(central, MOST_MEASURES)),
        *(indicator_figures.area_matrix(maker, part) for part in in_parts(chosen, 7)),
    ]
    return Chapter(
        anchor="wijken",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Verschillen tussen de wijken"),
        running=maker.phrases.say("Verschillen tussen de wijken"),
        lead=maker.phrases.say(
            "Elke wijk staat naast de rest van de stad. Een teken staat er alleen als het "
            "verschil geen toeval lijkt en groot genoeg is om ertoe te doen."
        ),
        figures=tuple(figures),
    )
