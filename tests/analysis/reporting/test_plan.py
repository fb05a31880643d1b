"""A plan with something wrong in it: every problem at once, each with its place, code and what to do."""

import re
from pathlib import Path

import pytest

from analysis.reporting.exports.dataset import POPULATION, InputError, parse_population
from analysis.reporting.exports.questions import question_of
from analysis.reporting.findings.sensitivity import choices
from analysis.reporting.plans.plan import AnalysisPlan, parse
from analysis.reporting.plans.weighting_plan import Bootstrap, Calibrate, DesignPlan, Nonresponse, Rake, Trim
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import MultipleChoice
from survey.questionnaires.parsing import parse as parse_questionnaire
from survey.questionnaires.problems import Findings
from tests.analysis.planned import write_plan
from tests.analysis.town import DEFINITION

FILES = read_folder(DEFINITION)
PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"
QUESTIONNAIRE = parse_questionnaire(FILES)
COUNTS = parse_population(FILES[POPULATION], Findings(POPULATION))


def read(folder: Path, weighting: str = "", more: str = "") -> AnalysisPlan:
    plan = write_plan(folder / "plan.toml", weighting=weighting, more=more)
    return parse(plan.read_bytes(), QUESTIONNAIRE, COUNTS)


def test_a_plan_without_design_steps_tables_and_tests_has_defaults_that_work(tmp_path: Path) -> None:
    plan = read(tmp_path)
    assert plan.design == DesignPlan(strata=("sampled_area",), lonely="fail")
    assert plan.weighting.steps == (Rake(margins=(), trim=True),)
    assert plan.tables == plan.tests == ()


def test_designs_and_steps_are_read_by_their_kind(tmp_path: Path) -> None:
    plan = read(
        tmp_path,
        'steps = [{kind = "nonresponse", by = ["q36"], classes = 3},'
        ' {kind = "calibrate", margins = ["sex"]}]',
        '[design]\nreplicates = {method = "bootstrap", seed = 4}',
    )
    assert plan.weighting.steps == (
        Nonresponse(by=("q36",), classes=3),
        Calibrate(margins=("sex",), distance="logit"),
    )
    assert plan.design.replicates == Bootstrap(seed=4, number=500)


TABLE = '[[tables]]\nkey = "t"\n'
TEST = '[[tests]]\nkey = "t"\n'


