"""Parts to bytes and back: arrays, frames, JSON, text. Nothing that is read here can run code."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact.compact import METADATA, expand
from motet.artifact.manifest import is_safe_name
from motet.errors import ArtifactError

Part = bytes | str | pl.DataFrame | Mapping[str, Any] | list[Any]
"""What can be stored: bytes, text, a frame, a mapping of NumPy arrays, or any other JSON value."""

ARRAYS, FRAME, JSON = ".safetensors", ".parquet", ".json"

MAX_HEADER_BYTES = 4 * 2**20
MAX_ARRAYS = 10_000
MAX_JSON_BYTES = 512 * 2**20
MAX_EXPANSION = 200
FREE_EXPANSION_BYTES = 128 * 2**20
"""A frame may unfold to this many bytes, or to MAX_EXPANSION times its file, whichever is more."""


def encode(name: str, part: Part) -> tuple[str, bytes]:
    """Return (file name, content) of a part; the suffix follows from what it holds.

    JSON values may hold NumPy scalars and arrays, paths and dates; NaN and infinities become null.
    """
    if not is_safe_name(name):
        raise ArtifactError(f"{name!r} cannot name a part.", "Use letters, digits, '_', '-' and '.', with '/' between.")
    if isinstance(part, bytes):
        return name, part
    if isinstance(part, str):
        return name, part.encode("utf-8")
    if isinstance(part, pl.DataFrame):
        buffer = io.BytesIO()
        part.write_parquet(buffer)
        return with_suffix(name, FRAME), buffer.getvalue()
    if isinstance(part, Mapping) and (name.endswith(ARRAYS) or _all_arrays(part)):
        return with_suffix(name, ARRAYS), _encode_arrays(part)
    text = json.dumps(_plain(part), ensure_ascii=False, allow_nan=False, indent=1)
    # A lone surrogate has no UTF-8 form; it is kept as an escape instead.
    return with_suffix(name, JSON), (text + "\n").encode("utf-8", "backslashreplace")


def with_suffix(name: str, suffix: str) -> str:
    """Return `name` with `suffix`, once."""
    return name if name.endswith(suffix) else name + suffix


def decode_arrays(name: str, data: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of a safetensors file, writable and in native order."""
    from safetensors.numpy import load

    compact = _check_header(name, data)
    try:
        loaded = load(data)
        if compact is not None:
            loaded = expand(loaded, compact)
    except Exception as error:  # The reader has its own error types, which changed between its versions.
        raise unreadable(name, str(error)) from None
    return {key: array if array.flags.writeable else array.copy() for key, array in loaded.items()}


def decode_frame(name: str, data: bytes) -> pl.DataFrame:
    """Return the frame of a parquet file; one that would unfold beyond measure is refused."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(io.BytesIO(data))
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
        values = sum(group.column(c).num_values for group in groups for c in range(group.num_columns))
        unfolded = max(8 * values, 8 * metadata.num_rows, sum(group.total_byte_size for group in groups))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise unreadable(name, str(error).splitlines()[0]) from None
    if unfolded > max(FREE_EXPANSION_BYTES, MAX_EXPANSION * len(data)):
        raise unreadable(name, f"{len(data)} bytes would unfold to {unfolded}")
    try:
        return pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise unreadable(name, str(error).splitlines()[0]) from None


def decode_json(name: str, data: bytes) -> Any:
    """Return the value of a JSON file."""
    if len(data) > MAX_JSON_BYTES:
        raise unreadable(name, f"it has {len(data)} bytes, more than {MAX_JSON_BYTES}")
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise unreadable(name, "it is not JSON") from None


def decode_text(name: str, data: bytes) -> str:
    """Return the text of a UTF-8 file."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise unreadable(name, "it is not UTF-8") from None


def unreadable(name: str, reason: str) -> ArtifactError:
    """Return the error for a part that cannot be read."""
    return ArtifactError(f"The part '{name}' cannot be read: {reason}.", "Copy the folder again, or train anew.")


def _all_arrays(part: Mapping[str, Any]) -> bool:
    return len(part) > 0 and all(isinstance(value, np.ndarray) for value in part.values())


def _encode_arrays(part: Mapping[str, NDArray[Any]]) -> bytes:
    from safetensors.numpy import save

    # The format stores whole buffers: a view with strides would be written in the wrong order.
    return bytes(save({key: np.asarray(array, order="C") for key, array in part.items()}))


def _check_header(name: str, data: bytes) -> str | None:
    """Refuse what is too large to read; return how the arrays were made smaller, or None where they were not."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(len(data) - 8, MAX_HEADER_BYTES):
        raise unreadable(name, f"its header claims {size} bytes of {len(data)}; at most {MAX_HEADER_BYTES} are read")
    header = decode_json(name, data[8 : 8 + size])
    if not isinstance(header, dict) or len(header) > MAX_ARRAYS:
        raise unreadable(name, f"its header is not a list of at most {MAX_ARRAYS} arrays")
    told = header.get("__metadata__")
    return str(told[METADATA]) if isinstance(told, dict) and METADATA in told else None


def _plain(value: Any) -> Any:
    """JSON's own types only; what is not a finite number becomes None."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, PurePath | date | datetime):
        return str(value)
    return value
