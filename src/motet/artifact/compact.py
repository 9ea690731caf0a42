"""Arrays in fewer bytes: int8 rows with a scale each, half precision, narrow integers, zeros and rows of them left out.

How each array is stored stands in the file's own metadata; who reads a part gets arrays of the first type and shape.

R = rows, C = columns, K = rows that are kept.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["plain", "half", "int8"]
Arrays = Mapping[str, NDArray[Any]]

METADATA = "motet.compact"
LEVELS = 127
LEAST_NUMBERS, LEAST_ROWS = 512, 8
"""Smaller arrays stay as they are: biases and norms matter, and weigh nothing."""
MOST_HALF = 60_000.0
NOTHING_SHARE = 0.1
"""Rows of zeros are left out where they are more than this share of all."""


def encode_compact(arrays: Arrays, kind_of: Callable[[str], Kind]) -> bytes:
    """Return a safetensors file of the arrays; integers lose nothing, floats as far as `kind_of` allows.

    kind_of: of a name, `int8` (matrices by rows, the rest as half), `half`, or `plain`.
    """
    from safetensors.numpy import save

    stored: dict[str, NDArray[Any]] = {}
    told: dict[str, dict[str, Any]] = {}
    seen: dict[tuple[Any, ...], str] = {}
    for number, (name, array) in enumerate(arrays.items()):
        array = np.ascontiguousarray(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if array.size >= LEAST_NUMBERS and key in seen:
            told[name] = {"as": "same", "of": seen[key]}
            continue
        seen[key] = name
        pieces, how = _sparse(*_packed(array, kind_of(name)), dtype=array.dtype.str)
        for piece, value in pieces.items():
            stored[f"{number}.{piece}" if how else name] = np.ascontiguousarray(value)
        if how:
            told[name] = {**how, "at": number}
    metadata = {METADATA: json.dumps({"order": list(arrays), "arrays": told})}
    return bytes(save(stored, metadata=metadata))


def expand(stored: Arrays, metadata: str) -> dict[str, NDArray[Any]]:
    """Return the arrays that `encode_compact` was given; raises KeyError, ValueError or TypeError for foreign data."""
    told = json.loads(metadata)
    found: dict[str, NDArray[Any]] = {}
    for name in told["order"]:
        how = told["arrays"].get(name)
        if how is None:
            found[name] = stored[name]
        elif how["as"] == "same":
            found[name] = found[how["of"]].copy()
        else:
            found[name] = _unpacked(how, lambda piece, at=int(how["at"]): stored[f"{at}.{piece}"])  # type: ignore[misc]
    return found


def quantised(rows_RC: NDArray[np.floating[Any]]) -> tuple[NDArray[np.int8], NDArray[np.float16], float]:
    """Return (int8 rows, a scale per row, a factor of all scales): row = int8 · scale · factor, symmetric around 0."""
    top_R = np.abs(rows_RC).max(axis=1, initial=0.0) / LEVELS
    factor = float(top_R.max(initial=0.0)) or 1.0
    # rounded upwards, so that the largest number of a row still fits into seven bits
    scale_R = np.nextafter((top_R / factor).astype(np.float16), np.float16(np.inf))
    step_R = np.maximum(scale_R.astype(np.float64) * factor, 1e-300)
    levels = np.clip(np.rint(rows_RC / step_R[:, None]), -LEVELS, LEVELS).astype(np.int8)
    return levels, scale_R, factor


def dequantised(
    levels_RC: NDArray[np.int8], scale_R: NDArray[np.float16], factor: float, dtype: str
) -> NDArray[np.floating[Any]]:
    """Return the rows that `quantised` made levels of, each number at most half a step off."""
    step_R = (scale_R.astype(np.float64) * factor).astype(np.float32)
    return (levels_RC.astype(np.float32) * step_R[:, None]).astype(dtype)


def _packed(array: NDArray[Any], kind: Kind) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The pieces that are stored, and how; {} where the array is stored as it is."""
    plain: tuple[dict[str, NDArray[Any]], dict[str, Any]] = {"": array}, {}
    dtype = array.dtype.str
    if array.size < LEAST_NUMBERS:
        return plain
    if array.dtype.kind == "i":
        narrow = np.result_type(np.min_scalar_type(array.min()), np.min_scalar_type(array.max()))
        smaller = narrow.itemsize < array.dtype.itemsize and narrow.kind in "iu"
        return ({"data": array.astype(narrow)}, {"as": "narrow", "dtype": dtype}) if smaller else plain
    if array.dtype.kind != "f" or kind == "plain" or not np.isfinite(array).all():
        return plain
    if kind == "int8" and array.ndim == 2 and len(array) >= LEAST_ROWS:
        levels, scale, factor = quantised(array)
        how = {"as": "int8", "dtype": dtype, "factor": factor}
        kept = np.flatnonzero(levels.any(axis=1))
        if len(kept) < (1 - NOTHING_SHARE) * len(array):
            place = kept.astype(np.min_scalar_type(len(array)))
            return {"data": levels[kept], "scale": scale[kept], "rows": place}, {**how, "num": len(array)}
        return {"data": levels, "scale": scale}, how
    if array.dtype.itemsize > 2 and np.abs(array).max() < MOST_HALF:
        return {"data": array.astype(np.float16)}, {"as": "half", "dtype": dtype}
    return plain


def _sparse(
    pieces: dict[str, NDArray[Any]], how: dict[str, Any], *, dtype: str
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The same pieces, numbers that are zero as a bit each, where that is shorter; nothing is lost."""
    data = pieces["data"] if how else pieces[""]
    there = data != 0
    bytes_now, bytes_then = data.nbytes, -(-data.size // 8) + int(there.sum()) * data.itemsize
    if data.size < LEAST_NUMBERS or bytes_then > (1 - NOTHING_SHARE) * bytes_now:
        return pieces, how
    how = how or {"as": "plain", "dtype": dtype}
    thin = {"data": data[there], "bits": np.packbits(there.ravel())}
    return {**{name: each for name, each in pieces.items() if name}, **thin}, {**how, "shape": list(data.shape)}


def _whole(how: Mapping[str, Any], piece: Callable[[str], NDArray[Any]]) -> NDArray[Any]:
    """The data with its zeros."""
    data = piece("data")
    if "shape" not in how:
        return data
    shape, bits = [int(each) for each in how["shape"]], piece("bits")
    size = math.prod(shape)
    if -(-size // 8) != len(bits):  # before anything of that size is asked for
        raise ValueError(f"{len(bits)} bytes of places for {size} numbers")
    found = np.zeros(size, data.dtype)
    found[np.unpackbits(bits, count=size).astype(bool)] = data
    return found.reshape(shape)


def _unpacked(how: Mapping[str, Any], piece: Callable[[str], NDArray[Any]]) -> NDArray[Any]:
    dtype, data = str(how["dtype"]), _whole(how, piece)
    if how["as"] != "int8":
        return data.astype(dtype)
    rows = dequantised(data, piece("scale"), float(how["factor"]), dtype)
    if "num" not in how:
        return rows
    found = np.zeros((int(how["num"]), data.shape[1]), dtype)
    found[piece("rows")] = rows
    return found
