import shutil
from pathlib import Path

import polib
import pytest
from click.testing import CliRunner

from survey.__main__ import main
from survey.questionnaires.folder import read_folder
from survey.questionnaires.parsing import parse, read
from survey.questionnaires.translations import reachable_texts, translate

SAMPLES = Path("tests/samples")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A questionnaire of one's own to change, with its town."""
    shutil.copytree(SAMPLES / "municipalities", tmp_path / "municipalities")
    shutil.copytree(SAMPLES / "WP411" / "good", tmp_path / "proef")
    return tmp_path / "proef"


def update(folder: Path, language: str) -> str:
    result = CliRunner().invoke(main, ["translations", str(folder), language])
    assert result.exit_code == 0, result.output
    return result.output


def entries(folder: Path, language: str) -> dict[str, polib.POEntry]:
    return {entry.msgctxt: entry for entry in polib.pofile(str(folder / f"{language}.po"))}


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_catalogue_has_every_text_once_in_reading_order(folder: Path) -> None:
    assert "0 translated, 0 changed since, 11 not translated" in update(folder, "tr")
    questionnaire = parse(read_folder(folder))
    assert list(entries(folder, "tr")) == [text.key for text in reachable_texts(questionnaire)]
    assert [catalogue.state for catalogue in questionnaire.catalogues] == ["draft", "prepared"]


def test_a_prepared_language_is_not_offered_and_nothing_is_advised_about_what_it_lacks(folder: Path) -> None:
    update(folder, "tr")
    reading = read(read_folder(folder))
    assert reading.questionnaire is not None
    assert reading.problems == ()
    assert [catalogue.tag for catalogue in reading.questionnaire.offered] == ["en"]

    rewrite(folder / "tr.po", "X-State: prepared", "X-State: draft")
    reading = read(read_folder(folder))
    assert reading.questionnaire is not None
    assert {problem.code for problem in reading.problems} == {"WP411"}
    assert [catalogue.tag for catalogue in reading.questionnaire.offered] == ["en", "tr"]


def test_the_check_says_of_each_language_how_far_it_is_and_who_approved_it(folder: Path) -> None:
    update(folder, "tr")
    said = CliRunner().invoke(main, ["check", str(folder)]).output
    assert "en: 11 of 11 texts; draft, no native reader has approved it." in said
    assert "tr: 0 of 11 texts; prepared, not offered to residents until X-State says draft." in said
    rewrite(folder / "en.po", "X-State: draft\\n", "X-State: reviewed\\n")
    rewrite(
        folder / "en.po", "X-Reviewer: \\n", 'X-Reviewer: Tolkenpunt Oord\\n"\n"X-Reviewed-On: 2027-05-01\\n'
    )
    said = CliRunner().invoke(main, ["check", str(folder)]).output
    assert "en: 11 of 11 texts; reviewed by Tolkenpunt Oord on 2027-05-01." in said


@pytest.mark.parametrize("day", ["", "1 mei 2027", "2027-02-30"])
def test_a_review_without_a_day_is_refused(folder: Path, day: str) -> None:
    rewrite(folder / "en.po", "X-State: draft\\n", "X-State: reviewed\\n")
    rewrite(folder / "en.po", "X-Reviewer: \\n", f'X-Reviewer: Tolkenpunt Oord\\n"\n"X-Reviewed-On: {day}\\n')
    assert [problem.code for problem in read(read_folder(folder)).problems] == ["WP403"]


def test_updating_twice_changes_nothing_the_second_time(folder: Path) -> None:
    update(folder, "en")
    once = (folder / "en.po").read_bytes()
    update(folder, "en")
    assert (folder / "en.po").read_bytes() == once
    assert read(read_folder(folder)).problems == ()


