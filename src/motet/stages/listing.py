"""The best items of many questions, by selection: a full ranking should cost little more than its scores."""

# B = questions of a block, I = items, K = items of a list

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from motet.tasks.ranking import top_items


@torch.inference_mode()
def best_items(scores_BI: Tensor, k: int, *, seen: Sequence[NDArray[np.integer]] | None = None) -> NDArray[np.int32]:
    """Return the indices (B, min(k, I)) of the best items, best first: those of `tasks.ranking.top_items`.

    One place more than asked for is selected: only where it is tied with the last one, or where a score is no number,
    does a row have to be sorted as a whole. Seen items are struck out of the scores in place.
    """
    num_items = scores_BI.shape[1]
    k = min(k, num_items)
    if seen is not None:
        _strike(scores_BI, seen)
    if k == 0 or len(scores_BI) == 0:
        return np.zeros((len(scores_BI), k), np.int32)
    value, index = scores_BI.topk(min(k + 1, num_items), dim=1)
    unsure = value[:, 0].isnan()  # a number of its own kind, which topk puts first
    if num_items > k:
        unsure |= value[:, k - 1] == value[:, k]
    index, order = index[:, :k].sort(dim=1)
    order = value[:, :k].gather(1, order).sort(dim=1, descending=True, stable=True).indices
    top = index.gather(1, order).cpu().numpy().astype(np.int32)
    rows = torch.nonzero(unsure)[:, 0]
    if len(rows):
        top[rows.cpu().numpy()] = top_items(scores_BI[rows].cpu().numpy(), k)
    return top


def _strike(scores_BI: Tensor, seen: Sequence[NDArray[np.integer]]) -> None:
    row = np.repeat(np.arange(len(seen)), [len(items) for items in seen])
    item = np.concatenate([*seen, np.zeros(0, np.int64)]).astype(np.int64)
    key = torch.from_numpy(row[item >= 0] * scores_BI.shape[1] + item[item >= 0]).to(scores_BI.device)
    scores_BI.view(-1)[key] = -torch.inf
