from dataclasses import replace

import numpy as np
import pytest
import torch

from motet.artifact import write_folder
from motet.language.load import load_encoder
from motet.model.assemble import build
from motet.model.parts import Served, encoder_parts, model_parts, read_model, restore_encoder
from motet.model.predict import Predictor

from .test_predict import first_batch


@pytest.fixture
def served(study):
    models = {"joint": build(study.shape, seed=0), "twin-3": build(study.shape.only("rating"), seed=1)}
    routes = dict.fromkeys(study.shape.tasks, "joint") | {"rating": "twin-3"}
    return Served(models, routes, study.features.state, study.features.arrays.items, study.features.memory)


@pytest.fixture
def again(served, study, tmp_path):
    parts = model_parts(served) | encoder_parts(study.encoder)
    folder = write_folder(
        tmp_path / "m", parts, name="m", seed=0, runtime="torch", data_root=".", encoder=None, tasks={}
    )
    return folder, read_model(folder, language="en", device=torch.device("cpu"))


def test_models_and_routes_come_back(served, again):
    found = again[1]
    assert found.routes == served.routes and set(found.models) == set(served.models)
    for name, model in served.models.items():
        assert found.models[name].shape == model.shape
        assert not found.models[name].training
        one, other = model.state_dict(), found.models[name].state_dict()
        assert set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)


def test_they_answer_as_before(served, again, study):
    for task, name in again[1].routes.items():
        batch = first_batch(study, task)
        one = Predictor(served.models[name], study.tensors).answers(task, batch)
        assert torch.equal(one, Predictor(again[1].models[name], study.tensors).answers(task, batch)), task


def test_the_catalogue_comes_back(served, again):
    one, other = served.items, again[1].items
    for name in ("text", "text_masked", "count"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    for name in ("plain", "plain_masked"):
        for key, value in vars(getattr(one, name)).items():
            assert np.array_equal(value, getattr(getattr(other, name), key)), (name, key)


def test_the_memory_comes_back_where_a_model_asks_it(served, again, study, tmp_path):
    one, other = served.memory.to_arrays(), again[1].memory.to_arrays()
    assert set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)
    silent = {"joint": build(study.shape.only("rating"), seed=0)}
    assert "index/graph" not in model_parts(replace(served, models=silent))


def test_the_features_come_back(served, again):
    one, other = served.state.to_parts(), again[1].state.to_parts()
    assert one[0] == other[0] and all(np.array_equal(one[1][name], other[1][name]) for name in one[1])


def test_the_encoder_comes_back(study, again):
    encoder = load_encoder(study.project.encoder, language="en", root=study.project.root)
    restore_encoder(encoder, again[0])
    texts = ["a lovely thing for garden", "pan kettle"]
    assert encoder.id == study.encoder.id
    assert np.array_equal(encoder.encode(texts), study.encoder.encode(texts))


def test_a_model_without_a_catalogue_comes_back(study, tmp_path):
    bare = Served(
        {"joint": build(study.shape.only("sentiment"), seed=0)}, {"sentiment": "joint"}, study.features.state, None
    )
    parts = model_parts(replace(bare))
    folder = write_folder(
        tmp_path / "m", parts, name="m", seed=0, runtime="torch", data_root=".", encoder=None, tasks={}
    )
    assert read_model(folder, language="en", device=torch.device("cpu")).items is None
