"""The examples in docs/questionnaire-format.md work as they stand."""

import re
from pathlib import Path

from survey.questionnaires.folder import read_folder
from survey.questionnaires.lint import PICTOGRAMS
from survey.questionnaires.parsing import read

GUIDE = Path("docs/questionnaire-format.md")
FILES = (
    "questionnaire.toml",
    "municipality/municipality.toml",
    "municipality/areas.csv",
    "municipality/postcodes.csv",
    "municipality/social_map.csv",
    "en.po",
)


def examples() -> dict[str, bytes]:
    found = re.findall(r"```(?:toml|csv|po)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return {name: example.encode() for name, example in zip(FILES, found, strict=True)}


def test_the_sample_that_is_complete_is_that_of_the_guide() -> None:
    assert read_folder(Path("tests/samples/complete")) == examples()


def test_the_guide_names_every_pictogram() -> None:
    (listed,) = re.findall(
        r"^- \*\*pictogram\*\*:(.*?)\.\n-", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert set(re.findall(r"`([\w-]+)`", listed)) == PICTOGRAMS


def test_the_examples_of_the_guide_make_a_questionnaire_without_errors() -> None:
    reading = read(examples())
    assert [problem for problem in reading.problems if problem.severity == "error"] == []
    assert reading.questionnaire is not None
    assert reading.questionnaire.catalogues[0].sentences == {
        "grade.label": "How would you grade living in your neighbourhood?"
    }