@pytest.mark.parametrize(
    ("weighting", "more", "said"),
    [
        (
            "",
            '[design]\nstrata = ["sampled_are"]',
            "design.strata: WA220: sampled_are is no column of responses.csv to group by. Did you mean",
        ),
        ("", '[design]\nclusters = ["address"]', "design.clusters: WA220: address is no column of responses"),
        ("", '[design]\nclusters = ["sampled_area"]', "design: WA211: sampled_area stands here twice"),
        (
            "",
            '[design]\nstrata = []\nclusters = ["sampled_area"]',
            "design.clusters: WA224: With sampled_area as cluster every area is one unit",
        ),
        (
            "",
            "[design]\nstrata = []\nfinite_population = true",
            "design.finite_population: WA221: population.csv counts persons per area",
        ),
        (
            "",
            "[design]\nfinite_population = true\npopulation = {WK054600 = 8000}",
            "design.population: WA221: finite_population takes the numbers of population.csv. Keep one.",
        ),
        (
            "",
            '[design]\nstrata = ["response"]',
            "design.strata: WA220: response is no column of responses.csv to group by.",
        ),
        (
            "",
            '[design]\nreplicates = {method = "jackknife", seed = 3}',
            "design.replicates.seed: WP101: `seed` is not a known field. There are none here: remove it.",
        ),
        (
            "dispositions = []",
            "",
            "weighting.dispositions: WA225: Name at least one of complete, partial and break_off.",
        ),
        (
            "",
            f'{TEST}kind = "regression"\nformula = "grade ~ sex + grade"',
            "tests[0].formula: WA234: grade and grade are the same answer to q2.",
        ),
        (
            "",
            f'{TEST}kind = "rank"\nformula = "grade ~ q2"',
            "tests[0].formula: WA234: grade and q2 are the same answer to q2.",
        ),
        (
            "",
            f'{TEST}kind = "chi-square"\nformula = "~ unmet + q15"',
            "tests[0].formula: WA234: unmet and q15 are the same answer to q15.",
        ),
        ("", '[design]\nlonely = "drop"', "design.lonely: WP104: Write one of: fail, remove, certainty"),
        (
            "",
            '[design]\nreplicates = {method = "brr"}',
            "design.replicates.method: WP104: Write one of: jackknife, balanced, bootstrap.",
        ),
        ("", '[design]\nreplicates = {method = "bootstrap"}', "design.replicates: WP103: `seed` is missing"),
        (
            "",
            '[design]\nreplicates = {method = "jackknife", fay = 0.3}',
            "design.replicates.fay: WP101: `fay` is not a known field",
        ),
        ("", '[design]\nreplicates = "jackknife"', "design.replicates: WP104: A table is expected here."),
        (
            'steps = [{kind = "ranking"}]',
            "",
            "weighting.steps[0].kind: WP104: Write one of: nonresponse, poststratify, rake, calibrate, trim.",
        ),
        (
            'steps = [{kind = "rake", margins = ["sexe"]}]',
            "",
            "weighting.steps[0].margins: WA222: sexe is no margin of this plan. Did you mean sex?",
        ),
        (
            'steps = [{kind = "poststratify", margin = "children"}]',
            "",
            "weighting.steps[0].margin: WA222: children is no margin of this plan. There are: area, area_age",
        ),
        (
            'steps = [{kind = "rake"}, {kind = "nonresponse", by = ["q36"]}]',
            "",
            "weighting.steps[1]: WA223: Nonresponse comes first",
        ),
        (
            'steps = [{kind = "nonresponse", by = []}]',
            "",
            "weighting.steps[0].by: WA220: Name at least one column.",
        ),
        (
            'steps = [{kind = "nonresponse", by = ["q366"]}]',
            "",
            "weighting.steps[0].by: WA220: q366 is no column of responses.csv to group by. Did you mean",
        ),
        (
            'steps = [{kind = "calibrate", distance = "cubic"}]',
            "",
            "weighting.steps[0].distance: WP104: Write one of: linear, raking, logit, truncated.",
        ),
        (
            "",
            f'{TABLE}by = ["ara"]',
            "tables[0].by: WA231: ara is no area, margin or question with one answer",
        ),
        ("", f'{TABLE}by = ["q7"]', "tables[0].by: WA231: q7 is no area, margin or question"),
        ("", f"{TABLE}by = []", 'tables[0].by: WA231: Name what to divide by, such as "area".'),
        (
            "",
            f'{TABLE}by = ["area"]\nindicators = ["grades"]',
            "tables[0].indicators: WA230: grades is no indicator of this plan. Did you mean grade?",
        ),
        ("", f'{TABLE}by = ["area"]\n{TABLE}by = ["sex"]', "tables: WA211: t stands here twice"),
        ("", f'{TABLE}by = ["area"]\ninterval = "wald"', "tables[0].interval: WP104: Write one of: logit"),
        (
            "",
            f'{TEST}kind = "anova"\nformula = "grade ~ sex"',
            "tests[0].kind: WP104: Write one of: chi-square, t, rank, regression.",
        ),
        ("", f'{TEST}kind = "t"\nformula = "grade ~ ("', "tests[0].formula: WA232: Formula grade ~ ("),
        (
            "",
            f'{TEST}kind = "t"\nformula = "grade ~ sexe"',
            "tests[0].formula: WA233: sexe is no area, margin, indicator or question. Did you mean sex?",
        ),
        (
            "",
            f'{TEST}kind = "regression"\nformula = "grades ~ sex"',
            "tests[0].formula: WA233: grades is no indicator or question with one answer. Did you mean",
        ),
        (
            "",
            f'{TEST}kind = "t"\nformula = "grade ~ I(as.numeric(sex == \\"man\\"))"',
            "tests[0].formula: WA233: I(as_numeric(sex ==",
        ),
        (
            "",
            f'{TEST}kind = "chi-square"\nformula = "unmet ~ sex"',
            "tests[0].formula: WA234: This kind of test needs two categories and no outcome",
        ),
        (
            "",
            f'{TEST}kind = "rank"\nformula = "grade ~ sex + area"',
            "tests[0].formula: WA234: This kind of test needs an outcome and one category",
        ),
        (
            "",
            f'{TEST}kind = "regression"\nformula = "~ sex"',
            "tests[0].formula: WA234: This kind of test needs an outcome and one or more terms",
        ),
    ],
)
def test_what_is_wrong_is_said_with_place_and_code(
    tmp_path: Path, weighting: str, more: str, said: str
) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, weighting, more)
    assert f"plan.toml: {said}" in str(refused.value)


@pytest.mark.parametrize("share", ["5", "1.01"])
def test_a_relevant_share_in_points_is_refused_with_how_to_write_it(tmp_path: Path, share: str) -> None:
    text = write_plan(tmp_path / "plan.toml").read_text(encoding="utf-8")
    with pytest.raises(InputError, match=r"relevant_share: WA214: .* is a share: 0\.05 = 5 points\."):
        parse(f"relevant_share = {share}\n{text}".encode(), QUESTIONNAIRE, COUNTS)


VARIANT = '[[sensitivity]]\nname = "Anders"\n'


@pytest.mark.parametrize(
    ("weighting", "variant"),
    [
        ("", ""),
        ("minimum_cell = 15", "weighting = {minimum_cell = 15}"),
        ('steps = [{kind = "rake", margins = ["area", "area_age"]}]', 'without = ["sex"]'),
        ('steps = [{kind = "poststratify", margin = "sex"}]', "weighting = {largest = 3.0}"),
        ('steps = [{kind = "rake", trim = false}]', "weighting = {smallest = 0.5}"),
    ],
)
def test_a_variant_that_weights_as_the_plan_does_is_refused(
    tmp_path: Path, weighting: str, variant: str
) -> None:
    with pytest.raises(InputError, match=r"sensitivity\[0\]: WA240: This changes nothing"):
        read(tmp_path, weighting, VARIANT + variant)


