"""The leakage guard: inputs that give a label away stop the run, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from motet.data.giveaway import Giveaway, giveaway, same_text
from motet.data.held_out import row_label
from motet.data.tables import ITEM, USER, Division
from motet.errors import LeakageError, ProjectError
from motet.registry import nearest
from motet.schema import EVENTS, ITEMS, TRAIN, USERS, Binary, ClassTask, Project, Rating, TableSpec, Tags, TaskBase

REFUSED, REFUSED_CORRELATION = 0.999, 0.9999
SUSPICIOUS, SUSPICIOUS_CORRELATION = 0.99, 0.999
MAX_LEVELS = 50
"""A rating with more distinct values is judged as a number."""

_PLAIN = ("category", "behaviour", "flag", "number", "tags")


@dataclass(frozen=True)
class Finding:
    """An input that nearly, or with permission, gives a label away. measure: `AUC`, `accuracy` or `correlation`."""

    task: str
    table: str
    column: str
    measure: str
    score: float
    allowed: bool

    def __str__(self) -> str:
        return (
            f"Column '{self.column}' of table '{self.table}' alone predicts task '{self.task}' "
            f"with {self.measure} {self.score:.4f} on the training rows"
        )


def check_leakage(division: Division) -> list[Finding]:
    """Return suspicious inputs that may stay; refuse those that alone predict a label.

    Judged are the columns that a task may see beside its label, on its training rows: its `inputs`; on items and
    users their other columns; on tables without text their columns that are no task's. AUC or accuracy from .999 on,
    or a correlation from .9999 on, raise LeakageError unless the task allows the column; a tenth of the way back
    (.99, .999) makes a finding.
    """
    findings: list[Finding] = []
    for task in division.project.tasks.values():
        check_inputs(task, division.project)
        if row_label(task) in division.tables.frame(task.table).columns:
            findings += _findings(task, division)
    refused = [finding for finding in findings if _refused(finding)]
    if refused:
        first = refused[0]
        raise LeakageError(
            "; ".join(map(str, refused)) + ".",
            f"Leave the column out, or, if it is known before the label is, set "
            f'allow = ["{first.column}"] under [tasks.{first.task}].',
        )
    return findings


def check_inputs(task: TaskBase, project: Project) -> None:
    """Raise LeakageError where a task's inputs name its own label, a key or a moment."""
    spec = project.tables[task.table]
    own = row_label(task)
    for name in (*task.inputs, *(task.text or ())):
        if name == own:
            raise LeakageError(
                f"Task '{task.name}' names its own label '{name}' (table '{task.table}') among its inputs.",
                f"Remove it from [tasks.{task.name}].",
            )
        what = _key_or_moment(name, spec)
        if what and name not in task.allow:
            raise LeakageError(
                f"Task '{task.name}' names column '{name}' of table '{task.table}' among its inputs, but it is {what}.",
                "An id or a moment tells rows apart and nothing else; remove it from inputs.",
            )


def visible_columns(task: TaskBase, project: Project) -> tuple[list[str], list[str]]:
    """Return the (plain, text) columns of the label's row that the task may see; keys of user and item included."""
    spec = project.tables[task.table]
    labels = project.label_columns(task.table)
    free = [name for name in spec.of(*_PLAIN) if name not in labels]
    texts = [name for name in spec.of("text") if name not in labels]
    listed = list(task.inputs)
    if task.table == EVENTS:
        plain, texts = listed, list(task.text or ())
    elif task.table in (ITEMS, USERS) and EVENTS in project.tables:
        plain = [*listed, *free]
    else:
        plain = listed if listed or spec.of("text") else free
        texts = texts if task.text is None else list(task.text)
    named_texts = [name for name in plain if name in spec.of("text")]
    return list(dict.fromkeys(name for name in plain if name not in named_texts)), [*texts, *named_texts]


def _key_or_moment(name: str, spec: TableSpec) -> str:
    column = spec.columns.get(name)
    if name == spec.time or (column and column.meaning == "time"):
        return "a moment"
    if name == spec.id or (column and column.meaning == "id" and name not in (spec.user, spec.item)):
        return "an id"
    return ""


def _findings(task: TaskBase, division: Division) -> Iterator[Finding]:
    rows = pl.Series(division.task_parts[task.name] == TRAIN)
    label, cell = _label(task, division.tables.frame(task.table).filter(rows))
    inputs = division.inputs[task.table].filter(rows)
    plain, texts = visible_columns(task, division.project)
    for name in plain:
        column = _column(name, task, division.project, inputs)
        if column is not None:
            yield from _judged(task, name, giveaway(label, column))
    for name in texts:
        yield from _judged(task, name, same_text(cell, inputs[name]))


def _judged(task: TaskBase, name: str, found: Giveaway) -> Iterator[Finding]:
    limit = SUSPICIOUS_CORRELATION if found.measure == "correlation" else SUSPICIOUS
    if found.score >= limit:
        yield Finding(task.name, task.table, name, found.measure, found.score, name in task.allow)


def _refused(finding: Finding) -> bool:
    limit = REFUSED_CORRELATION if finding.measure == "correlation" else REFUSED
    return finding.score >= limit and not finding.allowed


def _column(name: str, task: TaskBase, project: Project, inputs: pl.DataFrame) -> pl.Series | None:
    """Return the values of an input; None for a vector, which no closed form judges."""
    spec = project.tables[task.table]
    declared = spec.columns.get(name)
    if declared is not None and declared.meaning == "vector":
        return None
    for role, key, column in (("user", USER, spec.user), ("item", ITEM, spec.item)):
        if column is not None and name in (role, column) and name not in spec.columns:
            return inputs[key]
    if name not in inputs.columns:
        known = [*spec.columns, *spec.keys().values()]
        raise ProjectError(
            f"Task '{task.name}' names '{name}' in inputs, but table '{task.table}' declares {', '.join(known)}.",
            nearest(name, known).strip() or "Choose one of these.",
        )
    return inputs[name]


def _label(task: TaskBase, frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return the label as it is judged (Boolean, Float64 or String), and its cell as text."""
    values = frame[row_label(task) or ""]
    cell = values.list.sort().list.join("|") if isinstance(values.dtype, pl.List) else values.cast(pl.String)
    if isinstance(task, Binary):
        return _yes_or_no(task, values), cell
    few = isinstance(task, Rating) and values.n_unique() <= MAX_LEVELS
    if isinstance(task, ClassTask | Tags) or few or not values.dtype.is_numeric():
        return cell, cell
    return values.cast(pl.Float64), cell


def _yes_or_no(task: Binary, values: pl.Series) -> pl.Series:
    if task.at_least is not None:
        return values.cast(pl.Float64, strict=False) >= task.at_least
    if task.positive is None:
        plain = values.dtype == pl.Boolean or values.dtype.is_numeric()
        return values.cast(pl.Boolean) if plain else values.cast(pl.String)
    if isinstance(values.dtype, pl.List):
        return values.list.eval(pl.element().is_in([_name(value) for value in task.positive])).list.any()
    names = {value: _name(value) for value in values.drop_nulls().unique().to_list()}
    return values.replace_strict(names, default=None, return_dtype=pl.String).is_in(
        [_name(value) for value in task.positive]
    )


def _name(value: str | float | bool) -> str:
    """Return a value as the project file would write it: 4 and 4.0 are one, so are true and True."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:.12g}"
