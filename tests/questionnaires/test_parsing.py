import json
import shutil
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from survey.__main__ import main
from survey.questionnaires.folder import DEFINITIONS, find_folder, read_folder
from survey.questionnaires.lint import check, coverage, uncovered
from survey.questionnaires.meaning import ADDRESSES
from survey.questionnaires.parsing import parse, read, version_of
from survey.questionnaires.problems import QuestionnaireError
from survey.questionnaires.routing import walk

SAMPLES = Path("tests/samples")
COMPLETE = read_folder(SAMPLES / "complete")


def changed(old: str, new: str, file: str = "questionnaire.toml") -> dict[str, bytes]:
    assert old.encode() in COMPLETE[file]
    return {**COMPLETE, file: COMPLETE[file].replace(old.encode(), new.encode())}


def errors(files: dict[str, bytes]) -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in read(files).problems if problem.severity == "error"]


def test_faults_of_every_stage_are_reported_together() -> None:
    files = changed("minimum = 1\n", 'minimum = "one"\ncolour = "red"\n')
    toml = files["questionnaire.toml"].replace(
        b'variable = "used", codes = [1, 2, 3]', b'variable = "used", codes = [4]'
    )
    areas = b"municipality/areas.csv"
    files |= {"questionnaire.toml": toml, areas.decode(): COMPLETE[areas.decode()].replace(b"Plaszicht", b"")}
    assert errors(files) == [
        ("WP101", "blocks[1].questions[1].colour"),
        ("WP104", "blocks[1].questions[1].minimum"),
        ("WP214", "blocks[1].questions[4].when.codes"),
        ("WP303", "line 4"),
    ]


def test_a_question_of_the_wrong_shape_does_not_make_references_to_it_wrong() -> None:
    files = changed('label = "Waaraan deed u mee in de laatste 12 maanden?"', "label = 12")
    assert errors(files) == [("WP104", "blocks[1].questions[3].label")]


def test_a_problem_names_the_question_beside_its_place() -> None:
    (problem,) = (
        p for p in read(changed("minimum = 1\n", "minimum = 11\n")).problems if p.severity == "error"
    )
    assert problem.question == "grade"
    assert str(problem).startswith("questionnaire.toml: blocks[1].questions[1].maximum (grade): WP231: ")


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("minimum = 1\nminimum = 2\n", 95),
        ("minimum == 1\n", 94),
        ("minimum = 1 maximum = 2\n", 94),
        ('minimum = "1\n', 94),
    ],
)
def test_broken_toml_is_reported_with_its_line(broken: str, line: int) -> None:
    lines = COMPLETE["questionnaire.toml"].decode().splitlines()
    start = lines.index("minimum = 1") + 1
    ((code, place),) = errors(changed("minimum = 1\n", broken))
    assert (code, place) == ("WP003", f"line {start + line - 94}")


@pytest.mark.parametrize(
    ("broken", "meaning"),
    [
        ('minimum = "1\n', "a text is not closed"),
        ("minimum = één\n", "a text between straight quotation marks"),
        ("minimum = “1”\n", "a text between straight quotation marks"),
        ("minimum 1\n", "an equals sign is missing"),
        ("minimum = 1 maximum = 2\n", "Begin a new line"),
        ("minimum = 1\nminimum = 2\n", "the same key"),
        ("minimum = [1\n", "a list is not closed"),
        ('hint = "C:\\x"\n', "a backslash"),
        ("[reasons]\n", "the same table"),
        ("when = { areas = [] areas = [] }\n", "braces are not closed"),
    ],
)
def test_a_fault_in_toml_is_said_in_words_of_every_day(broken: str, meaning: str) -> None:
    (problem,) = read(changed("minimum = 1\n", broken)).problems
    assert meaning in problem.message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('sensitivity = "bijzonder"', "Write one of: none, personal, special."),
        ("sensitivity = 1", "Write one of: none, personal, special."),
        ("number = 3.0", "Expected text, got a number with decimals."),
    ],
)
def test_a_value_that_cannot_be_is_answered_with_what_can(value: str, message: str) -> None:
    field = value.split(" ", maxsplit=1)[0]
    old = 'number = "3"' if field == "number" else 'sensitivity = "special"'
    assert [p.message for p in read(changed(old, value)).problems if p.severity == "error"] == [message]


