"""An attack on two reports of one survey, made with one response more, and the approval that stops it."""

import csv
import io
import json
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from analysis.__main__ import marks_of, read_background, read_export, read_plan, reports, weigh_invited
from analysis.reporting import report
from analysis.reporting.chapters.documents import report_plan
from analysis.reporting.exports.dataset import Texts
from analysis.reporting.files import approval
from analysis.reporting.files.approval import Reported, too_alike
from analysis.reporting.files.likeness import (
    BINS,
    FEWEST_APART,
    Mark,
    Marks,
    few_across,
    few_apart,
    known_by,
    marks,
)
from analysis.reporting.files.table_book import CONTENTS, TABLES
from analysis.reporting.findings import indicators
from analysis.reporting.findings.bases import (
    ALL_ANSWERS,
    EVERYBODY,
    Across,
    Base,
    across,
    bases,
    bases_beside,
    people,
)
from analysis.reporting.findings.divisions import divisions, group_key
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.withheld import withheld
from analysis.reporting.plans.definitions import defined
from analysis.reporting.plans.plan import ReportPlan
from analysis.reporting.plans.weighting_plan import AREA as AREA_DIVISION
from survey.questionnaires.folder import find_folder
from tests.analysis.reporting.test_attack import MORE, is_number, of_report, on_every_margin, write_population
from tests.analysis.reporting.test_english import ENGLISH
from tests.analysis.reporting.test_report import BRINKDORP, PLAN, outcomes_of, run
from tests.analysis.reporting.test_ugly_data import Row, rewrite
from tests.analysis.simulated import write_simulated_export

AREA = "WK054604"


class TwoRuns:
    """An export, and one made later, after one more resident of a district had answered."""

    def __init__(self, folder: Path) -> None:
        self.plan, self.first, self.second = folder / "plan.toml", folder / "first", folder / "second"

    def approve(self, export: Path, *more: object) -> Result:
        return run("approve", export, self.plan, "--name", "Bram Jansen", *more)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> TwoRuns:
    folder = tmp_path_factory.mktemp("runs")
    found = TwoRuns(folder)
    write_simulated_export(found.second, invited=200, respondents=450)
    rewrite(found.second, on_every_margin)
    shutil.copytree(found.second, found.first)
    rewrite(found.first, without_the_last)
    for export in (found.first, found.second):
        write_population(export)
    plan = PLAN.read_text(encoding="utf-8")
    found.plan.write_text(plan.replace("[report]\n", '[report]\nauthors = ["Anna"]\n', 1), encoding="utf-8")
    return found


def without_the_last(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row is not last_of(rows)]


def last_of(rows: list[Row]) -> Row:
    return [
        row
        for row in rows
        if (row["area"], row["channel"], row["disposition"]) == (AREA, "invited", "complete")
    ][-1]


def counts_in(export: Path, plan: Path) -> dict[str, tuple[int, int]]:
    """Of every indicator how many answered in the district and how many of them count, by its profile."""
    made = report.reports(outcomes_of(export, plan), read_background(export))
    files = report.data_files(made, "2026-W48")
    table = files[f"tabellen/{AREA.lower()}-figuur-1.csv"].decode()
    return {
        row["Uitkomst"]: (int(row["n"]), round(int(row["n"]) * int(row["wijk %"]) / 100))
        for row in csv.DictReader(io.StringIO(table))
        if row["n"].isdigit() and row["wijk %"].isdigit()
    }


def test_two_reports_tell_what_one_more_person_answered(runs: TwoRuns) -> None:
    before, after = (counts_in(export, runs.plan) for export in (runs.first, runs.second))
    told = {
        label: after[label][1] - before[label][1]
        for label in before.keys() & after.keys()
        if after[label][0] == before[label][0] + 1
    }
    dataset = read_export(runs.second)
    plan = read_plan(runs.plan, dataset)
    sample, _ = weigh_invited(dataset, plan)
    (place,) = np.flatnonzero(sample.texts["response"] == last_of(rows_of(runs.second))["response"])
    truth = {each.label: indicators.values(sample, each)[place] for each in plan.indicators}
    assert len(told) >= 3
    assert told == {label: truth[label] for label in told}


def rows_of(export: Path) -> list[Row]:
    return [*csv.DictReader(io.StringIO((export / "responses.csv").read_text(encoding="utf-8")))]


def test_the_second_of_them_is_not_approved_and_its_draft_says_why(runs: TwoRuns) -> None:
    assert runs.approve(runs.first).exit_code == 0
    made, _, why = reports(runs.first, runs.plan)
    assert not why
    result = runs.approve(runs.second)
    assert result.exit_code == 2
    assert re.search(
        rf"leiden-eindevaluatie, invited, area: {AREA}: since the report of .* fewer than 10 people came",
        result.output,
    )
    assert not re.search(r"WK0546(?!04)", result.output)
    made, _, why = reports(runs.second, runs.plan)
    assert any("Do not publish it." in line for line in why)
    files = report.data_files(made, "2026-W48")
    assert "publiceer ze niet" in files[report.PUBLIC].decode()
    assert all(
        "Concept, niet publiceren" in job.html for job in report.jobs(made) if "samenvatting" not in job.name
    )


def test_of_a_report_that_nobody_saw_the_next_is_approved_and_then_counts(
    runs: TwoRuns, tmp_path: Path
) -> None:
    here = TwoRuns(Path(shutil.copytree(runs.plan.parent, tmp_path / "runs")))
    approval.file_of(here.plan).unlink(missing_ok=True)
    assert here.approve(here.first).exit_code == 0
    assert here.approve(here.second, "--unpublished").exit_code == 0
    (only,) = approval.decoded(approval.file_of(here.plan).read_bytes(), "").reported
    assert only.marks == marks_of(outcomes_of(here.second, here.plan), here.plan, ())
    assert here.approve(here.first).exit_code == 2


