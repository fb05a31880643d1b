"""Figures and tables of a report, ready to print: every cell is a text, every chart an SVG.

Templates get these and nothing else, so what was suppressed cannot be printed by a template.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import compress, groupby
from typing import Literal, Protocol, TypeVar

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from analysis.estimation.estimates import Observed
from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.charts.background import Background
from analysis.reporting.charts.plots import Dot, Palette, Row
from analysis.reporting.disclosure import FIRM_AREA_BASE, MINIMUM_BASE, SMALLEST_CELL, Cell, Suppressed
from analysis.reporting.exports.questions import ClosedQuestion
from analysis.reporting.findings.outcome_values import AreaOutcome, Distribution, Outcome
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.scale_accounts import ENOUGH
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.plans.language import phrases_of
from analysis.reporting.plans.plan import Indicator
from analysis.reporting.plans.weighting_plan import margins_used
from analysis.reporting.routes import Routes
from analysis.reporting.wording import Kind, Mark
from survey.questionnaires.model import MultipleChoice

Member = TypeVar("Member")

PAGE = 166.0
"""Width of the text on a page, in millimetres."""

HALF = 81.0
"""Of the page, with room between two."""

TALLEST = 480.0
"""Of the rows of tables beside each other, in points: their titles and notes fit on the page too."""

CHARACTERS = 0.7
"""Letters of a table's size that fit in a millimetre, with some to spare."""

POINTS = {
    "loneliness": later(
        "Bij eenzaamheid geeft ‘Ja’ een punt, en ‘Min of meer’ ook. Bij een zin die het tegendeel zegt, "
        "geven ‘Nee’ en ‘Min of meer’ een punt. De score is het aantal punten, van 0 tot en met 6."
    ),
}
"""Which answers a score counts, as `analysis.estimation.scales` has it."""

_LONGEST_ROUTE = 300
"""Characters of the sentences under a figure that say for whom its questions were."""

INDICATIVE = {"fewest": MINIMUM_BASE, "most": FIRM_AREA_BASE - 1}
"""Of how many answers a figure of one area is called indicative."""

Style = Literal["", "few", "strong"]


class Printed(Struct, frozen=True, kw_only=True):
    """The text of a cell; `few` prints it in grey. `language` is its tag when it is not the report's.

    A file has the figure alone, which is `bare` where signs stand around it on a page, and beside it what is
    `said` of it: what these signs mean, or why there is no figure.
    """

    text: str
    style: Style = ""
    language: str = ""
    bare: str = ""
    said: str = ""


class Line(Struct, frozen=True, kw_only=True):
    """A row of a table: its label, broken into lines, and its cells; a group is a heading of rows.

    `language` is the tag of the label's when it is not the report's.
    """

    label: tuple[str, ...]
    cells: tuple[Printed, ...] = ()
    style: Literal["", "group", "total", "sub", "few"] = ""
    language: str = ""

    @property
    def height(self) -> float:
        """In points, as the plot beside it reckons."""
        return plots.row_height(len(self.label))


class Column(Struct, frozen=True, kw_only=True):
    """`width` in millimetres, or None for an equal share; `style`: n for numbers, mark for words.

    `group` stands once above all columns beside each other that have it. `on_page`: False where only files
    have room for it. `in_files`: its name there, where the label says too little by itself.
    """

    label: str
    group: str = ""
    width: float | None = None
    style: Literal["", "n", "mark"] = "n"
    on_page: bool = True
    in_files: str = ""


