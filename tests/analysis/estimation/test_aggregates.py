"""What a database adds up gives the same numbers as the rows do in memory."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis import Aggregation, Design, domain_means, poststratify, rake, trim
from analysis.columns import ColumnError
from analysis.estimation.means_by_domain import DomainMeans
from analysis.sampling.designs import DesignError, LoneStratum
from analysis.weighting.calibration import CalibrationError

ITEMS = ("grade", "trust")
BY = ("area", "age", "sex")
KEPT = {"weights": "weight", "strata": "stratum"}

Query = Callable[[pd.DataFrame, Aggregation], Any]


def people(seed: int, size: int = 240) -> pd.DataFrame:
    """Residents in 3 strata and 30 streets; some answers and one margin are missing, some weights are 0."""
    random = np.random.default_rng(seed)
    street = random.permutation(np.arange(size) % 30)
    return pd.DataFrame(
        {
            "stratum": np.array(["noord", "midden", "zuid"])[street % 3],
            "street": street,
            "streets": np.array([40, 50, 90])[street % 3],
            "persons": np.array([400, 500, 900])[street % 3],
            "weight": np.where(random.random(size) < 0.1, 0.0, random.uniform(1, 9, size)),
            "area": random.permutation(np.arange(size) % 4),
            "age": np.array(["jong", "oud"])[random.permutation(np.arange(size) % 2)],
            "sex": np.where(random.random(size) < 0.05, None, np.array(["m", "v"])[np.arange(size) % 2]),
            "grade": np.where(random.random(size) < 0.1, np.nan, random.integers(1, 11, size)),
            "trust": np.where(random.random(size) < 0.1, np.nan, random.random(size)),
        }
    )


def in_duckdb(table: pd.DataFrame, wanted: Aggregation) -> Any:
    with duckdb.connect() as connection:
        connection.register("people", table)
        return connection.execute(wanted.sql("people")).fetchnumpy()


def margins(table: pd.DataFrame) -> dict[Any, dict[str, float]]:
    total = float(table["weight"].sum())
    return {
        "area": {str(level): total * share for level, share in enumerate((0.1, 0.2, 0.3, 0.4))},
        "age": {"jong": 0.6 * total, "oud": 0.4 * total},
    }


def assert_same(found: DomainMeans, expected: DomainMeans) -> None:
    assert found.domains == expected.domains
    assert found.values == pytest.approx(expected.values, rel=1e-9, nan_ok=True)
    assert found.standard_errors == pytest.approx(expected.standard_errors, rel=1e-7, abs=1e-9, nan_ok=True)
    assert (found.respondents == expected.respondents).all()
    assert (found.degrees_of_freedom == expected.degrees_of_freedom).all()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.booleans())
def test_sums_from_duckdb_give_what_the_rows_give(
    seed: int, clustered: bool, counted: bool, raked: bool
) -> None:
    table = people(seed)
    design = {"strata": "stratum", "weights": "weight"}
    population = ("streets" if clustered else "persons") if counted else None
    rows = Design.of(
        table,
        **design,
        clusters=["street"] if clustered else (),
        population=[population] if population else (),
    )
    wanted = Aggregation(
        **design,
        items=ITEMS,
        by=BY,
        clusters="street" if clustered else None,
        population=population,
    )
    sums = wanted.read(in_duckdb(table, wanted))
    if raked:
        rows = rake(rows, margins(table)).design
        sums, _ = sums.adjusted(lambda design: rake(design, margins(table)))
    for domains in ("area", ["age", "sex"]):
        assert_same(domain_means(list(ITEMS), sums, domains), domain_means(list(ITEMS), rows, domains))


@pytest.mark.parametrize("clusters", [None, "street"])
@pytest.mark.parametrize("raked", [False, True])
def test_a_column_that_is_the_same_everywhere_has_no_spread(clusters: str | None, raked: bool) -> None:
    table = people(3).assign(trust=0.1)
    wanted = Aggregation(**KEPT, items=ITEMS, by=BY, clusters=clusters)
    sums = wanted.read(in_duckdb(table, wanted))
    if raked:
        sums, _ = sums.adjusted(lambda design: rake(design, margins(table)))
    errors = domain_means(list(ITEMS), sums, "area").standard_errors
    assert (errors[:, 0] > 0).all()
    assert not errors[:, 1].any()


def test_sums_from_postgresql_give_what_the_rows_give(postgresql: str) -> None:
    table = people(7)
    wanted = Aggregation(**KEPT, items=ITEMS, by=BY)

    async def query() -> list[Any]:
        connection = await asyncpg.connect(postgresql)
        try:
            await connection.execute(
                "CREATE TEMP TABLE people (stratum text, street int, streets int, persons int, weight float8,"
                " area int, age text, sex text, grade float8, trust float8)"
            )
            rows = [tuple(None if pd.isna(cell) else cell for cell in row) for row in table.values.tolist()]
            await connection.copy_records_to_table("people", records=rows)
            return await connection.fetch(wanted.sql("people"))
        finally:
            await connection.close()

    sums, account = wanted.read(asyncio.run(query())).adjusted(lambda design: rake(design, margins(table)))
    expected = rake(Design.of(table, **KEPT), margins(table))
    assert_same(
        domain_means(list(ITEMS), sums, ["area", "age"]),
        domain_means(list(ITEMS), expected.design, ["area", "age"]),
    )
    assert account.effective_number == pytest.approx(expected.effective_number)
    assert account.design_effect == pytest.approx(expected.design_effect)
    assert [total.after for total in account.totals] == pytest.approx([one.after for one in expected.totals])


def test_the_factors_of_the_groups_make_the_weights_of_the_rows() -> None:
    table = people(3)
    wanted = Aggregation(**KEPT, items=(), by=("area", "age"))
    sums, _ = wanted.read(in_duckdb(table, wanted)).adjusted(lambda design: rake(design, margins(table)))
    factors = pd.DataFrame({**sums.data, "factor": sums.factors})
    weights = table.merge(factors, on=["area", "age", "stratum"], how="left", sort=False)
    weighted = weights["weight"] * weights["factor"]
    assert weighted.to_numpy() == pytest.approx(rake(Design.of(table, **KEPT), margins(table)).design.weights)


def test_names_of_columns_are_quoted() -> None:
    table = pd.DataFrame({'the "w"; drop': [1.0, 2, 3], "100%": [1, 2, 4], "select": ["a", "a", "b"]})
    wanted = Aggregation(weights='the "w"; drop', items=("100%",), by=("select",))
    sums = wanted.read(in_duckdb(table, wanted))
    assert domain_means(["100%"], sums, "select").values[:, 0] == pytest.approx([5 / 3, 4])


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"weight": -1.0}, DesignError, "Column weight of weights is empty, negative or endless in 1 rows"),
        ({"weight": np.nan}, DesignError, "Column weight"),
        ({"grade": np.inf}, ColumnError, "Column grade holds NaN or infinity"),
    ],
)
def test_bad_cells_are_refused_by_the_name_of_their_column(
    changed: dict[str, float], error: type[Exception], message: str
) -> None:
    table = people(1)
    for name, value in changed.items():
        table.loc[5, name] = value
    wanted = Aggregation(**KEPT, items=ITEMS, by=("area",))
    with pytest.raises(error, match=message):
        wanted.read(in_duckdb(table, wanted))


def test_what_sums_cannot_tell_is_refused() -> None:
    table = people(2)
    wanted = Aggregation(**KEPT, items=ITEMS, by=BY)
    sums = wanted.read(in_duckdb(table, wanted))
    with pytest.raises(CalibrationError, match="single weights"):
        sums.adjusted(lambda design: trim(design, upper=20))
    raked, _ = sums.adjusted(lambda design: rake(design, margins(table)))
    with pytest.raises(CalibrationError, match="once"):
        raked.adjusted(lambda design: poststratify(design, "age", {"jong": 1, "oud": 2}))
    with pytest.raises(ColumnError, match="Column street was not added up"):
        domain_means(["street"], sums, "area")
    with pytest.raises(ColumnError, match="no column street"):
        domain_means(["grade"], sums, "street")
    with pytest.raises(ColumnError, match="by their names"):
        domain_means(np.ones((240, 1)), sums, "area")


def test_designs_that_cannot_be_are_refused_as_in_memory() -> None:
    table = people(2).assign(alone=["alone", *["others"] * 239], few=2)
    lone = Aggregation(weights="weight", strata="alone", items=("grade",), by=("area",))
    with pytest.raises(LoneStratum, match="stratum alone"):
        domain_means(["grade"], lone.read(in_duckdb(table, lone)), "area")
    short = Aggregation(weights="weight", strata="stratum", population="few", items=("grade",), by=("area",))
    with pytest.raises(DesignError, match="Column few: stratum midden has fewer units"):
        domain_means(["grade"], short.read(in_duckdb(table, short)), "area")
    nobody = Aggregation(**KEPT, items=("grade",), by=("area",))
    with pytest.raises(DesignError, match="no rows"):
        nobody.read(in_duckdb(table[:0], nobody))
    with pytest.raises(DesignError, match="no rows"):
        nobody.read([])


@pytest.mark.parametrize("clustered", [False, True])
@given(st.integers(0, 10**6), st.floats(-1e9, 1e9))
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_centres_change_no_result(clustered: bool, seed: int, centre: float) -> None:
    table = people(seed)
    clusters = "street" if clustered else None
    near = table.assign(grade=table["grade"] + centre)
    plain = Aggregation(**KEPT, items=ITEMS, by=BY, clusters=clusters)
    centred = replace(plain, centres={"grade": centre})
    expected = domain_means(list(ITEMS), plain.read(in_duckdb(table, plain)), "area")
    found = domain_means(list(ITEMS), centred.read(in_duckdb(near, centred)), "area")
    np.testing.assert_allclose(found.values - [centre, 0], expected.values, atol=1e-12 * abs(centre) + 1e-9)
    np.testing.assert_allclose(found.standard_errors, expected.standard_errors, rtol=1e-5)


def test_an_item_whose_sums_lose_their_digits_is_refused_until_it_has_a_centre() -> None:
    table = people(3).assign(year=lambda each: 1e7 + each["grade"])
    wanted = Aggregation(**KEPT, items=("trust", "year"), by=BY)
    with pytest.raises(ColumnError, match=r"Column year: .*centres=\{'year': 1e\+07\}"):
        domain_means(["trust", "year"], wanted.read(in_duckdb(table, wanted)), "area")
    centred = replace(wanted, centres={"year": 1e7})
    found = domain_means(["year"], centred.read(in_duckdb(table, centred)), "area")
    rows = domain_means(["year"], Design.of(table, weights="weight", strata="stratum"), "area")
    np.testing.assert_allclose(found.standard_errors, rows.standard_errors, rtol=1e-7)


def test_far_from_zero_clusters_lose_their_digits_later() -> None:
    table = people(3).assign(year=lambda each: 1e7 + each["grade"], far=lambda each: 1e13 + each["grade"])
    wanted = Aggregation(**KEPT, items=("year", "far"), by=BY, clusters="street")
    sums = wanted.read(in_duckdb(table, wanted))
    rows = Design.of(table, weights="weight", strata="stratum", clusters=["street"])
    np.testing.assert_allclose(
        domain_means(["year"], sums, "area").standard_errors,
        domain_means(["year"], rows, "area").standard_errors,
        rtol=1e-5,
    )
    with pytest.raises(ColumnError, match="Column far"):
        domain_means(["far"], sums, "area")


def test_an_item_that_is_the_same_for_all_has_lost_nothing() -> None:
    table = people(3).assign(same=1 / 3)
    wanted = Aggregation(**KEPT, items=("same",), by=BY)
    found = domain_means(["same"], wanted.read(in_duckdb(table, wanted)), "area")
    np.testing.assert_allclose(found.standard_errors, 0, atol=1e-7)


@pytest.mark.parametrize(
    "name", ["sum of weights", "Weight of row", "answer 0", "squared totals 1", "lowest 0"]
)
@pytest.mark.parametrize("role", ["by", "strata", "clusters"])
def test_a_column_called_as_one_of_the_sums_is_refused(name: str, role: str) -> None:
    columns: dict[str, Any] = {"by": BY, role: (name,) if role == "by" else name}
    with pytest.raises(ColumnError, match=f"Column {name} is called as one of the sums"):
        Aggregation(weights="weight", items=ITEMS, **columns)


@pytest.mark.parametrize(
    ("centres", "complaint"),
    [
        ({"income": 1.0}, "centre of income, which is no item"),
        ({"grade": np.inf}, "centre of column grade is inf"),
    ],
)
def test_a_centre_that_cannot_be_is_refused(centres: dict[str, float], complaint: str) -> None:
    with pytest.raises(ColumnError, match=complaint):
        Aggregation(**KEPT, items=ITEMS, by=BY, centres=centres)
