"""What classic recommenders for lists have in common: who had what, settings tried on half A, answers as ranks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._half import choosing
from motet.baseline._past import Pasts, masks_seen
from motet.baseline._protocol import Answer
from motet.baseline._rank import CELLS, ranked
from motet.data import Division
from motet.recommend.classic import Classic
from motet.schema import TRAIN
from motet.tasks import Examples, target_ranks

TUNED_ON = 1_000
OWN = (0.0, 0.3, 1.0, 3.0)
"""How much a user's own frequencies may count, where items may return."""

DECAYS = (1.0, 0.9, 0.7)


class ListMember(Protocol):
    """A baseline for lists whose knowledge fits in arrays, so that it can take part in a fusion."""

    name: str

    def fitted(self, examples: Examples, division: Division) -> Classic:
        """Return the recommender, fitted on training events, its settings chosen on half A."""
        ...


def ranks_items(examples: Examples, division: Division) -> bool:
    """Return whether the task ranks items."""
    return examples.output == "ranking" and division.events is not None


def listed(member: ListMember, examples: Examples, division: Division, at: NDArray[np.int64]) -> Answer:
    """Return a member's ranks and lists."""
    assert division.events is not None, "ranking needs events"
    known, pasts = member.fitted(examples, division), Pasts(division.events)
    return ranked(
        lambda block: known.scores(pasts.of(examples, block).by_row()),
        examples,
        division,
        at=at,
        mask=masks_seen(examples, division),
    )


def had(division: Division) -> sparse.csr_array:
    """Return (U, I): 1 where a user had an item in training."""
    events = division.events
    assert events is not None, "lists need events"
    known = (events.part_N == TRAIN) & (events.item_N >= 0)
    place = (events.user_N[known], events.item_N[known])
    shape = (len(events.users), len(events.items))
    found = sparse.coo_array((np.ones(int(known.sum()), np.float32), place), shape=shape).tocsr()
    found.data[:] = 1.0
    return found


def best_of(made: Iterable[Classic], examples: Examples, division: Division) -> Classic:
    """Return the recommender with the largest discounted gain on at most 1,000 questions of half A; ties: the first."""
    assert division.events is not None, "ranking needs events"
    chosen = choosing(examples, most=TUNED_ON)
    target, pasts = examples.label.to_numpy(), Pasts(division.events)
    mask, size = masks_seen(examples, division), max(1, CELLS // max(1, len(division.events.items)))
    best, most = None, -np.inf
    for known in made:
        gain = 0.0
        for start in range(0, len(chosen), size):
            block = chosen[start : start + size]
            histories = pasts.of(examples, block).by_row()
            rank = target_ranks(known.scores(histories), target[block], seen=histories if mask else None)
            gain += float((1.0 / np.log2(rank + 2.0)).sum())
        if best is None or gain > most:
            best, most = known, gain
    assert best is not None, "something was tried"
    return best