class Table(Struct, frozen=True, kw_only=True):
    """The first column holds the labels of the lines."""

    caption: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def on_page(self) -> "Table":
        """Without the columns that only files have."""
        if all(column.on_page for column in self.columns):
            return self
        there = [column.on_page for column in self.columns]
        lines = tuple(replace(line, cells=tuple(compress(line.cells, there[1:]))) for line in self.lines)
        return replace(self, columns=tuple(compress(self.columns, there)), lines=lines)

    @property
    def width(self) -> float:
        """In millimetres, of the columns on a page that have a width of their own."""
        return sum(column.width or 0 for column in self.columns if column.on_page)

    @property
    def narrow(self) -> bool:
        """Whether it is as wide as its columns, and not as the page."""
        return all(column.width is not None for column in self.columns if column.on_page)

    @property
    def low(self) -> bool:
        """Whether its head is one line: beside a plot it then needs half of the room kept for two."""
        return not self.groups and all(
            len(column.label) <= (column.width or 0) * CHARACTERS for column in self.columns if column.on_page
        )

    @property
    def groups(self) -> tuple[tuple[str, tuple[Column, ...]], ...]:
        """The columns by what stands above them; nothing when that is nothing."""
        if not any(column.group for column in self.columns):
            return ()
        return tuple(
            (name, tuple(columns)) for name, columns in groupby(self.columns, key=lambda column: column.group)
        )


class Figure(Struct, frozen=True, kw_only=True):
    """A chart with its table, or a table alone; `beside`: the two share their rows.

    `sources`: of figures that others published, in the language that they gave them in. `apart`: it begins a
    page, as its first group would else be parted from its name. `questions`: the keys of those whose answers
    it has.
    """

    name: str
    title: str
    what: str
    note: str
    table: Table | None
    sources: str = ""
    svg: Markup | None = None
    beside: bool = False
    long: bool = False
    apart: bool = False
    questions: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        return self.name.lower().replace(" ", "-")

    @property
    def half(self) -> bool:
        """Whether it is a table that leaves room for another beside it, and both stay whole on a page."""
        table = self.table
        if self.svg is not None or table is None:
            return False
        return table.narrow and table.width <= HALF and sum(line.height for line in table.lines) <= TALLEST


class PrintedQuote(Struct, frozen=True, kw_only=True):
    """Words of a resident in paragraphs, with `language` (a tag) and `direction` (ltr or rtl) of their own.

    `translation`: in the language of the report; empty where none is needed. `who`: all that is said of them.
    """

    paragraphs: tuple[str, ...]
    language: str
    direction: str
    translation: tuple[str, ...]
    who: str


def in_rows(figures: Sequence[Figure]) -> Iterator[tuple[Figure, ...]]:
    """As they stand on the page: two beside each other where both take half of its width."""
    for half, found in groupby(figures, key=lambda figure: figure.half):
        alike = tuple(found)
        step = 2 if half else 1
        yield from (alike[start : start + step] for start in range(0, len(alike), step))


class Plot(Protocol):
    """Draws marks on the rows of a table; `width` in points."""

    def __call__(self, *, title: str, width: float) -> str: ...


