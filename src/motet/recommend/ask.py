"""From what a caller hands over to questions for one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from motet.errors import RequestError
from motet.recommend.loaded import Loaded
from motet.recommend.port import Asked, TaskView
from motet.registry import nearest
from motet.schema import ITEMS

_SEVERAL = ("tags", "vector")
"""Meanings of columns whose cells are lists."""


def asked(
    loaded: Loaded,
    task: str,
    *,
    texts: Sequence[str] | None = None,
    items: Sequence[str] | None = None,
    users: Sequence[str] | None = None,
    others: Sequence[str] | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
    frame: Any = None,
) -> Asked:
    """Return n questions for `task` from one of the forms that its sources allow; raises RequestError otherwise.

    texts: one text per question. items, users: ids, of equal number where both are needed (one of them may be
    single: it is then meant for all of the other). others: second users, for a task about pairs. rows: mappings of
    the task's table's columns; frame: the same as a polars, pandas or Arrow frame. A table's own key columns may
    take the place of users, others and items.
    """
    view = task_view(loaded, task)
    table = _frame(rows, frame)
    if table is not None:
        _check_cells(table, _meanings(loaded, view))
        users = users if users is not None else _keys(table, view.user)
        items = items if items is not None else _keys(table, view.item)
        others = others if others is not None else _keys(table, view.other)
    needs_user, needs_item, needs_other = (source in view.sources for source in ("history", "item", "other"))
    # what the catalogue knows of an item need not be told again
    known = view.table == ITEMS and items is not None
    needs_row = "row" in view.sources or ("text" in view.sources and texts is None and not known)
    _require(task, "users", users, needs_user)
    _require(task, "others", others, needs_other)
    # An item that no catalogue knows may be described by its columns instead.
    _require(task, "items", items, needs_item and (table is None or needs_user))
    _require(task, "rows or a frame" if "row" in view.sources else "texts", table, needs_row)
    user_ids, item_ids = (
        (list(users) if needs_user and users else None),
        (list(items) if needs_item and items else None),
    )
    other_ids = [str(other) for other in others] if needs_other and others else None
    given = {"users": user_ids, "others": other_ids, "items": item_ids, "texts": texts, "rows": table}
    n = _number(task, given)
    pairs = None
    if user_ids is not None and other_ids is not None:
        pairs = list(zip(map(str, _repeat(user_ids, n)), _repeat(other_ids, n), strict=True))
    return Asked(
        n=n,
        histories=None if user_ids is None else [loaded.users.history(str(user)) for user in _repeat(user_ids, n)],
        items_n=_items(loaded, item_ids, n, described=table is not None) if needs_item else None,
        frame=table,
        texts=None if texts is None else [_clean(text) for text in texts],
        others=None if pairs is None else [loaded.users.history(other) for _, other in pairs],
        pairs=pairs,
    )


def task_view(loaded: Loaded, task: str) -> TaskView:
    """Return the view of a task that answers questions; an unknown name is answered with the known ones."""
    tasks = loaded.scorer.tasks
    known = [name for name, view in tasks.items() if view.output != "ranking"]
    if task in tasks and task not in known:
        raise RequestError(f"'{task}' ranks items, and answers with a list.", "Ask with recommend.")
    if task not in tasks:
        message = f"This model has no task '{task}'; known: {', '.join(known) or 'none'}."
        raise RequestError(message, nearest(str(task), known).strip() or "Use one of these.")
    return tasks[task]


def _frame(rows: Sequence[Mapping[str, Any]] | None, frame: Any) -> pl.DataFrame | None:
    if rows is not None and frame is not None:
        raise RequestError("Found both rows and a frame.", "Give one of them.")
    try:
        if rows is not None:
            return pl.DataFrame(list(rows), infer_schema_length=None)
        if frame is None or isinstance(frame, pl.DataFrame):
            return frame
        if hasattr(frame, "__arrow_c_stream__"):
            return pl.DataFrame(frame)
        import narwhals

        return narwhals.from_native(frame, eager_only=True).to_polars()
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise RequestError(f"The rows cannot be read as a table: {reason}.", "Give one kind per column.") from None


def _meanings(loaded: Loaded, view: TaskView) -> dict[str, str]:
    """Column → meaning, for all that a task's rows may hold."""
    items = loaded.columns.get(ITEMS, {}) if "item" in view.sources else {}
    keys = {name: "id" for name in (view.user, view.item, view.other) if name is not None}
    return {**items, **loaded.columns.get(view.table, {}), **dict.fromkeys(view.texts, "text"), **keys}


def _check_cells(table: pl.DataFrame, meanings: Mapping[str, str]) -> None:
    """Raise RequestError for a column that holds lists where one value is expected, or something else than values."""
    for name, kind in table.schema.items():
        meaning = meanings.get(name)
        if meaning is None or _is_plain(kind):
            continue
        if meaning not in _SEVERAL:
            raise RequestError(f"'{name}' holds {kind}; expected one value ({meaning}) per row.", "Give one per row.")
        if not isinstance(kind, pl.List | pl.Array) or not _is_plain(kind.inner):
            raise RequestError(f"'{name}' holds {kind}; expected a list of values ({meaning}).", "Give such lists.")


def _is_plain(kind: Any) -> bool:
    return not kind.is_nested() and kind not in (pl.Object, pl.Binary)


def _keys(table: pl.DataFrame, column: str | None) -> list[str] | None:
    if column is None or column not in table.columns:
        return None
    return table[column].cast(pl.String).fill_null("").to_list()


def _require(task: str, what: str, given: Any, needed: bool) -> None:
    if needed and given is None:
        raise RequestError(f"'{task}' needs {what}.", f"Give {what}.")


def _number(task: str, given: Mapping[str, Any]) -> int:
    lengths = {name: len(value) for name, value in given.items() if value is not None}
    several = {length for length in lengths.values() if length != 1}
    repeatable = all(lengths.get(name, 0) in several for name in ("texts", "rows") if name in lengths)
    if len(several) > 1 or (several and not repeatable):
        listed = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise RequestError(f"The questions for '{task}' differ in number: {listed}.", "Give equally many.")
    if not lengths:
        raise RequestError(f"Nothing was asked of '{task}'.", "Give texts, items, users, rows or a frame.")
    return max(several, default=1)


def _items(loaded: Loaded, ids: list[str] | None, n: int, *, described: bool) -> Any:
    if ids is None:
        return np.full(n, -1, np.int32)
    codes = loaded.catalogue.codes(_repeat(ids, n))
    if not described and (codes < 0).any():
        unknown = _repeat(ids, n)[int((codes < 0).argmax())]
        raise RequestError(f"The catalogue has no item '{unknown}'.", "Give its columns as a row instead.")
    return codes


def _repeat(ids: list[str], n: int) -> list[str]:
    return ids * n if len(ids) == 1 else ids


def _clean(text: str) -> str:
    return str(text).encode("utf-8", "replace").decode("utf-8")
