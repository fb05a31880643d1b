"""Counting without weights, on the questionnaires that have no population to weigh to."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from scipy.optimize import linprog

from analysis.__main__ import main
from analysis.reporting.disclosure import SMALLEST_CELL
from analysis.reporting.exports.dataset import answer_codes
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import NOT_SHOWN
from survey.questionnaires.parsing import parse
from tests.analysis.exports import columns_of

SURVEYS = ("leiden-jongeren", "leiden-medewerkers", "leiden-partners")
TOLD = 120


def written(survey: str, folder: Path, people: int) -> Path:
    """An export in which everybody gives the first answer, and every third person the second one."""
    source = find_folder(survey)
    folder.mkdir(exist_ok=True)
    questionnaire = parse(read_folder(source))
    town = questionnaire.municipality.key
    shutil.copytree(source, folder / "questionnaire")
    shutil.copytree(source.parents[1] / "municipalities" / town, folder / "municipalities" / town)
    about = {
        "version": questionnaire.version,
        "language": "nl",
        "week": "2026-W48",
        "area": "",
        "sampled_area": "",
    }
    with (folder / "responses.csv").open("w", encoding="utf-8", newline="") as file:
        names = columns_of(questionnaire)
        known = {name: codes for name, codes in answer_codes(questionnaire).items() if name in names}
        columns = dict.fromkeys(["response", "channel", "disposition", "mode", *about, *names])
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for person in range(people):
            channel, enough = ("open", "invited")[person % 2], person < TOLD
            writer.writerow(
                {
                    "mode": str(NOT_SHOWN),
                    **{name: str(sorted(codes)[:2][-(person % 3 == 0)]) for name, codes in known.items()},
                    **about,
                    "response": f"r{person:04}",
                    "channel": channel,
                    "disposition": "complete" if enough else "break_off",
                }
            )
    (folder / "export.json").write_text(
        json.dumps(
            {
                "format": 1,
                "survey": survey,
                "version": questionnaire.version,
                "simulated": True,
                "program": "0.1.0",
                "week": "2026-W48",
                "responses": people,
            }
        )
    )
    (folder / "fieldwork.json").write_text(json.dumps({"areas": {}, "withdrawn": 0}))
    return folder


def answer(export: Path, of: Callable[[int], dict[str, str]]) -> None:
    """As if each person, by their place, had answered this."""
    with (export / "responses.csv").open(encoding="utf-8", newline="") as file:
        rows = [row | of(place) for place, row in enumerate(csv.DictReader(file))]
    with (export / "responses.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def with_volunteers(folder: Path, volunteers: int) -> Path:
    """Of 76 partners few are volunteers, who are asked one thing more, and few steer an organisation."""
    export = written("leiden-partners", folder, TOLD)
    roles = ["4"] * volunteers + ["1"] * (9 - volunteers) + ["2", "3"] * 34
    roles[76:] = ["-8"] * (TOLD - 76)
    answer(
        export,
        lambda place: {
            "k2": roles[place],
            **({} if roles[place] == "4" else {"k21c": str(NOT_SHOWN)}),
        },
    )
    return export


def counts_of(export: Path, out: Path) -> list[dict[str, str]]:
    """The rows that `counts` writes."""
    result = CliRunner().invoke(main, ["counts", str(export), str(out)])
    assert result.exit_code == 0, result.output
    with (out / "counts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("survey", SURVEYS)
def test_answers_are_counted_without_weights_and_every_row_says_so(survey: str, tmp_path: Path) -> None:
    export = written(survey, tmp_path, TOLD + 30)
    rows = counts_of(export, tmp_path / "out")
    assert len(rows) > 40
    assert all("simulated" in row["source"] and "not weighted" in row["source"] for row in rows)
    assert {row["respondents"] for row in rows} == {str(TOLD)}
    values = {row["value"] for row in rows if row["kind"] == "proportion"}
    assert {"0.67", "0.33", "0.00"} <= values
    text = (tmp_path / "out/counts.txt").read_text(encoding="utf-8")
    assert "67%" in text
    assert text.splitlines()[0] == rows[0]["source"]


def test_few_answers_are_not_told(tmp_path: Path) -> None:
    export = written("leiden-partners", tmp_path, 29)
    rows = counts_of(export, tmp_path / "out")
    assert {row["value"] for row in rows} == {""}
    # K21c was for volunteers, and that none of these is one is not told.
    assert {row["note"] for row in rows if row["variable"] != "k21c"} == {"too few answers"}
    assert "%" not in (tmp_path / "out/counts.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("others", "told"), [(2, ""), (20, "100")])
def test_a_number_of_answers_does_not_tell_of_the_few_whose_answer_does_not_lead_there(
    tmp_path: Path, others: int, told: str
) -> None:
    """Of 120 employees all but two referred somebody: who answers anything but 0 is asked how that went."""
    export = written("leiden-medewerkers", tmp_path, TOLD)
    answer(
        export,
        lambda place: (
            {"k17f": f"{1 + place % 3}", "k17g": "1"}
            if place >= others
            else {"k17f": "0", "k17g": str(NOT_SHOWN)}
        ),
    )
    counted = counts_of(export, tmp_path / "out")
    assert {row["respondents"] for row in counted if row["variable"] == "k17g"} == {told}
    assert {row["respondents"] for row in counted if row["variable"] == "k17f"} == {"120"}


@pytest.mark.parametrize(("others", "told"), [(2, ""), (20, "100")])
def test_a_number_of_answers_does_not_tell_of_the_few_who_were_not_asked(
    tmp_path: Path, others: int, told: str
) -> None:
    """Of 120 young people all but two went to an activity, and were asked whether they felt welcome there."""
    export = written("leiden-jongeren", tmp_path, TOLD)
    answer(
        export,
        lambda place: (
            {"j6": "1", "j7": "4" if place % 2 else "2"}
            if place >= others
            else {"j6": "3", "j7": str(NOT_SHOWN)}
        ),
    )
    counted = counts_of(export, tmp_path / "out")
    assert {row["respondents"] for row in counted if row["variable"] == "j7"} == {told}
    assert {row["respondents"] for row in counted if row["variable"] == "j6"} == {"120"}
    assert ("(n = -)" in (tmp_path / "out/counts.txt").read_text(encoding="utf-8")) == (not told)
    assert ("number of answers too" in next(row["note"] for row in counted if row["variable"] == "j7")) == (
        not told
    )


@pytest.mark.parametrize(
    ("none", "few", "told"), [(5, 1, ""), (0, 12, ""), (12, 0, ""), (12, 12, "60")], ids=str
)
def test_a_number_of_answers_does_not_cut_a_class_of_numbers(
    tmp_path: Path, none: int, few: int, told: str
) -> None:
    """Of 72 partners some referred nobody, and some 3 people: the table says how many 0 to 40 together."""
    export = written("leiden-partners", tmp_path, TOLD)
    referred = ["0"] * none + ["3"] * few
    referred += [f"{41 + place * 37 % 160}" for place in range(TOLD)]
    referred[72:] = ["-7"] * len(referred[72:])
    answer(
        export,
        lambda place: {
            "k17f": referred[place],
            "k17g": str(NOT_SHOWN) if referred[place] in {"0", "-7"} else "2",
        },
    )
    counted = counts_of(export, tmp_path / "out")
    assert {row["respondents"] for row in counted if row["variable"] == "k17f"} == {"72"}
    assert {row["respondents"] for row in counted if row["variable"] == "k17g"} == {told}


def test_a_hidden_answer_of_those_that_may_be_ticked_is_not_what_the_shown_ones_lack(tmp_path: Path) -> None:
    """Of 83 young people each ticked one thing that they do, and only 3 of them the fifth."""
    export = written("leiden-jongeren", tmp_path, TOLD)
    with (export / "responses.csv").open(encoding="utf-8", newline="") as file:
        names = [name for name in next(csv.reader(file)) if re.fullmatch(r"j9_\d+", name)]
    ticked = [4] * 3 + [place for place in range(len(names)) if place != 4] * 12
    answer(
        export,
        lambda person: (
            {name: str(int(place == ticked[person])) for place, name in enumerate(names)}
            if person < 83
            else dict.fromkeys(names, "-7")
        ),
    )
    rows = [row for row in counts_of(export, tmp_path / "out") if row["variable"] in names]
    assert {row["respondents"] for row in rows} == {"83"}
    assert [not row["value"] for row in rows].count(True) == 2
    assert not rows[4]["value"]


@pytest.mark.parametrize("volunteers", [0, 3])
def test_that_few_were_asked_does_not_tell_which_of_two_hidden_answers_is_the_small_one(
    tmp_path: Path, volunteers: int
) -> None:
    rows = counts_of(with_volunteers(tmp_path, volunteers), tmp_path / "out")
    assert [row["value"] for row in rows if row["variable"] == "k2"] == ["", "0.45", "0.43", ""]
    told = {row["note"] for row in rows if row["variable"] == "k21c"}
    assert len(told) == 1
    assert "number of answers too" in told.pop()


def test_a_mean_beside_hidden_answers_narrows_no_small_one_down(tmp_path: Path) -> None:
    """All that is counted of a grade, attacked with a linear programme: the mean is exact to a tenth."""
    export = written("leiden-medewerkers", tmp_path, TOLD)
    chance = np.random.default_rng(3)
    items = [f"k5_p{number}" for number in range(1, 11)]
    steep = np.linspace(0.3, 3, len(items))
    grades = [np.exp(-tilt * abs(np.arange(1, 11) - 7)) for tilt in steep]
    drawn = {
        item: chance.choice(np.arange(1, 11), TOLD, p=each / each.sum())
        for item, each in zip(items, grades, strict=True)
    }
    drawn["k5_p9"] = np.arange(TOLD) % 10 + 1
    drawn["k5_p10"] = np.array([7] * (TOLD - 12) + [8] * 7 + [1] * 4 + [10])
    answer(
        export,
        lambda place: {item: str(each[place]) for item, each in drawn.items()} if place < TOLD else {},
    )
    rows = counts_of(export, tmp_path / "out")
    of_item = [[row for row in rows if row["variable"] == item] for item in items]
    told = [attacked(mine, drawn[item]) for mine, item in zip(of_item, items, strict=True)]
    assert all(room >= SMALLEST_CELL - 1e-6 for shown, room in told if shown)
    shown = [mine for mine in of_item if mine[-1]["value"]]
    assert 0 < len(shown) < len(items)
    alone = [{bool(row["value"]) for row in mine[:10]} for mine in of_item]
    assert {len(each) for each in alone} == {1}  # all grades, or none
    assert all(row["value"] for mine in shown for row in mine[10:])
    assert {True, False} == set.union(*alone)


def attacked(rows: list[dict[str, str]], truth: npt.NDArray[np.intp]) -> tuple[bool, float]:
    """Whether the mean of grades is shown, and the least room that it leaves for a small answer."""
    grades = np.arange(1, 11)
    people = (truth[:, None] == grades).sum(axis=0)
    *answers, mean = rows
    cells = [np.isin(grades, codes_of(row)) for row in answers]
    known = np.array([grades > 0, *(cell for cell, row in zip(cells, answers, strict=True) if row["value"])])
    total = round(float(truth.mean()), 1) * len(truth)
    rooms = [float(len(truth))]
    for cell, row in zip(cells, answers, strict=True):
        if not row["value"] and 0 < people[cell].sum() < SMALLEST_CELL:
            ends = [
                linprog(
                    sign * cell,
                    A_ub=[grades, -grades],
                    b_ub=[total + len(truth) / 20, len(truth) / 20 - total],
                    A_eq=known,
                    b_eq=known @ people,
                )
                for sign in (1, -1)
            ]
            assert all(end.success for end in ends)
            rooms.append(-ends[1].fun - ends[0].fun)
    return bool(mean["value"]), min(rooms)


def codes_of(row: dict[str, str]) -> list[int]:
    """The grades that a row counts: one, or those of a class, which names all of them."""
    return [int(grade.split()[0]) for grade in row["answer"].split(" / ")]
