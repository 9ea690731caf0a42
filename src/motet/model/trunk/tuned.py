"""The language model as part of the trunk: the weights that tasks train of it, and what it makes of texts.

The language model itself is no part of the module (see `language.reader`): a model holds what it learned, adapters or
differences, and nothing else, so that checkpoints, averages and copies stay small.

Shapes: n texts, I items, T width of an item's text vector.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from motet.features.batch import Batch
from motet.model.inputs import EventTensors, ItemTensors
from motet.model.shape import LanguageShape
from motet.model.token_tensors import TokenTensors


class Tuned(nn.Module):
    """What a trunk learns of the language model; at the start it reads as the language model came.

    items, items_masked: (I + 1, T), the items' texts as the model read them at the end of the last pass. In a step a
    few items of the batch are read anew, with a gradient; all others are looked up here.
    """

    items: Tensor
    items_masked: Tensor

    def __init__(self, shape: LanguageShape, *, num_items: int, item_text: int) -> None:
        super().__init__()
        self.most = shape.items if item_text else 0
        self.weights = nn.ParameterDict(
            {_key(name): nn.Parameter(torch.zeros(size)) for name, size in shape.weights.items()}
        )
        for name, weight in self.weights.items():
            if "lora_A" in name:  # as peft draws them; the other half is zero, so that nothing changes at first
                nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
        if self.most:
            self.register_buffer("items", torch.zeros(num_items + 1, item_text))
            self.register_buffer("items_masked", torch.zeros(num_items + 1, item_text))

    def forward(self, tokens: TokenTensors, rows: Tensor) -> Tensor:
        """Return the vectors of the chosen texts, (n, width)."""
        if torch.is_inference_mode_enabled() and not self.training:
            return tokens.remembered(self.named(), rows)
        return tokens.read(self.named(), rows, training=self.training)

    def as_read(self, items: ItemTensors, *, anew: Tensor | None = None) -> ItemTensors:
        """Return the items with the texts that this language model makes of them. anew: rows to be read with a
        gradient; those that came after training always are read.
        """
        if not self.most:
            return items
        rows = [each for each in (items.changed, anew) if each is not None and len(each)]
        chosen = torch.unique(torch.cat(rows)) if rows else None
        text = self._table(self.items, items.tokens, chosen, len(items.count))
        if items.tokens_masked is items.tokens:
            masked = text
        else:
            masked = self._table(self.items_masked, items.tokens_masked, chosen, len(items.count))
        return ItemTensors(**{**vars(items), "text": text, "text_masked": masked})

    @torch.no_grad()
    def start(self, items: ItemTensors | None) -> None:
        """Take the items' texts as the language model reads them before it is trained."""
        if self.most and items is not None:
            self.items.copy_(items.text)
            self.items_masked.copy_(items.text_masked)

    @torch.no_grad()
    def refresh(self, items: ItemTensors | None) -> None:
        """Read all items' texts with the weights as they are now."""
        if not self.most or items is None or items.tokens is None or items.tokens_masked is None:
            return
        rows = torch.arange(len(self.items), device=self.items.device)
        self.items.copy_(items.tokens.read(self.named(), rows, training=False))
        same = items.tokens_masked is items.tokens
        masked = self.items if same else items.tokens_masked.read(self.named(), rows, training=False)
        self.items_masked.copy_(masked)

    def _table(self, table: Tensor, tokens: TokenTensors | None, chosen: Tensor | None, size: int) -> Tensor:
        if size > len(table):
            table = torch.cat([table, table.new_zeros(size - len(table), table.shape[1])])
        if chosen is None or tokens is None:
            return table
        return table.index_copy(0, chosen, tokens.read(self.named(), chosen, training=self.training))

    def named(self) -> dict[str, Tensor]:
        """Return what was learned, by the names that a reader gives its weights."""
        return {name.replace("/", "."): weight for name, weight in self.weights.items()}


def items_of(batch: Batch, events: EventTensors | None, most: int, device: torch.device) -> Tensor:
    """Return at most so many of the items that a batch looks at (index + 1), drawn at random."""
    found = [torch.from_numpy(block.item_n).to(device) for block in batch.blocks if block.item_n is not None]
    if batch.segments is not None and events is not None:
        found.append(events.item_N[torch.from_numpy(batch.segments.event_BL).to(device)].flatten())
    if not found:
        return torch.zeros(0, dtype=torch.int64, device=device)
    distinct = torch.unique(torch.cat(found))
    distinct = distinct[distinct > 0]
    return distinct[torch.randperm(len(distinct))[:most].to(device)]


def _key(name: str) -> str:
    """The name of a parameter may hold no dot."""
    return name.replace(".", "/")
