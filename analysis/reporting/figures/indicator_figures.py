"""Figures of indicators for the whole municipality and per area."""

from collections.abc import Iterable, Sequence
from functools import partial

from analysis.estimation.estimates import Estimate
from analysis.reporting import wording
from analysis.reporting.charts import maps, plots
from analysis.reporting.disclosure import SMALLEST_CELL, Cell, Suppressed
from analysis.reporting.figures.making import (
    CHARACTERS,
    INDICATIVE,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    Table,
    dot_of,
    drawn,
    interval_cell,
    is_indicative,
    mark_cell,
    marked_cell,
    order,
    plot_rows,
    scaled,
    small_cells,
    stars,
    value_cell,
    value_of,
)
from analysis.reporting.findings.outcome_values import AnswerShare, AreaOutcome, Distribution, Outcome
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.wording import Kind


def overview(maker: Maker, chosen: Sequence[Outcome], population: str, subject: str = "") -> Figure:
    """Shares of all residents, each with its interval; `subject` is what they are about together."""
    lines = tuple(
        _whole_line(
            maker.phrases, each, plots.wrapped(each.indicator.label, int(72 * CHARACTERS)), "proportion"
        )
        for each in chosen
    )
    rows = plot_rows(maker.phrases, lines, [each.whole for each in chosen], "proportion")
    return maker.beside(
        _with_subject(subject, _extremes(maker, chosen)),
        maker.phrases.say("In procenten, met de marge van 95%"),
        (
            Column(label=maker.phrases.say("Uitkomst"), width=70, style=""),
            Column(label=maker.phrases.say("vraag"), width=12),
            Column(label="n", width=11),
            Column(label="%", width=9),
            Column(label=maker.phrases.say("marge"), width=16),
        ),
        lines,
        maker.phrases.say(
            "Basis: {population}, uit de steekproef, gewogen; n is het aantal antwoorden op de "
            "vraag. De vragen staan in bijlage B.{about_whom}{caveats} {source}",
            population=population,
            about_whom=maker.about_whom(chosen, numbered=True),
            caveats=maker.caveats(each.question for each in chosen),
            source=maker.source,
        ),
        plot=partial(plots.dots, maker.phrases, maker.colours, rows, ticks=(0, 25, 50, 75, 100)),
    )


def _whole_line(phrases: Phrases, each: Outcome, label: tuple[str, ...], kind: Kind) -> Line:
    """The number of the question, n, the figure of the whole municipality and its interval."""
    return Line(
        label=label,
        cells=(
            Printed(text=each.question.provenance.number),
            Printed(text=wording.base(phrases, each.whole)),
            value_cell(phrases, each.whole, kind),
            interval_cell(phrases, each.whole, kind),
        ),
    )


def means(maker: Maker, chosen: Sequence[Outcome], population: str, subject: str = "") -> Figure:
    """Means of all residents with their intervals; `subject` is what they are about together."""
    name = maker.table_name()
    lines = tuple(_whole_line(maker.phrases, each, (each.indicator.label,), "mean") for each in chosen)
    return Figure(
        name=name,
        title=_with_subject(subject, _first_means(maker.phrases, chosen)),
        what=maker.phrases.say("Gemiddelden, met de marge van 95%"),
        note=maker.phrases.say(
            "Basis: {population}, uit de steekproef, gewogen.{about_whom}{caveats} {source}",
            population=population,
            about_whom=maker.about_whom(chosen, numbered=True),
            caveats=maker.caveats(each.question for each in chosen),
            source=maker.source,
        ),
        table=Table(
            caption=name,
            columns=(
                Column(label=maker.phrases.say("Uitkomst"), width=90, style=""),
                Column(label=maker.phrases.say("vraag")),
                Column(label="n"),
                Column(label=maker.phrases.say("gemiddelde")),
                Column(label=maker.phrases.say("marge")),
            ),
            lines=lines,
        ),
    )


