"""An attack on everything that one run publishes: no answer of a few people follows from all files together.

It reads the files and nothing else: the CSV files of the report, main chapters and profiles of areas alike,
and those of `tables`. (Other tests compare PDF, page and workbook with these.) Everybody has the same weight
here, so that a printed share is a number of people but for its rounding: the best case of an attacker, who is
then given the numbers without rounding. What is small may be bound to no range narrower than five people, or
than a group of fewer.

The numbers of answers are read too. Who is asked a question because of an answer to the one before it has
given that answer, and nearly all who are asked answer: the attacker takes all of them to do so.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from msgspec import Struct
from msgspec.structs import replace
from scipy.optimize import linprog

from analysis.__main__ import main, read_background, read_export, read_plan, weigh_invited
from analysis.reporting import report
from analysis.reporting.disclosure import NOBODY_BASE, SMALLEST_CELL, Suppressed
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import is_special, question_of
from analysis.reporting.files.table_book import CONTENTS, TABLES
from analysis.reporting.files.table_files import ESTIMATES
from analysis.reporting.findings import indicators
from analysis.reporting.findings.divisions import (
    Division,
    Hidden,
    divisions,
    group_key,
    hidden_figures,
    table_key,
)
from analysis.reporting.findings.groups import groups_by
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.weighting_plan import AREA
from survey.questionnaires.model import AllOf, Answered, AnyOf
from tests.analysis.reporting.test_report import PLAN, outcomes_of
from tests.analysis.reporting.test_ugly_data import Row, rewrite
from tests.analysis.simulated import write_simulated_export

MORE = """
[[tables]]
key = "age"
by = ["area_age"]

[[tables]]
key = "age_and_sex"
by = ["area_age", "sex"]

[[tables]]
key = "areas"
by = ["area"]
indicators = ["knows_house", "visited_house", "reach"]

