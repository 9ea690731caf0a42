from dataclasses import replace

import pytest
import torch

from motet.model.assemble import build
from motet.model.shape import ModelShape
from motet.model.trunk.history import HistoryTrunk
from motet.model.trunk.readers import READERS
from motet.model.trunk.readers._recurrent import Recurrent
from motet.model.trunk.readers.gru import GruLayer
from motet.model.trunk.readers.lstm import LstmLayer
from motet.model.trunk.readers.transformer import TransformerLayer


def test_the_default_reader_is_the_transformer(study):
    assert study.shape.history == "transformer" and READERS.get("transformer") is TransformerLayer
    assert READERS.get("gru") is GruLayer and READERS.get("lstm") is LstmLayer


@pytest.mark.parametrize("cell", [torch.nn.GRU, torch.nn.LSTM])
def test_a_recurrence_over_known_tokens_is_the_cells_own(cell):
    torch.manual_seed(0)
    layer = Recurrent(cell, 4, 0.0).eval()
    x = torch.randn(1, 5, 4)
    known = torch.tensor([[True, False, True, False, True]])
    alone = x[:, known[0]]
    expected = alone + layer.cell(layer.norm(alone))[0]
    torch.testing.assert_close(layer(x, known)[:, known[0]], expected)


def test_every_layer_is_of_the_chosen_kind(study):
    trunk = HistoryTrunk(replace(study.shape, history="gru"))
    assert [type(layer) for layer in trunk.layers] == [GruLayer] * study.shape.layers


def test_a_shape_of_before_readers_is_a_transformers(study):
    fields = study.shape.to_json()
    del fields["history"]
    assert ModelShape.from_json(fields).history == "transformer"


def test_an_unknown_reader_is_answered_with_the_known_ones(study):
    with pytest.raises(Exception, match="gru, lstm, transformer"):
        build(replace(study.shape, history="rnn"), seed=0)
