from pathlib import Path

import numpy as np
import polars as pl
import pytest

import motet
from motet import workflow
from motet.artifact import open_folder
from motet.features.labels import Labels
from motet.schema import Project
from motet.stages import comparing
from motet.stages.grown import continued
from motet.stages.quality import asks_for_training
from motet.stages.retraining import relabelled
from motet.testing.project import tiny_project

SETTINGS = {
    "train": {"epochs": 2, "batch": 512, "device": "cpu"},
    "trunk": {"width": 16, "layers": 1, "max_history": 10},
    "certify": {"seeds": 2, "margin": 0.5},
}


def changed_taste(folder: Path) -> Path:
    """Write later events in which everybody takes the other half of the shop, which was hardly seen before."""
    events = pl.read_parquet(folder / "events.parquet")
    number = pl.col("item").str.slice(1).cast(pl.Int64)
    events.filter(pl.col("item").is_null() | (number < 30)).write_parquet(folder / "events.parquet")
    last, rng = int(events["time"].max()), np.random.default_rng(0)
    rows = [
        (user, f"i{item:03d}", last + 100 * at + 1, "buy", 4.0, None)
        for user in events["user"].unique().sort()
        for at, item in enumerate(rng.permutation(np.arange(30, 60))[:6])
    ]
    path = folder / "other.parquet"
    pl.DataFrame(rows, schema=events.schema, orient="row").write_parquet(path)
    return path


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    project = tiny_project(folder, tasks=("next_item", "brand"), settings=SETTINGS)
    changed_taste(folder)
    return workflow.train(Project.read(project), folder / "one").path


def test_a_changed_taste_is_told_and_trains_features_and_model_anew(one, tmp_path, monkeypatch):
    new = one.parent / "other.parquet"
    found = workflow.evaluate_recent(one, events=new)
    assert found["next_item"].main and found["next_item"].below and found["next_item"].ratio < 0.9
    assert asks_for_training(found) == ["next_item"]
    monkeypatch.setattr(comparing, "is_worse", lambda comparison, *, margin: False)
    done = motet.update(one, tmp_path / "two", events=new, auto=True)
    assert done.retrained and done.accepted, done.to_json()
    assert set(done.tasks) == {"next_item", "brand"}
    folder = open_folder(done.path)
    assert folder.has("evaluation/certificate.json") and continued(folder)["fitted"]
    assert continued(folder)["sources"] == [{"table": "events", "path": str(new)}]
    assert not continued(folder)["certified"], "what is certified now is in its own metrics"
    again = workflow.evaluate(done.path)
    assert again.tasks["next_item"]["ndcg@10"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["two"]


def test_what_is_as_good_as_certified_goes_on_without_training_anew(one, tmp_path):
    events = pl.read_parquet(one.parent / "events.parquet").sort("time")
    more = events.tail(60).with_columns(pl.col("time") + 86_400 * 200)
    more.write_parquet(tmp_path / "same.parquet")
    found = workflow.evaluate_recent(one, events=tmp_path / "same.parquet")
    assert "brand" not in found
    if not asks_for_training(found):
        assert not motet.update(one, tmp_path / "two", events=tmp_path / "same.parquet", auto=True).retrained


def test_answers_over_other_classes_are_put_in_their_order():
    from motet.evaluate import Predictions
    from motet.schema import ClassTask

    def made(score, label):
        task = ClassTask(name="c", table="items", column="c")
        return Predictions(
            task, "class", np.array(["a", "b"]), score=np.array(score, np.float32), label=np.array(label)
        )

    now, new = made([[0.7, 0.3], [0.1, 0.9]], [0, 1]), made([[0, 0, 1.0], [0, 1.0, 0]], [2, 0])
    found = relabelled(now, Labels("class", classes=("x", "y")), Labels("class", classes=("y", "z", "x")), like=new)
    np.testing.assert_allclose(found.score, [[0.3, 0, 0.7], [0.9, 0, 0.1]], atol=1e-6)
    assert found.label.tolist() == [2, 0]