[report]
"""
CATEGORIES = {
    "area_age": ("q35", {"18-24": ("3",), "25-44": ("4",), "45-64": ("5",), "65+": ("6", "7")}),
    "sex": ("q36", {"man": ("1",), "vrouw": ("2",)}),
    "children": ("q37_3", {"yes": ("1",), "no": ("0",)}),
}

Place = tuple[str, str, str]
"""An indicator, a division and a level; of everybody the last two are empty."""


class Run(Struct, frozen=True, kw_only=True, eq=False):
    """What one run published, by place: figures with a value, and numbers of answers; and the truth."""

    published: frozenset[Place]
    counted: frozenset[Place]
    sample: Dataset
    plan: AnalysisPlan
    hidden: Hidden


@pytest.fixture(scope="module", params=[(200, 420, 5), (150, 330, 8)])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    invited, respondents, seed = request.param
    folder = tmp_path_factory.mktemp("attacked")
    export, plan = folder / "export", folder / "plan.toml"
    write_simulated_export(export, invited=invited, respondents=respondents, seed=seed)
    rewrite(export, on_every_margin)
    rewrite(export, nearly_all_take_part)
    write_population(export)
    plan.write_text(PLAN.read_text(encoding="utf-8").replace("[report]\n", MORE, 1), encoding="utf-8")
    dataset = read_export(export)
    decided = read_plan(plan, dataset)
    sample, weighting = weigh_invited(dataset, decided)
    np.testing.assert_allclose(weighting.weights, 10, rtol=1e-6)
    made = report.reports(outcomes_of(export, plan), read_background(export))
    result = CliRunner().invoke(main, ["tables", str(export), str(plan), str(folder / "tables")])
    assert result.exit_code == 0, result.output
    files = report.data_files(made, "2026-W48")
    estimates = (folder / "tables" / ESTIMATES).read_text(encoding="utf-8")
    found = [*of_report(files, decided, sample), *of_tables(estimates, decided, sample)]
    return Run(
        published=frozenset(each.place for each in found if is_number(each.value)),
        counted=frozenset(each.place for each in found if is_number(each.answers)),
        sample=sample,
        plan=decided,
        hidden=hidden_figures(sample, decided),
    )


def on_every_margin(rows: list[Row]) -> list[Row]:
    return [
        row
        for row in rows
        if all(
            any(row[column] in codes for codes in categories.values())
            for column, categories in CATEGORIES.values()
        )
    ]


def nearly_all_take_part(rows: list[Row]) -> list[Row]:
    """All but two of an area took part in something, and are asked how that was: of these two it tells."""
    here = [row for row in rows if row["area"] == "WK054603"]
    like = next(row for row in rows if row["q11"] == "1")
    told = {
        name: like[name] for name in like if name.startswith(("q7_", "q10_", "q11", "q12_", "q13", "q14"))
    }
    for row in [row for row in here if row["q11"] == "-6"][2:]:
        row.update(told)
    return rows


def write_population(export: Path) -> None:
    """Ten people in the population for everybody who answered, in every cell of every margin."""
    answers = pd.read_csv(export / "responses.csv", dtype=str, keep_default_na=False)
    answers = answers[
        (answers["channel"] == "invited") & answers["disposition"].isin(["complete", "partial"])
    ]
    path = export / "municipalities" / "leiden" / "population.csv"
    population = pd.read_csv(path, dtype=str, keep_default_na=False)
    for number, row in population.iterrows():
        if row["margin"] in CATEGORIES:
            column, categories = CATEGORIES[row["margin"]]
            here = answers["area"].isin([row["area"]]) | (row["area"] == "GM0546")
            there = here & answers[column].isin(categories[row["category"]])
            population.loc[number, "count"] = str(10 * int(there.sum()))
    population.to_csv(path, index=False)


# --- what is published ----------------------------------------------------------------------------


class Cell(Struct, frozen=True, kw_only=True):
    """What stands in a file of an indicator at a place, as text; empty where that has no column."""

    place: Place
    value: str
    answers: str


def of_report(files: Mapping[str, bytes], plan: AnalysisPlan, sample: Dataset) -> Iterator[Cell]:
    """All figures of indicators in every CSV file of the report."""
    keys = {each.label: each.key for each in plan.indicators}
    areas = {area.name: area.code for area in sample.questionnaire.municipality.areas}
    groups = {each.name: group_key(each) for each in plan.report.groups}
    for listed in rows_of(files[f"{TABLES}/{CONTENTS}"].decode()):
        table = rows_of(files[f"{TABLES}/{listed['bestand']}"].decode())
        about = keys.get(listed["uitkomst"]) or keys.get(listed["vraag"].split(", per ")[0])
        in_area = listed["figuur"].split()[0] if listed["bestand"].startswith("wk") else ""
        for row in table:
            first = next(iter(row.values()))
            value = next((row[name] for name in VALUES if name in row), "")
            answers = row.get("n", "")
            if first in keys:
                place = (keys[first], AREA, in_area) if in_area else (keys[first], "", "")
                yield Cell(place=place, value=value, answers=answers)
            if about and first in areas:
                yield Cell(place=(about, AREA, areas[first]), value=value, answers=answers)
            if first in groups and row.get("Uitkomst") in keys:
                place = (keys[row["Uitkomst"]], groups[first], "in")
                yield Cell(place=place, value=row["in de groep"], answers=answers)
            elif about and first in groups:
                yield Cell(place=(about, groups[first], "in"), value=value, answers=answers)
            for label, key in keys.items() if first in areas else ():
                shown = next((row[name] for name in beside(label) if name in row), "")
                yield Cell(place=(key, AREA, areas[first]), value=shown, answers=row.get(f"{label}: n", ""))


VALUES = ("%", "gem.", "wijk %", "wijk", "gemiddelde", "uitkomst", "eigen cijfer")
"""The columns in which a figure of residents stands."""


UNIT = re.compile(r" \((%|gem\.|% of gemiddelde)\)$")


def beside(label: str) -> tuple[str, ...]:
    """Its columns where several indicators stand beside each other."""
    return label, f"{label}: %", f"{label}: gem."


def of_tables(estimates: str, plan: AnalysisPlan, sample: Dataset) -> Iterator[Cell]:
    names = {}
    for table in plan.tables:
        groups = groups_by(sample, plan, table.by)
        names[table.key] = dict(zip(groups.levels, groups.names, strict=True))
    for row in rows_of(estimates):
        place = (row["indicator"], table_key(row["table"]), names[row["table"]][row["domain"]])
        yield Cell(place=place, value=row["value"], answers=row["respondents"])


def rows_of(text: str) -> list[Row]:
    """By the names of the columns without their units."""
    return [
        {UNIT.sub("", name): value for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]


def is_number(text: str) -> bool:
    return text.replace(".", "").isdigit()


# --- the attack -----------------------------------------------------------------------------------


class System(Struct, frozen=True, kw_only=True, eq=False):
    """How many people gave each kind of answers, at every level of every division: what is unknown.

    `kinds` has shape (kinds, indicators, 2): whether the indicator counts such people, and they answered.
    `leading` are those of the family that nobody reports, by their keys: who gave an answer that leads to
    other questions, and the indicators of these.
    """

    family: tuple[Indicator, ...]
    leading: Mapping[str, frozenset[str]]
    parts: tuple[Division, ...]
    kinds: np.ndarray
    truth: np.ndarray
    starts: tuple[int, ...]

    def people(self, indicator: int, place: tuple[str, str], what: int) -> np.ndarray:
        """The cells of who counts (0) or answered (1), at a level; or of everybody."""
        rows = np.zeros(len(self.truth), dtype=bool)
        for part, start in zip(self.parts, self.starts, strict=True):
            for number, level in enumerate(part.levels):
                rows[start + number] = place in {(part.key, level), ("", "")} and (place[0] or not start)
        cells: np.ndarray = rows[:, None] & (self.kinds[:, indicator, what] == 1)
        return cells

    def at(self, indicator: Indicator, part: Division) -> bool:
        """Whether a number of answers at the levels of a division tells of the indicator."""
        after = self.leading.get(indicator.key)
        if after is None:
            return indicator.key in part.of
        return bool(part.of & after) and indicator.variable not in part.variables


def systems(run: Run) -> Iterator[System]:
    parts = tuple(divisions(run.sample, run.plan))
    families: dict[tuple[str, str | None], list[Indicator]] = {}
    leading = {led.key: (led, after) for led, after in led_to(run)}
    for each in (*run.plan.indicators, *(led for led, _ in leading.values())):
        if each.kind == "proportion":
            families.setdefault((each.variable, each.scale), []).append(each)
    starts = tuple(np.cumsum([0, *(len(part.levels) for part in parts)]).tolist())
    for family in families.values():
        values = [indicators.values(run.sample, each) for each in family]
        told = np.array([[value == 1, ~np.isnan(value)] for value in values]).transpose(2, 0, 1)
        kinds, kind = np.unique(told.reshape(len(told), -1), axis=0, return_inverse=True)
        truth = np.zeros((starts[-1], len(kinds)))
        for part, start in zip(parts, starts, strict=False):
            np.add.at(truth, (start + part.codes, kind.ravel()), 1)
        yield System(
            family=tuple(family),
            leading={key: after for key, (_, after) in leading.items()},
            parts=parts,
            kinds=kinds.reshape(len(kinds), len(family), 2),
            truth=truth,
            starts=starts[:-1],
        )


def led_to(run: Run) -> Iterator[tuple[Indicator, frozenset[str]]]:
    """Who gave an answer after which something else is asked, and the indicators of what is asked then."""
    after: dict[Answered, set[str]] = {}
    for each in run.plan.indicators:
        when = question_of(run.sample.questionnaire, each.variable).when
        for condition in when.conditions if isinstance(when, AllOf) else (when,):
            if isinstance(condition, Answered):
                after.setdefault(condition, set()).add(each.key)
    for number, (condition, keys) in enumerate(after.items()):
        led = Indicator(
            key=f"led {number}",
            label="",
            variable=condition.variable,
            kind="proportion",
            codes=condition.codes,
        )
        yield led, frozenset(keys)


def known_to_all(system: System) -> Iterator[np.ndarray]:
    """The numbers of answers, which stand beside every figure; that divisions are of the same people."""
    for number, indicator in enumerate(system.family):
        yield system.people(number, ("", ""), 1).astype(float)
        for part in system.parts:
            if system.at(indicator, part):
                for level in part.levels:
                    yield system.people(number, (part.key, level), 1).astype(float)
    for (one, first), (other, second) in permutations(zip(system.parts, system.starts, strict=True), 2):
        for level in range(len(other.levels)):
            inside = np.unique(one.codes[other.codes == level])
            of_it = np.isin(one.codes, inside)
            if (of_it == (other.codes == level)).all():
                yield from same(system, first + inside, [second + level])
        yield from same(system, first + np.arange(len(one.levels)), second + np.arange(len(other.levels)))


def same(system: System, one: object, other: object) -> Iterator[np.ndarray]:
    for kind in range(system.truth.shape[1]):
        found = np.zeros(system.truth.shape)
        found[one, kind], found[other, kind] = 1, -1
        yield found


def found_out(run: Run, published: frozenset[Place]) -> list[tuple[Place, int, float]]:
    """The few people of whom something follows: where, how many they are, and the range of that number."""
    told = []
    for system in systems(run):
        sides = [*known_to_all(system)]
        shown = [each for each in published if any(each[0] == of.key for of in system.family)]
        numbers = {each.key: place for place, each in enumerate(system.family)}
        sides += [
            system.people(numbers[key], (division, level), 0).astype(float) for key, division, level in shown
        ]
        sides += [*by_what_follows(run, system)]
        matrix = np.array([side.ravel() for side in sides])
        values = matrix @ system.truth.ravel()
        for place, cells, base in at_risk(run, system):
            wanted = cells.astype(float).ravel()
            ends = [linprog(sign * wanted, A_eq=matrix, b_eq=values) for sign in (1, -1)]
            assert all(end.success for end in ends)
            room = -ends[1].fun - ends[0].fun
            if room < min(SMALLEST_CELL, base) - 1e-6:
                told.append((place, int(system.truth[cells].sum()), round(room, 3)))
    return told


def by_what_follows(run: Run, system: System) -> Iterator[np.ndarray]:
    """How many were asked a question, wherever it is told how many answered it; and of everybody."""
    numbers = {each.key: place for place, each in enumerate(system.family)}
    for key in numbers.keys() & system.leading.keys():
        yield system.people(numbers[key], ("", ""), 0).astype(float)
        after = {(division, level) for each, division, level in run.counted if each in system.leading[key]}
        parts = {part.key for part in system.parts if system.at(system.family[numbers[key]], part)}
        for place in after:
            if place[0] in parts:
                yield system.people(numbers[key], place, 0).astype(float)


def at_risk(run: Run, system: System) -> Iterator[tuple[Place, np.ndarray, int]]:
    """Every answer that a few people at a level gave, or did not give."""
    for number, indicator in enumerate(system.family):
        sensitive = is_special(question_of(run.sample.questionnaire, indicator.variable))
        for part in system.parts:
            if not system.at(indicator, part):
                continue
            for level in part.levels:
                yes, answered = (system.people(number, (part.key, level), what) for what in (0, 1))
                base = int(system.truth[answered].sum())
                for cells in (yes, answered & ~yes):
                    count = int(system.truth[cells].sum())
                    nobody = count == 0 and base >= NOBODY_BASE and not sensitive
                    if base and count < SMALLEST_CELL and not nobody:
                        yield (indicator.key, part.key, level), cells, base


def test_every_kind_of_figure_is_read_from_the_files(run: Run) -> None:
    kinds = {division.split()[0] if division else "" for _, division, _ in run.published}
    assert kinds == {"", AREA, "group", "table"}
    assert len(run.published) > 150
    assert len(run.counted) > len(run.published)


def test_no_answer_of_a_few_people_follows_from_all_files_together(run: Run) -> None:
    assert found_out(run, run.published) == []


def test_no_mean_of_a_few_people_follows_from_all_files_together(run: Run) -> None:
    """Means times their numbers of answers are sums; that of a few must be no combination of known ones."""
    tried = 0
    for indicator in run.plan.indicators:
        if indicator.kind == "mean":
            answered = ~np.isnan(indicators.values(run.sample, indicator))
            known, few = mean_sums(run, indicator.key, answered)
            for row in few:
                tried += 1
                assert np.linalg.matrix_rank([*known, row]) > np.linalg.matrix_rank(known)
    assert tried


def mean_sums(run: Run, key: str, answered: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Of which people the published means are, and of which few people a mean is at risk; a row for each."""
    known = [answered.astype(float)]
    few = []
    for part in divisions(run.sample, run.plan):
        for number, level in enumerate(part.levels if key in part.of else ()):
            people = answered & (part.codes == number)
            if (key, part.key, level) in run.published:
                known.append(people.astype(float))
            elif 0 < people.sum() < SMALLEST_CELL:
                few.append(people.astype(float))
    return known, few


