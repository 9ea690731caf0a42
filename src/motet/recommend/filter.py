"""Which items a request's filters let through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.recommend.catalogue import Catalogue
from motet.registry import nearest


def passing(catalogue: Catalogue, filters: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Return (I,): whether each item fulfils all filters.

    filters: column → a value, a list of values (any of them), or {"min": low, "max": high} for numbers, both
    inclusive. Tags pass if any of them is asked for. An unknown attribute never passes.
    """
    kept_I = np.ones(len(catalogue), np.bool_)
    for column, wanted in filters.items():
        if column not in catalogue.attributes.columns:
            known = catalogue.attributes.columns
            listed = ", ".join(known) if known else "none"
            message = f"Items have no column '{column}' to filter by; known: {listed}."
            raise RequestError(message, nearest(str(column), known).strip() or "Use one of these.")
        kept_I &= _matches(catalogue.attributes[column], wanted)
    return kept_I


def _matches(values: pl.Series, wanted: Any) -> NDArray[np.bool_]:
    if isinstance(wanted, Mapping):
        matches = _in_range(values, wanted)
    else:
        options = list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
        _check_options(values, options)
        if isinstance(values.dtype, pl.List):
            matches = values.list.eval(pl.element().is_in(options)).list.any()
        else:
            matches = values.is_in(pl.Series(options, dtype=values.dtype).implode())
    return matches.fill_null(False).to_numpy().astype(np.bool_)


def _in_range(values: pl.Series, wanted: Mapping[str, Any]) -> pl.Series:
    unknown = set(wanted) - {"min", "max"}
    if unknown or not wanted:
        raise RequestError(f"A range has 'min' or 'max' or both; found {sorted(map(str, wanted))}.", "Rename them.")
    if not values.dtype.is_numeric():
        raise RequestError(f"'{values.name}' holds no numbers, so it has no range.", "Filter by a value instead.")
    bounds = {"min": -math.inf, "max": math.inf, **{key: v for key, v in wanted.items() if v is not None}}
    for key, bound in bounds.items():
        if not _is_number(bound) or math.isnan(bound):
            raise RequestError(f"'{key}' of '{values.name}' is not a number: {bound!r}.", "Give a number.")
    return (values >= bounds["min"]) & (values <= bounds["max"])


def _check_options(values: pl.Series, options: list[Any]) -> None:
    if not options:
        raise RequestError(f"The filter on '{values.name}' lists no values.", "Name at least one, or leave it out.")
    for option in options:
        if values.dtype.is_numeric():
            fits, expected = _is_number(option) and math.isfinite(option), "numbers"
        elif values.dtype == pl.Boolean:
            fits, expected = isinstance(option, bool), "true or false"
        else:
            fits, expected = isinstance(option, str), "texts"
        if not fits:
            raise RequestError(f"'{values.name}' holds {expected}; found {option!r}.", "Give a value of that kind.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
