"""Vectors of users and items by whom and what they are connected with: the main axes of a graph of training rows.

The graph is normalised by the roots of both ends' degrees, and a node's vector is its row of the leading eigenvectors,
each as long as its eigenvalue. Half of the mean degree is added to all degrees (Qin and Rohe 2013, arXiv:1309.4111), or
the leading vectors would tell nothing but which of many small islands a node is on.

A pair that is learned from is an edge of the very graph, and its ends stand closer for it than those of a pair yet to
be found. So the edges are dealt into PARTS, and there are as many further sets of vectors, each made without one part
and turned until it lies like the whole: a training pair is shown the set that does not know it.
n = nodes, w = width, E = edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, eigsh

PARTS = 5
PREFIX = "@graph."
TOLERANCE = 1e-4
ADDED = 0.5
"""What is added to every degree, in mean degrees."""


@dataclass(frozen=True)
class NodeVectors:
    """values_nw: float32, a vector per node; known_n: which nodes have one."""

    values_nw: NDArray[np.float32]
    known_n: NDArray[np.bool_]

    def column(self, name: str) -> pl.Series:
        """Return the vectors as a column of lists, null where there is none."""
        cells = pl.Series(name, self.values_nw).arr.to_list()
        return pl.select(pl.when(pl.Series(self.known_n)).then(cells).alias(name)).to_series()

    @classmethod
    def of_column(cls, cells: pl.Series, width: int) -> NodeVectors:
        """Return the vectors that `column` wrote."""
        known = cells.is_not_null().to_numpy()
        values = np.zeros((len(cells), width), np.float32)
        values[known] = cells.drop_nulls().explode().to_numpy().reshape(-1, width)
        return cls(values, known)


@dataclass(frozen=True)
class GraphVectors:
    """Vectors of all users (or items) of a division, and the sets that leave out one part of the pairs each."""

    of_users: bool
    whole: NodeVectors
    without: tuple[NodeVectors, ...] = ()


def part_of_pairs(first_E: NDArray[np.integer], second_E: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the part, from 0 to PARTS - 1, that each pair of users falls in, whichever stands first."""
    low, high = np.minimum(first_E, second_E).astype(np.uint64), np.maximum(first_E, second_E).astype(np.uint64)
    mixed = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (high * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return ((mixed >> np.uint64(32)) % np.uint64(PARTS)).astype(np.int64)


def user_vectors(
    pair_E2: NDArray[np.int64], num_users: int, *, width: int, at_least: int, known: NodeVectors | None = None
) -> GraphVectors:
    """Return users' vectors by a relation's pairs, taken without direction. known: vectors that stay as they are."""
    part = part_of_pairs(pair_E2[:, 0], pair_E2[:, 1])
    whole = _vectors(_adjacency(pair_E2, num_users), None, width, at_least)
    if known is not None:
        whole = _kept(_turned(whole, known), known)
    without = (_vectors(_adjacency(pair_E2[part != left], num_users), None, width, at_least) for left in range(PARTS))
    return GraphVectors(True, whole, tuple(_turned(each, whole) for each in without))


def item_vectors(
    edge_E2: NDArray[np.int64],
    num_users: int,
    num_items: int,
    *,
    width: int,
    at_least: int,
    known: NodeVectors | None = None,
) -> GraphVectors:
    """Return items' vectors by the users that they have in common. edge_E2: user and item."""
    ones = np.ones(len(edge_E2))
    had = sparse.csr_array((ones, (edge_E2[:, 0], edge_E2[:, 1])), shape=(num_users, num_items))
    had.sum_duplicates()
    had.data[:] = 1.0
    whole = _vectors(had, had, width, at_least)
    return GraphVectors(False, whole if known is None else _kept(_turned(whole, known), known))


def _adjacency(pair_E2: NDArray[np.int64], num_users: int) -> sparse.csr_array:
    first, second = pair_E2.T
    both = np.concatenate([first, second]), np.concatenate([second, first])
    found = sparse.csr_array((np.ones(2 * len(first)), both), shape=(num_users, num_users))
    found.sum_duplicates()
    found.data[:] = 1.0
    return found


def _vectors(graph: sparse.csr_array, had: sparse.csr_array | None, width: int, at_least: int) -> NodeVectors:
    """Return the main axes of an adjacency, or, where `had` is given (users, items), of its items' co-occurrence."""
    degree_n = np.asarray(graph.sum(axis=0)).ravel()
    other = np.asarray(graph.sum(axis=1)).ravel()
    normal = sparse.diags_array(_root(other)) @ graph @ sparse.diags_array(_root(degree_n))
    normal = sparse.csr_array(normal)
    linked = np.flatnonzero(degree_n > 0)
    values = np.zeros((len(degree_n), width), np.float32)
    if len(linked) > 1:
        inner = sparse.csr_array(normal[:, linked] if had is not None else normal[linked][:, linked])
        values[linked] = _axes(inner, width, twice=had is not None)
    return NodeVectors(values, degree_n >= at_least)


def _axes(normal: sparse.csr_array, width: int, *, twice: bool) -> NDArray[np.float64]:
    """Return (n, w): the leading eigenvectors times their eigenvalues, missing ones as zeros."""
    size = normal.shape[1]
    turned = normal.T.tocsr()
    if size <= 2 * width + 1:
        dense = (turned @ normal if twice else normal).toarray()
        value, vector = np.linalg.eigh(dense)
    else:

        def times(x: NDArray[np.float64]) -> NDArray[np.float64]:
            return turned @ (normal @ x) if twice else normal @ x

        operator = LinearOperator((size, size), matvec=times, dtype=np.float64)
        start = np.random.default_rng(0).standard_normal(size)
        value, vector = eigsh(operator, k=width, which="LA", v0=start, tol=TOLERANCE)
    order = np.argsort(-value)[:width]
    value, vector = np.maximum(value[order], 0.0), vector[:, order]
    largest = np.abs(vector).argmax(axis=0)
    vector = vector * np.where(vector[largest, np.arange(len(order))] < 0, -1.0, 1.0)
    found = np.zeros((size, width))
    found[:, : len(order)] = vector * value
    return found


def _turned(nodes: NodeVectors, like: NodeVectors) -> NodeVectors:
    """Return vectors turned until those of common nodes lie as near as may be (Schönemann 1966)."""
    both = nodes.known_n & like.known_n
    left, _, right = np.linalg.svd(nodes.values_nw[both].T.astype(np.float64) @ like.values_nw[both])
    return NodeVectors((nodes.values_nw @ (left @ right)).astype(np.float32), nodes.known_n)


def _kept(nodes: NodeVectors, known: NodeVectors) -> NodeVectors:
    values = np.where(known.known_n[:, None], known.values_nw, nodes.values_nw)
    return NodeVectors(values.astype(np.float32), nodes.known_n | known.known_n)


def _root(degree_n: NDArray[np.float64]) -> NDArray[np.float64]:
    linked = degree_n > 0
    added = ADDED * degree_n[linked].mean() if linked.any() else 1.0
    return np.where(linked, 1.0 / np.sqrt(degree_n + added), 0.0)


def with_columns(frame: pl.DataFrame, graphs: Mapping[str, NodeVectors]) -> pl.DataFrame:
    """Return a frame whose rows are the nodes, with a column of each graph's vectors."""
    return frame.with_columns([nodes.column(f"{PREFIX}{name}") for name, nodes in graphs.items()])
