import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import motet
from motet import workflow
from motet.artifact import open_folder
from motet.errors import LeakageError, ProjectError
from motet.evaluate.calibrators import calibrate
from motet.model.parts import read_model
from motet.schema import Project
from motet.stages import adding, learning_more
from motet.stages.adding import grow_task
from motet.stages.answer import answer, questions_of_role
from motet.stages.arms import new_model
from motet.stages.declaring import with_tasks
from motet.stages.judging import reread
from motet.stages.learning_more import learn_more
from motet.testing.project import tiny_project

SENTIMENT = """
[tasks.sentiment]
kind = "binary"
table = "reviews"
column = "recommended"
text = ["text"]
"""
RATING = """
[tasks.stars]
kind = "rating"
column = "rating"
"""


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    settings = {"train": {"epochs": 2, "batch": 512, "device": "cpu"}}
    project = tiny_project(folder, tasks=("next_item", "brand"), settings=settings)
    return workflow.train(Project.read(project), folder / "one").path


def file(folder: Path, text: str) -> Path:
    path = folder / "task.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def two(one):
    return workflow.add_tasks(one, file(one.parent, SENTIMENT + RATING), one.parent / "two")


def test_a_new_task_answers_and_all_others_answer_as_before(one, two):
    assert two.accepted and set(two.added) == {"sentiment", "stars"} and not two.others
    before, after = motet.load(one), motet.load(two.path)
    for user in ("u001", "u017"):
        told = [[(each.item, each.score) for each in bundle.recommend(user, k=20).items] for bundle in (before, after)]
        assert told[0] == told[1]
    items = [f"i{number:03d}" for number in range(30)]
    assert [[e.probability for e in b.predict("brand", items=items)] for b in (before,)] == [
        [e.probability for e in after.predict("brand", items=items)]
    ]
    (said,) = after.predict("sentiment", texts=["a lovely perfect thing for music"])
    assert 0 <= said.probability <= 1
    assert 1 <= after.predict("stars", users=["u001"], items=["i001"])[0].value <= 5


def test_weights_that_were_there_are_the_same_bits(one, two):
    held = open_folder(one).arrays("model/weights")
    if all(not each.routed for each in two.added.values()):
        own = open_folder(two.path).arrays("model/weights")
        assert set(held) < set(own)
    else:
        own = open_folder(two.path).arrays("model/weights")
    assert all(np.array_equal(held[name], own[name]) for name in held)


def test_the_new_folder_can_be_judged_again(one, two):
    again = workflow.evaluate(two.path)
    kept = json.loads((two.path / "evaluation" / "metrics.json").read_text())["tasks"]
    assert set(again.tasks) == {"next_item", "brand", "sentiment", "stars"}
    for task, metric in (("next_item", "ndcg@10"), ("sentiment", "auc")):
        assert again.tasks[task][metric] == pytest.approx(kept[task][metric], abs=1e-6)


def test_it_is_certified_against_learning_alone(two):
    row = two.to_json()["added"]["sentiment"]
    assert row["metric"] == "auc" and row["questions"] > 20
    assert row["answered_by"] == ("alone" if two.added["sentiment"].routed else "trunk")


def test_who_answers_is_decided_on_validation_and_told_of_test(one, tmp_path, monkeypatch):
    asked = []

    def harmed(difference):
        asked.append(difference)
        return True

    monkeypatch.setattr(adding, "seems_harmed", harmed)
    found = learn_more(one, file(tmp_path, SENTIMENT), tmp_path / "routed", how="frozen").added["sentiment"]
    assert found.routed and found.outcome is found.alone
    (decided,) = asked
    assert decided.questions != found.certificate.questions, "other questions than those it is told of"


def test_a_shared_trunk_is_certified_for_the_others(one, tmp_path):
    found = learn_more(one, file(tmp_path, SENTIMENT), tmp_path / "three", how="shared")
    if not found.added["sentiment"].routed:
        assert set(found.others) == {"next_item", "brand"}
    assert found.accepted == (not found.worse) == (tmp_path / "three").exists()


