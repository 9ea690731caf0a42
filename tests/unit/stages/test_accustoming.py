import numpy as np
import pytest
import torch

from motet.model.parts import Served
from motet.stages.accustoming import accustomed, read_by
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import train_arm
from motet.stages.remaking import Remaking
from motet.stages.watching import Watch


@pytest.fixture(scope="module")
def served(study):
    features, model = study.features, train_arm(study, seed=0).model
    routes = dict.fromkeys(study.project.judged, "joint")
    return Served({"joint": model}, routes, features.state, features.arrays.items, features.memory)


class Turned:
    """Reads as another encoder, with all directions in another order."""

    def __init__(self, encoder):
        self.encode = lambda texts: np.ascontiguousarray(encoder.encode(texts)[:, ::-1])


def test_texts_read_by_the_same_encoder_are_the_same(study, served):
    same = read_by(study, study.encoder, served)
    for name, rows in study.tensors.rows.items():
        if rows.text is not None:
            torch.testing.assert_close(same.tensors.rows[name].text, rows.text)
    torch.testing.assert_close(same.tensors.items.text, study.tensors.items.text)


def test_models_learn_to_answer_from_other_vectors(study, served, tmp_path):
    taught = read_by(study, Turned(study.encoder), served)
    found = accustomed(study, taught, served, served, Remaking("student", tmp_path, Watch()))
    at = questions_of_role(study, "sentiment", "train")
    wanted = answer(study, served.models["joint"], "sentiment", at).score
    strange = answer(taught, served.models["joint"], "sentiment", at).score
    learned = answer(taught, found.models["joint"], "sentiment", at).score
    assert np.abs(strange - wanted).max() > 0 and learned.shape == wanted.shape
    assert not np.array_equal(learned, strange) and set(found.calibration) == set(served.routes)