def of_pairs(run: Run) -> Iterator[tuple[System, np.ndarray, frozenset[str]]]:
    """Where answers to several questions lead to one: who gave which of these, and the figures of that one.

    The second has shape (kinds, answers); the attacker is given how many gave each of these, at every level.
    """
    for condition in {
        question_of(run.sample.questionnaire, each.variable).when for each in run.plan.indicators
    }:
        leaves = condition.conditions if isinstance(condition, AnyOf) else ()
        if len({each.variable for each in leaves}) < 2:
            continue
        given = np.array([run.sample.chosen(each.variable, each.codes) for each in leaves])
        led = (given == 1).any(axis=0)
        told = np.column_stack([led, (given >= 0).all(axis=0), *(given == 1)])
        kinds, kind = np.unique(told, axis=0, return_inverse=True)
        parts = tuple(divisions(run.sample, run.plan))
        starts = tuple(np.cumsum([0, *(len(part.levels) for part in parts)]).tolist())
        truth = np.zeros((starts[-1], len(kinds)))
        for part, start in zip(parts, starts, strict=False):
            np.add.at(truth, (start + part.codes, kind.ravel()), 1)
        after = frozenset(
            each.key
            for each in run.plan.indicators
            if question_of(run.sample.questionnaire, each.variable).when == condition
        )
        lead = Indicator(key="led", label="", variable=leaves[0].variable, kind="proportion")
        yield (
            System(
                family=(lead,),
                leading={"led": after},
                parts=parts,
                kinds=kinds[:, None, :2],
                truth=truth,
                starts=starts[:-1],
            ),
            kinds[:, 2:],
            after,
        )