@pytest.mark.parametrize(
    ("weighting", "variant"),
    [
        ('steps = [{kind = "rake", margins = ["sex"]}]', 'without = ["sex"]'),
        ('steps = [{kind = "rake", margins = ["area", "area_age"]}]', "open = true"),
        ('steps = [{kind = "rake"}]', "weighting = {largest = 3.0}"),
    ],
)
def test_a_variant_that_weights_otherwise_is_read(tmp_path: Path, weighting: str, variant: str) -> None:
    assert [each.name for each in read(tmp_path, weighting, VARIANT + variant).sensitivity] == ["Anders"]


def test_a_variant_leaves_its_margins_out_of_the_steps(tmp_path: Path) -> None:
    steps = (
        'steps = [{kind = "poststratify", margin = "sex"}, {kind = "calibrate", margins = ["area", "sex"]},'
        ' {kind = "rake", margins = ["sex"]}, {kind = "trim"}]'
    )
    _, without = choices(read(tmp_path, steps, VARIANT + 'without = ["sex"]'), "plan")
    assert without.weighting.steps == (Calibrate(margins=("area",)), Trim())
    assert [margin.population for margin in without.weighting.margins] == ["area_age"]


def test_another_format_is_refused_with_the_one_that_is_read(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan.toml").read_bytes().replace(b"format = 1", b"format = 2")
    with pytest.raises(InputError, match=r"format: WP104: Write one of: 1\."):
        parse(plan, QUESTIONNAIRE, COUNTS)


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(
            tmp_path,
            'smallest = 3.0\nsteps = [{kind = "rake", margins = ["sexe"]}]',
            f'[design]\nstrata = ["street"]\n{TABLE}by = ["ara"]\n{TEST}kind = "t"\nformula = "~ sex"',
        )
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["WA220", "WA203", "WA222", "WA231", "WA234"]


def test_a_label_says_when_it_counts_a_half_yes_or_a_box_that_was_ticked() -> None:
    labels = {}
    for indicator in parse(PLAN.read_bytes(), QUESTIONNAIRE, COUNTS).indicators:
        question = question_of(QUESTIONNAIRE, indicator.variable)
        for option in getattr(question, "options", ()):
            if option.code in indicator.codes and re.search("misschien|alleen", option.label.source.lower()):
                labels[indicator.key] = ("misschien", "minstens", indicator.label)
        if isinstance(question, MultipleChoice) and len(indicator.codes) == 1:
            labels[indicator.key] = ("Noemt als", "Noemt als", indicator.label)
    assert {"knows_house", "other_area", "less_help", "not_in_area"} <= set(labels)
    assert [each for each in labels.values() if each[0] not in each[2] and each[1] not in each[2]] == []


def test_a_remark_on_a_question_that_nobody_was_asked_is_refused() -> None:
    remark = PLAN.read_bytes().replace(b"\nq25 = ", b"\nq25x = ")
    with pytest.raises(InputError, match=r"report\.remarks: WA212: .*q25x.*Did you mean q25"):
        parse(remark, QUESTIONNAIRE, COUNTS)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (r'of_whom = ".*"', r"indicators\[7\]\.of_whom"),
        (r'q25 = ".*"', r"report\.remarks\.q25"),
        (r'gap = ".*"', r"report\.groups\[0\]\.gap"),
        (r'population = "bewoners.*"', r"report\.population"),
        (r'"KPI" = ".*"', r"report\.glossary\.KPI"),
    ],
)
@pytest.mark.parametrize("text", ["", "  "])
def test_a_text_without_words_is_refused_where_it_would_be_printed(line: str, place: str, text: str) -> None:
    plan = PLAN.read_text(encoding="utf-8")
    empty, found = re.subn(f"(?m)^{line}", lambda each: f'{each[0].split("=")[0]}= "{text}"', plan, count=1)
    assert found == 1
    with pytest.raises(InputError, match=rf"{place}: WP104: Expected text that says something: write it, or"):
        parse(empty.encode(), QUESTIONNAIRE, COUNTS)


def test_every_code_of_a_plan_or_text_is_explained() -> None:
    root = Path(__file__).parents[3]
    modules = sorted((root / "analysis/reporting").rglob("*.py"))
    used = {int(code) for module in modules for code in re.findall(r"WA(\d{3})", module.read_text("utf-8"))}
    table = (root / "docs/statistics.md").read_text(encoding="utf-8")
    named = {int(code) for code in re.findall(r"WA(\d{3})", table)}
    between = re.findall(r"WA(\d{3}) to WA(\d{3})", table)
    explained = named.union(*(range(int(first), int(last)) for first, last in between))
    assert len(used) > 50
    assert used <= explained
