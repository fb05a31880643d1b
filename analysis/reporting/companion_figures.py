"""Figures of what employees and partners say, beside what residents say."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from analysis.estimation.estimates import Observed
from analysis.reporting import charts, companion_charts, wording
from analysis.reporting.companion_charts import QUARTERS, Marks
from analysis.reporting.companions import Companion, View, feasible, grades, statements
from analysis.reporting.counts import MEAN, Count
from analysis.reporting.disclosure import MINIMUM_BASE, Suppressed
from analysis.reporting.figures import (
    CHARACTERS,
    PAGE,
    Column,
    Figure,
    Line,
    Maker,
    Printed,
    Table,
    dot_of,
    drawn,
    scaled,
    value_cell,
)
from analysis.reporting.outcome_values import Outcome
from analysis.reporting.phrases import Phrases, later
from analysis.reporting.questions import AGREE, ClosedQuestion, is_agreement
from analysis.reporting.wording import Kind
from survey.questionnaires.model import Battery, Number

_SYMBOLS = ("◆", "◇", "■")
"""In the heads of tables, the marks of the plot beside it."""

NOT_WEIGHTED = later(
    "Wie bij een organisatie werkt, is geteld en niet gewogen; niet bekend is hoeveel "
    "mensen er zijn gevraagd. Daarom is er geen marge."
)


def took_part(maker: Maker, companions: Sequence[Companion]) -> Figure:
    lines = [
        Line(
            label=(wording.capital(each.name),),
            cells=(
                Printed(text=each.questionnaire.title.source),
                Printed(text=maker.phrases.month(each.export.week)),
                Printed(text=wording.base_of(maker.phrases, each.respondents), style="strong"),
            ),
        )
        for each in companions
    ]
    total = sum(each.respondents for each in companions)
    return maker.table(
        maker.phrases.say(
            "{total} mensen uit de kring om de bewoners gaven antwoord",
            total=maker.phrases.whole(total),
        ),
        maker.phrases.say("Aantal mensen dat minstens de helft van de vragen beantwoordde"),
        (
            Column(label=maker.phrases.say("Wie"), width=34, style=""),
            Column(label=maker.phrases.say("vragenlijst"), style="mark"),
            Column(label=maker.phrases.say("maand"), width=30, style="mark"),
            Column(label=maker.phrases.say("aantal (n)"), width=20),
        ),
        lines,
        f"{maker.phrases.say(NOT_WEIGHTED)} {maker.source}",
    )


def beside(
    maker: Maker, principle: str, residents: Sequence[Outcome], companions: Sequence[Companion]
) -> Figure | None:
    """The shares of residents for a principle, and what others say of it; None when they were not asked."""
    views = statements(companions, principle)
    if not views:
        return None
    asked = [
        place for place in range(len(companions)) if any(each.cells[place] is not None for each in views)
    ]
    groups = [companions[place] for place in asked]
    name = maker.figure_name()
    width = int(_LABEL * CHARACTERS)
    blank = (Printed(text=""), Printed(text=""))
    lines = [Line(label=(maker.phrases.say("Bewoners"),), style="group")] if residents else []
    lines += [
        Line(
            label=charts.wrapped(each.indicator.label, width),
            cells=(
                value_cell(maker.phrases, each.whole, "proportion"),
                Printed(text=wording.base(maker.phrases, each.whole)),
                *(blank * len(groups)),
            ),
        )
        for each in residents
    ]
    lines.append(
        Line(label=(wording.capital(maker.phrases.names([each.name for each in groups])),), style="group")
    )
    lines += [
        Line(
            label=charts.wrapped(view.text, width),
            cells=(*blank, *_pairs(maker.phrases, [view.cells[place] for place in asked], "proportion")),
        )
        for view in views
    ]
    marks = _marks(
        lines, [*residents], [[view.cells[place] for place in asked] for view in views], "proportion"
    )
    title = _title(maker.phrases, views, asked, groups)
    columns = [Column(label=maker.phrases.say("Uitkomst"), width=_LABEL, style="")]
    columns += [Column(label=maker.phrases.say("bewoners ● %"), width=14), Column(label="n", width=9)]
    for each, symbol in zip(groups, _SYMBOLS, strict=False):
        columns += [Column(label=f"{each.name} {symbol} %", width=18), Column(label="n", width=8)]
    taken = sum(column.width or 0 for column in columns)
    return Figure(
        name=name,
        title=title,
        what=maker.phrases.say(
            "In procenten. Bewoners: de uitkomst met de marge van 95%. De anderen: het deel dat "
            "het (helemaal) eens is met de zin"
        ),
        note=_unweighted(
            maker, _asked(maker.phrases, views), [each for view in views for each in view.cells]
        ),
        table=Table(
            caption=maker.phrases.say("Tabel bij {name}", name=name.lower()),
            columns=tuple(columns),
            lines=tuple(lines),
            width=taken,
        ),
        svg=drawn(
            companion_charts.side_by_side(
                maker.phrases,
                maker.colours,
                marks,
                [each.name for each in groups],
                title=title,
                width=(PAGE - taken) * charts.MILLIMETRE,
                ticks=(0, 25, 50, 75, 100),
            )
        ),
        beside=True,
    )


_LABEL = 58.0


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


def _pairs(phrases: Phrases, cells: Sequence[Observed | Suppressed | None], kind: Kind) -> Iterator[Printed]:
    for cell in cells:
        if cell is None:
            yield from (Printed(text=""), Printed(text=""))
        else:
            yield from (_seen(phrases, cell, kind), Printed(text=wording.base(phrases, cell)))


def _seen(phrases: Phrases, cell: Observed | Suppressed, kind: Kind) -> Printed:
    if isinstance(cell, Suppressed):
        return Printed(text=wording.NONE, style="few")
    return Printed(text=wording.number(phrases, cell.value, kind), style="strong")


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


def _unweighted(maker: Maker, asked: str, cells: Sequence[Observed | Suppressed | None]) -> str:
    """What was asked, and how to read figures that were counted."""
    return f"{asked} {maker.phrases.say(NOT_WEIGHTED)} {_few(maker.phrases, cells)}{maker.source}"


def _few(phrases: Phrases, cells: Sequence[Observed | Suppressed | None]) -> str:
    hidden = [cell for cell in cells if isinstance(cell, Suppressed)]
    base = phrases.say(
        "Een streepje: minder dan {minimum} antwoorden, of te weinig mensen in één antwoord. ",
        minimum=MINIMUM_BASE,
    )
    return base if hidden else ""


# --- grades ---------------------------------------------------------------------------------------


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
    name = maker.figure_name()
    lines = tuple(
        Line(
            label=charts.wrapped(label, int(50 * CHARACTERS)),
            cells=tuple(
                printed
                for place in range(len(companions))
                for printed in (
                    *_pairs(maker.phrases, [mean.cells[place]], "mean"),
                    *_pairs(maker.phrases, [None if share is None else share.cells[place]], "proportion"),
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
    taken = sum(column.width or 0 for column in columns)
    title = _best(maker.phrases, rows, companions[0].name)
    svg = companion_charts.side_by_side(
        maker.phrases,
        maker.colours,
        marks,
        [each.name for each in companions],
        title=title,
        width=(PAGE - taken) * charts.MILLIMETRE,
        ticks=(1, 4, 7, 10),
        unit="",
    )
    question = rows[0][1].question
    share = next((share for _, _, share in rows if share is not None), None)
    also = "" if share is None else f" {_asked_as(maker.phrases, share.question)}"
    cells = [cell for _, *views in rows for view in views if view is not None for cell in view.cells]
    return Figure(
        name=name,
        title=title,
        what=maker.phrases.say(
            "Gemiddelde van cijfers van 1 tot en met 10, en het deel dat het principe haalbaar noemt (%)"
        ),
        note=_unweighted(maker, f"{_asked_as(maker.phrases, question)}{also}", cells),
        table=Table(
            caption=maker.phrases.say("Tabel bij {name}", name=name.lower()),
            columns=tuple(columns),
            lines=lines,
            width=taken,
        ),
        svg=drawn(svg),
        beside=True,
    )


def _asked_as(phrases: Phrases, question: ClosedQuestion) -> str:
    return phrases.say(
        "Vraag {text}",
        text=f"{question.provenance.number}: {wording.sentence(question.label.source)}",
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


# --- contact --------------------------------------------------------------------------------------


def network(maker: Maker, companions: Sequence[Companion]) -> Figure | None:
    """Who has contact with whom; None when nobody was asked, or too few answered."""
    networks = [each.network for each in companions if each.network is not None and each.network.ties]
    if not networks:
        return None
    names = {key: name for network in networks for key, name in network.names.items()}
    ties = [tie for network in networks for tie in network.ties]
    drawn_ties: dict[tuple[str, str], int] = {}
    for tie in ties:
        one, other = sorted((tie.organisation, tie.partner))
        drawn_ties[one, other] = max(tie.quarter, drawn_ties.get((one, other), 0))
    most = [pair for pair, quarter in drawn_ties.items() if quarter == len(QUARTERS) - 1]
    pairs = maker.phrases.counted(len(most), "paar organisaties", "paren organisaties")
    title = (
        maker.phrases.say("Bij {pairs} heeft driekwart of meer van de mensen vaak contact", pairs=pairs)
        if most
        else maker.phrases.say("Bij geen twee organisaties heeft driekwart van de mensen vaak contact")
    )
    name = maker.figure_name()
    lines: list[Line] = []
    for organisation, mine in groupby(ties, key=lambda tie: tie.organisation):
        lines.append(
            Line(
                label=(maker.phrases.say("Mensen van {organisation}", organisation=names[organisation]),),
                style="group",
            )
        )
        lines += [
            Line(
                label=(names[tie.partner],),
                cells=(
                    Printed(text=wording.base_of(maker.phrases, tie.respondents)),
                    Printed(text=maker.phrases.say(QUARTERS[tie.quarter])),
                ),
            )
            for tie in mine
        ]
    question = networks[0].question
    return Figure(
        name=name,
        title=title,
        what=maker.phrases.say(
            "Contact: {often}. Hoe dikker de lijn, hoe groter het deel van de mensen",
            often=maker.phrases.either(networks[0].often),
        ),
        note=maker.phrases.say(
            "{question} Alleen organisaties waarvan tien mensen of meer antwoord gaven; van elk "
            "is alleen te zien welk kwart het is. Zeggen twee organisaties het van elkaar, dan "
            "telt in de tekening het grootste deel. {not_weighted} {source}",
            question=_asked_as(maker.phrases, question),
            not_weighted=maker.phrases.say(NOT_WEIGHTED),
            source=maker.source,
        ),
        table=Table(
            caption=maker.phrases.say("Tabel bij {name}", name=name.lower()),
            columns=(
                Column(label=maker.phrases.say("Contact met"), width=70, style=""),
                Column(label="n", width=20),
                Column(label=maker.phrases.say("hoeveel van hen"), style="mark"),
            ),
            lines=tuple(lines),
        ),
        svg=drawn(
            companion_charts.network(
                maker.phrases,
                maker.colours,
                names,
                networks[0].own,
                drawn_ties,
                title=maker.phrases.say("Netwerk. {title}", title=title),
            )
        ),
        long=True,
    )


# --- one question to all --------------------------------------------------------------------------


def one_question(maker: Maker, companions: Sequence[Companion], variable: str) -> Figure | None:
    """The answers of all who were asked the same, side by side; None when nobody was."""
    asked = [
        (each, counted)
        for each in companions
        if (counted := [one for one in each.counts if one.variable == variable and len(one.codes) == 1])
    ]
    if not asked:
        return None
    first = asked[0][1]
    lines = [
        Line(
            label=charts.wrapped(answer.answer, int(_LABEL * CHARACTERS)),
            cells=tuple(_seen(maker.phrases, counted[place].cell, "proportion") for _, counted in asked),
        )
        for place, answer in enumerate(first)
    ]
    bases = [f"{each.name} n = {wording.base(maker.phrases, counted[0].cell)}" for each, counted in asked]
    cells = [one.cell for _, counted in asked for one in counted]
    return maker.table(
        _most_said(maker.phrases, asked[0][0], first),
        maker.phrases.say("In procenten van wie antwoord gaf: {bases}", bases=maker.phrases.names(bases)),
        (
            Column(label=maker.phrases.say("Antwoord"), width=90, style=""),
            *(Column(label=f"{each.name} %") for each, _ in asked),
        ),
        lines,
        _unweighted(
            maker, f"{_asked_as(maker.phrases, first[0].question)} {wording.sentence(first[0].part)}", cells
        ),
    )


def _most_said(phrases: Phrases, companion: Companion, counted: Sequence[Count]) -> str:
    shown = [(each.cell.value, each.answer) for each in counted if not isinstance(each.cell, Suppressed)]
    if not shown:
        return f"{wording.capital(companion.name)}: {phrases.say(charts.TOO_FEW)}"
    value, answer = max(shown)
    return phrases.say(
        "{share}% van de {who} zegt: {answer}",
        share=charts.percent(100 * value),
        who=companion.name,
        answer=wording.quoted(answer),
    )


# --- every answer ---------------------------------------------------------------------------------


def answers(maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]) -> Figure:
    """All that was counted of one question: statements by answers, or answers below each other."""
    if isinstance(question, Battery):
        return _battery(maker, companion, question, counted)
    return _single(maker, companion, question, counted)


def _single(maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]) -> Figure:
    shares = [each for each in counted if each.answer != MEAN]
    lines = [
        Line(label=charts.wrapped(each.answer, 70), cells=(_seen(maker.phrases, each.cell, "proportion"),))
        for each in shares
    ]
    mean = next((each.cell for each in counted if each.answer == MEAN), None)
    if mean is not None:
        lines.append(
            Line(
                label=(maker.phrases.say("Gemiddelde"),),
                cells=(_seen(maker.phrases, mean, "mean"),),
                style="total",
            )
        )
    base = wording.base(maker.phrases, shares[0].cell)
    return maker.table(
        question.short.source,
        maker.phrases.say("In procenten van wie antwoord gaf, n = {base}", base=base),
        (Column(label=maker.phrases.say("Antwoord"), width=120, style=""), Column(label="%")),
        lines,
        _note(maker, companion, question, [each.cell for each in counted]),
    )


def _battery(maker: Maker, companion: Companion, question: Battery, counted: Sequence[Count]) -> Figure:
    """A row for each statement. Ten grades do not fit beside each other: their classes do."""
    items = [tuple(mine) for _, mine in groupby(counted, key=lambda each: each.variable)]
    shown = [place for place, each in enumerate(items[0]) if _has_column(items[0], each)]
    lines = [
        Line(
            label=charts.wrapped(mine[0].part.rstrip("."), int(66 * CHARACTERS)),
            cells=(
                Printed(text=wording.base(maker.phrases, mine[0].cell)),
                *(
                    _seen(
                        maker.phrases,
                        mine[place].cell,
                        "mean" if mine[place].answer == MEAN else "proportion",
                    )
                    for place in shown
                ),
            ),
        )
        for mine in items
    ]
    columns = [Column(label=maker.phrases.say("Zin"), width=66, style=""), Column(label="n", width=10)]
    columns += [Column(label=_head(maker.phrases, items[0][place])) for place in shown]
    return maker.table(
        question.short.source,
        maker.phrases.say("In procenten van wie antwoord gaf"),
        columns,
        lines,
        _note(maker, companion, question, [each.cell for each in counted]),
        long=len(lines) > _LONG,
    )


_LONG = 14
_COLUMNS = 6


def _has_column(counted: Sequence[Count], each: Count) -> bool:
    """All answers when these fit, else only classes of answers, and the mean."""
    answers = [one for one in counted if len(one.codes) == 1]
    return len(answers) <= _COLUMNS or len(each.codes) != 1


def _head(phrases: Phrases, each: Count) -> str:
    if each.answer == MEAN:
        return phrases.say("gemiddelde")
    if len(each.codes) == 1:
        return each.answer.lower()
    if is_agreement(each.question):
        return phrases.say("(helemaal) eens") if each.codes == AGREE else phrases.say("(helemaal) oneens")
    return phrases.say("{low} tot en met {high}", low=min(each.codes), high=max(each.codes))


def _note(
    maker: Maker, companion: Companion, question: ClosedQuestion, cells: Sequence[Observed | Suppressed]
) -> str:
    limits = maker.phrases.say(" Niet iedereen kreeg de vraag.") if question.when else ""
    whole = isinstance(question, Number)
    small = "" if whole else _few(maker.phrases, cells)
    return maker.phrases.say(
        "{question} Basis: {name}, geteld, niet gewogen.{limits} {small}{source}",
        question=_asked_as(maker.phrases, question),
        name=companion.name,
        limits=limits,
        small=small,
        source=maker.source,
    )
