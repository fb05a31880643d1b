"""Designs and steps of a plan, on a real export folder: what they give is what the engine gives by hand."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import Design, calibrate, mean, poststratify, rake, trim
from analysis.__main__ import read_export
from analysis.reporting.chapters import weighting_wording
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.findings.outcomes import gather
from analysis.reporting.findings.sensitivity import choices, compare
from analysis.reporting.phrases import phrases
from analysis.reporting.weighting.weighting_account import summary
from analysis.reporting.weighting.weights import Weighting
from analysis.sampling.designs import DesignError, LoneStratum
from analysis.weighting.calibration import CalibrationError, EmptyCell, ImpossibleBounds, MarginMismatch
from tests.analysis.exports import write_export
from tests.analysis.planned import population, responses, weighted
from tests.analysis.town import build

DUTCH = phrases()["nl"]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town") / "export"
    write_export(folder, build(seed=3).draw(np.random.default_rng(4), invited=400))
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "export"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.toml"


def by_hand(folder: Path) -> Design:
    """The sample with its base weights and levels, without the modules that read a plan."""
    table = responses(folder)
    adults = pd.Series(population(folder, "area_age")).groupby(level=0).sum()
    weights = table["area"].map(adults) / table["area"].map(table["area"].value_counts())
    ages = {"3": "18-24", "4": "25-44", "5": "45-64", "6": "65+", "7": "65+"}
    data = pd.DataFrame(
        {
            "area": table["area"],
            "sex": table["q36"].map({"1": "man", "2": "vrouw"}),
            "age": table["q35"].map(ages),
            "grade": table["q2"].astype(float),
            "weight": weights,
        }
    )
    return Design.of(data, weights="weight", strata="area")


def sexes(folder: Path) -> dict[str, float]:
    return {sex: count for (_, sex), count in population(folder, "sex").items()}


def spoil(folder: Path, change: Callable[[dict[str, str]], None]) -> None:
    """Change every row of responses.csv."""
    with (folder / "responses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        change(row)
    with (folder / "responses.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_no_steps_in_a_plan_are_the_one_step_that_they_stand_for(folder: Path, path: Path) -> None:
    _, _, short = weighted(folder, path)
    _, _, long = weighted(
        folder, path, weighting='minimum_cell = 20\nsmallest = 0.2\nlargest = 5.0\nsteps = [{kind = "rake"}]'
    )
    np.testing.assert_array_equal(short.weights, long.weights)
    assert short.margins == long.margins
    assert [type(done.step).__name__ for done in short.steps] == ["Rake"]


def test_poststratification_is_that_of_the_engine(folder: Path, path: Path) -> None:
    _, _, found = weighted(folder, path, weighting='steps = [{kind = "poststratify", margin = "sex"}]')
    expected = poststratify(by_hand(folder), "sex", sexes(folder))
    np.testing.assert_allclose(found.weights, expected.design.weights)
    (done,) = found.steps
    reached = {total.level: (total.after, total.population) for total in done.account.totals}
    for sex, count in sexes(folder).items():
        assert reached[f"GM0546 {sex}"] == (pytest.approx(count), pytest.approx(count))


def test_raking_without_trimming_is_that_of_the_engine(folder: Path, path: Path) -> None:
    steps = 'steps = [{kind = "rake", margins = ["area", "sex"], trim = false}]'
    sample, _, found = weighted(folder, path, weighting=steps)
    design = by_hand(folder)
    areas = pd.Series(population(folder, "area_age")).groupby(level=0).sum().to_dict()
    expected = rake(design, {"area": areas, "sex": sexes(folder)}).design
    np.testing.assert_allclose(found.weights, expected.weights)
    ours = mean(sample.codes["q2"].astype(float), found.design).standard_errors
    np.testing.assert_allclose(ours, mean("grade", expected).standard_errors)


@pytest.mark.parametrize("distance", ["linear", "raking", "logit", "truncated"])
def test_calibration_is_that_of_the_engine_and_keeps_its_limits(
    folder: Path, path: Path, distance: str
) -> None:
    _, _, found = weighted(
        folder,
        path,
        weighting="smallest = 0.5\nlargest = 2.0\n"
        f'steps = [{{kind = "calibrate", margins = ["sex"], distance = "{distance}"}}]',
    )
    both = sexes(folder)
    expected = calibrate(
        by_hand(folder),
        "~ sex",
        {"(Intercept)": sum(both.values()), "sexvrouw": both["vrouw"]},
        distance=distance,  # type: ignore[arg-type]
        bounds=(0.5, 2.0),
    )
    np.testing.assert_allclose(found.weights, expected.design.weights, rtol=1e-6)
    assert found.outside == 0


def test_trimming_after_raking_is_that_of_the_engine(folder: Path, path: Path) -> None:
    steps = '[{kind = "rake", margins = ["sex"], trim = false}, {kind = "trim", strict = true}]'
    weighting = f"smallest = 0.9\nlargest = 1.04\nsteps = {steps}"
    _, _, found = weighted(folder, path, weighting=weighting)
    design = by_hand(folder)
    raked = rake(design, {"sex": sexes(folder)}).design
    expected = trim(raked, 1.04 * design.weights, 0.9 * design.weights, strict=True)
    np.testing.assert_allclose(found.weights, expected.design.weights)
    assert found.steps[1].account.trimmed == expected.trimmed > 0
    assert found.weights.sum() == pytest.approx(design.weights.sum())


def test_steps_follow_each_other_in_the_order_of_the_plan(folder: Path, path: Path) -> None:
    first, second = '{kind = "poststratify", margin = "sex"}', '{kind = "poststratify", margin = "area"}'
    results = []
    for steps in (f"[{first}, {second}]", f"[{second}, {first}]"):
        _, _, found = weighted(folder, path, weighting=f"steps = {steps}")
        by_step = [{total.margin for total in done.account.totals} for done in found.steps]
        assert len(found.design.adjustments) == 2
        results.append((by_step, found.steps[-1].account.largest_deviation))
    assert results[0][0] == [{"sex"}, {"area"}]
    assert results[1][0] == [{"area"}, {"sex"}]
    assert all(deviation < 1e-12 for _, deviation in results)


def break_off_unevenly(row: dict[str, str]) -> None:
    number = int(row["response"][1:])
    if number % (3 if row["q36"] == "1" else 10) == 0:
        row["disposition"] = "break_off"


def test_who_answered_enough_stands_for_those_of_the_same_sex_who_broke_off(folder: Path, path: Path) -> None:
    spoil(folder, break_off_unevenly)
    steps = 'steps = [{kind = "nonresponse", by = ["q36"]}]'
    sample, _, found = weighted(folder, path, weighting=steps)
    everybody = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    enough = everybody["disposition"] != "break_off"
    assert sample.size == enough.sum() < len(everybody)
    adults = pd.Series(population(folder, "area_age")).groupby(level=0).sum()
    base = everybody["area"].map(adults) / everybody["area"].map(everybody["area"].value_counts())
    chance = enough.groupby(everybody["q36"]).transform("mean")
    np.testing.assert_allclose(found.weights, (base / chance)[enough], rtol=1e-6)
    (done,) = found.steps
    assert done.account.totals[0].before == pytest.approx(adults.sum())
    assert done.account.largest_ratio == pytest.approx(1 / chance.min())


def test_levels_of_too_few_people_are_merged_before_nonresponse_is_modelled(folder: Path, path: Path) -> None:
    def answer_otherwise(row: dict[str, str]) -> None:
        break_off_unevenly(row)
        row["q36"] = "3" if row["response"] in {"r00001", "r00002"} else row["q36"]

    spoil(folder, answer_otherwise)
    _, _, found = weighted(folder, path, weighting='steps = [{kind = "nonresponse", by = ["q36"]}]')
    (merge,) = (merge for merge in found.merges if merge.margin == "q36")
    assert merge.categories == ("2", "3")


def test_weighting_classes_keep_the_weight_of_everybody_who_sent_answers(folder: Path, path: Path) -> None:
    spoil(folder, break_off_unevenly)
    steps = 'steps = [{kind = "nonresponse", by = ["q36", "q35"], classes = 2}, {kind = "rake"}]'
    _, _, found = weighted(folder, path, weighting=steps)
    before = found.steps[0].account.totals[0]
    assert before.after == pytest.approx(before.before)
    assert found.weights.sum() == pytest.approx(111_080)


def test_nonresponse_without_break_offs_says_that_there_is_nothing_to_model(folder: Path, path: Path) -> None:
    with pytest.raises(CalibrationError, match="Everybody or nobody answered"):
        weighted(folder, path, weighting='steps = [{kind = "nonresponse", by = ["q36"]}]')


def error_of(found: Weighting, answers: np.ndarray) -> float:
    return float(mean(answers, found.design).standard_errors[0])


def week_of(row: dict[str, str]) -> str:
    """One of eight weeks, spread over all responses."""
    return f"2026-W{41 + int(row['response'][1:]) % 8}"


def test_clusters_give_the_error_of_a_draw_of_clusters(folder: Path, path: Path) -> None:
    def over_eight_weeks(row: dict[str, str]) -> None:
        row["week"] = week_of(row)

    spoil(folder, over_eight_weeks)
    steps = 'steps = [{kind = "poststratify", margin = "sex"}]'
    sample, _, found = weighted(
        folder, path, weighting=steps, more='[design]\nstrata = []\nclusters = ["week"]'
    )
    table = by_hand(folder).data.assign(cluster=responses(folder)["week"])
    drawn = Design.of(table, weights="weight", clusters=["cluster"])
    expected = mean("grade", poststratify(drawn, "sex", sexes(folder)).design)
    assert error_of(found, sample.codes["q2"].astype(float)) == pytest.approx(expected.standard_errors[0])
    assert expected.degrees_of_freedom == 7


def test_an_area_of_one_cluster_has_no_figure_no_mark_and_no_model(folder: Path, path: Path) -> None:
    def one_cluster(row: dict[str, str]) -> None:
        row["week"] = "2026-W40" if row["area"] == "WK054601" else week_of(row)

    spoil(folder, one_cluster)
    more = (
        '[design]\nstrata = []\nclusters = ["week"]\n'
        '[small_areas]\nindicators = ["grade", "unmet"]\nmargin = "area_age"'
    )
    sample, plan, found = weighted(folder, path, more=more)
    nobody = sample.take(np.zeros(sample.size, dtype=bool))
    for outcome in gather(sample, sample, nobody, plan, found).indicators:
        areas = {area.area.code: area for area in outcome.areas}
        alone = areas.pop("WK054601")
        people = int((sample.texts["area"] == "WK054601").sum())
        assert alone.cell == alone.rest == Suppressed(reason="no_margin", respondents=people)
        assert alone.mark is None
        assert alone.models is None or alone.models.fay_herriot is None
        assert all(area.mark is not None for area in areas.values())


def test_an_area_whose_rest_is_one_cluster_has_no_mark(folder: Path, path: Path) -> None:
    def one_cluster(row: dict[str, str]) -> None:
        row["week"] = week_of(row) if row["area"] == "WK054601" else "2026-W40"

    spoil(folder, one_cluster)
    sample, plan, found = weighted(folder, path, more='[design]\nstrata = []\nclusters = ["week"]')
    nobody = sample.take(np.zeros(sample.size, dtype=bool))
    grade = gather(sample, sample, nobody, plan, found).indicators[0]
    assert not any(isinstance(area.cell, Suppressed) for area in grade.areas if area.area.code == "WK054601")
    assert [area.mark for area in grade.areas] == [None] * 10


def test_numbers_of_persons_per_stratum_are_those_of_the_population_file(folder: Path, path: Path) -> None:
    adults = pd.Series(population(folder, "area_age")).groupby(level=0).sum()
    written = ", ".join(f"{area} = {count}" for area, count in adults.items())
    sample, _, given = weighted(folder, path, more=f"[design]\npopulation = {{{written}}}")
    _, _, counted = weighted(folder, path, more="[design]\nfinite_population = true")
    _, _, plain = weighted(folder, path)
    grades = sample.codes["q2"].astype(float)
    assert error_of(given, grades) == error_of(counted, grades) < error_of(plain, grades)


def test_a_stratum_without_a_number_is_named(folder: Path, path: Path) -> None:
    with pytest.raises(DesignError, match=r"no number for stratum WK054600, .*Add how many units it has"):
        weighted(folder, path, more="[design]\npopulation = {WK054609 = 100}")


@pytest.mark.parametrize("lonely", ["remove", "certainty", "average", "adjust"])
def test_a_stratum_of_one_counts_as_the_design_says(folder: Path, path: Path, lonely: str) -> None:
    only = responses(folder).query("sampled_area == 'WK054602'")["response"].iloc[0]

    def move_all_but_one(row: dict[str, str]) -> None:
        if row["sampled_area"] == "WK054602" and row["response"] != only:
            row["sampled_area"] = "WK054603"

    spoil(folder, move_all_but_one)
    with pytest.raises(LoneStratum, match=r"Only one person answered in WK054602.*lonely"):
        weighted(folder, path)
    sample, _, found = weighted(folder, path, more=f'[design]\nlonely = "{lonely}"')
    assert found.design.lonely == lonely
    assert error_of(found, sample.codes["q2"].astype(float)) > 0


def test_a_design_column_without_an_answer_is_refused_with_its_number(folder: Path, path: Path) -> None:
    def skip(row: dict[str, str]) -> None:
        row["q25"] = "-5" if row["response"] in {"r00001", "r00002"} else row["q25"]

    spoil(folder, skip)
    with pytest.raises(DesignError, match=r"Column q25 of the design is empty for 2 of \d+ responses"):
        weighted(folder, path, more='[design]\nstrata = []\nclusters = ["q25"]')


@pytest.mark.parametrize(
    "method", ['{method = "jackknife"}', '{method = "bootstrap", number = 300, seed = 7}']
)
def test_replicates_go_through_every_step_and_agree_with_linearisation(
    folder: Path, path: Path, method: str
) -> None:
    steps = 'steps = [{kind = "rake", margins = ["area", "sex"], trim = false}, {kind = "trim"}]'
    sample, _, found = weighted(folder, path, weighting=steps, more=f"[design]\nreplicates = {method}")
    assert found.design.replicates is not None
    women = sample.codes["q36"] == 2
    sums = found.design.replicates.weights[women].sum(axis=0)
    np.testing.assert_allclose(sums, sexes(folder)["vrouw"], rtol=1e-8)
    _, _, linear = weighted(folder, path, weighting=steps)
    np.testing.assert_array_equal(found.weights, linear.weights)
    grades = sample.codes["q2"].astype(float)
    assert error_of(found, grades) == pytest.approx(error_of(linear, grades), rel=0.12)


def test_the_same_seed_gives_the_same_replicates(folder: Path, path: Path) -> None:
    def drawn(seed: int) -> np.ndarray:
        more = f'[design]\nreplicates = {{method = "bootstrap", number = 5, seed = {seed}}}'
        _, _, found = weighted(folder, path, more=more)
        assert found.design.replicates is not None
        return found.design.replicates.weights

    np.testing.assert_array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))


def test_fays_method_for_strata_of_two_clusters(folder: Path, path: Path) -> None:
    steps = 'minimum_cell = 1\nsteps = [{kind = "poststratify", margin = "sex"}]'
    design = '[design]\nstrata = []\nclusters = ["q25"]\nreplicates = {method = "balanced", fay = 0.5}'
    sample, _, found = weighted(folder, path, weighting=steps, more=design)
    assert found.design.replicates is not None
    assert found.design.replicates.weights.shape == (sample.size, 2)
    assert found.design.replicates.scale == pytest.approx(1 / (2 * 0.5**2))


def test_who_skipped_a_margin_keeps_a_share_in_every_replicate(folder: Path, path: Path) -> None:
    def skip(row: dict[str, str]) -> None:
        row["q36"] = "-9" if row["response"] in {"r00001", "r00002"} else row["q36"]

    spoil(folder, skip)
    steps = 'steps = [{kind = "rake", margins = ["sex"], trim = false}]'
    design = '[design]\nreplicates = {method = "bootstrap", number = 40, seed = 2}'
    sample, _, found = weighted(folder, path, weighting=steps, more=design)
    assert found.design.replicates is not None
    silent = found.design.replicates.weights[sample.codes["q36"] < 0].sum(axis=0)
    # In some draws neither of the two is there, and the others stand for everybody.
    assert (silent == 0).any()
    assert (silent > 0).any()
    np.testing.assert_allclose(found.design.replicates.weights.sum(axis=0), 111_080)


def test_a_replicate_that_cannot_be_weighted_is_numbered(folder: Path, path: Path) -> None:
    steps = 'minimum_cell = 1\nsteps = [{kind = "poststratify", margin = "sex"}]'
    design = '[design]\nstrata = []\nclusters = ["q36"]\nreplicates = {method = "jackknife"}'
    with pytest.raises(EmptyCell, match="Replicate 1: Margin sex: nobody answered in GM0546 man"):
        weighted(folder, path, weighting=steps, more=design)


def test_limits_that_no_weights_can_keep_are_refused_with_what_to_do(folder: Path, path: Path) -> None:
    weighting = 'smallest = 0.999\nlargest = 1.001\nsteps = [{kind = "calibrate"}]'
    with pytest.raises(ImpossibleBounds, match="In the plan: move smallest and largest apart"):
        weighted(folder, path, weighting=weighting)


def test_limits_that_the_margins_exceed_are_told_with_what_to_do(folder: Path, path: Path) -> None:
    _, _, kept = weighted(folder, path)
    assert kept.outside == 0
    assert "0 still more than 1% outside the limits" in summary(kept)
    assert "minimum_cell" not in summary(kept)
    _, _, beyond = weighted(folder, path, weighting="smallest = 0.99\nlargest = 1.01")
    assert beyond.outside > 0
    assert f"{beyond.outside} still more than 1% outside the limits" in summary(beyond)
    assert "in the plan raise minimum_cell" in summary(beyond)


def test_a_margin_that_differs_by_more_than_rounding_names_the_file(folder: Path, path: Path) -> None:
    counts = folder / "municipalities/leiden/population.csv"
    text = counts.read_text(encoding="utf-8")
    counts.write_text(text.replace("sex,GM0546,man,53415", "sex,GM0546,man,35415"), encoding="utf-8")
    with pytest.raises(MarginMismatch, match=r"population.csv: Margin sex adds up to 93,080 people in all"):
        weighted(folder, path)


@pytest.mark.parametrize("lacking", ["WK054609,65+", "WK054609"])
def test_an_area_that_is_not_counted_is_named_with_its_rows(folder: Path, path: Path, lacking: str) -> None:
    counts = folder / "municipalities/leiden/population.csv"
    rows = counts.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [row for row in rows if not row.startswith(f"area_age,{lacking},")]
    assert len(left) < len(rows)
    counts.write_text("".join(left), encoding="utf-8")
    rows_named = "65+" if "65+" in lacking else "18-24, 25-44, 45-64, 65+"
    said = f"in margin area_age. It has no row for WK054609: {rows_named}. Add these rows, with 0 where"
    with pytest.raises(MarginMismatch, match=re.escape(said)):
        weighted(folder, path)


def test_the_report_says_in_dutch_what_the_steps_and_the_design_are(folder: Path, path: Path) -> None:
    steps = (
        'steps = [{kind = "poststratify", margin = "sex"},'
        ' {kind = "calibrate", margins = ["area", "area_age"]}, {kind = "trim"}]'
    )
    design = '[design]\nreplicates = {method = "bootstrap", number = 5, seed = 2}'
    _, plan, found = weighted(folder, path, weighting=steps, more=design)
    said = "\n".join([*weighting_wording.steps(DUTCH, plan, found), weighting_wording.errors(DUTCH, plan)])
    assert "Poststratificatie op sex: één factor voor elke groep." in said
    assert "Kalibratie op wijk en op area_age (afstand: logit), in " in said
    assert "Wat eraf ging is verdeeld over de andere gewichten." in said
    assert "5 trekkingen uit de steekproef (bootstrap), voor een gestratificeerde steekproef" in said
    _, plan, found = weighted(folder, path)
    said = "\n".join([*weighting_wording.steps(DUTCH, plan, found), weighting_wording.errors(DUTCH, plan)])
    assert "Raking op wijk en op area_age en sex, in " in said
    assert "Marges: Taylor-linearisatie voor een gestratificeerde steekproef, met de residuen" in said


def test_a_report_with_replicates_has_figures_and_withholds_those_of_few(folder: Path, path: Path) -> None:
    only = responses(folder).query("area == 'WK054601'")["response"].iloc[0]

    def silent_but_one(row: dict[str, str]) -> None:
        row["q2"] = "-9" if row["area"] == "WK054601" and row["response"] != only else row["q2"]

    spoil(folder, silent_but_one)
    design = '[design]\nreplicates = {method = "bootstrap", number = 30, seed = 2}'
    sample, plan, found = weighted(folder, path, more=design)
    nobody = sample.take(np.zeros(sample.size, dtype=bool))
    outcome = gather(sample, sample, nobody, plan, found).indicators[0]
    cells = {area.area.code: area.cell for area in outcome.areas}
    assert isinstance(cells["WK054601"], Suppressed)
    shown = [cell for cell in cells.values() if not isinstance(cell, Suppressed)]
    assert len(shown) == 8  # one more area is hidden with it
    assert all(cell.standard_error > 0 for cell in shown)


STEPS = 'steps = [{kind = "nonresponse", by = ["q36"]}, {kind = "rake"}]'


def test_a_variant_is_weighted_by_the_steps_and_the_design_of_the_plan(folder: Path, path: Path) -> None:
    spoil(folder, break_off_unevenly)
    variant = (
        '[design]\nfinite_population = true\n[[sensitivity]]\nname = "Zonder geslacht"\nwithout = ["sex"]'
    )
    sample, plan, planned = weighted(folder, path, weighting=STEPS, more=variant)
    grade, _ = compare(read_export(folder), plan, choices(plan, "Plan"))
    cell = grade.variants[0].cell
    assert not isinstance(cell, Suppressed)
    expected = mean(sample.codes["q2"].astype(float), planned.design)
    assert cell.value == pytest.approx(expected.values[0])
    assert cell.standard_error == pytest.approx(expected.standard_errors[0])


def test_nonresponse_with_the_open_link_is_refused_by_the_name_of_the_variant(
    folder: Path, path: Path
) -> None:
    spoil(folder, break_off_unevenly)
    _, plan, _ = weighted(
        folder, path, weighting=STEPS, more='[[sensitivity]]\nname = "Met de open link"\nopen = true'
    )
    with pytest.raises(
        CalibrationError, match="Met de open link: A step for nonresponse is about all invited"
    ):
        compare(read_export(folder), plan, choices(plan, "Plan"))
