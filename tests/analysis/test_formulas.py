import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.columns import ColumnError
from analysis.formulas import (
    FormulaError,
    model_matrices,
    model_matrix,
    refuse_separated,
    refuse_undetermined,
    sides,
    variables,
)

DATA = {
    "kind": ["H", "E", "M", "E", "H", "M"],
    "flag": ["Yes", "No", "Yes", "Yes", "No", "No"],
    "x": [1.0, 2.0, 3.0, 4.0, float("nan"), 6.0],
    "y": [1, 0, 1, 0, 1, 0],
    "B": ["a", "Z", "a", "Z", "é", "é"],
}


def test_columns_have_the_names_of_r_and_leave_out_the_first_level() -> None:
    found = model_matrix("~ kind * flag + y", DATA)
    assert found.names == ("(Intercept)", "kindH", "kindM", "flagYes", "y", "kindH:flagYes", "kindM:flagYes")
    assert found.terms["kind:flag"] == (5, 6)
    np.testing.assert_array_equal(found.values[0], [1, 1, 0, 1, 1, 1, 0])
    np.testing.assert_array_equal(found.values[2], [1, 0, 1, 1, 1, 0, 1])


def test_levels_are_in_the_order_of_code_points() -> None:
    assert model_matrix("~ B", DATA).names == ("(Intercept)", "Ba", "Bé")


def test_a_product_without_its_parts_is_coded_in_full_where_r_does() -> None:
    assert model_matrix("~ flag + kind:flag", DATA).names == (
        "(Intercept)", "flagYes", "kindH:flagNo", "kindM:flagNo", "kindH:flagYes", "kindM:flagYes",
    )  # fmt: skip
    assert model_matrix("~ 0 + kind + flag", DATA).names == ("kindE", "kindH", "kindM", "flagYes")
    assert model_matrix("~ flag:y", DATA).names == ("(Intercept)", "flagNo:y", "flagYes:y")


def test_rows_with_a_missing_value_are_not_used() -> None:
    found = model_matrix("y ~ x", DATA)
    np.testing.assert_array_equal(found.rows, [True, True, True, True, False, True])
    np.testing.assert_array_equal(found.values[:, 1], [1, 2, 3, 4, 6])
    assert found.outcome is not None
    np.testing.assert_array_equal(found.outcome, [1, 0, 1, 0, 0])


def test_a_domain_drops_levels_that_do_not_occur_in_it() -> None:
    rows = np.array([kind != "E" for kind in DATA["kind"]])
    assert model_matrix("~ kind", DATA, rows).names == ("(Intercept)", "kindM")


def test_the_outcome_may_be_a_comparison() -> None:
    found = model_matrix("I(as.numeric(flag == 'Yes')) ~ kind", DATA)
    assert found.outcome is not None
    np.testing.assert_array_equal(found.outcome, [1, 0, 1, 1, 0, 0])


def test_a_formula_of_nothing_has_no_columns() -> None:
    assert model_matrix("y ~ 0", DATA).values.shape == (6, 0)
    assert model_matrix("~ 1", DATA).names == ("(Intercept)",)


def test_the_columns_of_a_formula_are_listed() -> None:
    assert variables("y ~ kind * x + I(flag == 'Yes')") == ("kind", "x", "flag")


def test_data_frames_give_the_same_as_plain_columns() -> None:
    plain, frame = (model_matrix("y ~ kind * x", data) for data in (DATA, pd.DataFrame(DATA)))
    assert plain.names == frame.names
    np.testing.assert_array_equal(plain.values, frame.values)


@given(st.integers(0, 2**32 - 1).map(np.random.default_rng))
@settings(max_examples=30)
def test_a_model_spans_the_cells_of_its_categories_once(random: np.random.Generator) -> None:
    data = {name: random.choice(list("abc"), 60).astype(object) for name in ("p", "q")}
    data["p"][:9], data["q"][:9] = list("aaabbbccc"), list("abcabcabc")
    for formula in ("~ p * q", "~ p + p:q", "~ 0 + p:q"):
        assert np.linalg.matrix_rank(model_matrix(formula, data).values) == 9


