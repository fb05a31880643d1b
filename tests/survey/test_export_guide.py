"""docs/export.md is true: it names what an export has, and its examples in Python run as they stand."""

import contextlib
import csv
import io
import re
from pathlib import Path

import msgspec
import pytest

from survey.export.folder import write_export
from survey.export.rows import columns
from survey.participation import Response
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import MISSING_CODES
from survey.questionnaires.parsing import parse
from survey.store import Archive, LedgerCount, StoredResponse

GUIDE = Path("docs/export.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
FILES = read_folder(find_folder("leiden-eindevaluatie"))
LEIDEN = parse(FILES)
ANSWERS = (
    {"q1": "WK054600", "q2": 6, "q7": (4,), "q23a": 1},
    {"q1": "WK054600", "q2": 9, "q7": (99,), "q23a": 4},
    {"q1": "WK054601", "q2": -8, "q7": -9, "q23a": -5},
)
WEIGHTS = (1, 3, 5)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an export of Leiden and the weights of its responses, where the examples run."""
    responses = [
        Response(
            survey=LEIDEN.key,
            version=LEIDEN.version,
            language="nl",
            channel="invited",
            sampled_area="WK054600",
            week="2026-W48",
            purposes=frozenset({"taking_part"}),
            answers=dict(answers),
            receipt_hash=b"r" * 32,
        )
        for answers in ANSWERS
    ]
    archive = Archive(
        version=LEIDEN.version,
        simulated=True,
        versions={LEIDEN.version: FILES},
        responses=[StoredResponse(id=f"{number:020x}", response=one) for number, one in enumerate(responses)],
        ledger=[LedgerCount(area="WK054600", round="1", state="used", count=len(responses))],
        withdrawals=[],
        waiting=0,
    )
    write_export(archive, LEIDEN.key, tmp_path / "export", week="2026-W48", replace=False)
    with (tmp_path / "weights.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["response", "base_weight", "weight"])
        table.writerows([f"{number:020x}", 1, weight] for number, weight in enumerate(WEIGHTS))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(example: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        exec(compile(example, "docs/export.md", "exec"), {})
    return shown.getvalue()


def names(text: str) -> set[str]:
    return set(re.findall(r"`([\w.]+)`", text))


def keys(value: object) -> set[str]:
    """The keys of an object of JSON, and of the objects in it."""
    if not isinstance(value, dict):
        return set()
    return set(value).union(*map(keys, value.values()))


@pytest.mark.usefixtures("folder")
def test_the_example_with_weights_gives_weighted_figures() -> None:
    shown = printed(EXAMPLES[0])
    assert f"Grade: {(6 * 1 + 9 * 3) / 4:.2f} from 2 residents" in shown
    assert re.search(r"WK054600\s+0\.25", shown)


@pytest.mark.usefixtures("folder")
def test_the_example_with_labels_shows_questions_and_answers_in_words() -> None:
    shown = printed(EXAMPLES[1])
    assert "Had u moeite om rond te komen?" in shown
    assert re.search(r"Ja, grote moeite\s+1", shown)
    assert "skipped" not in shown


def test_every_file_and_every_field_is_named(folder: Path) -> None:
    written = {path.name for path in (folder / "export").iterdir()}
    for name in written:
        assert f"`{name}`" in GUIDE or f"`{name}/`" in GUIDE, name
    about = msgspec.json.decode((folder / "export" / "export.json").read_bytes())
    account = msgspec.json.decode((folder / "export" / "fieldwork.json").read_bytes())
    about["languages"] = about["languages"]["nl"]
    account["areas"] = account["areas"]["WK054600"]
    account["rounds"] = account["rounds"]["1"]
    rates = {f"RR{number}" for number in range(1, 7)}
    assert (keys(about) | keys(account)) - rates <= names(GUIDE) | {"rates"}
    assert rates <= keys(account)


def test_every_column_about_a_response_and_every_code_is_named() -> None:
    named = names(GUIDE)
    about = [name for name in columns(LEIDEN) if not name.startswith(("q", "consent_"))]
    assert set(about) <= named
    for code in MISSING_CODES:
        assert f"| {code} |" in GUIDE
