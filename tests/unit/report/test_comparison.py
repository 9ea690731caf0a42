"""Model folders side by side, from what they hold."""

import html
import re

import numpy as np
import polars as pl
import pytest

from motet.artifact import open_folder, update_folder, write_folder
from motet.errors import ArtifactError
from motet.evaluate.kept import KeptAnswers, answers_to_parts
from motet.report.anatomy import Anatomy, Box, Part
from motet.report.comparison import UNTIMED, compare_folders, overall_name
from motet.report.comparison_page import comparison_page

PROJECT = '[project]\nname = "x"\n[trunk]\nwidth = {width}\n[train]\nepochs = 4\n{more}'


def make(path, *, width, auc, mae, questions=50, more="", certificate=True):
    log = pl.DataFrame({"arm": ["joint", "joint", "buy"], "seed": [0, 0, 0], "seconds": [2.0, 3.0, 9.0]})
    parts = {
        "project.toml": PROJECT.format(width=width, more=more),
        "evaluation/metrics": {
            "tasks": {"buy": {"auc": auc, "log_loss": 0.5}, "price": {"mae": mae}},
            "questions": {"buy": questions, "price": 7},
            "overall": {"score": auc, "tasks": 2},
            "data": {"split": "time"},
        },
        "evaluation/log": log,
    }
    if certificate:
        rows = {"buy": {"metric": "auc", "verdict": "improved"}, "price": {"metric": "mae", "verdict": "<unclear>"}}
        parts["evaluation/certificate"] = {"tasks": rows, "sharing": {"parameters": 1000, "train_seconds": 61.0}}
    write_folder(path, parts, name="m", seed=0, runtime="torch", tasks={"buy": "binary", "price": "number"})
    return path


@pytest.fixture
def found(tmp_path):
    first = make(tmp_path / "a", width=16, auc=0.7, mae=2.0)
    second = make(tmp_path / "b", width=32, auc=0.75, mae=2.5, more="patience = 2\n", certificate=False)
    return compare_folders([first, second])


def test_differences_are_to_the_first_and_positive_is_better(found):
    assert found["tasks"]["buy"]["values"] == [0.7, 0.75]
    assert found["tasks"]["buy"]["differences"] == pytest.approx([0, 0.05])
    assert found["tasks"]["price"]["differences"] == pytest.approx([0, -0.5])
    assert found["tasks"]["price"]["lower_is_better"]
    assert str(found["tasks"]["price"]["differences"][0]) == "0.0", "no difference has no sign"
    assert found["tasks"]["buy"]["metrics"] == {"auc": [0.7, 0.75], "log_loss": [0.5, 0.5]}


def test_only_settings_that_differ_are_told(found):
    assert found["settings"] == {"trunk.width": [16, 32], "train.patience": [None, 2]}


def test_seconds_are_the_certificates_or_the_logs(found):
    assert [run["train_seconds"] for run in found["runs"]] == [61.0, 5.0]
    assert [run["parameters"] for run in found["runs"]] == [1000, None]
    assert all(run["bytes"] > 0 for run in found["runs"])


def test_other_questions_and_missing_tasks_are_named(tmp_path):
    first = make(tmp_path / "x" / "m", width=16, auc=0.7, mae=2.0)
    second = make(tmp_path / "y" / "m", width=16, auc=0.7, mae=None, questions=51)
    found = compare_folders([first, second])
    assert not found["tasks"]["buy"]["same_questions"] and found["tasks"]["price"]["same_questions"]
    assert found["tasks"]["price"]["differences"] == [0, None]
    assert any("buy" in note and "same test questions" in note for note in found["notes"])
    assert any("price" in note for note in found["notes"])
    assert [run["name"] for run in found["runs"]] == [str(first), str(second)]


def test_overall_is_over_what_every_folder_answers(tmp_path):
    whole = compare_folders(
        [make(tmp_path / "a", width=16, auc=0.7, mae=2.0), make(tmp_path / "b", width=16, auc=0.9, mae=1.0)]
    )
    assert (
        whole["overall"] == {"tasks": ["buy", "price"], "scores": [0.7, 0.9]} and overall_name(whole) == "overall score"
    )
    third = make(tmp_path / "c", width=16, auc=0.6, mae=None)
    part = compare_folders([tmp_path / "a", third])
    assert part["overall"] == {"tasks": ["buy"], "scores": [0.7, 0.6]}
    assert "overall score of 1 of 2 tasks" in comparison_page(part)


def test_errors_count_in_the_common_score_as_the_folder_scored_them(tmp_path):
    first = make(tmp_path / "a", width=16, auc=0.7, mae=2.0)
    alone = make(tmp_path / "b", width=16, auc=None, mae=3.0)
    assert compare_folders([first, alone])["overall"] == {"tasks": ["price"], "scores": [None, None]}
    for path, score in ((first, 0.25), (alone, 0.125)):
        metrics = open_folder(path).json("evaluation/metrics")
        update_folder(path, {"evaluation/metrics": {**metrics, "scores": {"buy": 0.7, "price": score}}})
    assert compare_folders([first, alone])["overall"] == {"tasks": ["price"], "scores": [0.25, 0.125]}


