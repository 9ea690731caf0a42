"""The item tower: one space for items with text, with attributes, with a past, and for those without."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.inputs import ItemTensors
from motet.model.shape import ModelShape
from motet.model.trunk.columns import ColumnSum

COUNT_HALF = 3.0
"""An item seen this often trusts half of its own correction."""
ITEM_DROPOUT = 0.1
PAST_DROPOUT = 0.5


def known_rows(table: Tensor, ids: Tensor) -> Tensor:
    """Return the table's rows; an item that came after training has the row of no item."""
    return F.embedding(torch.where(ids < len(table), ids, 0), table)


class ItemTower(nn.Module):
    """e_i = γ · LN(P·t_i + attributes_i + g(n_i)·Δ_i), with g(n) = n / (n + 3).

    Δ is a correction per item, zero at the start and dropped out for a tenth of the items in a step, so that an item
    nobody has seen is scored from its text and attributes alone, in the same space. Row 0 is nothing and stays zero.
    """

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        width = shape.width
        self.scale = width**0.5
        self.text = nn.Linear(shape.item_text, width, bias=False) if shape.item_text else None
        if self.text is not None:
            nn.init.zeros_(self.text.weight)
            with torch.no_grad():
                self.text.weight.fill_diagonal_(1.0)
        self.attributes = None if shape.item_columns.empty else ColumnSum(shape.item_columns, width, scale=0.1)
        self.delta = nn.Embedding(shape.num_items + 1, width)
        described = self.text is not None or self.attributes is not None
        nn.init.normal_(self.delta.weight, std=0.01 if described else 0.3)
        self.norm = nn.LayerNorm(width, bias=False)
        nn.init.constant_(self.norm.weight, width**-0.5)

    def forward(self, items: ItemTensors, ids: Tensor | None = None) -> Tensor:
        """Return (n, width) vectors of the chosen items (index + 1), or of all with row 0 zero."""
        if ids is None:
            ids = torch.arange(items.count.shape[0], device=items.count.device)
        gate = items.count[ids] / (items.count[ids] + COUNT_HALF)
        if self.training:
            gate = gate * (torch.rand_like(gate) >= ITEM_DROPOUT)
        content = self._content(items.text, items.plain, ids)
        return self._norm(content + gate[:, None] * known_rows(self.delta.weight, ids), ids)

    def masked(self, items: ItemTensors, ids: Tensor) -> list[Tensor]:
        """Return [what the items are, what their past says], for questions about the items themselves; (n, width) each.

        The first is made without the columns that are labels. The second is the correction, read without gradient:
        behaviour may inform a label, but a label may not be memorised. It is dropped out for half of the items in a
        step, so that an item without a past is answered as well.
        """
        content = self._norm(self._content(items.text_masked, items.plain_masked, ids), ids) * self.scale
        gate = items.count[ids] / (items.count[ids] + COUNT_HALF)
        if self.training:
            gate = gate * (torch.rand_like(gate) >= PAST_DROPOUT)
        return [content, gate[:, None] * known_rows(self.delta.weight.detach(), ids)]

    def of_texts(self, text_nD: Tensor) -> Tensor:
        """Return the vectors of texts as if each were an item of which nothing else is known, (n, width)."""
        assert self.text is not None
        return self.norm(self.text(text_nD))

    def _content(self, text: Tensor, plain: object, ids: Tensor) -> Tensor:
        out = torch.zeros(ids.shape[0], self.delta.embedding_dim, device=ids.device)
        if self.text is not None:
            out = out + self.text(text[ids])
        if self.attributes is not None:
            out = out + self.attributes(plain.take(ids))  # type: ignore[attr-defined]
        return out

    def _norm(self, vectors: Tensor, ids: Tensor) -> Tensor:
        return self.norm(vectors) * (ids > 0)[:, None]
