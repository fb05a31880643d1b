"""Figures of the answers to questions."""

import math
from collections.abc import Sequence
from functools import partial

import msgspec

from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.charts.plots import Dot, Row, Statement
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.figures.making import (
    CHARACTERS,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    Table,
    dot_of,
    drawn,
    interval_cell,
    keys_of,
    order,
    plot_rows,
    value_cell,
)
from analysis.reporting.findings.outcome_values import Distribution
from analysis.reporting.phrases import Phrases
from survey.questionnaires.model import Battery, MultipleChoice


def distribution(maker: Maker, distribution: Distribution, population: str) -> Figure:
    """The answers to one question as bars beside their table."""
    multiple = isinstance(distribution.question, MultipleChoice)
    answers = distribution.answers
    if multiple:
        answers = tuple(sorted(answers, key=lambda each: -order(each.cell)))
    cells = [answer.cell for answer in answers]
    labels = [answer.label for answer in answers]
    said = wording.answers_title(
        maker.phrases,
        labels,
        cells,
        several=multiple,
    )
    title = f"{wording.capital(distribution.label)}: {wording.lower_first(said)}"
    if distribution.mean is not None:
        title = wording.mean_title(maker.phrases, distribution.label, distribution.mean)
    wide = [plots.wrapped(label, int(86 * CHARACTERS)) for label in labels]
    lines = tuple(
        Line(
            label=label,
            cells=(
                value_cell(maker.phrases, cell, "proportion"),
                interval_cell(maker.phrases, cell, "proportion"),
                maker.answered(distribution),
            ),
        )
        for label, cell in zip(wide, cells, strict=True)
    )
    rows = plot_rows(maker.phrases, lines, cells, "proportion")
    longest = max((row.dot.value for row in rows if row.dot is not None), default=100)
    dark = 1 if multiple or distribution.mean is None else 0
    more = maker.phrases.say(wording.MORE_ANSWERS) if multiple else ""
    mean = ""
    if distribution.mean is not None and not isinstance(distribution.mean, Suppressed):
        mean = maker.phrases.say(
            " Gemiddelde {value} ({margin}).",
            value=maker.phrases.decimal(distribution.mean.value),
            margin=wording.margin(maker.phrases, distribution.mean, "mean"),
        )
    return maker.beside(
        title,
        maker.phrases.say(
            "In procenten van wie antwoord gaf, met de marge van 95%.{more}{mean}", more=more, mean=mean
        ),
        (
            Column(label=maker.phrases.say("Antwoord"), width=86, style=""),
            Column(label="%", width=11),
            Column(label=maker.phrases.say("marge"), width=19),
            Column(label="n", on_page=False),
        ),
        lines,
        maker.note([distribution], population),
        plot=partial(
            plots.bars, maker.phrases, maker.colours, rows, longest=longest, dark=_first(rows, dark)
        ),
        questions=[distribution.question],
    )


def agreement(maker: Maker, distributions: Sequence[Distribution], population: str) -> Figure:
    """Statements with five answers of agreement, the most agreed with first, negative ones last."""
    distributions = sorted(
        (_as_asked(maker, each) for each in distributions), key=lambda each: (each.reversed, -_agree(each))
    )
    shares = [
        None if (each := _shares(distribution)) is None else each[::-1] for distribution in distributions
    ]
    labels = [distribution.label for distribution in distributions]
    straight, turned = _straight(maker.phrases, distributions)
    dots = [_agreeing(each) for each in distributions]
    title = wording.agreement_title(
        maker.phrases,
        maker.phrases.names(
            dict.fromkeys(wording.lower_first(each.question.short.source) for each in distributions)
        ),
        labels[:straight],
        dots[:straight],
        _cells(distributions[:straight]),
        _relevant(maker),
    )
    title = wording.with_opposite(maker.phrases, title, _values(dots[straight:]))
    answers = [wording.lower_first(answer.label) for answer in distributions[0].answers][::-1]
    statements = _rows(maker.phrases, distributions, shares)
    return _statements(
        maker,
        distributions,
        title,
        plots.agreement(maker.phrases, maker.colours, statements, title=title, answers=answers),
        maker.phrases.say(
            "De uiteinden van de balk: helemaal eens of oneens. Ernaast: het totaal (%).{turned}",
            turned=turned,
        ),
        population,
        _totals(maker.phrases, distributions),
    )


