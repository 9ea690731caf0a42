"""masked: a column of the row or item, predicted from the rest of it. It needs no labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import Division
from motet.data.follow import keys_of
from motet.data.hashing import fraction
from motet.errors import ProjectError
from motet.schema import ITEMS, TRAIN, ClassTask, Masked, Number, TableSpec, Tags
from motet.tasks._anchors import anchors_of
from motet.tasks._assemble import assemble
from motet.tasks._labels import as_names, as_numbers, as_tags
from motet.tasks._protocol import TASK_KINDS, Examples, Output, Source
from motet.tasks._sources import sources_of

MOST_WORDS = 300
"""A text is predicted as those of its words that are among so many most frequent ones of training."""


@TASK_KINDS.register("masked")
class MaskedKind:
    """Training rows alone are asked, each without the column; what other tasks hold out of it is blank here, too.

    A row is shown as to the tasks with the same `text` and `inputs`, so that one trunk learns from both. Items have one
    form for all questions about them, from which the column is missing already.
    """

    def examples(self, task: Masked, division: Division) -> Examples:
        """Return one example per training row with a known value, all in the training part."""
        meaning = division.project.tables[task.table].columns[task.column].meaning
        sources, anchors = sources_of(task, division), anchors_of(task, division)
        part_n = np.where(_asked(task, division), anchors.part_n, -1).astype(np.int8)
        label, output = _label(task, division, meaning, part_n)
        found = assemble(task, output, sources=sources, anchors=replace(anchors, part_n=part_n), label=label)
        if task.table == ITEMS and division.events is not None:
            return found
        _check_shown(task, division.project.tables[task.table], sources)
        return replace(found, hidden=task.column)


def _asked(task: Masked, division: Division) -> NDArray[np.bool_]:
    """Whether a row is asked; the hash keeps the same rows in every run."""
    keys = keys_of(division.tables[task.table]).cast(pl.String).fill_null("")
    return fraction(pl.Series(["masked"]) + keys) < task.share


def _label(task: Masked, division: Division, meaning: str, part_n: NDArray[np.int8]) -> tuple[pl.Series, Output]:
    values = division.inputs[task.table][task.column]
    if meaning == "text":
        return _words(values, part_n, chinese=division.project.project.language == "zh"), "tags"
    named: dict[str, Any] = {"name": task.name, "table": task.table, "column": task.column}
    if meaning == "number":
        return as_numbers(Number(**named), values, meaning), "number"
    if meaning == "tags":
        return as_tags(Tags(**named), values, meaning), "tags"
    return as_names(ClassTask(**named), values, meaning), "class"


def _words(values: pl.Series, part_n: NDArray[np.int8], *, chinese: bool) -> pl.Series:
    """Each text's frequent words (of Chinese: characters), null where it has none."""
    rows = pl.DataFrame({"row": np.arange(len(values)), "word": values.str.to_lowercase()})
    rows = rows.with_columns(pl.col("word").str.extract_all(r"\p{Han}" if chinese else r"\w{2,}").list.unique())
    pairs = rows.explode("word").drop_nulls()
    trained = pairs.filter(pl.Series(part_n == TRAIN).gather(pairs["row"]))
    counts = trained["word"].value_counts().sort(["count", "word"], descending=[True, False]).head(MOST_WORDS)
    kept = pairs.join(counts.select("word"), on="word", how="semi").group_by("row").agg(pl.col("word").sort())
    return rows.select("row").join(kept, on="row", how="left", maintain_order="left")["word"]


def _check_shown(task: Masked, spec: TableSpec, sources: tuple[Source, ...]) -> None:
    if task.column in spec.of("text"):
        shown = "text" in sources and (task.text is None or task.column in task.text)
    else:
        listed = bool(task.inputs or spec.of("text"))
        shown = "row" in sources and (task.column in task.inputs or not listed)
    if not shown:
        raise ProjectError(
            f"Task '{task.name}' masks '{task.column}', which its question does not show.",
            "Give it the text and inputs of the tasks that it is to help, the column among them.",
        )