def test_a_combination_that_nobody_has_is_refused() -> None:
    with pytest.raises(FormulaError, match="Column pb:qy is 0 in every row"):
        model_matrix("~ p * q", {"p": list("aab"), "q": list("xyx")})


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("~ kind + nothing", "There is no column nothing"),
        ("~ (1 | kind)", r"Formula ~ \(1 \| kind\): '\|' at place 6 does not belong there. Write columns"),
        ("x ~ kind | y", r"'\|' at place 10 does not belong there"),
        ("~ exp(x)", r"'\(x\)' at place 6 does not belong there.*Compute anything else"),
        ("~ __import__('os')", r"at place 13 does not belong there"),
        ("~ kind, x", "',' at place 7 "),
        ("~ kind x", "'x' at place 8 "),
        ("~ 'kind'", "\"'kind'\" at place 3 "),
        ("~ 2 * x", "'2' at place 3 "),
        ("~ {x}", "'{x}' at place 3 "),
        ("~ .", "'.' at place 3 "),
        ("~ kind ~ x", "'~' at place 8 "),
        ("~ kind +", "a column is missing at place 9"),
        ("x ~ ", "a column is missing at place 5"),
        ("~ (kind + x", "a bracket that closes is missing at place 12"),
        ("~ kind)", r"'\)' at place 7 "),
        ("~ I(kind > 'E')", r"'\(kind' at place 4 "),
        ("~ kind ** x", "'x' at place 11 "),
        (3, "A formula is 3, where a text is needed"),
        ("kind ~ x", "where a number is needed"),
        ("x + y ~ kind", "more than one outcome"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(formula: str, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        model_matrix(formula, DATA)


@given(st.text(alphabet="ab1 ~+-*:/^()|.,'`%{}[]\n=I#\\", max_size=14))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_formula_or_is_refused(formula: str) -> None:
    with contextlib.suppress(FormulaError):
        assert sides(formula)


def test_a_name_between_backticks_may_have_any_sign() -> None:
    data = {"how old (years)": [1.0, 2.0, 4.0], "y": [1.0, 0.0, 1.0]}
    assert model_matrix("y ~ `how old (years)`", data).names == ("(Intercept)", "how old (years)")


def test_a_category_with_one_level_is_refused() -> None:
    with pytest.raises(FormulaError, match="Column kind has E in every row"):
        model_matrix("~ kind", DATA, np.array([kind == "E" for kind in DATA["kind"]]))


def test_two_tables_get_the_same_columns_and_each_its_own_rows() -> None:
    some = {"kind": ["H", "E"], "x": [1.0, 2.0]}
    first, second = model_matrices(
        "y ~ kind + x", (some, DATA), (np.ones(2, dtype=bool), np.ones(6, dtype=bool))
    )
    assert first.names == second.names == ("(Intercept)", "kindH", "kindM", "x")
    np.testing.assert_array_equal(first.values, [[1, 1, 0, 1], [1, 0, 0, 2]])
    np.testing.assert_array_equal(second.rows, [True, True, True, True, False, True])
    assert second.values.shape == (5, 4)
    with pytest.raises(FormulaError, match="kindM cannot be told apart"):
        refuse_undetermined(first)
    refuse_undetermined(second)


def test_a_column_that_is_text_in_one_of_two_tables_is_refused() -> None:
    rows = (np.ones(2, dtype=bool), np.ones(2, dtype=bool))
    with pytest.raises(FormulaError, match="Column age holds text in one table"):
        model_matrices("~ age", ({"age": [1, 2]}, {"age": ["1", "2"]}), rows)


def test_certainty_is_refused_by_its_column_and_not_for_large_coefficients() -> None:
    values = np.array([[1.0, 2020.0], [1.0, 2021.0]])
    refuse_separated(("(Intercept)", "year"), values, np.array([-2020.0, 1.0]))
    with pytest.raises(FormulaError, match="year tells the answers apart"):
        refuse_separated(("(Intercept)", "year"), values, np.array([-2020.0 * 60 - 30, 60.0]))