def test_a_published_report_counts_after_another_of_the_same_people_was_approved_and_not_published(
    runs: TwoRuns, tmp_path: Path
) -> None:
    here = TwoRuns(Path(shutil.copytree(runs.plan.parent, tmp_path / "runs")))
    approval.file_of(here.plan).unlink(missing_ok=True)
    assert here.approve(here.first).exit_code == 0
    text = here.plan.read_text(encoding="utf-8")
    here.plan.write_text(text.replace('title = "', 'title = "De ', 1), encoding="utf-8")
    assert here.approve(here.first).exit_code == 0
    (both,) = approval.decoded(approval.file_of(here.plan).read_bytes(), "").reported
    assert both.times == 2
    assert here.approve(here.second, "--unpublished").exit_code == 2
    assert here.approve(here.second, "--unpublished", "--unpublished").exit_code == 0


def test_of_the_reports_that_were_approved_only_the_last_ones_are_left_out() -> None:
    one, other = (reported({}, people={"here": each}) for each in (b"a", b"b"))
    found: tuple[Reported, ...] = ()
    for each in (one, other, other, one):
        found = approval.with_one_more(found, replace(each, date="2026-11-30"))
    assert [(each.people["here"], each.times) for each in found] == [(b"a", 1), (b"b", 2), (b"a", 1)]
    left = approval.without_last(found, 2)
    assert [(each.people["here"], each.times) for each in left] == [(b"a", 1), (b"b", 1)]
    assert approval.without_last(found, 9) == ()


@pytest.fixture(scope="module")
def now(runs: TwoRuns) -> tuple[Base, ...]:
    return (*bases(outcomes_of(runs.second, runs.plan), {}),)


def reported(found: Marks, people: Mapping[str, bytes] | None = None) -> Reported:
    """A report of which nothing is withheld and no name stands for anything."""
    return Reported(date="2026-11-29", marks=found, people=people or {}, withheld=(), defined={})


def without(found: Iterable[Base], gone: Texts) -> Iterator[Base]:
    """What the report would have rested on before these responses came."""
    for base in found:
        rows = ~np.isin(base.who, gone)
        yield replace(base, level=base.level[rows], who=base.who[rows], said=base.said[rows])


def base_of(found: Iterable[Base], place: str, figure: str) -> Base:
    return next(each for each in found if (each.place, each.figure) == (place, figure))


def test_every_kind_of_figure_is_compared(now: tuple[Base, ...], runs: TwoRuns) -> None:
    survey = "leiden-eindevaluatie"
    places = {each.place.removeprefix(survey).removeprefix(", ") for each in now}
    groups = {f"invited, {group_key(each)}" for each in report_of(runs).groups if each.variable}
    assert groups
    assert places >= {"", "invited", "open", "invited, area", "open, area", "invited, tests"} | groups
    assert {each.figure.split("_")[0] for each in now if each.place == survey} == {"language", "consent"}


def report_of(runs: TwoRuns) -> ReportPlan:
    return report_plan(read_plan(runs.plan, read_export(runs.second)))


def test_every_number_of_answers_in_the_files_is_that_of_people_who_are_compared(
    now: tuple[Base, ...], runs: TwoRuns
) -> None:
    """A figure that is added to a report, and not to what is compared, would tell of one person more."""
    outcomes = outcomes_of(runs.second, runs.plan)
    files = report.data_files(report.reports(outcomes, read_background(runs.second)), "2026-W48")
    sizes: dict[tuple[str, ...], set[int]] = {}
    for base in now:
        division = base.place.removeprefix("leiden-eindevaluatie, invited, ")
        counted = np.bincount(base.level, minlength=len(base.levels))
        for level, number in zip(base.levels, counted, strict=True):
            sizes.setdefault((division, level, base.figure), set()).add(number)
        # Of everybody, under the weighting of the plan and under its variants.
        sizes.setdefault(("", "", base.figure), set()).add(len(base.who))
    read = 0
    for cell in of_report(files, outcomes.plan, outcomes.dataset):
        key, division, level = cell.place
        if cell.answers.isdigit():
            read += 1
            assert int(cell.answers) in sizes[division, level, key], cell
    assert read > 400
    asked = [re.search(r"n = (\d+)", row["toelichting"]) for row in rows_in(files[f"{TABLES}/{CONTENTS}"])]
    behind = {len(each.who) for each in now if each.place == "leiden-eindevaluatie, invited"}
    behind |= {number for (place, *_), found in sizes.items() if place == "area" for number in found}
    assert len([*filter(None, asked)]) > 20
    assert {int(found[1]) for found in asked if found} <= behind


def rows_in(data: bytes) -> list[Row]:
    return [*csv.DictReader(io.StringIO(data.decode()))]


GROUP = "group q37 = 3"
"""Who lives with a child."""


def test_a_few_of_a_group_are_found_where_every_area_has_many_more(now: tuple[Base, ...]) -> None:
    """Of a hundred and more who came, a dozen and more in every area, three are of a group of a chapter."""
    group = base_of(now, f"leiden-eindevaluatie, invited, {GROUP}", "unmet_need")
    inside = group.who[group.level == group.levels.index("in")]
    everybody = base_of(now, "leiden-eindevaluatie, invited, area", "all answers")
    outside = ~np.isin(everybody.who, inside)
    many = [everybody.who[outside & (everybody.level == area)][:14] for area in np.unique(everybody.level)]
    then = marks(without(now, np.concatenate([inside[:3], *many])))
    found = [*few_apart(then, marks(now))]
    told = {(each.place, each.level): each.few for each in found if each.figure == "unmet_need"}
    assert told[group.place, "in"] == 3
    assert not any(each.figure == "all answers" for each in found)
    lines = too_alike([reported(then)], reported(marks(now)))
    (line,) = (each for each in lines if f"{GROUP}: in:" in each)
    assert re.search(
        r"since the report of 2026-11-29 fewer than 10 people came, .* \(in \w+, .* and \d+ more\)$", line
    )


