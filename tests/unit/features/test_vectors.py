import numpy as np
import polars as pl
import pytest

from motet.data.cells import parse_column
from motet.features.columns import ColumnState, fit_columns
from motet.features.vectors import VectorState, encode_vectors, fit_vectors, vectors_in
from motet.schema import Column, TableSpec

CELLS = pl.Series("image", [[1.0, 10.0], [3.0, 30.0], None, [5.0], [2.0, float("nan")]])


def test_a_vector_has_the_right_length_and_finite_numbers():
    known, values = vectors_in(CELLS, 2)
    assert known.tolist() == [True, True, False, False, False]
    assert values.tolist() == [[1.0, 10.0], [3.0, 30.0]]


def test_training_rows_centre_and_scale_each_number():
    state = fit_vectors(CELLS)
    assert state.size == 2 and state.mean == (2.0, 20.0) and state.scale == (1.0, 10.0)
    found = state.encode(CELLS)
    assert found.tolist() == [[-1, -1, 1], [1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_no_vector_at_all_is_no_column():
    assert fit_vectors(pl.Series("image", [None, []], dtype=pl.List(pl.Float64))) is None


def test_columns_stand_side_by_side_and_a_missing_one_is_unknown():
    states = {"image": fit_vectors(CELLS), "sound": VectorState((0.0,), (2.0,))}
    found = encode_vectors(pl.DataFrame([CELLS]), states)
    assert found.shape == (5, 5) and not found[:, 3:].any()
    found = encode_vectors(pl.DataFrame({"sound": [[4.0]]}), states)
    assert found.tolist() == [[0, 0, 0, 2, 1]]


@pytest.mark.parametrize("kind", [pl.List(pl.Float32), pl.Array(pl.Float32, 2), pl.List(pl.Int64)])
def test_lists_of_any_numbers_are_vectors(kind):
    found = fit_vectors(pl.Series("image", [[1, 10], [3, 30]], dtype=kind))
    assert found.mean == (2.0, 20.0)


def test_a_table_with_vectors_is_encoded_and_its_state_comes_back():
    spec = TableSpec(path="x.csv", columns={"image": {"meaning": "vector"}, "price": {"meaning": "number"}})
    frame = pl.DataFrame({"image": CELLS, "price": [1.0, 2.0, 3.0, 4.0, 5.0]})
    state = fit_columns(frame, spec, ["image", "price"])
    assert state.vector_sizes == [2] and state.columns == ["price", "image"]
    plain = ColumnState.from_json(state.to_json()).encode(frame)
    assert plain.vectors_nV[:, -1].tolist() == [1, 1, 0, 0, 0]
    moved = plain.with_empty_first()
    assert moved.vectors_nV.shape == (6, 3) and not moved.vectors_nV[0].any()
    assert np.array_equal(plain.followed_by(plain).vectors_nV[5:], plain.vectors_nV)
    assert not state.encode(frame.drop("image")).vectors_nV.any()


def test_a_state_of_before_vectors_is_read():
    fields = {"categories": {}, "numbers": {}, "tags": [], "tag_columns": []}
    assert ColumnState.from_json(fields).encode(pl.DataFrame({"x": [1]})).vectors_nV is None


def test_a_vector_of_another_length_is_named_at_the_door():
    found = parse_column(pl.Series("image", ["[1, 2]", "3 4", "5", None]), Column(meaning="vector"))
    assert found.bad.to_list() == [False, False, True, False]
    assert "vector" in found.reason and found.values.to_list() == [[1.0, 2.0], [3.0, 4.0], None, None]
