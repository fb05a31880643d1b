"""The known truth: one row per inhabitant, with the answer that each would give, named as in an export."""

import csv
import gzip
from pathlib import Path

import numpy as np

from survey.questionnaires import routing
from survey.questionnaires.model import Questionnaire
from survey.simulate.city import City


def write_truth(city: City, questionnaire: Questionnaire, path: Path) -> None:
    """Write the city to a gzipped CSV file: `area` and a column per answer. What people wrote is left out."""
    names = np.array(city.persons.area_names)
    places = {step.variable for step in routing.steps(questionnaire) if step.kind == "neighbourhood"}
    columns: dict[str, list[object]] = {"area": names[city.persons.traits["area"].places].tolist()}
    for column, codes in city.answers.items():
        if column in places:
            columns[column] = np.where(codes < 0, codes.astype(str), names[np.maximum(codes, 0)]).tolist()
        elif not column.endswith("_text"):
            columns[column] = codes.tolist()
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))
