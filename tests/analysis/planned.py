"""A small plan for the small town of `tests.analysis.town`, to which a test adds what it is about."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.__main__ import read_export, read_plan, weigh_invited
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.plans.plan import AnalysisPlan
from analysis.reporting.weighting.weights import Weighting

HEAD = """\
format = 1
survey = "leiden-eindevaluatie"
title = "Proef"

[[indicators]]
key = "grade"
label = "Cijfer voor wonen in de buurt"
variable = "q2"
kind = "mean"

[[indicators]]
key = "unmet"
label = "Miste hulp of contact"
variable = "q15"
kind = "proportion"
codes = [1]
"""

MARGINS = """
[[weighting.margins]]
population = "area_age"
variable = "q35"
categories = {"18-24" = [3], "25-44" = [4], "45-64" = [5], "65+" = [6, 7]}

[[weighting.margins]]
population = "sex"
variable = "q36"
categories = {man = [1], vrouw = [2]}
"""


def write_plan(path: Path, *, weighting: str = "", more: str = "") -> Path:
    """The plan, with these fields of `[weighting]` and these tables after it."""
    path.write_text("\n".join((HEAD, "[weighting]", weighting, MARGINS, more)), encoding="utf-8")
    return path


def weighted(
    folder: Path, path: Path, *, weighting: str = "", more: str = ""
) -> tuple[Dataset, AnalysisPlan, Weighting]:
    """The invited respondents of an export folder, weighted by the plan with these parts."""
    dataset = read_export(folder)
    plan = read_plan(write_plan(path, weighting=weighting, more=more), dataset)
    sample, found = weigh_invited(dataset, plan)
    return sample, plan, found


def responses(folder: Path) -> pd.DataFrame:
    """The invited responses of an export folder that count, read by pandas alone."""
    table = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    usable = (table["channel"] == "invited") & table["disposition"].isin(["complete", "partial"])
    return table[usable].reset_index(drop=True)


def population(folder: Path, margin: str) -> Mapping[tuple[str, str], float]:
    """The counts of a margin by area and category, read by pandas alone."""
    table = pd.read_csv(folder / "municipalities/leiden/population.csv")
    rows = table[table["margin"] == margin]
    return dict(
        zip(zip(rows["area"], rows["category"], strict=True), rows["count"].astype(float), strict=True)
    )