def ordered(maker: Maker, distributions: Sequence[Distribution], population: str) -> Figure:
    """The items of a battery with other answers, as whole bars, negative ones last."""
    distributions = sorted(
        (_most_first(maker, each) for each in distributions), key=lambda each: each.reversed
    )
    labels = [distribution.label for distribution in distributions]
    shares = [_shares(distribution) for distribution in distributions]
    answers = [answer.label for answer in distributions[0].answers]
    straight, turned = _straight(maker.phrases, distributions)
    dots = [
        None if own is None else dot_of(each.answers[0].cell, "proportion")
        for each, own in zip(distributions, shares, strict=True)
    ]
    title = wording.items_title(
        maker.phrases,
        distributions[0].question.short.source,
        answers[0],
        labels[:straight],
        dots[:straight],
        _cells(distributions[:straight]),
        _relevant(maker),
    )
    title = wording.with_opposite(maker.phrases, title, _values(dots[straight:]))
    statements = _rows(maker.phrases, distributions, shares)
    svg = plots.ordered(maker.phrases, maker.colours, statements, title=title, answers=answers)
    what = maker.phrases.say("In procenten van wie antwoord gaf.{turned}", turned=turned)
    return _statements(maker, distributions, title, svg, what, population, ())


def _statements(  # noqa: PLR0913, PLR0917 - a chart, its words and what it is made of
    maker: Maker,
    distributions: Sequence[Distribution],
    title: str,
    svg: str,
    what: str,
    population: str,
    totals: Sequence[tuple[Column, Sequence[Printed]]],
) -> Figure:
    """`totals` are columns of answers together, which the page has in the chart and a file below its head."""
    name = maker.figure_name()
    label_width = 72.0
    lines = [
        Line(
            label=plots.wrapped(each.label, int(label_width * CHARACTERS)),
            cells=(
                maker.answered(each),
                *(value_cell(maker.phrases, answer.cell, "proportion") for answer in each.answers),
                *(cells[place] for _, cells in totals),
            ),
        )
        for place, each in enumerate(distributions)
    ]
    first = _first_turned(distributions)
    if first is not None:
        lines.insert(first, Line(label=(maker.phrases.say(wording.TURNED),), style="group"))
    columns = (
        Column(
            label=wording.of_items(maker.phrases, distributions[0].question)
            if len(distributions) > 1
            else maker.phrases.say("Vraag"),
            width=label_width,
            style="",
        ),
        Column(label=maker.phrases.say("aantal (n)"), width=14),
        *(Column(label=wording.lower_first(answer.label)) for answer in distributions[0].answers),
        *(column for column, _ in totals),
    )
    return Figure(
        name=name,
        title=title,
        what=what,
        note=f"{_widest_margin(maker.phrases, distributions)}{maker.note(distributions, population)}",
        table=Table(
            caption=maker.phrases.say("Tabel bij {name}, in procenten", name=name.lower()),
            columns=columns,
            lines=tuple(lines),
        ),
        svg=drawn(svg),
        questions=keys_of(each.question for each in distributions),
    )


def _totals(
    phrases: Phrases, distributions: Sequence[Distribution]
) -> list[tuple[Column, Sequence[Printed]]]:
    """Who agree and who disagree together, as the chart has them beside its bars."""
    halves = ((phrases.say("eens (samen)"), slice(2)), (phrases.say("oneens (samen)"), slice(3, None)))
    return [
        (
            Column(label=label, on_page=False),
            [
                Printed(text=wording.NONE, style="few", said=wording.withheld(phrases, *_cells([each])))
                if (shares := _shares(each)) is None
                else Printed(text=plots.percent(sum(shares[half])))
                for each in distributions
            ],
        )
        for label, half in halves
    ]


