"""Who may stand among the first ten: what a ranking's gate is chosen on.

Of a catalogue only a few items can reach a list, however the memory is believed: the network's best, what is recalled,
and the target. So the network is asked once, and a gate is tried on a few hundred pairs per question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from motet.model.heads._mix import Gate, parts_of
from motet.model.predict import Predictor, Ranking
from motet.stages.answer import RANK_CELLS, seen_items
from motet.stages.study import Study
from motet.stages.together import batches_of

LIST = 10

Keys = NDArray[np.int64]


@dataclass(frozen=True)
class Rivals:
    """P pairs of a question and an item that may stand among the first ten.

    row_p: the question, rising. p_p: the network's probability. target_n: where each row's target stands among the
    pairs. least_n: the least of the network's best; below it there is no place on the list. places: where what each
    part recalls stands among the pairs, P for nowhere. asked: the questions.
    """

    row_p: Keys
    p_p: NDArray[np.float32]
    target_n: Keys
    least_n: NDArray[np.float32]
    places: tuple[Keys, ...]
    asked: Ranking
    num_items: int

    def values(self, gate: Gate) -> NDArray[np.float32]:
        """Return (P, 3): follows, resembles and own of each pair, by a gate's graph and not yet weighed."""
        found = np.zeros((len(self.row_p) + 1, len(self.places)), np.float32)
        for column, (place, part) in enumerate(zip(self.places, _parts(self.asked, self.num_items, gate), strict=True)):
            found[place, column] = part.data
        return found[:-1]

    def gain(self, extra_p: NDArray[np.float32]) -> float:
        """Return the summed discounted gain at ten when so much is added to each pair; ties count against us."""
        score_p = self.p_p + extra_p
        own_n = score_p[self.target_n]
        rank_n = np.bincount(self.row_p[score_p >= own_n[self.row_p]], minlength=len(own_n)) - 1
        listed = (rank_n < LIST) & (own_n >= self.least_n)
        return float((1.0 / np.log2(rank_n[listed] + 2.0)).sum())


def rivals(study: Study, predictor: Predictor, task: str, chosen: NDArray[np.int64]) -> Iterator[Rivals]:
    """Return the rivals of the chosen questions of a ranking, piece by piece; all have a target in the catalogue."""
    num_items = study.shape.num_items
    step = max(1, RANK_CELLS // num_items)
    for place, batch in batches_of(study, task, chosen):
        states = predictor.ranking_states(task, batch)
        for begin in range(0, len(place), step):
            part, asked = chosen[place[begin : begin + step]], states[begin : begin + step]
            target = study.examples[task].label.gather(part).to_numpy()
            yield _rivals(predictor.ranking_scores(task, asked), asked, target, seen_items(study, task, part))


@torch.inference_mode()
def _rivals(scores_nI: Tensor, asked: Ranking, target_n: Keys, seen: Sequence[NDArray[np.integer]] | None) -> Rivals:
    n, num_items = scores_nI.shape
    p_nI = scores_nI.float().softmax(dim=1)
    start_n = np.arange(n) * num_items
    if seen is not None:
        key = np.concatenate([start + items[items >= 0] for start, items in zip(start_n, seen, strict=True)])
        goal = torch.from_numpy(start_n + target_n).to(p_nI.device)
        kept = p_nI.view(-1)[goal]
        p_nI.view(-1)[torch.from_numpy(key).to(p_nI.device)] = -1.0
        p_nI.view(-1)[goal] = kept
    best = p_nI.topk(min(LIST + 1, num_items), dim=1)
    told = [_keys(part) for part in _parts(asked, num_items, Gate())]
    listed = (best.indices.cpu().numpy() + start_n[:, None]).ravel()
    key_p = np.sort(np.concatenate([listed, start_n + target_n, *told]), kind="stable")
    key_p = key_p[np.diff(key_p, prepend=-1) > 0]
    p_p = p_nI.view(-1)[torch.from_numpy(key_p).to(p_nI.device)].cpu().numpy()
    key_p, p_p = key_p[p_p >= 0], p_p[p_p >= 0]
    return Rivals(
        row_p=key_p // num_items,
        p_p=p_p,
        target_n=np.searchsorted(key_p, start_n + target_n),
        least_n=best.values[:, -1].cpu().numpy(),
        places=tuple(_found(key_p, each) for each in told),
        asked=asked,
        num_items=num_items,
    )


def _parts(asked: Ranking, num_items: int, gate: Gate) -> tuple[sparse.csr_array, ...]:
    """What is recalled, in the order of a gate's weights; the same pairs in the same order by any gate's graph."""
    assert asked.recall is not None, "a ranking with a memory recalls"
    parts = parts_of(asked.recall, asked.past, num_items, gate)
    for part in (parts.follows, parts.resembles, parts.own):
        part.sort_indices()
    return parts.follows, parts.resembles, parts.own


def _keys(part: sparse.csr_array) -> Keys:
    row_p = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
    keys: Keys = row_p * part.shape[1] + part.indices
    return keys


def _found(key_p: Keys, wanted: Keys) -> Keys:
    """Where the wanted keys stand among P rising ones, P for nowhere."""
    place = np.searchsorted(key_p, wanted)
    place[key_p[np.minimum(place, len(key_p) - 1)] != wanted] = len(key_p)
    return place
