"""Figures of what employees and partners say of the principles, beside what residents say."""

from collections.abc import Mapping, Sequence
from functools import partial

from analysis.estimation.estimates import Observed
from analysis.reporting import charts, companion_charts, wording
from analysis.reporting.companion_cells import asked_as, pairs, unweighted
from analysis.reporting.companion_charts import Marks
from analysis.reporting.companions import Companion, View, feasible, grades, statements
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.figures import (
    CHARACTERS,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    dot_of,
    scaled,
    value_cell,
)
from analysis.reporting.outcome_values import Outcome
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.wording import Kind

_SYMBOLS = ("◆", "◇", "■")
"""In the heads of tables, the marks of the plot beside it."""
_LABEL = 58.0
_WIDE = 80.0
"""Of labels where no column of residents takes room."""
_WITH_RESIDENTS = later(
    "In procenten. Bewoners: de uitkomst met de marge van 95%. De anderen: het deel dat het (helemaal) "
    "eens is met de zin"
)
_ALONE = later("Het deel dat het (helemaal) eens is met de zin, in procenten")


def beside_residents(
    maker: Maker, principle: str, residents: Sequence[Outcome], companions: Sequence[Companion]
) -> Figure | None:
    """The shares of residents for a principle, and what others say of it; None when they were not asked."""
    views = statements(companions, principle)
    return of_statements(maker, residents, views, companions) if views else None


def of_statements(
    maker: Maker, residents: Sequence[Outcome], views: Sequence[View], companions: Sequence[Companion]
) -> Figure:
    """What others say, below the shares of residents, if any."""
    asked = [
        place for place in range(len(companions)) if any(each.cells[place] is not None for each in views)
    ]
    groups = [companions[place] for place in asked]
    label = _LABEL if residents else _WIDE
    width = int(label * CHARACTERS)
    blank = (Printed(text=""), Printed(text="")) if residents else ()
    lines = [Line(label=(maker.phrases.say("Bewoners"),), style="group")] if residents else []
    lines += [
        Line(
            label=charts.wrapped(each.indicator.label, width),
            cells=(
                value_cell(maker.phrases, each.whole, "proportion"),
                Printed(text=wording.base(maker.phrases, each.whole)),
                *(Printed(text="") for _ in groups for _ in range(2)),
            ),
        )
        for each in residents
    ]
    if residents:
        others = wording.capital(maker.phrases.names([each.name for each in groups]))
        lines.append(Line(label=(others,), style="group"))
    lines += [
        Line(
            label=charts.wrapped(view.text, width),
            cells=(*blank, *pairs(maker.phrases, [view.cells[place] for place in asked], "proportion")),
        )
        for view in views
    ]
    marks = _marks(
        lines, [*residents], [[view.cells[place] for place in asked] for view in views], "proportion"
    )
    columns = [Column(label=maker.phrases.say("Uitkomst"), width=label, style="")]
    if residents:
        columns += [Column(label=maker.phrases.say("bewoners ● %"), width=14), Column(label="n", width=9)]
    for each, symbol in zip(groups, _SYMBOLS, strict=False):
        columns += [Column(label=f"{each.name} {symbol} %", width=18), Column(label="n", width=8)]
    plot = partial(
        companion_charts.side_by_side,
        maker.phrases,
        maker.colours,
        marks,
        [each.name for each in groups],
        ticks=(0, 25, 50, 75, 100),
    )
    return maker.beside(
        _title(maker.phrases, views, asked, groups),
        maker.phrases.say(_WITH_RESIDENTS if residents else _ALONE),
        columns,
        lines,
        unweighted(maker, _asked(maker.phrases, views), [each for view in views for each in view.cells]),
        plot=plot,
    )


def _marks(
    lines: Sequence[Line],
    residents: Sequence[Outcome],
    others: Sequence[Sequence[Observed | Suppressed | None]],
    kind: Kind,
) -> list[Marks]:
    """What is drawn beside the lines: residents first, then the others, headings where the table has them."""
    dots = iter([dot_of(each.whole, kind) for each in residents])
    values = iter(
        [
            tuple(
                None if cell is None or isinstance(cell, Suppressed) else scaled(cell.value, kind)
                for cell in row
            )
            for row in others
        ]
    )
    found: list[Marks] = []
    waiting = len(residents)
    for line in lines:
        label, height = " ".join(line.label), len(line.label)
        if line.style == "group":
            found.append(Marks(label=label, heading=True, lines=height))
        elif waiting:
            waiting -= 1
            found.append(Marks(label=label, residents=next(dots), lines=height))
        else:
            found.append(Marks(label=label, others=next(values), lines=height))
    return found


