"""Weights for a goal, found on some users of a real, tiny model and certified on the served lists of others."""

import json

import pytest

import motet
from motet.cli.main import main
from motet.errors import RequestError
from motet.stages.judging import reread
from motet.stages.tuning import Aim, tune, with_weights
from motet.stages.tuning_lists import questions_of_others, served_worth
from motet.testing import tiny_project

from .conftest import with_blend

SETTINGS = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
TASKS = ["next_item", "buy", "rating"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("shop")
    project = tiny_project(place, tasks=tuple(TASKS), settings=SETTINGS)
    return motet.train(motet.Project.read(project), place / "model").path


@pytest.fixture
def folder(trained, tmp_path):
    return with_blend(trained, tmp_path / "model")


def test_goals_are_read():
    assert Aim.parse("buy:+5%") == Aim("buy", 0.05) and Aim.parse(" a:b:-1.5%") == Aim("a:b", -0.015)
    for wrong in ("buy", "buy:5", "buy:+%", ":+5%"):
        with pytest.raises(RequestError, match="goal"):
            Aim.parse(wrong)


def served(folder, found, k):
    """The objectives of the users that had no say, by the folder as it is."""
    _, study, _ = reread(folder)
    loaded = motet.load(folder).loaded
    _, others = questions_of_others(study, loaded)
    assert found["users"]["test"] == len(others)
    return dict(zip(TASKS, served_worth(loaded, TASKS, others, k=k).mean(axis=0), strict=True))


def test_what_is_found_is_certified_saved_and_served(folder):
    found = tune(folder, Aim("buy", 0.0001), [Aim("next_item", -0.9)], k=5, save=True)
    assert found["saved"] and found["kept"] and found["objectives"]["buy"]["verdict"] in ("reached", "likely")
    each = found["objectives"]["buy"]
    assert each["difference"] == pytest.approx(each["after"] - each["before"])
    assert each["low"] <= each["difference"] <= each["high"]
    assert found["users"]["test"] > 20 and found["front"] and found["knee"] in found["front"]
    bundle = motet.load(folder)
    listed = bundle.recommend(bundle.loaded.users.users[0])
    wanted = {task: weight for task, weight in found["weights"].items() if weight > 0}
    assert listed.weights == pytest.approx(wanted) and "project" in listed.weights_from
    for task, value in served(folder, found, 5).items():
        assert value == pytest.approx(found["objectives"][task]["after"])
    assert "report.html" in bundle.manifest.parts and "evaluation/tuned.json" in bundle.manifest.parts


@pytest.mark.parametrize(
    "blend",
    [
        {"limits": {"buy": {"max": 0.01}, "rating": {"min": 0.3, "max": 0.3}}},
        {"popularity": 1.0, "weights": {"next_item": 0.5}},
        {"mode": "value", "values": {"rating": 3.0}, "limits": {"buy": {"max": 0.2}}},
        {"segment": "age_group", "segments": {"young": {"buy": 0.0}, "old": {"rating": 2.0}}},
        {"types": {"column": "brand", "at_most": {"Alder": 1}, "at_least": {"Cedar": 3}}},
    ],
)
def test_what_is_certified_is_what_the_project_serves(trained, tmp_path, blend):
    """Whatever else the project says of lists, before and after stand for lists that people are given."""
    folder = with_blend(trained, tmp_path / "model", **blend)
    found = tune(folder, Aim("buy", -1.0), k=5)
    before = served(folder, found, 5)
    assert before == pytest.approx({task: each["before"] for task, each in found["objectives"].items()})
    assert found["mode"] == blend.get("mode", "log")
    found = tune(folder, Aim("buy", -1.0), k=5, save=True)
    assert found["saved"]
    after = served(folder, found, 5)
    assert after == pytest.approx({task: each["after"] for task, each in found["objectives"].items()})
    for task, limit in blend.get("limits", {}).items():
        tried = [each["weights"][task] for each in (found, *found["front"])]
        assert all(limit.get("min", 0) <= weight <= limit["max"] for weight in tried), "limits hold for what is tried"
    if "limits" in blend:
        assert motet.load(folder).recommend(None).weights == {t: w for t, w in found["weights"].items() if w > 0}


def test_segments_that_keep_their_weights_are_told(trained, tmp_path):
    ages = motet.load(trained).loaded.users.profiles["age_group"]
    name = ages.drop_nulls()[0]
    blend = {"segment": "age_group", "segments": {name: {"next_item": 1.0, "buy": 0.0, "rating": 0.0}, "x": {"buy": 1}}}
    found = tune(with_blend(trained, tmp_path / "model", **blend), Aim("buy", 0.0001), k=5)
    assert found["segments"].keys() == {name} and 0 < found["segments"][name] < found["users"]["test"]


def test_a_rule_that_would_override_is_refused(trained, tmp_path):
    rules = [{"name": "always", "hours": [0, 24], "weights": {"buy": 0.0}}]
    with pytest.raises(RequestError, match="rule 'always'.*'buy'"):
        tune(with_blend(trained, tmp_path / "model", rules=rules), Aim("buy", 0.01))


def test_with_weights_is_what_saving_does(folder):
    loaded = motet.load(folder).loaded
    assert with_weights(loaded, {"buy": 0.5}).blend.weights == {**loaded.blend.weights, "buy": 0.5}


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
