"""Filters from the command line: `brand=Lux`, `price>=5`, `price<=20`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from motet.errors import RequestError

if TYPE_CHECKING:
    import polars as pl

_FILTER = re.compile(r"(?P<column>[^=<>]+)(?P<sign>>=|<=|=)(?P<value>.*)", re.DOTALL)
_BOUND = {">=": "min", "<=": "max"}
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def parse_filters(texts: Sequence[str], attributes: pl.DataFrame) -> dict[str, Any]:
    """Return filters as a question takes them; values are read as the items' column asks.

    A column that is named several times with `=` lets any of its values pass. Raises RequestError for what is no
    filter.
    """
    found: dict[str, Any] = {}
    for text in texts:
        match = _FILTER.fullmatch(text)
        if match is None:
            raise RequestError(f"'{text}' is no filter.", "Write column=value, column>=value or column<=value.")
        column, sign = match["column"].strip(), match["sign"]
        known = column in attributes.columns
        value = _typed(match["value"].strip(), attributes.schema[column] if known else None, column)
        empty: Any = {} if sign in _BOUND else []
        kept = found.setdefault(column, empty)
        if isinstance(kept, Mapping) != (sign in _BOUND):
            raise RequestError(f"'{column}' is filtered by a value and by a range.", "Choose one of them.")
        if sign in _BOUND:
            kept[_BOUND[sign]] = value
        else:
            kept.append(value)
    return found


def parse_weights(text: str | None, option: str = "--weights") -> dict[str, float]:
    """Return task → weight of `next_item=1,rating=0.5`, or type → quota of `video=3`."""
    weights: dict[str, float] = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        task, sign, value = part.rpartition("=")
        try:
            weights[task.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign or not task.strip():
            word, example = option.removeprefix("--").removesuffix("s"), "next_item=1,rating=0.5"
            if option.startswith("--at-"):
                word, example = "quota", "video=3,article=0.5"
            raise RequestError(f"'{part.strip()}' is no {word}.", f"Write {option} {example}")
    return weights


def comma_separated(texts: Sequence[str] | None) -> list[str]:
    """Return the values of an option that may be repeated, and may list several values at once."""
    return [part.strip() for text in texts or () for part in text.split(",") if part.strip()]


def _typed(value: str, dtype: Any, column: str) -> Any:
    if dtype is not None and dtype.is_numeric():
        try:
            return float(value)
        except ValueError:
            raise RequestError(f"'{column}' holds numbers; found '{value}'.", "Give a number.") from None
    if str(dtype) == "Boolean":
        return _FLAGS.get(value.lower(), value)
    return value