def pairs_found_out(run: Run, counted: frozenset[Place]) -> tuple[int, int]:
    """How many pairs of answers of a few people were tried, and how many follow from who was asked."""
    tried = found = 0
    for system, given, after in of_pairs(run):
        places = [(part.key, level) for part in system.parts for level in part.levels]
        sides = [*known_to_all(system)]
        sides += [
            (rows_at(system, place)[:, None] & (column == 1)).astype(float)
            for place in places
            for column in given.T
        ]
        asked = [place for place in (("", ""), *places) if any((key, *place) in counted for key in after)]
        known = [*sides, *(system.people(0, place, 0).astype(float) for place in asked)]
        for place in places:
            base = system.people(0, place, 1)
            if not after & next(part.of for part in system.parts if part.key == place[0]):
                continue
            for cell in zip(*np.nonzero(base), strict=True):
                count, answered = system.truth[cell], int(system.truth[base].sum())
                if not answered or count >= SMALLEST_CELL or (not count and answered >= NOBODY_BASE):
                    continue
                tried += 1
                needed = min(SMALLEST_CELL, answered) - 1e-6
                found += room_of(system, known, cell) < needed <= room_of(system, sides, cell)
    return tried, found


def rows_at(system: System, place: tuple[str, str]) -> np.ndarray:
    return np.array([(part.key, level) == place for part in system.parts for level in part.levels])


