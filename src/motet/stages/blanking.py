"""Words and values that only forgotten users ever wrote leave what was fitted; all others keep their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from motet.data import Tables
from motet.features.columns import ColumnState
from motet.features.state import FeatureState
from motet.schema import EVENTS, USERS
from motet.stages.study import Fitted

NOTHING = "\x00"
"""What no text and no cell holds, followed by a number, so that places stay as many and as different."""


def blanked(fitted: Fitted, tables: Tables) -> Fitted:
    """Return what was fitted without the words and values that no row of the tables holds any more."""
    keep_words = getattr(fitted.encoder, "keep_words", None)
    if keep_words is not None:  # an encoder that was fitted on the project's own texts
        keep_words(_texts(tables))
    return replace(fitted, state=_values_kept(fitted.state, tables))


def _texts(tables: Tables) -> list[str]:
    """Every string of every table, and the columns' names, which templates put into words."""
    found: set[str] = set()
    for table in tables.tables.values():
        found |= set(table.frame.columns)
        for name, kind in table.frame.schema.items():
            column = table.frame[name].explode() if kind == pl.List(pl.String) else table.frame[name]
            if column.dtype == pl.String:
                found |= set(column.drop_nulls().unique().to_list())
    return sorted(found)


def _values_kept(state: FeatureState, tables: Tables) -> FeatureState:
    rows: Mapping[str, str] = {view.name: view.table for view in state.views.values()}
    return replace(
        state,
        events=_kept(state.events, tables, EVENTS),
        users=_kept(state.users, tables, USERS),
        rows={name: _kept(each, tables, rows[name]) or each for name, each in state.rows.items() if name in rows},
    )


def _kept(state: ColumnState | None, tables: Tables, table: str) -> ColumnState | None:
    if state is None or table not in tables:
        return state
    frame, found = tables.frame(table), {}
    for name, values in state.categories.items():
        held = (
            set(frame[name].cast(pl.String).drop_nulls().unique().to_list()) if name in frame.columns else set(values)
        )
        found[name] = tuple(value if value in held else f"{NOTHING}{at}" for at, value in enumerate(values))
    return replace(state, categories=found)
