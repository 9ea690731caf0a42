"""Guess what could be predicted from the tables found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from motet.data import words
from motet.data.cells import parse_column, parse_key
from motet.data.check import lone_grades
from motet.data.giveaway import giveaway
from motet.data.guess_keys import TableGuess, is_calendar_part
from motet.data.profile import Profile
from motet.schema import EVENTS, ITEMS, Column

_FEWEST = 100
_RAREST = 0.01
_TELLING = 0.99
_SAID = 0.9
_MANY_LABELS = 2000
_SMALL_SPLIT = {"fractions": [0.9, 0.05, 0.05]}


@dataclass(frozen=True)
class TaskGuess:
    """A task as it may stand in a project file, and why."""

    name: str
    settings: Mapping[str, Any]
    reason: str
    hidden: tuple[str, ...] = field(default=())
    """Columns that give the label away and must not be declared."""


def guess_tasks(tables: Mapping[str, TableGuess]) -> list[TaskGuess]:
    """Return the tasks that the tables can serve, the main one first; no name occurs twice."""
    found = list(_event_tasks(tables))
    items = tables.get(ITEMS)
    if items is not None:
        found += _item_tasks(items, leads=any(task.settings["kind"] == "next_item" for task in found))
    for name, table in tables.items():
        if table.role == "relation":
            if EVENTS in tables:  # users are known by what they did
                found.append(TaskGuess(name, {"kind": "relation", "table": name}, "who belongs together"))
        elif table.role == "rows" or (name != EVENTS and table.role == EVENTS):
            found += _row_tasks(name, table)
    named: dict[str, TaskGuess] = {}
    for task in found:
        name = task.name if task.name not in named else f"{task.settings['table']}_{task.name}"
        if name not in named:
            named[name] = TaskGuess(name, task.settings, task.reason, task.hidden)
    return list(named.values())


def _event_tasks(tables: Mapping[str, TableGuess]) -> Iterator[TaskGuess]:
    events = tables.get(EVENTS)
    if events is None:
        return
    user, item = events.key("user"), events.key("item")
    if user is None or item is None:
        return
    timed = events.key("time") is not None
    if _long_enough(events.profiles[user]):
        said = "users, items and a time: what comes next" if timed else "no time: which further items a user has"
        yield TaskGuess("next_item", _next_item(events, user, item), said)
    if timed and _long_enough(events.profiles[user]):
        topic = _topic(tables.get(ITEMS), events.profiles[item].text)
        if topic is not None:
            settings = {"kind": "interest", "column": f"{ITEMS}.{topic}", "horizon": 5}
            yield TaskGuess("interest", settings, "what the next five events are about")
    yield from _grade_tasks(EVENTS, events)
    for column in events.of("behaviour"):
        yield from _buying(events, column)
    yield from _flag_tasks(EVENTS, events)


def _next_item(events: TableGuess, user: str, item: str) -> dict[str, Any]:
    pairs = pl.DataFrame({"user": events.profiles[user].cells, "item": events.profiles[item].cells})
    repeated = 1 - pairs.n_unique() / max(1, pairs.height)
    return {"kind": "next_item", "table": EVENTS, **({"repeats": "allow"} if repeated > 0.3 else {})}


def _long_enough(user: Profile) -> bool:
    """Tell whether at least twenty users have three events or more."""
    counts = user.text.value_counts()["count"]
    return int((counts >= 3).sum()) >= 20


def _topic(items: TableGuess | None, met: pl.Series) -> str | None:
    """Return the items' column that interests are about: tags before a category.

    met: the items of the events; most of them must have a topic, and not all the same.
    """
    key = items.key("id") if items is not None else None
    if items is None or key is None:
        return None
    ids = parse_key(items.profiles[key].cells).values
    for column in [*items.of("tags"), *_by_name(items, items.of("category"), words.CATEGORY)]:
        topics = pl.DataFrame({"item": ids, "topic": _typed(items, column)}).drop_nulls().unique("item")
        seen = met.rename("item").to_frame().join(topics, on="item")["topic"]
        if seen.len() < 0.5 * met.len():
            continue
        counts = (seen.explode() if seen.dtype == pl.List else seen).value_counts()["count"]
        if counts.len() > 1 and float(counts.to_numpy().max()) < 0.95 * seen.len():
            return column
    return None


def _grade_tasks(name: str, table: TableGuess) -> Iterator[TaskGuess]:
    """A rating; and whether it is high, from the texts of the row where there are any."""
    for column in table.of("number"):
        profile = table.profiles[column]
        grades = profile.numbers.drop_nulls()
        if not profile.words & words.RATING or not 3 <= grades.n_unique() <= 101 or grades.len() < _FEWEST:
            continue
        text = table.of("text")
        said = f"{grades.n_unique()} grades"
        yield TaskGuess("rating", {"kind": "rating", "table": name, "column": column}, said)
        high = _high_grade(profile)
        if high is not None:
            settings = {"kind": "binary", "table": name, "column": column, "at_least": high}
            seen = {"text": text} if text and name == EVENTS else {}
            said = f"a grade of {high:g} or more" + (", told from the row's words" if text else "")
            yield TaskGuess("sentiment" if text else "liked", {**settings, **seen}, said)
        return


def _high_grade(profile: Profile) -> float | None:
    """Return the grade near 4 of 5 from which on rows are neither rare nor nearly all."""
    numbers = profile.numbers.drop_nulls()
    numbers = numbers.filter(~numbers.is_in(list(lone_grades(numbers))))
    low, high = float(numbers.min() or 0), float(numbers.max() or 0)  # type: ignore[arg-type]
    if high <= low:
        return None
    for share in (0.8, 1.0, 0.6):
        cut = float(numbers.filter(numbers >= share * high - 1e-9).min() or high)  # type: ignore[arg-type]
        if 0.03 < float((numbers >= cut).mean() or 0) < 0.97:  # type: ignore[arg-type]
            return cut
    return None


def _buying(events: TableGuess, column: str) -> Iterator[TaskGuess]:
    counts = events.profiles[column].text.value_counts()
    named = dict(counts.iter_rows())
    bought = [value for value in named if words.name_words(value) & words.BUYING]
    if _balanced(sum(named[value] for value in bought), sum(named.values())):
        settings = {"kind": "binary", "table": EVENTS, "column": column, "positive": sorted(bought)}
        yield TaskGuess("buy", settings, "which events are purchases")


def _flag_tasks(name: str, table: TableGuess) -> Iterator[TaskGuess]:
    for column in table.of("flag"):
        flags = parse_column(table.profiles[column].cells, Column(meaning="flag")).values
        if _balanced(int(flags.sum() or 0), flags.drop_nulls().len()) and not _said(table, column):
            settings = {"kind": "binary", "table": name, "column": column}
            yield TaskGuess(_safe(column), settings, "a yes or no of each row")


def _balanced(yes: int, known: int) -> bool:
    return known >= _FEWEST and min(yes, known - yes) >= max(30, _RAREST * known)


def _item_tasks(items: TableGuess, *, leads: bool) -> Iterator[TaskGuess]:
    """At most one task of each kind about the items, with few labels held out where next items matter more."""

    def settings(kind: str, column: str) -> dict[str, Any]:
        few = leads and items.profiles[column].text.len() >= _MANY_LABELS
        return {"kind": kind, "table": ITEMS, "column": column, **({"split": _SMALL_SPLIT} if few else {})}

    for column in items.of("tags")[:1]:
        if items.profiles[column].text.len() >= _FEWEST and items.profiles[column].top_share < 0.9:
            yield TaskGuess(_safe(column), settings("tags", column), "which tags an item has")
    for column in _by_name(items, items.of("category"), words.CATEGORY):
        if _is_class(items, column):
            yield TaskGuess(_safe(column), settings("class", column), "which of many an item is")
            break
    for column in _by_name(items, items.of("number"), words.PRICE):
        profile = items.profiles[column]
        enough = profile.numbers.drop_nulls().len() >= _FEWEST and profile.distinct > 10
        if profile.words & words.PRICE and enough and not _told_by(items, column, pl.Float64):
            yield TaskGuess(_safe(column), settings("number", column), "what an item costs")
            break


def _is_class(table: TableGuess, column: str, *, judge: bool = True) -> bool:
    """Tell whether a category makes a task: enough rows, values that recur and are no years, none nearly all."""
    profile = table.profiles[column]
    known = profile.text.len()
    if (
        is_calendar_part(profile)
        or known < _FEWEST
        or profile.top_share > 0.95
        or profile.distinct > 0.34 * known
        or profile.distinct < 2
    ):
        return False
    return not (judge and (_told_by(table, column, pl.String) or _said(table, column)))


def _is_labelling(table: TableGuess, column: str) -> bool:
    """Tell whether lists of words make a task: enough rows, words and not numbers, no list that is nearly all."""
    profile = table.profiles[column]
    if profile.text.len() < _FEWEST or profile.top_share > 0.9:
        return False
    tags = _typed(table, column).explode().drop_nulls()
    return tags.cast(pl.Float64, strict=False).null_count() > 0.5 * tags.len()


def _told_by(table: TableGuess, column: str, dtype: type[pl.DataType]) -> list[str]:
    """Return the other plain columns that alone tell a column's value."""
    label = _typed(table, column)
    label = label.cast(dtype) if label.dtype != dtype else label
    plain = [name for name in table.of("category", "behaviour", "flag", "number", "tags") if name != column]
    limit = 0.9999 if dtype == pl.Float64 else _TELLING
    return [name for name in plain if giveaway(label, _typed(table, name)).score >= limit]


