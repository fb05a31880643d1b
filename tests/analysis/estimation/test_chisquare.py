import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.columns import ColumnError
from analysis.estimation.chisquare import Statistic, chisq, f_sum_tail
from analysis.estimation.hypotheses import SingularTest
from analysis.sampling.designs import Design, Replicates
from analysis.sampling.variance import covariance

STATISTICS: tuple[Statistic, ...] = ("F", "Chisq", "Wald", "adjWald", "saddlepoint")

ANSWERS = np.array(["no", "so-so", "yes"])


def town(number: int = 240, seed: int = 1, **columns: np.ndarray) -> Design:
    """Residents in streets of four, who are somewhat alike."""
    random = np.random.default_rng(seed)
    street = np.arange(number) // 4
    leaning = random.normal(size=street.max() + 1)[street]
    data = {
        "street": street,
        "district": np.array(["D1", "D2", "D3"])[street % 3],
        "weight": random.uniform(1, 5, number),
        "answer": np.array(["no", "so-so", "yes"])[
            np.digitize(leaning + random.normal(size=number), [-1, 1])
        ],
        "tenure": np.where(leaning + random.normal(size=number) > 0, "own", "rent"),
    } | columns
    return Design.of(data, weights="weight", strata="district", clusters=["street"])


def test_rao_and_scott_s_correction_is_that_of_a_slow_version() -> None:
    design = town()
    data, weights = design.data, design.weights
    cells = [(row, column) for row in ("no", "so-so", "yes") for column in ("own", "rent")]
    members = np.column_stack([(data["answer"] == a) & (data["tenure"] == t) for a, t in cells]).astype(float)
    shares = weights @ members / weights.sum()
    spread = covariance((members - shares) / weights.sum(), design)
    rows, columns = (np.eye(3)[np.repeat(range(3), 2)][:, 1:], np.tile([0, 1], 3)[:, None])
    main = np.column_stack([np.ones(6), rows, columns])
    basis, _ = np.linalg.qr(main)
    products = rows * columns
    contrasts = products - basis @ basis.T @ products
    middle = np.diag(1 / shares)
    plain = contrasts.T @ middle @ (np.diag(shares) - np.outer(shares, shares)) @ middle @ contrasts / 240
    wide = contrasts.T @ middle @ spread @ middle @ contrasts
    effects = np.linalg.solve(plain, wide)
    table = shares.reshape(3, 2)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = 240 * ((table - expected) ** 2 / expected).sum()
    numerator = np.trace(effects) ** 2 / np.trace(effects @ effects)
    ours = chisq("answer", "tenure", design)
    assert ours.statistic == pytest.approx(pearson / np.trace(effects))
    assert ours.degrees_of_freedom == pytest.approx((numerator, numerator * (60 - 3)))
    first = chisq("answer", "tenure", design, statistic="Chisq")
    assert first.p_value == pytest.approx(stats.chi2.sf(2 * pearson / np.trace(effects), 2))


@pytest.mark.parametrize("statistic", STATISTICS)
@given(st.randoms(use_true_random=False), st.floats(0.01, 100))
def test_order_names_and_scale_do_not_matter(statistic: Statistic, random, scale: float) -> None:  # type: ignore[no-untyped-def]
    design = town()
    order = np.array(random.sample(range(240), 240))
    turned = {name: column[order] for name, column in design.data.items()}
    turned["weight"] = turned["weight"] * scale
    names = dict(zip(("no", "so-so", "yes"), random.sample("abc", 3), strict=True))
    turned["answer"] = np.array([names[answer] for answer in turned["answer"]])
    other = Design.of(turned, weights="weight", strata="district", clusters=["street"])
    before = chisq("answer", "tenure", design, statistic=statistic)
    after = chisq("tenure", "answer", other, statistic=statistic)
    assert after.statistic == pytest.approx(before.statistic)
    assert after.p_value == pytest.approx(before.p_value)


@pytest.mark.parametrize("statistic", ["F", "Wald"])
def test_a_domain_equals_the_same_rows_with_the_other_answers_missing(statistic: Statistic) -> None:
    design = town()
    domain = design.data["street"] % 5 != 0
    missing = town(answer=np.where(domain, design.data["answer"], ""))
    inside = chisq("answer", "tenure", design, statistic=statistic, domain=domain)
    assert inside.statistic == pytest.approx(
        chisq("answer", "tenure", missing, statistic=statistic).statistic
    )
    assert inside.degrees_of_freedom[1] < chisq("answer", "tenure", design).degrees_of_freedom[1]


@pytest.mark.parametrize("statistic", STATISTICS)
def test_replicates_that_leave_out_a_street_say_about_the_same(statistic: Statistic) -> None:
    design = town()
    street, district = design.data["street"], np.arange(60) % 3
    factors = np.ones((240, 60))
    for out in range(60):
        factors[district[street] == district[out], out] = 20 / 19
        factors[street == out, out] = 0.0
    replicated = Design(
        weights=design.weights,
        stages=design.stages,
        data=design.data,
        replicates=Replicates(
            weights=design.weights[:, None] * factors, scale=1.0, rscales=np.full(60, 19 / 20)
        ),
    )
    linearised = chisq("answer", "tenure", design, statistic=statistic)
    ours = chisq("answer", "tenure", replicated, statistic=statistic)
    assert ours.statistic == pytest.approx(linearised.statistic, rel=0.05)
    assert ours.p_value == pytest.approx(linearised.p_value, rel=0.5)


def test_when_the_two_have_nothing_to_do_with_each_other_one_test_in_twenty_finds_something() -> None:
    found = [
        chisq("answer", np.random.default_rng(seed).integers(0, 2, 240), town(seed=seed)).p_value < 0.05
        for seed in range(300)
    ]
    assert np.mean(found) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize("value", [1.0, 2.6, 3.0, 6.0, 12.0])
def test_the_saddlepoint_gives_the_tail_of_the_sum(value: float) -> None:
    random = np.random.default_rng(7)
    weights = np.array([0.4, 0.7, 1.5])
    sums = random.chisquare(1, (400_000, 3)) @ weights
    share = (sums > value * random.chisquare(30, 400_000) / 30).mean()
    assert f_sum_tail(value, weights, 30.0) == pytest.approx(share, rel=0.04)


def test_a_sum_is_always_above_nothing() -> None:
    assert f_sum_tail(0.0, np.array([0.4, 0.7, 1.5]), 30.0) == 1.0


@pytest.mark.parametrize(
    ("row", "column", "error", "message"),
    [
        ("answer", "colour", ColumnError, "no column colour"),
        ("answer", "same", ColumnError, "Column same has 1 level among the rows used"),
        (np.arange(3), "tenure", ColumnError, "has 3 rows, the design has 240"),
    ],
)
def test_tables_that_are_none_are_refused(
    row: str, column: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        chisq(row, column, town(same=np.array(["x"] * 240)))


@pytest.mark.parametrize("statistic", ["F", "Wald"])
def test_a_table_with_too_few_cells_or_streets_is_refused(statistic: Statistic) -> None:
    design = town(48)
    group = np.arange(48) % 16
    with pytest.raises(SingularTest, match=r"Merge levels"):
        chisq(group, design.data["street"], design, statistic=statistic)
