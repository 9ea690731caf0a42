"""relation: whether two users stand in a relation."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import OTHER, USER, Division
from motet.errors import ProjectError
from motet.schema import EVENTS, TEST, TRAIN, VALID, Relation
from motet.tasks._anchors import pair_anchors, parts_of
from motet.tasks._assemble import assemble
from motet.tasks._history import codes_of
from motet.tasks._negatives import PER_POSITIVE_AT_EVALUATION, PER_POSITIVE_IN_TRAINING, draw_strangers
from motet.tasks._protocol import TASK_KINDS, Examples

SEED = 21
ODDS = PER_POSITIVE_IN_TRAINING / PER_POSITIVE_AT_EVALUATION
"""How many times as many strangers per pair training shows as judging does."""


@TASK_KINDS.register("relation")
class RelationKind:
    """Every pair of the table is a yes; a no is a pair of its users, drawn by chance, that no part knows.

    Both users show their history and profile; users without events show their profile alone. Which pairs there are is
    itself the label, so the graph of the training pairs is all that a question may see of the table (features/pairs).
    """

    def examples(self, task: Relation, division: Division) -> Examples:
        """Return the pairs of each part, and for each one drawn pair at evaluation, four in training."""
        events = division.events
        spec = division.project.tables[task.table]
        if spec.user is None or spec.other is None:
            raise ProjectError(
                f"Task '{task.name}' needs pairs of users, but table '{task.table}' does not name both sides.",
                f'Set user = "…" and other = "…" under [tables.{task.table}].',
            )
        if events is None:
            raise ProjectError(
                f"Task '{task.name}' asks about users, but the project has no events of theirs.",
                f"Declare [tables.{EVENTS}] with a user.",
            )
        frame = division.tables.frame(task.table)
        pair_N2 = np.stack([codes_of(frame[side], events.users) for side in (USER, OTHER)], axis=1).astype(np.int32)
        known_N = (pair_N2 >= 0).all(axis=1) & (pair_N2[:, 0] != pair_N2[:, 1])
        part_N = parts_of(task, division)
        rows, pairs, parts = _with_strangers(pair_N2, known_N, part_N, len(events.users), directed=spec.directed)
        return assemble(
            task,
            "binary",
            sources=("history", "other"),
            anchors=pair_anchors(division, rows, parts, pairs),
            label=pl.Series(rows >= 0),
            coverage=float(known_N.mean()) if len(known_N) else 0.0,
            counts={"rows that are no pair": int((~known_N).sum()), "in no part": int((known_N & (part_N < 0)).sum())},
        )


def _with_strangers(
    pair_N2: NDArray[np.int32],
    known_N: NDArray[np.bool_],
    part_N: NDArray[np.int8],
    num_users: int,
    *,
    directed: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int8]]:
    """Return (row or -1, pair, part) of the positives of each part, each part followed by what was drawn for it."""
    sides = (np.unique(pair_N2[known_N, 0]), np.unique(pair_N2[known_N, 1]))
    if not directed:
        sides = (np.union1d(*sides), np.union1d(*sides))
    known_n2 = pair_N2[known_N]
    found: dict[int, tuple[NDArray[np.int64], NDArray[np.int32]]] = {}
    for part in (TEST, VALID, TRAIN):  # training comes last: it may draw nobody who was drawn for judging
        own = np.flatnonzero(known_N & (part_N == part))
        times = PER_POSITIVE_IN_TRAINING if part == TRAIN else PER_POSITIVE_AT_EVALUATION
        drawn = draw_strangers(
            known_n2,
            sides,
            num_users=num_users,
            number=times * len(own),
            directed=directed,
            rng=np.random.default_rng([SEED, part]),
        )
        known_n2 = np.concatenate([known_n2, drawn])
        found[part] = np.concatenate([own, np.full(len(drawn), -1)]), np.concatenate([pair_N2[own], drawn])
    order = (TRAIN, VALID, TEST)
    part_n = np.concatenate([np.full(len(found[part][0]), part, np.int8) for part in order])
    return (
        np.concatenate([found[part][0] for part in order]),
        np.concatenate([found[part][1] for part in order]),
        part_n,
    )
