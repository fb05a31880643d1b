"""Simulated answers to every question of the real questionnaire, without the web: as values or an export."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np

from analysis.reporting.exports.dataset import Dataset, Export, Fieldwork, PopulationCount
from survey.questionnaires import routing
from survey.questionnaires.model import NOT_SHOWN, RATHER_NOT_SAY, SKIPPED, Questionnaire
from survey.simulate.city import City
from survey.simulate.command import read_city
from survey.simulate.taking_part import Participant, draw_participants
from tests.analysis.exports import columns_of
from tests.analysis.town import DEFINITION


def responses(
    questionnaire: Questionnaire, city: City, people: np.ndarray, population: tuple[PopulationCount, ...]
) -> Dataset:
    """The complete responses of these invited people of the city."""
    number = len(people)
    names, places = city.persons.traits["area"]
    area = np.array(names)[places[people]]
    return Dataset(
        export=Export(
            format=1,
            survey=questionnaire.key,
            version=questionnaire.version,
            simulated=True,
            program="0.1.0",
            week="2026-W48",
            responses=number,
        ),
        codes={name: column[people].astype(np.int32) for name, column in city.answers.items()},
        texts={
            "area": area,
            "sampled_area": area,
            "channel": np.full(number, "invited"),
            "disposition": np.full(number, "complete"),
        },
        questionnaire=questionnaire,
        fieldwork=Fieldwork(areas={}),
        population=population,
    )


def write_simulated_export(
    folder: Path, *, invited: int, respondents: int, definition: Path = DEFINITION, seed: int = 5
) -> None:
    """`respondents` of `invited` people per area answer, a tenth through the open link."""
    questionnaire, simulation, city = read_city(definition, seed)
    codes = {
        area: [f"{area}-{n}" for n in range(min(invited, _half(city, place)))]
        for place, area in enumerate(city.persons.traits["area"].names)
    }
    participants = draw_participants(city.persons, simulation, codes, respondents, 0.1)
    folder.mkdir(parents=True)
    shutil.copytree(definition, folder / "questionnaire")
    name = questionnaire.municipality.key
    if not (definition / "municipalities").exists():
        shutil.copytree(definition.parents[1] / "municipalities" / name, folder / "municipalities" / name)
    rows = _rows(questionnaire, city, participants)
    with (folder / "responses.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (folder / "fieldwork.json").write_text(json.dumps(_fieldwork(rows, codes)))
    about = {
        "format": 1,
        "survey": questionnaire.key,
        "version": questionnaire.version,
        "simulated": True,
        "program": "0.1.0",
        "week": "2026-W48",
        "responses": len(rows),
    }
    (folder / "export.json").write_text(json.dumps(about))


def _half(city: City, place: int) -> int:
    return int((city.persons.traits["area"].places == place).sum()) // 2


def _rows(
    questionnaire: Questionnaire, city: City, participants: tuple[Participant, ...]
) -> list[dict[str, str]]:
    names, places = city.persons.traits["area"]
    chance = np.random.default_rng(1)
    home = next(
        (step.variable for step in routing.steps(questionnaire) if step.kind == "neighbourhood"), None
    )
    known = {area.code for area in questionnaire.municipality.areas}
    rows = []
    for number, participant in enumerate(participants):
        person = participant.person
        # Employees live nowhere: their city is one place, the municipality.
        area = names[places[person]] if names[places[person]] in known else ""
        stopped = bool(chance.random() < 0.04)
        row = {
            "response": f"r{number:05}",
            "version": questionnaire.version,
            "language": "nl",
            "mode": "1",
            "channel": "open" if participant.code is None else "invited",
            "sampled_area": "" if participant.code is None else area,
            "area": area,
            "week": "2026-W48",
            "disposition": "partial" if stopped else "complete",
        }
        for column in columns_of(questionnaire):
            row.setdefault(column, _answer(city, column, person, chance))
        if home is not None:
            row[home] = area
        rows.append(row)
    return rows


def _answer(city: City, column: str, person: int, chance: np.random.Generator) -> str:
    if column.startswith("consent_"):
        return "1"
    if column.endswith("_text"):
        return ""
    known = city.answers.get(column)
    code = NOT_SHOWN if known is None else int(known[person])
    if code >= 0 and chance.random() < 0.01 and "_" not in column:
        code = SKIPPED if chance.random() < 0.5 else RATHER_NOT_SAY
    return str(code)


def _fieldwork(rows: list[dict[str, str]], codes: dict[str, list[str]]) -> dict[str, object]:
    areas = {}
    for area, letters in codes.items():
        here = [row for row in rows if row["area"] == area]
        areas[area] = {"invited": {}, "open": {}}
        for channel in ("invited", "open"):
            found = [row["disposition"] for row in here if row["channel"] == channel]
            areas[area][channel] = {"I": found.count("complete"), "P": found.count("partial"), "R": 0}
        used = sum(areas[area]["invited"].values())
        areas[area]["invited"] |= {"issued": len(letters), "opened": used, "used": used, "NC": 0, "O": 0}
        areas[area]["invited"]["U"] = len(letters) - used
    return {"areas": areas, "withdrawn": 3}