@pytest.mark.parametrize("key", sorted(ADDRESSES))
def test_a_survey_whose_key_is_an_address_of_the_program_is_refused(key: str) -> None:
    own = COMPLETE["questionnaire.toml"].decode().splitlines()[0]
    assert errors(changed(own, f'key = "{key}"')) == [("WP204", "key")]


def test_what_spss_cannot_name_is_refused() -> None:
    assert errors(changed('key = "home"', 'key = "by"')) == [("WP204", "blocks[1].questions[0].key")]


@pytest.mark.parametrize("depth", [3, 100, 200, 300, 2000])
def test_a_deeply_nested_condition_works_or_is_refused_with_a_message(depth: int) -> None:
    deep = "{ not = " * depth + '{ variable = "used", codes = [1] }' + " }" * depth
    files = changed('{ variable = "used", codes = [1, 2, 3] }', deep)
    codes = [code for code, _ in errors(files)]
    assert codes in ([["WP003"]] if depth == 2000 else [[], ["WP003"]])
    if not codes:
        walk(parse(files), {"used": (1,)}, purposes=frozenset(), area=None)


def test_parse_raises_all_errors_and_no_advice() -> None:
    with pytest.raises(QuestionnaireError) as caught:
        parse(changed("minimum = 1\n", "minimum = 11\n"))
    assert [problem.code for problem in caught.value.problems] == ["WP231"]
    assert "WP231" in str(caught.value)


def test_the_version_follows_what_residents_see_and_nothing_else() -> None:
    version = version_of(COMPLETE)
    assert parse(COMPLETE).version == version
    assert len(version) == 16
    assert version_of(dict(reversed(COMPLETE.items()))) == version
    assert version_of({**COMPLETE, "municipality/population.csv": b"x", "README.md": b"x"}) == version
    for name in ("questionnaire.toml", "en.po", "municipality/areas.csv", "municipality/social_map.csv"):
        assert version_of({**COMPLETE, name: COMPLETE[name] + b"\n"}) != version