def test_what_moved_is_calibrated_and_mixed_with_its_memory_anew(one, tmp_path, monkeypatch):
    """Two new tasks at once: the model that answers is the second one's, for the first new task, too."""
    monkeypatch.setattr(adding, "seems_harmed", lambda difference: False)
    monkeypatch.setattr(learning_more, "against_before", lambda *given, **settings: {})
    found = learn_more(one, file(tmp_path, SENTIMENT + RATING), tmp_path / "three", how="shared")
    assert {each.name for each in found.added.values()} == {"joint"}
    before, after = (
        read_model(open_folder(path), language="en", device=torch.device("cpu")) for path in (one, found.path)
    )
    _, study, _ = reread(found.path)
    model = after.models["joint"]
    for task, output in (("brand", "class"), ("sentiment", "binary"), ("stars", "ordinal")):
        half = answer(study, model, task, questions_of_role(study, task, "A"))
        assert study.features.state.labels[task].output == output
        expected = calibrate(half, level=study.project.calibrate.level)
        own = after.calibration[task]
        same = (own.temperature, own.interval) == (expected.temperature, expected.interval)
        assert same and (output == "ordinal" or own.curves == expected.curves), task
    gates = [each.models["joint"].head("next_item").mix.get() for each in (before, after)]
    assert not gates[0].shut and not gates[1].shut


def test_what_stays_frozen_keeps_its_maps_and_gates(one, two):
    before, after = (
        read_model(open_folder(path), language="en", device=torch.device("cpu")) for path in (one, two.path)
    )
    for task in before.routes:
        assert before.calibration[task] == after.calibration[task]
    gates = [each.models["joint"].head("next_item").mix.get() for each in (before, after)]
    assert gates[0] == gates[1]


@pytest.mark.parametrize("kind", ["shared_bottom", "valve", "mmoe", "cross_stitch", "ple"])
def test_room_for_a_task_changes_no_answer_whatever_the_strategy(study, kind):
    tasks = {name: each for name, each in study.shape.tasks.items() if name != "sentiment"}
    views = {each.view: study.shape.views[each.view] for each in tasks.values()}
    sharing = replace(study.shape.sharing, kind=kind)
    base = new_model(study, replace(study.shape, tasks=tasks, views=views, sharing=sharing), seed=1)
    grown, joined = grow_task(study, base, "sentiment")
    assert "sentiment" in grown.shape.tasks and joined == (len(grown.shape.tasks) == len(tasks) + 1)
    own, old = grown.state_dict(), base.state_dict()
    if joined:
        assert all(torch.equal(own[name], value) for name, value in old.items() if name in own)
    else:
        assert list(grown.shape.tasks) == ["sentiment"]
    if kind == "shared_bottom":
        assert joined


def test_labels_that_the_model_has_read_are_refused(one, tmp_path):
    text = '[tasks.age]\nkind = "class"\ntable = "users"\ncolumn = "age_group"\n'
    with pytest.raises(LeakageError, match="has read 'age_group'"):
        workflow.add_tasks(one, file(tmp_path, text), tmp_path / "two")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[train]\nepochs = 3\n[tasks.a]\nkind = 'next_item'\n", r"\[train\]"),
        ("", r"no \[tasks"),
        ("[tasks.brand]\nkind = 'next_item'\n", "has a task 'brand' already"),
        ("[tables.items.columns]\nbrand = 'text'\n[tasks.a]\nkind = 'next_item'\n", "has 'brand' already"),
        ("[tables.items]\npath = 'other.csv'\n[tasks.a]\nkind = 'next_item'\n", "another 'path'"),
        ("[tables.items.columns]\nshape = 'category'\n[tasks.a]\nkind = 'next_item'\n", "'shape' would be read"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(one, tmp_path, text, said):
    with pytest.raises(ProjectError, match=said):
        workflow.add_tasks(one, file(tmp_path, text), tmp_path / "two")


def test_a_task_file_joins_the_project(one):
    project = Project(**tomllib.loads(open_folder(one).text("project.toml")), root=one.parent)
    more = "[tables.reviews.columns]\nlength = 'number'\n" + SENTIMENT
    joined, names = with_tasks(project, file(one.parent, more))
    assert names == ["sentiment"] and list(joined.tasks) == ["next_item", "brand", "sentiment"]
    assert "length" in joined.tables["reviews"].columns and "text" in joined.tables["reviews"].columns
