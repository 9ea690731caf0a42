"""The best items of a large catalogue, without the score of every other one, in the torch runtime.

Three parts share the probability: items that are scored exactly (who may lead, and who the memory or the user's own
past speaks for), and all the rest, of whom only the sum of exponentials is needed. Preselection knows the rest by its
low-precision scores, the index by a sample of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from motet.errors import MissingExtra
from motet.model.heads.ranking import Beyond
from motet.model.preselect import Table, may_lead
from motet.recommend.ann import Index, build_index
from motet.recommend.port import History, Leads, Retrieval, Wanted

if TYPE_CHECKING:
    from motet.model.runtime import TorchScorer

CELLS = 2**23
"""Scores that are held at once."""
STALE = 0.05
"""Share of the items of an index that may be put since before it is built anew."""
Items = NDArray[np.int64]


class Lookup:
    """The index of a catalogue that grows, shared by all scorers that grew from one another.

    state: the index, or None, and the items that came or changed since it was begun, of whom it knows nothing, or
    nothing true. Both are replaced together, so that whoever reads them has what belongs together.
    """

    def __init__(self) -> None:
        self.state: tuple[Index | None, list[int]] = (None, [])
        self._began = False
        self._lock = threading.Lock()

    def note(self, places_n: Items) -> None:
        """Remember which items were put."""
        with self._lock:
            if self._began:
                self.state[1].extend(places_n.tolist())

    def begin(self) -> int:
        """Remember from now on which items are put; return how many are remembered so far."""
        with self._lock:
            self._began = True
            return len(self.state[1])

    def end(self, index: Index | None, since: int) -> None:
        """Take an index that was begun when `since` items were remembered; None: there is none to be used."""
        with self._lock:
            self._began = index is not None
            self.state = (index, self.state[1][since:] if index is not None else [])


@dataclass(frozen=True)
class Rest:
    """Who is not scored exactly: some scores, and how many items each of them stands for."""

    score_r: torch.Tensor
    weight: float = 1.0

    def log_sum(self, temperature: float) -> float:
        """Return the logarithm of the sum of their exponentials; minus infinity for nobody."""
        if not len(self.score_r) or self.weight <= 0:
            return -np.inf
        score = self.score_r if temperature == 1 else self.score_r / temperature
        return float(score.logsumexp(0)) + float(np.log(self.weight))


def leading(self: TorchScorer, states: Any, wanted: Sequence[Wanted | None]) -> list[Leads | None]:
    """Return, for each user for whom something is wanted, at least the best `num` allowed items.

    None for all where the catalogue is small enough to be scored as a whole.
    """
    size = len(self._served.items.count) - 1 if self._served.items is not None else 0
    task = next((name for name, view in self.tasks.items() if view.output == "ranking"), None)
    if task is None or size <= self._retrieve.whole or not any(each is not None for each in wanted):
        return [None] * len(wanted)
    predictor = self._predictor(task, states.tensors)
    ranking = predictor.ranking_states(task, self._ranking_batch(task, states))
    table = predictor.table(task)
    found: list[Leads | None] = [None] * len(wanted)
    with torch.inference_mode():
        for begin in range(0, len(wanted), step := max(1, CELLS // size)):
            piece = ranking[begin : begin + step]
            beyond = predictor.model.head(task).beyond(piece.past, piece.recall, size)  # type: ignore[attr-defined]
            asker = _Asker(table, beyond, piece.states_nd.float(), self.temperature(task), self._lookup)
            found[begin : begin + step] = asker.ask(wanted[begin : begin + step])
    return found


def prepare(self: TorchScorer, users: Callable[[], Sequence[History]]) -> Retrieval:
    """Build an index where the catalogue is large enough for one, and measure it on the states of these users.

    An index that finds too little is not used; neither is one that there are no users to measure with.
    """
    size = len(self._served.items.count) - 1 if self._served.items is not None else 0
    config = self._retrieve
    task = next((name for name, view in self.tasks.items() if view.output == "ranking"), None)
    if task is None or size <= max(config.whole, config.exact):
        return Retrieval("whole" if task is None or size <= config.whole else "exact", size)
    histories = users()
    if not histories:
        return Retrieval("exact", size, reason="There are no users to measure an index with.")
    since = self._lookup.begin()
    states = self.states(histories)
    predictor = self._predictor(task, states.tensors)
    ranking = predictor.ranking_states(task, self._ranking_batch(task, states))
    bias = predictor.model.head(task).beyond(None, None, size).bias_I  # type: ignore[attr-defined]
    vectors = predictor.table(task).vectors_Id.float().cpu().numpy()
    index = None
    try:
        index = build_index(
            vectors, bias.detach().cpu().numpy(), ranking.states_nd.float().cpu().numpy(), probes=config.probes
        )
    except MissingExtra as error:
        return Retrieval("exact", size, reason=error.message)
    finally:
        self._lookup.end(index if index is not None and index.recall >= config.recall else None, since)
    good = index.recall >= config.recall
    low = "" if good else f"The index finds {index.recall:.3f} of the first hundred, less than {config.recall:g}."
    return Retrieval("index" if good else "exact", size, index.recall, index.seconds, low)


def stale(self: TorchScorer) -> bool:
    """Return whether so many items were put since the index was built that it should be built anew."""
    index, put = self._lookup.state
    return index is not None and len(put) > max(1_000, STALE * index.size)


@dataclass(frozen=True)
class _Asker:
    """Answers for a few users."""

    table: Table
    beyond: Beyond
    z_nd: torch.Tensor
    temperature: float
    lookup: Lookup

    def ask(self, wanted: Sequence[Wanted | None]) -> list[Leads | None]:
        (index, held), own = self.lookup.state, self._spoken_for()
        put = np.array(held, np.int64)
        if index is None:
            return self._by_preselection(range(len(wanted)), wanted, own)
        found = [
            None if each is None else self._by_index(index, row, each, np.union1d(own[row], put))
            for row, each in enumerate(wanted)
        ]
        short = [row for row, each in enumerate(wanted) if each is not None and found[row] is None]
        for row, each in zip(short, self._by_preselection(short, [wanted[row] for row in short], own), strict=True):
            found[row] = each
        return found

    def _by_preselection(
        self, rows: Sequence[int], wanted: Sequence[Wanted | None], own: Sequence[Items]
    ) -> list[Leads | None]:
        if not rows:
            return []
        scores, slack = self.table.scores(self.z_nd[list(rows)], self.beyond.bias_I)
        found: list[Leads | None] = []
        for at, (row, each) in enumerate(zip(rows, wanted, strict=True)):
            if each is None:
                found.append(None)
                continue
            allowed = torch.from_numpy(each.allowed_I).to(scores.device)
            some = may_lead(scores[at], None if slack is None else slack[at], allowed, each.num)
            items = np.union1d(some.cpu().numpy(), own[row])
            rest = scores[at]
            rest[torch.from_numpy(items).to(rest.device)] = -torch.inf
            found.append(self._told(row, items, Rest(rest), each.allowed_I))
        return found

    def _by_index(self, index: Index, row: int, wanted: Wanted, other: Items) -> Leads | None:
        """None where the filters leave too few in the searched cells. other: who is scored whatever the index says."""
        size, z = len(self.table.vectors_Id), self.z_nd[row : row + 1].cpu().numpy()
        other = other[other < size]
        known = wanted.allowed_I[: index.size]
        near = index.search(z, 2 * wanted.num)[0]
        near = near[~np.isin(near, other)]
        enough = min(wanted.num, int(known.sum()) - int(known[other[other < index.size]].sum()))
        if int(known[near].sum()) < enough:
            wide = index.search(z, wanted.num + len(other), allowed_I=known)[0]
            near = np.union1d(near, wide[~np.isin(wide, other)])
            if int(known[near].sum()) < enough:
                return None
        items = np.union1d(near, other)
        sample = index.sample_s[~np.isin(index.sample_s, items)]
        scores = self._exact(row, sample)
        return self._told(row, items, Rest(scores, (size - len(items)) / max(len(sample), 1)), wanted.allowed_I)

    def _told(self, row: int, items: Items, rest: Rest, allowed_I: NDArray[np.bool_]) -> Leads:
        """The log-probabilities of items that are scored exactly."""
        score, hot = self._exact(row, items).double().cpu().numpy(), self.temperature
        shift = 0.0
        if self.beyond.extra is not None:
            mine = (self.beyond.extra.row_p == row).cpu().numpy()
            at = np.searchsorted(items, self.beyond.extra.item_p.cpu().numpy()[mine])
            np.add.at(score, at, self.beyond.extra.value_p.cpu().numpy()[mine])
        if self.beyond.mixed_nI is not None:
            part = self.beyond.mixed_nI[[row]]
            mass = np.log1p(float(part.data.sum()))
            shift = np.logaddexp(_log_sum(score), rest.log_sum(1.0)) + mass
            score -= shift
            at = np.searchsorted(items, part.indices)
            with np.errstate(divide="ignore"):
                score[at] = np.logaddexp(score[at], np.log(part.data) - mass)
        score /= hot
        log = (score - np.logaddexp(_log_sum(score), rest.log_sum(hot) - shift / hot)).astype(np.float32)
        shown = allowed_I[items]
        return Leads(items[shown].astype(np.int32), log[shown])

    def _exact(self, row: int, items: Items) -> torch.Tensor:
        at = torch.from_numpy(items).to(self.z_nd.device)
        return self.table.exact(self.z_nd[row], self.beyond.bias_I, at).float()

    def _spoken_for(self) -> list[Items]:
        """For each user, the items that the memory or the own past speaks for, rising."""
        found = []
        for row in range(len(self.z_nd)):
            parts = [np.zeros(0, np.int64)]
            if self.beyond.extra is not None:
                parts.append(self.beyond.extra.item_p[self.beyond.extra.row_p == row].cpu().numpy())
            if self.beyond.mixed_nI is not None:
                parts.append(self.beyond.mixed_nI[[row]].indices.astype(np.int64))
            found.append(np.unique(np.concatenate(parts)))
        return found


def _log_sum(score_m: NDArray[np.float64]) -> float:
    """The logarithm of the sum of exponentials; minus infinity for none."""
    most = float(score_m.max(initial=-np.inf))
    return most + float(np.log(np.exp(score_m - most).sum())) if np.isfinite(most) else -np.inf
