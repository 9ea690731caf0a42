import pytest
import torch

from motet.model.masks import of_numbers
from motet.model.parts import Served
from motet.stages.arms import train_arm
from motet.stages.pruning import SHARE, pruned, tasks_of
from motet.stages.remaking import Remaking
from motet.stages.watching import Watch


@pytest.fixture(scope="module")
def served(study):
    models = {"joint": train_arm(study, seed=0).model, "twin": train_arm(study, task="brand", seed=0).model}
    routes = {**dict.fromkeys(study.project.judged, "joint"), "brand": "twin"}
    return Served(models, routes, study.features.state, study.features.arrays.items, study.features.memory)


def test_six_numbers_in_ten_are_nothing_and_the_rest_has_learned_on(study, served, tmp_path):
    before = {name: weight.clone() for name, weight in served.models["joint"].state_dict().items()}
    found = pruned(study, served, Remaking("prune", tmp_path, Watch()))
    assert found.routes == served.routes and set(found.models) == {"joint", "twin"}
    for name, model in found.models.items():
        masks = of_numbers(served.models[name], SHARE)
        assert len(masks) > 3
        for key, mask in masks.items():
            assert not model.get_parameter(key)[~mask].any()
    joint = found.models["joint"].state_dict()
    key = next(iter(of_numbers(served.models["joint"], SHARE)))
    kept = joint[key] != 0
    assert not torch.equal(joint[key][kept], before[key][kept])
    assert all(torch.equal(before[name], weight) for name, weight in served.models["joint"].state_dict().items())
    assert set(found.calibration) == set(served.routes)


def test_a_model_goes_on_with_what_it_answers(study, served):
    assert "brand" not in tasks_of(served.routes, "joint", served.models["joint"])
    assert tasks_of(served.routes, "twin", served.models["twin"]) == ("brand",)
