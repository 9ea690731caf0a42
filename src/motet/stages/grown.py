"""A packed model's rows once more, with what has come since, and without whom the model or the store has forgotten."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, layout
from motet.data import ROW, Division, Tables, read_tables
from motet.data.joined import next_row, users_of, with_rows, without_copies, without_users
from motet.errors import RequestError
from motet.recommend import UserStates
from motet.schema import EVENTS, USERS, Project, Relation
from motet.stages.sources import Source, rows_of

if TYPE_CHECKING:
    from motet.store import Store


@dataclass(frozen=True)
class Grown:
    """The rows of a model and the new ones behind them.

    first: by table, the number of the first new row. rows: by table, how many rows are new. aside: new rows that could
    not be read, with their reasons. forgotten: how many users were left out. sources: old ones and new ones.
    """

    tables: Tables
    first: Mapping[str, int]
    rows: Mapping[str, int]
    aside: pl.DataFrame
    forgotten: int
    sources: tuple[Source, ...]

    def is_new(self, division: Division, table: str) -> NDArray[np.bool_]:
        """Return, per row of a divided table, whether it is new."""
        if table not in self.first:
            return np.zeros(division.tables.frame(table).height, bool)
        return division.tables.frame(table)[ROW].to_numpy() >= self.first[table]


def project_of(folder: Folder, *, data: str | Path | None = None) -> Project:
    """Return the project of a model folder, over the tables where they are now.

    Raises RequestError for one that was trained on frames in memory: there is nothing to read again.
    """
    content = tomllib.loads(folder.text(layout.PROJECT))
    if any("path" not in table and "url" not in table for table in content["tables"].values()):
        raise RequestError(
            "This model was trained on data frames that were in memory, so there is nothing to read again.",
            "Its test results are in evaluation/metrics.json; to go on, train from tables in files.",
        )
    return Project(**content, root=Path(data or folder.manifest.data_root or "."))


def continued(folder: Folder) -> dict[str, Any]:
    """Return what a folder remembers of how it went on from another; nothing where it did not."""
    found: dict[str, Any] = folder.json(layout.CONTINUED) if folder.has(layout.CONTINUED) else {}
    return found


def sources_of(folder: Folder) -> list[Source]:
    """Return the sources that a folder's model went on from, beside its project's tables, in order."""
    return [Source(**fields) for fields in continued(folder).get("sources", ())]


def read_grown(folder: Folder, project: Project, new: Sequence[Source] = (), *, store: Store | None = None) -> Grown:
    """Return all rows of a folder's model, and those of new sources behind them.

    Users in the model's own rows whom its folder no longer knows were forgotten: they stay out, with new rows too.
    Where there is a store, so do all who were ever forgotten there, but for what its log has of them since.
    """
    old, left = sources_of(folder), set[str]()
    marks = _marks(store)

    def kept(more: Tables, source: Source | None, gone: set[str]) -> Tables:
        """What a log holds of somebody who was forgotten came after they were welcomed again."""
        if source is not None and source.store:
            return more
        leaving = users_of(more, list(more.tables)) & gone | _marked(store, marks, more)
        left.update(leaving)
        return without_users(more, leaving)

    tables = kept(read_tables(project), None, set())
    copies = tables.frame(EVENTS) if EVENTS in tables else pl.DataFrame()
    for source in old:
        tables, copies = _add(tables, kept(rows_of(source, project, store=store), source, set()), source, copies)
    first = {name: next_row(table) for name, table in tables.tables.items()}
    gone = _forgotten(folder, project, tables)
    left |= gone
    tables = without_users(tables, gone)
    asides = [pl.DataFrame()]
    for source in new:
        more = rows_of(source, project, store=store)
        asides.append(more.quarantine)
        tables, copies = _add(tables, kept(more, source, gone), source, copies)
    rows = {name: int((tables.frame(name)[ROW] >= start).sum()) for name, start in first.items()}
    filled = [each for each in asides if each.width]
    aside = pl.concat(filled) if filled else tables.quarantine.clear()
    return Grown(tables, first, rows, aside, len(left), (*old, *new))


def _add(tables: Tables, more: Tables, source: Source, copies: pl.DataFrame) -> tuple[Tables, pl.DataFrame]:
    """The tables with a source's rows. copies: rows of tables and files that may be events of a log as well, and as
    which no event was recognised yet; what is left of them comes back.
    """
    new, logged = dict(more.tables), bool(source.store)
    if logged and EVENTS in new:
        new[EVENTS], copies = without_copies(new[EVENTS], copies)
    joined = {
        name: with_rows(table, new[name], logged=logged and name == EVENTS) if name in new else table
        for name, table in tables.tables.items()
    }
    if not logged and EVENTS in new:
        start = next_row(tables[EVENTS])
        copies = pl.concat([copies, joined[EVENTS].frame.filter(pl.col(ROW) >= start)])
    return Tables(joined, tables.quarantine), copies


def _forgotten(folder: Folder, project: Project, tables: Tables) -> set[str]:
    """The users of a model's own rows of whom its folder holds nothing any more."""
    if not folder.has(layout.HISTORIES):
        return set()
    related = {task.table for task in project.tasks.values() if isinstance(task, Relation)}
    return users_of(tables, {EVENTS, USERS, *related}) - set(UserStates.from_folder(folder).users.to_list())


def _marks(store: Store | None) -> set[str]:
    from motet.serve.running import forgotten_marks

    return set() if store is None else forgotten_marks(store)


def _marked(store: Store | None, marks: set[str], tables: Tables) -> set[str]:
    """The users in any row who were ever forgotten in a store."""
    if store is None or not marks:
        return set()
    return {user for user in users_of(tables, list(tables.tables)) if store.mark_of(user) in marks}
