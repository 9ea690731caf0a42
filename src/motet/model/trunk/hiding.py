"""Texts left out or thinned in training, so that what stands beside them has to do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from motet.features.augment import hidden_texts
from motet.features.batch import Hidden
from motet.features.word_ids import UNKNOWN
from motet.model.inputs import BagTensors, ItemTensors


def kept_texts(hidden: Hidden, rows: np.ndarray, device: torch.device) -> Tensor:
    """Return (n,) 1 where a row's text is read in this step and 0 where it is left out."""
    out = hidden_texts(hidden.text, hidden.stream, rows)
    return torch.from_numpy((~out).astype(np.float32)).to(device)


def thinned(words_nL: Tensor, share: float) -> Tensor:
    """Return words of which a share is unknown; padding (0) stays."""
    drawn = torch.rand(words_nL.shape, device=words_nL.device) < share
    return torch.where(drawn & (words_nL > 0), UNKNOWN, words_nL)


def kept_bags(bags: dict[str, BagTensors], kept_n: Tensor) -> dict[str, BagTensors]:
    """Return bags that weigh nothing where a text is left out."""
    return {
        name: BagTensors(bag.ids, bag.starts, bag.weights * kept_n.repeat_interleave(bag.starts[1:] - bag.starts[:-1]))
        for name, bag in bags.items()
    }


def without_texts(items: ItemTensors, hidden: Hidden) -> ItemTensors:
    """Return the catalogue with a share of its texts left out."""
    kept = kept_texts(hidden, np.arange(len(items.count)), items.count.device)[:, None]
    return replace(items, text=items.text * kept, text_masked=items.text_masked * kept)
