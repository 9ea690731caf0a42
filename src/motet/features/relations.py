"""Questions about pairs of users, with what the training pairs and both histories say about each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import OTHER, USER, Division
from motet.features.pairs import RelationGraph, cosines, item_sets, pair_numbers
from motet.features.questions import Questions
from motet.features.whitening import Standardise, fit_standardise
from motet.schema import TRAIN


def relation_graph(division: Division, table: str, known_N: NDArray[np.bool_]) -> RelationGraph:
    """Return the graph of a relation's rows `known_N` over the division's users.

    Only rows that no task holds out may be known (see prepare.training_rows).
    """
    assert division.events is not None, "relations need users"
    frame = division.tables.frame(table).filter(pl.Series(known_N))
    users = {user: number for number, user in enumerate(division.events.users.to_list())}
    pair_p2 = np.column_stack(
        [frame[side].replace_strict(users, default=-1, return_dtype=pl.Int64).to_numpy() for side in (USER, OTHER)]
    )
    whole = (pair_p2 >= 0).all(axis=1) & (pair_p2[:, 0] != pair_p2[:, 1])
    directed = division.tables[table].spec.directed
    return RelationGraph(pair_p2[whole].astype(np.int64), len(users), directed)


def pair_questions(
    questions: Questions,
    graph: RelationGraph,
    division: Division,
    count_I: NDArray[np.integer],
    *,
    known: Standardise | None = None,
) -> tuple[Questions, Standardise]:
    """Return the questions with their pairs' numbers, and how those were standardised (on training questions).

    known: what was fitted before, and is taken as it is.
    """
    numbers = numbers_of(questions, graph, division, count_I)
    trained = np.zeros(len(questions), bool)
    for labels in questions.tasks.values():
        trained[labels.question_m[labels.part_m == TRAIN]] = True
    standard = known or fit_standardise(numbers, rows=np.flatnonzero(trained))
    return replace(questions, pair_nF=standard.apply(numbers)), standard


def numbers_of(
    questions: Questions, graph: RelationGraph, division: Division, count_I: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Return the numbers of each question's pair, (n, F), not yet standardised.

    What a user had ends where the question's history ends.
    """
    events = division.events
    assert events is not None and questions.user_n is not None and questions.cut_n is not None
    assert questions.other_n is not None and questions.other_cut_n is not None, "a pair has two users"
    n = len(questions)
    user = np.concatenate([questions.user_n, questions.other_n]) - 1
    cut = np.concatenate([questions.cut_n, questions.other_cut_n])
    asked, place = np.unique(np.stack([user, cut], axis=1), axis=0, return_inverse=True)
    begin = events.starts[np.maximum(asked[:, 0], 0)]
    had = [events.item_N[first : first + count] for first, count in zip(begin, asked[:, 1], strict=True)]
    place = place.ravel()
    alike = cosines(item_sets(had, count_I), place[:n], place[n:])
    return pair_numbers(graph.numbers(user[:n], user[n:]), alike)


__all__ = ["numbers_of", "pair_questions", "relation_graph"]
