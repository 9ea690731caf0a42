"""An LSTM over words in both directions, beside the language model's vector (Hochreiter and Schmidhuber 1997)."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from motet.model.inputs import BagTensors
from motet.model.shape import ViewShape
from motet.model.trunk.towers._beside import Beside, highest
from motet.model.trunk.towers._protocol import TOWERS
from motet.model.trunk.towers._words import WORD_WIDTH, Words

STATE = 64
"""Numbers of each direction's state."""


@TOWERS.register("lstm")
class LstmTower(nn.Module):
    """The highest state over the text's words, in each number; the way back begins at the last word, not at padding."""

    reads: ClassVar = "words"

    def __init__(self, view: ViewShape, width: int) -> None:
        super().__init__()
        self.words = Words(view.words)
        self.cell = nn.LSTM(WORD_WIDTH, STATE, batch_first=True, bidirectional=True)
        self.beside = Beside(view.text, 2 * STATE, width)

    def forward(self, vector_nT: Tensor, bags: dict[str, BagTensors], word_nL: Tensor | None = None) -> Tensor:
        """Return (n, width)."""
        assert word_nL is not None, "the features of this tower are words in order"
        known_nL = word_nL > 0
        if word_nL.shape[1] == 0:
            return self.beside(vector_nT, vector_nT.new_zeros(len(vector_nT), 2 * STATE))
        length_n = known_nL.sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(self.words(word_nL), length_n, batch_first=True, enforce_sorted=False)
        states_nLS, _ = pad_packed_sequence(self.cell(packed)[0], batch_first=True)
        return self.beside(vector_nT, highest(states_nLS, known_nL[:, : states_nLS.shape[1]]))
