"""Where a model's rows came from, and where new ones come from: the project's tables, files, a store's log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from motet.data import Tables
from motet.data.read import read_table
from motet.errors import ProjectError, RequestError
from motet.registry import nearest
from motet.schema import EVENTS, ITEMS, USERS, Project, TableSpec
from motet.schema.urls import without_password

if TYPE_CHECKING:
    from motet.store import LoggedEvent, Store

PAGE = 1_000
"""Events of a log that are asked for at a time."""
PIECE = 50_000
"""Events of a log that are held as objects, before they become columns."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Source:
    """A file with rows of a table, or the events of a store's log after a number, up to another.

    store: its address. log: its name, which stays when the address changes.
    """

    table: str = ""
    path: str = ""
    store: str = ""
    log: str = ""
    after: int = 0
    upto: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what is kept in a folder: a store's address without its password."""
        fields = {name: value for name, value in asdict(self).items() if value}
        return {**fields, "store": without_password(self.store)} if self.store else fields


def file_source(project: Project, table: str, path: str | Path) -> Source:
    """Return the source of a file; raises ProjectError for a table that the project does not declare."""
    if table not in project.tables:
        hint = nearest(table, list(project.tables)).strip() or "Declare it, and train anew."
        raise ProjectError(f"The model has no table '{table}'; known: {', '.join(project.tables)}.", hint)
    return Source(table=table, path=str(Path(path).expanduser().resolve()))


def store_source(store: Store, where: str, known: Sequence[Source]) -> Source:
    """Return the source of what a store's log holds by now, and none of the `known` sources had."""
    from motet.serve.running import name_of

    log = name_of(store)
    had = [source.upto for source in known if source.log == log]
    return Source(store=_absolute(where), log=log, after=max(had, default=0), upto=store.head())


def _absolute(where: str) -> str:
    """A store's address that holds from any folder."""
    plain = where.strip()
    if "://" in plain or plain.startswith("env:"):
        return plain
    return str(Path(plain).expanduser().resolve())


def rows_of(source: Source, project: Project, *, store: Store | None = None) -> Tables:
    """Return the checked rows of a source, by table, and those that were set aside.

    store: the opened store of a source that has one; without it, the address in the source is opened.
    """
    if source.path:
        spec = _reading(project.tables[source.table], path=source.path)
        table, aside = read_table(source.table, spec, project)
        return Tables({source.table: replace(table, spec=project.tables[source.table])}, aside)
    if store is None or not _is(store, source):
        from motet.store import open_store

        if "***" in source.store:
            raise RequestError("The store's password is not kept in the folder.", "Name the store again with --store.")
        with open_store(source.store) as opened:
            return _logged(source, project, opened)
    return _logged(source, project, store)


def _is(store: Store, source: Source) -> bool:
    from motet.serve.running import name_of

    return name_of(store) == source.log


def _reading(spec: TableSpec, **source: Any) -> TableSpec:
    return spec.model_copy(update={"path": None, "url": None, "query": None, "frame": None, **source})


def _logged(source: Source, project: Project, store: Store) -> Tables:
    frames = {EVENTS: _events(project.tables[EVENTS], store, source)} if EVENTS in project.tables else {}
    frames |= {name: frame for name, frame in _described(project, store, source).items() if frame is not None}
    tables, aside = {}, []
    for name, frame in frames.items():
        if frame.height:
            spec = project.tables[name]
            # every event of a log has an id of its own: equal cells are no sign that it was sent twice
            once = {"dedupe": False} if name == EVENTS else {}
            table, bad = read_table(name, _reading(spec, frame=frame, **once), project)
            tables[name] = replace(table, spec=spec)
            aside.append(bad)
    return Tables(tables, pl.concat(aside) if aside else pl.DataFrame())


def _events(spec: TableSpec, store: Store, source: Source) -> pl.DataFrame:
    """The log as the events table has it, read page by page."""
    schema, pieces = _schema(spec), []
    rows: Rows = []
    for event in _pages(store, source):
        rows.append(_row(spec, event))
        if len(rows) == PIECE:
            pieces.append(_frame(rows, schema))
            rows = []
    return pl.concat([*pieces, _frame(rows, schema)])


def _pages(store: Store, source: Source) -> Iterator[LoggedEvent]:
    seq = source.after
    while events := store.events_after(seq, PAGE):
        for event in events:
            if event.seq > source.upto:
                return
            yield event
        seq = events[-1].seq


def _row(spec: TableSpec, event: LoggedEvent) -> dict[str, Any]:
    behaviours, texts = spec.of("behaviour"), spec.of("text")
    row = dict(event.values)
    row |= {behaviours[0]: event.behaviour} if behaviours and event.behaviour is not None else {}
    row |= {texts[0]: event.text} if texts and event.text is not None else {}
    told = {"id": event.id, "user": event.user, "item": event.item, "time": event.time}
    return {**row, **{column: told[role] for role, column in spec.keys().items() if role in told}}


def _described(project: Project, store: Store, source: Source) -> dict[str, pl.DataFrame | None]:
    """Items and profiles that the store holds, where the project has tables of them."""
    items = users = None
    if ITEMS in project.tables:
        spec = project.tables[ITEMS]
        texts, key = spec.of("text"), spec.id or spec.item
        rows = [
            {**item.attributes, **({texts[0]: item.text} if texts and item.text else {}), key: item.id}
            for item in _all(store.items_after, source.upto)
            if not item.withdrawn
        ]
        items = _frame(rows, _schema(spec))
    if USERS in project.tables:
        spec = project.tables[USERS]
        key = spec.id or spec.user
        people = [{**user.profile, key: user.id} for user in _all(store.users_after, source.upto)]
        users = _frame(people, _schema(spec))
    return {ITEMS: items, USERS: users}


def _all(pages: Any, upto: int) -> Iterator[Any]:
    seq = 0
    while found := pages(seq, PAGE):
        for one in found:
            if one.seq > upto:
                return
            yield one
        seq = found[-1].seq


def _schema(spec: TableSpec) -> dict[str, Any]:
    from motet.serve.fitted import KINDS

    schema = {name: KINDS.get(column.meaning, pl.String()) for name, column in spec.columns.items()}
    # moments say that they are milliseconds: their size is no sign, somebody may send events of 1971
    keys = {column: pl.Datetime("ms") if role == "time" else pl.String() for role, column in spec.keys().items()}
    return {**schema, **keys}


def _frame(rows: Rows, schema: Mapping[str, Any]) -> pl.DataFrame:
    from motet.serve.fitted import fitted

    columns = {
        name: [row.get(name) if kind == pl.Datetime else fitted(row.get(name), kind) for row in rows]
        for name, kind in schema.items()
    }
    moments = {name: pl.Int64() if kind == pl.Datetime else kind for name, kind in schema.items()}
    return pl.DataFrame(columns, schema=moments).select(pl.col(name).cast(kind) for name, kind in schema.items())
