"""What a gate is chosen on must be what a metric will say."""

import numpy as np
import pytest

from motet.evaluate import find
from motet.model.heads._mix import Gate
from motet.model.predict import Predictor
from motet.stages import rivals as room
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import new_model
from motet.stages.rivals import rivals
from motet.testing.study import tiny_study

GATES = (Gate(), Gate(0.3, 0.02), Gate(2.0, 0.1, 0.0, 0.4, 5.0), Gate(0.0, 0.05), Gate(0.2, 0.0, 0.5))


@pytest.mark.parametrize("repeats", ["mask", "allow"])
def test_its_gain_is_that_of_the_answers(repeats, monkeypatch):
    monkeypatch.setattr(room, "RANK_CELLS", 600)  # many small pieces
    study = tiny_study(
        tasks=("next_item",), settings={"tasks": {"next_item": {"kind": "next_item", "repeats": repeats}}}
    )
    model = new_model(study, study.shape, seed=0)
    predictor, chosen = Predictor(model, study.tensors), questions_of_role(study, "next_item", "valid")
    pieces = list(rivals(study, predictor, "next_item", chosen))
    assert len(pieces) > 2 and sum(len(piece.target_n) for piece in pieces) == len(chosen)
    gains = []
    for gate in GATES:
        model.head("next_item").mix.set(Gate())
        weights = np.array([gate.follows, gate.resembles, gate.own], np.float32)
        found = sum(piece.gain(piece.values(gate) @ weights) for piece in pieces) / len(chosen)
        model.head("next_item").mix.set(gate)
        assert found == pytest.approx(find("ndcg@10").value(answer(study, model, "next_item", chosen)), abs=1e-9)
        gains.append(round(found, 6))
    assert len(set(gains)) >= 3, "the gates differ"
