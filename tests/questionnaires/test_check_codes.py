"""Every check code has a sample that raises it, one that does not, and a line in the documentation."""

import re
from pathlib import Path

import pytest

from survey.questionnaires.folder import read_folder
from survey.questionnaires.lint import check

SAMPLES = Path("tests/samples")
DOCUMENTED = set(
    re.findall(r"^\| (WP\d{3}) \|", Path("docs/check-codes.md").read_text(encoding="utf-8"), re.MULTILINE)
)
IN_SOURCE = {
    code
    for module in Path("survey/questionnaires").glob("*.py")
    for code in re.findall(r'"(WP\d{3})"', module.read_text(encoding="utf-8"))
}
SAMPLED = sorted(folder.name for folder in SAMPLES.glob("WP*"))


def test_the_codes_in_the_source_the_documentation_and_the_samples_are_the_same() -> None:
    assert IN_SOURCE == DOCUMENTED == set(SAMPLED)


@pytest.mark.parametrize("code", SAMPLED)
def test_a_bad_sample_has_this_problem_and_no_other(code: str) -> None:
    problems = check(read_folder(SAMPLES / code / "bad"))
    assert {problem.code for problem in problems} == {code}, "\n".join(map(str, problems))


@pytest.mark.parametrize("code", SAMPLED)
def test_a_good_sample_has_no_problem_at_all(code: str) -> None:
    assert check(read_folder(SAMPLES / code / "good")) == ()
