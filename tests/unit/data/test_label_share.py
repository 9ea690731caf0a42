import numpy as np
import polars as pl
from tests.unit.tasks._tiny import divided

from motet.data.label_share import keeps, label_share
from motet.schema import TRAIN, ClassTask, NextItem, Rating


def test_a_larger_share_holds_a_smaller_one_and_is_as_large_as_it_says():
    keys = pl.Series([f"k{number}" for number in range(20_000)])
    few, some = keeps(keys, 0.05), keeps(keys, 0.3)
    assert abs(few.mean() - 0.05) < 0.01 and abs(some.mean() - 0.3) < 0.02
    assert (some | ~few).all() and keeps(keys, 1.0).all()


def test_a_task_without_the_key_keeps_all():
    assert label_share(NextItem()) == 1.0 and label_share(Rating(table="t", column="c", label_share=0.2)) == 0.2


def rows() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    stars = rng.integers(1, 6, 600)
    texts = [f"t{at}" for at in range(600)]
    return pl.DataFrame({"text": texts, "stars": stars.astype(float), "kind": ["a", "b"] * 300})


def divide(share: float):
    tasks = [
        Rating(table="reviews", column="stars", label_share=share),
        ClassTask(name="kind", table="reviews", column="kind", inputs=("stars",)),
    ]
    table = {"rows": rows(), "columns": {"text": "text", "stars": "number", "kind": "category"}}
    return divided({"reviews": table}, tasks)


def test_dropped_labels_are_blank_for_everyone_and_held_out_ones_stay_as_they_were():
    few, all_ = divide(0.1), divide(1.0)
    dropped = few.dropped["rating"]
    train = all_.task_parts["rating"] == TRAIN
    assert 0.03 < 1 - dropped[train].mean() < 0.2 and not dropped[~train].any()
    assert few.inputs["reviews"]["stars"].is_null().to_numpy()[dropped].all()
    assert few.tables.frame("reviews")["kind"].equals(all_.tables.frame("reviews")["kind"])
    assert np.array_equal(few.task_parts["kind"], all_.task_parts["kind"])
    assert np.array_equal(few.task_parts["rating"][~train], all_.task_parts["rating"][~train])
    assert all_.dropped == {}