def area_map(maker: Maker, outcome: Outcome, population: str) -> Figure | None:
    """The areas in four classes; None without outlines or with too few areas to show."""
    kind = outcome.indicator.kind
    # Rounded as they are printed, so that a number never stands beside the class next to its own.
    values = {
        each.area.code: wording.withheld(maker.phrases, each.cell)
        if isinstance(each.cell, Suppressed)
        else round(scaled(each.cell.value, kind), 0 if kind == "proportion" else 1)
        for each in outcome.areas
    }
    shown = [value for value in values.values() if not isinstance(value, str)]
    if not maker.background.shapes or not shown:
        return None
    name = maker.figure_name()
    title = _levels_title(maker, outcome)
    svg = maps.choropleth(
        maker.phrases,
        maker.colours,
        maker.background.shapes,
        values,
        title=maker.phrases.say("Kaart. {title}", title=title),
        legend=outcome.indicator.label,
        limits=_limits(shown, kind),
        number=(lambda value: f"{plots.percent(value)}%") if kind == "proportion" else maker.phrases.decimal,
        indicative=[each.area.code for each in outcome.areas if is_indicative(each.cell)],
    )
    what = (
        later("{label}: aandeel in procenten per wijk")
        if kind == "proportion"
        else later("{label}: gemiddelde per wijk")
    )
    return Figure(
        name=name,
        title=title,
        what=maker.phrases.say(what, label=outcome.indicator.label),
        note=maker.phrases.say(
            "{question} Basis: {population}, uit de steekproef, gewogen.{stars} n per wijk staat in de "
            "figuur hierna, die ook de tabel bij deze kaart is. Kaart: {attribution} (vereenvoudigd). "
            "{source}",
            question=maker.question_note(outcome),
            population=population,
            stars=stars(maker.phrases, [each.cell for each in outcome.areas]),
            attribution=maker.municipality.attribution,
            source=maker.source,
        ),
        table=None,
        svg=drawn(svg),
    )


def area_dots(maker: Maker, outcome: Outcome, population: str) -> Figure:
    """The areas from high to low with their intervals, too few answers last."""
    kind = outcome.indicator.kind
    ordered = sorted(outcome.areas, key=lambda each: -order(each.cell))
    lines = tuple(_area_line(maker.phrases, each, kind) for each in ordered)
    return maker.beside(
        _areas_title(maker, outcome),
        maker.phrases.say(
            "{label}, per wijk, met de marge van 95%. De tekens vergelijken met de rest van {town}",
            label=outcome.indicator.label,
            town=maker.municipality.name,
        ),
        (
            Column(label=maker.phrases.say("Wijk"), width=43, style=""),
            Column(label="n", width=10),
            Column(label=_unit(maker.phrases, kind), width=12),
            Column(label=maker.phrases.say("marge"), width=17),
            Column(label=maker.phrases.say("tegenover de rest"), width=26, style="mark"),
        ),
        lines,
        maker.phrases.say(
            "{question} Basis: {population}, uit de steekproef, gewogen.{small_cells} {mark_rule} {source}",
            question=maker.question_note(outcome),
            population=population,
            small_cells=small_cells(maker.phrases, [each.cell for each in outcome.areas]),
            mark_rule=maker.mark_rule(),
            source=maker.source,
        ),
        plot=maker.around_whole(lines, [each.cell for each in ordered], outcome),
    )