def room_of(system: System, known: list[np.ndarray], cell: tuple[int, ...]) -> float:
    matrix = np.array([each.ravel() for each in known])
    wanted = np.zeros(system.truth.shape)
    wanted[cell] = 1
    values = matrix @ system.truth.ravel()
    least, most = (linprog(sign * wanted.ravel(), A_eq=matrix, b_eq=values).fun for sign in (1, -1))
    assert least is not None
    assert most is not None
    return float(-most - least)


def test_no_two_answers_of_a_few_follow_from_how_many_they_led_to_a_question(run: Run) -> None:
    """Who missed help, or took part in nothing, is asked why: so few did both, or one of these."""
    tried, found = pairs_found_out(run, run.counted)
    assert tried > 20
    assert found == 0
    hidden = {
        (each.key, division, level)
        for each in run.plan.indicators
        for question, division, level in run.hidden.bases
        if question == question_of(run.sample.questionnaire, each.variable).key
    }
    assert pairs_found_out(run, run.counted | hidden)[1]


@pytest.mark.parametrize(("others", "told"), [(2, False), (60, True)])
def test_of_nearly_everybody_asked_no_file_tells_how_many_were_not(
    tmp_path: Path, others: int, *, told: bool
) -> None:
    """All residents but two took part in something, and are asked how that was."""
    export = tmp_path / "export"
    write_simulated_export(export, invited=200, respondents=420)

    def all_but(rows: list[Row]) -> list[Row]:
        mine = [row for row in rows if row["channel"] == "invited" and row["q7_99"] in "01"]
        like = next(row for row in mine if row["q11"] == "1" and row["form"] != "2")
        after = {name: like[name] for name in like if name.startswith(("q7_", "q11", "q13", "q14"))}
        none = {name: str(int(name == "q7_99")) for name in like if name.startswith("q7_")}
        none |= {name: "-6" for name in like if name.startswith(("q11", "q13", "q14"))}
        for place, row in enumerate(mine):
            row.update(none if place < others else after)
        return rows

    rewrite(export, all_but)
    dataset = read_export(export)
    asked = int((dataset.take(dataset.usable("invited", ("complete", "partial"))).codes["q13"] != -6).sum())
    outcomes = outcomes_of(export, PLAN)
    files = report.data_files(report.reports(outcomes, read_background(export)), "2026-W48")
    tables = [rows_of(files[f"{TABLES}/{each['bestand']}"].decode()) for each in listed_in(files)]
    (row,) = (
        row
        for table in tables
        for row in table
        if "kreeg de vraag" in row and row["Vraag"].startswith("Q13 ")
    )
    assert (row["kreeg de vraag"], bool(row["gaf antwoord"])) == (f"{asked}" if told else "", told)
    notes = [each["toelichting"] for each in listed_in(files) if "Vraag Q13:" in each["toelichting"]]
    assert notes
    assert all(
        (f"Gesteld aan {asked} van" in note) == told for note in notes if " uit de steekproef, n = " in note
    )
    of_q13 = {each.key for each in outcomes.plan.indicators if each.variable == "q13"}
    cells = [each for each in of_report(files, outcomes.plan, dataset) if each.place[0] in of_q13]
    whole = [each for each in cells if each.place[1:] == ("", "")]
    assert whole
    assert any(is_number(each.answers) for each in whole) == told
    places = {each.place for each in cells if is_number(each.answers) and each.place[1] == AREA}
    assert told or len(places) < len(outcomes.people)


