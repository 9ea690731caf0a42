"""Three folds of a small table, trained, interrupted, resumed, packed."""

import json
from pathlib import Path
from statistics import fmean, variance

import pytest

import motet
from motet.artifact import layout, open_folder
from motet.data import ID
from motet.evaluate import find
from motet.schema import TEST, TRAIN
from motet.stages import folding
from motet.stages.judging import judge_folder
from motet.stages.watching import Watch
from motet.testing import tiny_project

SETTINGS = {
    "split": {"kind": "folds", "folds": 3},
    "train": {"epochs": 1, "batch": 512, "device": "cpu", "watch": 0, "head_start": False},
    "trunk": {"width": 8, "layers": 1, "max_history": 5},
}
ITEMS = """
[tasks.brand]
kind = "class"
table = "items"
column = "brand"

[tasks.price]
kind = "number"
table = "items"
column = "price"
"""


class Told(Watch):
    """Hears of folds and arms; stops when the arm of a seed is trained."""

    def __init__(self, stop=None):
        self.stop, self.folds, self.arms = stop, [], []

    def folding(self, fold, folds):
        self.folds.append((fold, folds))

    def trained(self, arm, seed, seconds):
        self.arms.append((arm, seed))
        if (arm, seed) == self.stop:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Items alone: their brand and their price, with a token in every title that no other has."""
    import tomllib

    import polars as pl
    import tomli_w

    folder = tmp_path_factory.mktemp("shop")
    path = tiny_project(folder, users=12, items=90, settings=SETTINGS)
    items = pl.read_parquet(folder / "items.parquet")
    items.with_columns(title=pl.col("title") + " token" + pl.col("item")).write_parquet(folder / "items.parquet")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    content["tables"] = {"items": content["tables"]["items"]}
    content["tasks"] = tomllib.loads(ITEMS)["tasks"]
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def judged():
    """Every fold as it was judged, kept on the way."""
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        judge = folding._judge

        def keeping(trained, watch, fold):
            kept.append((trained.study, judge(trained, watch, fold)))
            return kept[-1][1]

        patch.setattr(folding, "_judge", keeping)
        yield kept


@pytest.fixture(scope="module")
def result(tmp_path_factory, project, judged):
    """A run that was interrupted in the second fold, and went on."""
    out = tmp_path_factory.mktemp("run") / "model"
    with pytest.raises(KeyboardInterrupt):
        motet.certify(motet.Project.read(project), out, watch=Told(("joint", 1)))
    assert len(judged) == 1
    judged.clear()
    watch = Told()
    return motet.certify(motet.Project.read(project), out, resume=True, watch=watch), watch


def test_every_fold_has_models_of_its_own(result):
    found, watch = result
    assert watch.folds == [(0, 3), (1, 3), (2, 3)]
    assert [seed for arm, seed in watch.arms if arm == "joint"] == [0, 1, 2]
    assert found.certificate.seeds == (0, 1, 2) and found.certificate.folds == 3
    assert not list(found.path.parent.glob("*.work")), "what folds worked with is gone"


def test_tutors_are_told_and_repairs_keep_them(result, judged):
    found, _ = result
    assert found.certificate.tutored.keys() == {"brand", "price"} & set(found.certificate.tasks)
    assert all(set(study.tutored) == set(found.certificate.tutored) for study, _ in judged)


def test_each_row_is_tested_exactly_once(result, judged):
    tested = []
    for study, fold in judged:
        examples = study.examples["price"]
        rows = examples.row_n[examples.part_n == TEST]
        tested += study.division.tables.frame("items")[ID].gather(rows).to_list()
        assert len(fold.answers["price"]["joint"].unit_n) == len(rows)
    assert len(tested) == len(set(tested)) == 90


def test_no_label_of_a_held_out_row_is_fitted_or_shown(result, judged):
    for study, _ in judged:
        part, inputs = study.division.parts["items"], study.division.inputs["items"]
        for column in ("brand", "price"):
            assert inputs[column].filter(list(part != TRAIN)).null_count() == (part != TRAIN).sum()
        prices = study.division.tables.frame("items")["price"].to_numpy()[part == TRAIN]
        labels = study.features.state.labels["price"]
        assert (labels.low, labels.high) == (pytest.approx(prices.min()), pytest.approx(prices.max()))


def test_the_means_are_those_of_the_folds(result, judged):
    found, _ = result
    for task, row in found.certificate.tasks.items():
        metric = find(row.metric)
        joint, twin = ([metric.value(fold.answers[task][name]) for _, fold in judged] for name in ("joint", "twin"))
        sign = -1 if metric.lower_is_better else 1
        differences = [sign * (one - other) for one, other in zip(joint, twin, strict=True)]
        ratio = fmean(fold.ratio[task] for _, fold in judged)
        assert row.initial.difference == pytest.approx(fmean(differences))
        half = 4.30265273 * (variance(differences) * (1 / 3 + ratio)) ** 0.5
        assert row.initial.high - row.initial.difference == pytest.approx(half)
        told = found.folds["tasks"][task][row.metric]
        assert told["mean"] == pytest.approx(fmean(told["folds"])) and len(told["folds"]) == 3


def test_the_last_fold_ships_and_is_judged_again_on_its_own_questions(result):
    found, _ = result
    folder = open_folder(found.path)
    assert "fold = 2" in folder.text(layout.PROJECT)
    assert folder.json(layout.METRICS)["folds"] == json.loads(json.dumps(found.folds))
    again = judge_folder(found.path).tasks["price"]
    assert again == pytest.approx(dict(found.evaluation.tasks["price"]), nan_ok=True)
    assert set(folder.frame(layout.LOG)["seed"].to_list()) == {0, 1, 2}


def test_training_goes_through_the_folds_as_well(project, tmp_path: Path):
    found = motet.train(motet.Project.read(project), tmp_path / "model", single="price")
    assert found.certificate is None and found.folds["count"] == 3
    assert found.folds["tasks"]["price"]["mae"]["folds"][-1] == found.evaluation.tasks["price"]["mae"]


def test_one_fold_alone_is_an_ordinary_run(project, tmp_path: Path):
    declared = motet.Project.read(project, overrides={"split.fold": 0})
    assert motet.train(declared, tmp_path / "model", single="price").folds == {}
