"""The plain columns that a question shows, as one frame: of its row, its item, its user, and its history in numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._past import training_counts
from motet.data import ID, Division
from motet.features.views import row_columns
from motet.schema import EVENTS, ITEMS, TRAIN, USERS
from motet.tasks import Examples

TABULAR = ("category", "behaviour", "flag", "number")
MAX_VALUES = 1_000


def shown_columns(examples: Examples, division: Division) -> pl.DataFrame:
    """Return one row per example: Float64 and String columns, null where unknown. Without rows it has no columns."""
    task, project = division.project.tasks[examples.task], division.project
    found = []
    if "row" in examples.sources:
        names = [
            name for name in row_columns(project, task) if project.tables[task.table].columns[name].meaning in TABULAR
        ]
        if names:
            found.append(_prefixed(division.inputs[task.table].select(names)[examples.row_n], "row"))
    if "item" in examples.sources and examples.item_n is not None:
        hidden = project.label_columns(ITEMS) - set(task.inputs) if task.table == ITEMS else set()
        found.append(_of_ids(division, ITEMS, examples.item_n, hidden))
        if task.table != ITEMS:
            found.append(pl.DataFrame({"item.events": _other_events(examples, division)}).fill_nan(None))
    if "history" in examples.sources and examples.user_n is not None:
        hidden = project.label_columns(USERS) if task.table == USERS else set()
        found += [_of_ids(division, USERS, examples.user_n, hidden), _of_history(examples, division)]
    found = [frame for frame in found if frame.width]
    return pl.concat(found, how="horizontal") if found else pl.DataFrame()


def _of_ids(division: Division, table: str, index_n: NDArray[np.int32], hidden: set[str]) -> pl.DataFrame:
    """Attributes from the items or users table."""
    events = division.events
    if events is None or table not in division.inputs or ID not in division.inputs[table].columns:
        return pl.DataFrame()
    names = [name for name in division.project.tables[table].of(*TABULAR) if name not in hidden]
    ids = events.items if table == ITEMS else events.users
    asked = pl.DataFrame(
        {"id": pl.Series(ids.to_list() + [None], dtype=pl.String).gather(_last_for_unknown(index_n, len(ids)))}
    )
    rows = division.inputs[table].select(pl.col(ID).alias("id"), *names).unique("id", keep="first")
    return _prefixed(asked.join(rows, on="id", how="left", maintain_order="left").drop("id"), table)


def _other_events(examples: Examples, division: Division) -> NDArray[np.float64]:
    """How many training events the item has besides the asked one; what is asked must not count itself."""
    assert division.events is not None and examples.item_n is not None, "the view has an item"
    count = np.append(training_counts(division), np.nan)[examples.item_n]
    if examples.table == EVENTS:
        itself = division.events.item_N[examples.row_n] == examples.item_n
        count -= itself & (division.events.part_N[examples.row_n] == TRAIN)
    return count


def _last_for_unknown(index_n: NDArray[np.int32], size: int) -> pl.Series:
    return pl.Series(np.where(index_n < 0, size, index_n))


def _of_history(examples: Examples, division: Division) -> pl.DataFrame:
    """How long the history is, how old its last event is, and the mean and sum of each number in it."""
    events = division.events
    past = division.past
    assert events is not None and past is not None, "a history is one of events"
    assert examples.user_n is not None and examples.cut_n is not None, "the view has a history"
    base = events.starts[np.maximum(examples.user_n, 0)]
    end = np.where(examples.user_n < 0, base, base + examples.cut_n)
    columns = {"history.events": (end - base).astype(np.float64)}
    if examples.now_n is not None and events.time_N is not None and len(events.time_N):
        gap = examples.now_n - events.time_N[np.maximum(end - 1, 0)]
        columns["history.gap"] = np.where(end > base, gap, np.nan).astype(np.float64)
    for name in division.project.tables[EVENTS].of("number", "flag"):
        value = past[name].cast(pl.Float64)
        total = np.concatenate([[0.0], np.cumsum(value.fill_null(0.0).to_numpy())])
        known = np.concatenate([[0], np.cumsum(value.is_not_null().to_numpy())])
        count = known[end] - known[base]
        columns[f"history.{name} sum"] = total[end] - total[base]
        columns[f"history.{name} mean"] = np.where(
            count > 0, columns[f"history.{name} sum"] / np.maximum(count, 1), np.nan
        )
    return pl.DataFrame(columns).fill_nan(None)


def _prefixed(frame: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """Numbers as Float64, all else as String, named after where they come from."""
    kinds = [pl.Float64 if frame[name].dtype.is_numeric() else pl.String for name in frame.columns]
    return frame.select(
        pl.col(name).cast(kind).alias(f"{prefix}.{name}") for name, kind in zip(frame.columns, kinds, strict=True)
    )


def to_codes(column: pl.Series, train: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return codes of a String column (-1 for null or rare) and how many there are; known from training rows."""
    counts = column.gather(train).drop_nulls().value_counts().sort(["count", column.name], descending=[True, False])
    names = counts[column.name].head(MAX_VALUES).to_list()
    index = {name: code for code, name in enumerate(names)}
    return column.replace_strict(index, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy(), len(names)


def to_matrix(columns: pl.DataFrame, rows: list[NDArray[np.int64]]) -> list[sparse.csr_matrix]:
    """Return one-hot words and standardised numbers for each list of rows, fitted on the first."""
    train, blocks = rows[0], []
    for column in columns:
        if column.dtype == pl.String:
            code, size = to_codes(column, train)
            known = np.flatnonzero(code >= 0)
            ones = (np.ones(len(known), np.float32), (known, code[known]))
            blocks.append(sparse.csr_matrix(ones, shape=(len(code), max(size, 1))))
        else:
            blocks.append(sparse.csr_matrix(_standard(column, train)))
    matrix = sparse.hstack(blocks).tocsr()
    return [matrix[index] for index in rows]


def _standard(column: pl.Series, train: NDArray[np.int64]) -> NDArray[np.float32]:
    """Three features: the value and its signed logarithm, standardised; and whether it is missing."""
    value = column.to_numpy().astype(np.float64)
    missing = np.isnan(value)
    out = np.zeros((len(value), 3), np.float32)
    for k, each in enumerate((value, np.sign(value) * np.log1p(np.abs(value)))):
        known = each[train][~missing[train]]
        spread = (known.std() or 1.0) if len(known) else 1.0
        centre = known.mean() if len(known) else 0.0
        out[:, k] = np.where(missing, 0.0, np.clip((each - centre) / spread, -10, 10))
    out[:, 2] = missing
    return out