def area_matrix(maker: Maker, chosen: Sequence[Outcome], part: str) -> Figure:
    """Profile indicators by area, with the marks as symbols; `part` tells which, of more tables."""
    name = maker.table_name()
    marks = [each.mark for outcome in chosen for each in outcome.areas if each.mark is not None]
    lines = []
    for place, area in enumerate(maker.municipality.areas):
        cells = (
            (marked_cell(maker.phrases, here, outcome.indicator.kind), here.cell)
            for outcome in chosen
            for here in (outcome.areas[place],)
        )
        lines.append(Line(label=(area.name,), cells=_with_base(maker.phrases, cells)))
    whole = (
        (value_cell(maker.phrases, outcome.whole, outcome.indicator.kind), outcome.whole)
        for outcome in chosen
    )
    lines.append(
        Line(label=(maker.municipality.name,), cells=_with_base(maker.phrases, whole), style="total")
    )
    title = maker.phrases.say(wording.NO_AREA_COMPARED)
    if marks:
        found, compared = wording.differences(maker.phrases, marks)
        title = maker.phrases.say("{found} bij {compared}", found=wording.capital(found), compared=compared)
    columns = tuple(
        column
        for each in chosen
        for label in (each.indicator.label,)
        for column in (
            Column(label=label, in_files=f"{label} ({_unit(maker.phrases, each.indicator.kind)})"),
            Column(label="n", group=label, on_page=False),
        )
    )
    return Figure(
        name=name,
        title=f"{title}{part}",
        what=maker.phrases.say(
            "Per wijk, in procenten of gemiddelden. ▲ hoger en ▼ lager dan de rest van {town}",
            town=maker.municipality.name,
        ),
        note=maker.phrases.say(
            "Zonder teken: geen duidelijk verschil. Een streepje: te weinig antwoorden, of "
            "beschermd.{about_whom}{stars} {small_cells} {mark_rule} De aantallen en marges staan in "
            "bijlage C. {source}",
            about_whom=maker.about_whom(chosen),
            stars=stars(maker.phrases, [each.cell for outcome in chosen for each in outcome.areas]),
            small_cells=maker.phrases.say(wording.SMALL_CELLS, smallest=SMALLEST_CELL),
            mark_rule=maker.mark_rule(),
            source=maker.source,
        ),
        table=Table(
            caption=name,
            columns=(Column(label=maker.phrases.say("Wijk"), width=38, style=""), *columns),
            lines=tuple(lines),
        ),
    )


def _with_base(phrases: Phrases, cells: Iterable[tuple[Printed, Cell]]) -> tuple[Printed, ...]:
    """Every figure, and the number of answers behind it."""
    return tuple(
        each for printed, cell in cells for each in (printed, Printed(text=wording.base(phrases, cell)))
    )


def area_table(maker: Maker, outcome: Outcome) -> Figure:
    """One indicator by area with number, interval, rest and mark: the data table of the annex."""
    name = maker.table_name()
    kind = outcome.indicator.kind
    lines = [
        Line(
            label=(each.area.name,),
            cells=(
                Printed(text=wording.base(maker.phrases, each.cell)),
                value_cell(maker.phrases, each.cell, kind),
                interval_cell(maker.phrases, each.cell, kind),
                value_cell(maker.phrases, each.rest, kind),
                mark_cell(maker.phrases, each.cell, each.mark),
            ),
        )
        for each in outcome.areas
    ]
    lines.append(
        Line(
            label=(maker.municipality.name,),
            cells=(
                Printed(text=wording.base(maker.phrases, outcome.whole)),
                value_cell(maker.phrases, outcome.whole, kind),
                interval_cell(maker.phrases, outcome.whole, kind),
                Printed(text=""),
                Printed(text=""),
            ),
            style="total",
        )
    )
    return Figure(
        name=name,
        title=outcome.indicator.label,
        what=maker.phrases.say(
            later("In procenten, per wijk en tegenover de rest van {town}")
            if kind == "proportion"
            else later("Gemiddelde, per wijk en tegenover de rest van {town}"),
            town=maker.municipality.name,
        ),
        note=f"{maker.question_note(outcome)}"
        f"{small_cells(maker.phrases, [each.cell for each in outcome.areas])} {maker.source}",
        table=Table(
            caption=name,
            columns=(
                Column(label=maker.phrases.say("Wijk"), width=52, style=""),
                Column(label="n"),
                Column(label=_unit(maker.phrases, kind)),
                Column(label=maker.phrases.say("marge")),
                Column(label=maker.phrases.say("rest")),
                Column(label=maker.phrases.say("verschil"), width=34, style="mark"),
            ),
            lines=tuple(lines),
        ),
    )


