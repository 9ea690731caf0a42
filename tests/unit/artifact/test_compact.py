import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.artifact.codec import decode_arrays
from motet.artifact.compact import METADATA, dequantised, encode_compact, quantised
from motet.errors import ArtifactError


@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e4), st.floats(0.0, 6.0))
def test_rows_come_back_within_a_step_of_their_own(seed, size, spread):
    rng = np.random.default_rng(seed)
    rows = (rng.normal(size=(20, 16)) * size * 10 ** -rng.uniform(0, spread, (20, 1))).astype(np.float32)
    levels, scale, factor = quantised(rows)
    assert levels.dtype == np.int8 and scale.dtype == np.float16
    back = dequantised(levels, scale, factor, "<f4")
    # a scale in half precision of a row that is a ten thousandth of the largest is itself coarse
    step = np.abs(rows).max(1, keepdims=True) / 127 * 1.01 + np.abs(rows).max() / 127 * 1e-7
    assert (np.abs(back - rows) <= 0.51 * step + 1e-12).all()


def test_integers_lose_nothing_and_everything_keeps_its_type():
    rng = np.random.default_rng(0)
    arrays = {
        "starts": np.arange(0, 70_000, 10, dtype=np.int64),
        "signed": rng.integers(-100, 100, 900).astype(np.int32),
        "table": rng.normal(size=(64, 32)).astype(np.float32),
        "again": np.zeros((0,), np.float32),
        "long": rng.normal(size=3_000),
        "bias": rng.normal(size=40).astype(np.float32),
        "flags": np.ones(2_000, bool),
    }
    arrays["again"] = arrays["table"].copy()
    data = encode_compact(arrays, lambda name: "int8")
    back = decode_arrays("part.safetensors", data)
    assert list(back) == list(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype and back[name].shape == array.shape
    for name in ("starts", "signed", "bias", "flags"):
        assert np.array_equal(back[name], arrays[name])
    assert np.array_equal(back["again"], back["table"]) and back["again"] is not back["table"]
    assert np.allclose(back["long"], arrays["long"], rtol=1e-3)
    assert len(data) < 0.45 * sum(array.nbytes for array in arrays.values())


def test_rows_of_nothing_are_left_out():
    table = np.zeros((1_000, 32), np.float32)
    table[::10] = 1.0
    data = encode_compact({"table": table}, lambda name: "int8")
    assert np.allclose(decode_arrays("part.safetensors", data)["table"], table, atol=0.01)
    assert len(data) < 5_000


def test_half_and_plain_do_as_they_say():
    table = np.random.default_rng(0).normal(size=(64, 32)).astype(np.float32)
    half = decode_arrays("p.safetensors", encode_compact({"t": table}, lambda name: "half"))["t"]
    assert np.array_equal(half, table.astype(np.float16).astype(np.float32))
    assert np.array_equal(
        decode_arrays("p.safetensors", encode_compact({"t": table}, lambda name: "plain"))["t"], table
    )


def test_a_number_that_half_precision_cannot_hold_stays_whole():
    long = np.full(1_000, 1e6, np.float32)
    assert np.array_equal(decode_arrays("p.safetensors", encode_compact({"t": long}, lambda name: "half"))["t"], long)


@pytest.mark.parametrize(
    "told", ['{"order": ["x"], "arrays": {}}', "no json", '{"order": ["t"], "arrays": {"t": {"as": "int8"}}}']
)
def test_a_foreign_description_is_refused(told):
    from safetensors.numpy import save

    data = bytes(save({"0.data": np.zeros(4, np.int8)}, metadata={"motet.compact": told}))
    with pytest.raises(ArtifactError, match="cannot be read"):
        decode_arrays("part.safetensors", data)


@pytest.mark.parametrize("kind", ["plain", "half", "int8"])
def test_numbers_that_are_nothing_take_a_bit(kind):
    rng = np.random.default_rng(0)
    table = rng.normal(size=(200, 63)).astype(np.float32)
    whole = len(encode_compact({"t": table}, lambda name: kind))
    table[rng.random(table.shape) < 0.7] = 0
    data = encode_compact({"t": table}, lambda name: kind)
    back = decode_arrays("p.safetensors", data)["t"]
    assert back.dtype == table.dtype and not back[table == 0].any()
    np.testing.assert_allclose(back, table, atol={"plain": 0, "half": 1e-2, "int8": 3e-2}[kind])
    assert len(data) < {"plain": 0.36, "half": 0.42, "int8": 0.6}[kind] * whole


def test_a_place_list_of_another_size_is_refused_before_anything_is_made():
    from safetensors.numpy import save

    how = {"as": "plain", "dtype": "<f4", "shape": [1_000_000, 1_000_000], "at": 0}
    told = json.dumps({"order": ["t"], "arrays": {"t": how}})
    arrays = {"0.data": np.ones(8, np.float32), "0.bits": np.full(1, 255, np.uint8)}
    with pytest.raises(ArtifactError, match="1 bytes of places"):
        decode_arrays("p.safetensors", save(arrays, metadata={METADATA: told}))
