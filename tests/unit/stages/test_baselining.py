"""Simple methods on the tiny shop, judged as a model is."""

import json

import numpy as np
import pytest

from motet.baseline import BASELINES, choosing
from motet.cli.main import main
from motet.errors import RequestError
from motet.evaluate import find
from motet.features.labels import fit_labels
from motet.schema import TEST, Project
from motet.stages.baselining import baseline_predictions, judge_baselines
from motet.tasks import examples_of
from motet.testing import tiny_project
from motet.workflow import check

TASKS = ("next_item", "sentiment", "price")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return tiny_project(tmp_path_factory.mktemp("shop"), tasks=TASKS)


@pytest.fixture(scope="module")
def division(project):
    return check(Project.read(project)).division


def test_values_are_those_of_the_judges(division):
    seen = []
    found = judge_baselines(
        division,
        tasks=["next_item"],
        methods=["popularity", "item_knn", "majority"],
        on_method=lambda *each: seen.append(each),
    )["next_item"]
    assert set(found.methods) == {"popularity", "item_knn"} and list(found.skipped) == ["majority"]
    assert seen == [("next_item", "popularity"), ("next_item", "item-kNN")]
    examples = examples_of(division.project.tasks["next_item"], division)
    labels, test = fit_labels(examples), np.flatnonzero(examples.part_n == TEST)
    for short, each in found.methods.items():
        method = BASELINES.get(short)()
        for at, value in ((test, each.test["ndcg@10"]), (choosing(examples), each.valid)):
            answers = baseline_predictions(
                examples, labels, division, method.answer(examples, labels, division, at), at
            )
            assert find("ndcg@10").value(answers) == pytest.approx(value)
    assert found.best == max(found.methods, key=lambda short: found.methods[short].valid)
    assert found.questions == len(test)


def test_an_error_is_best_where_it_is_least(division):
    found = judge_baselines(division, tasks=["price"])["price"]
    assert found.metric == "mae" and {"majority", "tree", "linear_row"} <= set(found.methods) | {"linear_row"}
    assert found.methods[found.best].valid == min(each.valid for each in found.methods.values())


@pytest.mark.parametrize(
    "asked", [{"tasks": ["pricy"]}, {"methods": ["eas"]}, {"tasks": ["price"], "methods": ["ease"]}]
)
def test_what_cannot_be_asked_is_said(division, asked):
    with pytest.raises(RequestError):
        judge_baselines(division, **asked)


def test_the_command(project, capsys, tmp_path):
    out = tmp_path / "found.json"
    asked = ["baseline", str(project), "--task", "sentiment", "--out", str(out)]
    assert main([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == json.loads(out.read_text()) and said["tasks"]["sentiment"]["metric"] == "auc"
    assert {"linear_text", "tree", "majority"} <= set(said["tasks"]["sentiment"]["methods"])
    assert main(["baseline", str(project), "--methods", "ease,popularity", "--quiet"]) == 0
    text = capsys.readouterr().out
    assert "ndcg@10" in text and "left out: popularity" in text
    assert main(["baseline", str(project), "--task", "nothing", "--json"]) == 2