def test_a_few_behind_one_question_are_found(now: tuple[Base, ...]) -> None:
    """One of forty who came was asked more than the others: what that question tells, it tells of him."""
    asked = base_of(now, "leiden-eindevaluatie, invited", "q13")
    everybody = base_of(now, "leiden-eindevaluatie, invited, area", "all answers")
    others = everybody.who[~np.isin(everybody.who, asked.who)]
    then = marks(without(now, np.concatenate([asked.who[:1], others[:40]])))
    few = {(each.place, each.figure): each.few for each in few_apart(then, marks(now))}
    assert few["leiden-eindevaluatie, invited", "q13"] == 1
    assert ("leiden-eindevaluatie, invited", "q2") not in few


def test_a_few_in_whom_variants_of_the_weighting_differ_are_found(now: tuple[Base, ...]) -> None:
    """Of thirteen who came twelve answered completely, which is what a variant takes: the other follows."""
    survey = "leiden-eindevaluatie"
    complete = base_of(now, f"{survey}, invited complete", "unmet_need").who
    everybody = base_of(now, f"{survey}, invited complete partial", "unmet_need").who
    partial = everybody[~np.isin(everybody, complete)]
    then = marks(without(now, np.concatenate([complete[:12], partial[:1]])))
    found = {each.place for each in few_apart(then, marks(now)) if each.figure == "unmet_need"}
    assert f"{survey}, invited partial" in found
    assert not found & {f"{survey}, invited complete", f"{survey}, invited complete partial"}


def test_a_few_employees_are_found(runs: TwoRuns, tmp_path: Path) -> None:
    write_simulated_export(
        tmp_path / "export", invited=300, respondents=120, definition=find_folder("leiden-medewerkers")
    )
    employees = read_export(tmp_path / "export")
    (plan,) = (each for each in report_of(runs).companions if each.survey == "leiden-medewerkers")
    found = [*bases_beside(employees, plan, {})]
    tie = next(each for each in found if each.place != "leiden-medewerkers")
    then = marks(without(found, tie.who[:1]))
    few = {(each.place, each.figure): each.few for each in few_apart(then, marks(found))}
    assert few[tie.place, tie.figure] == few["leiden-medewerkers", "all answers"] == 1


said = st.dictionaries(st.integers(0, 60).map(str), st.sampled_from("ab"), max_size=60)


@given(then=said, now=said)
def test_a_few_people_are_never_taken_for_ten(then: dict[str, str], now: dict[str, str]) -> None:
    differ = sum(then.get(each) != now.get(each) for each in {*then, *now})
    found = [each.few for each in few_apart(marked(then), marked(now))]
    if 0 < differ < FEWEST_APART:
        assert found
        assert found[0] <= differ
    if not differ or differ > 2 * FEWEST_APART:
        assert not found


def marked(people: dict[str, str]) -> Marks:
    """One figure of everybody."""
    base = Base(
        place="survey",
        figure="figure",
        levels=("",),
        level=np.zeros(len(people), dtype=np.intp),
        who=np.array([*people], dtype=np.str_),
        said=np.array([ord(each) for each in people.values()], dtype=np.uint64),
    )
    return marks([base])


def test_levels_that_are_not_shown_are_compared_together() -> None:
    """With the levels that are shown and everybody, the others follow."""
    who = np.arange(90).astype(np.str_)
    level = np.repeat([0, 1, 2], [40, 26, 24])
    said = np.zeros(90, dtype=np.uint64)
    base = Base(place="survey", figure="figure", levels=("a", "b", "c"), level=level, who=who, said=said)

    def apart(*gone: int) -> list[tuple[str, int]]:
        then = marks(without([base], who[[*gone]]))
        return [(each.level, each.few) for each in few_apart(then, marks([base]))]

    assert apart(0) == [("a", 1)]
    assert apart(41) == apart(70) == [("all others together", 1)]
    assert apart(41, 70) == [("all others together", 2)]
    assert apart(*range(40, 56), *range(66, 70)) == []


def test_a_figure_under_another_name_is_not_taken_for_a_new_one(now: tuple[Base, ...]) -> None:
    """One young person more, in a group of another name: there is nothing to compare it with."""
    group = base_of(now, f"leiden-eindevaluatie, invited, {GROUP}", "unmet_need")
    then = marks(without(now, group.who[:1]))
    named = f"leiden-eindevaluatie, invited, {GROUP}"
    for place in (f"{named}, 4", "leiden-eindevaluatie, invited, table kinderen"):
        other = [replace(each, place=place) if each.place == named else each for each in now]
        lines = too_alike([reported(then)], reported(marks(other)))
        assert any(line.startswith(f"- {named}: ") and line.endswith("2026-11-29") for line in lines)


def test_an_indicator_under_another_name_is_not_taken_for_a_new_one(now: tuple[Base, ...]) -> None:
    other = [replace(each, figure="no_help") if each.figure == "unmet_need" else each for each in now]
    first, *lines, last = too_alike([reported(marks(now))], reported(marks(other)))
    assert "renamed or removed" in first
    assert f"- leiden-eindevaluatie, invited, {GROUP}: unmet_need, in the report of 2026-11-29" in lines
    assert last.startswith("Keep these in the plan")


def test_a_report_in_another_language_is_of_the_same_people(runs: TwoRuns, tmp_path: Path) -> None:
    """Areas, groups, tables, tests and variants have no name that is a word."""
    made = {}
    for language, head in (("nl", "[report]\n"), ("en", ENGLISH)):
        plan = tmp_path / f"{language}.toml"
        text = runs.plan.read_text(encoding="utf-8").replace("[report]\n", f"{TESTED}{head}", 1)
        plan.write_text(text, encoding="utf-8")
        made[language] = marks_of(outcomes_of(runs.second, plan), plan, ())
    assert made["nl"] == made["en"]
    assert {"table age", "tests", "invited complete partial", "invited open complete partial"} <= {
        part for place in made["en"] for part in place.split(", ")
    }
    levels = made["en"]["leiden-eindevaluatie, invited, table age"]["knows_house"]
    assert levels.keys() >= {"18-24 × 1", "65+ × 2"}


TESTED = """
[[tables]]
key = "age"
by = ["area_age", "q36"]

[[tests]]
key = "house_by_sex"
kind = "chi-square"
formula = "~ q4_d + q36"

"""


