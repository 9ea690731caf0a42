"""What each event is about: the names in a column of its item, or of the event itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import ID, ITEM, Division
from motet.errors import ProjectError
from motet.registry import nearest
from motet.schema import EVENTS, TRAIN, Interest
from motet.tasks._history import codes_of, ranges
from motet.tasks._labels import as_name, as_tags

NUM_BINS = 10


@dataclass(frozen=True)
class Topics:
    """Names per event, in compressed rows.

    names: all names. row_N: the row of each event, -1 without one. starts, codes: the codes of row r are
    codes[starts[r]:starts[r + 1]].
    """

    names: pl.Series
    row_N: NDArray[np.int64]
    starts: NDArray[np.int64]
    codes: NDArray[np.int64]

    def of(self, event: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (position in `event`, code) once per event and name."""
        row = self.row_N[event]
        known = np.flatnonzero(row >= 0)
        lengths = self.starts[row[known] + 1] - self.starts[row[known]]
        return np.repeat(known, lengths), self.codes[ranges(self.starts[row[known]], lengths)]


def topics_of(task: Interest, division: Division) -> Topics:
    """Return what each event is about: by its item's cells that nobody holds out, or by its own in the past."""
    table, column = _place(task, division)
    events = division.events
    frame = division.past if table == EVENTS else division.inputs[table]
    assert events is not None and frame is not None, "interest needs events"
    row_N = np.arange(len(events.user_N))
    if table != EVENTS:
        ids = codes_of(frame[ID] if ID in frame.columns else frame[ITEM], events.items)
        row_I = np.full(len(events.items) + 1, -1, np.int64)
        row_I[ids[ids >= 0]] = np.flatnonzero(ids >= 0)
        row_N = row_I[events.item_N]
    values, meaning = frame[column], division.project.tables[table].columns[column].meaning
    if meaning == "number":
        training = values.gather(row_N[(row_N >= 0) & (events.part_N == TRAIN)])
        return _compressed(*_binned(values, training), row_N)
    lists = as_tags(task, values, meaning)
    return _compressed(lists, lists.explode().drop_nulls().unique().sort(), row_N)


def _place(task: Interest, division: Division) -> tuple[str, str]:
    """The table and column that the task is about."""
    tables = division.project.tables
    table, _, column = task.column.rpartition(".")
    table, column = (table, column) if table in tables else (EVENTS, task.column)
    key_of_item = table == EVENTS or tables[table].id is not None or tables[table].item is not None
    if column not in tables[table].columns or not key_of_item:
        known = [f"{name}.{each}" for name in tables for each in tables[name].columns]
        raise ProjectError(
            f"Task '{task.name}' is about column '{task.column}'; declared columns: {', '.join(known)}.",
            nearest(task.column, known).strip() or "Name a column of the events or of the items.",
        )
    meaning = tables[table].columns[column].meaning
    if meaning in ("text", "vector", "id", "time"):
        raise ProjectError(
            f"Task '{task.name}' is about '{task.column}', which is declared as {meaning}.",
            "Interests are tags, categories, behaviours, flags or numbers.",
        )
    return table, column


def _compressed(lists: pl.Series, names: pl.Series, row_N: NDArray[np.int64]) -> Topics:
    pairs = pl.DataFrame({"row": np.arange(len(lists)), "name": lists}).explode("name").drop_nulls()
    starts = np.zeros(len(lists) + 1, np.int64)
    np.cumsum(np.bincount(pairs["row"].to_numpy(), minlength=len(lists)), out=starts[1:])
    return Topics(names, row_N, starts, codes_of(pairs["name"], names).astype(np.int64))


def _binned(values: pl.Series, training: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Numbers as names of up to ten bins of equal mass on the training events; (lists, names)."""
    known = training.drop_nulls().to_numpy()
    distinct = np.unique(known)
    if len(distinct) <= NUM_BINS:
        edges, names = distinct, [as_name(float(value)) for value in distinct]
        code = np.abs(values.fill_null(np.nan).to_numpy()[:, None] - distinct).argmin(1) if len(distinct) else None
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, NUM_BINS + 1)))
        names = _range_names(edges)
        code = np.clip(np.searchsorted(edges, values.fill_null(np.nan).to_numpy(), side="right") - 1, 0, len(names) - 1)
    if code is None:
        return pl.Series([None] * len(values), dtype=pl.List(pl.String)), pl.Series([], dtype=pl.String)
    named = pl.Series(names).gather(code)
    lists = pl.DataFrame({"name": named, "known": values.is_not_null()}).select(
        pl.when("known").then(pl.concat_list("name"))
    )["name"]
    return lists, pl.Series(names)


def _range_names(edges: NDArray[np.float64]) -> list[str]:
    """`3.5–7`, with as many digits as it takes to tell the edges apart."""
    for digits in range(3, 17):
        shown = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(shown)) == len(edges):
            break
    return [f"{low}–{high}" for low, high in zip(shown[:-1], shown[1:], strict=True)]