def _title(phrases: Phrases, views: Sequence[View], asked: Sequence[int], groups: Sequence[Companion]) -> str:
    """The statement that the first group agrees with most."""
    place, who = asked[0], groups[0].name
    shown = [
        (cell.value, view.text)
        for view in views
        if (cell := view.cells[place]) is not None and not isinstance(cell, Suppressed)
    ]
    if not shown:
        return f"{wording.capital(who)}: {phrases.say(charts.TOO_FEW)}"
    value, text = max(shown)
    return phrases.say(
        "{share}% van de {who} vindt: {text}",
        share=charts.percent(100 * value),
        who=who,
        text=wording.quoted(text),
    )


def _asked(phrases: Phrases, views: Sequence[View]) -> str:
    numbers = [*dict.fromkeys(view.question.provenance.number for view in views)]
    sentence = (
        later("Vraag {numbers} aan wie er werkt; zonder ‘weet ik niet’ en wie geen antwoord gaf.")
        if len(numbers) == 1
        else later("Vragen {numbers} aan wie er werkt; zonder ‘weet ik niet’ en wie geen antwoord gaf.")
    )
    return phrases.say(sentence, numbers=phrases.names(numbers))


def principle_grades(
    maker: Maker, principles: Mapping[str, str], companions: Sequence[Companion]
) -> Figure | None:
    """What grade each principle gets, and how many call it feasible; None when it was not asked."""
    found = [
        (f"{code} {name}", grades(companions, code), feasible(companions, code))
        for code, name in principles.items()
    ]
    rows = [(label, mean, share) for label, mean, share in found if mean is not None]
    if not rows:
        return None
    lines = tuple(
        Line(
            label=charts.wrapped(label, int(50 * CHARACTERS)),
            cells=tuple(
                printed
                for place in range(len(companions))
                for printed in (
                    *pairs(maker.phrases, [mean.cells[place]], "mean"),
                    *pairs(maker.phrases, [None if share is None else share.cells[place]], "proportion"),
                )
            ),
        )
        for label, mean, share in rows
    )
    marks = _marks(lines, [], [mean.cells for _, mean, _ in rows], "mean")
    columns = [Column(label=maker.phrases.say("Leidend principe"), width=50, style="")]
    for each, symbol in zip(companions, _SYMBOLS, strict=False):
        columns += [
            Column(
                label=maker.phrases.say("{name} {symbol} cijfer", name=each.name, symbol=symbol), width=18
            ),
            Column(label="n", width=8),
            Column(label=maker.phrases.say("haalbaar %"), width=14),
            Column(label="n", width=8),
        ]
    plot = partial(
        companion_charts.side_by_side,
        maker.phrases,
        maker.colours,
        marks,
        [each.name for each in companions],
        ticks=(1, 4, 7, 10),
        unit="",
    )
    question = rows[0][1].question
    share = next((share for _, _, share in rows if share is not None), None)
    also = "" if share is None else f" {asked_as(maker.phrases, share.question)}"
    cells = [cell for _, *views in rows for view in views if view is not None for cell in view.cells]
    return maker.beside(
        _best(maker.phrases, rows, companions[0].name),
        maker.phrases.say(
            "Gemiddelde van cijfers van 1 tot en met 10, en het deel dat het principe haalbaar noemt (%)"
        ),
        columns,
        lines,
        unweighted(maker, f"{asked_as(maker.phrases, question)}{also}", cells),
        plot=plot,
    )


def _best(phrases: Phrases, rows: Sequence[tuple[str, View, View | None]], who: str) -> str:
    shown = [
        (cell.value, label)
        for label, mean, _ in rows
        if (cell := mean.cells[0]) is not None and not isinstance(cell, Suppressed)
    ]
    if not shown:
        return phrases.say("{who}: te weinig antwoorden voor een cijfer", who=wording.capital(who))
    (high, best), (low, worst) = max(shown), min(shown)
    return phrases.say(
        "{who} geven {best} een {high}, en {worst} een {low}",
        who=wording.capital(who),
        best=best,
        high=phrases.decimal(high),
        worst=worst,
        low=phrases.decimal(low),
    )
