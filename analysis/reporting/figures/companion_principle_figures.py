"""Figures of what employees and partners say of the principles, beside what residents say."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from analysis.estimation.estimates import Observed
from analysis.reporting import wording
from analysis.reporting.charts import companion_charts, plots
from analysis.reporting.charts.companion_charts import SYMBOLS, Marks
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures.companion_cells import asked_as, pairs, unweighted
from analysis.reporting.figures.making import (
    CHARACTERS,
    PAGE,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    dot_of,
    scaled,
    value_cell,
)
from analysis.reporting.findings.companions import Companion, View, feasible, grades, statements
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.routes import Routes
from analysis.reporting.wording import Kind

_Rows = Sequence[tuple[str, View]]
"""Principles by name, and what others say of each."""

_Judgement = tuple[
    Callable[[Sequence[Companion], str], View | None],
    Kind,
    Callable[[Phrases, Sequence[float], str], str],
    str,
]
"""What is asked of every principle, its kind, the title of its figure, and what the figure shows."""


class _Widths(NamedTuple):
    """In millimetres, of the label and of the two columns of a group, so that the plot has room.

    `letters` of a name fit above its columns; the row above its figures has all of it.
    """

    label: float
    columns: tuple[float, float]
    letters: int


_PLOT = 40.0
"""What is left for the plot, in millimetres, unless labels would be narrower than `_LABELS`."""

_LABELS = (42.0, 80.0)
_WITH_RESIDENTS = later(
    "In procenten. Bewoners: de uitkomst met de marge van 95%. De anderen: het deel dat het (helemaal) "
    "eens is met de zin"
)
_ALONE = later("Het deel dat het (helemaal) eens is met de zin, in procenten")


def beside_residents(
    maker: Maker, code: str, principle: str, residents: Sequence[Outcome], companions: Sequence[Companion]
) -> Figure | None:
    """The shares of residents for a principle, and what others say of it; None when they were not asked."""
    views = statements(companions, code)
    return of_statements(maker, principle, residents, views, companions) if views else None


def of_statements(
    maker: Maker,
    subject: str,
    residents: Sequence[Outcome],
    views: Sequence[View],
    companions: Sequence[Companion],
) -> Figure:
    """What others say of the subject, below the shares of residents, if any; what says the opposite last."""
    views = sorted(views, key=lambda each: each.reversed)
    asked = [
        place for place in range(len(companions)) if any(each.cells[place] is not None for each in views)
    ]
    groups = [companions[place] for place in asked]
    widths = _widths(len(groups), beside_residents=bool(residents))
    lines = _lines(maker.phrases, residents, views, asked, groups)
    marks = _marks(
        maker.phrases,
        lines,
        [*residents],
        [[view.cells[place] for place in asked] for view in views],
        "proportion",
    )
    columns = [Column(label=maker.phrases.say("Uitkomst"), width=widths.label, style="")]
    columns += _pair(maker.phrases.say("Bewoners"), "●", "%", widths) if residents else ()
    for each, symbol in zip(groups, SYMBOLS, strict=False):
        columns += _pair(each.name, symbol, "%", widths)
    plot = partial(
        companion_charts.side_by_side,
        maker.phrases,
        maker.colours,
        marks,
        [each.name for each in groups],
        ticks=(0, 25, 50, 75, 100),
    )
    return maker.beside(
        _title(maker.phrases, subject, views, asked, groups),
        maker.phrases.say(_WITH_RESIDENTS if residents else _ALONE),
        columns,
        lines,
        unweighted(
            maker,
            f"{_asked(maker.phrases, views)}{_for_whom(maker.phrases, views, groups)}"
            f"{_empty(maker.phrases, views, asked)}{maker.about_whom(residents, named=True)}"
            f"{maker.caveats(each.question for each in residents)}",
            [each for view in views for each in view.cells],
            groups,
        ),
        plot=plot,
        questions=[view.question for view in views],
    )


def _lines(
    phrases: Phrases,
    residents: Sequence[Outcome],
    views: Sequence[View],
    asked: Sequence[int],
    groups: Sequence[Companion],
) -> list[Line]:
    """The residents, if any, with no figures of the groups; then the groups, with none of residents."""
    width = int(_widths(len(groups), beside_residents=bool(residents)).label * CHARACTERS)
    lines = [Line(label=(phrases.say("Bewoners"),), style="group")] if residents else []
    lines += [
        Line(
            label=plots.wrapped(each.indicator.label, width),
            cells=(
                value_cell(phrases, each.whole, "proportion"),
                Printed(text=wording.base(phrases, each.whole)),
                *(Printed(text="") for _ in groups for _ in range(2)),
            ),
        )
        for each in residents
    ]
    others = wording.capital(phrases.names([each.name for each in groups]))
    lines.append(Line(label=(others,), style="group"))
    blank = (Printed(text=""), Printed(text="")) if residents else ()
    said = [
        Line(
            label=plots.wrapped(view.text, width),
            cells=(*blank, *pairs(phrases, [view.cells[place] for place in asked], "proportion")),
        )
        for view in views
    ]
    straight = sum(not view.reversed for view in views)
    if 0 < straight < len(views):
        said.insert(straight, Line(label=(phrases.say(wording.TURNED),), style="group"))
    return lines + said


def _widths(groups: int, *, beside_residents: bool) -> _Widths:
    columns, letters = ((10.0, 9.0), 12) if groups < len(SYMBOLS) else ((10.0, 8.5), 11)
    narrowest, widest = _LABELS
    left = PAGE - _PLOT - (groups + beside_residents) * sum(columns)
    return _Widths(label=min(widest, max(narrowest, left)), columns=columns, letters=letters)


def _pair(name: str, symbol: str, unit: str, widths: _Widths) -> tuple[Column, Column]:
    """The columns of a group: the figure and n, below its name and its mark in the plot."""
    short = name if len(name) <= widths.letters else f"{name[: widths.letters - 1]}…"
    group = f"{wording.capital(short)} {symbol}"
    figure, base = widths.columns
    return Column(label=unit, group=group, width=figure), Column(label="n", group=group, width=base)


def _marks(
    phrases: Phrases,
    lines: Sequence[Line],
    residents: Sequence[Outcome],
    others: Sequence[Sequence[Observed | Suppressed | None]],
    kind: Kind,
) -> list[Marks]:
    """What is drawn beside the lines: residents first, then the others, headings where the table has them."""
    drawn = iter(
        (
            *((dot_of(each.whole, kind), (), wording.withheld(phrases, each.whole)) for each in residents),
            *((None, _values(row, kind), _why(phrases, row)) for row in others),
        )
    )
    found: list[Marks] = []
    for line in lines:
        label, height = " ".join(line.label), len(line.label)
        if line.style == "group":
            found.append(Marks(label=label, heading=True, lines=height))
        else:
            dot, values, withheld = next(drawn)
            found.append(Marks(label=label, residents=dot, others=values, withheld=withheld, lines=height))
    return found


def _values(cells: Sequence[Observed | Suppressed | None], kind: Kind) -> tuple[float | None, ...]:
    return tuple(
        None if cell is None or isinstance(cell, Suppressed) else scaled(cell.value, kind) for cell in cells
    )


def _why(phrases: Phrases, cells: Iterable[Observed | Suppressed | None]) -> str:
    """Why nothing of these is shown; None was not asked."""
    return wording.withheld(phrases, *(cell for cell in cells if cell is not None))


def _title(
    phrases: Phrases,
    subject: str,
    views: Sequence[View],
    asked: Sequence[int],
    groups: Sequence[Companion],
) -> str:
    """What it is about, and between which shares every group agrees with its statements.

    Not one statement: a statement belongs to several principles and themes, and would be the title of each.
    Those that say the opposite are told apart.
    """
    straight = [view for view in views if not view.reversed] or views
    ranges = [
        _range(phrases, shares, group.name)
        for place, group in zip(asked, groups, strict=True)
        if (shares := [*_shares(straight, place)])
    ]
    if not ranges:
        return f"{subject}: {_why(phrases, (view.cells[place] for view in views for place in asked))}"
    title = phrases.say(
        "{subject}: per zin is {shares} het (helemaal) eens", subject=subject, shares=phrases.names(ranges)
    )
    opposite = [view for view in views if view not in straight]
    return wording.with_opposite(
        phrases, title, [100 * share for place in asked for share in _shares(opposite, place)]
    )


def _shares(views: Sequence[View], place: int) -> Iterator[float]:
    """Of one group, for the statements of which its share is shown."""
    for view in views:
        cell = view.cells[place]
        if cell is not None and not isinstance(cell, Suppressed):
            yield cell.value


def _range(phrases: Phrases, shares: Sequence[float], who: str) -> str:
    said = wording.shares_between(phrases, [100 * share for share in shares])
    return phrases.say("{shares} van de {who}", shares=said, who=who)


def _asked(phrases: Phrases, views: Sequence[View]) -> str:
    numbers = [*dict.fromkeys(view.question.provenance.number for view in views)]
    sentence = (
        later("Vraag {numbers}; zonder ‘weet ik niet’ en wie geen antwoord gaf.")
        if len(numbers) == 1
        else later("Vragen {numbers}; zonder ‘weet ik niet’ en wie geen antwoord gaf.")
    )
    return phrases.say(sentence, numbers=phrases.names(numbers))


def _for_whom(phrases: Phrases, views: Sequence[View], groups: Sequence[Companion]) -> str:
    """For whom statements were that not everybody of a group got."""
    keys = {view.question.key for view in views}
    told = (
        Routes(each.questionnaire, phrases, shortened=True).told(
            [question for question, _ in each.questions() if question.key in keys]
        )
        for each in groups
    )
    return "".join(f" {sentences}" for sentences in dict.fromkeys(told) if sentences)


def _empty(phrases: Phrases, views: Sequence[View], asked: Sequence[int]) -> str:
    """What it means that a group has no figure where others have one."""
    if all(view.cells[place] is not None for view in views for place in asked):
        return ""
    return phrases.say(" Leeg: deze zin stond niet in die vragenlijst.")


def judged(phrases: Phrases, code: str, companions: Sequence[Companion]) -> str:
    """The grade that others give a principle, and how many call it feasible; empty when nobody was asked."""
    graded, called = grades(companions, code), feasible(companions, code)
    asked = [view.question.provenance.number for view in (graded, called) if view is not None]
    if not asked:
        return ""
    sentences = []
    if graded is not None:
        told = _judgements(phrases, graded, companions, "mean")
        sentences.append(phrases.say("Gemiddeld cijfer voor dit principe: {judgements}.", judgements=told))
    if called is not None:
        told = _judgements(phrases, called, companions, "proportion")
        sentences.append(phrases.say("Haalbaar in de praktijk volgens {judgements}.", judgements=told))
    sentences.append(
        phrases.say(
            "Vraag {numbers} aan wie er werkt: geteld en niet gewogen, dus zonder marge.",
            numbers=phrases.names(asked),
        )
    )
    return " ".join(sentences)


def _judgements(phrases: Phrases, view: View, companions: Sequence[Companion], kind: Kind) -> str:
    return phrases.names(
        [
            f"{each.name}: {wording.withheld(phrases, cell)}"
            if isinstance(cell, Suppressed)
            else phrases.say(
                "{who} {value} (n = {respondents})",
                who=each.name,
                value=wording.with_unit(phrases, cell.value, kind),
                respondents=wording.base(phrases, cell),
            )
            for each, cell in zip(companions, view.cells, strict=True)
            if cell is not None
        ]
    )


def principle_grades(
    maker: Maker, principles: Mapping[str, str], companions: Sequence[Companion]
) -> Iterator[Figure]:
    """What grade each principle gets, and how many call it feasible; nothing of what was not asked."""
    judgements: tuple[_Judgement, ...] = (
        (grades, "mean", _graded, later("Gemiddelde van cijfers van 1 tot en met 10")),
        (
            feasible,
            "proportion",
            _feasible,
            later("Het deel dat het principe haalbaar noemt, in procenten"),
        ),
    )
    for judged_by, kind, title, what in judgements:
        rows = [
            (f"{code} {name}", view)
            for code, name in principles.items()
            if (view := judged_by(companions, code)) is not None
        ]
        if rows:
            yield _by_principle(
                maker,
                companions,
                rows,
                kind,
                title=_of_levels(maker.phrases, rows, companions[0].name, title),
                what=maker.phrases.say(what),
            )


def _by_principle(  # noqa: PLR0913 - a figure has rows, a scale and words
    maker: Maker,
    companions: Sequence[Companion],
    rows: _Rows,
    kind: Kind,
    *,
    title: str,
    what: str,
) -> Figure:
    """A row for each principle, with a figure of each group."""
    widths = _widths(len(companions), beside_residents=True)
    lines = tuple(
        Line(
            label=plots.wrapped(label, int(widths.label * CHARACTERS)),
            cells=tuple(pairs(maker.phrases, view.cells, kind)),
        )
        for label, view in rows
    )
    share = kind == "proportion"
    return maker.beside(
        title,
        what,
        (
            Column(label=maker.phrases.say("Leidend principe"), width=widths.label, style=""),
            *(
                column
                for each, symbol in zip(companions, SYMBOLS, strict=False)
                for column in _pair(each.name, symbol, "%" if share else maker.phrases.say("cijfer"), widths)
            ),
        ),
        lines,
        unweighted(
            maker,
            asked_as(maker.phrases, rows[0][1].question),
            [cell for _, view in rows for cell in view.cells],
            companions,
        ),
        plot=partial(
            companion_charts.side_by_side,
            maker.phrases,
            maker.colours,
            _marks(maker.phrases, lines, [], [view.cells for _, view in rows], kind),
            [each.name for each in companions],
            ticks=(0, 25, 50, 75, 100) if share else (1, 4, 7, 10),
            unit="%" if share else "",
        ),
    )


def _of_levels(
    phrases: Phrases, rows: _Rows, who: str, said: Callable[[Phrases, Sequence[float], str], str]
) -> str:
    """Between which figures of the first group the principles lie: without a margin none is the highest."""
    shown = _of_first(rows)
    if not shown:
        return f"{wording.capital(who)}: {_why(phrases, (view.cells[0] for _, view in rows))}"
    return wording.capital(said(phrases, shown, who))


def _graded(phrases: Phrases, shown: Sequence[float], who: str) -> str:
    told = wording.means_between(phrases, shown)
    return phrases.say("{who} geven de principes een {grades}", who=who, grades=told)


def _feasible(phrases: Phrases, shown: Sequence[float], who: str) -> str:
    shares = wording.shares_between(phrases, [100 * share for share in shown])
    return phrases.say("Per principe noemt {shares} van de {who} het haalbaar", shares=shares, who=who)


def _of_first(rows: _Rows) -> list[float]:
    """The figures of the first group."""
    return [
        cell.value
        for _, view in rows
        if (cell := view.cells[0]) is not None and not isinstance(cell, Suppressed)
    ]
