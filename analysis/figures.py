"""Figures and tables of a report, ready to print: every cell is a text, every chart an SVG.

Templates get these and nothing else, so what was suppressed cannot be printed by a template.
"""

import re
from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup
from msgspec import Struct

from analysis import charts, wording
from analysis.background import Background
from analysis.charts import Comparison, Dot, Palette, Row, Statement
from analysis.disclosure import Cell, Suppressed
from analysis.outcomes import (
    AreaOutcome,
    ClosedQuestion,
    Distribution,
    Outcome,
    Outcomes,
    part_text,
)
from analysis.wording import Kind
from survey.questionnaires.model import MultipleChoice, Questionnaire

PAGE = 166.0
"""Width of the text on a page, in millimetres."""

CHARACTERS = 0.7
"""Letters of a table's size that fit in a millimetre, with some to spare."""

Style = Literal["", "few", "strong"]


class Printed(Struct, frozen=True, kw_only=True):
    """The text of a cell; `few` prints it in grey."""

    text: str
    style: Style = ""


class Line(Struct, frozen=True, kw_only=True):
    """A row of a table: its label, broken into lines, and its cells; a group is a heading of rows."""

    label: tuple[str, ...]
    cells: tuple[Printed, ...] = ()
    style: Literal["", "group", "total", "sub", "few"] = ""

    @property
    def height(self) -> float:
        """In points, as the plot beside it reckons."""
        return charts.row_height(len(self.label))


class Column(Struct, frozen=True, kw_only=True):
    """`width` in millimetres, or None for an equal share; `style`: n for numbers, mark for words."""

    label: str
    width: float | None = None
    style: Literal["", "n", "mark"] = "n"


class Table(Struct, frozen=True, kw_only=True):
    """`width` in millimetres; the first column holds the labels of the lines."""

    caption: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    width: float = PAGE


class Figure(Struct, frozen=True, kw_only=True):
    """A chart with its table, or a table alone; `beside`: the two share their rows."""

    name: str
    title: str
    what: str
    note: str
    table: Table | None
    svg: Markup | None = None
    beside: bool = False
    long: bool = False

    @property
    def anchor(self) -> str:
        return self.name.lower().replace(" ", "-")


