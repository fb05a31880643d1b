"""Another municipality needs only files: the invented town, weighted by a plan of its own."""

from pathlib import Path

import numpy as np
import pytest

from analysis.reporting.exports.dataset import POPULATION, Dataset, Export, Fieldwork, parse_population
from analysis.reporting.findings.indicators import estimate, values
from analysis.reporting.plans.plan import AnalysisPlan, parse
from analysis.reporting.weighting.weights import weigh
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import NOT_SHOWN, RATHER_NOT_SAY
from survey.questionnaires.parsing import parse as parse_questionnaire
from survey.questionnaires.problems import Findings

FOLDER = Path(__file__).parents[1] / "samples" / "brinkdorp"
NUMBER = 240


@pytest.fixture(scope="module")
def sample() -> Dataset:
    files = read_folder(FOLDER)
    questionnaire = parse_questionnaire(files)
    random = np.random.default_rng(9)
    area = random.choice([area.code for area in questionnaire.municipality.areas], NUMBER)
    rink = np.where(area == "BD02", random.integers(0, 2, NUMBER), NOT_SHOWN)
    codes = {
        "age": random.choice([2, 2, 3, 3, RATHER_NOT_SAY], NUMBER),
        "grade": random.integers(1, 11, NUMBER),
        "visits_1": random.integers(0, 2, NUMBER),
        "visits_2": rink,
        "visits_3": np.zeros(NUMBER),
    }
    return Dataset(
        export=Export(
            format=1,
            survey=questionnaire.key,
            version=questionnaire.version,
            simulated=True,
            program="0.1.0",
            week="2026-W48",
            responses=NUMBER,
        ),
        codes={name: column.astype(np.int32) for name, column in codes.items()},
        texts={"area": area, "sampled_area": area},
        questionnaire=questionnaire,
        fieldwork=Fieldwork(areas={}),
        population=parse_population(files[POPULATION], Findings(POPULATION)),
    )


@pytest.fixture(scope="module")
def plan(sample: Dataset) -> AnalysisPlan:
    return parse((FOLDER / "plan.toml").read_bytes(), sample.questionnaire, sample.population)


def test_its_answers_are_weighted_to_its_own_population(sample: Dataset, plan: AnalysisPlan) -> None:
    weighting = weigh(sample, plan.weighting)
    assert weighting.weights.sum() == pytest.approx(2000)
    old = [level for level in weighting.margins if level.margin == "area_age" and level.category == "65+"]
    young = [level for level in weighting.margins if level.margin == "area_age" and level.category == "18-64"]
    # Who kept silent about age keeps a share; the others stand as 1,400 to 600.
    ratio = sum(level.after for level in young) / sum(level.after for level in old)
    assert ratio == pytest.approx(1400 / 600, rel=0.05)


def test_an_option_that_an_area_does_not_have_leaves_its_people_in_the_base(
    sample: Dataset, plan: AnalysisPlan
) -> None:
    indicator = plan.indicators[1]
    answers = values(sample, indicator)
    assert not np.isnan(answers).any()
    expected = (sample.codes["visits_1"] == 1) | (sample.codes["visits_2"] == 1)
    np.testing.assert_array_equal(answers, expected)
    assert estimate(indicator.kind, answers, weigh(sample, plan.weighting).design).respondents == NUMBER
