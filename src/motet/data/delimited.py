"""Read csv and tsv: polars reads what is well formed; only a file with broken lines is gone through line by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.encoding import as_utf8, recode, wide_encoding
from motet.data.files import Content, missing_column
from motet.data.lines import NOT_UTF8, mend_delimited
from motet.data.parts import LinesOf, Part
from motet.errors import DataError

_CHUNK = 1 << 18
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_SEPARATORS = (",", "\t", ";", "|")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Header:
    """The first record. names: stripped. lines: how many lines it takes. size: how many bytes, line end included."""

    names: tuple[str, ...]
    separator: str
    lines: int
    size: int


def read_delimited(content: Content, wanted: Sequence[str] | None) -> Part:
    """Return the wanted columns (all of them if None) of a csv or tsv file, as strings; empty cells are ""."""
    content = _decoded(content)
    header = read_header(content, wanted)
    columns = _positions(header, wanted, content.name)
    body = _trimmed(content.data[header.size :])
    if not body.size:
        return Part(content.name, _no_rows(columns), 0)
    count = count_records(body, ord(header.separator), len(header.names))
    if count is not None:
        try:
            frame = _scan(content.source, header, columns, skip=1).head(count)
            if frame.height == count:
                return Part(content.name, frame, count, lines_of=_line_counter(body, header.lines))
        except (pl.exceptions.PolarsError, OSError):
            pass
    return _read_mended(content, header, columns)


def read_header(content: Content, wanted: Sequence[str] | None = None) -> Header:
    """Return the header; the separator is the one under which all wanted columns are there, or the commonest."""
    head = content.data[: 1 << 20].tobytes()
    if not head.strip():
        raise DataError(f"'{content.name}' is empty.", "It needs a first line with the columns' names.")
    bom = len(_BOM) if head.startswith(_BOM) else 0
    text = head[bom:].decode("utf-8", errors="replace")
    first = text.split("\n", 1)[0]
    ranked = sorted(_SEPARATORS, key=first.count, reverse=True)
    headers = [_parse_header(text, separator, bom) for separator in ranked]
    if wanted is not None:
        for header in headers:
            if set(wanted) <= set(header.names):
                return header
    return headers[0]


def _parse_header(text: str, separator: str, bom: int) -> Header:
    taken: list[str] = []

    def tracked() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    try:
        names = next(csv.reader(tracked(), delimiter=separator), [])
    except csv.Error:
        names = []
    stripped = tuple(name.strip().strip("\ufeff") for name in names)
    return Header(stripped, separator, len(taken), bom + len("".join(taken).encode("utf-8", errors="replace")))


def _positions(header: Header, wanted: Sequence[str] | None, name: str) -> dict[str, int]:
    """Return where each wanted column stands; a missing or doubled one is an error."""
    found = list(header.names)
    if wanted is None:
        return {column: found.index(column) for column in found if column and found.count(column) == 1}
    for column in wanted:
        if column not in found:
            raise missing_column(column, f"'{name}'", found)
        if found.count(column) > 1:
            raise DataError(f"'{name}' has {found.count(column)} columns called '{column}'.", "Rename all but one.")
    return {column: found.index(column) for column in wanted}


def count_records(body: NDArray[np.uint8], separator: int, fields: int) -> int | None:
    """Return how many records there are, or None where a record has not exactly `fields` fields.

    Outside quotes the separators and line ends of a sound file follow one pattern: fields − 1 separators, one end.
    So the whole file is checked by comparing every fields-th mark, with no line taken apart.
    """
    marks_seen, quoted, previous = 0, 0, _NEWLINE
    for start in range(0, body.size, _CHUNK):
        chunk = np.asarray(body[start : start + _CHUNK])
        ends = chunk == _NEWLINE
        if not chunk.all() or (fields == 1 and _has_blank(chunk, ends, previous)):
            return None
        marked = ends | (chunk == separator)
        quotes = chunk == _QUOTE
        if quoted or quotes.any():
            inside = (np.cumsum(quotes, dtype=np.uint8) + np.uint8(quoted)) & 1
            marked &= inside == 0
            quoted = int(inside[-1])
        kinds = ends[marked]
        expected = kinds[(fields - 1 - marks_seen) % fields :: fields]
        if not expected.all() or np.count_nonzero(kinds) != expected.size:
            return None
        marks_seen += kinds.size
        previous = int(chunk[-1])
    if quoted or marks_seen % fields != fields - 1:
        return None
    return marks_seen // fields + 1


def _has_blank(chunk: NDArray[np.uint8], ends: NDArray[np.bool_], previous: int) -> bool:
    """Tell whether a line is blank, which a single-column file cannot show by its marks."""
    starts = np.empty_like(ends)
    starts[1:], starts[0] = ends[:-1], previous == _NEWLINE
    return bool((starts & (ends | (chunk == _RETURN))).any())


def _scan(source: object, header: Header, columns: dict[str, int], *, skip: int) -> pl.DataFrame:
    """Return the columns at these positions, every cell a string."""
    places = {f"c{index}": pl.String for index in range(len(header.names))}
    frame = pl.scan_csv(
        source,  # type: ignore[arg-type]
        has_header=False,
        skip_rows=skip,
        schema=places,
        separator=header.separator,
        empty_string_is_null=False,
        glob=False,
        raise_if_empty=False,
    )
    chosen = frame.select([pl.col(f"c{place}").alias(column) for column, place in columns.items()])
    return chosen.collect(engine="streaming")


def _read_mended(content: Content, header: Header, columns: dict[str, int]) -> Part:
    """Return the sound records of a file with broken lines, and say what is wrong with the others."""
    body = content.data[header.size :].tobytes()
    mended = mend_delimited(body, header.separator, len(header.names), first_line=header.lines + 1)
    foreign = sum(broken.reason == NOT_UTF8 for broken in mended.broken)
    if foreign > 0.2 * mended.total:
        recoded = recode(content.data.tobytes())
        if recoded is not None:
            return read_delimited(Content(content.name, np.frombuffer(recoded, np.uint8), None), list(columns))
    frame = _scan(mended.clean, header, columns, skip=0) if mended.records.size else _no_rows(columns)
    frame = frame.head(mended.records.size)
    lines = dict(zip(mended.records.tolist(), mended.lines.tolist(), strict=True))

    def lines_of(records: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([lines[record] for record in records.tolist()], np.int64)

    return Part(content.name, frame, mended.total, mended.broken, mended.records, lines_of)


def _line_counter(body: NDArray[np.uint8], header_lines: int) -> LinesOf:
    """Return the function from record numbers to lines; fields may hold line ends, so it counts them when asked."""

    def lines_of(records: NDArray[np.int64]) -> NDArray[np.int64]:
        data = np.asarray(body)
        if not (data == _QUOTE).any():
            return records + header_lines + 1
        ends = np.flatnonzero(data == _NEWLINE)
        outside = (np.cumsum(data == _QUOTE, dtype=np.uint8)[ends] & 1) == 0
        lines_before = np.concatenate([[0], np.flatnonzero(outside) + 1])
        return lines_before[records] + header_lines + 1

    return lines_of


def _decoded(content: Content) -> Content:
    """Return the content as UTF-8 with line ends that hold a newline, which files of old Macs have not."""
    head = content.data[: 1 << 16].tobytes()
    encoding = wide_encoding(head[:4096])
    if encoding is not None:
        text = as_utf8(content.data.tobytes(), encoding)
    elif _names_are_foreign(head) and (recoded := recode(content.data.tobytes())) is not None:
        text = recoded
    elif b"\r" in head and b"\n" not in head:
        text = content.data.tobytes()
    else:
        return content
    text = text if b"\n" in text else text.replace(b"\r", b"\n")
    return Content(content.name, np.frombuffer(text, np.uint8), None)


def _names_are_foreign(head: bytes) -> bool:
    """Tell whether the first line, which names the columns, is not UTF-8."""
    try:
        re.split(rb"[\r\n]", head, maxsplit=1)[0].decode("utf-8")
    except UnicodeDecodeError as error:
        # a first line that is longer than the head may be cut within a sign
        return error.start < len(head) - 4
    return False


def _trimmed(body: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the body without the line ends at its end."""
    size = body.size
    while size and body[size - 1] in (_NEWLINE, _RETURN):
        size -= 1
    return body[:size]


def _no_rows(columns: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