class Maker:
    """Makes the figures of one report: numbers them, and knows its colours, words and questionnaire."""

    def __init__(self, outcomes: Outcomes, background: Background, colours: Palette) -> None:
        self.outcomes = outcomes
        self.background = background
        self.colours = colours
        self.municipality = outcomes.questionnaire.municipality
        self.source = (
            "Bron: gesimuleerde antwoorden."
            if outcomes.dataset.export.simulated
            else f"Bron: vragenlijst {outcomes.plan.title}, {wording.month(outcomes.dataset.export.week)}."
        )
        self._figures = 0
        self._tables = 0

    def figure_name(self) -> str:
        self._figures += 1
        return f"Figuur {self._figures}"

    def table_name(self) -> str:
        self._tables += 1
        return f"Tabel {self._tables}"

    # --- one question -------------------------------------------------------------------------

    def distribution(self, distribution: Distribution, population: str) -> Figure:
        """The answers to one question as bars beside their table."""
        multiple = isinstance(distribution.question, MultipleChoice)
        answers = distribution.answers
        if multiple:
            answers = tuple(sorted(answers, key=lambda each: -_order(each.cell)))
        cells = [answer.cell for answer in answers]
        labels = [answer.label for answer in answers]
        said = wording.answers_title(labels, cells, verb="noemt" if multiple else "antwoordt")
        title = f"{wording.capital(distribution.label)}: {wording.lower_first(said)}"
        if distribution.mean is not None:
            title = wording.mean_title(distribution.label, distribution.mean)
        name = self.figure_name()
        wide = [charts.wrapped(label, int(86 * CHARACTERS)) for label in labels]
        lines = tuple(
            Line(label=label, cells=(_value(cell, "proportion"), _interval(cell, "proportion")))
            for label, cell in zip(wide, cells, strict=True)
        )
        table = Table(
            caption=f"Tabel bij {name.lower()}",
            columns=(
                Column(label="Antwoord", width=86, style=""),
                Column(label="%", width=11),
                Column(label="marge", width=19),
            ),
            lines=lines,
            width=116,
        )
        rows = [
            Row(label=label, dot=_dot(cell, "proportion"), lines=len(line.label))
            for label, cell, line in zip(labels, cells, lines, strict=True)
        ]
        longest = max((row.dot.value for row in rows if row.dot is not None), default=100)
        dark = 1 if multiple or distribution.mean is None else 0
        svg = charts.bars(
            self.colours, rows, title=title, width=50 * charts.MILLIMETRE, longest=longest, dark=_first(rows, dark)
        )
        more = " Mensen konden meer antwoorden kiezen." if multiple else ""
        mean = ""
        if distribution.mean is not None and not isinstance(distribution.mean, Suppressed):
            mean = f" Gemiddelde {charts.grade(distribution.mean.value)} ({wording.margin(distribution.mean, 'mean')})."
        return Figure(
            name=name,
            title=title,
            what=f"In procenten van wie antwoord gaf, met de marge van 95%.{more}{mean}",
            note=self.note([distribution], population),
            table=table,
            svg=Markup(svg),  # noqa: S704 - charts escapes every text
            beside=True,
        )

    def agreement(self, distributions: Sequence[Distribution], population: str) -> Figure:
        """Statements with five answers of agreement, the most agreed with first, negative ones last."""
        distributions = sorted(distributions, key=lambda each: (each.reversed, -_agree(each)))
        shares = [_shares(distribution)[::-1] if _shares(distribution) else None for distribution in distributions]
        labels = [distribution.label for distribution in distributions]
        agree = [None if each is None else each[3] + each[4] for each in shares]
        title = wording.agreement_title(labels, agree)
        answers = [answer.label.lower() for answer in distributions[0].answers][::-1]
        statements = [Statement(label=label, shares=each) for label, each in zip(labels, shares, strict=True)]
        return self._statements(
            distributions,
            title,
            charts.agreement(self.colours, statements, title=title, answers=answers),
            "In procenten. Donker: helemaal eens of oneens. Licht: eens of oneens. Buiten de balk: het totaal.",
            population,
        )

    def ordered(self, distributions: Sequence[Distribution], population: str) -> Figure:
        """The items of a battery with other answers, as whole bars."""
        labels = [distribution.label for distribution in distributions]
        shares = [_shares(distribution) for distribution in distributions]
        answers = [answer.label for answer in distributions[0].answers]
        title = wording.items_title(answers[0], labels, [None if each is None else each[0] for each in shares])
        statements = [Statement(label=label, shares=each) for label, each in zip(labels, shares, strict=True)]
        svg = charts.ordered(self.colours, statements, title=title, answers=answers)
        return self._statements(distributions, title, svg, "In procenten van wie antwoord gaf.", population)

    def _statements(
        self, distributions: Sequence[Distribution], title: str, svg: str, what: str, population: str
    ) -> Figure:
        name = self.figure_name()
        label_width = 72.0
        lines = tuple(
            Line(
                label=charts.wrapped(each.label, int(label_width * CHARACTERS)),
                cells=(
                    Printed(text=wording.whole(each.respondents)),
                    *(_value(answer.cell, "proportion") for answer in each.answers),
                ),
            )
            for each in distributions
        )
        columns = (
            Column(label="Zin" if len(distributions) > 1 else "Vraag", width=label_width, style=""),
            Column(label="aantal (n)", width=14),
            *(Column(label=answer.label.lower()) for answer in distributions[0].answers),
        )
        return Figure(
            name=name,
            title=title,
            what=what,
            note=self.note(distributions, population),
            table=Table(caption=f"Tabel bij {name.lower()}, in procenten", columns=columns, lines=lines),
            svg=Markup(svg),  # noqa: S704 - charts escapes every text
        )

    def note(self, distributions: Sequence[Distribution], population: str) -> str:
        """Question texts, base, number of answers, weighting and source."""
        questions = list(dict.fromkeys(distribution.question for distribution in distributions))
        texts = "; ".join(f"{each.provenance.number}: {wording.quoted(self.text(each))}" for each in questions)
        numbers = sorted({distribution.respondents for distribution in distributions})
        counts = wording.whole(numbers[0])
        if len(numbers) > 1:
            counts = f"{counts} tot {wording.whole(numbers[-1])}"
        limits = ""
        if any(question.purpose for question in questions):
            limits += " Alleen van wie deze vraag wilde krijgen."
        if any(question.when or question.areas for question in questions):
            limits += " Niet iedereen kreeg de vraag."
        end = "." if texts[-2] not in "?!" else ""
        return (
            f"Vraag {texts}{end} Basis: {population}, uit de steekproef, n = {counts}, gewogen."
            f"{limits} Zonder ‘weet ik niet’ en wie geen antwoord gaf. {self.source}"
        )

    def text(self, question: ClosedQuestion) -> str:
        """The question as asked where no area is known; an earlier answer in it is left open."""
        return plain(question.label.source, self.outcomes.questionnaire)

    # --- indicators ---------------------------------------------------------------------------

    def overview(self, chosen: Sequence[Outcome], population: str) -> Figure:
        """Shares of all residents, each with its interval."""
        name = self.figure_name()
        title = _extremes(chosen)
        lines = tuple(
            Line(
                label=charts.wrapped(each.indicator.label, int(72 * CHARACTERS)),
                cells=(
                    Printed(text=each.question.provenance.number),
                    Printed(text=wording.base(each.whole)),
                    _value(each.whole, "proportion"),
                    _interval(each.whole, "proportion"),
                ),
            )
            for each in chosen
        )
        table = Table(
            caption=f"Tabel bij {name.lower()}",
            columns=(
                Column(label="Uitkomst", width=70, style=""),
                Column(label="vraag", width=12),
                Column(label="n", width=11),
                Column(label="%", width=9),
                Column(label="marge", width=16),
            ),
            lines=lines,
            width=118,
        )
        rows = [
            Row(label=each.indicator.label, dot=_dot(each.whole, "proportion"), lines=len(line.label))
            for each, line in zip(chosen, lines, strict=True)
        ]
        svg = charts.dots(
            self.colours, rows, title=title, width=48 * charts.MILLIMETRE, ticks=(0, 25, 50, 75, 100)
        )
        return Figure(
            name=name,
            title=title,
            what="In procenten, met de marge van 95%",
            note=f"Basis: {population}, uit de steekproef, gewogen; n is het aantal antwoorden op de vraag. "
            f"De vragen staan in bijlage B. {self.source}",
            table=table,
            svg=Markup(svg),  # noqa: S704
            beside=True,
        )

    def means(self, chosen: Sequence[Outcome], population: str) -> Figure:
        name = self.table_name()
        first = chosen[0]
        lines = tuple(
            Line(
                label=(each.indicator.label,),
                cells=(
                    Printed(text=each.question.provenance.number),
                    Printed(text=wording.base(each.whole)),
                    _value(each.whole, "mean"),
                    _interval(each.whole, "mean"),
                ),
            )
            for each in chosen
        )
        return Figure(
            name=name,
            title=wording.mean_title(first.indicator.label, first.whole),
            what="Gemiddelden, met de marge van 95%",
            note=f"Basis: {population}, uit de steekproef, gewogen. {self.source}",
            table=Table(
                caption=name,
                columns=(
                    Column(label="Uitkomst", width=90, style=""),
                    Column(label="vraag"),
                    Column(label="n"),
                    Column(label="gemiddelde"),
                    Column(label="marge"),
                ),
                lines=lines,
            ),
        )

    # --- areas --------------------------------------------------------------------------------

    def map(self, outcome: Outcome) -> Figure | None:
        """The areas in four classes; None without outlines or with too few areas to show."""
        kind = outcome.indicator.kind
        factor = 100 if kind == "proportion" else 1
        values = {
            each.area.code: None if isinstance(each.cell, Suppressed) else factor * each.cell.value
            for each in outcome.areas
        }
        shown = [value for value in values.values() if value is not None]
        if not self.background.shapes or not shown:
            return None
        name = self.figure_name()
        title = self._areas_title(outcome)
        svg = charts.choropleth(
            self.colours,
            self.background.shapes,
            values,
            title=f"Kaart. {title}",
            legend=outcome.indicator.label,
            limits=_limits(shown, kind),
            number=(lambda value: f"{charts.percent(value)}%") if kind == "proportion" else charts.grade,
        )
        unit = "aandeel in procenten" if kind == "proportion" else "gemiddelde"
        return Figure(
            name=name,
            title=title,
            what=f"{outcome.indicator.label}: {unit} per wijk",
            note=f"{self.question_note(outcome)} n per wijk staat in de figuur hierna, die ook de tabel bij deze "
            f"kaart is. Kaart: {self.municipality.attribution} (vereenvoudigd). {self.source}",
            table=None,
            svg=Markup(svg),  # noqa: S704
        )

    def area_dots(self, outcome: Outcome, population: str) -> Figure:
        """The areas from high to low with their intervals, too few answers last."""
        kind = outcome.indicator.kind
        name = self.figure_name()
        title = self._areas_title(outcome)
        ordered = sorted(outcome.areas, key=lambda each: -_order(each.cell))
        lines = tuple(_area_line(each, kind) for each in ordered)
        table = Table(
            caption=f"Tabel bij {name.lower()}",
            columns=(
                Column(label="Wijk", width=43, style=""),
                Column(label="n", width=10),
                Column(label=_unit(kind), width=12),
                Column(label="marge", width=17),
                Column(label="tegenover de rest", width=26, style="mark"),
            ),
            lines=lines,
            width=108,
        )
        rows = [Row(label=each.area.name, dot=_dot(each.cell, kind)) for each in ordered]
        whole = None if isinstance(outcome.whole, Suppressed) else _scaled(outcome.whole.value, kind)
        rows = [
            Row(label=row.label, dot=row.dot, reference=None if row.dot is None else whole) for row in rows
        ]
        svg = charts.dots(
            self.colours,
            rows,
            title=title,
            width=58 * charts.MILLIMETRE,
            ticks=_ticks(rows, kind),
            unit="%" if kind == "proportion" else "",
            reference_name=f"{self.municipality.name} {wording.figure(outcome.whole, kind)}",
        )
        return Figure(
            name=name,
            title=title,
            what=f"{outcome.indicator.label}, per wijk, met de marge van 95%. De tekens vergelijken met de rest "
            f"van {self.municipality.name}",
            note=f"{self.question_note(outcome)} Basis: {population}, uit de steekproef, gewogen. "
            f"{self.mark_rule()} {self.source}",
            table=table,
            svg=Markup(svg),  # noqa: S704
            beside=True,
        )

    def area_matrix(self, chosen: Sequence[Outcome]) -> Figure:
        """All profile indicators by area, with the marks as symbols."""
        name = self.table_name()
        marks = [each.mark for outcome in chosen for each in outcome.areas if each.mark is not None]
        marked = sum(mark != "same" for mark in marks)
        lines = []
        for place, area in enumerate(self.municipality.areas):
            cells = [_marked(outcome.areas[place], outcome.indicator.kind) for outcome in chosen]
            lines.append(Line(label=(area.name,), cells=tuple(cells)))
        lines.append(
            Line(
                label=(self.municipality.name,),
                cells=tuple(_value(outcome.whole, outcome.indicator.kind) for outcome in chosen),
                style="total",
            )
        )
        title = (
            f"{wording.capital(wording.counted(marked, 'vergelijking', 'vergelijkingen'))} van de "
            f"{len(marks)} laten een duidelijk verschil zien"
            if marked > 1
            else f"Van de {len(marks)} vergelijkingen {'laat er één' if marked else 'laat er geen'} een duidelijk "
            "verschil zien"
        )
        columns = tuple(Column(label=each.indicator.label) for each in chosen)
        return Figure(
            name=name,
            title=title,
            what=f"Per wijk, in procenten of gemiddelden. ▲ hoger en ▼ lager dan de rest van {self.municipality.name}",
            note=f"Zonder teken: geen duidelijk verschil. Een streepje: te weinig antwoorden. {self.mark_rule()} "
            f"De aantallen en marges staan in bijlage C. {self.source}",
            table=Table(caption=name, columns=(Column(label="Wijk", width=38, style=""), *columns), lines=tuple(lines)),
        )

    def area_table(self, outcome: Outcome) -> Figure:
        """One indicator by area with number, interval, rest and mark: the data table of the annex."""
        name = self.table_name()
        kind = outcome.indicator.kind
        lines = [
            Line(
                label=(each.area.name,),
                cells=(
                    Printed(text=wording.base(each.cell)),
                    _value(each.cell, kind),
                    _interval(each.cell, kind),
                    _value(each.rest, kind),
                    _mark(each),
                ),
            )
            for each in outcome.areas
        ]
        lines.append(
            Line(
                label=(self.municipality.name,),
                cells=(
                    Printed(text=wording.base(outcome.whole)),
                    _value(outcome.whole, kind),
                    _interval(outcome.whole, kind),
                    Printed(text=""),
                    Printed(text=""),
                ),
                style="total",
            )
        )
        return Figure(
            name=name,
            title=outcome.indicator.label,
            what=f"{'In procenten' if kind == 'proportion' else 'Gemiddelde'}, per wijk en tegenover de rest van "
            f"{self.municipality.name}",
            note=f"{self.question_note(outcome)} {self.source}",
            table=Table(
                caption=name,
                columns=(
                    Column(label="Wijk", width=52, style=""),
                    Column(label="n"),
                    Column(label=_unit(kind)),
                    Column(label="marge"),
                    Column(label="rest"),
                    Column(label="verschil", width=34, style="mark"),
                ),
                lines=tuple(lines),
            ),
        )

    def question_note(self, outcome: Outcome) -> str:
        question = outcome.question
        part = part_text(question, outcome.indicator.variable).rstrip(".")
        text = f"{self.text(question)} – {part}" if part else self.text(question)
        return f"Vraag {question.provenance.number}: {wording.sentence(text)}"

    def mark_rule(self) -> str:
        plan = self.outcomes.plan
        return (
            "▲ hoger en ▼ lager staan er alleen als p kleiner is dan 0,05 na correctie voor meer toetsen en het "
            f"verschil minstens {charts.percent(100 * plan.relevant_share)} procentpunten is (cijfers: "
            f"{wording.decimal(plan.relevant_mean)}). De tekens zeggen hoger of lager, niet goed of slecht."
        )

    def _areas_title(self, outcome: Outcome) -> str:
        higher = [each.area.name for each in outcome.areas if each.mark == "higher"]
        lower = [each.area.name for each in outcome.areas if each.mark == "lower"]
        said = wording.areas_title(higher, lower, self.municipality.name)
        return f"{outcome.indicator.label}: {wording.lower_first(said)}"

    # --- one area -----------------------------------------------------------------------------

    def profile(self, code: str, chosen: Sequence[Outcome], population: str) -> Figure:
        """Shares in one area beside the rest of the municipality."""
        name = self.figure_name()
        here = [(outcome, _of(outcome, code)) for outcome in chosen]
        area = here[0][1].area.name
        marks = [(outcome.indicator.label, each.mark) for outcome, each in here if each.mark is not None]
        title = wording.profile_title(area, marks, self.municipality.name)
        lines = tuple(
            Line(
                label=charts.wrapped(outcome.indicator.label, int(57 * CHARACTERS)),
                cells=(
                    Printed(text=wording.base(each.cell)),
                    _value(each.cell, "proportion"),
                    _interval(each.cell, "proportion"),
                    _value(each.rest, "proportion"),
                    _mark(each),
                ),
                style="few" if isinstance(each.cell, Suppressed) else "",
            )
            for outcome, each in here
        )
        table = Table(
            caption=f"Tabel bij {name.lower()}",
            columns=(
                Column(label="Uitkomst", width=57, style=""),
                Column(label="n", width=9),
                Column(label="wijk %", width=11),
                Column(label="marge", width=15),
                Column(label="rest van de stad %", width=15),
                Column(label="verschil", width=23, style="mark"),
            ),
            lines=lines,
            width=130,
        )
        rows = [
            Row(
                label=outcome.indicator.label,
                dot=_dot(each.cell, "proportion"),
                reference=None if isinstance(each.rest, Suppressed) else 100 * each.rest.value,
                lines=len(line.label),
            )
            for (outcome, each), line in zip(here, lines, strict=True)
        ]
        svg = charts.dots(
            self.colours,
            rows,
            title=title,
            width=36 * charts.MILLIMETRE,
            ticks=(0, 25, 50, 75, 100),
            reference_name="rest",
        )
        numbers = ", ".join(dict.fromkeys(outcome.question.provenance.number for outcome, _ in here))
        return Figure(
            name=name,
            title=title,
            what=f"In procenten, met de marge van 95%. Punt: {area}. Streepje: de rest van {self.municipality.name}",
            note=f"Vragen {numbers}; de teksten staan op de volgende bladzijde. Basis: {population} in {area}, uit de "
            f"steekproef, gewogen. {self.source}",
            table=table,
            svg=Markup(svg),  # noqa: S704
            beside=True,
        )

    def profile_means(self, code: str, chosen: Sequence[Outcome]) -> Figure:
        name = self.table_name()
        here = [(outcome, _of(outcome, code)) for outcome in chosen]
        first = here[0][1]
        lines = tuple(
            Line(
                label=charts.wrapped(outcome.indicator.label, 52),
                cells=(
                    Printed(text=wording.base(each.cell)),
                    _value(each.cell, "mean"),
                    _interval(each.cell, "mean"),
                    _value(each.rest, "mean"),
                    _mark(each),
                ),
            )
            for outcome, each in here
        )
        return Figure(
            name=name,
            title=wording.mean_title(here[0][0].indicator.label, first.cell),
            what="Gemiddelden, met de marge van 95%",
            note=f"Verschil bij gemiddelden: minstens {wording.decimal(self.outcomes.plan.relevant_mean)}. {self.source}",
            table=Table(
                caption=name,
                columns=(
                    Column(label="Onderwerp", width=74, style=""),
                    Column(label="n"),
                    Column(label="wijk"),
                    Column(label="marge"),
                    Column(label="rest van de stad"),
                    Column(label="verschil", width=30, style="mark"),
                ),
                lines=lines,
            ),
        )

    def profile_choices(self, code: str, distribution: Distribution, most: int = 5) -> Figure:
        """The answers to a multiple choice question that were ticked most in one area."""
        cells = next(cells for area, cells in distribution.areas if area.code == code)
        pairs = sorted(zip(distribution.answers, cells, strict=True), key=lambda pair: -_order(pair[1]))
        shown = [(answer, cell) for answer, cell in pairs if not isinstance(cell, Suppressed)][:most]
        name = self.figure_name()
        asked = f"Vraag {distribution.question.provenance.number}: {wording.sentence(self.text(distribution.question))}"
        if not shown:
            return Figure(
                name=name,
                title=f"{distribution.label}: {charts.TOO_FEW}",
                what="Bij minder dan 30 antwoorden geven wij geen cijfer.",
                note=f"{asked} {self.source}",
                table=None,
            )
        labels = [answer.label for answer, _ in shown]
        said = wording.answers_title(labels, [cell for _, cell in shown], verb="noemt")
        title = f"{wording.capital(distribution.label)}: {wording.lower_first(said)}"
        lines = tuple(
            Line(
                label=charts.wrapped(answer.label, int(68 * CHARACTERS)),
                cells=(
                    _value(cell, "proportion"),
                    _interval(cell, "proportion"),
                    _value(answer.cell, "proportion"),
                ),
            )
            for answer, cell in shown
        )
        rows = [
            Row(label=answer.label, dot=_dot(cell, "proportion"), lines=len(line.label))
            for (answer, cell), line in zip(shown, lines, strict=True)
        ]
        longest = max(row.dot.value for row in rows if row.dot is not None)
        svg = charts.bars(self.colours, rows, title=title, width=50 * charts.MILLIMETRE, longest=longest)
        base = shown[0][1].respondents
        limits = " Niet iedereen kreeg de vraag." if distribution.question.when else ""
        table = Table(
            caption=f"Tabel bij {name.lower()}",
            columns=(
                Column(label="Antwoord", width=70, style=""),
                Column(label="wijk %", width=12),
                Column(label="marge", width=18),
                Column(label=f"heel {self.municipality.name} %", width=16),
            ),
            lines=lines,
            width=116,
        )
        return Figure(
            name=name,
            title=title,
            what=f"De {wording.counted(len(shown), 'meest gegeven antwoord', 'meest gegeven antwoorden')} in procenten. "
            "Mensen konden meer antwoorden kiezen",
            note=f"{asked} n = {wording.whole(base or 0)}.{limits} {self.source}",
            table=table,
            svg=Markup(svg),  # noqa: S704
            beside=True,
        )

    # --- who took part ------------------------------------------------------------------------

    def participants(self, rows: Sequence[Comparison], counts: Sequence[int], note: str) -> tuple[Figure, Figure]:
        """Groups before and after weighting and in the population: the chart, and its table."""
        name = self.figure_name()
        title = wording.participants_title(
            [
                (row.label, row.unweighted, row.weighted, row.population)
                for row in rows
                if row.unweighted is not None and row.weighted is not None
            ]
        )
        lines: list[Line] = []
        for place, (row, number) in enumerate(zip(rows, counts, strict=True)):
            if not place or row.group != rows[place - 1].group:
                lines.append(Line(label=(row.group,), style="group"))
            lines.append(_comparison_line(row, number))
        table = Table(
            caption=f"Tabel bij {name.lower()}: deelnemers en inwoners, in procenten",
            columns=(
                Column(label="Groep", width=62, style=""),
                Column(label="aantal (n)"),
                Column(label="ongewogen"),
                Column(label="gewogen"),
                Column(label="CBS"),
                Column(label="gewogen min CBS"),
            ),
            lines=tuple(lines),
        )
        chart = Figure(
            name=name,
            title=title,
            what="Aandeel van de deelnemers vóór en na weging, en aandeel van de inwoners volgens het CBS, in procenten",
            note=f"{note} De tabel hierna hoort bij deze figuur.",
            table=None,
            svg=Markup(charts.participants(self.colours, rows, title=title)),  # noqa: S704
        )
        return chart, Figure(
            name=f"Tabel bij {name.lower()}",
            title="Deelnemers en inwoners",
            what="In procenten",
            note=note,
            table=table,
        )

    def weighting(self, rows: Sequence[Comparison], counts: Sequence[int], note: str) -> Figure:
        """Every area's share of the adults before and after weighting."""
        name = self.figure_name()
        worst = max((abs((row.weighted or 0) - row.population) for row in rows), default=0)
        title = (
            "De weging brengt elke wijk terug naar haar aandeel in de stad"
            if worst < 0.05
            else f"Na weging wijkt geen wijk meer dan {wording.decimal(worst)} procentpunt af van het CBS"
        )
        lines = tuple(
            Line(
                label=(row.label,),
                cells=(
                    Printed(text=wording.whole(number)),
                    *(
                        Printed(text=wording.NONE if value is None else wording.decimal(value))
                        for value in (row.unweighted, row.weighted, row.population)
                    ),
                ),
            )
            for row, number in zip(rows, counts, strict=True)
        )
        table = Table(
            caption=f"Tabel bij {name.lower()}",
            columns=(
                Column(label="Wijk", width=43, style=""),
                Column(label="aantal (n)", width=15),
                Column(label="vóór weging", width=15),
                Column(label="na weging", width=15),
                Column(label="CBS", width=13),
            ),
            lines=lines,
            width=101,
        )
        svg = charts.shifts(self.colours, rows, title=title, width=65 * charts.MILLIMETRE)
        return Figure(
            name=name,
            title=title,
            what="Aandeel in alle volwassenen (%), en het verschil met het CBS in procentpunten. Open: vóór weging, "
            "dicht: na weging",
            note=note,
            table=table,
            svg=Markup(svg),  # noqa: S704
            beside=True,
        )

    def table(  # noqa: PLR0913 - a table has words, columns and lines
        self, title: str, what: str, columns: Sequence[Column], lines: Sequence[Line], note: str, *, long: bool = False
    ) -> Figure:
        """A table of its own."""
        name = self.table_name()
        return Figure(
            name=name,
            title=title,
            what=what,
            note=note,
            table=Table(caption=name, columns=tuple(columns), lines=tuple(lines)),
            long=long,
        )