def test_a_translation_of_a_changed_text_is_kept_fuzzy_and_not_shown_until_looked_at(folder: Path) -> None:
    rewrite(folder / "questionnaire.toml", "Welk cijfer geeft u uw buurt?", "Welk cijfer krijgt uw buurt?")
    assert "10 translated, 1 changed since" in update(folder, "en")
    entry = entries(folder, "en")["grade.label"]
    assert entry.fuzzy
    assert entry.msgstr == "How would you grade your neighbourhood?"
    assert entry.previous_msgid == "Welk cijfer geeft u uw buurt?"
    questionnaire = parse(read_folder(folder))
    label = questionnaire.blocks[0].questions[0].label
    assert translate(questionnaire, label, "en") == ("Welk cijfer krijgt uw buurt?", "nl")

    rewrite(folder / "en.po", "#, fuzzy\n", "")
    questionnaire = parse(read_folder(folder))
    assert translate(questionnaire, label, "en") == ("How would you grade your neighbourhood?", "en")


def test_a_translation_whose_text_is_gone_comes_back_with_the_text(folder: Path) -> None:
    reason = '[{ reason = "dont_know", label = "Weet ik niet" }]'
    rewrite(folder / "questionnaire.toml", reason, "[]")
    assert "1 no longer used" in update(folder, "en")
    assert entries(folder, "en")["grade.reason.dont_know"].obsolete
    rewrite(folder / "questionnaire.toml", "also = []", f"also = {reason}")
    assert "11 translated, 0 changed since, 0 not translated, 0 no longer used" in update(folder, "en")


def test_a_comment_of_the_translator_and_the_header_stay(folder: Path) -> None:
    rewrite(folder / "en.po", 'msgctxt "grade.short"', '# As in the survey of 2023.\nmsgctxt "grade.short"')
    rewrite(folder / "en.po", "X-State: draft\\n", "X-State: reviewed\\n")
    rewrite(
        folder / "en.po", "X-Reviewer: \\n", 'X-Reviewer: Tolkenpunt Oord\\n"\n"X-Reviewed-On: 2027-05-01\\n'
    )
    update(folder, "en")
    assert entries(folder, "en")["grade.short"].tcomment == "As in the survey of 2023."
    (catalogue,) = parse(read_folder(folder)).catalogues
    assert (catalogue.state, catalogue.reviewer) == ("reviewed", "Tolkenpunt Oord")


@pytest.mark.parametrize("language", ["../en", "English", "e", "", "nl-x-eenvoudig"])
def test_a_language_that_is_no_tag_is_refused_and_nothing_written(folder: Path, language: str) -> None:
    before = sorted(folder.parent.rglob("*"))
    result = CliRunner().invoke(main, ["translations", str(folder), language])
    assert result.exit_code == 1
    assert "is not a language tag" in result.output
    assert sorted(folder.parent.rglob("*")) == before


def test_a_register_of_the_source_language_has_a_catalogue_and_the_source_language_has_none(
    folder: Path,
) -> None:
    update(folder, "nl-x-simpel")
    result = CliRunner().invoke(main, ["translations", str(folder), "nl"])
    assert result.exit_code == 1
    assert "WP408: The questionnaire itself is in `nl`" in result.output
    assert not (folder / "nl.po").exists()


def test_a_broken_catalogue_is_left_as_it_is(folder: Path) -> None:
    rewrite(folder / "en.po", 'msgstr "Grade"', 'msgstr "Grade')
    broken = (folder / "en.po").read_bytes()
    result = CliRunner().invoke(main, ["translations", str(folder), "en"])
    assert result.exit_code == 1
    assert "WP401" in result.output
    assert (folder / "en.po").read_bytes() == broken


def test_a_folder_that_cannot_be_written_to_gives_one_message(folder: Path) -> None:
    (folder / "tr.po.new").mkdir()
    result = CliRunner().invoke(main, ["translations", str(folder), "tr"])
    assert result.exit_code == 1
    assert "Nothing was changed" in result.output
    assert not (folder / "tr.po").exists()
