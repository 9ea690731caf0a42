"""Weights for a goal, found on validation users of a real, tiny model and certified on its test users."""

import json

import numpy as np
import pytest

import motet
from motet.cli.main import main
from motet.errors import RequestError
from motet.recommend import Question
from motet.recommend.pareto import judge
from motet.stages.judging import reread
from motet.stages.tuning import Aim, cached_scores, tune
from motet.testing import tiny_project

SETTINGS = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("shop")
    project = tiny_project(place, tasks=("next_item", "buy", "rating"), settings=SETTINGS)
    return motet.train(motet.Project.read(project), place / "model").path


def test_goals_are_read():
    assert Aim.parse("buy:+5%") == Aim("buy", 0.05) and Aim.parse(" a:b:-1.5%") == Aim("a:b", -0.015)
    for wrong in ("buy", "buy:5", "buy:+%", ":+5%"):
        with pytest.raises(RequestError, match="goal"):
            Aim.parse(wrong)


def test_offline_scores_are_those_that_are_served(folder):
    _, study, _ = reread(folder)
    loaded = motet.load(folder).loaded
    tasks = ["next_item", "buy", "rating"]
    cached = cached_scores(study, loaded, tasks, "test", most=5)
    assert cached.log_p_OUn.shape[:2] == (3, 5) and (cached.target_U >= 0).all()
    examples = study.examples["next_item"]
    row = int(np.flatnonzero(examples.part_n == 2)[0])
    user = study.division.events.users[int(examples.user_n[row])]
    whole = loaded.users.history(user)
    cut = int(examples.cut_n[row])
    events = [{"item": loaded.catalogue.ids[int(n)]} for n in whole.item_L[:cut] if n >= 0]
    assert len(events) <= cut < len(whole) + 1
    p = np.exp(cached.log_p_OUn[:, :, :10].astype(np.float64))
    assert (p > 0).all() and (p <= 1).all()
    assert Question(user).user == user


def test_what_is_found_is_certified_saved_and_served(folder):
    found = tune(folder, Aim("buy", 0.0001), [Aim("next_item", -0.9)], k=5, save=True)
    assert found["saved"] and found["kept"] and found["objectives"]["buy"]["verdict"] in ("reached", "likely")
    each = found["objectives"]["buy"]
    assert each["difference"] == pytest.approx(each["after"] - each["before"])
    assert each["low"] <= each["difference"] <= each["high"]
    assert found["users"]["test"] > 30 and found["front"] and found["knee"] in found["front"]
    _, study, _ = reread(folder)
    bundle = motet.load(folder)
    listed = bundle.recommend(bundle.loaded.users.users[0])
    wanted = {task: weight for task, weight in found["weights"].items() if weight > 0}
    assert listed.weights == pytest.approx(wanted) and "project" in listed.weights_from
    cached = cached_scores(study, bundle.loaded, list(found["weights"]), "test", most=4000)
    weights = np.array(list(found["weights"].values()))
    assert judge(cached, weights, k=5).mean(axis=0)[1] == pytest.approx(each["after"])
    assert "report.html" in bundle.manifest.parts and "evaluation/tuned.json" in bundle.manifest.parts


def test_an_aim_that_is_missed_is_not_saved(folder):
    found = tune(folder, Aim("buy", 10.0), k=5, save=True)
    assert not found["saved"] and not found["reached"] and found["objectives"]["buy"]["verdict"] == "missed"


@pytest.mark.parametrize("goal, limits", [("by", ()), ("buy", ("buy",))])
def test_aims_name_objectives_once(folder, goal, limits):
    with pytest.raises(RequestError):
        tune(folder, Aim(goal, 0.1), [Aim(limit, 0.1) for limit in limits])


def test_the_command_line(folder, capsys, tmp_path):
    asked = ["tune-weights", str(folder), "--goal", "rating:+0.01%", "-k", "5", "--out", str(tmp_path / "w.json")]
    assert main([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == json.loads((tmp_path / "w.json").read_text()) and not said["saved"]
    assert main(asked) == 0 and "[blend.weights]" in capsys.readouterr().out
    assert main(["tune-weights", str(folder), "--goal", "rating", "--json"]) == 2