def plain(sentence: str, questionnaire: Questionnaire) -> str:
    """A text of the questionnaire for readers of a report: inserts as where no area is known."""
    inserts = {insert.key: insert.default.source for insert in questionnaire.inserts}
    inserts.setdefault("area", inserts.get("area_unknown", "uw wijk"))
    return re.sub(r"\{([^}]+)\}", lambda found: inserts.get(found[1], "…"), sentence)


def _order(cell: Cell) -> float:
    return -1.0 if isinstance(cell, Suppressed) else cell.value


def _scaled(value: float, kind: Kind) -> float:
    return 100 * value if kind == "proportion" else value


def _dot(cell: Cell, kind: Kind) -> Dot | None:
    if isinstance(cell, Suppressed):
        return None
    return Dot(value=_scaled(cell.value, kind), low=_scaled(cell.low, kind), high=_scaled(cell.high, kind))


def _value(cell: Cell, kind: Kind) -> Printed:
    if isinstance(cell, Suppressed):
        return Printed(text=wording.NONE, style="few")
    return Printed(text=wording.figure(cell, kind), style="strong")


def _interval(cell: Cell, kind: Kind) -> Printed:
    return Printed(text=wording.interval(cell, kind), style="few" if isinstance(cell, Suppressed) else "")


def _mark(each: AreaOutcome) -> Printed:
    if isinstance(each.cell, Suppressed) or each.mark is None:
        return Printed(text="te weinig", style="few")
    words = wording.MARKS[each.mark]
    if each.cell.indicative:
        words += " (indicatief)"
    return Printed(text=words, style="" if each.mark == "same" else "strong")


