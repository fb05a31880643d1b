"""Which sentences want a recording, and what a change does."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.__main__ import main
from survey.questionnaires.folder import AUDIO, read_folder
from survey.questionnaires.parsing import parse
from survey.questionnaires.recordings import account, recording_name

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Brinkdorp with a recording of every sentence that wants one."""
    copy = shutil.copytree(SAMPLES / "brinkdorp", tmp_path / "brinkdorp")
    (copy / AUDIO).mkdir()
    for name in account(parse(read_folder(copy)), ()).wanted:
        (copy / AUDIO / f"{name}.mp3").touch()
    return copy


def audio(folder: Path) -> tuple[int, list[str]]:
    result = CliRunner().invoke(main, ["audio", str(folder)])
    return result.exit_code, result.stdout.splitlines()


def test_when_every_sentence_has_a_recording_there_is_nothing_to_do(folder: Path) -> None:
    assert audio(folder) == (0, [])


def test_a_sentence_that_changes_is_missing_and_its_recording_is_stale(folder: Path) -> None:
    title = parse(read_folder(folder)).title.source
    definition = folder / "questionnaire.toml"
    definition.write_text(definition.read_text().replace(f'title = "{title}"', 'title = "Anders"', 1))
    code, lines = audio(folder)
    assert code == 1
    assert f"missing\t{recording_name('nl', 'Anders')}\tnl\tAnders" in lines
    assert f"stale\t{recording_name('nl', title)}.mp3" in lines


def test_every_language_wants_its_own_and_nothing_with_an_insert() -> None:
    wanted = account(parse(read_folder(SAMPLES / "brinkdorp")), ()).wanted
    assert {tag for tag, _ in wanted.values()} >= {"nl", "en"}
    assert not [sentence for _, sentence in wanted.values() if "{" in sentence]


def test_the_same_sentence_in_another_language_is_another_recording() -> None:
    assert recording_name("nl", "Water") != recording_name("en", "Water")
