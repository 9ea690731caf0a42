"""Next item: a softmax over the whole catalogue, tied to the item vectors."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy import sparse
from torch import Tensor, nn

from motet.features.memory import Recall
from motet.model.heads._memory import MemoryOffset
from motet.model.heads._mix import MemoryMix, parts_of
from motet.model.heads._protocol import HEADS
from motet.model.heads._repeat import Repeats
from motet.model.heads._softmax import Extra, fused_cross_entropy, sampled_cross_entropy, together
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State
from motet.model.trunk.past import Past

FULL_SOFTMAX = 50_000
"""Catalogues above this size are trained against sampled negatives."""
NEGATIVES = 2_048
SELDOM = 0.1
"""An item that came after training has the bias below which a tenth of the catalogue lies."""


@dataclass(frozen=True)
class Beyond:
    """bias_I: of every item. extra: is added to scores. mixed_nI: is mixed into probabilities (see `_mix`), or None."""

    bias_I: Tensor
    extra: Extra | None
    mixed_nI: sparse.csr_array | None


@HEADS.register("ranking")
class RankingHead(nn.Module):
    """Scores are state · item + the item's bias, and more for items that the memory recalls.

    A memory that is an offset adds to scores, in training as later; one that is mixed in adds to probabilities, when
    the model answers. Where items may return, those of the past have a score of their own as well.

    count_I: how often each item was seen, for drawing negatives.
    """

    count_I: Tensor

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape.num_items))
        self.register_buffer("count_I", torch.ones(shape.num_items), persistent=False)
        self.repeats = Repeats(shape.num_items) if task.repeats else None
        self._seldom: Tensor | None = None
        self.memory = MemoryOffset() if task.memory == "offset" else None
        self.mix = MemoryMix() if task.memory == "mix" else None

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return (n, I) scores of the catalogue."""
        return self.compare(z_nd, state.past, vectors_Id, recall=state.recall)

    def compare(
        self,
        z_nd: Tensor,
        past: Past | None,
        vectors_Id: Tensor | None,
        *,
        recall: Recall | None = None,
        swapped: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Return (n, I) scores of the catalogue for states, their pasts, and what they recall.

        swapped: one item per question, by its index, and the vector that it is to have in this question alone, (n, d).
        """
        assert vectors_Id is not None
        scores = torch.addmm(self._bias_of(len(vectors_Id) - 1), z_nd, vectors_Id[1:].t())
        if swapped is not None:
            item_n, vector_nd = swapped
            place = (torch.arange(len(item_n), device=item_n.device), item_n)
            own = (z_nd * (vector_nd - vectors_Id[1:][item_n])).sum(1)
            scores = scores.index_put(place, own, accumulate=True)
        extra = self._extra(past, recall)
        if extra is not None:
            scores = scores.index_put((extra.row_p, extra.item_p), extra.value_p, accumulate=True)
        if self.mix is None or self.training or recall is None or self.mix.get().shut:
            return scores
        return self.mix(scores, recall, past)

    def beyond(self, past: Past | None, recall: Recall | None, num_items: int) -> Beyond:
        """Return what the head adds to products of states and items, in answering, and the items' biases."""
        mixes = self.mix is not None and recall is not None and not self.mix.get().shut
        mixed = None
        if mixes:
            assert self.mix is not None and recall is not None
            mixed = parts_of(recall, past, num_items, self.mix.get()).mixed(self.mix.get()).tocsr()
        return Beyond(self._bias_of(num_items), self._extra(past, recall), mixed)

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean cross-entropy over the catalogue; labels outside it have none."""
        assert vectors_Id is not None
        known = torch.nonzero(label_n >= 0)[:, 0]
        states, target = z_nd[known], label_n[known]
        if len(target) == 0:
            return z_nd.sum() * 0.0
        past, recall = state.past, state.recall
        if len(known) < len(label_n):
            past = None if past is None else past.take(known, len(label_n))
            recall = None if recall is None else recall.take(known.cpu().numpy())
        extra = self._extra(past, recall)
        if len(self.bias) <= FULL_SOFTMAX:
            return fused_cross_entropy(states, vectors_Id[1:], self.bias, target, extra)
        return sampled_cross_entropy(
            states, vectors_Id[1:], self.bias, target, self.count_I, negatives=NEGATIVES, extra=extra
        )

    def _bias_of(self, num_items: int) -> Tensor:
        """The items' biases; those behind the trained catalogue have that of an item which hardly anybody chose."""
        later = num_items - len(self.bias)
        if later <= 0:
            return self.bias
        if self._seldom is None:  # only in serving, where biases no longer move
            self._seldom = self.bias.detach().kthvalue(1 + int(SELDOM * (len(self.bias) - 1))).values
        return torch.cat([self.bias, self._seldom.expand(later)])

    def _extra(self, past: Past | None, recall: Recall | None) -> Extra | None:
        found = []
        if self.repeats is not None and past is not None:
            found.append(Extra(past.row_p, past.item_p - 1, self.repeats(past)))
        if self.memory is not None and recall is not None:
            found.append(self.memory(recall))
        return together(found)

    def answer(self, scores: Tensor) -> Tensor:
        """Return log-probabilities (n, I)."""
        return scores.log_softmax(dim=1)