def _marked(each: AreaOutcome, kind: Kind) -> Printed:
    if isinstance(each.cell, Suppressed) or each.mark is None:
        return Printed(text=wording.NONE, style="few")
    symbol = wording.SYMBOLS[each.mark]
    return Printed(text=f"{symbol} {wording.figure(each.cell, kind)}".strip(), style="strong" if symbol else "")


def _area_line(each: AreaOutcome, kind: Kind) -> Line:
    return Line(
        label=(each.area.name,),
        cells=(
            Printed(text=wording.base(each.cell)),
            _value(each.cell, kind),
            _interval(each.cell, kind),
            _mark(each),
        ),
        style="few" if isinstance(each.cell, Suppressed) else "",
    )


def _comparison_line(row: Comparison, number: int) -> Line:
    off = None if row.weighted is None else row.weighted - row.population
    return Line(
        label=(row.label,),
        cells=(
            Printed(text=wording.whole(number)),
            *(
                Printed(text=wording.NONE if value is None else charts.percent(value))
                for value in (row.unweighted, row.weighted, row.population)
            ),
            Printed(
                text=wording.NONE if off is None else wording.signed(off),
                style="strong" if off is not None and abs(off) >= 5 else "",
            ),
        ),
        style="sub",
    )


def _shares(distribution: Distribution) -> tuple[float, ...] | None:
    """All shares in percent, or None when one is hidden: then the bar would show it."""
    cells = [answer.cell for answer in distribution.answers]
    shown = [cell for cell in cells if not isinstance(cell, Suppressed)]
    return tuple(100 * cell.value for cell in shown) if len(shown) == len(cells) else None


