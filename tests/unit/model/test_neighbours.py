"""Points from a model, and from what serves it: train, pack, load, ask."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import motet
from motet.errors import RequestError
from motet.features.asking import question_batches
from motet.model.assemble import build
from motet.model.neighbours import check_texts, embed, embed_items, embed_texts, keeper_of_space
from motet.model.shape import SharingShape
from motet.recommend.port import Asked
from motet.testing import tiny_in_memory, tiny_shop
from motet.workflow import train

TASKS = ("next_item", "rating", "sentiment", "brand")
SETTINGS = {
    "sharing": {"kind": "embedding", "size": 8},
    "train": {"epochs": 6, "patience": 6, "batch": 128, "device": "cpu"},
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("space") / "model"
    train(tiny_in_memory(tasks=TASKS, settings=SETTINGS), folder)
    return motet.load(folder, device="cpu")


@pytest.fixture
def keeper(study):
    return build(replace(study.shape, sharing=SharingShape("embedding", size=6)), seed=0).eval()


def first_batch(study, task, most=7):
    questions = study.features.questions[study.features.state.views[task].name]
    chosen = questions.tasks[task].question_m[:most]
    return next(iter(question_batches(questions, chosen, study.division.events.starts, max_history=10)))[1]


@pytest.mark.parametrize("task", ["next_item", "rating", "sentiment", "brand"])
def test_points_of_questions(study, keeper, task):
    batch = first_batch(study, task)
    found = embed(keeper, task, batch, study.tensors)
    assert found.shape == (batch.blocks[0].size, 6)
    assert torch.allclose(found.norm(dim=1), torch.ones(len(found)), atol=1e-5)
    trunk = keeper.sharing.trunk_of(task)
    vectors = keeper.vectors(trunk, study.tensors)
    with torch.no_grad():
        state = trunk(batch, study.tensors, vectors)[0]
        looked_at = state.history_nd if task == "next_item" else state.z_nd
        torch.testing.assert_close(found, keeper.sharing.embed(looked_at))
    torch.testing.assert_close(embed(keeper, task, batch, study.tensors, vectors_Id=vectors), found)


def test_points_of_some_items_are_those_of_all(study, keeper):
    every = embed_items(keeper, study.tensors.items)
    assert every.shape == (study.shape.num_items, 6)
    torch.testing.assert_close(embed_items(keeper, study.tensors.items, torch.tensor([3, 1])), every[[2, 0]])


def test_a_text_lies_where_an_item_with_no_more_than_it_would(study, keeper):
    tower, text = keeper.sharing.trunk.items, study.tensors.items.text[1:4]
    expected = keeper.sharing.embed(tower.norm(text @ tower.text.weight.t()))
    torch.testing.assert_close(embed_texts(keeper, text), expected)


def test_which_model_keeps_the_space(study, keeper):
    plain = build(study.shape, seed=0)
    assert keeper_of_space({"a": plain, "joint": keeper}) == "joint"
    with pytest.raises(RequestError, match=r"no one space.*shared_bottom.*kind = \"embedding\""):
        keeper_of_space({"joint": plain})
    alone = replace(study.shape.only("sentiment"), sharing=SharingShape("embedding"))
    with pytest.raises(RequestError, match="users and items together"):
        keeper_of_space({"joint": build(alone, seed=0)})
    with pytest.raises(RequestError, match="have no text"):
        check_texts(build(replace(keeper.shape, item_text=0), seed=0))


def test_the_served_points_are_the_models(bundle):
    """A user's point, told by hand from the user's own list of scores: rankings are monotone in the cosine."""
    user = str(bundle.loaded.users.users[0])
    asked = Asked(1, histories=[bundle.loaded.users.history(user)])
    point = bundle.loaded.scorer.embed(asked)[0]
    ids = np.arange(len(bundle.loaded.catalogue), dtype=np.int32)
    cosine = bundle.loaded.scorer.embed(Asked(len(ids), items_n=ids)) @ point
    found = dict(bundle.neighbours(user=user, k=1000))
    assert len(found) == len(ids)
    for item, value in found.items():
        assert value == pytest.approx(float(cosine[bundle.loaded.catalogue.index[item]]), abs=1e-5)
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize("of", ["items", "users"])
def test_every_kind_of_thing_has_neighbours_of_every_kind(bundle, of):
    user, item = str(bundle.loaded.users.users[0]), str(bundle.loaded.catalogue.ids[0])
    for asked in ({"user": user}, {"item": item}, {"text": "a lovely thing"}):
        found = bundle.neighbours(**asked, of=of, k=3)
        assert len(found) == 3 and not {name for name, _ in found} & set(asked.values())
        assert all(-1.0001 <= value <= 1.0001 for _, value in found)


def test_an_items_own_words_lead_to_items_of_its_kind(bundle):
    """The titles of the tiny shop tell the brand; a text made of a title must find items with that brand."""
    frame = tiny_shop()["items"]
    brand = dict(zip(frame["item"], frame["brand"], strict=True))
    hits, chance = [], []
    for item, title, own in frame.select("item", "title", "brand").head(20).iter_rows():
        found = bundle.neighbours(text=title, k=5)
        hits += [brand[name] == own for name, _ in found if name != item and name in brand]
        chance.append((frame["brand"] == own).mean())
    assert np.mean(hits) > 1.5 * np.mean(chance)