def test_what_is_only_left_out_or_only_added_is_not_refused(now: tuple[Base, ...]) -> None:
    fewer = [each for each in now if "group" not in each.place]
    assert len(fewer) < len(now)
    for then, after in ((now, fewer), (fewer, now), (now, now)):
        assert not too_alike([reported(marks(then))], reported(marks(after)))


def test_another_survey_beside_it_replaces_nothing(now: tuple[Base, ...]) -> None:
    first = [*now, replace(now[0], place="leiden-medewerkers", figure="q1")]
    second = [*now, replace(now[0], place="leiden-partners", figure="q1")]
    assert not too_alike([reported(marks(first))], reported(marks(second)))


OTHER = "WK054607"


class Together(Struct, frozen=True, kw_only=True):
    """Two runs, of which the second has more; `came` are those, as their rows in the export."""

    runs: TwoRuns
    came: list[Row]


@pytest.fixture(scope="module")
def together(runs: TwoRuns, tmp_path_factory: pytest.TempPathFactory) -> Together:
    """In one district forty parents and one other came, in another forty others; all else is alike."""
    folder = tmp_path_factory.mktemp("together")
    found = TwoRuns(folder)
    found.plan.write_text(runs.plan.read_text(encoding="utf-8"), encoding="utf-8")
    for export in (found.first, found.second):
        shutil.copytree(runs.second, export)
    like = last_of(rows_of(runs.second)) | {"q35": "5", "q37_3": "0", "q39a": "1", "q40": "1", "q42b": "1"}
    came = [
        like
        | {"response": f"{place:020x}", "area": area, "sampled_area": area}
        | ({"q37_3": "1"} if place < 40 else {})
        for place, area in enumerate([AREA] * 41 + [OTHER] * 40)
    ]
    rewrite(found.second, lambda rows: [*rows, *came])
    for export in (found.first, found.second):
        write_population(export)
    return Together(runs=found, came=came)


def published_in(export: Path, plan: Path) -> dict[tuple[str, str, str], bool]:
    """Every figure of an indicator in all files of a report that has a value, by its place."""
    outcomes = outcomes_of(export, plan)
    files = report.data_files(report.reports(outcomes, read_background(export)), "2026-W48")
    cells = of_report(files, outcomes.plan, outcomes.dataset)
    return {cell.place: True for cell in cells if is_number(cell.value) and is_number(cell.answers)}


def test_all_files_of_two_runs_tell_of_one_person_across_divisions(together: Together) -> None:
    """The district less the parents, in the second run less in the first: the one there who is no parent."""
    runs = together.runs
    both = published_in(runs.first, runs.plan).keys() & published_in(runs.second, runs.plan).keys()
    places = {(division, level) for key, division, level in both if key == "unmet_need"}
    wanted = [(GROUP, "in"), (AREA_DIVISION, AREA)]
    assert places >= {*wanted}

    def yes(export: Path, place: tuple[str, str]) -> int:
        dataset = read_export(export)
        plan = read_plan(runs.plan, dataset)
        sample, _ = weigh_invited(dataset, plan)
        (part,) = (each for each in divisions(sample, plan) if each.key == place[0])
        (indicator,) = (each for each in plan.indicators if each.key == "unmet_need")
        inside = part.codes == part.levels.index(place[1])
        return int((indicators.values(sample, indicator)[inside] == 1).sum())

    parents, district = (yes(runs.second, place) - yes(runs.first, place) for place in wanted)
    assert district - parents == (together.came[40]["q15"] == "1")


def test_sums_across_divisions_of_two_runs_are_compared(together: Together) -> None:
    """The gate sees nothing where each level is looked at by itself, and refuses all the same."""
    runs = together.runs
    first, second = (outcomes_of(export, runs.plan) for export in (runs.first, runs.second))
    before = reported(marks_of(first, runs.plan, ()), people=known(first))
    now = reported(marks_of(second, runs.plan, ()))
    assert too_alike([before], now) == []
    found = {
        (each.level, each.few) for each in few_across(known(first)[across(second).place], across(second))
    }
    assert (f"area: {AREA} less {GROUP}: in", 1) in found
    assert runs.approve(runs.first).exit_code == 0
    refused = runs.approve(runs.second)
    assert refused.exit_code == 2
    assert "a few people who are alike in several divisions came, went or changed" in refused.output
    assert not re.search(rf"{AREA}|{GROUP}|\b1 of", refused.output)


def known(outcomes: Outcomes) -> dict[str, bytes]:
    return {place: known_by(who) for place, who in people(outcomes).items()}


def across_of(levels: dict[str, list[int]], people: int) -> Across:
    """Everybody answered one figure; the first levels are of 100 people who were there before."""
    old = 100
    at = {EVERYBODY: np.full(old + people, True)}
    at |= {
        name: np.concatenate([np.full(old, True), np.isin(np.arange(people), who)])
        for name, who in levels.items()
    }
    who = np.arange(old + people).astype(np.str_)
    return Across(place="here", who=who, levels=at, figures={"figure": (at[EVERYBODY], (*at,))})


def before_of(now: Across) -> bytes:
    return known_by(now.who[:100])


def test_of_two_levels_in_which_ten_or_more_differ_everywhere_nothing_is_said() -> None:
    apart = across_of({"a": [*range(20)], "b": [*range(10, 40)]}, 50)
    assert [*few_across(before_of(apart), apart)] == []
    nobody = across_of({"a": [], "b": [*range(20)]}, 20)
    assert [*few_across(before_of(nobody), nobody)] == []


def test_what_everybody_less_two_levels_is_of_a_few() -> None:
    now = across_of({"a": [*range(20)], "b": [*range(20, 40)]}, 43)
    assert [(each.level, each.few) for each in few_across(before_of(now), now)] == [
        ("everybody less a and b", 3),
        ("those at no level", 3),
    ]


def test_a_few_who_follow_from_three_levels_only() -> None:
    """All are at one of these or at three: a and b and c less everybody is twice who is at three."""
    now = across_of(
        {"a": [*range(20), *range(60, 64)], "b": [*range(20, 40), *range(60, 64)], "c": [*range(40, 64)]}, 64
    )
    assert [(each.level, each.few) for each in few_across(before_of(now), now)] == [
        ("those only at a and b and c", 4)
    ]