def _levels_title(maker: Maker, outcome: Outcome) -> str:
    """Between which figures the areas lie: which of them differ is said by the figure beside it."""
    kind = outcome.indicator.kind
    values = [value for each in outcome.areas if (value := value_of(each.cell, kind)) is not None]
    told = wording.shares_between if kind == "proportion" else wording.means_between
    said = told(maker.phrases, values)
    return maker.phrases.say("{label}, per wijk: {values}", label=outcome.indicator.label, values=said)


def _areas_title(maker: Maker, outcome: Outcome) -> str:
    marks = [(each.area.name, each.mark) for each in outcome.areas]
    said = wording.areas_title(maker.phrases, marks, maker.municipality.name)
    return f"{outcome.indicator.label}: {wording.lower_first(said)}"


_PROFILE_LABEL = 62
"""Width in millimetres: beside it there is room for a mark that is called indicative, and for dots."""


def profile(maker: Maker, code: str, chosen: Sequence[Outcome], population: str) -> Figure:
    """Shares in one area beside the rest of the municipality."""
    here = [(outcome, _of(outcome, code)) for outcome in chosen]
    area = here[0][1].area.name
    marks = [(outcome.indicator.label, each.mark) for outcome, each in here if each.mark is not None]
    title = wording.profile_title(maker.phrases, area, marks, maker.municipality.name)
    lines = tuple(_profile_line(maker.phrases, outcome, each) for outcome, each in here)
    rows = plot_rows(
        maker.phrases,
        lines,
        [each.cell for _, each in here],
        "proportion",
        [value_of(each.rest, "proportion") for _, each in here],
    )
    numbers = ", ".join(dict.fromkeys(outcome.question.provenance.number for outcome, _ in here))
    return maker.beside(
        title,
        maker.phrases.say(
            "In procenten, met de marge van 95%. Punt: {area}. Streepje: de rest van {town}",
            area=area,
            town=maker.municipality.name,
        ),
        (
            Column(label=maker.phrases.say("Uitkomst"), width=_PROFILE_LABEL, style=""),
            Column(label="n", width=8),
            Column(label=maker.phrases.say("wijk %"), width=11),
            Column(label=maker.phrases.say("marge"), width=13),
            Column(label=maker.phrases.say("rest van de stad %"), width=14),
            Column(label=maker.phrases.say("verschil"), width=30, style="mark"),
        ),
        lines,
        maker.phrases.say(
            "Vragen {numbers}; de teksten staan op de volgende bladzijde. Basis: {population} in "
            "{area}, uit de steekproef, gewogen.{about_whom}{small_cells} {source}",
            numbers=numbers,
            population=population,
            area=area,
            about_whom=maker.about_whom(chosen),
            small_cells=small_cells(maker.phrases, [each.cell for _, each in here]),
            source=maker.source,
        ),
        plot=partial(
            plots.dots,
            maker.phrases,
            maker.colours,
            rows,
            ticks=(0, 25, 50, 75, 100),
            reference_name=maker.phrases.say("rest"),
        ),
    )


def _profile_line(phrases: Phrases, outcome: Outcome, each: AreaOutcome) -> Line:
    return Line(
        label=plots.wrapped(outcome.indicator.label, int(_PROFILE_LABEL * CHARACTERS)),
        cells=(
            Printed(text=wording.base(phrases, each.cell)),
            value_cell(phrases, each.cell, "proportion"),
            interval_cell(phrases, each.cell, "proportion"),
            value_cell(phrases, each.rest, "proportion"),
            mark_cell(phrases, each.cell, each.mark),
        ),
        style="few" if isinstance(each.cell, Suppressed) else "",
    )