def _said(table: TableGuess, column: str) -> bool:
    """Tell whether a text of the row nearly always says the label."""
    label = _typed(table, column).cast(pl.String)
    for name in table.of("text"):
        both = pl.DataFrame({"label": label, "text": _typed(table, name)}).drop_nulls()
        low = both.select(pl.all().str.to_lowercase())
        held = low.filter(pl.col("label").str.len_chars() > 2)
        within = held.select(pl.col("text").str.contains(pl.col("label"), literal=True).sum()).item()
        if within > _SAID * max(1, low.height):
            return True
    return False


def _typed(table: TableGuess, column: str) -> pl.Series:
    guess = table.columns[column]
    declared = {"meaning": guess.meaning, **({"separator": guess.separator} if guess.separator else {})}
    return parse_column(table.profiles[column].cells, Column(**declared)).values  # type: ignore[arg-type]


def _row_tasks(name: str, table: TableGuess) -> Iterator[TaskGuess]:
    """Labels of any other rows: from their texts, or from their plain columns."""
    if not table.of("text") and table.role == "rows":
        yield from _plain_tasks(name, table)
        return
    yield from _grade_tasks(name, table)
    yield from _flag_tasks(name, table)
    if not table.of("text"):
        return
    for column in [column for column in table.of("tags") if _is_labelling(table, column)][:1]:
        yield TaskGuess(_safe(column), {"kind": "tags", "table": name, "column": column}, "which tags a row has")
    classes = [column for column in table.of("category") if _is_class(table, column, judge=False)]
    for column in [column for column in classes if not _said(table, column)][:2]:
        yield TaskGuess(_safe(column), {"kind": "class", "table": name, "column": column}, "which of many a row is")