def test_sums_across_divisions_are_compared_of_those_who_withdrew_too(
    together: Together, tmp_path: Path
) -> None:
    """The same two the other way round: what the one told who withdrew would follow."""
    here = TwoRuns(Path(shutil.copytree(together.runs.plan.parent, tmp_path / "runs")))
    approval.file_of(here.plan).unlink(missing_ok=True)
    assert here.approve(here.second).exit_code == 0
    refused = here.approve(here.first)
    assert refused.exit_code == 2
    assert "a few people who are alike in several divisions came, went or changed" in refused.output
    assert not re.search(rf"{AREA}|{GROUP}|\b1 of", refused.output)


def went(gone: Sequence[int]) -> list[tuple[str, int]]:
    """What is said of two reports on a hundred people, of whom these went, at two levels that overlap."""
    at = {"area: all": [*range(100)], "a: in": [*range(60)], "b: in": [*range(30, 90)]}
    stayed = [person for person in range(100) if person not in gone]
    then, now = ([base_at(name, who, people) for name, who in at.items()] for people in (range(100), stayed))
    levels = {EVERYBODY: np.full(len(stayed), True)} | {
        name: np.isin(stayed, who) for name, who in at.items() if name != "area: all"
    }
    here = Across(
        place="survey, invited",
        who=np.array([*map(str, stayed)]),
        levels=levels,
        figures={"figure": (levels[EVERYBODY], (*levels,))},
        bases=(*now,),
    )
    everybody = known_by(np.array([*map(str, range(100))]))
    return [(each.level, each.few) for each in few_across(everybody, here, marks(then))]


def base_at(name: str, who: Sequence[int], people: Sequence[int]) -> Base:
    division, _, level = name.partition(": ")
    return Base(
        place=f"survey, invited, {division}",
        figure="figure",
        levels=(level, ""),
        level=np.isin(people, who, invert=True).astype(np.intp),
        who=np.array([*map(str, people)]),
        said=np.zeros(len(people), dtype=np.uint64),
    )


def test_of_who_went_two_levels_are_refused_where_they_may_differ_by_a_few() -> None:
    both, first, second = [*range(30, 60)], [*range(30)], [*range(60, 90)]
    assert went(both[:12]) == []
    assert went(first[:10]) == []
    assert went([]) == []
    assert ("a: in less b: in", 1) in went([*both[:11], first[0]])
    # Ten at one of them and ten at the other: from the numbers alone these could be the same ten.
    assert ("a: in less b: in", 1) in went([*first[:10], *second[:10]])


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Path, Path], Path]:
    """This wave with its plan beside it, the earlier one with its own, and that of one person less."""
    folder = tmp_path_factory.mktemp("waves")
    for name, seed in (("now", 4), ("then", 8)):
        write_simulated_export(folder / name, invited=300, respondents=300, definition=BRINKDORP, seed=seed)
    rewrite(folder / "then", lambda rows: [row | {"response": f"t{n:05}"} for n, row in enumerate(rows)])
    export = folder / "then" / "export.json"
    export.write_text(json.dumps(json.loads(export.read_text()) | {"week": "2024-W40"}))
    shutil.copytree(folder / "then", folder / "fewer")
    rewrite(folder / "fewer", without_the_first)
    text = (
        (BRINKDORP / "plan.toml")
        .read_text(encoding="utf-8")
        .replace("[report]\n", '[report]\nauthors = ["Anna"]\n', 1)
    )
    for name in ("now.toml", "then.toml"):
        (folder / name).write_text(text, encoding="utf-8")
    return folder, (folder / "then", folder / "then.toml"), folder / "fewer"


def without_the_first(rows: list[Row]) -> list[Row]:
    gone = next(row for row in rows if (row["channel"], row["disposition"]) == ("invited", "complete"))
    return [row for row in rows if row is not gone]


def approve_wave(folder: Path, *earlier: Path) -> Result:
    found = ("--earlier", *earlier) if earlier else ()
    return run("approve", folder / "now", folder / "now.toml", "--name", "Bram Jansen", *found)


def test_figures_of_an_earlier_wave_that_are_printed_again_are_compared(
    waves: tuple[Path, tuple[Path, Path], Path],
) -> None:
    """Of the earlier wave somebody withdrew since the first report: the second tells what he answered."""
    folder, then, fewer = waves
    first = approve_wave(folder, *then)
    assert first.exit_code == 0, first.output
    second = approve_wave(folder, fewer, then[1])
    assert second.exit_code == 2
    assert re.search(
        r"- earlier wave: brinkdorp[^:]*, invited, area.* fewer than 10 people came", second.output
    )
    assert not re.search(r"^- brinkdorp", second.output, re.MULTILINE)


def test_they_are_compared_with_the_report_of_that_wave_too(
    waves: tuple[Path, tuple[Path, Path], Path],
) -> None:
    folder, then, fewer = waves
    approval.file_of(folder / "now.toml").unlink(missing_ok=True)
    assert run("approve", *then, "--name", "Bram Jansen").exit_code == 0
    refused = approve_wave(folder, fewer, then[1])
    assert refused.exit_code == 2
    assert re.search(
        r"^- earlier wave: brinkdorp[^:]*, invited, area.* fewer than 10 people", refused.output, re.MULTILINE
    )
    assert "then-akkoord.json" in refused.output
    assert approve_wave(folder, *then).exit_code == 0


def test_marks_do_not_tell_who_said_the_same(now: tuple[Base, ...]) -> None:
    """Otherwise whoever has the approval alone could try out answers until one fits."""
    base = replace(now[0], level=np.zeros(len(now[0].level), dtype=np.intp), said=np.zeros_like(now[0].said))
    (mark,) = marks([base])[base.place][base.figure].values()
    assert len(mark.bins) == 2 * BINS
    assert np.count_nonzero(bins_of(mark)) > BINS / 3
    assert len({*bins_of(mark).tolist()}) > BINS / 4


