import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.features.columns import FIRST, MISSING, NUM_BINS, UNKNOWN, ColumnState, fit_columns
from motet.schema import TableSpec


def spec(**columns):
    return TableSpec(path="x.csv", columns=columns)


def fitted(frame, **columns):
    return fit_columns(frame, spec(**columns), list(columns))


def test_a_number_fills_the_bins_below_it():
    state = fitted(pl.DataFrame({"price": np.arange(13.0)}), price="number")
    assert state.numbers["price"] == pytest.approx(range(13))
    bins = state.encode(pl.DataFrame({"price": [3.25, -4.0, 99.0, None]})).bins_nB
    np.testing.assert_allclose(bins[0], [1, 1, 1, 0.25, 0, 0, 0, 0, 0, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(bins[1], np.zeros(13))
    np.testing.assert_allclose(bins[2], [1] * 12 + [0])
    np.testing.assert_allclose(bins[3], [0] * 12 + [1])


def test_few_values_make_their_own_bins():
    state = fitted(pl.DataFrame({"stars": [1.0] * 97 + [2.0, 4.0, None]}), stars="number")
    assert state.numbers["stars"] == (1.0, 2.0, 4.0)
    np.testing.assert_allclose(state.encode(pl.DataFrame({"stars": [3.0]})).bins_nB, [[1, 0.5, 0]])


def test_a_frequent_value_takes_no_bins_from_the_rare_ones():
    gains = np.arange(1.0, 1001.0) ** 2  # one person in a hundred gained something
    state = fitted(pl.DataFrame({"gain": np.concatenate([np.zeros(99_000), gains])}), gain="number")
    edges = state.numbers["gain"]
    assert edges[:2] == (0.0, 1.0) and edges[-1] == 1e6 and len(edges) == NUM_BINS + 1
    between = np.diff(np.searchsorted(gains, edges[1:]))
    assert between.max() - between.min() <= 1  # the rare values are spread evenly over the other bins


def test_many_frequent_values_are_all_edges():
    ages = np.repeat(np.arange(NUM_BINS + 5.0), [1] * 6 + [1000] * (NUM_BINS - 1))
    edges = fitted(pl.DataFrame({"age": ages}), age="number").numbers["age"]
    assert set(np.arange(6.0, NUM_BINS + 5.0)) <= set(edges)
    assert edges[0] == 0.0 and len(edges) <= NUM_BINS + 1


@pytest.mark.parametrize("values", [[7.0] * 5, [None] * 5])
def test_a_number_that_says_nothing_is_left_out(values):
    state = fitted(pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)}), x="number")
    assert state.columns == [] and state.num_bins == 0
    assert state.encode(pl.DataFrame({"x": [7.0, 8.0]})).bins_nB.shape == (2, 0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=90), st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_a_larger_number_never_fills_less(values, one, other):
    state = fitted(pl.DataFrame({"x": values}), x="number")
    bins = state.encode(pl.DataFrame({"x": sorted([one, other])})).bins_nB
    assert np.isfinite(bins).all() and (bins >= 0).all() and (bins <= 1).all()
    assert (bins[1] >= bins[0]).all()


def test_missing_unknown_and_known_values_have_codes_of_their_own():
    train = pl.DataFrame(
        {"brand": ["b", "b", "b", "a", "a", "once", None], "kind": ["x", "x", "y", "y", "x", "x", "x"]}
    )
    state = fitted(train, brand="category", kind="behaviour")
    assert state.categories == {"brand": ("b", "a"), "kind": ("x", "y")}
    asked = pl.DataFrame({"brand": [None, "never", "once", "b", "a"], "kind": ["x", "y", None, "z", "x"]})
    codes = state.encode(asked).codes_nC
    assert codes[:, 0].tolist() == [MISSING, UNKNOWN, UNKNOWN, FIRST, FIRST + 1]
    second = codes[:, 1] - (2 + FIRST)  # the second column's codes begin after the first column's
    assert second.tolist() == [FIRST, FIRST + 1, MISSING, UNKNOWN, FIRST]
    assert state.num_codes == 8 and codes.max() < state.num_codes


def test_where_all_values_are_rare_all_are_known():
    assert fitted(pl.DataFrame({"brand": ["c", "a", "b"]}), brand="category").categories["brand"] == ("a", "b", "c")


def test_flags_are_yes_no_or_missing():
    state = fitted(pl.DataFrame({"gift": [True, True, False, False, None]}), gift="flag")
    codes = state.encode(pl.DataFrame({"gift": [True, False, None]})).codes_nC[:, 0]
    assert len(set(codes.tolist())) == 3 and codes[2] == MISSING and codes[:2].min() >= FIRST


def test_tags_are_bags_of_known_tags_each_once():
    train = pl.DataFrame({"a": [["x", "y"], ["x", "y"], ["x"]], "b": [["x"], ["x"], None]})
    state = fitted(train, a="tags", b="tags")
    assert state.tags == ("a=x", "a=y", "b=x")
    plain = state.encode(
        pl.DataFrame({"a": [["y", "x", "y", "new"], [], None, ["y"]], "b": [["x"], ["y"], ["x"], None]})
    )
    rows = [plain.tag_ids[low:high].tolist() for low, high in zip(plain.tag_starts, plain.tag_starts[1:], strict=False)]
    assert rows == [[0, 1, 2], [], [2], [1]]
    assert len(plain) == 4


def test_a_column_that_is_not_there_is_missing_everywhere():
    train = pl.DataFrame({"brand": ["a", "a"], "price": [1.0, 2.0], "tags": [["x"], ["x"]]})
    state = fitted(train, brand="category", price="number", tags="tags")
    bare = state.encode(pl.DataFrame({"other": [1, 2, 3]}))
    empty = state.encode(pl.DataFrame({"brand": [None], "price": [None], "tags": [None]}, schema=train.schema))
    assert (bare.codes_nC == empty.codes_nC).all() and (bare.bins_nB == empty.bins_nB).all()
    assert len(bare) == 3 and len(bare.tag_ids) == 0


def test_only_chosen_plain_columns_are_fitted():
    table = spec(brand="category", title="text", price="number")
    frame = pl.DataFrame({"brand": ["a", "a"], "title": ["t", "t"], "price": [1.0, 2.0]})
    assert fit_columns(frame, table, ["brand", "title"]).columns == ["brand"]


def test_an_empty_first_row_is_all_nothing():
    state = fitted(pl.DataFrame({"brand": ["a", "a"], "tags": [["x"], ["x"]]}), brand="category", tags="tags")
    plain = state.encode(pl.DataFrame({"brand": ["a"], "tags": [["x"]]}))
    shifted = plain.with_empty_first()
    assert len(shifted) == 2
    assert shifted.codes_nC.tolist() == [[0], [FIRST]] and shifted.tag_starts.tolist() == [0, 0, 1]


def test_the_state_survives_json():
    frame = pl.DataFrame({"brand": ["a", "a"], "price": [1.0, 2.5], "tags": [["x"], ["x"]]})
    state = fitted(frame, brand="category", price="number", tags="tags")
    assert ColumnState.from_json(json.loads(json.dumps(state.to_json()))) == state
