"""Tables of how many employees and partners answered, and of every answer that was counted."""

from collections.abc import Sequence
from itertools import groupby

from msgspec.structs import replace

from analysis.estimation.estimates import Observed
from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.questions import AGREE, ClosedQuestion, is_agreement
from analysis.reporting.figures.companion_cells import asked_as, few, not_weighted, seen
from analysis.reporting.figures.making import CHARACTERS, PAGE, Column, Figure, Line, Maker, Printed, asked_of
from analysis.reporting.findings.companions import Companion
from analysis.reporting.findings.counts import MEAN, Count
from analysis.reporting.phrases import Phrases
from analysis.reporting.routes import Routes
from survey.questionnaires.model import Battery, MultipleChoice


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
        f"{not_weighted(maker.phrases, companions)} {maker.source}",
    )


def answers(maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]) -> Figure:
    """All that was counted of one question: statements by answers, or answers below each other."""
    if isinstance(question, Battery):
        return _battery(maker, companion, question, counted)
    return _single(maker, companion, question, counted)


def of_companion(
    maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]
) -> Figure:
    """The same where answers of others stand near: the title says whose they are."""
    figure = answers(maker, companion, question, counted)
    return replace(figure, title=f"{figure.title}: {companion.name}")


def _single(maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]) -> Figure:
    def answered(cell: Observed | Suppressed) -> Printed:
        return Printed(text=wording.base(maker.phrases, cell))

    shares = [each for each in counted if each.answer != MEAN]
    lines = [
        Line(
            label=plots.wrapped(each.answer, int(_ANSWER * CHARACTERS)),
            cells=(seen(maker.phrases, each.cell, "proportion"), answered(each.cell)),
        )
        for each in shares
    ]
    mean = next((each.cell for each in counted if each.answer == MEAN), None)
    if mean is not None:
        lines.append(
            Line(
                label=(maker.phrases.say("Gemiddelde"),),
                cells=(seen(maker.phrases, mean, "mean"), answered(mean)),
                style="total",
            )
        )
    base = wording.base(maker.phrases, shares[0].cell)
    return maker.table(
        question.short.source,
        maker.phrases.say("In procenten van wie antwoord gaf, n = {base}", base=base)
        + (f".{maker.phrases.say(wording.MORE_ANSWERS)}" if isinstance(question, MultipleChoice) else ""),
        (
            Column(label=maker.phrases.say("Antwoord"), width=_ANSWER, style=""),
            Column(label="%", width=12),
            Column(label="n", on_page=False),
        ),
        lines,
        _note(maker, companion, question, counted, [each.cell for each in counted]),
    )


def _battery(maker: Maker, companion: Companion, question: Battery, counted: Sequence[Count]) -> Figure:
    """A row for each statement. Ten grades do not fit beside each other: their classes do."""
    items = [tuple(mine) for _, mine in groupby(counted, key=lambda each: each.variable)]
    shown = [place for place, each in enumerate(items[0]) if _has_column(items[0], each)]
    width = min(_ITEM, PAGE - _BASE - len(shown) * _HEAD)
    lines = [
        Line(
            label=plots.wrapped(mine[0].part.rstrip("."), int(width * CHARACTERS)),
            cells=(
                Printed(text=wording.base(maker.phrases, mine[0].cell)),
                *(
                    seen(
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
    columns = [
        Column(label=wording.of_items(maker.phrases, question), width=width, style=""),
        Column(label="n", width=_BASE),
    ]
    columns += [Column(label=_head(maker.phrases, items[0][place])) for place in shown]
    return maker.table(
        question.short.source,
        maker.phrases.say("In procenten van wie antwoord gaf"),
        columns,
        lines,
        _note(maker, companion, question, counted, [mine[place].cell for mine in items for place in shown]),
        long=len(lines) > _LONG,
    )


_ANSWER, _ITEM, _BASE = 69, 66, 10
"""Widths in millimetres, of an answer, a statement and a number of answers."""
_HEAD = 15.2
"""Of a column of figures: the longest word at its head ("completely") stands in it."""
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
        return wording.lower_first(each.answer)
    if is_agreement(each.question):
        return phrases.say("eens (samen)") if each.codes == AGREE else phrases.say("oneens (samen)")
    return phrases.say("{low} tot en met {high}", low=min(each.codes), high=max(each.codes))


def _note(
    maker: Maker,
    companion: Companion,
    question: ClosedQuestion,
    counted: Sequence[Count],
    printed: Sequence[Observed | Suppressed],
) -> str:
    """`printed`: the cells that the table has."""
    telling = any(isinstance(each.cell, Suppressed) and each.cell.reason == "counted" for each in counted)
    asked = [each.asked for each in counted]
    number = asked_of(maker.phrases, asked, companion.respondents, telling=telling)
    routes = Routes(companion.questionnaire, maker.phrases, shortened=True)
    whom = f" {routes.told([question])}".rstrip() if number else ""
    return maker.phrases.say(
        "{question} Basis: {name}, geteld en niet gewogen, dus zonder marge.{limits} {small}{source}",
        question=asked_as(maker.phrases, question),
        name=companion.name,
        limits=f"{number}{whom}",
        small=few(maker.phrases, printed),
        source=maker.source,
    )