def bins_of(mark: Mark) -> npt.NDArray[np.uint16]:
    return np.frombuffer(mark.bins, dtype="<u2")


FIGURES = 300


def of_one(said: npt.NDArray[np.uint64], level: npt.NDArray[np.intp], place: str = "survey") -> list[Mark]:
    """One person, of whom every figure tells the same."""
    found = marks(
        Base(
            place=place,
            figure=f"figure {number}",
            levels=("a", "b"),
            level=level[number : number + 1],
            who=np.array(["5f3c9d0e7a1b2c3d4e5f"]),
            said=said[number : number + 1],
        )
        for number in range(len(said))
    )
    return [mark for figure in found[place].values() for mark in figure.values()]


def test_a_person_is_not_recognised_in_two_figures_or_places() -> None:
    """The attack: what a bin holds in all figures, set beside each other; two numbers are yes and no."""
    same, level = np.zeros(FIGURES, dtype=np.uint64), np.zeros(FIGURES, dtype=np.intp)
    here, there = of_one(same, level), of_one(same, level, "elsewhere")
    for found in (here, there):
        held = [(int(np.flatnonzero(bins_of(mark))[0]), int(bins_of(mark).max())) for mark in found]
        assert len({number for _, number in held}) > 0.95 * FIGURES
        counted = np.bincount([place for place, _ in held], minlength=BINS)
        assert counted.max() < 10  # of 300 in 256 bins by chance
    same_bin = [np.array_equal(bins_of(a) > 0, bins_of(b) > 0) for a, b in zip(here, there, strict=True)]
    assert sum(same_bin) < 10


def test_what_somebody_alone_in_a_bin_said_does_not_follow_from_its_number() -> None:
    """Numbers of yes are as high, and as often odd, as those of no."""
    chance = np.random.default_rng(6)
    said = (chance.random(FIGURES) < 0.5).astype(np.uint64)
    numbers = np.array([bins_of(mark).max() for mark in of_one(said, said.astype(np.intp))])
    yes, no = numbers[said == 1].astype(float), numbers[said == 0].astype(float)
    spread = np.sqrt(yes.var() / len(yes) + no.var() / len(no))
    assert abs(yes.mean() - no.mean()) < 3.5 * spread
    odd = numbers % 2
    assert abs(odd[said == 1].mean() - odd[said == 0].mean()) < 0.2


def test_an_approval_is_for_its_owner_only(runs: TwoRuns, tmp_path: Path) -> None:
    here = TwoRuns(Path(shutil.copytree(runs.plan.parent, tmp_path / "runs")))
    approval.file_of(here.plan).unlink(missing_ok=True)
    assert here.approve(here.first).exit_code == 0
    assert stat.S_IMODE(approval.file_of(here.plan).stat().st_mode) == 0o600


def test_a_plan_under_another_name_is_compared_with_what_it_was_approved_for(
    runs: TwoRuns, tmp_path: Path
) -> None:
    here = TwoRuns(Path(shutil.copytree(runs.plan.parent, tmp_path / "runs")))
    approval.file_of(here.plan).unlink(missing_ok=True)
    assert here.approve(here.first).exit_code == 0
    other = here.plan.rename(here.plan.with_name("raad.toml"))
    refused = run("approve", here.second, other, "--name", "Bram Jansen")
    assert refused.exit_code == 2
    assert "Compared with this report were also plan-akkoord.json" in refused.output
    assert "Do not publish it." in "".join(reports(here.second, other)[2])
    assert run("approve", here.first, other, "--name", "Bram Jansen").exit_code == 0


def test_an_approval_of_a_wave_of_other_people_beside_the_plan_is_not_compared(
    runs: TwoRuns, tmp_path: Path
) -> None:
    here = TwoRuns(Path(shutil.copytree(runs.plan.parent, tmp_path / "runs")))
    approval.file_of(here.plan).unlink(missing_ok=True)
    assert here.approve(here.first).exit_code == 0
    rewrite(here.second, lambda rows: [row | {"response": f"{n:020x}"} for n, row in enumerate(rows)])
    other = shutil.copy(here.plan, here.plan.with_name("tweede.toml"))
    assert run("approve", here.second, other, "--name", "Bram Jansen").exit_code == 0


def counted(people: Iterable[int], changed: Iterable[int] = (), place: str = "partners") -> Reported:
    """A report on all answers of these people, some of whom answer otherwise now."""
    who = [*people]
    base = Base(
        place=place,
        figure=ALL_ANSWERS,
        levels=("",),
        level=np.zeros(len(who), dtype=np.intp),
        who=np.array([*map(str, who)]),
        said=np.isin(who, [*changed]).astype(np.uint64),
    )
    return reported(marks([base]), {place: known_by(base.who)})


def test_people_whose_answers_are_counted_are_the_same_or_others_however_many_differ() -> None:
    """Ten or more apart is enough where weights blur a number, and not where it is exact."""
    before = counted(range(60))
    for now in (counted(range(100)), counted(range(30)), counted(range(60), range(20))):
        first, line, last = too_alike([before], now)
        assert "counted and not weighted" in first
        assert line == "- partners: since the report of 2026-11-29 people came, went or changed answers"
        assert "--unpublished" in last
        assert not re.search(r"\d", f"{first} {last}")
    for now in (before, counted(range(100, 160))):
        assert too_alike([before], now) == []
    residents = [counted(range(number), place="residents, invited") for number in (60, 100)]
    assert too_alike(residents[:1], residents[1]) == []


