import copy

import numpy as np
import pytest
import torch

from motet.errors import RequestError
from motet.model.parts import Served
from motet.stages.answer import answer, questions_of_role
from motet.stages.remaking import Remaking, check_frozen, remade, trained_on, tutor_of
from motet.stages.watching import Watch
from motet.train.start import Start


class Told(Watch):
    def __init__(self):
        self.said = []

    def planned(self, arms, epochs):
        self.said.append((arms[0][0], epochs))

    def trained(self, arm, seed, seconds):
        self.said.append((arm, seconds > 0))


@pytest.fixture(scope="module")
def served(study):
    from motet.stages.arms import train_arm

    model = train_arm(study, seed=0).model
    features = study.features
    return Served({"joint": model}, dict.fromkeys(study.project.judged, "joint"), features.state, features.arrays.items)


def test_a_model_is_trained_on_for_the_passes_of_an_update_and_calibrated_anew(study, served, tmp_path):
    model, told, tasks = served.models["joint"], Told(), tuple(study.shape.tasks)
    start = Start(tasks=tasks, tutors=dict.fromkeys(tasks, tutor_of(model)), steady=1.0)
    trained = trained_on(study, copy.deepcopy(model), tasks, start, Remaking("some", tmp_path, told))
    assert told.said == [("some", study.project.update.epochs), ("some", True)]
    assert any(not torch.equal(a, b) for a, b in zip(trained.model.parameters(), model.parameters(), strict=True))
    found = remade(study, served, {"joint": trained}, served.routes)
    assert set(found.calibration) == set(served.routes) and not served.calibration
    at = questions_of_role(study, "rating", "test")
    new, old = (answer(study, each.models["joint"], "rating", at).score for each in (found, served))
    other = trained_on(study, _shaken(model), tasks, Start(tasks=tasks), Remaking("other", tmp_path, Told()))
    far = answer(study, other.model, "rating", at).score
    assert np.abs(new - old).mean() < np.abs(far - old).mean(), "whoever imitates stays nearer"


def _shaken(model):
    made = copy.deepcopy(model)
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(0)))
    return made


def test_a_tutor_is_a_copy_that_learns_nothing(served):
    tutor = tutor_of(served.models["joint"])
    assert not any(weight.requires_grad for weight in tutor.parameters()) and not tutor.training


def test_a_trained_language_model_is_not_trained_on(served, monkeypatch):
    check_frozen(served)
    monkeypatch.setattr(Served, "tuned", True)
    with pytest.raises(RequestError, match="trained its language model"):
        check_frozen(served)
