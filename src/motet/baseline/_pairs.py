"""What simple methods look at in a pair of users: the graph of the training pairs, and what both had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motet.baseline._past import Pasts, training_counts
from motet.data import Division
from motet.features.pairs import cosines, item_sets
from motet.features.prepare import training_rows
from motet.features.relations import relation_graph
from motet.tasks import Examples


def asks_pairs(examples: Examples, division: Division) -> bool:
    """Return whether the task asks about two users."""
    return examples.other_n is not None and division.events is not None


def path_counts(examples: Examples, division: Division, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return RelationGraph.numbers of the examples `at`, their logarithms undone."""
    assert examples.user_n is not None and examples.other_n is not None, "a pair has two users"
    graph = relation_graph(division, examples.table, training_rows(division, examples.table))
    return np.expm1(graph.numbers(examples.user_n[at], examples.other_n[at]).astype(np.float64))


def item_cosines(examples: Examples, division: Division, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how alike the items of both histories are, rare items weighing more."""
    assert division.events is not None, "histories need events"
    pasts = Pasts(division.events)
    second = replace(examples, user_n=examples.other_n, cut_n=examples.other_cut_n)
    had = [*pasts.of(examples, at).by_row(), *pasts.of(second, at).by_row()]
    place = np.arange(len(at))
    return cosines(item_sets(had, training_counts(division).astype(np.int64)), place, place + len(at))


def share(score: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return a score from 0 upwards as a number below 1, in the same order."""
    return (score / (1.0 + score)).astype(np.float32)