def test_an_approval_of_the_same_employees_beside_other_residents_is_compared(
    waves: tuple[Path, tuple[Path, Path], Path], tmp_path: Path
) -> None:
    """Of the employees many withdrew; residents of another wave are not compared with each other."""
    folder, then, _ = waves
    for name in ("now", "then"):
        shutil.copy(folder / f"{name}.toml", tmp_path)
    survey, named = (
        "leiden-medewerkers",
        '[[report.companions]]\nsurvey = "leiden-medewerkers"\nname = "medewerkers"\n',
    )
    for path in tmp_path.glob("*.toml"):
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{named}", encoding="utf-8")
    employees, fewer = tmp_path / "employees", tmp_path / "fewer"
    write_simulated_export(employees, invited=100, respondents=60, definition=find_folder(survey))
    shutil.copytree(employees, fewer)
    rewrite(fewer, lambda rows: rows[:40])

    def approve(export: Path, plan: str, beside: Path) -> Result:
        return run("approve", export, tmp_path / plan, "--name", "Bram", "--with", beside)

    def drafted(export: Path, plan: str, beside: Path) -> list[str]:
        return reports(export, tmp_path / plan, [beside])[2]

    first = approve(then[0], "then.toml", employees)
    assert first.exit_code == 0, first.output
    refused = approve(folder / "now", "now.toml", fewer)
    assert refused.exit_code == 2
    assert re.search(rf"^- {survey}: since .*\d people came, went", refused.output, re.MULTILINE)
    assert refused.output.count(f"- {survey}") == 1
    assert "fewer than" not in refused.output
    assert any("counted and not weighted" in line for line in drafted(folder / "now", "now.toml", fewer))
    assert not re.search(r"^- brinkdorp", refused.output, re.MULTILINE)
    assert "then-akkoord.json" in refused.output
    left_out = run("approve", folder / "now", tmp_path / "now.toml", "--name", "Bram")
    assert left_out.exit_code == 0, left_out.output
    others = Path(shutil.copytree(employees, tmp_path / "others"))
    rewrite(others, lambda rows: [row | {"response": f"{n:020x}"} for n, row in enumerate(rows)])
    wave = approve(folder / "now", "now.toml", others)
    assert wave.exit_code == 0, wave.output
    same = approve(folder / "now", "now.toml", employees)
    assert same.exit_code == 0, same.output


OF_NAMES = """
[[tables]]
key = "ages"
by = ["area", "area_age"]

[[tests]]
key = "grades"
kind = "rank"
formula = "grade ~ area"

"""


def test_a_name_that_stands_for_something_else_is_refused(
    waves: tuple[Path, tuple[Path, Path], Path], tmp_path: Path
) -> None:
    """A table by something else shows sums of cells that the first hid, and its own figures are new ones."""
    export, plan = waves[0] / "now", tmp_path / "plan.toml"
    text = (
        (waves[0] / "now.toml").read_text(encoding="utf-8").replace("[report]\n", f"{OF_NAMES}[report]\n", 1)
    )

    def approve(*change: str) -> Result:
        plan.write_text(text.replace(*change) if change else text, encoding="utf-8")
        assert not change or plan.read_text(encoding="utf-8") != text
        return run("approve", export, plan, "--name", "Bram")

    first = approve()
    assert first.exit_code == 0, first.output
    for name, *change in (
        ("table ages: by area, area_age", 'by = ["area", "area_age"]', 'by = ["area_age"]'),
        ("test grades: grade ~ area", '"grade ~ area"', '"grade ~ area_age"'),
        ("indicator goes_out: proportion of (visits) = 1, 2, 3", "[2, 1, 3]", "[99]"),
        ("margin area_age: age: 18-64 = 2; 65+ = 3", '= [2]\n"65+" = [3]', '= [3]\n"65+" = [2]'),
    ):
        refused = approve(*change)
        assert refused.exit_code == 2, refused.output
        assert f"- brinkdorp-peiling, {name}" in refused.output
        assert "fewer than 10 people" not in refused.output
        assert "a few people who" not in refused.output
    same = approve("[2, 1, 3]", "[1, 3, 2]")
    assert same.exit_code == 0, same.output


def test_an_area_that_consists_of_other_neighbourhoods_is_refused(
    waves: tuple[Path, tuple[Path, Path], Path], tmp_path: Path
) -> None:
    """A district that takes in a part of another has its code, and less the first it is that part."""
    export, plan = tmp_path / "export", Path(shutil.copy(waves[0] / "now.toml", tmp_path))
    shutil.copytree(waves[0] / "now", export)
    assert run("approve", export, plan, "--name", "Bram").exit_code == 0
    (areas,) = export.rglob("areas.csv")
    rows = areas.read_text(encoding="utf-8")
    moved = rows.replace("De Sluis,BD02,Waterkant", "De Sluis,BD01,Dorpskern")
    assert moved != rows
    areas.write_text(moved, encoding="utf-8")
    refused = run("approve", export, plan, "--name", "Bram")
    assert refused.exit_code == 2
    assert "- brinkdorp-peiling, area BD01: BD0101, BD0102, in the report of" in refused.output
    assert "; BD0101, BD0102, BD0202, in this one" in refused.output
    assert "people came" not in refused.output


def test_areas_together_under_a_new_code_are_not_taken_for_new_ones(
    waves: tuple[Path, tuple[Path, Path], Path],
) -> None:
    dataset = read_export(waves[0] / "now")
    plan, here = read_plan(waves[0] / "now.toml", dataset), dataset.questionnaire.municipality
    new = replace(here.areas[0], code="BD09")
    gone = {area.code for area in here.areas[:2]}
    merged = replace(
        here,
        areas=(new, *here.areas[2:]),
        neighbourhoods=tuple(
            replace(each, area=new.code) if each.area in gone else each for each in here.neighbourhoods
        ),
    )
    then, now = (replace(reported({}), defined=defined(plan, [], each)) for each in (here, merged))
    assert (
        "- brinkdorp-peiling, areas: BD01, BD02, BD03, in the report of 2026-11-29; BD03, BD09, in this one"
        in (too_alike([then], now))
    )
    assert too_alike([then], then) == []


NETWORK = """
[[report.companions]]
survey = "leiden-medewerkers"
name = "medewerkers"
[report.companions.network]
organisation = "k1"
contact = "k12a"
often = [3, 4]
organisations = { 1 = "a", 2 = "b" }
"""


