"""Tables of how many employees and partners answered, and of every answer that was counted."""

from collections.abc import Sequence
from itertools import groupby

from analysis.estimation.estimates import Observed
from analysis.reporting import wording
from analysis.reporting.charts import plots
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.questions import AGREE, ClosedQuestion, is_agreement
from analysis.reporting.figures.companion_cells import NOT_WEIGHTED, asked_as, few, seen, unweighted
from analysis.reporting.figures.making import CHARACTERS, Column, Figure, Line, Maker, Printed
from analysis.reporting.findings.companions import Companion
from analysis.reporting.findings.counts import MEAN, Count
from analysis.reporting.phrases import Phrases
from survey.questionnaires.model import Battery, Number


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
            label=plots.wrapped(answer.answer, int(58 * CHARACTERS)),
            cells=tuple(seen(maker.phrases, counted[place].cell, "proportion") for _, counted in asked),
        )
        for place, answer in enumerate(first)
    ]
    bases = [f"{each.name} n = {wording.base(maker.phrases, counted[0].cell)}" for each, counted in asked]
    cells = [one.cell for _, counted in asked for one in counted]
    return maker.table(
        _most_said(maker.phrases, asked[0][0], first),
        maker.phrases.say("In procenten van wie antwoord gaf: {bases}", bases=maker.phrases.names(bases)),
        (
            Column(label=maker.phrases.say("Antwoord"), width=70, style=""),
            *(Column(label=f"{each.name} %", width=26) for each, _ in asked),
        ),
        lines,
        unweighted(
            maker, f"{asked_as(maker.phrases, first[0].question)} {wording.sentence(first[0].part)}", cells
        ),
    )


def _most_said(phrases: Phrases, companion: Companion, counted: Sequence[Count]) -> str:
    shown = [(each.cell.value, each.answer) for each in counted if not isinstance(each.cell, Suppressed)]
    if not shown:
        return f"{wording.capital(companion.name)}: {phrases.say(plots.TOO_FEW)}"
    value, answer = max(shown)
    return phrases.say(
        "{share}% van de {who} zegt: {answer}",
        share=plots.percent(100 * value),
        who=companion.name,
        answer=wording.quoted(answer),
    )


def answers(maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]) -> Figure:
    """All that was counted of one question: statements by answers, or answers below each other."""
    if isinstance(question, Battery):
        return _battery(maker, companion, question, counted)
    return _single(maker, companion, question, counted)


def _single(maker: Maker, companion: Companion, question: ClosedQuestion, counted: Sequence[Count]) -> Figure:
    shares = [each for each in counted if each.answer != MEAN]
    lines = [
        Line(label=plots.wrapped(each.answer, 70), cells=(seen(maker.phrases, each.cell, "proportion"),))
        for each in shares
    ]
    mean = next((each.cell for each in counted if each.answer == MEAN), None)
    if mean is not None:
        lines.append(
            Line(
                label=(maker.phrases.say("Gemiddelde"),),
                cells=(seen(maker.phrases, mean, "mean"),),
                style="total",
            )
        )
    base = wording.base(maker.phrases, shares[0].cell)
    return maker.table(
        question.short.source,
        maker.phrases.say("In procenten van wie antwoord gaf, n = {base}", base=base),
        (Column(label=maker.phrases.say("Antwoord"), width=90, style=""), Column(label="%", width=14)),
        lines,
        _note(maker, companion, question, [each.cell for each in counted]),
    )


def _battery(maker: Maker, companion: Companion, question: Battery, counted: Sequence[Count]) -> Figure:
    """A row for each statement. Ten grades do not fit beside each other: their classes do."""
    items = [tuple(mine) for _, mine in groupby(counted, key=lambda each: each.variable)]
    shown = [place for place, each in enumerate(items[0]) if _has_column(items[0], each)]
    lines = [
        Line(
            label=plots.wrapped(mine[0].part.rstrip("."), int(66 * CHARACTERS)),
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
    small = "" if whole else few(maker.phrases, cells)
    return maker.phrases.say(
        "{question} Basis: {name}, geteld, niet gewogen.{limits} {small}{source}",
        question=asked_as(maker.phrases, question),
        name=companion.name,
        limits=limits,
        small=small,
        source=maker.source,
    )
