"""Logs of impressions: who was shown what, when, how likely that was, and what came of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from motet.artifact import Folder, layout
from motet.data import ITEM, TIME, USER
from motet.data.cells import parse_column, parse_key, parse_time, strings
from motet.data.files import MissingColumnError, missing_column, resolve
from motet.data.formats import read_part
from motet.data.read import read_table
from motet.data.tables import TimeUnit
from motet.schema import Column
from motet.stages.grown import project_of

PROPENSITY, REWARD = "propensity", "@reward"


@dataclass(frozen=True)
class Impressions:
    """The rows that can be judged.

    frame: USER, ITEM, propensity in (0, 1], REWARD and, where the log tells it, TIME, none of them empty. unit: of the
    times. skipped: how many rows lack one of these.
    """

    frame: pl.DataFrame
    unit: TimeUnit
    skipped: int

    def __len__(self) -> int:
        return self.frame.height


def read_impressions(path: Path, *, user: str, item: str, time: str | None, reward: str) -> Impressions | None:
    """Return the impressions of a csv, parquet or jsonl file; None where it has no column of propensities.

    reward: a column of numbers or flags, or `column=value`. Raises DataError for a file that cannot be read, or that
    lacks another column.
    """
    column, _, value = reward.partition("=")
    keys = [user, item, column, *([time] if time else [])]
    try:
        part = read_part(resolve(str(path), Path())[0], list(dict.fromkeys([PROPENSITY, *keys])))
    except MissingColumnError as error:
        if error.column == PROPENSITY:
            return None
        raise
    cells = part.frame
    typed = {USER: parse_key(cells[user]).values, ITEM: parse_key(cells[item]).values}
    moments = parse_time(cells[time]) if time else None
    typed |= {} if moments is None else {TIME: moments.values}
    typed |= {PROPENSITY: _number(cells[PROPENSITY]), REWARD: _earned(cells[column], value)}
    return _sound(pl.DataFrame(typed), "none" if moments is None else moments.unit, part.total)


def own_impressions(folder: Folder, *, reward: str, data: str | Path | None = None) -> Impressions | None:
    """Return the impressions of the first of a project's tables with users, items and propensities; None without one.

    Raises as `read_impressions` does.
    """
    tables = tomllib.loads(folder.text(layout.PROJECT))["tables"]
    logs = [
        name
        for name, each in tables.items()
        if {"user", "item"} <= each.keys() and PROPENSITY in each.get("columns", {})
    ]
    if not logs:
        return None
    project = project_of(folder, data=data)
    column, _, value = reward.partition("=")
    table, _ = read_table(logs[0], project.tables[logs[0]], project)
    frame = table.frame
    if column not in frame.columns:
        raise missing_column(column, f"Table '{logs[0]}'", [name for name in frame.columns if name[0] != "@"])
    typed = {name: frame[name] for name in (USER, ITEM, TIME) if name in frame.columns}
    typed |= {PROPENSITY: _number(frame[PROPENSITY]), REWARD: _earned(frame[column], value)}
    return _sound(pl.DataFrame(typed), table.time_unit, table.rows_read - table.duplicates)


def _sound(frame: pl.DataFrame, unit: TimeUnit, rows: int) -> Impressions:
    whole = frame.drop_nulls().filter(pl.col(REWARD).is_finite() & (pl.col(PROPENSITY) > 0) & (pl.col(PROPENSITY) <= 1))
    return Impressions(whole, unit, rows - whole.height)


def _number(cells: pl.Series) -> pl.Series:
    return parse_column(cells, Column(meaning="number")).values.cast(pl.Float64)


def _earned(cells: pl.Series, value: str) -> pl.Series:
    """What each impression earned. With a value, an empty cell is another one; without, it is unknown."""
    if value:
        return (strings(cells) == value).fill_null(False).cast(pl.Float64)
    ways = [parse_column(cells, Column(meaning=meaning)).values.cast(pl.Float64) for meaning in ("number", "flag")]
    return min(ways, key=lambda told: told.null_count())