@pytest.mark.parametrize(("waiting", "told"), [(6, False), (20, True)])
def test_who_was_asked_more_does_not_tell_what_nearly_all_of_a_group_answered(
    tmp_path: Path, waiting: int, *, told: bool
) -> None:
    """Of 76 parents some have a child who waits for help, and are asked one thing more."""
    export = tmp_path / "export"
    write_simulated_export(export, invited=200, respondents=500, seed=7)

    def wait(rows: list[Row]) -> list[Row]:
        mine = [row for row in rows if row["channel"] == "invited" and row["q37_3"] == "1"]
        for row in rows:
            row["q26d"] = "-6"
            row["q26c"] = "-7" if row["q37_3"] == "1" else "-6"
        for place, row in enumerate(mine[:76]):
            row.update({"q26c": "1", "q26d": "1"} if place < waiting else {"q26c": "2"})
        return rows

    rewrite(export, wait)
    outcomes = outcomes_of(export, PLAN)
    (lead,) = (each for each in outcomes.distributions if each.variable == "q26c")
    assert lead.respondents == 76
    assert all(isinstance(each.cell, Suppressed) for each in lead.answers) == (not told)
    files = report.data_files(report.reports(outcomes, read_background(export)), "2026-W48")
    notes = [each["toelichting"] for each in listed_in(files) if "Vraag Q26d:" in each["toelichting"]]
    assert notes
    assert all((f"Gesteld aan {waiting} van" in note) == told for note in notes)
    (row,) = (
        row
        for each in listed_in(files)
        for row in rows_of(files[f"{TABLES}/{each['bestand']}"].decode())
        if "kreeg de vraag" in row and row["Vraag"].startswith("Q26d ")
    )
    assert (row["kreeg de vraag"] == f"{waiting}") == told


