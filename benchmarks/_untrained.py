"""Rankings that nobody trains: popularity, item-kNN, EASE, and a graph of what followed what with likeness of words.

Each is fitted on training events, tries settings on at most 4,000 validation questions by ndcg@10, and answers the test
questions once. Ranks come from the same code as the network's: the whole catalogue, ties against the method. Where
items may return, every method may add the user's own decayed shares.
"""

# U = users, I = items of the catalogue, B = questions of a block

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack

from motet.baseline._past import Past, Pasts, training_counts
from motet.baseline._rank import ranked
from motet.data import Division
from motet.features.item_words import words_of_items
from motet.schema import TRAIN, VALID
from motet.tasks import Examples, target_ranks

Rows = NDArray[np.int64]
Scores = NDArray[np.float32]
Config = Mapping[str, Any]
TUNED_ON, SEARCHED_ON = 4_000, 2_000
CELLS = 4_000_000
RECENT, LAGS, OWN_DECAY = 5, 5, 0.98
LARGEST_SQUARE = 20_000
"""EASE holds two dense squares of the catalogue: of more items than this it is left out, and that is said."""


@dataclass(frozen=True)
class World:
    """A ranking task and its divided data. mask: whether items of the past leave the list."""

    examples: Examples
    division: Division
    mask: bool

    @cached_property
    def pasts(self) -> Pasts:
        """Histories of questions."""
        assert self.division.events is not None
        return Pasts(self.division.events)

    @property
    def num_items(self) -> int:
        """Return the size of the catalogue."""
        assert self.division.events is not None
        return len(self.division.events.items)

    @cached_property
    def counts(self) -> Scores:
        """How often each item was chosen in training."""
        return training_counts(self.division).astype(np.float32)

    @cached_property
    def had(self) -> sparse.csr_array:
        """1 where a user chose an item in training."""
        events = self.division.events
        assert events is not None
        inside = (events.part_N == TRAIN) & (events.item_N >= 0)
        cells = (np.ones(int(inside.sum()), np.float32), (events.user_N[inside], events.item_N[inside]))
        return _ones(sparse.coo_array(cells, shape=(len(events.users), self.num_items)).tocsr())

    @cached_property
    def together(self) -> sparse.csr_array:
        """How many users chose both, in training."""
        return (self.had.T @ self.had).tocsr()

    @cached_property
    def follows(self) -> list[sparse.csr_array]:
        """For each distance, how often the column came so many training events after the row."""
        events = self.division.events
        assert events is not None
        inside = (events.part_N == TRAIN) & (events.item_N >= 0)
        user_N, item_N = events.user_N[inside], events.item_N[inside]
        found = []
        for lag in range(1, LAGS + 1):
            same = user_N[lag:] == user_N[:-lag]
            pairs = (item_N[:-lag][same], item_N[lag:][same])
            cells = (np.ones(int(same.sum()), np.float32), pairs)
            found.append(sparse.coo_array(cells, shape=(self.num_items, self.num_items)).tocsr())
        return found

    @cached_property
    def words(self) -> sparse.csr_array | None:
        """Words and attributes of the items, weighted by rarity, of length one; None where there is none."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = words_of_items(self.division)
        if words is None or words.drop_nulls().len() == 0:
            return None
        weigh = TfidfVectorizer(binary=True, smooth_idf=False, dtype=np.float32)
        return sparse.csr_array(weigh.fit_transform(words.fill_null("").to_list()))

    def recent(self, at: Rows, decay: float) -> sparse.csr_array:
        """Return (B, I): the last items of the histories, each earlier one counting less."""
        past = self.pasts.of(self.examples, at, last=RECENT)
        return past.matrix(decay**past.age, self.num_items)

    def chosen(self, at: Rows) -> sparse.csr_array:
        """Return (B, I): 1 for the items of the histories."""
        past = self.pasts.of(self.examples, at)
        return _ones(past.matrix(np.ones(len(past.item)), self.num_items))

    def own(self, at: Rows) -> Scores:
        """Return (B, I): decayed shares of the items in the users' own pasts."""
        past: Past = self.pasts.of(self.examples, at)
        dense: Scores = past.matrix(OWN_DECAY**past.age, self.num_items).toarray()
        return dense / np.maximum(dense.sum(axis=1, keepdims=True), 1e-9)

    def gain(self, score: Callable[[Rows], Scores], at: Rows) -> float:
        """Return ndcg@10 of scores on the questions `at`."""
        label, total, size = self.examples.label.to_numpy(), 0.0, max(1, CELLS // self.num_items)
        for begin in range(0, len(at), size):
            block = at[begin : begin + size]
            seen = self.pasts.of(self.examples, block).by_row() if self.mask else None
            rank = target_ranks(score(block), label[block], seen=seen)
            total += float((1.0 / np.log2(rank[rank < 10] + 2.0)).sum())
        return total / max(1, len(at))


@dataclass(frozen=True)
class Tuned:
    """A method with its chosen settings. score: rows of examples → (B, I). cpu_seconds: fitting and choosing."""

    name: str
    config: dict[str, Any]
    tried: int
    valid: float
    cpu_seconds: float
    score: Callable[[Rows], Scores]

    def ranks(self, world: World, at: Rows, *, mask: bool) -> Rows:
        """Return the ranks of the targets of the questions `at`."""
        found = ranked(self.score, world.examples, world.division, at=at, mask=mask).rank_n
        assert found is not None, "a ranking has ranks"
        return found


def popularity(world: World) -> Callable[..., Callable[[Rows], Scores]]:
    """What is chosen most, for everyone."""
    return lambda: lambda at: np.tile(world.counts, (len(at), 1))


def item_knn(world: World) -> Callable[..., Callable[[Rows], Scores]]:
    """Sums, over the history, of how often two items are chosen by the same users, shrunk and made even."""
    pairs = world.together.tocoo()
    row, column = pairs.coords
    other = row != column
    row, column, both = row[other], column[other], pairs.data[other]

    def make(shrink: float, power: float) -> Callable[[Rows], Scores]:
        value = both / ((world.counts[row] * world.counts[column]) ** power + shrink)
        near = sparse.coo_array((value.astype(np.float32), (row, column)), shape=pairs.shape).tocsr()
        return lambda at: (world.chosen(at) @ near).toarray()

    return make


def ease(world: World) -> Callable[..., Callable[[Rows], Scores]]:
    """The linear autoencoder with a closed form (Steck 2019, arXiv:1905.03375)."""

    def make(ridge: float) -> Callable[[Rows], Scores]:
        square = np.asfortranarray(world.together.toarray(), np.float32)
        square[np.diag_indices_from(square)] += np.float32(ridge)
        factor, failed = lapack.spotrf(square, lower=1, overwrite_a=1)
        inverse, failed_too = lapack.spotri(factor, lower=1, overwrite_c=1)
        assert not failed and not failed_too, "a ridge is positive definite"
        weight = np.tril(inverse)
        weight += np.tril(inverse, -1).T
        del factor, inverse
        weight /= -np.diag(weight).copy()[None, :]
        np.fill_diagonal(weight, 0.0)
        return lambda at: np.asarray(world.chosen(at) @ weight, np.float32)

    return make


def graph(world: World) -> Callable[..., Callable[[Rows], Scores]]:
    """What followed the last items, as shrunk shares, and what is like them in words (compare arXiv:2605.07125).

    window: events between two items at most. rev: how much what came before counts. shrink: counts that a row needs
    before half of it is believed. power: how far popularity is taken out. decay, like_decay: per item back. like: how
    much likeness counts.
    """
    words = world.words
    tie_I = (1e-7 * world.counts / max(1.0, float(world.counts.max(initial=0.0)))).astype(np.float32)

    def make(
        window: int, rev: float, shrink: float, power: float, decay: float, like: float, like_decay: float
    ) -> Callable[[Rows], Scores]:
        count = world.follows[0]
        for lag in range(2, window + 1):
            count = count + world.follows[lag - 1] * np.float32(1.0 / lag)
        if rev:
            count = count + count.T * np.float32(rev)
        share = 1.0 / (np.asarray(count.sum(axis=1)).ravel() + shrink)
        plain = 1.0 / np.maximum(world.counts, 1.0) ** power
        step = (sparse.diags_array(share) @ count @ sparse.diags_array(plain)).tocsr().astype(np.float32)

        def score(at: Rows) -> Scores:
            found = (world.recent(at, decay) @ step).toarray() + tie_I
            if like and words is not None:
                found += np.float32(like) * ((world.recent(at, like_decay) @ words) @ words.T).toarray()
            return found

        return score

    return make


START = {"window": 1, "rev": 0.0, "shrink": 5.0, "power": 0.0, "decay": 0.7, "like": 0.1, "like_decay": 0.7}
SPACE = {
    "window": (1, 2, 3, 5),
    "rev": (0.0, 0.1, 0.3, 1.0),
    "shrink": (1.0, 5.0, 20.0, 50.0),
    "power": (0.0, 0.2, 0.4),
    "decay": (0.4, 0.7, 1.0),
    "like": (0.0, 0.003, 0.01, 0.03, 0.1, 0.2),
    "like_decay": (0.4, 0.7, 1.0),
}
AGAIN = ("window", "rev", "like", "shrink")
"""The graph's settings, which are improved one after the other, and those that are gone through twice."""
GRIDS: dict[str, list[dict[str, Any]]] = {
    "popularity": [{}],
    "item-kNN": [{"shrink": s, "power": p} for s, p in itertools.product((0.0, 5.0, 20.0), (0.3, 0.5))],
    "EASE": [{"ridge": ridge} for ridge in (30.0, 100.0, 300.0)],
}
MAKERS = {"popularity": popularity, "item-kNN": item_knn, "EASE": ease, "untrained graph": graph}
OWN = (0.0, 0.1, 0.3, 1.0, 3.0)


def tune(name: str, world: World) -> Tuned | None:
    """Return a method at its best validation settings; None for EASE on a catalogue that is too large for it."""
    if name == "EASE" and world.num_items > LARGEST_SQUARE:
        return None
    began = time.process_time()
    valid = np.flatnonzero(world.examples.part_n == VALID)
    valid = valid[world.examples.label.to_numpy()[valid] >= 0]
    make = MAKERS[name](world)
    search = _coordinates(world, make, _some(valid, SEARCHED_ON)) if name not in GRIDS else _grid(name, make)
    best, score, most, tried = {}, None, -1.0, 0
    for config, made in search:
        value = world.gain(made, _some(valid, TUNED_ON))
        tried += 1 if name in GRIDS else 1 + sum(len(SPACE[key]) - 1 for key in (*SPACE, *AGAIN))
        if value > most:
            best, score, most = config, made, value
    assert score is not None, "something was tried"
    if not world.mask:
        best, score, most = _with_own(world, best, score, _some(valid, TUNED_ON))
        tried += len(OWN)
    return Tuned(name, best, tried, most, time.process_time() - began, score)


def _grid(name: str, make: Callable[..., Callable[[Rows], Scores]]) -> Iterator[tuple[dict[str, Any], Any]]:
    for config in GRIDS[name]:
        yield config, make(**config)


def _coordinates(
    world: World, make: Callable[..., Callable[[Rows], Scores]], at: Rows
) -> Iterator[tuple[dict[str, Any], Any]]:
    """The settings that going through one coordinate after the other ends with."""
    best, most = dict(START), world.gain(make(**START), at)
    for key in (*SPACE, *AGAIN):
        for value in SPACE[key]:
            config = {**best, key: value}
            if config != best:
                gain = world.gain(make(**config), at)
                best, most = (config, gain) if gain > most else (best, most)
    yield best, make(**best)


def _with_own(
    world: World, config: dict[str, Any], score: Callable[[Rows], Scores], at: Rows
) -> tuple[dict[str, Any], Callable[[Rows], Scores], float]:
    """Return the method with the weight of the own past that does best; scores are brought to one scale first."""

    def mixed(own: float) -> Callable[[Rows], Scores]:
        def both(block: Rows) -> Scores:
            plain = score(block)
            top = np.maximum(np.abs(plain).max(axis=1, keepdims=True), 1e-9)
            return plain / top + np.float32(own) * world.own(block)

        return both if own else score

    gain = {own: world.gain(mixed(own), at) for own in OWN}
    own = max(gain, key=lambda each: gain[each])
    return {**config, "own": own}, mixed(own), gain[own]


def _some(rows: Rows, most: int) -> Rows:
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def _ones(matrix: sparse.csr_array) -> sparse.csr_array:
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