def _agree(distribution: Distribution) -> float:
    shares = _shares(distribution)
    return -1.0 if shares is None else shares[0] + shares[1]


def _first(rows: Sequence[Row], dark: int) -> int:
    """The highest bar stands out where it comes first."""
    values = [row.dot.value for row in rows if row.dot is not None]
    return dark if rows and rows[0].dot is not None and rows[0].dot.value == max(values, default=0) else 0


def _extremes(chosen: Sequence[Outcome]) -> str:
    shown = [
        (each.whole.value, each.indicator.label)
        for each in chosen
        if not isinstance(each.whole, Suppressed)
    ]
    if not shown:
        return "Te weinig antwoorden voor een uitkomst"
    value, label = shown[0]
    return f"{charts.percent(100 * value)}% {wording.lower_first(label)}"


def _unit(kind: Kind) -> str:
    return "%" if kind == "proportion" else "gem."


def _of(outcome: Outcome, code: str) -> AreaOutcome:
    return next(each for each in outcome.areas if each.area.code == code)


def _ticks(rows: Sequence[Row], kind: Kind) -> tuple[float, ...]:
    """Round tick marks around all intervals, at most seven."""
    ends = [end for row in rows if row.dot is not None for end in (row.dot.low, row.dot.high)]
    if not ends:
        return (0, 50, 100) if kind == "proportion" else (1, 5, 10)
    low, high = min(ends), max(ends)
    steps = (5, 10, 20, 25) if kind == "proportion" else (0.2, 0.5, 1, 2, 5, 10, 20, 25)
    for step in steps:
        first, last = int(low // step), int(-(-high // step))
        if last - first <= 6:
            return tuple(round(step * tick, 1) for tick in range(first, last + 1))
    return (0, 25, 50, 75, 100)


def _limits(values: Sequence[float], kind: Kind) -> tuple[float, float, float]:
    """Three round limits around the middle of the values, so that four classes are used."""
    steps = (2, 5, 10, 20) if kind == "proportion" else (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
    spread = (max(values) - min(values)) / 4
    step = next((step for step in steps if step >= spread), steps[-1])
    middle = round((max(values) + min(values)) / 2 / step) * step
    return middle - step, middle, middle + step