def test_dates_may_be_written_as_toml_dates() -> None:
    assert parse(changed('closes = "2027-05-01"', "closes = 2027-05-01")).fieldwork.closes == "2027-05-01"


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    files = {name: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n") for name, data in COMPLETE.items()}
    assert errors(files) == []
    assert parse(files).title.source == "Vragen over uw buurt"


SCRAPS = [
    "",
    "[",
    "]]",
    "{",
    "}",
    "=",
    '"',
    "'''",
    "\n",
    "x = 1",
    "when = {}",
    "codes = [",
    "true",
    "-9",
    "é",
    "\x00",
    "{area}",
    ",",
]


@given(random=st.randoms(use_true_random=True))
def test_files_damaged_anywhere_are_read_or_refused_never_a_crash(random: Random) -> None:
    files = dict(COMPLETE)
    for _ in range(random.randint(1, 3)):
        name = random.choice(sorted(files))
        data = files[name]
        start = random.randrange(len(data) + 1)
        end = min(len(data), start + random.choice((0, 1, 3, 40)))
        files[name] = data[:start] + random.choice(SCRAPS).encode() + data[end:]
    reading = read(files)
    assert (reading.questionnaire is None) == any(p.severity == "error" for p in reading.problems)
    assert set(reading.problems) <= set(check(files))


@given(random=st.randoms(use_true_random=True))
def test_any_value_in_place_of_another_is_read_or_refused_never_a_crash(random: Random) -> None:
    values = [
        "1",
        "-1",
        '""',
        '"x"',
        "true",
        "1.5",
        "nan",
        "[]",
        "[1]",
        '["x"]',
        "{}",
        "{ key = 1 }",
        "[{}]",
        "2027-05-01",
    ]
    lines = COMPLETE["questionnaire.toml"].decode().splitlines()
    assignments = [n for n, line in enumerate(lines) if " = " in line and not line.startswith((" ", "#"))]
    for number in random.sample(assignments, 3):
        lines[number] = f"{lines[number].partition(' = ')[0]} = {random.choice(values)}"
    reading = read({**COMPLETE, "questionnaire.toml": "\n".join(lines).encode()})
    assert (reading.questionnaire is None) == any(p.severity == "error" for p in reading.problems)


def test_a_folder_finds_its_municipality_in_any_folder_above(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "municipalities", tmp_path / "municipalities")
    shutil.copytree(SAMPLES / "complete", tmp_path / "a" / "b" / "complete")
    assert read_folder(tmp_path / "a" / "b" / "complete") == COMPLETE


def test_a_questionnaire_is_named_by_its_folder_its_file_or_its_key(tmp_path: Path) -> None:
    (tmp_path / "questionnaire.toml").write_bytes(COMPLETE["questionnaire.toml"])
    assert find_folder(str(tmp_path)) == find_folder(str(tmp_path / "questionnaire.toml")) == tmp_path
    key = min(folder.name for folder in DEFINITIONS.iterdir())
    assert find_folder(key) == DEFINITIONS / key
    assert run_check(key) == run_check(str(DEFINITIONS / key))


@pytest.mark.parametrize("name", ["../../etc", "/etc", "..", "a/b"])
def test_the_name_of_a_municipality_is_no_path(tmp_path: Path, name: str) -> None:
    definition = COMPLETE["questionnaire.toml"].replace(
        b'municipality = "oord"', f'municipality = "{name}"'.encode()
    )
    (tmp_path / "questionnaire.toml").write_bytes(definition)
    assert set(read_folder(tmp_path)) == {"questionnaire.toml"}


def run_check(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_check_ends_with_0_without_problems_1_with_advice_2_with_errors() -> None:
    assert run_check(str(SAMPLES / "WP201" / "good")) == (
        0,
        "Nothing to say: this questionnaire is in order.\n",
    )
    code, output = run_check(str(SAMPLES / "WP501" / "bad"))
    assert code == 1
    assert "WP501 (advice)" in output
    code, output = run_check(str(SAMPLES / "WP201" / "bad"))
    assert code == 2
    assert output.endswith("1 error, 0 pieces of advice.\n")


def test_a_path_that_is_no_questionnaire_says_why_and_what_to_give(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("1. Hoe gaat het?")
    for path, reason in (
        (tmp_path / "elsewhere", "it does not exist"),
        (tmp_path, "there is no questionnaire.toml here"),
        (tmp_path / "list.txt", "it is a file"),
    ):
        code, output = run_check(str(path))
        assert code == 2
        assert f"{path}: WP001: This is not the folder of a questionnaire: {reason}. Give" in output


def test_a_definition_nested_without_end_is_one_message_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "questionnaire.toml").write_text("when = " + "{ not = " * 3000 + "1" + " }" * 3000)
    code, output = run_check(str(tmp_path))
    assert code == 2
    assert "WP003" in output


def test_check_prints_a_lot_of_the_same_advice_in_short_and_all_of_it_as_json() -> None:
    code, output = run_check(str(SAMPLES / "complete"))
    assert code == 1
    assert output.count("WP411") == 11
    code, output = run_check(str(SAMPLES / "complete"), "--json")
    found = json.loads(output)
    assert code == 1
    assert sum(problem["code"] == "WP411" for problem in found) == 60
    assert set(found[0]) == {"file", "place", "question", "code", "severity", "message"}


def test_a_label_is_as_long_as_in_an_export_with_its_statement_or_option() -> None:
    long = "Waaraan deed u mee " + "a" * 213
    files = changed('label = "Waaraan deed u mee in de laatste 12 maanden?"', f'label = "{long}"')
    cut = [problem.place for problem in check(files) if problem.code == "WP517"]
    assert cut == ["blocks[1].questions[3].options[2].label"]


def test_coverage_tells_per_principle_which_questions_serve_it() -> None:
    questionnaire = parse(COMPLETE)
    assert coverage(questionnaire) == {
        "P1": ("home", "grade", "lake"), "P2": ("used",), "P3": ("people", "health"), "P9": ("helped",)
    }  # fmt: skip
    assert uncovered(questionnaire) == ()
    without = changed('principles = ["P2"]', 'principles = ["P1"]')
    assert uncovered(parse(without)) == ("P2",)
