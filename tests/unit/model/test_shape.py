import json
from dataclasses import replace

import numpy as np
import pytest

from motet.errors import ProjectError
from motet.features.labels import Labels
from motet.model.losses import prior_loss
from motet.model.shape import ModelShape, SharingShape, constant_loss
from motet.testing.project import TASKS
from motet.testing.study import tiny_study


def test_a_shape_survives_json(study):
    assert ModelShape.from_json(json.loads(json.dumps(study.shape.to_json()))) == study.shape


def test_the_shape_tells_the_features_sizes(study):
    shape, arrays = study.shape, study.features.arrays
    assert shape.num_items == len(study.division.events.items)
    assert shape.item_text == arrays.items.text.shape[1] and shape.event_text == arrays.events.text_vectors.shape[1]
    assert shape.item_columns.bins == arrays.items.plain.bins_nB.shape[1]
    assert shape.item_columns.code_columns == arrays.items.plain.codes_nC.shape[1]
    assert shape.tasks["rating"].levels == (1.0, 2.0, 3.0, 4.0, 5.0) and shape.tasks["rating"].size == 5
    assert {name for name, view in shape.views.items() if view.about_items} == {shape.tasks["brand"].view}
    sentiment = shape.views[shape.tasks["sentiment"].view]
    assert set(sentiment.bags) == {"word", "char"} and sentiment.text == 128


def test_the_shape_carries_the_losses_that_tasks_chose(monkeypatch):
    chosen = {
        "brand": {"loss": "focal", "class_weights": "balanced"},
        "sentiment": {"loss": "integrated", "class_weights": {"yes": 3.0}},
        "price": {"loss": "absolute"},
    }
    for name, options in chosen.items():
        monkeypatch.setitem(TASKS, name, {**TASKS[name], **options})
    study = tiny_study(tasks=(*chosen, "categories", "next_item"))
    shape, labels = study.shape, study.features.state.labels
    losses = {name: task.loss for name, task in shape.tasks.items()}
    assert losses == {
        "brand": "focal",
        "sentiment": "integrated",
        "price": "absolute",
        "categories": "cross_entropy",
        "next_item": "",
    }
    assert shape.tasks["sentiment"].label_weights == (1.0, 3.0) and shape.tasks["categories"].label_weights == ()
    balanced = shape.tasks["brand"].label_weights
    assert balanced == pytest.approx([1 / (4 * share) for share in labels["brand"].prior])
    assert shape.tasks["brand"].constant_loss == prior_loss("class", labels["brand"].prior, "focal", balanced)
    assert ModelShape.from_json(json.loads(json.dumps(shape.to_json()))) == shape


@pytest.mark.parametrize("options", [{"loss": "hinge"}, {"class_weights": "even"}, {"class_weights": {"a": -1}}])
def test_an_unknown_choice_of_loss_is_refused_in_one_line(monkeypatch, options):
    monkeypatch.setitem(TASKS, "brand", {**TASKS["brand"], **options})
    with pytest.raises(ProjectError, match=r"^tasks\.brand\.(loss|class_weights): [^\n]*found [^\n]*$"):
        tiny_study(tasks=("brand",))


def test_a_twin_keeps_its_task_its_view_and_the_trunks_size(study):
    twin = study.shape.only("rating")
    assert set(twin.tasks) == {"rating"} and set(twin.views) == {twin.tasks["rating"].view}
    same = replace(study.shape, tasks=twin.tasks, views=twin.views, sharing=SharingShape("shared_bottom"))
    assert twin == same


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (Labels("ranking"), np.log(10)),
        (Labels("number"), 1.0),
        (Labels("binary", prior=(0.5,)), np.log(2)),
        (Labels("class", classes=("a", "b"), prior=(0.75, 0.25)), -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))),
        (Labels("ordinal", levels=(1.0, 2.0), prior=(0.5, 0.5)), np.log(2)),
        (Labels("tags", classes=("a", "b"), prior=(0.5, 0.25)), (np.log(2) + 0.5623351446) / 2),
    ],
)
def test_the_loss_of_a_constant_answer_is_the_entropy_of_the_labels(labels, expected):
    assert constant_loss(labels, 10) == pytest.approx(expected, rel=1e-6)