def profile_means(maker: Maker, code: str, chosen: Sequence[Outcome]) -> Figure:
    name = maker.table_name()
    here = [(outcome, _of(outcome, code)) for outcome in chosen]
    first = here[0][1]
    lines = tuple(
        Line(
            label=plots.wrapped(outcome.indicator.label, 52),
            cells=(
                Printed(text=wording.base(maker.phrases, each.cell)),
                value_cell(maker.phrases, each.cell, "mean"),
                interval_cell(maker.phrases, each.cell, "mean"),
                value_cell(maker.phrases, each.rest, "mean"),
                mark_cell(maker.phrases, each.cell, each.mark),
            ),
        )
        for outcome, each in here
    )
    return Figure(
        name=name,
        title=wording.mean_title(maker.phrases, here[0][0].indicator.label, first.cell),
        what=maker.phrases.say("Gemiddelden, met de marge van 95%"),
        note=maker.phrases.say(
            "Verschil bij gemiddelden: minstens {mean}.{about_whom} {source}",
            about_whom=maker.about_whom(chosen),
            mean=maker.relevant_means(outcome.indicator for outcome in chosen),
            source=maker.source,
        ),
        table=Table(
            caption=name,
            columns=(
                Column(label=maker.phrases.say("Onderwerp"), width=74, style=""),
                Column(label="n"),
                Column(label=maker.phrases.say("wijk")),
                Column(label=maker.phrases.say("marge")),
                Column(label=maker.phrases.say("rest van de stad")),
                Column(label=maker.phrases.say("verschil"), width=34, style="mark"),
            ),
            lines=lines,
        ),
    )


def profile_choices(maker: Maker, code: str, distribution: Distribution, most: int = 5) -> Figure:
    """The answers to a multiple choice question that were ticked most in one area."""
    cells = next(cells for area, cells in distribution.areas if area.code == code)
    pairs = sorted(zip(distribution.answers, cells, strict=True), key=lambda pair: -order(pair[1]))
    shown = [(answer, cell) for answer, cell in pairs if not isinstance(cell, Suppressed)][:most]
    question = distribution.question
    text = f"{question.provenance.number}: {wording.sentence(wording.asked(question))}"
    asked = maker.phrases.say("Vraag {text}", text=text)
    if not shown:
        return Figure(
            name=maker.figure_name(),
            title=f"{distribution.label}: {wording.withheld(maker.phrases, *cells)}",
            what=maker.phrases.say("Hierover kunnen wij geen cijfer geven."),
            note=f"{asked}{small_cells(maker.phrases, cells)} {maker.source}",
            table=None,
        )
    labels, found = [answer.label for answer, _ in shown], [cell for _, cell in shown]
    said = wording.answers_title(maker.phrases, labels, found, several=True)
    everywhere = maker.answered(distribution)
    lines = [_choice_line(maker.phrases, answer, cell, everywhere) for answer, cell in shown]
    rows = plot_rows(maker.phrases, lines, found, "proportion")
    hidden = any(isinstance(cell, Suppressed) for cell in cells)
    return maker.beside(
        f"{wording.capital(distribution.label)}: {wording.lower_first(said)}",
        maker.phrases.say(
            later("De {answers} die wij kunnen tonen, in procenten. Mensen konden meer antwoorden kiezen")
            if hidden
            else later("De {answers}, in procenten. Mensen konden meer antwoorden kiezen"),
            answers=maker.phrases.counted(len(shown), "meest gegeven antwoord", "meest gegeven antwoorden"),
        ),
        (
            Column(label=maker.phrases.say("Antwoord"), width=70, style=""),
            Column(label=maker.phrases.say("wijk %"), width=12),
            Column(label=maker.phrases.say("marge"), width=18),
            Column(label="n", on_page=False),
            Column(label=maker.phrases.say("alle wijken %"), width=16),
            Column(label=maker.phrases.say("alle wijken n"), on_page=False),
        ),
        lines,
        f"{asked} n = {maker.phrases.whole(found[0].respondents)}."
        f"{_choice_limits(maker, distribution, found)}{small_cells(maker.phrases, cells)} {maker.source}",
        plot=partial(
            plots.bars,
            maker.phrases,
            maker.colours,
            rows,
            longest=max(row.dot.value for row in rows if row.dot is not None),
        ),
    )


