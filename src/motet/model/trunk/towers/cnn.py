"""Convolutions over words (Kim 2014, arXiv:1408.5882), beside the language model's vector.

Each map looks at three, four or five words, and only its highest answer counts. Word vectors are learned from nothing:
what a pretrained model knows comes in through its own vector.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.inputs import BagTensors
from motet.model.shape import ViewShape
from motet.model.trunk.towers._beside import Beside, highest
from motet.model.trunk.towers._protocol import TOWERS
from motet.model.trunk.towers._words import WORD_WIDTH, Words

SIZES, MAPS = (3, 4, 5), 64


@TOWERS.register("cnn")
class CnnTower(nn.Module):
    """Zeros stand around a text, so that one shorter than a window is read as well."""

    reads: ClassVar = "words"

    def __init__(self, view: ViewShape, width: int) -> None:
        super().__init__()
        self.words = Words(view.words)
        self.windows = nn.ModuleList(nn.Conv1d(WORD_WIDTH, MAPS, size) for size in SIZES)
        self.beside = Beside(view.text, MAPS * len(SIZES), width)

    def forward(self, vector_nT: Tensor, bags: dict[str, BagTensors], word_nL: Tensor | None = None) -> Tensor:
        """Return (n, width)."""
        assert word_nL is not None, "the features of this tower are words in order"
        word_nL = F.pad(word_nL, (0, 1))  # a convolution wants at least one place, and a padded one changes nothing
        x_nDL, known_nL = self.words(word_nL).transpose(1, 2), word_nL > 0
        found = []
        for size, window in zip(SIZES, self.windows, strict=True):
            maps_nML = F.relu(window(F.pad(x_nDL, (size // 2, size - 1 - size // 2))))
            found.append(highest(maps_nML.transpose(1, 2), known_nL))
        return self.beside(vector_nT, torch.cat(found, dim=1))
