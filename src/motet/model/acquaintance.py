"""Pairs of users as serving holds them, to the numbers that questions about pairs were trained with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.features.pairs import RelationGraph, cosines, item_sets, pair_numbers
from motet.recommend.port import History
from motet.recommend.relations import Relations


@dataclass(frozen=True)
class Acquaintance:
    """A relation's graph, and the numbers of its users. A user who knows nobody has none."""

    graph: RelationGraph
    users: Mapping[str, int]

    def numbers(
        self, pairs: Sequence[tuple[str, str]], histories: Sequence[History], count_I: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return (n, F), not yet standardised. histories: n of the first users, then n of the second."""
        n = len(pairs)
        first, second = (np.array([self.users.get(pair[side], -1) for pair in pairs], np.int64) for side in (0, 1))
        place = np.arange(n)
        alike = cosines(item_sets([history.item_L for history in histories], count_I), place, place + n)
        return pair_numbers(self.graph.numbers(first, second), alike)


def acquaintance(relations: Relations, table: str, *, directed: bool) -> Acquaintance:
    """Return what is known of one relation."""
    pairs = relations.of(table)
    ids = pl.concat([pairs["user"], pairs["other"].alias("user")]).unique().sort().to_list()
    users = {user: number for number, user in enumerate(ids)}
    sides = [pairs[side].replace_strict(users, default=-1, return_dtype=pl.Int64).to_numpy() for side in pairs.columns]
    return Acquaintance(RelationGraph(np.column_stack(sides).astype(np.int64), len(ids), directed), users)
