"""The chapter on differences between areas: the map, every area beside the rest, all numbers."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, compared_by_area, indicators_named, marked_areas
from analysis.reporting.figures import indicator_figures
from analysis.reporting.figures.making import Figure, Maker, in_parts, numbered
from analysis.reporting.figures.panel_figures import MOST_MEASURES, area_panels, marks_by_area
from analysis.reporting.figures.published_figures import Beside, beside_published, comparable
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.plans.plan import ReportPlan


def area_differences(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Chapter:
    chosen = indicators_named(outcomes, report.profile)
    central = indicators_named(outcomes, report.headline)
    (mapped,) = indicators_named(outcomes, (report.map,))
    drawn = indicator_figures.area_map(maker, mapped, report.population)
    others = [
        each for each in compared_by_area(outcomes, report) if each is not mapped and marked_areas(each)
    ]
    figures = [
        *((drawn,) if drawn is not None else ()),
        indicator_figures.area_dots(maker, mapped, report.population),
        *(indicator_figures.area_dots(maker, each, report.population) for each in others[:3]),
        *(area_panels(maker, part, report.population) for part in in_parts(central, MOST_MEASURES)),
        *(
            indicator_figures.area_matrix(maker, members, part)
            for members, part in numbered(maker.phrases, [*in_parts(chosen, 7)])
        ),
        *_earlier(maker, compared_by_area(outcomes, report)),
    ]
    return Chapter(
        anchor="wijken",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Verschillen tussen de wijken"),
        running=maker.phrases.say("Verschillen tussen de wijken"),
        lead=maker.phrases.say(
            "Elke wijk staat naast de rest van de stad. Een teken staat er alleen als het "
            "verschil geen toeval lijkt en groot genoeg is."
        ),
        paragraphs=_found(maker, compared_by_area(outcomes, report)),
        figures=tuple(figures),
    )


def _earlier(maker: Maker, compared: Sequence[Outcome]) -> Iterator[Figure]:
    """What others published of areas on the same question; of the other areas that nothing is known."""
    for outcome in compared:
        cells = {each.area.code: each.cell for each in outcome.areas}
        known = [
            Beside(published, cells[published.area], outcome.indicator.kind)
            for published in comparable(maker, outcome.question, outcome.indicator.kind)
            if published.area in cells
        ]
        if known:
            told = len({each.published.area for each in known})
            others = maker.phrases.say("Van de andere wijken is geen eerder cijfer bekend.")
            yield beside_published(
                maker,
                maker.phrases.say(
                    "{label} per wijk: cijfers van anderen zijn niet zomaar te vergelijken",
                    label=outcome.indicator.label,
                ),
                known,
                " ".join(filter(None, (maker.question_note(outcome), others if told < len(cells) else ""))),
            )


def _found(maker: Maker, compared: Sequence[Outcome]) -> tuple[str, ...]:
    """How many marks stand in the chapter, on which outcome most of them, and which areas have most."""
    areas = marks_by_area(maker, compared)
    marks = [mark for _, own in areas for mark in own]
    most = compared[0]
    if not marked_areas(most):
        return ()
    found, comparisons = wording.differences(maker.phrases, marks)
    sentences = maker.phrases.say(
        "In dit hoofdstuk staan {found} bij {compared}.", found=found, compared=comparisons
    )
    if marked_areas(most) > max((marked_areas(each) for each in compared[1:]), default=0):
        sentences += maker.phrases.say(
            " Het vaakst gaat het om {outcome}: {areas}.",
            outcome=wording.quoted(wording.lower_first(most.indicator.label)),
            areas=maker.phrases.counted(marked_areas(most), "wijk", "wijken"),
        )
    return (f"{sentences} {wording.most_marked(maker.phrases, areas, maker.municipality.name)}",)