def _choice_line(phrases: Phrases, answer: AnswerShare, cell: Cell, everywhere: Printed) -> Line:
    """`everywhere`: how many answered in all areas."""
    return Line(
        label=plots.wrapped(answer.label, int(68 * CHARACTERS)),
        cells=(
            value_cell(phrases, cell, "proportion"),
            interval_cell(phrases, cell, "proportion"),
            Printed(text=wording.base(phrases, cell)),
            value_cell(phrases, answer.cell, "proportion"),
            everywhere,
        ),
    )


def _choice_limits(maker: Maker, distribution: Distribution, shown: Sequence[Estimate]) -> str:
    """Whether the figures are of few answers, and whether everybody was asked."""
    indicative = maker.phrases.say(" Dat is indicatief: {fewest} tot en met {most} antwoorden.", **INDICATIVE)
    limits = indicative if shown[0].indicative else ""
    if distribution.asked == maker.outcomes.respondents:
        return limits
    route = maker.for_whom([distribution.question])
    return f"{limits}{route or maker.phrases.say(' Niet iedereen kreeg de vraag.')}"


def _area_line(phrases: Phrases, each: AreaOutcome, kind: Kind) -> Line:
    return Line(
        label=(each.area.name,),
        cells=(
            Printed(text=wording.base(phrases, each.cell)),
            value_cell(phrases, each.cell, kind),
            interval_cell(phrases, each.cell, kind),
            mark_cell(phrases, each.cell, each.mark),
        ),
        style="few" if isinstance(each.cell, Suppressed) else "",
    )


def _extremes(maker: Maker, chosen: Sequence[Outcome]) -> str:
    """The highest share and the lowest, as facts and without comparing; of those about everybody, if any.

    Of more than two that do not stand apart, none is the highest: their range.
    """
    shown = [
        (each.for_some, dot, each.indicator.label)
        for each in chosen
        if (dot := dot_of(each.whole, "proportion")) is not None
    ]
    if not shown:
        return wording.none_shown(maker.phrases, [each.whole for each in chosen])
    about = min(for_some for for_some, _, _ in shown)
    facts = [(dot, label) for for_some, dot, label in shown if for_some == about]
    most, least = (end(facts, key=lambda fact: fact[0].value) for end in (max, min))
    relevant = 100 * maker.outcomes.plan.relevant_share
    if len(facts) > 2 and not wording.stand_apart(most[0], least[0], relevant):
        shares = wording.shares_between(maker.phrases, [dot.value for dot, _ in facts])
        return maker.phrases.say("Per uitkomst {shares}", shares=shares)
    ends = dict.fromkeys(((label, dot.value) for dot, label in (most, least)))
    return ", ".join(f"{plots.percent(value)}% {wording.lower_first(label)}" for label, value in ends)


def _first_means(phrases: Phrases, chosen: Sequence[Outcome], most: int = 2) -> str:
    """The first that can be shown: they have scales of their own, so none is the highest."""
    said = [
        phrases.say(
            "gemiddeld {value} bij {outcome}",
            value=wording.figure(phrases, each.whole, "mean"),
            outcome=wording.quoted(wording.lower_first(each.indicator.label)),
        )
        for each in chosen
        if not isinstance(each.whole, Suppressed)
    ]
    if not said:
        return wording.none_shown(phrases, [each.whole for each in chosen])
    return phrases.names(said[:most])


def _with_subject(subject: str, said: str) -> str:
    return f"{subject}: {wording.lower_first(said)}" if subject else wording.capital(said)


def _unit(phrases: Phrases, kind: Kind) -> str:
    return "%" if kind == "proportion" else phrases.say("gem.")


def _of(outcome: Outcome, code: str) -> AreaOutcome:
    return next(each for each in outcome.areas if each.area.code == code)


def _limits(values: Sequence[float], kind: Kind) -> tuple[float, float, float]:
    """Three round limits around the middle of the values, so that four classes are used."""
    steps = (2, 5, 10, 20) if kind == "proportion" else (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
    spread = (max(values) - min(values)) / 4
    step = next((step for step in steps if step >= spread), steps[-1])
    middle = round((max(values) + min(values)) / 2 / step) * step
    return middle - step, middle, middle + step
