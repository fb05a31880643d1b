"""An attack on two reports of one survey, made with one response more, and the approval that stops it."""

import csv
import io
import re
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from analysis.__main__ import read_background, read_export, read_plan, reports, weigh_invited
from analysis.reporting import report
from analysis.reporting.files import approval
from analysis.reporting.files.approval import FEWEST_APART, Reported, answered, too_alike
from analysis.reporting.findings import indicators
from tests.analysis.reporting.test_attack import on_every_margin, write_population
from tests.analysis.reporting.test_report import PLAN, outcomes_of, run
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
    assert f"leiden-eindevaluatie, invited, {AREA}: since the report of" in result.output
    assert "1 came or went, 0 changed answers" in result.output
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
    assert only.answered == answered_by(here.second, here.plan)
    assert here.approve(here.first).exit_code == 2


def answered_by(export: Path, plan: Path) -> approval.Answered:
    dataset = read_export(export)
    dispositions = read_plan(plan, dataset).weighting.dispositions
    rows = dataset.usable("invited", dispositions) | dataset.usable("open", dispositions)
    return answered(dataset.take(rows))


people = st.dictionaries(st.integers(0, 40).map(str), st.sampled_from("ab"), max_size=40)


@given(
    then=st.dictionaries(st.sampled_from(["east", "west"]), people),
    now=st.dictionaries(st.sampled_from(["east", "west"]), people),
)
def test_two_reports_are_alike_when_a_few_differ_in_any_place(
    then: dict[str, dict[str, str]], now: dict[str, dict[str, str]]
) -> None:
    few = False
    for place in ("east", "west"):
        one, other = then.get(place, {}), now.get(place, {})
        moved = {*one} ^ {*other}
        changed = {each for each in {*one} & {*other} if one[each] != other[each]}
        few |= any(0 < len(each) < FEWEST_APART for each in (moved, changed))
    assert bool(too_alike([Reported(date="2026-11-29", answered=then)], now)) == few
    assert too_alike([Reported(date="2026-11-29", answered=now)], now) == []


def test_a_digest_does_not_tell_that_two_people_say_the_same(runs: TwoRuns) -> None:
    """Otherwise whoever has the approval alone could try out answers until one fits."""
    dataset = read_export(runs.second)
    alike = msgspec.structs.replace(
        dataset, codes={name: np.zeros_like(codes) for name, codes in dataset.codes.items()}
    )
    digests = [digest for found in answered(alike).values() for digest in found.values()]
    assert len({*digests}) == len(digests) == dataset.size
