"""graph: what follows what, what resembles what, and what the user keeps coming back to.

The score of item j is Σ_k decay^k · c(h_k, j) / (Σ_j c(h_k, j) + shrink) over the last items h_k of the history, where
c counts training pairs up to five steps apart, weighted by one over the distance; plus a share of the cosine between
the attributes of j and of the history; plus, where repeats are allowed, the user's own decayed frequency. Two shares
are chosen on validation.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._half import choosing
from motet.baseline._past import Pasts, masks_seen, training_counts
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline._rank import ranked
from motet.baseline._similar import similar_items
from motet.data import Division, EventIndex
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples, target_ranks

LAGS, SHRINK, DECAY, RECENT = 5, 20.0, 0.7, 5
OWN_DECAY = 0.98
ATTRIBUTE_SHARES = (0.0, 0.03, 0.1, 0.3)
OWN_SHARES = (0.0, 0.3, 1.0, 3.0)
TUNED_ON = 1_000


@dataclass(frozen=True)
class _Parts:
    """The three scores of a block of questions, (B, I) each."""

    follows: NDArray[np.float32]
    resembles: NDArray[np.float32]
    own: NDArray[np.float32] | None

    def mixed(self, attributes: float, own: float) -> NDArray[np.float32]:
        scores = self.follows + np.float32(attributes) * self.resembles
        return scores if self.own is None else scores + np.float32(own) * self.own


@BASELINES.register("graph")
class Graph:
    """An untrained item graph; on sparse data stronger than most trained sequence models."""

    name = "item graph"

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the task ranks items."""
        return examples.output == "ranking" and division.events is not None

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return ranks and lists."""
        assert division.events is not None, "the graph needs events"
        mask = masks_seen(examples, division)
        scorer = _Scorer(examples, division, personal=not mask)
        shares = _tuned(scorer, examples, mask)
        return ranked(lambda block: scorer.parts(block).mixed(*shares), examples, division, at=at, mask=mask)


class _Scorer:
    def __init__(self, examples: Examples, division: Division, *, personal: bool) -> None:
        assert division.events is not None, "the graph needs events"
        self.examples, self.personal = examples, personal
        self.pasts = Pasts(division.events)
        self.transitions = transitions(division.events)
        self.similar = similar_items(division)
        count_I = training_counts(division)
        # Far below any count of pairs: it only orders items that the graph knows nothing about.
        self.tie_I = (1e-7 * count_I / max(count_I.max(initial=0.0), 1.0)).astype(np.float32)

    def parts(self, block: NDArray[np.int64]) -> _Parts:
        num_items = len(self.tie_I)
        recent = self.pasts.of(self.examples, block, last=RECENT)
        query = recent.matrix(DECAY**recent.age, num_items)
        own = None
        if self.personal:
            whole = self.pasts.of(self.examples, block)
            frequency = whole.matrix(OWN_DECAY**whole.age, num_items).toarray()
            own = frequency / np.maximum(frequency.sum(axis=1, keepdims=True), 1e-9)
        follows = (query @ self.transitions).toarray() + self.tie_I
        resembles = (query @ self.similar).toarray() if self.similar is not None else np.zeros_like(follows)
        return _Parts(follows, resembles, own)


def transitions(events: EventIndex) -> sparse.csr_array:
    """Return (I, I): how often the column followed the row in training, as shrunk shares."""
    known = (events.part_N == TRAIN) & (events.item_N >= 0)
    user, item = events.user_N[known], events.item_N[known]
    num_items = len(events.items)
    pairs = sparse.csr_array((num_items, num_items), dtype=np.float32)
    for lag in range(1, LAGS + 1):
        same = user[lag:] == user[:-lag]
        source, target = item[:-lag][same], item[lag:][same]
        weight = np.full(len(source), 1.0 / lag, np.float32)
        pairs = pairs + sparse.coo_array((weight, (source, target)), shape=pairs.shape).tocsr()
    total_I = np.asarray(pairs.sum(axis=1)).ravel()
    return (sparse.diags_array((1.0 / (total_I + SHRINK)).astype(np.float32)) @ pairs).tocsr()


def _tuned(scorer: _Scorer, examples: Examples, mask: bool) -> tuple[float, float]:
    """The shares of attributes and of own frequency with the best discounted gain on questions of validation half A."""
    valid = choosing(examples, most=TUNED_ON)
    if len(valid) == 0:
        return ATTRIBUTE_SHARES[1], OWN_SHARES[2]
    parts = scorer.parts(valid)
    target = examples.label.to_numpy()[valid]
    seen = scorer.pasts.of(examples, valid).by_row() if mask else None
    choices = product(ATTRIBUTE_SHARES if scorer.similar is not None else (0.0,), (0.0,) if mask else OWN_SHARES)

    def gain(shares: tuple[float, float]) -> float:
        rank = target_ranks(parts.mixed(*shares), target, seen=seen)
        return float((1.0 / np.log2(rank + 2.0)).mean())

    return max(choices, key=gain)
