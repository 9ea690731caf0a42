"""What a study learns from, as short digests: by them a run that goes on knows whether it is still the same run."""

from __future__ import annotations

import json
from dataclasses import fields
from hashlib import blake2b
from typing import Any

import numpy as np
import polars as pl

from motet.features.state import FeatureState
from motet.stages.study import Study
from motet.tasks import Examples

SLICE = 65_536
"""Rows whose texts are joined at a time."""
DIGITS = 6
"""Of a fitted number; what comes behind may depend on how many threads summed it up."""


def fingerprint(study: Study) -> dict[str, str]:
    """Return a digest by name: of every table with its parts, every task's examples, the encoder and what was fitted.

    The same rows in the same order give the same digests, in every process; paths and settings take no part.
    """
    division = study.division
    found = {
        f"table {name}": _digest(frame, division.parts.get(name), *([division.past] if name == "events" else []))
        for name, frame in division.inputs.items()
    }
    found |= {f"task {name}": _digest(*_parts(examples)) for name, examples in study.examples.items()}
    if study.encoder is not None:
        # one that is fitted here follows from the rows, up to last digits that its id would count
        encoder = study.encoder
        found["the encoder"] = _digest(encoder.id if encoder.pretrained else encoder.id.partition(":")[0])
    return found | {"what was fitted on them": _digest(_fitted(study.features.state))}


def _parts(examples: Examples) -> list[Any]:
    return [getattr(examples, each.name) for each in fields(examples)]


def _fitted(state: FeatureState) -> str:
    """The fitted state in one text; of arrays the shapes alone, since equal rows may give them other last digits."""
    told, arrays = state.to_parts()
    shapes = {name: [str(array.dtype), *array.shape] for name, array in arrays.items()}
    return json.dumps([_rounded(told), shapes], sort_keys=True, default=str)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.{DIGITS}g}"
    if isinstance(value, dict):
        return {str(key): _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value


def _digest(*parts: Any) -> str:
    found = blake2b(digest_size=8)
    for part in parts:
        _add(found, part)
    return found.hexdigest()


def _add(found: blake2b, part: Any) -> None:
    """Add a value, told apart from its neighbours by its type and its length."""
    if isinstance(part, pl.DataFrame):
        for name in part.columns:
            found.update(f"{name}\0".encode())
            _add(found, part[name])
    elif isinstance(part, pl.Series):
        _add_series(found, part)
    elif isinstance(part, np.ndarray):
        found.update(f"{part.dtype}{part.shape}\0".encode())
        found.update(np.ascontiguousarray(part).data)
    else:
        found.update(f"{part!r}\0".encode())


def _add_series(found: blake2b, series: pl.Series) -> None:
    found.update(f"{series.dtype}\0".encode())
    _add(found, series.is_null().to_numpy())
    if isinstance(series.dtype, pl.List):
        _add(found, series.list.len().fill_null(0).to_numpy())
        _add_series(found, series.filter(series.list.len() > 0).explode())
    elif series.dtype.is_numeric() or series.dtype == pl.Boolean:
        _add(found, series.fill_null(0 if series.dtype.is_numeric() else False).to_numpy())
    else:
        texts = series.cast(pl.String).fill_null("")
        _add(found, texts.str.len_bytes().to_numpy())
        for start in range(0, len(texts), SLICE):
            found.update(texts.slice(start, SLICE).str.join("").item().encode())
