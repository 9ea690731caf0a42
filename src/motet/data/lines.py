"""Go through a damaged text file line by line: keep what is sound, say what is wrong with the rest."""

from __future__ import annotations

import csv
import io
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.data.parts import Broken

NOT_UTF8 = "not UTF-8"
_OPEN_QUOTE = "a quote is opened and never closed"
_LONGEST_RECORD = 1000


@dataclass(frozen=True)
class Mended:
    """clean: the sound records as UTF-8. records, lines: their 0-based numbers and 1-based lines."""

    clean: bytes
    records: NDArray[np.int64]
    lines: NDArray[np.int64]
    broken: tuple[Broken, ...]
    total: int


class _Collector:
    def __init__(self) -> None:
        self.clean = io.BytesIO()
        self.records: list[int] = []
        self.lines: list[int] = []
        self.broken: list[Broken] = []
        self.total = 0

    def keep(self, record: bytes, line: int) -> None:
        self.clean.write(record)
        self.clean.write(b"\n")
        self.records.append(self.total)
        self.lines.append(line)
        self.total += 1

    def drop(self, line: int, reason: str) -> None:
        self.broken.append(Broken(self.total, line, reason))
        self.total += 1

    def result(self) -> Mended:
        records, lines = np.array(self.records, np.int64), np.array(self.lines, np.int64)
        return Mended(self.clean.getvalue(), records, lines, tuple(self.broken), self.total)


class _Lines:
    """Numbered lines that can be given back."""

    def __init__(self, data: bytes, first_line: int) -> None:
        self._stream = io.BytesIO(data)
        self._waiting: deque[bytes] = deque()
        self.number = first_line - 1

    def take(self) -> bytes | None:
        line = self._waiting.popleft() if self._waiting else self._stream.readline()
        if not line:
            return None
        self.number += 1
        return line

    def give_back(self, lines: list[bytes]) -> None:
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)


def mend_delimited(data: bytes, separator: str, fields: int, *, first_line: int) -> Mended:
    """Return the records that have exactly `fields` fields. Blank lines are no records."""
    lines, out, mark = _Lines(data, first_line), _Collector(), separator.encode()
    while (line := lines.take()) is not None:
        bare, number = line.rstrip(b"\r\n"), lines.number
        if not bare.strip():
            continue
        if (fault := _text_fault(bare)) is not None:
            out.drop(number, fault)
        elif b'"' in bare:
            _mend_quoted(line, lines, out, separator, fields)
        elif bare.count(mark) != fields - 1:
            out.drop(number, f"expected {fields} fields, found {bare.count(mark) + 1}")
        else:
            out.keep(bare, number)
    return out.result()


def _mend_quoted(line: bytes, lines: _Lines, out: _Collector, separator: str, fields: int) -> None:
    """Put together a record whose fields may hold line ends; a faulty one gives all but its first line back."""
    number, taken, fault = lines.number, [line], ""
    while True:
        try:
            text = b"".join(taken).decode("utf-8").rstrip("\r\n")
            row = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
        except UnicodeDecodeError:
            fault = _OPEN_QUOTE if len(taken) > 1 else NOT_UTF8
        except csv.Error as error:
            if "unexpected end of data" in str(error) and len(taken) < _LONGEST_RECORD:
                more = _up_to_quote(lines)
                if more:
                    taken.extend(more)
                    continue
            fault = _OPEN_QUOTE if "unexpected end" in str(error) or len(taken) > 1 else "a misplaced quote"
        else:
            if len(row) == fields:
                out.keep(_quoted(row, separator), number)
                return
            fault = _OPEN_QUOTE if len(taken) > 1 else f"expected {fields} fields, found {len(row)}"
        lines.give_back(taken[1:])
        out.drop(number, fault)
        return


def _up_to_quote(lines: _Lines) -> list[bytes]:
    """Return the lines up to the next one that holds a quote; none where no such line follows."""
    taken: list[bytes] = []
    while len(taken) < _LONGEST_RECORD and (line := lines.take()) is not None:
        taken.append(line)
        if b'"' in line:
            return taken
    lines.give_back(taken)
    return []


def _quoted(row: list[str], separator: str) -> bytes:
    return separator.join('"' + cell.replace('"', '""') + '"' for cell in row).encode("utf-8")


def _text_fault(line: bytes) -> str | None:
    if b"\0" in line:
        return "holds NUL bytes"
    if not line.isascii():
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return NOT_UTF8
    return None


def mend_json(data: bytes) -> Mended:
    """Return the lines that hold one JSON object each. Blank lines are no records."""
    out = _Collector()
    for number, line in enumerate(io.BytesIO(data), start=1):
        bare = line.strip()
        if not bare:
            continue
        if (fault := _text_fault(bare)) is not None:
            out.drop(number, fault)
            continue
        constants: list[str] = []

        def note(word: str, seen: list[str] = constants) -> str:
            seen.append(word)
            return word

        try:
            found = json.loads(bare, parse_constant=note)
        except (ValueError, RecursionError) as error:
            out.drop(number, f"broken JSON: {getattr(error, 'msg', 'nested too deeply')}")
            continue
        if not isinstance(found, dict):
            out.drop(number, "expected a JSON object")
        else:
            # Python writes NaN into JSON; as a string the cell reaches the check of its column.
            out.keep(json.dumps(found).encode() if constants else bare, number)
    return out.result()


def json_lines(data: bytes) -> Iterator[int]:
    """Yield the 1-based numbers of the lines that are not blank."""
    for number, line in enumerate(io.BytesIO(data), start=1):
        if line.strip():
            yield number
