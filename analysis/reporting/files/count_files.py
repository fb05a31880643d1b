"""Counted answers as files: CSV for a program, and a text to read."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from analysis.reporting.disclosure import Suppressed
from analysis.reporting.files.table_files import WHY, base_of, csv_text, figures
from analysis.reporting.findings.counts import MEAN, Count
from analysis.reporting.wording import Kind

COUNTS = "counts.csv"
READABLE = "counts.txt"

NOT_WEIGHTED = "not weighted, without margins of error: says nothing about who did not answer"

_COLUMNS = ("number", "variable", "question", "part", "answer", "kind", "value", "respondents", "note")


def files(counted: Sequence[Count], source: str) -> dict[str, str]:
    """The text of every file by its name; `source` says where the answers come from.

    Shares are rounded to whole percents and means to tenths, as in tables.
    """
    about = f"{source}; {NOT_WEIGHTED}"
    rows = [_row(each) for each in counted]
    return {
        COUNTS: csv_text(_COLUMNS, rows, about),
        READABLE: "\n".join([about, *_readable(counted, rows), ""]),
    }


def _row(each: Count) -> tuple[str, ...]:
    kind: Kind = "mean" if each.answer == MEAN else "proportion"
    cell = each.cell
    value = "" if isinstance(cell, Suppressed) else figures((cell.value,), kind)[0]
    return (
        each.question.provenance.number,
        each.variable,
        each.question.label.source,
        each.part,
        each.answer,
        kind,
        value,
        base_of(cell),
        WHY[cell.reason] if isinstance(cell, Suppressed) else "",
    )


def _readable(counted: Sequence[Count], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Question by question; of a battery statement by statement."""
    pairs = list(zip(counted, rows, strict=True))
    for _, answers in groupby(pairs, key=lambda pair: (pair[0].question.key, pair[0].part)):
        lines = [row for _, row in answers]
        number, _, question, part, *_ = lines[0]
        head = f"{number}. {question}{f' {part}' if part else ''}"
        yield from ("", head, "-" * len(head))
        for *_, answer, kind, value, respondents, note in lines:
            shown = value if kind == "mean" or not value else f"{float(value):.0%}"
            yield f"{shown or note}  {answer}  (n = {respondents or '-'})"
