"""Columns to labels; null is an unknown answer."""

from __future__ import annotations

import polars as pl

from motet.data import Division
from motet.data.cells import UNKNOWN
from motet.errors import DataError, ProjectError
from motet.registry import nearest
from motet.schema import Binary, LabelledTask

SHOWN = 8
SAY_UNKNOWN = UNKNOWN - {"none"} | {"", "nan"}
"""Words that are no answer to a yes-or-no question, unless a task names them as its yes; "none" may well be a no."""


def column_of(task: LabelledTask, division: Division) -> tuple[pl.Series, str]:
    """Return (values, meaning) of the task's column, with every known label cell in it."""
    spec = division.project.tables[task.table]
    if task.column not in spec.columns:
        known = list(spec.columns)
        raise ProjectError(
            f"Task '{task.name}' reads column '{task.column}', but table '{task.table}' declares "
            f"{', '.join(known) or 'no columns'}.",
            nearest(task.column, known).strip() or f"Declare it under [tables.{task.table}.columns].",
        )
    return division.tables.frame(task.table)[task.column], spec.columns[task.column].meaning


def yes_or_no(task: Binary, values: pl.Series, meaning: str) -> pl.Series:
    """Return a Boolean label: a positive value, at least so much, or a flag (or a number that is always 0 or 1)."""
    if task.at_least is not None:
        return as_numbers(task, values, meaning) >= task.at_least
    if task.positive is not None:
        return _positive(task, values, meaning)
    if meaning == "flag":
        return values.cast(pl.Boolean)
    if meaning == "number" and values.drop_nulls().is_in([0.0, 1.0]).all():
        return values == 1.0
    raise ProjectError(
        f"Task '{task.name}' needs to know which values of '{task.column}' ({meaning}) mean yes.",
        "Set positive = […] for words, or at_least = … for numbers.",
    )


def _positive(task: Binary, values: pl.Series, meaning: str) -> pl.Series:
    wanted = [as_name(value) for value in task.positive or ()]
    if meaning == "tags":
        hit = values.list.eval(pl.element().is_in(wanted)).list.any()
        names = values.explode()
    else:
        names = as_names(task, values, meaning)
        hit = names.is_in(wanted)
        hit = hit.set(~hit & names.str.to_lowercase().is_in(SAY_UNKNOWN), None)
    if not hit.any():
        found = names.drop_nulls().value_counts(sort=True)[names.name].head(SHOWN).to_list()
        raise DataError(
            f"Task '{task.name}': no value of '{task.column}' is among positive = {wanted}; "
            f"the most frequent are {', '.join(map(str, found)) or 'none'}.",
            (nearest(wanted[0], found).strip() if wanted and found else "") or "Name the values that mean yes.",
        )
    return hit


def as_name(value: str | int | float | bool) -> str:
    """Return a value as a label's name: `true`, `4`, `4.5`, or the word itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def as_names(task: LabelledTask, values: pl.Series, meaning: str) -> pl.Series:
    """Return a String label: one of many."""
    if meaning in ("tags", "vector"):
        raise ProjectError(
            f"Task '{task.name}': column '{task.column}' holds {meaning}, not one of many.",
            'Use kind = "tags" for it.' if meaning == "tags" else "Name another column.",
        )
    if meaning in ("number", "flag", "time"):
        names = {value: as_name(value) for value in values.drop_nulls().unique().to_list()}
        return values.replace_strict(names, default=None, return_dtype=pl.String)
    return values.cast(pl.String)


def as_tags(task: LabelledTask, values: pl.Series, meaning: str) -> pl.Series:
    """Return a List[String] label without repeats; a row without any tag is unknown."""
    if meaning == "tags":
        frame = pl.DataFrame({"tags": values}).select(pl.col("tags").list.drop_nulls().list.unique(maintain_order=True))
        return frame.select(pl.when(pl.col("tags").list.len() > 0).then("tags"))["tags"].rename(values.name)
    names = as_names(task, values, meaning)
    return (
        pl.DataFrame({"name": names})
        .select(pl.when(pl.col("name").is_not_null()).then(pl.concat_list("name")))["name"]
        .rename(values.name)
    )


def as_numbers(task: LabelledTask, values: pl.Series, meaning: str) -> pl.Series:
    """Return a Float64 label."""
    if meaning not in ("number", "flag"):
        raise ProjectError(
            f"Task '{task.name}' needs numbers, but column '{task.column}' is declared as {meaning}.",
            f'Declare {task.column} = "number" under [tables.{task.table}.columns].',
        )
    return values.cast(pl.Float64)
