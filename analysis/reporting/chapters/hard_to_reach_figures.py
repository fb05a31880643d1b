"""The chapter about groups that are hard to reach."""

from collections.abc import Iterator, Sequence

from analysis.reporting import wording
from analysis.reporting.chapters.documents import Chapter, indicators_named
from analysis.reporting.charts import plots
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.making import (
    CHARACTERS,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    interval_cell,
    mark_cell,
    small_cells,
    value_cell,
)
from analysis.reporting.findings.hard_to_reach import GroupOutcome
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import later
from analysis.reporting.plans.plan import ReportPlan

_LABEL = 60.0


def hard_to_reach(maker: Maker, outcomes: Outcomes, report: ReportPlan) -> Iterator[Chapter]:
    """What each group says, and what is not known about it; nothing when the plan names no groups."""
    groups = [each for each in outcomes.groups if each.plan.hard_to_reach]
    if not groups:
        return
    gaps = [f"{each.plan.name}: {wording.lower_first(each.plan.gap)}" for each in groups if each.plan.gap]
    unknown = [
        wording.quoted(wording.lower_first(each.plan.name))
        for each in groups
        if all(isinstance(each.cells.get(key), Suppressed | None) for key in report.headline)
    ]
    lead = maker.phrases.say(
        later(
            "Niet iedereen doet even gemakkelijk mee aan een onderzoek. Hier staat wat deze groepen zeggen, "
            "en wat wij niet weten."
        )
        if gaps
        else later(
            "Niet iedereen doet even gemakkelijk mee aan een onderzoek. Hier staat wat deze groepen zeggen."
        )
    )
    if unknown:
        lead += maker.phrases.say(
            " Van {groups} kunnen wij geen cijfers geven: {names}.",
            groups=maker.phrases.counted(len(unknown), "groep", "groepen"),
            names=maker.phrases.names(unknown),
        )
    compared = [
        (each, told)
        for each in indicators_named(outcomes, report.headline)
        if (told := [group for group in groups if each.indicator.key in group.cells])
    ]
    yield Chapter(
        anchor="moeilijk-bereikbaar",
        kicker=maker.phrases.say("Uitkomsten"),
        title=maker.phrases.say("Groepen die moeilijk te bereiken zijn"),
        running=maker.phrases.say("Moeilijk bereikbare groepen"),
        lead=lead,
        paragraphs=(*gaps, *([_rule(maker, groups)] if compared else ())),
        figures=tuple(_dots(maker, each, told, report.population) for each, told in compared),
    )


def _rule(maker: Maker, groups: Sequence[GroupOutcome]) -> str:
    """How all figures of the chapter are to be read."""
    numbers = dict.fromkeys(each.question.provenance.number for each in groups if each.question is not None)
    return maker.phrases.say(
        "Wie bij een groep hoort, komt uit de vragen {numbers}. Iemand kan bij meer groepen horen. "
        "{mark_rule}",
        numbers=maker.phrases.names([*numbers]),
        mark_rule=maker.mark_rule(),
    )


def _dots(maker: Maker, outcome: Outcome, groups: Sequence[GroupOutcome], population: str) -> Figure:
    kind, key = outcome.indicator.kind, outcome.indicator.key
    cells = [each.cells[key] for each in groups]
    marks = [(each.plan.name, each.marks[key]) for each in groups]
    said = wording.groups_title(maker.phrases, marks)
    lines = tuple(
        Line(
            label=plots.wrapped(each.plan.name, int(_LABEL * CHARACTERS)),
            cells=(
                Printed(text=wording.base(maker.phrases, cell)),
                value_cell(maker.phrases, cell, kind),
                interval_cell(maker.phrases, cell, kind),
                mark_cell(maker.phrases, cell, each.marks[key]),
            ),
            style="few" if isinstance(cell, Suppressed) else "",
        )
        for each, cell in zip(groups, cells, strict=True)
    )
    return maker.beside(
        f"{outcome.indicator.label}: {wording.lower_first(said)}",
        maker.phrases.say(
            "{label}, per groep, met de marge van 95%. De tekens vergelijken met alle anderen",
            label=outcome.indicator.label,
        ),
        (
            Column(label=maker.phrases.say("Groep"), width=_LABEL, style=""),
            Column(label="n", width=10),
            Column(label="%" if kind == "proportion" else maker.phrases.say("gem."), width=11),
            Column(label=maker.phrases.say("marge"), width=16),
            Column(label=maker.phrases.say("tegenover de anderen"), width=25, style="mark"),
        ),
        lines,
        maker.phrases.say(
            "{question} Basis: {population}, uit de steekproef, gewogen.{small_cells} {source}",
            question=maker.question_note(outcome),
            population=population,
            small_cells=small_cells(maker.phrases, cells),
            source=maker.source,
        ),
        plot=maker.around_whole(lines, cells, outcome),
    )
