"""What a user already had, as a list per question: what a ranking that lets items return looks at."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Past:
    """P pairs of a question and an item of its history, sorted by question.

    row_p: the question. item_p: index + 1. count_p: how often the item stands in the history. nearness_p: 1 / how
    many events ago it was last.
    """

    row_p: Tensor
    item_p: Tensor
    count_p: Tensor
    nearness_p: Tensor

    def take(self, index: Tensor, size: int) -> Past:
        """Return the pairs of the chosen questions (`index`, of `size`), numbered anew."""
        place = torch.full((size,), -1, dtype=torch.int64, device=index.device)
        place[index] = torch.arange(len(index), device=index.device)
        row = place[self.row_p]
        kept = row >= 0
        row, order = row[kept].sort(stable=True)
        return Past(row, self.item_p[kept][order], self.count_p[kept][order], self.nearness_p[kept][order])

    def between(self, begin: int, end: int) -> Past:
        """Return the pairs of questions begin … end − 1, numbered from 0."""
        low, high = torch.searchsorted(self.row_p, torch.tensor([begin, end], device=self.row_p.device)).tolist()
        cut = slice(low, high)
        return Past(self.row_p[cut] - begin, self.item_p[cut], self.count_p[cut], self.nearness_p[cut])


def past_of(item_BL: Tensor, state_n: Tensor, *, window: int) -> Past:
    """Return the pasts of n questions.

    item_BL: items of the histories (index + 1, 0 for none). state_n: b · (L + 1) + t, a token that has read t events.
    window: how many of the last events count.
    """
    width = item_BL.shape[1]
    if width == 0 or len(state_n) == 0:
        none = torch.zeros(0, dtype=torch.int64, device=item_BL.device)
        return Past(none, none, none.float(), none.float())
    row, read = state_n // (width + 1), state_n % (width + 1)
    ago = read[:, None] - torch.arange(width, device=item_BL.device)
    items = item_BL[row]
    known = (ago > 0) & (ago <= window) & (items > 0)
    question = torch.arange(len(state_n), device=item_BL.device)[:, None].expand_as(items)[known]
    span = int(item_BL.max()) + 1
    pair, place = torch.unique(question * span + items[known], return_inverse=True)
    count = torch.bincount(place, minlength=len(pair)).float()
    nearness = torch.zeros(len(pair), device=item_BL.device)
    nearness.scatter_reduce_(0, place, 1.0 / ago[known].float(), reduce="amax")
    return Past(pair // span, pair % span, count, nearness)