def test_contact_and_organisations_that_stand_for_something_else_are_refused(
    waves: tuple[Path, tuple[Path, Path], Path], tmp_path: Path
) -> None:
    plan, employees = tmp_path / "plan.toml", tmp_path / "employees"
    text = f"{(waves[0] / 'now.toml').read_text(encoding='utf-8')}{NETWORK}"
    definition = find_folder("leiden-medewerkers")
    write_simulated_export(employees, invited=100, respondents=60, definition=definition)

    def approve(before: str = "", after: str = "", *given: str | Path) -> Result:
        plan.write_text(text.replace(before, after), encoding="utf-8")
        return run("approve", waves[0] / "now", plan, "--name", "Bram", *given)

    first = approve("", "", "--with", employees)
    assert first.exit_code == 0, first.output
    for name, before, after in (
        ("contact: k12a = 3, 4", "[3, 4]", "[4]"),
        ("organisation a: k1 = 1", '1 = "a", 2 = "b"', '1 = "b", 2 = "a"'),
    ):
        refused = approve(before, after, "--with", employees)
        assert refused.exit_code == 2, refused.output
        assert f"- leiden-medewerkers, {name}, in the report of" in refused.output
    assert approve("[3, 4]", "[4, 3]", "--with", employees).exit_code == 0
    without_them = approve("[3, 4]", "[4]")
    assert without_them.exit_code == 0, without_them.output


@pytest.fixture(scope="module")
def left_out(tmp_path_factory: pytest.TempPathFactory) -> tuple[TwoRuns, Path]:
    """One export; a plan with tables, for the sake of which other figures are hidden, and one without."""
    folder = tmp_path_factory.mktemp("left_out")
    found = TwoRuns(folder)
    write_simulated_export(found.first, invited=150, respondents=380, seed=3)
    rewrite(found.first, on_every_margin)
    write_population(found.first)
    plan = PLAN.read_text(encoding="utf-8")
    authors = '[report]\nauthors = ["Anna"]\n'
    found.plan.write_text(
        plan.replace("[report]\n", MORE.replace("[report]\n", authors), 1), encoding="utf-8"
    )
    without_tables = folder / "without.toml"
    without_tables.write_text(plan.replace("[report]\n", authors, 1), encoding="utf-8")
    return found, without_tables


def test_a_report_that_shows_what_an_approved_one_withheld_is_refused_and_the_other_way_round(
    left_out: tuple[TwoRuns, Path], tmp_path: Path
) -> None:
    runs, plain = left_out
    both = [withheld(outcomes_of(runs.first, plan)) for plan in (runs.plan, plain)]
    hidden = {each for each in {*both[0]} - {*both[1]} if ", table " not in each.place}
    assert hidden
    for first, second, said in (
        (runs.plan, plain, "withheld it, this one shows it"),
        (plain, runs.plan, "showed it, this one withholds it"),
    ):
        folder = tmp_path / first.stem
        folder.mkdir()
        plan = folder / "plan.toml"
        shutil.copy(first, plan)
        assert run("approve", runs.first, plan, "--name", "Bram").exit_code == 0
        shutil.copy(second, plan)
        refused = run("approve", runs.first, plan, "--name", "Bram")
        assert refused.exit_code == 2
        for each in hidden:
            assert f"{each.place}: {each.level} ({each.figure}" in refused.output
        assert said in refused.output
        assert "Put back what was left out" in refused.output
        assert any("Put back what was left out" in line for line in reports(runs.first, plan)[2])
        assert run("approve", runs.first, plan, "--name", "Bram", "--unpublished").exit_code == 0


def test_what_the_report_of_an_earlier_wave_withheld_is_not_printed_again(
    left_out: tuple[TwoRuns, Path], tmp_path: Path
) -> None:
    """Its plan lost the tables for the sake of which figures were hidden; also under another name."""
    runs, plain = left_out
    then, now = runs.first, tmp_path / "now"
    shutil.copytree(then, now)
    rewrite(now, lambda rows: [row | {"response": f"{n:020x}"} for n, row in enumerate(rows)])
    told = json.loads((now / "export.json").read_text())
    (now / "export.json").write_text(json.dumps(told | {"week": "2099-W48"}))
    spring, autumn = tmp_path / "spring.toml", tmp_path / "autumn" / "plan.toml"
    autumn.parent.mkdir()
    shutil.copy(runs.plan, spring)
    shutil.copy(plain, autumn)

    def approve(plan: Path) -> Result:
        return run("approve", now, autumn, "--name", "Bram", "--earlier", then, plan)

    assert run("approve", then, spring, "--name", "Bram").exit_code == 0
    renamed = shutil.copy(plain, tmp_path / "lente.toml")
    shutil.copy(plain, spring)
    for plan in (spring, renamed):
        refused = approve(plan)
        assert refused.exit_code == 2
        assert re.search(r"^- earlier wave: .*withheld it, this one shows it", refused.output, re.MULTILINE)
        assert "people came" not in refused.output
    shutil.copy(runs.plan, spring)
    same = approve(spring)
    assert same.exit_code == 0, same.output
    # What this report withheld of it counts too, wherever the approval of that wave is now.
    approval.file_of(spring).unlink()
    shutil.copy(plain, spring)
    refused = approve(spring)
    assert refused.exit_code == 2
    assert re.search(r"^- earlier wave: .*withheld it, this one shows it", refused.output, re.MULTILINE)


def test_a_name_in_the_plan_of_an_earlier_wave_that_stands_for_something_else_is_refused(
    waves: tuple[Path, tuple[Path, Path], Path], tmp_path: Path
) -> None:
    folder, (then, plan), _ = waves
    now, spring = (Path(shutil.copy(path, tmp_path)) for path in (folder / "now.toml", plan))
    assert run("approve", then, spring, "--name", "Bram").exit_code == 0
    text = plan.read_text(encoding="utf-8")
    assert "[2, 1, 3]" in text
    spring.write_text(text.replace("[2, 1, 3]", "[99]"), encoding="utf-8")
    refused = run("approve", folder / "now", now, "--name", "Bram", "--earlier", then, spring)
    assert refused.exit_code == 2
    assert "- earlier wave: brinkdorp-peiling, indicator goes_out" in refused.output
