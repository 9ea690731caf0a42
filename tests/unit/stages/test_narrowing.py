import pytest
import torch

from motet.model.assemble import count_parameters
from motet.model.parts import Served
from motet.model.shape import ModelShape
from motet.stages import narrowing
from motet.stages.arms import train_arm
from motet.stages.narrowing import narrowed, narrower
from motet.stages.remaking import Remaking
from motet.stages.watching import Watch


@pytest.fixture(scope="module")
def model(study):
    return train_arm(study, seed=0).model


def test_a_narrower_model_is_written_and_read_as_its_shape_says(model):
    small = narrower(model, share=0.5)
    assert small.shape.cuts and count_parameters(small) < count_parameters(model)
    assert any(place.endswith("attention") for place in small.shape.cuts)
    again = type(small)(ModelShape.from_json(small.shape.to_json()))
    again.load_state_dict(small.state_dict())
    assert again.shape == small.shape and not small.shape.only("brand").cuts
    twice = narrower(small, share=0.5)
    assert count_parameters(twice) < count_parameters(small)


def test_nothing_taken_out_is_the_same_model(model):
    same = narrower(model, share=0.0)
    assert all(torch.equal(a, b) for a, b in zip(same.state_dict().values(), model.state_dict().values(), strict=True))


def test_narrow_models_learn_on_and_answer(study, model, tmp_path, monkeypatch):
    monkeypatch.setattr("motet.model.masks.LEAST_ROWS", 40)
    features, routes = study.features, dict.fromkeys(study.project.judged, "joint")
    served = Served({"joint": model}, routes, features.state, features.arrays.items, features.memory)
    found = narrowed(study, served, Remaking("narrow", tmp_path, Watch()))
    made = found.models["joint"]
    assert made.shape.cuts and found.routes == routes
    masks = narrowing.of_rows(made, 0.5)
    tables = [made.get_parameter(name) for name in masks]
    assert tables and all(float((table == 0).all(dim=1).float().mean()) >= 0.4 for table in tables)
