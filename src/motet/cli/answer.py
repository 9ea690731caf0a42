"""What a command has to say, in two forms, and how it is printed."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a command found. text: for people. json: the same for programs. code: the exit code."""

    text: str
    json: Mapping[str, Any] = field(default_factory=dict)
    code: int = 0


@dataclass(frozen=True)
class Tone:
    """How a command is to speak. as_json: one object on standard output, nothing else. quiet: no progress.

    plain: progress as lines, also on a terminal.
    """

    as_json: bool = False
    quiet: bool = False
    plain: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer, and how it is to be told."""

    answer: Answer
    tone: Tone


def speak(reply: Reply) -> None:
    """Print an answer on standard output."""
    if reply.tone.as_json:
        print_json(reply.answer.json)
    else:
        write_line(reply.answer.text)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object; what is not a finite number is null."""
    fields = plain(value)
    text = json.dumps(fields, ensure_ascii=False, indent=2, allow_nan=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        text = json.dumps(fields, indent=2, allow_nan=False)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def write_line(text: str, *, error: bool = False) -> None:
    """Print text; a character that the terminal cannot show is written as an escape."""
    stream = sys.stderr if error else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: NumPy and Polars scalars, paths and moments included."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, PurePath | timedelta):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence | set | frozenset):
        return [plain(entry) for entry in value]
    if hasattr(value, "tolist"):  # NumPy arrays and scalars, without importing NumPy here
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
