"""What a function cannot work with, it refuses by name: every public function, every fault, every table."""

import datetime as dt
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import analysis as engine
from analysis import AnalysisError, Design
from analysis.__main__ import Refusal, refusals

SIZE = 120


def columns() -> dict[str, list[Any]]:
    """Two districts of sixty, ten streets in each; everything an analysis may ask for."""
    random = np.random.default_rng(11)
    rows = np.arange(SIZE)
    return {
        "weight": (10.0 + rows % 3).tolist(),
        "district": np.repeat(["east", "west"], SIZE // 2).tolist(),
        "street": (rows // 6).tolist(),
        "streets": [100.0] * SIZE,
        "age": np.tile(["old", "middle", "young"], SIZE // 3).tolist(),
        "sex": random.choice(["man", "woman"], SIZE).tolist(),
        "grade": random.integers(1, 11, SIZE).tolist(),
        "trust": random.integers(1, 6, SIZE).tolist(),
        "rooms": random.integers(1, 7, SIZE).astype(float).tolist(),
        "unsafe": random.integers(0, 2, SIZE).tolist(),
        "responded": random.integers(0, 2, SIZE).tolist(),
        "first": [11.0, 9.0] * (SIZE // 2),
        "second": [9.0, 11.0] * (SIZE // 2),
    }


NAN, INF = float("nan"), float("inf")
AGES = {"old": 400.0, "middle": 500.0, "young": 400.0}

CELLS = {
    "district": ["east", "east", "west", "west"],
    "sex": ["man", "woman", "man", "woman"],
    "total": [600, 700, 500, 800],
}


def drawn(data: Any) -> Design:
    return Design.of(data, weights="weight", strata="district")


def streets(data: Any) -> Design:
    return Design.of(data, weights="weight", strata="district", clusters=["street"], population=["streets"])


def weightings(design: Design) -> Any:
    """The same means as drawn and raked."""
    return engine.sensitivity(
        engine.mean, "grade", designs={"drawn": design, "raked": engine.rake(design, {"age": AGES}).design}
    )


def reference() -> Design:
    return drawn(columns())


DESIGN = {"weight": "number", "district": "level"}
CALLS: dict[str, tuple[Callable[[Any], Any], dict[str, str]]] = {
    "Design.of": (
        streets,
        {"weight": "number", "district": "level", "street": "level", "streets": "number"},
    ),
    "degrees_of_freedom": (lambda data: engine.degrees_of_freedom(drawn(data)), DESIGN),
    "mean": (
        lambda data: engine.mean(["grade", "rooms"], drawn(data)),
        {"grade": "anything", "rooms": "anything"},
    ),
    "proportion": (lambda data: engine.proportion("age", drawn(data)), {"age": "label"}),
    "total": (lambda data: engine.total("grade", drawn(data)), {"grade": "anything"}),
    "variance": (lambda data: engine.variance(["grade", "rooms"], drawn(data)), {"grade": "answer"}),
    "ratio": (
        lambda data: engine.ratio("grade", "rooms", drawn(data)),
        {"grade": "answer", "rooms": "answer"},
    ),
    "design_effect": (lambda data: engine.design_effect("grade", drawn(data)), {"grade": "anything"}),
    "quantile": (lambda data: engine.quantile("grade", drawn(data), [0.25, 0.5]), {"grade": "answer"}),
    "proportion_interval": (
        lambda data: engine.proportion_interval("unsafe", drawn(data)),
        {"unsafe": "answer"},
    ),
    "alpha": (
        lambda data: engine.alpha(["grade", "trust"], drawn(data)),
        {"grade": "answer", "trust": "answer"},
    ),
    "by_domain": (
        lambda data: engine.by_domain(engine.mean, "grade", design=drawn(data), by=["age", "sex"]),
        {"grade": "anything", "age": "label", "sex": "label"},
    ),
    "contrast": (
        lambda data: engine.contrast("grade", drawn(data), "age", {"old": 1, "young": -1}),
        {"grade": "answer", "age": "label"},
    ),
    "differences": (
        lambda data: engine.differences("grade", drawn(data), "age"),
        {"grade": "answer", "age": "label"},
    ),
    "standardised": (
        lambda data: engine.standardised(
            "grade", drawn(data), "sex", "age", {"old": 1, "middle": 2, "young": 3}
        ),
        {"grade": "answer", "sex": "label", "age": "label"},
    ),
    "domain_means": (
        lambda data: engine.domain_means(["grade", "rooms"], drawn(data), "age"),
        {"grade": "answer", "rooms": "answer", "age": "label"},
    ),
    "glm": (
        lambda data: engine.glm("grade ~ age + rooms", drawn(data)),
        {"grade": "answer", "age": "label", "rooms": "anything"},
    ),
    "glm binomial": (
        lambda data: engine.glm("unsafe ~ age + rooms", drawn(data), family="binomial"),
        {"unsafe": "answer", "age": "label", "rooms": "anything"},
    ),
    "wald_test": (
        lambda data: engine.wald_test(engine.glm("grade ~ age + rooms", drawn(data)), "age"),
        {"grade": "answer", "age": "label"},
    ),
    "ordinal": (
        lambda data: engine.ordinal("trust ~ sex + rooms", drawn(data)),
        {"trust": "answer", "sex": "label", "rooms": "anything"},
    ),
    "chisq": (lambda data: engine.chisq("age", "sex", drawn(data)), {"age": "label", "sex": "label"}),
    "ttest": (lambda data: engine.ttest("grade ~ sex", drawn(data)), {"grade": "answer", "sex": "label"}),
    "ranktest": (
        lambda data: engine.ranktest("grade ~ age", drawn(data)),
        {"grade": "answer", "age": "label"},
    ),
    "poststratify": (
        lambda data: engine.poststratify(drawn(data), "age", {"old": 400, "middle": 500, "young": 400}),
        {"weight": "number", "age": "level"},
    ),
    "rake": (
        lambda data: engine.rake(
            drawn(data),
            {"age": {"old": 400, "middle": 500, "young": 400}, "district": {"east": 600, "west": 700}},
        ),
        {"weight": "number", "age": "level", "district": "level"},
    ),
    "calibrate": (
        lambda data: engine.calibrate(
            drawn(data), "~ sex + rooms", {"(Intercept)": 1300, "sexwoman": 640, "rooms": 4600}
        ),
        {"weight": "number", "sex": "level", "rooms": "known"},
    ),
    "calibrate columns": (
        lambda data: engine.calibrate(
            drawn(data), {"rooms": "rooms"}, {"rooms": 4600}, equal_within="street"
        ),
        {"rooms": "number", "street": "level"},
    ),
    "trim": (lambda data: engine.trim(drawn(data), upper=11.5), DESIGN),
    "response_propensities": (
        lambda data: engine.response_propensities(drawn(data), "responded ~ age + rooms"),
        {"responded": "number", "age": "level", "rooms": "known"},
    ),
    "divide_by_propensity": (
        lambda data: engine.divide_by_propensity(
            drawn(data), engine.response_propensities(drawn(data), "responded ~ sex")
        ),
        {"responded": "number", "sex": "level"},
    ),
    "weighting_classes": (
        lambda data: engine.weighting_classes(
            drawn(data), engine.response_propensities(drawn(data), "responded ~ rooms"), classes=2
        ),
        {"responded": "number", "rooms": "known"},
    ),
    "jackknife": (lambda data: engine.mean("grade", engine.jackknife(streets(data))), {"grade": "anything"}),
    "bootstrap": (
        lambda data: engine.mean("grade", engine.bootstrap(drawn(data), replicates=20, seed=1)),
        {"grade": "anything"},
    ),
    "balanced": (
        lambda data: engine.balanced(Design.of(data, weights="weight", strata="district", clusters=["half"])),
        {"weight": "number", "district": "level", "half": "level"},
    ),
    "replicated": (
        lambda data: engine.mean("grade", engine.replicated(drawn(data), ["first", "second"], scale=0.5)),
        {"grade": "anything", "first": "number", "second": "number"},
    ),
    "sensitivity": (
        lambda data: weightings(drawn(data)),
        {"weight": "number", "grade": "anything", "age": "level"},
    ),
    "population_representativeness": (
        lambda data: engine.population_representativeness("age", AGES, drawn(data)),
        {"weight": "number", "district": "level", "age": "label"},
    ),
    "representativeness": (
        lambda data: engine.representativeness("responded", ["age", "sex"], drawn(data)),
        {"responded": "number", "age": "level", "sex": "level"},
    ),
    "poststratified": (
        lambda data: engine.poststratified("unsafe ~ sex + (1 | district)", data, CELLS, by="district"),
        {"unsafe": "answer", "sex": "label", "district": "label"},
    ),
    "propensity_weighted": (
        lambda data: engine.propensity_weighted("grade", "~ age", data, reference(), replicates=0, seed=1),
        {"grade": "answer", "age": "level"},
    ),
    "propensity_calibrated": (
        lambda data: engine.propensity_calibrated(
            "grade", "~ sex", data, {"(Intercept)": 1300, "sexwoman": 640}, replicates=0, seed=1
        ),
        {"grade": "answer", "sex": "level"},
    ),
    "mass_imputed": (
        lambda data: engine.mass_imputed("grade", "~ age + rooms", data, reference(), replicates=0, seed=1),
        {"grade": "answer", "age": "level", "rooms": "known"},
    ),
    "doubly_robust": (
        lambda data: engine.doubly_robust("grade", "~ age + rooms", data, reference(), replicates=0, seed=1),
        {"grade": "answer", "age": "level", "rooms": "known"},
    ),
}
"""What to call, and what its columns must hold: numbers (or an answer, that may be missing), levels (or a
label, that may be missing), either (known, or anything, that may be missing)."""

OF_NUMBERS = {"reconcile", "adjust", "fay_herriot", "effective_number", "Aggregation"}
"""What is given no table of people: the tests below break its numbers, or what the database gave."""

ERRORS = {"AnalysisError", "CalibrationError", "ColumnError", "DesignError", "OptionError"}

TABLES: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "arrays": lambda data: {name: np.array(values) for name, values in data.items()},
    "lists": dict,
    "pandas": pd.DataFrame,
    "pandas nullable": lambda data: pd.DataFrame(data).convert_dtypes(),
    "polars": lambda data: pl.DataFrame(data, strict=False),
}

FRAMES = ["arrays", "pandas nullable", "polars"]


def broken(column: str, values: list[Any] | None) -> dict[str, list[Any]]:
    """The columns with one of them replaced, or left out."""
    data = columns()
    data["half"] = [row // 30 for row in range(SIZE)]
    if values is None:
        del data[column]
    else:
        data[column] = values
    return data


def with_one(value: Any, column: str) -> list[Any]:
    given = broken(column, None).get(column) or {**columns(), "half": [r // 30 for r in range(SIZE)]}[column]
    return [value if row == 4 else old for row, old in enumerate(given)]


def cases(kinds: set[str]) -> list[tuple[str, str]]:
    return [(name, column) for name, (_, held) in CALLS.items() for column in held if held[column] in kinds]


def refused(name: str, data: Any) -> str:
    """The message of the refusal; a warning on the way is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AnalysisError) as caught:
            CALLS[name][0](data)
    return str(caught.value)


def refused_or_done(name: str, data: Any) -> str:
    """The message of the refusal, if there is one; any other error and any warning is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            CALLS[name][0](data)
        except AnalysisError as error:
            return str(error)
    return ""


def test_every_public_name_is_broken_here() -> None:
    """Who adds a function adds it to the calls, and so to every fault."""
    tried = {name.split()[0].split(".")[0] for name in CALLS}
    assert tried | OF_NUMBERS | ERRORS == set(engine.__all__)
    assert all(issubclass(getattr(engine, name), AnalysisError) for name in ERRORS)
    assert not (tried & OF_NUMBERS)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", CALLS)
def test_the_town_itself_is_not_refused(name: str, table: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CALLS[name][0](TABLES[table](broken("half", [row // 30 for row in range(SIZE)])))


@pytest.mark.parametrize("table", FRAMES)
@pytest.mark.parametrize(
    ("name", "column"), cases({"number", "answer", "level", "label", "known", "anything"})
)
def test_a_column_that_is_not_there(name: str, column: str, table: str) -> None:
    assert f"no column {column}" in refused(name, TABLES[table](broken(column, None)))


@pytest.mark.parametrize("table", FRAMES)
@pytest.mark.parametrize(("name", "column"), cases({"number", "answer"}))
@pytest.mark.parametrize(
    "wrong",
    [
        ["seven"] * SIZE,
        ["7"] * SIZE,
        [dt.date(2026, 1, 1)] * SIZE,
        [dt.datetime(2026, 1, 1)] * SIZE,
    ],
    ids=["text", "digits as text", "dates", "moments"],
)
def test_a_column_that_holds_no_numbers(name: str, column: str, table: str, wrong: list[Any]) -> None:
    message = refused(name, TABLES[table](broken(column, wrong)))
    assert column in message
    assert wrong[0] == "seven" or "number" in message or "text" in message


@pytest.mark.parametrize("table", FRAMES)
@pytest.mark.parametrize(("name", "column"), cases({"number", "answer", "known", "anything"}))
def test_a_number_without_end(name: str, column: str, table: str) -> None:
    message = refused(name, TABLES[table](broken(column, with_one(float("inf"), column))))
    assert f"Column {column} is infinite in" in message


@pytest.mark.parametrize("table", FRAMES)
@pytest.mark.parametrize(("name", "column"), cases({"number", "answer", "known", "anything"}))
def test_a_number_too_large_to_be_squared(name: str, column: str, table: str) -> None:
    message = refused(name, TABLES[table](broken(column, with_one(1e300, column))))
    assert f"Column {column} is 1e+300 in row 5" in message or f"Column {column} is infinite" in message


@pytest.mark.parametrize("wrong", [-1.0, 1e-300, 1e300])
@pytest.mark.parametrize("name", [name for name, (_, held) in CALLS.items() if "weight" in held])
def test_a_weight_that_cannot_be(name: str, wrong: float) -> None:
    message = refused(name, broken("weight", with_one(wrong, "weight")))
    assert "Column weight" in message
    assert f"{wrong:g} in row 5" in message or f"weight in row 5 is {wrong:g}" in message


@pytest.mark.parametrize("table", FRAMES)
@pytest.mark.parametrize(("name", "column"), cases({"number", "level", "known"}))
def test_a_hole_where_every_row_counts(name: str, column: str, table: str) -> None:
    data = broken(column, with_one(None, column))
    if table == "arrays":
        numbers = CALLS[name][1][column] != "level"
        data[column] = with_one(float("nan") if numbers else None, column)
    message = refused(name, TABLES[table](data))
    assert column in message or "predictor" in message
    assert "row 5" in message


@pytest.mark.parametrize("table", ["arrays", "lists", "pandas"])
@pytest.mark.parametrize(("name", "column"), cases({"level", "label"}))
def test_text_and_numbers_in_one_column(name: str, column: str, table: str) -> None:
    data = broken(column, [1 if row % 2 else "one" for row in range(SIZE)])
    made = TABLES[table](data)
    if table == "arrays":
        made[column] = np.array(data[column], dtype=object)
    message = refused(name, made)
    assert f"{column} holds the text 'one' in row 1 and 1 in row 2" in message


@pytest.mark.parametrize("name", CALLS)
def test_columns_of_different_lengths(name: str) -> None:
    for column in CALLS[name][1]:
        data = TABLES["arrays"](broken("half", [row // 30 for row in range(SIZE)]))
        data[column] = data[column][:-1]
        message = refused(name, data)
        assert "119" in message
        assert "120" in message


@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("table", FRAMES)
@pytest.mark.parametrize("name", CALLS)
def test_a_sample_of_nobody_or_almost_nobody(name: str, table: str, rows: int) -> None:
    data = {column: values[:rows] for column, values in broken("half", [0] * SIZE).items()}
    made = TABLES[table](data)
    message = refused_or_done(name, made)
    assert message or rows > 0


@pytest.mark.parametrize("table", FRAMES)
@pytest.mark.parametrize(
    ("name", "column"), cases({"number", "answer", "level", "label", "known", "anything"})
)
def test_a_column_that_is_the_same_or_empty_everywhere(name: str, column: str, table: str) -> None:
    """Refused or computed: but never an error without a name, or a warning."""
    constant = [columns().get(column, [0])[0]] * SIZE
    for values in (constant, [None] * SIZE):
        refused_or_done(name, TABLES[table](broken(column, values)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: engine.glm("grade ~ age", d, family="gamma"), "no family 'gamma'. Choose from: gaussian"),
        (lambda d: engine.chisq("age", "sex", d, statistic="G"), "no statistic 'G'"),
        (lambda d: engine.quantile("grade", d, rule="hf10"), "no rule for quantiles 'hf10'"),
        (lambda d: engine.quantile("grade", d, interval="score"), "no interval 'score'"),
        (lambda d: engine.proportion_interval("unsafe", d, method="exact"), "no interval 'exact'"),
        (lambda d: engine.ranktest("grade ~ age", d, test="sign"), "no rank test 'sign'"),
        (lambda d: engine.ranktest("grade ~ age", d, ties="mean"), "no way with equal answers 'mean'"),
        (lambda d: engine.adjust([0.1], method="hochberg"), "no adjustment for many tests 'hochberg'"),
        (lambda d: engine.design_effect("grade", d, of="ratio"), "no design effect of a 'ratio'"),
        (lambda d: Design.of(d.data, weights="weight", lonely="ignore"), "no way with single units 'ignore'"),
        (
            lambda d: engine.calibrate(d, "~ 1", {"(Intercept)": 1300}, distance="chi"),
            "no distance 'chi'. Choose from: linear, raking, logit, truncated",
        ),
        (
            lambda d: engine.mass_imputed("grade", "~ age", d.data, d, family="poisson", seed=1),
            "no family 'poisson'",
        ),
        (lambda d: engine.contrast("grade", d, "age", {"old": 1}, confidence=95), "confidence is 95"),
        (lambda d: engine.ttest("grade ~ sex", d, confidence=1), "confidence is 1"),
        (lambda d: engine.mean("grade", d).interval(0), "confidence is 0"),
    ],
)
def test_an_option_that_does_not_exist(call: Callable[[Design], Any], message: str) -> None:
    with pytest.raises(engine.OptionError, match=message):
        call(reference())


@pytest.mark.parametrize(
    "domain",
    [np.ones(119, dtype=bool), np.ones(SIZE), ["old"] * SIZE, [True, None] * (SIZE // 2)],
    ids=["too short", "numbers", "text", "missing"],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda design, domain: engine.mean("grade", design, domain=domain),
        lambda design, domain: engine.alpha(["grade", "trust"], design, domain=domain),
        lambda design, domain: engine.glm("grade ~ age", design, domain=domain),
        lambda design, domain: engine.chisq("age", "sex", design, domain=domain),
        lambda design, domain: engine.ttest("grade ~ sex", design, domain=domain),
        lambda design, domain: engine.differences("grade", design, "age", domain=domain),
        lambda design, domain: engine.by_domain(
            engine.mean, "grade", design=design, by=["age"], domain=domain
        ),
        engine.degrees_of_freedom,
        lambda design, domain: engine.degrees_of_freedom(engine.bootstrap(design, seed=1), domain),
    ],
)
def test_a_domain_that_is_no_mask(call: Callable[[Design, Any], Any], domain: Any) -> None:
    with pytest.raises(AnalysisError, match="A domain is true or false for each of the 120 rows"):
        call(reference(), domain)


@pytest.mark.parametrize("table", [pd.DataFrame, pl.DataFrame])
def test_a_domain_may_come_from_a_data_frame(table: Callable[[Any], Any]) -> None:
    data = table(columns())
    domain = data["age"] == "old"
    expected = engine.mean("grade", drawn(data), domain=np.array(columns()["age"]) == "old")
    assert engine.mean("grade", drawn(data), domain=domain).estimate() == expected.estimate()


def test_a_name_that_a_data_frame_has_twice() -> None:
    data = pd.DataFrame(columns())
    data = pd.concat([data, data[["grade"]]], axis=1)
    with pytest.raises(AnalysisError, match="A name that occurs twice in the data gives this too"):
        engine.mean("grade", drawn(data))


def test_a_level_with_a_space_behind_it_is_quoted() -> None:
    data = broken("age", ["old ", "middle", "young"] * (SIZE // 3))
    with pytest.raises(AnalysisError, match="people answered in 'old ', which has no total"):
        CALLS["rake"][0](data)


def test_decimals_and_truth_values_are_numbers() -> None:
    exact = broken("grade", [Decimal(value) for value in columns()["grade"]])
    assert engine.mean("grade", drawn(exact)).values == engine.mean("grade", reference()).values
    yes = broken("unsafe", [value == 1 for value in columns()["unsafe"]])
    assert engine.mean("unsafe", drawn(yes)).values == engine.mean("unsafe", reference()).values


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["middle", "old", "young"])])
def test_categories_of_polars_with_a_hole(kind: Any) -> None:
    ages = with_one(None, "age")
    data = pl.DataFrame(broken("age", ages)).with_columns(pl.col("age").cast(kind))
    found = engine.proportion("age", drawn(data))
    assert found.names == ("agemiddle", "ageold", "ageyoung")
    assert found.respondents == SIZE - 1
    with pytest.raises(AnalysisError, match="Margin age is empty in 1 rows, the first of them row 5"):
        CALLS["rake"][0](data)


@pytest.mark.parametrize(
    "call",
    [
        lambda d, by: engine.contrast("grade", d, by, {"p.q.r": 1}),
        lambda d, by: engine.differences("grade", d, by),
        lambda d, by: engine.domain_means("grade", d, by),
        lambda d, by: engine.standardised("grade", d, "sex", by, {"p.q.r": 1, "p.x": 1}),
        lambda d, by: engine.standardised("grade", d, by, "sex", {"man": 1, "woman": 1}),
        lambda d, by: engine.poststratify(d, tuple(by), {("p", "q.r"): 1, ("p.q", "r"): 1}),
    ],
)
def test_two_combinations_of_levels_with_one_name(call: Callable[[Design, list[str]], Any]) -> None:
    data = columns() | {
        "one": ["p.q", "p"] * (SIZE // 2),
        "other": ["r", "q.r"] * (SIZE // 2),
    }
    with pytest.raises(AnalysisError, match=r"two combinations of levels are both called p\.q\.r"):
        call(drawn(data), ["one", "other"])


@pytest.mark.parametrize(
    "call",
    [
        lambda d: engine.calibrate(d, "~ age + age1", {"(Intercept)": 1300, "age1x": 600}),
        lambda d: engine.glm("grade ~ age + age1", d),
    ],
)
def test_two_columns_of_a_model_with_one_name(call: Callable[[Design], Any]) -> None:
    data = columns() | {"age": ["0", "1x", "1x", "0"] * 30, "age1": ["w", "x"] * 60}
    with pytest.raises(AnalysisError, match="two columns of the model are called age1x"):
        call(drawn(data))


@pytest.mark.parametrize("wrong", [NAN, None, "four", [NAN] * SIZE, [1.0, 2.0]])
def test_limits_of_trimming_are_numbers(wrong: Any) -> None:
    with pytest.raises(engine.CalibrationError, match="A limit of weights is"):
        engine.trim(reference(), wrong)
    with pytest.raises(engine.CalibrationError, match="A limit of weights is"):
        engine.trim(reference(), 20, wrong)


@pytest.mark.parametrize("wrong", [(3, 0.3), (NAN, 3), (0.3, NAN), (-1, 2), (0.3,), ("a", 2), 3])
def test_limits_of_raking_are_two_numbers(wrong: Any) -> None:
    with pytest.raises(engine.CalibrationError, match="The limits of the ratio of new to old weights are"):
        engine.rake(reference(), {"age": AGES}, limits=wrong)


@pytest.mark.parametrize("wrong", [NAN, INF, None, "many"])
@pytest.mark.parametrize(
    ("call", "where"),
    [
        (
            lambda wrong: engine.poststratify(reference(), "age", AGES | {"old": wrong}),
            "age: the total of old",
        ),
        (lambda wrong: engine.rake(reference(), {"age": AGES | {"old": wrong}}), "age: the total of old"),
        (
            lambda wrong: engine.calibrate(reference(), "~ sex", {"(Intercept)": 1300, "sexwoman": wrong}),
            "The total of sexwoman",
        ),
        (lambda wrong: engine.reconcile({"age": AGES | {"old": wrong}}), "age: the count of old"),
        (lambda wrong: engine.reconcile({"age": AGES}, at_most=wrong), "at_most"),
        (
            lambda wrong: engine.contrast("grade", reference(), "age", {"old": wrong, "young": -1}),
            "age: the coefficient of old",
        ),
        (
            lambda wrong: engine.standardised("grade", reference(), "sex", "age", AGES | {"old": wrong}),
            "age: the population of old",
        ),
    ],
)  # fmt: skip
def test_totals_and_coefficients_are_numbers(call: Callable[[Any], Any], where: str, wrong: Any) -> None:
    with pytest.raises(AnalysisError, match=f"{where} is no number: {wrong!r}"):
        call(wrong)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: engine.poststratify(reference(), "age", AGES | {"old": -1}), "total of old is -1"),
        (lambda: engine.reconcile({"age": AGES | {"old": -1}}), "count of old is -1"),
        (lambda: engine.reconcile({"age": AGES}, at_most=-0.1), "at_most is -0.1"),
        (
            lambda: engine.standardised("grade", reference(), "sex", "age", AGES | {"old": -1}),
            "population of middle, old, young is 500, -1, 400",
        ),
        (
            lambda: engine.standardised("grade", reference(), "sex", "age", dict.fromkeys(AGES, 0)),
            "population of middle, old, young is 0, 0, 0",
        ),
        (
            lambda: engine.fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], [[1]] * 4, areas=["a", "b", "a", "c"]),
            "Area a is given twice",
        ),
    ],
)
def test_numbers_that_cannot_be(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: engine.reconcile([("age", AGES)]), "The margins are"),
        (lambda: engine.reconcile({"age": [400, 500]}), "Margin age: the counts are"),
        (lambda: engine.reconcile({"age": {}}), "Margin age has no level"),
        (lambda: engine.reconcile({("age", "sex"): {"old": 1}}), "level old has 1 parts, where 2 are needed"),
        (lambda: engine.reconcile({"age": {("old", "x"): 1}}), "level old.x has 2 parts"),
        (lambda: engine.reconcile({"age": {1: 5, "1": 6}}), "names level 1 twice"),
        (lambda: engine.reconcile({"age": AGES, "sex": {"man": 100, "woman": 900}}), "adds up to 1,000"),
        (lambda: engine.reconcile({"age": AGES, "sex": {"man": 0}}), "has no people"),
        (lambda: engine.adjust([0.1, 1.2]), "between 0 and 1"),
        (lambda: engine.adjust([0.1, NAN]), "between 0 and 1"),
        (lambda: engine.adjust(["0.1"]), "between 0 and 1"),
        (lambda: engine.adjust([None]), "between 0 and 1"),
        (lambda: engine.adjust([[0.1], [0.2, 0.3]]), "single values"),
        (lambda: engine.effective_number([1.0, NAN]), "a number for every row"),
        (lambda: engine.effective_number([1.0, None]), "a number for every row"),
        (lambda: engine.effective_number(["1"]), "a number for every row"),
        (lambda: engine.effective_number([1.0, 1e300]), "a number for every row"),
        (lambda: engine.fay_herriot(["a", 1, 1, 1], [1] * 4, [[1]] * 4, areas=list("abcd")), "needs numbers"),
        (lambda: engine.fay_herriot([1e300, 1, 1, 1], [1] * 4, [[1]] * 4, areas=list("abcd")), r"1e\+300"),
        (lambda: engine.fay_herriot([1] * 4, [1, 1, 1, -1], [[1]] * 4, areas=list("abcd")), "Area d"),
        (lambda: engine.fay_herriot([1, NAN, 1, 1], [1] * 4, [[1]] * 4, areas=list("abcd")), "Area b has no"),
        (lambda: engine.fay_herriot([1] * 3, [1] * 4, [[1]] * 4, areas=list("abcd")), "one of each per area"),
        (lambda: engine.fay_herriot([1] * 4, [1] * 4, [[1, 2]] * 4, areas=list("abcd")), "too few|twice"),
    ],
)
def test_numbers_without_a_table(call: Callable[[], Any], message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AnalysisError, match=message):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: engine.rake(d, [("age", AGES)]), "The margins are"),
        (lambda d: engine.rake(d, {"age": [1, 2, 3]}), "Margin age: the totals are"),
        (lambda d: engine.rake(d, {"age": AGES | {"infant": 10}}), "infant"),
        (lambda d: engine.rake(d, {"age": AGES | {"old": 1e300}}), "the total of old is no number: 1e.300"),
        (lambda d: engine.rake(d, {"age": AGES, "sex": {"man": 1, "woman": 1}}), "adds up"),
        (lambda d: engine.poststratify(d, (), AGES), "no column to divide by"),
        (lambda d: engine.poststratify(d, "age", {"old": 400, "young": 400}), "middle, which has no total"),
        (lambda d: engine.poststratify(d, "age", AGES | {"infant": 10}), "infant"),
        (lambda d: engine.calibrate(d, "~ age", [1]), "The totals of the population are"),
        (lambda d: engine.calibrate(d, None, {}), "The columns of the model are"),
        (lambda d: engine.calibrate(d, "~ 0", {}), "nothing is left"),
        (lambda d: engine.calibrate(d, "~ 1", {"(Intercept)": 1300}, bounds="ab"), "The bounds are 'ab'"),
        (lambda d: engine.calibrate(d, "~ rooms", {"(Intercept)": 1300, "rooms": 4600}, variance="ab"),
         "A number of the variance is no number: 'a'"),
        (lambda d: engine.mean([], d), "no column"),
        (lambda d: engine.domain_means([], d, "age"), "no column"),
        (lambda d: engine.domain_means(["grade"], d, []), "no column to divide by"),
        (lambda d: engine.by_domain(engine.mean, "grade", design=d, by=[]), "no column to divide by"),
        (lambda d: engine.differences("grade", d, []), "no column to divide by"),
        (lambda d: engine.contrast("grade", d, "age", [1, -1]), "the coefficients are"),
        (lambda d: engine.contrast("grade", d, "age", {"old": 0}), "every coefficient is 0"),
        (lambda d: engine.standardised("grade", d, "sex", "age", [1]), "the counts of the population are"),
        (lambda d: engine.quantile("grade", d, "half"), "probabilities from 0 to 1"),
        (lambda d: engine.balanced(d, fay="half"), "fay is no number"),
        (lambda d: engine.replicated(d, ["first", "second"], scale="1"), "The scale is no number"),
        (lambda d: engine.replicated(d, ["first", "second"], scale=1, rscales="a"), "rscales is no number"),
        (lambda d: engine.replicated(d, ["first", "second"], scale=1, rscales=0), "no replicate counts"),
        (lambda d: engine.glm("grade ~ 0", d), "nothing is left"),
        (lambda d: engine.weighting_classes(d, engine.response_propensities(d, "responded ~ sex"), "5"),
         "The number of classes is '5'"),
        (lambda d: engine.sensitivity(engine.mean, "grade", designs=[d, d]), "two or more designs by name"),
        (lambda d: engine.sensitivity(engine.ttest, "grade ~ sex", designs={"a": d, "b": d}), "TTest cannot"),
        (lambda d: engine.sensitivity(engine.mean, "grade", designs={"a": d, "b": d}, confidence=95), "95"),
        (lambda d: engine.population_representativeness("age", [1], d), "counts of the population are"),
        (lambda d: engine.population_representativeness("age", {}, d), "the counts have no level"),
        (lambda d: engine.population_representativeness("age", AGES | {"old": "x"}, d), "count of old is no"),
        (lambda d: engine.population_representativeness("age", AGES | {"old": 0}, d), "count of old is 0"),
        (lambda d: engine.population_representativeness("age", {"old": 1, "young": 1}, d), "no level middle"),
    ],
)  # fmt: skip
def test_what_is_not_of_its_kind(call: Callable[[Design], Any], message: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AnalysisError, match=message):
            call(reference())


def test_one_column_needs_no_list() -> None:
    """A name is never taken letter by letter."""
    data = columns() | {"ab": columns()["street"], "a": [1] * SIZE, "b": [2] * SIZE}
    kept = {"weights": "weight", "strata": "district"}
    one = Design.of(data, **kept, clusters="ab", population="streets")
    listed = Design.of(data, **kept, clusters=["ab"], population=["streets"])
    given = Design.of(data, **kept, clusters=np.array(data["ab"]), population=np.array(data["streets"]))
    errors = [engine.mean("grade", design).standard_errors[0] for design in (one, listed, given)]
    assert len(one.stages) == 1
    assert errors[0] == errors[1] == errors[2]
    assert engine.by_domain(engine.mean, "grade", design=one, by="age")[0].key == ("middle",)
    assert engine.representativeness("responded", "sex", one).variables[0].name == "sex"
    with pytest.raises(AnalysisError, match="at least two columns"):
        engine.alpha("grade", one)
    with pytest.raises(AnalysisError, match="1 replicates"):
        engine.replicated(one, "first", scale=1)
    with pytest.raises(AnalysisError, match="Columns are given as 3"):
        Design.of(data, weights="weight", clusters=3)


def test_two_statistics_with_one_name() -> None:
    data = columns() | {"a": ["ab", "c"] * (SIZE // 2), "aa": ["b", "d"] * (SIZE // 2)}
    for function in (engine.mean, engine.proportion, engine.total):
        with pytest.raises(AnalysisError, match="Two statistics are both called aab"):
            function(["a", "aa"], drawn(data))
    with pytest.raises(AnalysisError, match="Two statistics are both called grade"):
        engine.mean(["grade", "grade"], drawn(data))


WANTED = engine.Aggregation(
    weights="weight", strata="district", items=("grade", "trust"), by=("age",), centres={"grade": 5.0}
)


def sums() -> dict[str, list[Any]]:
    """What DuckDB adds up of the town."""
    with duckdb.connect() as connection:
        connection.register("people", pd.DataFrame(columns()))
        found = connection.execute(WANTED.sql("people")).fetchnumpy()
    return {name: values.tolist() for name, values in found.items()}


def of_sums(given: Any) -> Any:
    """Everything that is done with sums."""
    raked, _ = WANTED.read(given).adjusted(lambda design: engine.rake(design, {"age": AGES}))
    return engine.domain_means(["grade", "trust"], raked, "age")


def test_the_sums_of_the_town_are_not_refused() -> None:
    assert of_sums(sums()).domains == ("middle", "old", "young")


@pytest.mark.parametrize("wrong", [None, NAN, -1.0, "seven", "left out", "too short"])
@pytest.mark.parametrize("name", sums())
def test_sums_that_cannot_be(name: str, wrong: Any) -> None:
    """Refused by name, or computed: a sum may be empty, and an answer negative."""
    given = sums()
    if wrong == "left out":
        del given[name]
    elif wrong == "too short":
        given[name] = given[name][:-1]
    else:
        given[name] = [wrong, *given[name][1:]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            of_sums(given)
        except AnalysisError:
            return
    assert wrong in (None, -1.0, "seven")
    assert wrong != "seven" or name == "district"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: engine.Aggregation(weights="w", items="ab", by=("a",)), "items is 'ab'"),
        (lambda: engine.Aggregation(weights="w", items=("ab",), by="age"), "by is 'age'"),
        (lambda: engine.Aggregation(weights="w", items=("ab", "ab"), by=("a",)), "Column ab is named twice"),
        (lambda: engine.Aggregation(weights="w", items=("ab",), by=()), "no column that makes a group"),
        (lambda: WANTED.read(None), "rows without names"),
        (lambda: WANTED.read([(1, 2)]), "rows without names"),
        (lambda: WANTED.read({}), "no rows"),
        (lambda: WANTED.read({"rows drawn": [1]}), "no column rows weighted"),
    ],
)
def test_aggregations_that_cannot_be(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        call()


OPEN = [
    lambda **options: engine.propensity_weighted("grade", "~ age", columns(), reference(), **options),
    lambda **options: engine.mass_imputed("grade", "~ age", columns(), reference(), **options),
]


@pytest.mark.parametrize("call", [lambda **options: engine.bootstrap(reference(), **options), *OPEN])
@pytest.mark.parametrize("wrong", [None, "a", -1, 2.5, True, [1, None], []])
def test_a_seed_is_a_whole_number(call: Callable[..., Any], wrong: Any) -> None:
    with pytest.raises(engine.OptionError, match="The seed is"):
        call(replicates=20, seed=wrong)


@pytest.mark.parametrize("call", [lambda **options: engine.bootstrap(reference(), **options), *OPEN])
@pytest.mark.parametrize("wrong", [2.5, "20", -3])
def test_the_number_of_replicates_is_whole(call: Callable[..., Any], wrong: Any) -> None:
    with pytest.raises(engine.OptionError, match="The number of replicates is"):
        call(replicates=wrong, seed=1)


def test_commands_refuse_options_as_they_refuse_columns() -> None:
    with pytest.raises(Refusal, match="The seed is None"), refusals():
        engine.bootstrap(reference(), seed=None)


@pytest.mark.parametrize(
    "call",
    [
        lambda design, data: engine.mean(data["grade"], design),
        lambda design, data: engine.mean(data[["grade", "rooms"]], design),
        lambda design, data: engine.ratio(data["grade"], "rooms", design),
        lambda design, data: engine.domain_means(["grade"], design, data["age"]),
        lambda design, data: engine.domain_means(data[["grade"]], design, "age"),
        lambda design, data: engine.differences("grade", design, data["age"]),
        lambda design, data: engine.mean("grade", design, domain=data["age"] == "old"),
        lambda design, data: Design.of(design.data, weights=data["weight"]),
    ],
)
def test_rows_of_another_index_are_not_taken_by_position(call: Callable[[Design, Any], Any]) -> None:
    data = pd.DataFrame(columns())
    design = drawn(data)
    call(design, data.copy())
    with pytest.raises(AnalysisError, match="has another index than the data"):
        call(design, data.sample(frac=1, random_state=1))
    call(drawn(data.to_dict("list")), data.set_index("street"))
