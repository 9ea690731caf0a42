"""Look at files and propose a project: tables, meanings and tasks, with a reason beside each guess."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from motet.data import links
from motet.data.delimited import read_delimited
from motet.data.files import Content, format_of, load
from motet.data.formats import read_part
from motet.data.guess_keys import UNIQUE, TableGuess
from motet.data.guess_tasks import TaskGuess, guess_tasks
from motet.data.infer import infer_table
from motet.data.jsonlines import read_json_lines
from motet.errors import DataError
from motet.schema import EVENTS, ITEMS, USERS

_MOST_BYTES = 1 << 26
_MOST_ROWS = 300_000
UNREAD = "the text alone is read; list those that are known before the label is"
GIVES_AWAY = "it gives the label away"
NOBODY = "if rows say who did what: name these, and call the table events"


@dataclass(frozen=True)
class Proposal:
    """A project file in the making. paths: the file of each table. unused: files that no task would read."""

    name: str
    language: str
    tables: Mapping[str, TableGuess]
    paths: Mapping[str, Path]
    tasks: Sequence[TaskGuess]
    unused: Sequence[Path] = ()

    @property
    def nobody(self) -> list[str]:
        """The tables in which nobody who does something was found, where no table is one of events."""
        return [] if EVENTS in self.tables else [name for name, table in self.tables.items() if table.role == "rows"]

    def hidden(self, table: str) -> set[str]:
        """Return the columns of a table that give a task's label away, and are therefore not declared."""
        return {column for task in self.tasks if task.settings.get("table") == table for column in task.hidden}

    def unread(self, task: TaskGuess) -> list[str]:
        """Return the plain columns of a task's rows that it does not read, because they have a text."""
        name = str(task.settings.get("table"))
        table = self.tables.get(name)
        if table is None or table.role != "rows" or not table.of("text"):
            return []
        labels = {each.settings.get("column") for each in self.tasks if each.settings.get("table") == name}
        plain = table.of("category", "flag", "number", "tags")
        return [column for column in plain if column not in labels | self.hidden(name)]

    def to_toml(self, folder: str | Path | None = None) -> str:
        """Return the project file, commented. folder: where it will stand; paths are written relative to it."""
        lines = [
            "# Proposed by `motet init` from a look at the tables. Correct what it misunderstood.",
            "",
            "[project]",
        ]
        lines += [f"name = {_text(self.name)}", f"language = {_text(self.language)}", ""]
        for name, table in self.tables.items():
            path = self.paths[name]
            shown = path if folder is None else Path(os.path.relpath(path.resolve(), Path(folder).resolve()))
            lines += _table_lines(name, table, shown.as_posix(), self.hidden(name), open_keys=name in self.nobody)
        if self.unused:
            lines += [f"# {_text(path.name)}: left out, no task would read it" for path in self.unused] + [""]
        for task in self.tasks:
            lines += [f"[tasks.{_key(task.name)}]".ljust(35) + f" # {task.reason}"]
            lines += [f"{key} = {_value(value)}" for key, value in task.settings.items()]
            lines += [f"# inputs = {_value(unread)}  # {UNREAD}"] if (unread := self.unread(task)) else []
            lines.append("")
        if not self.tasks:
            lines += ["# No column looks like something to predict. Declare a task, for instance:", "# [tasks.label]"]
            lines += ['# kind = "binary"', f"# table = {_text(next(iter(self.tables)))}", '# column = "…"', ""]
        return "\n".join(lines)


