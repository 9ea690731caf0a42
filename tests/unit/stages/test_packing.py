import json

import numpy as np
import polars as pl
import pytest

from motet.artifact import open_folder
from motet.evaluate.kept import read_answers
from motet.recommend.state import UserStates
from motet.schema import TRAIN
from motet.stages.finish import finish_trained
from motet.stages.packing import task_views
from motet.stages.running import run_one, work_folder
from motet.stages.watching import Watch
from motet.testing import tiny_in_memory
from motet.workflow import check, prepare


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A study of its own, its evaluation and its folder."""
    out = tmp_path_factory.mktemp("run") / "model"
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    checked = check(tiny_in_memory(tasks=("next_item", "rating", "brand", "sentiment"), settings=settings))
    study = prepare(checked)
    outcome = run_one(study, None, out=out, resume=False, watch=Watch())
    finished = finish_trained(study, outcome, checked.tables, out)
    return study, finished.evaluation, open_folder(finished.path)


def test_serving_knows_of_each_task_what_it_needs(packed):
    study, evaluation, _ = packed
    views = task_views(study, evaluation)
    assert {name: view.output for name, view in views.items()} == {
        "next_item": "ranking",
        "rating": "ordinal",
        "brand": "class",
        "sentiment": "binary",
    }
    examples = study.examples["rating"]
    known = np.sort(examples.label.filter(pl.Series(examples.part_n == TRAIN)).to_numpy())
    assert views["rating"].threshold == pytest.approx(np.quantile(known, 0.75, method="nearest"))
    assert views["brand"].item == "item" and views["brand"].classes == study.features.state.labels["brand"].classes
    assert views["sentiment"].texts == ("text",) and views["next_item"].repeats == "mask"


def test_every_event_of_every_user_is_packed(packed):
    study, _, folder = packed
    users, events = UserStates.from_folder(folder), study.division.events
    assert users.users.to_list() == events.users.to_list() and np.array_equal(users.starts, events.starts)
    assert np.array_equal(users.item_N, events.item_N) and np.array_equal(users.time_N, events.time_N)
    said = study.division.tables.frame("events")["query"].is_not_null().to_numpy()
    assert ((users.text_N >= 0) == said).all()
    assert users.profiles.columns == ["age_group", "club"]
    assert users.time_unit == "ms"


def test_items_are_found_by_their_own_words(packed):
    study, _, folder = packed
    words = folder.frame("features/item_words")
    titles = dict(study.division.tables.frame("items").select("@id", "title").iter_rows())
    view = study.features.state.views["brand"].name
    assert words.columns == [view]
    assert words[view].to_list() == [titles[item] for item in study.division.events.items]


def test_the_course_of_training_and_what_was_counted_are_written_down(packed):
    study, evaluation, folder = packed
    log = folder.frame("evaluation/log")
    assert log["arm"].to_list() == ["joint"] and log["epoch"].to_list() == [0]
    metrics = folder.json("evaluation/metrics")
    assert set(metrics["tasks"]) == set(evaluation.tasks)
    counts = metrics["data"]["tasks"]["rating"]
    assert counts["train"] == int((study.examples["rating"].part_n == TRAIN).sum())
    json.dumps(metrics, allow_nan=False)


def test_checkpoints_are_cleared_away(packed):
    _, _, folder = packed
    assert not work_folder(folder.path).exists()


def test_answers_to_test_questions_are_kept_for_comparisons(packed):
    _, evaluation, folder = packed
    kept = read_answers(folder)
    assert list(kept) == list(evaluation.tasks)
    assert {task: len(each) for task, each in kept.items()} == dict(evaluation.questions)
    mean = float(kept["next_item"].arrays["value"].mean())
    assert mean == pytest.approx(evaluation.tasks["next_item"]["ndcg@10"], rel=1e-5)
