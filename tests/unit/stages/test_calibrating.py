"""A real, tiny model: what it promises after calibration, served as it was judged."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import motet
from motet.evaluate import find
from motet.evaluate.calibrators import applied, choose
from motet.recommend.calibrated import NONE
from motet.stages.answer import questions_of_role
from motet.stages.calibrating import calibrations, high_threshold, judged
from motet.stages.judging import judge_folder
from motet.stages.outcomes import run_arm
from motet.testing import tiny_project

TASKS = ("next_item", "buy", "rating", "brand", "price", "sentiment")
SETTINGS = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}


@pytest.fixture(scope="module", autouse=True)
def little_suffices():
    """The tiny shop has few questions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "FEW", 8)
        patch.setattr(choose, "FEWEST", 15)
        yield


@pytest.fixture(scope="module")
def outcome(study):
    return run_arm(study, "joint", 0)


@pytest.fixture(scope="module")
def maps(study, outcome):
    return calibrations(study, dict.fromkeys(outcome.answers, outcome))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("shop")
    project = tiny_project(place, users=160, tasks=TASKS, settings=SETTINGS)
    return motet.train(motet.Project.read(project), place / "model").path


def test_every_task_has_its_map_and_ranks_stay(study, outcome, maps):
    assert set(maps) == set(outcome.answers)
    for task, map in maps.items():
        raw = outcome.answers[task]["test"]
        metric = find(raw.task.primary)
        assert metric.value(applied(raw, map)) == pytest.approx(metric.value(raw), abs=1e-3), task
    assert maps["next_item"].kind == "temperature"
    assert maps["rating"].interval is not None and maps["rating"].interval.level == 0.9


def test_fitting_is_on_half_a_and_lowers_the_loss_there(study, maps):
    fitted = {task: map for task, map in maps.items() if map.kind != "none"}
    assert fitted and all(map.after < map.before for map in fitted.values())
    for task, map in fitted.items():
        assert map.questions == len(questions_of_role(study, task, "A"))


def test_a_project_may_want_none(study, outcome):
    off = study.project.model_copy(update={"calibrate": study.project.calibrate.model_copy(update={"kind": "off"})})
    assert calibrations(replace(study, project=off), {"rating": outcome}) == {}


def test_what_was_judged_says_before_and_after(study, outcome, maps):
    raw = {task: outcome.answers[task]["test"] for task in outcome.answers}
    found = judged(study, raw, maps, None)
    for task, before in found.uncalibrated.items():
        assert before["log_loss"] == find("log_loss").value(raw[task])
    assert found.lists["next_item"]["coverage@10"] == pytest.approx(found.tasks["next_item"]["coverage"])
    assert set(found.intervals) == {"rating"}
    json.dumps(found.to_json(), allow_nan=False)
    assert judged(study, raw, {}, None).uncalibrated == {}


def test_served_answers_are_those_that_were_judged(folder):
    bundle, evaluation = motet.load(folder), judge_folder(folder)
    saved = json.loads((folder / "evaluation/metrics.json").read_text())
    for task, values in saved["tasks"].items():
        known = {name: math.nan if value is None else value for name, value in values.items()}
        assert evaluation.tasks[task] == pytest.approx(known, nan_ok=True), task
    assert saved["uncalibrated"] and saved["intervals"]["rating"]["level"] == 0.9
    item = bundle.loaded.catalogue.ids.head(3).to_list()
    served = bundle.predict("rating", users=[bundle.loaded.users.users[0]], items=item)
    assert all(1 <= one.low <= one.value <= one.high <= 5 for one in served)
    assert "low" in served[0].to_json()


def test_lists_are_calibrated_and_contributions_sum_to_the_score(folder):
    bundle = motet.load(folder)
    user = bundle.loaded.users.users[0]
    found = bundle.recommend(user, k=20, weights={"buy": 0.7, "rating": 0.3}, explain=True)
    for one in found.items:
        total = sum(found.weights[task] * np.log(np.clip(one.scores[task], 1e-6, 1)) for task in found.weights)
        assert one.score == pytest.approx(total, abs=1e-6) == pytest.approx(sum(one.contributions.values()), abs=1e-6)
    one = found.items[0].item
    assert bundle.loaded.calibration("buy").kind != "none"
    p = bundle.predict("buy", users=[user], items=[one])[0].probability
    assert found.items[0].scores["buy"] == pytest.approx(p, abs=1e-5)
    scores = bundle.loaded.scorer.next_item_scores(bundle.loaded.scorer.states([bundle.loaded.users.history(user)]))
    assert np.exp(scores).sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("raised", ["next_item", "buy", "rating"])
def test_raising_a_weight_never_lowers_its_objective(folder, raised):
    bundle = motet.load(folder)
    size = len(bundle.loaded.catalogue)
    for user in bundle.loaded.users.users.head(5).to_list():
        means = []
        for weight in (0.05, 0.5, 1.0, 4.0):
            weights = {"next_item": 0.5, "buy": 0.5, "rating": 0.5, raised: weight}
            found = bundle.recommend(user, k=5, weights=weights, candidates=size)
            means.append(np.mean([np.log(max(one.scores[raised], 1e-6)) for one in found.items]))
        assert (np.diff(means) >= -1e-7).all()


def test_an_older_folder_answers_as_it_did(folder):
    bundle = motet.load(folder)
    scorer = bundle.loaded.scorer
    assert bundle.loaded.calibration("nothing") == NONE
    assert set(scorer.calibration) == set(bundle.manifest.tasks)


def test_a_rating_is_high_from_its_upper_quarter_on(study):
    known = study.examples["rating"].label.to_numpy()[study.examples["rating"].part_n == 0]
    assert high_threshold(study, "rating") == np.quantile(known, 0.75, method="nearest")
