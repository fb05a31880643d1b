"""The files of a municipality (areas, neighbourhoods, postcodes, social map) to a Municipality."""

import csv
import io
from collections.abc import Iterator, Mapping

from survey.questionnaires.decoding import decode, decode_text, decode_toml, is_date
from survey.questionnaires.model import Area, Municipality, Neighbourhood, SocialMapEntry, Text
from survey.questionnaires.problems import Findings, Problem
from survey.questionnaires.shapes import WrittenMunicipality

FOLDER = "municipality/"
"""Where the municipality's files stand among the files of a questionnaire."""

Rows = list[tuple[str, dict[str, str]]]
"""Rows of a CSV file, each with its place (`line 12`)."""

_AREA_COLUMNS = ("neighbourhood", "neighbourhood_name", "area", "area_name")
_POSTCODE_COLUMNS = ("postcode", "area")
_SOCIAL_MAP_COLUMNS = (
    "area", "need", "name", "place", "address", "opening_hours", "contact", "checked_on", "example",
)  # fmt: skip


def parse_municipality(files: Mapping[str, bytes]) -> tuple[Municipality | None, tuple[Problem, ...]]:
    """The municipality, or None, and every problem in its files; social_map.csv may be absent."""
    settings = Findings(f"{FOLDER}municipality.toml")
    places = Findings(f"{FOLDER}areas.csv")
    postcodes = Findings(f"{FOLDER}postcodes.csv")
    social_map = Findings(f"{FOLDER}social_map.csv")
    written = _settings(files, settings)
    areas, neighbourhoods = _areas(read_rows(files, places, _AREA_COLUMNS), places)
    if not areas and not list(places):
        places.error("WP312", "", "There are no neighbourhoods in this file. Add them.")
    known = None if list(places) else {area.code for area in areas}
    touched = _postcodes(read_rows(files, postcodes, _POSTCODE_COLUMNS), known, postcodes)
    if not list(places) and not list(postcodes):
        _every_area_has_a_postcode(touched, areas, postcodes)
    entries: tuple[SocialMapEntry, ...] = ()
    if social_map.file in files and written is not None:
        rows = read_rows(files, social_map, _SOCIAL_MAP_COLUMNS)
        entries = tuple(_entries(rows, known, written.needs, social_map))
    problems = (*settings, *places, *postcodes, *social_map)
    if written is None or any(problem.severity == "error" for problem in problems):
        return None, problems
    municipality = Municipality(
        key=written.key,
        code=written.code,
        name=written.name,
        attribution=written.attribution,
        areas=areas,
        neighbourhoods=neighbourhoods,
        postcodes=touched,
        needs=tuple(Text(key=f"need.{n}", source=need) for n, need in enumerate(written.needs, 1)),
        social_map=entries,
    )
    return municipality, problems


def _settings(files: Mapping[str, bytes], findings: Findings) -> WrittenMunicipality | None:
    data = files.get(findings.file)
    if data is None:
        _missing(findings)
        return None
    table = decode_toml(data, findings)
    written = None if table is None else decode(WrittenMunicipality, table, "", findings)
    if written is not None and len(set(written.needs)) < len(written.needs):
        findings.error("WP313", "needs", "The same need stands here twice. Keep one.")
    return written


def _missing(findings: Findings) -> None:
    findings.error("WP001", "", "This file is missing. Add it to the folder of the municipality.")


def read_rows(files: Mapping[str, bytes], findings: Findings, columns: tuple[str, ...]) -> Rows:
    """The rows of the CSV file that the findings are about, cells stripped; faults are reported."""
    data = files.get(findings.file)
    if data is None:
        _missing(findings)
        return []
    text = decode_text(data, findings)
    return [] if text is None else list(_table(text, findings, columns))


