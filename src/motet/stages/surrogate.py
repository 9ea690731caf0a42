"""A small decision tree that imitates a task's answers, and how faithfully it does so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from motet.artifact import layout, open_folder
from motet.data import ID, read_tables
from motet.errors import RequestError
from motet.recommend import Bundle, load
from motet.recommend.ask import task_view
from motet.schema import ITEMS, Project

ROWS, DEPTH, LEAF, WORDS, VALUES = 4_000, 4, 20, 300, 12
"""Rows that are asked about, the tree's depth, rows in a leaf at least, words and values of a column to ask about."""
HELD_OUT = 0.3


@dataclass(frozen=True)
class Surrogate:
    """measure: `r2`, or `agreement` on the label. fidelity: on rows that the tree did not see. rules: the tree, one
    line per branch. rows: (seen by the tree, held out).
    """

    task: str
    measure: str
    fidelity: float
    rules: str
    rows: tuple[int, int]

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return {**vars(self), "rows": list(self.rows)}


def surrogate(path: str | Path, task: str, *, data: str | Path | None = None, depth: int = DEPTH) -> Surrogate:
    """Return a tree that imitates a task which reads texts, rows or items; the tables are read again.

    Raises RequestError for a task that reads histories or pairs, which a tree over columns cannot follow.
    """
    bundle = load(path, data=data)
    view = task_view(bundle.loaded, task)
    if {"history", "other"} & set(view.sources):
        raise RequestError(
            f"'{task}' reads histories, which no small tree can follow.", "Explain its answers one by one."
        )
    folder = open_folder(path)
    content: Mapping[str, Any] = tomllib.loads(folder.text(layout.PROJECT))
    project = Project(**content, root=Path(data or folder.manifest.data_root or "."))
    frame = read_tables(project).frame(view.table)
    if frame.height < 4 * LEAF:
        raise RequestError(f"Table '{view.table}' has {frame.height} rows; a tree needs {4 * LEAF}.", "Use more rows.")
    frame = frame.sample(min(ROWS, frame.height), shuffle=True, seed=0)
    if view.table == ITEMS and "item" in view.sources:
        known = [item in bundle.loaded.catalogue.index for item in frame[ID].to_list()]
        frame = frame.filter(pl.Series(known))
    answers = _answers(bundle, task, frame, items=view.table == ITEMS and "item" in view.sources)
    hidden = project.label_columns(view.table)
    spec = project.tables[view.table]
    plain = [name for name in spec.of("category", "flag", "number", "behaviour") if name not in hidden]
    return _fitted(task, answers, _inputs(frame, plain, view.texts), depth)


def _answers(bundle: Bundle, task: str, frame: pl.DataFrame, *, items: bool) -> np.ndarray[Any, Any]:
    if items:
        found = bundle.predict(task, items=frame[ID].to_list())
    else:
        found = bundle.predict(task, frame=frame)
    output = bundle.loaded.scorer.tasks[task].output
    if output in ("class", "tags"):
        return np.array([each.label or "" for each in found])
    return np.array([each.probability if output == "binary" else each.value for each in found], np.float64)


def _inputs(frame: pl.DataFrame, plain: list[str], texts: tuple[str, ...]) -> dict[str, np.ndarray[Any, Any]]:
    """Columns of 0, 1 and numbers, by a name that a reader understands."""
    found: dict[str, np.ndarray[Any, Any]] = {}
    for name in plain:
        column = frame[name]
        if column.dtype.is_numeric():
            found[name] = column.cast(pl.Float64).fill_null(float(column.median() or 0.0)).to_numpy()  # type: ignore[arg-type]
            continue
        words = column.cast(pl.String)
        counts = words.drop_nulls().value_counts().sort(["count", name], descending=[True, False]).head(VALUES)
        for value in counts[name].to_list():
            found[f"{name} = {value}"] = (words == value).fill_null(False).to_numpy().astype(np.float64)
    present = [name for name in texts if name in frame.columns]
    if present:
        from sklearn.feature_extraction.text import CountVectorizer

        joined = frame.select(pl.concat_str([pl.col(n).fill_null("") for n in present], separator=" ")).to_series()
        counter = CountVectorizer(binary=True, max_features=WORDS, min_df=LEAF, token_pattern=r"(?u)\b\w+\b")
        if joined.str.strip_chars().str.len_chars().sum():
            counted = counter.fit_transform(joined.to_list()).toarray()
            names = counter.get_feature_names_out()
            found |= {f"says “{word}”": counted[:, at] for at, word in enumerate(names)}
    if not found:
        raise RequestError("There is nothing that a tree could ask about.", "Declare columns or texts.")
    return found


def _fitted(
    task: str, answers: np.ndarray[Any, Any], inputs: Mapping[str, np.ndarray[Any, Any]], depth: int
) -> Surrogate:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, export_text

    x, seen = np.column_stack(list(inputs.values())), round(len(answers) * (1 - HELD_OUT))
    kind = DecisionTreeRegressor if answers.dtype.kind == "f" else DecisionTreeClassifier
    tree = kind(max_depth=depth, min_samples_leaf=LEAF, random_state=0).fit(x[:seen], answers[:seen])
    rules = export_text(tree, feature_names=list(inputs), max_depth=depth, decimals=2)
    measure = "r2" if answers.dtype.kind == "f" else "agreement"
    fidelity = float(tree.score(x[seen:], answers[seen:]))
    return Surrogate(task, measure, fidelity, rules.rstrip(), (seen, len(answers) - seen))
