"""Values that people sent, as a model's columns take them; what does not fit is unknown, never an error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

KINDS: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "category": pl.String(),
    "behaviour": pl.String(),
    "id": pl.String(),
    "tags": pl.List(pl.String()),
    "number": pl.Float64(),
    "flag": pl.Boolean(),
    "vector": pl.List(pl.Float64()),
}
"""Meaning of a column → how it is held."""

_TRUE, _FALSE = {"1", "true", "yes", "y", "t"}, {"0", "false", "no", "n", "f"}


def fitted(value: Any, kind: Any) -> Any:
    """Return a value as a column of this kind holds it; None where it does not fit."""
    if value is None:
        return None
    if isinstance(kind, pl.List):
        many = value if isinstance(value, list | tuple) else [value]
        if kind.inner == pl.Float64:
            numbers = [_number(each) for each in many]
            return None if None in numbers else numbers
        return [str(each) for each in many if each is not None]
    if isinstance(value, list | tuple):
        return None
    if kind == pl.Boolean:
        return _flag(value)
    if kind.is_numeric():
        return _number(value)
    return str(value)


def row_of(values: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values that the schema knows, each as its column holds it."""
    return {name: fitted(values[name], kind) for name, kind in schema.items() if name in values}


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower().removesuffix(".0")
    return True if word in _TRUE else False if word in _FALSE else None