def test_a_task_that_was_trained_alone_is_a_difference(tmp_path):
    first, alone = (make(tmp_path / name, width=16, auc=0.7, mae=2.0) for name in ("a", "b"))
    update_folder(alone, {"evaluation/log": pl.DataFrame({"arm": ["buy"], "seed": [0], "seconds": [9.0]})})
    assert compare_folders([first, alone])["settings"] == {"--single": [None, "buy"]}
    assert compare_folders([alone, alone])["settings"] == {}


def test_the_seconds_of_a_task_alone_are_its_own(tmp_path):
    alone = make(tmp_path / "a", width=16, auc=0.7, mae=2.0, certificate=False)
    update_folder(alone, {"evaluation/log": pl.DataFrame({"arm": ["buy"], "seed": [0], "seconds": [9.0]})})
    assert compare_folders([alone, alone])["runs"][0]["train_seconds"] == 9.0


def test_parameters_are_counted_in_the_folder_where_no_certificate_tells_them(tmp_path, monkeypatch):
    box = Box("trunk", "trunk", "block", parameters=70)
    models = (Part("joint", (box, box), ()), Part("buy", (box,), ()))
    monkeypatch.setattr("motet.report.saved.anatomy", lambda folder: Anatomy(models))
    paths = [make(tmp_path / name, width=16, auc=0.7, mae=2.0, certificate=name == "a") for name in ("a", "b")]
    found = compare_folders(paths)
    assert [run["parameters"] for run in found["runs"]] == [210, 210]
    assert UNTIMED in found["notes"]


def test_one_folder_is_not_enough(tmp_path):
    with pytest.raises(ArtifactError, match="alone"):
        compare_folders([tmp_path])


def test_the_page_stands_alone_and_escapes(found):
    page = comparison_page(found)
    assert page.startswith("<!doctype html>") and len(page) < 1_000_000
    assert "default-src 'none'" in html.unescape(page)
    assert re.findall(r'(?:src|href)="(?!\#)', page) == []
    assert "trunk.width" in page and "+0.0500" in page and "−0.5000" in page
    assert "<unclear>" not in page and "improved" in page


def answered(path, value, *, asked="same", metric="mae"):
    """Give a folder answers to four questions about its price."""
    unit_n, value_n = np.arange(4, dtype=np.int32), np.array(value, np.float32)
    kept = KeptAnswers(metric, "mean", "number", asked, unit_n, {"value": value_n})
    update_folder(path, answers_to_parts({"price": kept}))
    return path


def folders(tmp_path):
    return [make(tmp_path / name, width=16, auc=0.7, mae=mae) for name, mae in (("a", 2.0), ("b", 1.0))]


def test_folders_that_keep_their_answers_are_compared_question_by_question(tmp_path):
    first, second = folders(tmp_path)
    answered(first, [1.0, 3.0, 2.0, 2.0])
    answered(second, [0.5, 1.5, 1.0, 1.0])
    found = compare_folders([first, second])
    told = found["tasks"]["price"]["paired"][1]
    # differences .5 1.5 1 1: mean 1, variance of the mean 1/6 / 4, t with 3 degrees of freedom
    half = 3.182446 * (1 / 6 / 4) ** 0.5
    assert (told["low"], told["high"]) == pytest.approx((1 - half, 1 + half), abs=1e-5)
    assert (told["questions"], told["units"]) == (4, 4) and found["tasks"]["price"]["unpaired"] == [None, None]
    assert "keeps no answers" in found["tasks"]["buy"]["unpaired"][1]
    assert any("paired differences" in note for note in found["notes"])
    assert any("keeps no answers to single questions (buy)" in note for note in found["notes"])
    assert f"[+{1 - half:.4f}, +{1 + half:.4f}]" in comparison_page(found)


def test_where_there_is_no_interval_the_reason_is_told(tmp_path):
    first, second = folders(tmp_path)

    def why():
        found = compare_folders([first, second])
        assert found["tasks"]["price"]["paired"] == [None, None]
        assert not any("paired differences" in note for note in found["notes"])
        return found["tasks"]["price"]["unpaired"][1]

    assert "keeps no answers" in why()
    answered(first, [1, 2, 3, 4])
    answered(second, [1, 2, 3, 4], asked="others")
    assert why() == "not the same test questions"
    answered(second, [1, 2, 3, 4], metric="mse")
    assert why() == "not judged by the same metric"
    answered(second, [1, 2, 3, 4])
    update_folder(second, {"evaluation/compressed": {"tried": []}})
    assert "compressed" in why()
