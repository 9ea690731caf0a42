from dataclasses import replace

import numpy as np
import pytest

from motet.errors import RequestError
from motet.model.assemble import count_parameters
from motet.model.parts import Served
from motet.stages import distilling
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import train_arm
from motet.stages.distilling import distilled, smaller
from motet.stages.remaking import Remaking
from motet.stages.watching import Watch


@pytest.fixture(scope="module")
def served(study):
    """The joint model, and a twin beside it."""
    models = {"joint": train_arm(study, seed=0).model, "twin": train_arm(study, task="brand", seed=0).model}
    routes = {**dict.fromkeys(study.project.judged, "joint"), "brand": "twin"}
    return Served(models, routes, study.features.state, study.features.arrays.items, study.features.memory)


def test_one_smaller_model_answers_everything(study, served, tmp_path, monkeypatch):
    asked = {}

    def taught(given, model, tasks, start, going, *, anew):
        asked.update(tutored=set(given.tutored), tutors=set(start.tutors), anew=anew)
        return trained_on(given, model, tasks, start, going, anew=anew)

    trained_on = distilling.trained_on
    monkeypatch.setattr(distilling, "trained_on", taught)
    found = distilled(study, served, Remaking("distil", tmp_path, Watch()))
    assert asked["tutors"] == {"next_item"} and "brand" in asked["tutored"] and asked["anew"]
    assert set(found.models) == {"joint"} and set(found.routes.values()) == {"joint"}
    model = found.models["joint"]
    assert model.shape.width == 8 < study.shape.width
    assert count_parameters(model) < count_parameters(served.models["joint"])
    for task in found.routes:
        at = questions_of_role(study, task, "test")
        answers = answer(study, model, task, at)
        assert len(answers.unit_n) == len(at)
        assert answers.score is None or np.isfinite(answers.score).all()


def test_a_single_task_keeps_its_own_small_trunk(study, served, tmp_path):
    alone = replace(served, models={"joint": served.models["twin"]}, routes={"brand": "joint"})
    found = distilled(study, alone, Remaking("alone", tmp_path, Watch()))
    assert set(found.models["joint"].shape.tasks) == {"brand"}


def test_half_the_width_and_half_the_layers(study):
    shape = smaller(replace(study.shape, width=64, layers=3, heads=2))
    assert (shape.width, shape.layers) == (32, 2)
    assert smaller(replace(study.shape, width=48, layers=1, heads=6)).width % 6 == 0
    with pytest.raises(RequestError, match="hardly be smaller"):
        smaller(replace(study.shape, width=8, layers=1))