def propose(files: Sequence[str | Path], *, name: str | None = None) -> Proposal:
    """Return a proposal for a project over these files.

    Raises DataError where a file cannot be read, or none is given.
    """
    paths = [Path(file) for file in files]
    if not paths:
        raise DataError("No files are given.", "For instance: motet init events.csv items.csv")
    for path in paths:
        if path.is_dir():
            raise DataError(f"'{path}' is a folder; expected a file.", f"Name its files, for instance {path}/*.csv")
        if not path.is_file():
            raise DataError(f"There is no file '{path}'.", "Check the path.")
    frames = {path: sample_of(path) for path in dict.fromkeys(paths)}
    for path, frame in frames.items():
        if not frame.height:
            raise DataError(f"'{path.name}' has no rows.", "Give a file with rows: all guesses are made from them.")
    tables, places = _name_tables(frames)
    tasks = guess_tasks(tables)
    used = {EVENTS, ITEMS, USERS} | {task.settings.get("table") for task in tasks} if tasks else set(tables)
    used |= {table for table, guess in tables.items() if guess.role == "relation"}
    kept = {table: guess for table, guess in tables.items() if table in used}
    unused = [path for table, path in places.items() if table not in used]
    return Proposal(name or _project_name(paths), _language(kept), kept, places, tasks, unused)


def sample_of(path: Path) -> pl.DataFrame:
    """Return the rows of a file, or the first few hundred thousand of a large one, uncast.

    Raises DataError where most of the lines are broken.
    """
    kind = format_of(path)
    if kind == "parquet" and path.stat().st_size > _MOST_BYTES:
        return pl.scan_parquet(path, glob=False).head(_MOST_ROWS).collect()
    if kind == "parquet":
        return read_part(path).frame
    content = load(path)
    if content.data.size > _MOST_BYTES:
        head = content.data[:_MOST_BYTES]
        ends = np.flatnonzero(np.asarray(head) == 10)
        content = Content(content.name, np.asarray(head[: int(ends[-1]) + 1 if ends.size else head.size]), None)
    part = (read_delimited if kind == "delimited" else read_json_lines)(content, None)
    if len(part.broken) > 0.5 * part.total:
        first = part.broken[0]
        raise DataError(
            f"'{part.file}': {len(part.broken):,} of {part.total:,} rows cannot be read: {first.reason} "
            f"(line {first.line:,}).",
            "Give every row as many cells as the first line has names, or write the file anew.",
        )
    return part.frame


def _name_tables(frames: Mapping[Path, pl.DataFrame]) -> tuple[dict[str, TableGuess], dict[str, Path]]:
    """Return the tables and their files. The largest table of who did what is `events`; ids of it tell the others."""
    first = {path: infer_table(None, frame) for path, frame in frames.items()}
    deeds = [path for path, guess in first.items() if guess.role == EVENTS]
    if not deeds and (linked := links.deeds(first)) is not None:
        path, ids = linked
        again = infer_table(None, frames[path], known_ids=ids)
        if again.role == EVENTS:
            first[path], deeds = again, [path]
    catalogues = [guess for guess in first.values() if guess.role == ITEMS]
    events = max(deeds, key=lambda path: _importance(first[path], catalogues)) if deeds else None
    known: dict[str, pl.Series] = {}
    if events is not None:
        for role in ("user", "item"):
            column = first[events].key(role)
            assert column is not None, "events have a user and an item"
            known[role] = first[events].profiles[column].text.unique()
    named: dict[Path, str] = {events: EVENTS} if events is not None else {}
    guesses = {path: first[path] if path == events else _again(frames[path], known, first[path]) for path in frames}
    for role in (ITEMS, USERS):
        able = [path for path, guess in guesses.items() if guess.role == role and path not in named]
        if able and events is not None:
            named[max(able, key=lambda path: len(guesses[path].columns))] = role
    for path in frames:
        if path not in named:
            named[path] = _free_name(_stem(path), set(named.values()) | {EVENTS, ITEMS, USERS})
            if guesses[path].role in (ITEMS, USERS):
                guesses[path] = _as_rows(guesses[path])
    order = sorted(
        frames,
        key=lambda path: [EVENTS, ITEMS, USERS].index(named[path]) if named[path] in (EVENTS, ITEMS, USERS) else 3,
    )
    return {named[path]: guesses[path] for path in order}, {named[path]: path for path in order}


