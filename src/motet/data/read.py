"""Read the tables of a project: every cell typed by its meaning, every bad row kept aside with its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from motet.data.cells import Cells, parse_column, parse_key, parse_time, strings
from motet.data.check import count_outliers, first_rows, later_ids, ordered_pairs, renumbered, wants_dedupe
from motet.data.files import resolve
from motet.data.formats import read_parts
from motet.data.frames import read_frame
from motet.data.parts import Part
from motet.data.quarantine import FAULTS, SCHEMA, BadRowsError, faults, locate, merge_faults, refuse_if_too_many
from motet.data.sql import read_query
from motet.data.tables import ID, ITEM, OTHER, ROW, TIME, USER, Table, Tables, TimeUnit
from motet.errors import DataError
from motet.schema import ITEMS, USERS, Project, TableSpec

KEY_COLUMNS = {"id": ID, "user": USER, "item": ITEM, "other": OTHER, "time": TIME}
OnProgress = Callable[[str], None]


@dataclass(frozen=True)
class _Typed:
    """The typed frame of a table, and the rows with cells that are not understood."""

    frame: pl.DataFrame
    faults: list[pl.DataFrame]
    unit: TimeUnit


def read_tables(project: Project, *, on_progress: OnProgress | None = None) -> Tables:
    """Return all tables of a project, checked, and the rows kept aside.

    on_progress: called with the name of each table before it is read.
    Raises DataError (MissingExtra for a database driver) with a remedy where a file or column is missing, a file is
    damaged as a whole, nothing usable is left, or more than a fifth of a table's rows are bad (BadRowsError).
    """
    tables, kept_aside = {}, [pl.DataFrame(schema=SCHEMA)]
    for name, spec in project.tables.items():
        if on_progress is not None:
            on_progress(name)
        try:
            table, aside = read_table(name, spec, project)
        except BadRowsError as error:
            error.quarantine = pl.concat([*kept_aside, error.quarantine])
            raise
        tables[name] = table
        kept_aside.append(aside)
    return Tables(tables, pl.concat(kept_aside))


def read_table(name: str, spec: TableSpec, project: Project) -> tuple[Table, pl.DataFrame]:
    """Return one checked table and its quarantine."""
    spec = _with_own_key(name, spec)
    if spec.frame is not None and not spec.columns and not spec.keys():
        from motet.data.infer import complete

        spec = complete(spec, name, spec.frame)
    wanted = list(dict.fromkeys([*spec.keys().values(), *spec.columns]))
    if not wanted:
        raise DataError(f"Table '{name}' declares no columns.", f"Say what they mean under [tables.{name}.columns].")
    parts = _parts(name, spec, project, wanted)
    rows_read = sum(part.total for part in parts)
    if not rows_read:
        raise DataError(f"Table '{name}' has no rows ({parts[0].file}).", "Check the file, or the query.")
    typed = _typed(_joined(parts), spec)
    found = merge_faults([_broken(parts), *typed.faults, *_missing_keys(typed.frame, spec)])
    refuse_if_too_many(name, found, parts)
    frame = typed.frame
    if found.height:
        frame = frame.join(found.select(pl.col("number").alias(ROW)), on=ROW, how="anti", maintain_order="left")
    sound = frame[ROW]
    frame = _distinct(frame, spec)
    removed = sound.clear() if frame.height == len(sound) else sound.filter(~sound.is_in(frame[ROW].implode()))
    if name in (ITEMS, USERS) and spec.id is not None:
        later = later_ids(frame)
        found = merge_faults(
            [found, faults(frame[ROW].filter(later), spec.id, "duplicate id", frame[ID].filter(later))]
        )
        refuse_if_too_many(name, found, parts)
        frame = frame.filter(~later)
    if not frame.height:
        raise DataError(f"Table '{name}' has no usable rows.", "See the reasons in the quarantine.")
    frame = renumbered(frame, removed) if spec.dedupe else frame
    outliers = {column: count for column in spec.of("number") if (count := count_outliers(frame[column]))}
    table = Table(name, spec, frame, typed.unit, rows_read, removed.len(), found.height, outliers)
    return table, locate(name, found, parts)


def _with_own_key(name: str, spec: TableSpec) -> TableSpec:
    """Return the spec in which the items' (users') key is the id, however it was declared."""
    role = {ITEMS: "item", USERS: "user"}.get(name)
    if role is None or spec.id is not None or getattr(spec, role) is None:
        return spec
    return spec.model_copy(update={"id": getattr(spec, role), role: None})


def _parts(name: str, spec: TableSpec, project: Project, wanted: Sequence[str]) -> list[Part]:
    if spec.frame is not None:
        return [read_frame(spec.frame, wanted, name)]
    if spec.url is not None:
        assert spec.query is not None, "the schema keeps url and query together"
        try:
            rows = read_query(spec.url, spec.query, project.root)
        except DataError as error:
            raise DataError(f"Table '{name}': {error.message}", error.remedy) from None
        part = read_frame(rows, wanted, name)
        return [Part("query", part.frame, part.total)]
    assert spec.path is not None, "the schema asks for exactly one source"
    try:
        return read_parts(resolve(spec.path, project.root), wanted, optional=set(wanted) - set(spec.keys().values()))
    except DataError as error:
        raise DataError(f"Table '{name}': {error.message}", error.remedy) from None


def _joined(parts: list[Part]) -> pl.DataFrame:
    """Return all rows, with @row; columns whose type differs between files become strings."""
    frames, start = [], 0
    for part in parts:
        if part.records is None:
            numbers = pl.int_range(start, start + part.frame.height, dtype=pl.Int64, eager=True)
        else:
            numbers = pl.Series(part.records + start, dtype=pl.Int64)
        frames.append(part.frame.with_columns(numbers.alias(ROW)))
        start += part.total
    filled = [frame for frame in frames if frame.height] or frames[:1]
    if any(frame.schema != filled[0].schema for frame in filled):
        filled = [_as_strings(frame) for frame in filled]
    return pl.concat(filled) if len(filled) > 1 else filled[0]


def _as_strings(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(strings(frame[column]) for column in frame.columns if column != ROW)


def _typed(raw: pl.DataFrame, spec: TableSpec) -> _Typed:
    """Return the frame with key columns and declared columns, and the faults of cells that are not understood."""
    unit: TimeUnit = "none"
    columns, found = [raw[ROW]], []
    jobs = [(KEY_COLUMNS[role], source, role) for role, source in spec.keys().items()]
    jobs += [(source, source, "") for source in spec.columns]
    with ThreadPoolExecutor(2) as pool:  # polars lets go of the interpreter while it works on a column
        parsed = pool.map(lambda job: _parsed(raw[job[1]], job[2], spec), jobs)
        for (name, source, role), cells in zip(jobs, parsed, strict=True):
            unit = cells.unit if role == "time" else unit
            columns.append(cells.values.alias(name))
            found += _faults_of(cells, raw[source], raw[ROW])
    return _Typed(pl.DataFrame(columns), found, unit)


def _parsed(cells: pl.Series, role: str, spec: TableSpec) -> Cells:
    """Return the cells of a key (role) or, without a role, of a declared column."""
    if role:
        return parse_time(cells) if role == "time" else parse_key(cells)
    return parse_column(cells, spec.columns[cells.name])


def _faults_of(cells: Cells, source: pl.Series, numbers: pl.Series) -> list[pl.DataFrame]:
    if cells.bad is None:
        return []
    return [faults(numbers.filter(cells.bad), source.name, cells.reason, source.filter(cells.bad))]


def _missing_keys(frame: pl.DataFrame, spec: TableSpec) -> list[pl.DataFrame]:
    """Return the rows without a key; an item may be missing where the row says something in words."""
    found = []
    for role, source in spec.keys().items():
        missing = frame[KEY_COLUMNS[role]].is_null()
        if role == "item":
            for text in spec.of("text"):
                missing &= frame[text].is_null()
        if missing.any():
            found.append(faults(frame[ROW].filter(missing), source, f"missing {role}"))
    if spec.other is not None and spec.user is not None:
        itself = (frame[USER] == frame[OTHER]).fill_null(False)
        found.append(faults(frame[ROW].filter(itself), spec.other, "related to itself"))
    return found


def _broken(parts: list[Part]) -> pl.DataFrame:
    """Return the records that could not be read at all."""
    rows, start = [], 0
    for part in parts:
        rows += [(start + one.record, one.column, one.reason) for one in part.broken]
        start += part.total
    return pl.DataFrame(rows, schema=FAULTS, orient="row")


def _distinct(frame: pl.DataFrame, spec: TableSpec) -> pl.DataFrame:
    """Return the frame without equal rows, where its table asks for that."""
    if spec.user is not None and spec.other is not None:
        pairs = frame if spec.directed else ordered_pairs(frame)
        return first_rows(pairs, [USER, OTHER])
    if wants_dedupe(spec):
        return first_rows(frame, [name for name in frame.columns if name != ROW])
    return frame
