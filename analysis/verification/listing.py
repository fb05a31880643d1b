"""What a reader sees of a verification: a table per group, the failed cases, and the same as JSON."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import msgspec

from analysis.verification.runs import Verdict

DIFFERENCES = 5
"""How many differences of a case are printed; all are in the JSON."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The cases of a group together; the deviation is the largest of all, also of those that failed."""

    group: str
    passed: int
    failed: int
    largest_deviation: float | None


def groups(verdicts: Sequence[Verdict]) -> tuple[Group, ...]:
    """The groups in the order of their names."""
    ordered = sorted(verdicts, key=lambda verdict: verdict.group)
    return tuple(
        _group(name, list(members)) for name, members in groupby(ordered, key=lambda verdict: verdict.group)
    )


def text(verdicts: Sequence[Verdict]) -> str:
    """The table, then every failed case with what was expected and what was found."""
    rows = [*groups(verdicts), _group("all", verdicts)]
    width = max(len(row.group) for row in rows)
    lines = [f"{'group':<{width}}  passed  failed  largest relative deviation"]
    lines += [
        f"{row.group:<{width}}  {row.passed:>6}  {row.failed:>6}  {_deviation(row.largest_deviation)}"
        for row in rows
    ]
    for verdict in verdicts:
        if not verdict.passed:
            lines += ["", f"{verdict.id} ({verdict.group}) failed", *_reasons(verdict)]
    return "\n".join(lines)


def document(verdicts: Sequence[Verdict]) -> bytes:
    """The groups and the verdicts, as JSON."""
    return msgspec.json.format(
        msgspec.json.encode({"groups": groups(verdicts), "cases": verdicts}, enc_hook=str), indent=2
    )


def _group(name: str, verdicts: Sequence[Verdict]) -> Group:
    passed = sum(verdict.passed for verdict in verdicts)
    known = [verdict.largest_deviation for verdict in verdicts if verdict.largest_deviation is not None]
    return Group(
        group=name,
        passed=passed,
        failed=len(verdicts) - passed,
        largest_deviation=max(known, default=None),
    )


def _reasons(verdict: Verdict) -> list[str]:
    if verdict.error is not None:
        return [f"  {verdict.error}"]
    shown = [
        f"  {each.place}: expected {_written(each.expected)}, found {_written(each.found)}"
        for each in verdict.differences[:DIFFERENCES]
    ]
    more = len(verdict.differences) - DIFFERENCES
    return [*shown, f"  and {more} more"] if more > 0 else shown


def _written(value: Any) -> str:
    return "not available" if value is None else repr(value)


def _deviation(value: float | None) -> str:
    return "none compared" if value is None else f"{value:.1e}"