def test_few_who_were_asked_in_an_area_are_not_told_to_be_few(tmp_path: Path) -> None:
    """Three of an area took part in something: hidden is how many did, and not that so few did."""
    export = tmp_path / "export"
    write_simulated_export(export, invited=200, respondents=420)

    def three(rows: list[Row]) -> list[Row]:
        here = [row for row in rows if row["area"] == "WK054603" and row["q7_99"] in "01"]
        like = next(row for row in rows if row["q11"] == "1")
        none = {name: str(int(name == "q7_99")) for name in like if name.startswith("q7_")}
        none |= {name: "-6" for name in like if name.startswith(("q10_", "q11", "q12_", "q13", "q14"))}
        after = {name: like[name] for name in none}
        for place, row in enumerate(here):
            row.update(after if place < 3 else none)
        return rows

    rewrite(export, three)
    dataset = read_export(export)
    plan = read_plan(PLAN, dataset)
    sample, _ = weigh_invited(dataset, plan)
    assert ("q13", AREA, "WK054603") in hidden_figures(sample, plan).bases


def listed_in(files: Mapping[str, bytes]) -> list[Row]:
    return rows_of(files[f"{TABLES}/{CONTENTS}"].decode())


def test_with_what_the_audit_hides_it_would(run: Run) -> None:
    """The attack finds what must be found: the figures that each division alone would show."""
    assert run.hidden.cells
    assert found_out(run, run.published | run.hidden.cells)


def test_with_the_numbers_that_the_audit_hides_it_would_too(run: Run) -> None:
    asked = {
        each.key: question_of(run.sample.questionnaire, each.variable).key for each in run.plan.indicators
    }
    hidden = {
        (key, division, level)
        for question, division, level in run.hidden.bases
        for key, of in asked.items()
        if of == question
    }
    assert not hidden & run.counted
    assert found_out(replace(run, counted=run.counted | hidden), run.published)
