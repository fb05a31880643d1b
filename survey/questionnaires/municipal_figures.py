"""The figures of a municipality that only the analysis reads: population.csv and comparison.csv.

They do not keep a survey from being held, so reading a questionnaire leaves them alone; a check says what is
wrong with them while there is still time. Both files may be absent.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from survey.questionnaires.municipality import FOLDER, Rows, parse_municipality, read_rows
from survey.questionnaires.problems import Findings, Problem

COUNTRY = "NL"
"""What a published figure of the whole country has as its area."""

MOST_PEOPLE = 1_000_000_000

_POPULATION_COLUMNS = (
    "margin", "area", "category", "count", "status", "reference_date", "source", "method",
)  # fmt: skip
_COMPARISON_COLUMNS = (
    "key", "theme", "indicator", "area", "area_name", "year", "value", "unit", "source", "source_kind",
    "comparable", "remark",
)  # fmt: skip

Row = Mapping[str, str]
Fault = tuple[str, str]
"""A code and what to say."""


class Figures(NamedTuple):
    """The keys of the published figures, None without a file of them that can be read; and all problems."""

    published: frozenset[str] | None
    problems: tuple[Problem, ...]


def read_figures(files: Mapping[str, bytes]) -> Figures:
    """The figures among the files of a questionnaire."""
    population, comparison = (Findings(f"{FOLDER}{name}.csv") for name in ("population", "comparison"))
    municipality, _ = parse_municipality(files)
    places = None if municipality is None else {municipality.code, *(a.code for a in municipality.areas)}
    published = None
    if population.file in files:
        rows = read_rows(files, population, _POPULATION_COLUMNS)
        _check(rows, ("margin", "area", "category"), lambda row: _population_faults(row, places), population)
        _advise_estimates(rows, population)
    if comparison.file in files:
        known = None if places is None else {*places, COUNTRY, ""}
        rows = read_rows(files, comparison, _COMPARISON_COLUMNS)
        same = ("key", "indicator", "area", "area_name", "year", "source")
        _check(rows, same, lambda row: _comparison_faults(row, known), comparison)
        published = frozenset(row["key"] for _, row in rows) or None
    return Figures(published, (*population, *comparison))


def _check(
    rows: Rows, same: tuple[str, ...], faults: Callable[[Row], Iterator[Fault]], findings: Findings
) -> None:
    """Report the faults of every row, and rows that are the `same` in these columns as an earlier one."""
    seen: dict[tuple[str, ...], str] = {}
    for place, row in rows:
        for code, message in faults(row):
            findings.error(code, place, message)
        cells = tuple(row[name] for name in same)
        if seen.setdefault(cells, place) != place:
            what = ", ".join(filter(None, cells))
            findings.error("WP304", place, f"{what} stands on {seen[cells]} too. Remove one.")


def _population_faults(row: Row, places: set[str] | None) -> Iterator[Fault]:
    yield from _empty(row, ("margin", "area", "category", "reference_date", "source"))
    if row["area"]:
        yield from _unknown_area(row, places)
    if not (_is_number(row["count"]) and 0 <= float(row["count"]) <= MOST_PEOPLE):
        yield "WP314", f"`count` is `{row['count']}`. Write how many people there are, in digits: 1250."
    yield from _not_one_of(row, "status", ("official", "estimate"))


def _comparison_faults(row: Row, places: set[str] | None) -> Iterator[Fault]:
    yield from _empty(row, ("key", "indicator", "area_name", "unit", "source"))
    yield from _unknown_area(row, places)
    if not _is_number(row["value"]):
        yield "WP314", f"`value` is `{row['value']}`. Write a number with a point: 7.5."
    yield from _not_one_of(row, "source_kind", ("primary", "secondary"))
    yield from _not_one_of(row, "comparable", ("yes", "limited", "no", ""))


def _advise_estimates(rows: Rows, findings: Findings) -> None:
    for place, row in rows:
        if row["status"] == "estimate" and not row["method"]:
            findings.advise("WP316", place, "Say in `method` how this was estimated: the report prints it.")


def _empty(row: Row, names: tuple[str, ...]) -> Iterator[Fault]:
    empty = [f"`{name}`" for name in names if not row[name]]
    if empty:
        yield "WP303", f"Fill in {', '.join(empty)}."


def _unknown_area(row: Row, places: set[str] | None) -> Iterator[Fault]:
    if places is not None and row["area"] not in places:
        yield (
            "WP307",
            f"Area `{row['area']}` does not stand in areas.csv and is not the code of the municipality.",
        )


def _not_one_of(row: Row, name: str, allowed: tuple[str, ...]) -> Iterator[Fault]:
    if row[name] not in allowed:
        words = " or ".join(word or "nothing" for word in allowed)
        yield "WP315", f"`{name}` is `{row[name]}`. Write {words}."


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None