def _table(text: str, findings: Findings, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if sorted(header) != sorted(columns):
            expected = ",".join(columns)
            findings.error(
                "WP301",
                "line 1",
                f"The first line must be `{expected}`, with commas; it is `{','.join(header)}`.",
            )
            return
        for cells in reader:
            place = f"line {reader.line_num}"
            if len(cells) == len(header):
                yield place, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            elif cells:
                findings.error("WP302", place, f"{len(header)} cells are expected; there are {len(cells)}.")
    except csv.Error as error:
        findings.error("WP302", f"line {reader.line_num}", f"This line cannot be read as CSV: {error}.")


def _areas(rows: Rows, findings: Findings) -> tuple[tuple[Area, ...], tuple[Neighbourhood, ...]]:
    areas: dict[str, Area] = {}
    neighbourhoods: dict[str, Neighbourhood] = {}
    for place, row in rows:
        code, name = row["neighbourhood"], row["neighbourhood_name"]
        area = Area(code=row["area"], name=row["area_name"])
        if not all(row.values()):
            findings.error("WP303", place, "A cell is empty. Fill in every code and name.")
        elif code in neighbourhoods:
            findings.error("WP304", place, f"Neighbourhood {code} stands here a second time. Remove one.")
        elif areas.setdefault(area.code, area) != area:
            findings.error("WP305", place, f"Area {area.code} has another name on an earlier line.")
        else:
            neighbourhoods[code] = Neighbourhood(code=code, name=name, area=area.code)
    return tuple(areas.values()), tuple(neighbourhoods.values())


def _postcodes(rows: Rows, known: set[str] | None, findings: Findings) -> dict[str, tuple[str, ...]]:
    """The areas that each postcode touches. `known` is None when areas.csv has problems of its own."""
    touched: dict[str, tuple[str, ...]] = {}
    for place, row in rows:
        digits, area = row["postcode"], row["area"]
        if not (digits.isascii() and digits.isdigit()):
            findings.error("WP306", place, f"`{digits}` is not a postcode. Give its digits only.")
        elif known is not None and area not in known:
            findings.error("WP307", place, f"Area `{area}` does not stand in areas.csv.")
        elif area in touched.get(digits, ()):
            findings.error("WP304", place, f"Postcode {digits} with area {area} stands here a second time.")
        else:
            touched[digits] = (*touched.get(digits, ()), area)
    return touched


def _every_area_has_a_postcode(
    touched: dict[str, tuple[str, ...]], areas: tuple[Area, ...], findings: Findings
) -> None:
    reached = {code for codes in touched.values() for code in codes}
    for area in areas:
        if area.code not in reached:
            findings.error(
                "WP308", "", f"No postcode leads to area {area.code} ({area.name}). Add the postcodes there."
            )


def _entries(
    rows: Rows, known: set[str] | None, needs: tuple[str, ...], findings: Findings
) -> Iterator[SocialMapEntry]:
    for place, row in rows:
        faults = list(_entry_faults(row, known, needs))
        for code, message in faults:
            findings.error(code, place, message)
        if not faults:
            yield SocialMapEntry(
                area=row["area"],
                need=row["need"],
                name=row["name"],
                place=row["place"],
                address=row["address"],
                opening_hours=row["opening_hours"],
                contact=row["contact"],
                checked_on=row["checked_on"],
                example=row["example"] == "yes",
            )


def _entry_faults(
    row: dict[str, str], known: set[str] | None, needs: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if row["area"] and known is not None and row["area"] not in known:
        yield "WP307", f"Area `{row['area']}` does not stand in areas.csv. Leave it empty for every area."
    if row["need"] not in needs:
        yield "WP309", f"Need `{row['need']}` is not one of the `needs` in municipality.toml."
    if not row["name"]:
        yield "WP303", "`name` is empty. Say what this entry is."
    unchecked_example = row["example"] == "yes" and not row["checked_on"]
    if not (is_date(row["checked_on"]) or unchecked_example):
        yield "WP310", f"`checked_on` is `{row['checked_on']}`. Write a date as 2026-11-23."
    if row["example"] not in {"yes", "no"}:
        yield "WP311", f"`example` is `{row['example']}`. Write yes or no."