def keys_of(questions: Iterable[ClosedQuestion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(question.key for question in questions))


def drawn(svg: str) -> Markup:
    """A chart is trusted as it is: it has escaped every text in it."""
    return Markup(svg)  # noqa: S704 - charts escape every text


class Maker:
    """Makes the figures of one report: numbers them, and knows its colours, words and questionnaire."""

    def __init__(self, outcomes: Outcomes, background: Background, colours: Palette) -> None:
        self.outcomes = outcomes
        self.background = background
        self.colours = colours
        self.phrases = phrases_of(outcomes.plan)
        self.municipality = outcomes.questionnaire.municipality
        self.source = (
            self.phrases.say("Bron: gesimuleerde antwoorden.")
            if outcomes.dataset.export.simulated
            else self.phrases.say(
                "Bron: vragenlijst {title}, {month}.",
                title=outcomes.plan.title,
                month=self.phrases.month(outcomes.dataset.export.week),
            )
        )
        weighting = outcomes.plan.weighting
        used = margins_used(weighting)
        self.routes = Routes(outcomes.questionnaire, self.phrases, shortened=bool(outcomes.short_form))
        self._weighed = {margin.variable for margin in weighting.margins if margin.population in used}
        self._figures = 0
        self._tables = 0

    def figure_name(self) -> str:
        self._figures += 1
        return self.phrases.say("Figuur {number}", number=self._figures)

    def table_name(self) -> str:
        self._tables += 1
        return self.phrases.say("Tabel {number}", number=self._tables)

    def note(self, distributions: Sequence[Distribution], population: str) -> str:
        """Question texts, base, number of answers, weighting and source."""
        questions = list(dict.fromkeys(distribution.question for distribution in distributions))
        texts = "; ".join(
            f"{each.provenance.number}: {wording.quoted(wording.asked(each))}" for each in questions
        )
        counts = self._base(distributions)
        limits = ""
        if any(question.purpose for question in questions):
            limits += self.phrases.say(" Alleen van wie deze vraag wilde krijgen.")
        limits += self._asked(distributions)
        limits += self.caveats(questions)
        limits += self._remarks(questions)
        limits += self._points(questions)
        limits += self._weighed_by(questions)
        limits += small_cells(
            self.phrases, [answer.cell for each in distributions for answer in each.answers]
        )
        reasons = (
            wording.lower_first(each.label.source) for question in questions for each in question.reasons
        )
        outside = [
            *(wording.quoted(reason) for reason in dict.fromkeys(reasons)),
            self.phrases.say("wie geen antwoord gaf"),
        ]
        end = "." if texts[-2] not in "?!" else ""
        return self.phrases.say(
            "Vraag {texts} Basis: {population}, uit de steekproef, n = {counts}, gewogen.{limits} Zonder "
            "{outside}. {source}",
            texts=f"{texts}{end}",
            population=population,
            counts=counts,
            limits=limits,
            outside=self.phrases.names(outside),
            source=self.source,
        )

    def _asked(self, distributions: Sequence[Distribution]) -> str:
        telling = any(each.question.key in self.outcomes.telling for each in distributions)
        asked = [each.asked for each in distributions]
        number = asked_of(self.phrases, asked, self.outcomes.respondents, telling=telling)
        return f"{number}{self.for_whom([each.question for each in distributions])}" if number else ""

    def for_whom(self, questions: Sequence[ClosedQuestion]) -> str:
        """For whom questions were by their route; where that takes many sentences, where these stand."""
        told = self.routes.told([*dict.fromkeys(questions)])
        if len(told) > _LONGEST_ROUTE:
            return self.phrases.say(" Voor wie de vraag was, staat in bijlage B.")
        return f" {told}" if told else ""

    def answered(self, distribution: Distribution) -> Printed:
        """How many answered a question, as `_base` says it."""
        if distribution.question.key in self.outcomes.telling:
            return Printed(text=wording.NONE)
        return Printed(text=wording.base_of(self.phrases, distribution.respondents))

    def _base(self, distributions: Sequence[Distribution]) -> str:
        """How many answered; not where that would tell how many gave an answer of a few people."""
        if any(each.question.key in self.outcomes.telling for each in distributions):
            return self.phrases.say("niet getoond")
        return bases(self.phrases, [each.respondents for each in distributions])

    def question_note(self, outcome: Outcome) -> str:
        text = self.phrases.say("Vraag {text}", text=self.question_text(outcome))
        route = self.for_whom([outcome.question]) if outcome.for_some else ""
        whom = self.about_whom([outcome]) if outcome.indicator.of_whom or not route else ""
        return f"{text}{route}{whom}{self.caveats([outcome.question])}"

    def _weighed_by(self, questions: Sequence[ClosedQuestion]) -> str:
        """Why margins are small where people were weighed by these answers, or by one of several."""
        weighed = [question for question in questions if question.key in self._weighed]
        if not weighed:
            return ""
        if any(isinstance(question, MultipleChoice) for question in weighed):
            return self.phrases.say(" Op een van deze antwoorden is gewogen; daar is de marge klein of nul.")
        return self.phrases.say(" Op deze vraag is gewogen; daarom is de marge klein of nul.")

    def about_whom(self, chosen: Sequence[Outcome], *, named: bool = False, numbered: bool = False) -> str:
        """About whom figures are that are not about everybody: in the plan's words, where it has them.

        `named`: with the labels too where all are about the same people, as others stand beside them.
        `numbered`: with the number of the question in place of the label, as it stands beside the figure.
        """
        found: dict[str, list[str]] = {}
        for each in chosen:
            label = wording.quoted(wording.lower_first(each.indicator.label))
            name = each.question.provenance.number if numbered else label
            if each.indicator.of_whom:
                found.setdefault(each.indicator.of_whom, []).append(name)
        alike = len(found) == 1 and all(each.indicator.of_whom for each in chosen) and not named
        whom = "; ".join(
            people if alike else f"{people}: {self.phrases.names(dict.fromkeys(names))}"
            for people, names in found.items()
        )
        about = self.phrases.say(" Alleen {whom}.", whom=whom) if whom else ""
        wished = dict.fromkeys(each.question.provenance.number for each in chosen if each.question.purpose)
        if wished:
            about += self.phrases.say(
                " Alleen van wie de vraag wilde krijgen: {numbers}.", numbers=self.phrases.names(wished)
            )
        others = any(
            each.for_some and not each.indicator.of_whom and not each.question.purpose for each in chosen
        )
        return f"{about} {self.phrases.say(wording.NOT_EVERYBODY)}" if others else about

    def _remarks(self, questions: Iterable[ClosedQuestion]) -> str:
        """What the plan says of these questions."""
        report = self.outcomes.plan.report
        remarks = {} if report is None else report.remarks
        found = (remarks[question.key] for question in questions if question.key in remarks)
        return "".join(f" {text}" for text in dict.fromkeys(found))

    def _points(self, questions: Iterable[ClosedQuestion]) -> str:
        """Which answers count in a score, where its figures look as if only the first did."""
        keys = {question.key for question in questions}
        scales = {each.indicator.scale for each in self.outcomes.indicators if each.question.key in keys}
        return "".join(f" {self.phrases.say(POINTS[scale])}" for scale in POINTS if scale in scales)

    def caveats(self, questions: Iterable[ClosedQuestion]) -> str:
        """What makes figures of these questions weaker than they look: a text of our own, a loose scale."""
        found = {question.key: question for question in questions}.values()
        return "".join(
            self.phrases.say(
                " Let op bij {question}: {reasons}.",
                question=wording.quoted(each.short.source),
                reasons="; ".join(reasons),
            )
            for each in found
            if (reasons := [*self._weaknesses(each)])
        )

    def _weaknesses(self, question: ClosedQuestion) -> Iterator[str]:
        if question.provenance.wording == "own_translation":
            yield self.phrases.say("eigen vertaling, niet wetenschappelijk getest")
        for scale in self.outcomes.scales:
            if scale.variable == question.key and scale.loose:
                yield self.phrases.say(
                    "de vragen horen maar matig bij elkaar (alfa {alpha}, onder {enough})",
                    alpha=self.phrases.decimal(scale.alpha or 0, 2),
                    enough=self.phrases.decimal(ENOUGH),
                )

    def question_text(self, outcome: Outcome) -> str:
        """The number of a question, and what was asked."""
        text = wording.question_text(outcome.question, outcome.indicator.variable)
        return f"{outcome.question.provenance.number}: {wording.sentence(text)}"

    def mark_rule(self) -> str:
        plan = self.outcomes.plan
        return self.phrases.say(
            "▲ hoger en ▼ lager staan er alleen als het verschil geen toeval lijkt (p kleiner dan 0,05, na "
            "correctie voor meer toetsen) en minstens {share} procentpunten is (gemiddelden: {mean}). De "
            "tekens zeggen hoger of lager, niet goed of slecht.",
            share=plots.percent(100 * plan.relevant_share),
            mean=self.relevant_means(plan.indicators),
        )

    def relevant_means(self, indicators: Iterable[Indicator]) -> str:
        """The smallest difference of means that is marked: of grades, and of a score up to 100 if any."""
        plan = self.outcomes.plan
        said = self.phrases.decimal(plan.relevant_mean)
        means = {plan.relevant(each) for each in indicators if each.kind == "mean"}
        if not means - {plan.relevant_mean}:
            return said
        return self.phrases.say(
            "{grades}; bij een score tot 100: {scores}", grades=said, scores=self.phrases.decimal(max(means))
        )

    def table(  # noqa: PLR0913 - a table has words, columns and lines
        self,
        title: str,
        what: str,
        columns: Sequence[Column],
        lines: Sequence[Line],
        note: str,
        *,
        long: bool = False,
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

    def beside(  # noqa: PLR0913 - a table has words, columns and lines, and a plot
        self,
        title: str,
        what: str,
        columns: Sequence[Column],
        lines: Sequence[Line],
        note: str,
        *,
        plot: Plot,
        questions: Iterable[ClosedQuestion] = (),
    ) -> Figure:
        """A table with a plot on its rows, which takes the width that the columns leave: each has its own."""
        name = self.figure_name()
        table = Table(
            caption=self.phrases.say("Tabel bij {name}", name=name.lower()),
            columns=tuple(columns),
            lines=tuple(lines),
        )
        return Figure(
            name=name,
            title=title,
            what=what,
            note=note,
            table=table,
            svg=drawn(plot(title=title, width=(PAGE - table.width) * plots.MILLIMETRE)),
            beside=True,
            questions=keys_of(questions),
        )

    def around_whole(self, lines: Sequence[Line], cells: Sequence[Cell], outcome: Outcome) -> Plot:
        """The `cells` of an outcome on the lines of a table, beside its figure of the whole municipality."""
        kind = outcome.indicator.kind
        whole = value_of(outcome.whole, kind)
        references = [None if isinstance(cell, Suppressed) else whole for cell in cells]
        rows = plot_rows(self.phrases, lines, cells, kind, references)
        return partial(
            plots.dots,
            self.phrases,
            self.colours,
            rows,
            ticks=round_ticks(rows, kind),
            unit="%" if kind == "proportion" else "",
            reference_name=f"{self.municipality.name} {wording.figure(self.phrases, outcome.whole, kind)}",
        )


def plot_rows(
    phrases: Phrases,
    lines: Sequence[Line],
    cells: Sequence[Cell],
    kind: Kind,
    references: Sequence[float | None] = (),
) -> list[Row]:
    """What a plot draws on the lines of its table: a cell for each, and a reference for each, if any."""
    return [
        Row(
            label=" ".join(line.label),
            dot=dot_of(cell, kind),
            withheld=wording.withheld(phrases, cell),
            reference=reference,
            lines=len(line.label),
        )
        for line, cell, reference in zip(lines, cells, references or [None] * len(lines), strict=True)
    ]


def in_parts(rows: Sequence[Member], size: int) -> Iterator[Sequence[Member]]:
    """In pieces of about the same length, so that each fits on a page."""
    number = -(-len(rows) // size) or 1
    length = -(-len(rows) // number) or 1
    return (rows[start : start + length] for start in range(0, len(rows), length))


def numbered(phrases: Phrases, parts: Sequence[Sequence[Member]]) -> Iterator[tuple[Sequence[Member], str]]:
    """Parts with what tells their titles apart; nothing when there is only one."""
    for number, part in enumerate(parts, 1):
        said = phrases.say(" (deel {number} van {parts})", number=number, parts=len(parts))
        yield part, said if len(parts) > 1 else ""


def bases(phrases: Phrases, numbers: Sequence[int]) -> str:
    """Of how many answers figures are, from the fewest to the most."""
    low, high = (wording.base_of(phrases, number) for number in (min(numbers), max(numbers)))
    return wording.span(phrases, low, high)


def asked_of(phrases: Phrases, asked: Sequence[int], total: int, *, telling: bool) -> str:
    """Of how many people answers were asked, unless of all; a few who were not are not counted.

    `telling`: the number would tell what a few people answered.
    """
    if min(asked) == total:
        return ""
    if telling or any(total - SMALLEST_CELL < number < total for number in asked):
        return phrases.say(" Niet iedereen kreeg de vraag.")
    return phrases.say(
        " Gesteld aan {asked} van de {total} mensen.",
        asked=bases(phrases, asked),
        total=phrases.whole(total),
    )


def small_cells(phrases: Phrases, cells: Sequence[Cell | Observed]) -> str:
    """Why a figure is hidden in spite of enough answers, where one is."""
    small = (
        f" {phrases.say(wording.SMALL_CELLS, smallest=SMALLEST_CELL)}"
        if any(map(wording.is_protected, cells))
        else ""
    )
    no_margin = any(isinstance(cell, Suppressed) and cell.reason == "no_margin" for cell in cells)
    return f"{small} {phrases.say(wording.NO_MARGIN)}" if no_margin else small


def order(cell: Cell) -> float:
    return -1.0 if isinstance(cell, Suppressed) else cell.value


def scaled(value: float, kind: Kind) -> float:
    return 100 * value if kind == "proportion" else value


def value_of(cell: Cell, kind: Kind) -> float | None:
    return None if isinstance(cell, Suppressed) else scaled(cell.value, kind)


def dot_of(cell: Cell, kind: Kind) -> Dot | None:
    if isinstance(cell, Suppressed):
        return None
    return Dot(value=scaled(cell.value, kind), low=scaled(cell.low, kind), high=scaled(cell.high, kind))


def value_cell(phrases: Phrases, cell: Cell, kind: Kind) -> Printed:
    if isinstance(cell, Suppressed):
        return Printed(text=wording.NONE, style="few", said=wording.withheld(phrases, cell))
    return Printed(text=wording.figure(phrases, cell, kind), style="strong")


def interval_cell(phrases: Phrases, cell: Cell, kind: Kind) -> Printed:
    return Printed(
        text=wording.interval(phrases, cell, kind), style="few" if isinstance(cell, Suppressed) else ""
    )


def mark_cell(phrases: Phrases, cell: Cell, mark: Mark | None) -> Printed:
    """A comparison as a symbol and a word."""
    if isinstance(cell, Suppressed) and cell.reason != "too_few":
        return Printed(text=wording.withheld(phrases, cell), style="few")
    if isinstance(cell, Suppressed):
        return Printed(text=phrases.say("te weinig"), style="few")
    if mark is None:
        return Printed(text=phrases.say("niet vergeleken"), style="few")
    words = phrases.say(wording.MARKS[mark])
    if cell.indicative:
        words = phrases.say("{words} (indicatief)", words=words)
    return Printed(text=words, style="" if mark == "same" else "strong")


def marked_cell(phrases: Phrases, each: AreaOutcome, kind: Kind) -> Printed:
    """A figure of an area with the symbol of its comparison, and a star when it is indicative."""
    said = mark_cell(phrases, each.cell, each.mark).text
    if isinstance(each.cell, Suppressed) or each.mark is None:
        return Printed(text=wording.NONE, style="few", said=said)
    symbol = wording.SYMBOLS[each.mark]
    return Printed(
        text=f"{symbol} {starred(phrases, each.cell, kind)}".strip(),
        style="strong" if symbol else "",
        bare=wording.figure(phrases, each.cell, kind),
        said=said,
    )


def is_indicative(cell: Cell) -> bool:
    return not isinstance(cell, Suppressed) and cell.indicative


def starred(phrases: Phrases, cell: Cell, kind: Kind) -> str:
    """A figure where there is no room for the word "indicatief"; `stars` says what the star is."""
    return f"{wording.figure(phrases, cell, kind)}{'*' if is_indicative(cell) else ''}"


def stars(phrases: Phrases, cells: Sequence[Cell]) -> str:
    """What a star at one of these figures means."""
    few = any(is_indicative(cell) for cell in cells)
    return phrases.say(" * Indicatief: {fewest} tot en met {most} antwoorden.", **INDICATIVE) if few else ""


def round_ticks(rows: Sequence[Row], kind: Kind) -> tuple[float, ...]:
    """Round tick marks around all intervals and the reference, at most seven."""
    ends = [end for row in rows if row.dot is not None for end in (row.dot.low, row.dot.high)]
    ends += [row.reference for row in rows if row.reference is not None]
    if not ends:
        return (0, 50, 100) if kind == "proportion" else (1, 5, 10)
    low, high = min(ends), max(ends)
    steps = (5, 10, 20, 25) if kind == "proportion" else (0.2, 0.5, 1, 2, 5, 10, 20, 25)
    for step in steps:
        first, last = int(low // step), int(-(-high // step))
        if last - first <= 6:
            return tuple(round(step * tick, 1) for tick in range(first, last + 1))
    return (0, 25, 50, 75, 100)