def _plain_tasks(name: str, table: TableGuess) -> Iterator[TaskGuess]:
    """One label of a table without text: a column called so, the last one if it has few values, or a price."""
    able = table.of("flag", "category", "number")
    called = [column for column in able if table.profiles[column].words & (words.LABEL | words.RATING)]
    last = able[-1:] if able and 2 <= table.profiles[able[-1]].distinct <= 20 else []
    two = [column for column in [*last, *called] if _is_two(table, column)]
    priced = [column for column in table.of("number") if table.profiles[column].words & words.PRICE]
    for column in dict.fromkeys([*two, *last, *called, *priced]):
        found = _plain_task(name, table, column)
        if found is not None:
            yield found
            return


def _is_two(table: TableGuess, column: str) -> bool:
    return table.columns[column].meaning == "flag" or table.profiles[column].distinct == 2


def _plain_task(name: str, table: TableGuess, column: str) -> TaskGuess | None:
    meaning, profile = table.columns[column].meaning, table.profiles[column]
    settings: dict[str, Any] = {"table": name, "column": column}
    if len(table.columns) < 2 or profile.text.len() < _FEWEST:
        return None
    if meaning == "number" and profile.distinct > 20:
        told = tuple(_told_by(table, column, pl.Float64))
        return TaskGuess(_safe(column), {"kind": "number", **settings}, "a number of each row", told)
    if _is_two(table, column) and meaning != "number":
        rare = profile.text.value_counts().sort("count").row(0)[0]
        positive = {} if meaning == "flag" else {"positive": [rare]}
        typed = _typed(table, column)
        label = typed if meaning == "flag" else typed == rare
        if not _balanced(int(label.sum() or 0), label.drop_nulls().len()):
            return None
        plain = [other for other in table.columns if other != column and table.columns[other].meaning != "vector"]
        hidden = tuple(other for other in plain if giveaway(label, _typed(table, other)).score >= _TELLING)
        return TaskGuess(_safe(column), {"kind": "binary", **settings, **positive}, "a yes or no of each row", hidden)
    if meaning == "category" and _is_class(table, column, judge=False):
        hidden = tuple(_told_by(table, column, pl.String))
        return TaskGuess(_safe(column), {"kind": "class", **settings}, "which of many a row is", hidden)
    return TaskGuess(_safe(column), {"kind": "rating", **settings}, "grades") if meaning == "number" else None


def _by_name(table: TableGuess, columns: list[str], lexicon: frozenset[str]) -> list[str]:
    """Return the columns with those first whose names speak of what is sought."""
    return sorted(columns, key=lambda column: not table.profiles[column].words & lexicon)


def _safe(name: str) -> str:
    """Return a column's name as a task's name."""
    return "_".join(part for part in "".join(c if c.isalnum() else " " for c in name).split()) or "label"
