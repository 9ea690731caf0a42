"""Read JSON lines: every cell as a string (lists and objects as JSON text), so that mixed types do no harm."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.encoding import as_utf8, recode, wide_encoding
from motet.data.files import Content, missing_column
from motet.data.lines import NOT_UTF8, json_lines, mend_json
from motet.data.parts import LinesOf, Part
from motet.errors import DataError

_SAMPLE = 2000


def read_json_lines(content: Content, wanted: Sequence[str] | None) -> Part:
    """Return the wanted columns (all of the first lines' keys if None) of a JSON-lines file."""
    content = _decoded(content)
    head = content.data[:4096].tobytes().lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise DataError(f"'{content.name}' is empty.", "Expected one JSON object in each line.")
    if head.startswith(b"["):
        raise DataError(
            f"'{content.name}' holds one JSON array.",
            f"Write one JSON object in each line instead, for instance with: jq -c '.[]' {content.name} > rows.jsonl",
        )
    known = json_keys(content)
    if not known:
        raise DataError(f"'{content.name}' holds no JSON objects in its first lines.", "Expected one in each line.")
    columns = list(known if wanted is None else wanted)
    for column in columns:
        if column not in known and json.dumps(column).encode() not in content.data.tobytes():
            raise missing_column(column, f"'{content.name}'", known)
    try:
        frame = _scan(content.source, columns)
    except (pl.exceptions.PolarsError, OSError):
        return _read_mended(content, columns)
    return Part(content.name, frame, frame.height, lines_of=_line_counter(content))


def json_keys(content: Content) -> list[str]:
    """Return the keys of the objects in the first lines, in order of appearance."""
    keys: dict[str, None] = {}
    sample = content.data[: 1 << 23].tobytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")[:_SAMPLE]
    for line in sample:
        try:
            found = json.loads(line.decode("utf-8", errors="replace"))
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            keys.update(dict.fromkeys(found))
    return list(keys)


def _scan(source: object, columns: Sequence[str]) -> pl.DataFrame:
    schema = dict.fromkeys(columns, pl.String)
    return pl.scan_ndjson(source, schema=schema).select(columns).collect()  # type: ignore[arg-type]


def _read_mended(content: Content, columns: Sequence[str]) -> Part:
    mended = mend_json(content.data.tobytes().removeprefix(b"\xef\xbb\xbf"))
    foreign = sum(broken.reason == NOT_UTF8 for broken in mended.broken)
    if foreign > 0.2 * mended.total:
        recoded = recode(content.data.tobytes())
        if recoded is not None:
            return read_json_lines(Content(content.name, np.frombuffer(recoded, np.uint8), None), columns)
    empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    try:
        frame = _scan(mended.clean, columns) if mended.records.size else empty
    except pl.exceptions.PolarsError:
        frame = _by_hand(mended.clean, columns)
    lines = dict(zip(mended.records.tolist(), mended.lines.tolist(), strict=True))

    def lines_of(records: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([lines[record] for record in records.tolist()], np.int64)

    return Part(content.name, frame, mended.total, mended.broken, mended.records, lines_of)


def _by_hand(clean: bytes, columns: Sequence[str]) -> pl.DataFrame:
    """Return the same as `_scan` for lines that Python reads and polars does not (numbers beyond any size)."""

    def spelled(cell: object) -> str | None:
        return cell if cell is None or isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)

    lines = [json.loads(line, parse_int=str, parse_float=str) for line in clean.splitlines()]
    cells = {column: [spelled(line.get(column)) for line in lines] for column in columns}
    return pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))


def _line_counter(content: Content) -> LinesOf:
    def lines_of(records: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.fromiter(json_lines(content.data.tobytes()), np.int64)[records]

    return lines_of


def _decoded(content: Content) -> Content:
    encoding = wide_encoding(content.data[:4096].tobytes())
    if encoding is None:
        return content
    return Content(content.name, np.frombuffer(as_utf8(content.data.tobytes(), encoding), np.uint8), None)