def _importance(guess: TableGuess, catalogues: Sequence[TableGuess]) -> tuple[bool, bool, bool, int]:
    """Rank tables of who did what: with a time, about items that a catalogue describes, each pair once, long."""
    user, item = guess.key("user"), guess.key("item")
    assert user is not None and item is not None, "events have a user and an item"
    items = guess.profiles[item].text.unique()
    keys = [catalogue.profiles[key].text for catalogue in catalogues if (key := catalogue.key("id")) is not None]
    described = any(int(items.is_in(ids.implode()).sum()) > 0.5 * items.len() for ids in keys)
    pairs = pl.DataFrame([guess.profiles[user].cells, guess.profiles[item].cells])
    timed = guess.key("time") is not None
    return timed, described, timed or pairs.n_unique() > 0.9 * pairs.height, pairs.height


def _again(frame: pl.DataFrame, known: Mapping[str, pl.Series], before: TableGuess) -> TableGuess:
    """Return a better guess of a table, now that the events' ids are known."""
    if not known:
        return before
    for role, hint in (("item", ITEMS), ("user", USERS)):
        for profile in before.profiles.values():
            if profile.variety < UNIQUE or profile.text.len() < 2 or before.role in (EVENTS, "relation"):
                continue
            shared = int(known[role].is_in(profile.text.implode()).sum())
            own = before.key("id") or (before.key(role) if before.role == "rows" else None)
            if shared > 0.5 * known[role].len() and (before.role == hint or own is None or profile.name == own):
                return infer_table(hint, frame, known_ids=known)
    return before if before.role in (ITEMS, USERS, "relation") else infer_table(None, frame, known_ids=known)


def _as_rows(guess: TableGuess) -> TableGuess:
    """Return a catalogue that stands alone as a plain table; its id stays its id."""
    return TableGuess("rows", guess.keys, guess.columns, guess.dropped, guess.profiles)


def _table_lines(name: str, table: TableGuess, path: str, hidden: set[str], *, open_keys: bool) -> list[str]:
    lines = [f"[tables.{_key(name)}]", f"path = {_text(path)}"]
    lines += [f"{role} = {_text(column)}".ljust(35) + f" # {reason}" for role, (column, reason) in table.keys.items()]
    if open_keys:
        lines.append('# user = "…"  item = "…"  time = "…"'.ljust(35) + " # " + NOBODY)
    lines.append(f"[tables.{_key(name)}.columns]")
    for column, guess in table.columns.items():
        meaning = _text(guess.meaning)
        if guess.separator:
            meaning = f"{{ meaning = {meaning}, separator = {_text(guess.separator)} }}"
        if column in hidden:
            lines.append(f"# {_key(column)}: left out, {GIVES_AWAY}")
        else:
            odd = f"; {guess.misfits}" if guess.misfits else ""
            lines.append(f"{_key(column)} = {meaning}".ljust(35) + f" # {guess.reason}{odd}")
    lines += [f"# {_key(column)}: left out, {reason}" for column, reason in table.dropped.items()]
    return [*lines, ""]


def _language(tables: Mapping[str, TableGuess]) -> str:
    texts = [table.profiles[column] for table in tables.values() for column in table.of("text", "tags", "category")]
    texts = [profile for profile in texts if profile.sample.len()]
    if not texts:
        return "en"
    total = sum(profile.mean_words * profile.text.len() for profile in texts)
    chinese = sum(profile.chinese * profile.mean_words * profile.text.len() for profile in texts)
    return "zh" if chinese > 0.3 * total else "en"


def _project_name(paths: Sequence[Path]) -> str:
    return _stem(paths[0]) if len(paths) == 1 else paths[0].resolve().parent.name or "motet"


def _stem(path: Path) -> str:
    return re.sub(r"[^0-9A-Za-z_\u4e00-\u9fff-]+", "_", path.name.split(".")[0]).strip("_") or "table"


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(member) for member in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(member)}" for key, member in value.items()) + " }"
    return repr(value)
