"""The graphs that a project declares, over the rows that nobody holds out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import ITEM, OTHER, USER, Division
from motet.errors import ProjectError
from motet.features.graph import GraphVectors, NodeVectors, item_vectors, part_of_pairs, user_vectors
from motet.features.questions import Questions
from motet.schema import EVENTS, TRAIN, GraphConfig

Known = Mapping[str, NodeVectors]


def fit_graphs(
    division: Division, training: Mapping[str, NDArray[np.bool_]], known: Known | None = None
) -> dict[str, GraphVectors]:
    """Return the vectors of each declared graph, over the division's users or items.

    training: by table, the rows that no task holds out (see prepare.training_rows). known: vectors that were made
    before and stay as they are; only nodes without one get a new one.
    """
    found = {}
    for name, graph in division.project.graph.items():
        edges, of_users = _edges(division, name, graph, training)
        before = (known or {}).get(name)
        events = division.events
        assert events is not None, "checked with the edges"
        if of_users:
            found[name] = user_vectors(
                edges, len(events.users), width=graph.width, at_least=graph.at_least, known=before
            )
        else:
            size = len(events.users), len(events.items)
            found[name] = item_vectors(edges, *size, width=graph.width, at_least=graph.at_least, known=before)
    return found


def shown_apart(questions: Questions) -> NDArray[np.int64]:
    """Return, per question about a pair of users, which set of vectors it is shown: 0 the whole, else part + 1.

    Pairs that are learned from are shown the set made without them; strangers likewise, or the set would tell them.
    """
    assert questions.user_n is not None and questions.other_n is not None
    trained = np.zeros(len(questions), bool)
    for labels in questions.tasks.values():
        trained[labels.question_m[labels.part_m == TRAIN]] = True
    return np.where(trained, part_of_pairs(questions.user_n - 1, questions.other_n - 1) + 1, 0)


def _edges(
    division: Division, name: str, graph: GraphConfig, training: Mapping[str, NDArray[np.bool_]]
) -> tuple[NDArray[np.int64], bool]:
    """Return (edges between numbers of users or of user and item, whether they join users)."""
    frame, events = division.tables.frame(graph.table), division.events
    between = OTHER in frame.columns and graph.table != EVENTS
    if events is None or USER not in frame.columns or not (between or ITEM in frame.columns):
        raise ProjectError(
            f"Graph '{name}' is made of '{graph.table}', whose rows join neither two users nor a user and an item.",
            "Declare user and other, or user and item, of that table, and a table of events.",
        )
    ends = (USER, OTHER) if between else (USER, ITEM)
    keys = _keys(frame, ends)
    others = [table for table in division.tables.tables if table != graph.table]
    nothing = pl.Series([], dtype=pl.UInt64)
    held = pl.concat([nothing, *(_held(division, table, ends, training[table]) for table in others)])
    kept = frame.filter(pl.Series(training[graph.table]) & ~keys.is_in(held.implode()))
    sides = (events.users, events.users if between else events.items)
    numbers = [_numbers(kept[end], side) for end, side in zip(ends, sides, strict=True)]
    edges = np.column_stack(numbers).astype(np.int64)
    edges = edges[(edges >= 0).all(axis=1)]
    return (edges[edges[:, 0] != edges[:, 1]] if between else edges), between


def _held(division: Division, table: str, ends: tuple[str, str], training_N: NDArray[np.bool_]) -> pl.Series:
    """Return the keys of a table's pairs that are held out: what one table holds out, no other may give away."""
    frame = division.tables.frame(table)
    if not set(ends) <= set(frame.columns):
        return pl.Series([], dtype=pl.UInt64)
    return _keys(frame.filter(pl.Series(~training_N)), ends).unique()


def _keys(frame: pl.DataFrame, ends: tuple[str, str]) -> pl.Series:
    first, second = (pl.col(end).cast(pl.String) for end in ends)
    if ends == (USER, OTHER):
        first, second = pl.min_horizontal(first, second), pl.max_horizontal(first, second)
    return frame.select(key=pl.struct(a=first, b=second).hash()).to_series()


def _numbers(cells: pl.Series, known: pl.Series) -> NDArray[np.int64]:
    index = pl.DataFrame({"id": known.cast(pl.String), "number": np.arange(len(known))})
    found = pl.DataFrame({"id": cells.cast(pl.String)}).join(index, on="id", how="left", maintain_order="left")
    return found["number"].fill_null(-1).to_numpy().astype(np.int64)


__all__ = ["Known", "fit_graphs", "shown_apart"]
