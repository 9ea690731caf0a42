"""What is legible and yet hardly meant: ids that no other table lists, moments and grades apart from all others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.check import lone_grades
from motet.data.quarantine import quoted
from motet.data.tables import ID, ITEM, TIME, USER, Table, Tables
from motet.schema import EVENTS, ITEMS, USERS, Project, Rating

_DAY = 86_400_000
_AROUND_NOUGHT, _AFTER_IT = 365 * _DAY, 5 * 365 * _DAY
_RANGES, _RAREST = 3.0, 0.01
_FEWEST, _SHOWN = 100, 3
_SAMPLE = 1_000_000


@dataclass(frozen=True)
class Oddity:
    """Something in a column that may be a mistake; its rows stay in. count: of ids, moments or rows."""

    table: str
    column: str
    count: int
    message: str


def oddities(project: Project, tables: Tables) -> list[Oddity]:
    """Return what looks like mistakes: at most one for each key and each column of a rating."""
    found: list[Oddity] = []
    for table in tables.tables.values():
        found += [*_strangers(table, tables), *_far_moments(table)]
    return found + list(_grades(project, tables))


def _strangers(table: Table, tables: Tables) -> Iterator[Oddity]:
    """Items and users that their own table does not list."""
    for key, source, listing in ((ITEM, table.spec.item, ITEMS), (USER, table.spec.user, USERS)):
        if source is None or listing not in tables or listing == table.name or ID not in tables.frame(listing).columns:
            continue
        named = table.frame[key].drop_nulls()
        strange = named.filter(~named.is_in(tables.frame(listing)[ID].implode()))
        kinds = strange.unique(maintain_order=True)
        if not kinds.len():
            continue
        one = kinds.len() == 1
        every = f"{kinds.len():,} of {named.n_unique():,} {listing} of '{table.name}' {'is' if one else 'are'}"
        rows = f"{strange.len():,} row{'' if strange.len() == 1 else 's'}"
        known = ", known by events alone and recommended like any other" if (key, table.name) == (ITEM, EVENTS) else ""
        told = _first([quoted(kind) for kind in kinds.head(_SHOWN + 1).to_list()])
        said = f"{every} not in '{listing}' ({rows}{known}): {told}"
        yield Oddity(table.name, source, kinds.len(), said)


def _far_moments(table: Table) -> Iterator[Oddity]:
    """Moments before 1971 or after today where the others are not, or far beyond the range of nearly all."""
    if table.spec.time is None or table.frame[TIME].len() < _FEWEST:
        return
    moments = table.frame[TIME].drop_nulls()
    known = moments.to_numpy()
    if not known.size:
        return
    far = _is_far(known, dates=table.time_unit == "ms")
    count = int(far.sum())
    if count and count <= max(1, _RAREST * known.size):
        kinds = moments.filter(pl.Series(far)).unique(maintain_order=True).to_list()
        told = [_date(each) if table.time_unit == "ms" else f"{each:,}" for each in kinds]
        one = "moment is" if count == 1 else "moments are"
        said = f"{count:,} {one} far from all others in '{table.name}.{table.spec.time}': {_first(told)}"
        yield Oddity(table.name, table.spec.time, count, said)


def _is_far(known: NDArray[np.int64], *, dates: bool) -> NDArray[np.bool_]:
    """Return which moments are far from nearly all. dates: whether they are milliseconds, and no order."""
    some = known[:: max(1, len(known) // _SAMPLE)]
    low, high = (float(each) for each in np.quantile(some, [0.01, 0.99]))
    reach = _RANGES * max(high - low, _DAY if dates else 1.0)
    far = (known < low - reach) | (known > high + reach)
    if dates and low > _AFTER_IT:
        far |= known < _AROUND_NOUGHT
    tomorrow = 1000 * time.time() + _DAY
    if dates and high < tomorrow:
        far |= known > tomorrow
    return far


def _grades(project: Project, tables: Tables) -> Iterator[Oddity]:
    """Grades that hardly anybody gives and that lie apart from those that are given."""
    places = {
        (task.table, task.column): tables.frame(task.table)[task.column]
        for task in project.tasks.values()
        if isinstance(task, Rating) and task.table in tables and task.column in tables.frame(task.table).columns
    }
    for (table, column), values in places.items():
        lone = lone_grades(values)
        if lone:
            count = sum(lone.values())
            rows = "1 row has a grade" if count == 1 else f"{count:,} rows have grades"
            said = f"{rows} apart from all others in '{table}.{column}': {_first([f'{grade:g}' for grade in lone])}"
            yield Oddity(table, column, count, said)


def _date(moment: int) -> str:
    try:
        return datetime.fromtimestamp(moment / 1000, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return f"{moment:,} ms"


def _first(told: Sequence[str]) -> str:
    return ", ".join([*told[:_SHOWN], *(["…"] if len(told) > _SHOWN else [])])
