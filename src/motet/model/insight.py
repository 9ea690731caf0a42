"""What a torch scorer can tell of its own scores: what they lose when an item says less, and what the memory adds.

Everything is asked about one item at a time: all other items, and the user's history, stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from motet.features.columns import ColumnState
from motet.features.memory import RESEMBLES
from motet.model.heads._mix import parts_of
from motet.model.heads.ranking import RankingHead
from motet.model.inputs import FeatureTensors, ItemTensors, PlainTensors
from motet.model.predict import Predictor, Ranking
from motet.model.trunk import Trunk
from motet.model.trunk.past import Past
from motet.recommend.insight import MEMORY, TEXT

if TYPE_CHECKING:
    from motet.model.histories import States
    from motet.model.runtime import TorchScorer

CELLS = 8_000_000
"""Scores that are held at once."""


def traits(scorer: TorchScorer) -> Sequence[str]:
    """Return what can be blanked of items: their text, where it is read, and each of their columns."""
    items, state = scorer._served.items, scorer._served.state
    if items is None or state.items is None:
        return ()
    reads = any(model.shape.item_text for model in scorer._served.models.values())
    return ([TEXT] if reads else []) + state.items.columns


@torch.inference_mode()
def blanked_scores(
    scorer: TorchScorer, task: str, states: States, items_Bn: NDArray[np.int32], trait: str
) -> NDArray[np.float32]:
    """Return a task's answers about n items per user, each of which alone lacks a trait.

    trait: one of `traits`, or the memory, which then says nothing. Of a ranking: log-probabilities (B, n); else as
    `task_scores` returns them.
    """
    if scorer.tasks[task].output != "ranking":
        return scorer._judged(task, states, items_Bn, lambda known: _blank(scorer, known, items_Bn, trait))
    predictor = scorer._predictor(task, states.tensors)
    ranking = _ranking(scorer, task, states, predictor)
    temperature = scorer.temperature(task)
    if trait == MEMORY:
        scores = predictor.ranking_scores(task, replace(ranking, recall=None)).float() / temperature
        return np.take_along_axis(scores.log_softmax(1).cpu().numpy(), items_Bn.astype(np.int64), axis=1)
    vectors = _blank(scorer, predictor, items_Bn, trait).swapped_in(task).view(*items_Bn.shape, -1)
    head, catalogue = predictor.model.head(task), predictor.catalogue(task)
    assert isinstance(head, RankingHead) and catalogue is not None
    found = np.zeros(items_Bn.shape, np.float32)
    step = max(1, CELLS // len(catalogue))
    for b, items in enumerate(torch.from_numpy(items_Bn.astype(np.int64)).to(scorer._device)):
        for begin in range(0, len(items), step):
            some = items[begin : begin + step]
            one = _copies(ranking, b, len(some))
            swapped = (some, vectors[b, begin : begin + step])
            scores = head.compare(one.states_nd, one.past, catalogue, recall=one.recall, swapped=swapped)
            log = (scores.float() / temperature).log_softmax(1)
            found[b, begin : begin + step] = log.gather(1, some[:, None])[:, 0].cpu().numpy()
    return found


@torch.inference_mode()
def memory_share(scorer: TorchScorer, states: States, items_Bn: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """Return (B, n): the share of what speaks for an item, before all items are weighed against each other, that only
    the memory says; None where the ranking has no memory.
    """
    task = next((name for name, view in scorer.tasks.items() if view.output == "ranking"), None)
    if task is None or states.recall is None:
        return None
    predictor = scorer._predictor(task, states.tensors)
    head = predictor.model.head(task)
    assert isinstance(head, RankingHead)
    ranking, place = _ranking(scorer, task, states, predictor), items_Bn.astype(np.int64)
    if head.mix is not None and not head.mix.get().shut:
        gate = head.mix.get()
        plain = predictor.ranking_scores(task, replace(ranking, recall=None)).float().softmax(1).cpu().numpy()
        extra = parts_of(states.recall, ranking.past, plain.shape[1], gate).mixed(gate).toarray()
        own, added = (np.take_along_axis(each, place, axis=1) for each in (plain, extra))
        return (added / np.maximum(own + added, 1e-38)).astype(np.float32)
    if head.memory is not None:
        pairs, trust = states.recall.pairs(), head.memory.weights().cpu().numpy()
        added = np.zeros((len(items_Bn), predictor.model.shape.num_items), np.float32)
        weight_p = np.where(pairs.kind_p == RESEMBLES, trust[1], trust[0])
        np.add.at(added, (pairs.row_p, pairs.item_p), weight_p * pairs.value_p)
        known = np.minimum(place, added.shape[1] - 1)
        value = np.where(place < added.shape[1], np.take_along_axis(added, known, axis=1), 0.0)
        return (-np.expm1(-value)).astype(np.float32)
    return None


class Blank(Predictor):
    """Answers as if some items of the catalogue said less; the same items in histories stay as they are."""

    def __init__(self, known: Predictor, tensors: FeatureTensors, rows: Tensor, trait: str, state: ColumnState) -> None:
        super().__init__(known.model, tensors)
        self._known, self._rows, self._trait, self._state = known, rows, trait, state

    def vectors(self, trunk: Trunk) -> Tensor | None:
        """Return the catalogue's vectors with the blanked items in place, and behind them what these were before."""
        found, before = self._with_blanked(trunk), self._known.vectors(trunk)
        return None if found is None or before is None else torch.cat([found, before[self._rows]])

    def swapped_in(self, task: str) -> Tensor:
        """Return the blanked items' vectors as a ranking sees them, (n, d)."""
        trunk = self.model.sharing.trunk_of(task)
        seen = self.model.catalogue(task, self._with_blanked(trunk), self._with_blanked)
        assert seen is not None
        return seen[self._rows]

    def _with_blanked(self, trunk: Trunk) -> Tensor | None:
        before = self._known.vectors(trunk)
        if before is None or trunk.items is None:
            return before
        with torch.inference_mode():
            found = before.clone()
            items = blanked_items(trunk.known_items(self.tensors), self._rows, self._trait, self._state)
            found[self._rows] = trunk.items(items, self._rows)
        return found