def _rows(
    phrases: Phrases, distributions: Sequence[Distribution], shares: Sequence[tuple[float, ...] | None]
) -> list[Statement]:
    """What is drawn of each, or why nothing is; statements that say the opposite are a group of their own."""
    first = _first_turned(distributions)
    return [
        Statement(
            label=one.label,
            shares=each,
            withheld=wording.withheld(phrases, *_cells([one])),
            above=phrases.say(wording.TURNED) if place == first else "",
        )
        for place, (one, each) in enumerate(zip(distributions, shares, strict=True))
    ]


def _first_turned(distributions: Sequence[Distribution]) -> int | None:
    """The place of the first statement that says the opposite, below others that do not."""
    straight = sum(not each.reversed for each in distributions)
    return straight if 0 < straight < len(distributions) else None


def _straight(phrases: Phrases, distributions: Sequence[Distribution]) -> tuple[int, str]:
    """How many items, which come first, say the same thing, and what is said about the others."""
    first = _first_turned(distributions)
    if first is None:
        return len(distributions), ""
    return first, phrases.say(" Onderaan: wat het tegendeel zegt.")


def _as_asked(maker: Maker, distribution: Distribution) -> Distribution:
    """With the statement that people agreed with: of a question by itself that is its text."""
    if isinstance(distribution.question, Battery):
        return distribution
    return msgspec.structs.replace(distribution, label=distribution.question.label.source.rstrip("."))


def _most_first(maker: Maker, distribution: Distribution) -> Distribution:
    """With the answers turned round where an indicator counts the last one asked and none the first.

    So the dark end of every bar is the one that outcomes are of, whichever was asked first.
    """
    counted = {
        code
        for each in maker.outcomes.indicators
        if each.question.key == distribution.question.key
        for code in each.indicator.codes
    }
    first, last = ({*distribution.answers[end].codes} for end in (0, -1))
    if counted & first or not counted & last:
        return distribution
    return msgspec.structs.replace(distribution, answers=distribution.answers[::-1])


def _widest_margin(phrases: Phrases, distributions: Sequence[Distribution]) -> str:
    """One margin that holds for every share of a table without room for intervals."""
    shown = [cell for cell in _cells(distributions) if not isinstance(cell, Suppressed)]
    if not shown:
        return ""
    widest = max(max(cell.high - cell.value, cell.value - cell.low) for cell in shown)
    return phrases.say(
        "Marge (95%) van elk cijfer: hoogstens {points} procentpunten naar elke kant. ",
        points=math.ceil(100 * widest),
    )


def _cells(distributions: Sequence[Distribution]) -> list[Cell]:
    return [answer.cell for each in distributions for answer in each.answers]


def _shares(distribution: Distribution) -> tuple[float, ...] | None:
    """All shares in percent, or None when one is hidden: then the bar would show it."""
    cells = [answer.cell for answer in distribution.answers]
    shown = [cell for cell in cells if not isinstance(cell, Suppressed)]
    return tuple(100 * cell.value for cell in shown) if len(shown) == len(cells) else None


def _agree(distribution: Distribution) -> float:
    shares = _shares(distribution)
    return -1.0 if shares is None else shares[0] + shares[1]


def _agreeing(distribution: Distribution) -> Dot | None:
    """How many agree, in percent: both answers together, whose margin is at most the sum of theirs."""
    shares = _shares(distribution)
    if shares is None:
        return None
    cells = [cell for cell in _cells([distribution])[:2] if not isinstance(cell, Suppressed)]
    value = shares[0] + shares[1]
    return Dot(
        value=value,
        low=value - 100 * sum(cell.value - cell.low for cell in cells),
        high=value + 100 * sum(cell.high - cell.value for cell in cells),
    )


def _values(dots: Sequence[Dot | None]) -> list[float]:
    return [dot.value for dot in dots if dot is not None]


def _relevant(maker: Maker) -> float:
    """The smallest difference of shares that a title names, in points."""
    return 100 * maker.outcomes.plan.relevant_share


def _first(rows: Sequence[Row], dark: int) -> int:
    """The highest bar stands out where it comes first."""
    values = [row.dot.value for row in rows if row.dot is not None]
    return dark if rows and rows[0].dot is not None and rows[0].dot.value == max(values, default=0) else 0
