"""An export folder of a synthetic town, as `python -m survey export` lays it out."""

import csv
import gzip
import json
import shutil
from pathlib import Path

import numpy as np

from analysis.reporting.exports.dataset import Dataset
from survey.questionnaires.model import (
    NOT_SHOWN,
    Battery,
    MultipleChoice,
    OpenText,
    Place,
    Questionnaire,
)
from tests.analysis.town import DEFINITION


def write_export(folder: Path, responses: Dataset) -> None:
    """The folder with these responses; what they do not answer was not shown to them."""
    folder.mkdir()
    shutil.copytree(DEFINITION, folder / "questionnaire")
    municipality = responses.questionnaire.municipality.key
    shutil.copytree(
        DEFINITION.parents[1] / "municipalities" / municipality, folder / "municipalities" / municipality
    )
    write_responses(folder / "responses.csv", responses)
    about = {
        "format": 1,
        "survey": responses.questionnaire.key,
        "version": responses.questionnaire.version,
        "simulated": True,
        "program": "0.1.0",
        "week": "2026-W48",
        "responses": responses.size,
    }
    (folder / "export.json").write_text(json.dumps(about))
    account = {"issued": 400, "opened": 130, "used": 120, "I": 110, "P": 10, "R": 10, "U": 270}
    areas = {area.code: {"invited": account} for area in responses.questionnaire.municipality.areas}
    (folder / "fieldwork.json").write_text(json.dumps({"areas": areas, "withdrawn": 2}))


def write_truth(path: Path, everybody: Dataset) -> None:
    """The whole town, with only the columns that are known."""
    columns = {"area": everybody.texts["area"], **everybody.codes}
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def write_responses(path: Path, responses: Dataset) -> None:
    number = responses.size
    columns: dict[str, list[str]] = {
        "response": [f"r{n:05}" for n in range(number)],
        "version": [responses.questionnaire.version] * number,
        "language": ["nl"] * number,
        "week": ["2026-W48"] * number,
        **{name: column.tolist() for name, column in responses.texts.items()},
    }
    for name in columns_of(responses.questionnaire):
        known = responses.codes.get(name, np.full(number, NOT_SHOWN))
        columns.setdefault(name, [str(code) for code in known])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def columns_of(questionnaire: Questionnaire) -> list[str]:
    names = [f"consent_{purpose.key}" for purpose in questionnaire.purposes]
    for question in (question for block in questionnaire.blocks for question in block.questions):
        match question:
            case MultipleChoice():
                names += [f"{question.key}_{option.code}" for option in question.options]
            case Battery():
                names += [f"{question.key}_{item.key}" for item in question.items]
            case OpenText():
                names += [question.key, f"{question.key}_text"]
            case Place():
                names.append(question.key)
            case _:
                names.append(question.key)
    return names