def _blank(scorer: TorchScorer, known: Predictor, items_Bn: NDArray[np.int32], trait: str) -> Blank:
    assert scorer._items is not None and scorer._served.state.items is not None
    rows = torch.from_numpy(items_Bn.reshape(-1).astype(np.int64) + 1).to(scorer._device)
    tensors = known.tensors
    if tensors.events is not None:  # histories see the items behind the catalogue, which are as they were
        size = len(scorer._items.count)
        seen = torch.arange(size, device=rows.device)
        seen[rows] = size + torch.arange(len(rows), device=rows.device)
        tensors = replace(tensors, events=replace(tensors.events, item_N=seen[tensors.events.item_N]))
    return Blank(known, tensors, rows, trait, scorer._served.state.items)


def blanked_items(items: ItemTensors, rows: Tensor, trait: str, state: ColumnState) -> ItemTensors:
    """Return the catalogue in which the items of `rows` (index + 1) have no text, or nothing in one column."""
    if trait == TEXT:
        text = items.text.clone()
        text[rows] = 0.0
        return replace(items, text=text)
    return replace(items, plain=blanked_plain(items.plain, rows, trait, state))


def blanked_plain(plain: PlainTensors, rows: Tensor, column: str, state: ColumnState) -> PlainTensors:
    """Return encoded rows, of which some have nothing in one column."""
    nothing = state.encode(pl.DataFrame({"@": [0]}))
    if column in state.categories:
        codes, place = plain.codes_nC.clone(), list(state.categories).index(column)
        codes[rows, place] = int(nothing.codes_nC[0, place])
        return replace(plain, codes_nC=codes)
    if column in state.numbers:
        bins, part = plain.bins_nB.clone(), bins_of(state.numbers, column)
        bins[rows, part] = torch.from_numpy(nothing.bins_nB[0, part]).to(bins)
        return replace(plain, bins_nB=bins)
    own = torch.tensor([tag.startswith(f"{column}=") for tag in state.tags], device=rows.device)
    num = len(plain.tag_starts) - 1
    chosen = torch.zeros(num, dtype=torch.bool, device=rows.device)
    chosen[rows] = True
    row_of = torch.repeat_interleave(torch.arange(num, device=rows.device), plain.tag_starts.diff())
    kept = ~(chosen[row_of] & own[plain.tag_ids]) if len(plain.tag_ids) else torch.zeros(0, dtype=torch.bool)
    starts = torch.zeros_like(plain.tag_starts)
    starts[1:] = torch.bincount(row_of[kept], minlength=num).cumsum(0)
    return replace(plain, tag_ids=plain.tag_ids[kept], tag_starts=starts)


def bins_of(numbers: Mapping[str, tuple[float, ...]], column: str) -> slice:
    """Return where a number's bins stand among those of all numbers."""
    begin = 0
    for name, edges in numbers.items():
        if name == column:
            return slice(begin, begin + len(edges))
        begin += len(edges)
    raise KeyError(column)


def _ranking(scorer: TorchScorer, task: str, states: States, predictor: Predictor) -> Ranking:
    return predictor.ranking_states(task, scorer._ranking_batch(task, states))


def _copies(ranking: Ranking, row: int, n: int) -> Ranking:
    """One question, asked n times."""
    past = None
    if ranking.past is not None:
        one = ranking.past.between(row, row + 1)
        row_p = torch.arange(n, device=one.item_p.device).repeat_interleave(len(one.item_p))
        past = Past(row_p, *(each.repeat(n) for each in (one.item_p, one.count_p, one.nearness_p)))
    recall = None if ranking.recall is None else ranking.recall.take(np.full(n, row))
    return Ranking(ranking.states_nd[row].expand(n, -1), past, recall)
