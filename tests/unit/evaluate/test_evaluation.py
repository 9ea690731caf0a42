import json
import math

import numpy as np
import polars as pl
import pytest

from motet.errors import ProjectError
from motet.evaluate import STANDARD, evaluate, goodness
from motet.schema import Binary

from ._make import at_random, make


def test_every_output_gets_its_standard_metrics():
    found = evaluate({output: at_random(output) for output in STANDARD})
    assert {task: tuple(values) for task, values in found.tasks.items()} == STANDARD
    assert found.questions == dict.fromkeys(STANDARD, 60)
    assert found.overall["questions"] == 360 and found.overall["tasks"] == 6


def test_overall_is_the_mean_goodness_of_the_tasks():
    right = make("class", score=[[1, 0], [0, 1]], label=[0, 0])
    # |errors| are 1 and 1; always saying the median, 3, errs by 2 on average.
    near = make("number", score=[2, 4], label=[1, 5])
    found = evaluate({"brand": right, "price": near})
    assert found.overall["score"] == pytest.approx((0.5 + 0.5) / 2)


def test_goodness_of_a_constant_error_is_zero_and_of_perfection_one():
    assert goodness(make("number", score=[3, 3, 3], label=[1, 3, 8])) == pytest.approx(0.0)
    assert goodness(make("number", score=[1, 3, 8], label=[1, 3, 8])) == 1.0
    assert math.isnan(goodness(make("number", score=[1, 1], label=[1, 1])))


def test_slices_hold_the_primary_metric_of_each_group():
    heat = np.array(["warm", "warm", "warm", "cold"])
    found = evaluate({"next_item": make("ranking", rank_n=[0, 9, 30, 0], num_items=50, slices={"item": heat})})
    assert found.slices.columns == ["task", "slice", "label", "metric", "value", "n"]
    warm, cold = found.slices.rows()
    assert warm[:4] == ("next_item", "item", "warm", "ndcg@10") and warm[5] == 3
    assert warm[4] == pytest.approx((1 + 1 / math.log2(11)) / 3)
    assert cold == ("next_item", "item", "cold", "ndcg@10", 1.0, 1)


def test_undefined_values_become_null():
    one_class = make("binary", score=[0.2, 0.4], label=[0, 0], slices={"item": np.array(["warm", "cold"])})
    record = json.loads(json.dumps(evaluate({"buy": one_class}).to_json(), allow_nan=False))
    assert record["tasks"]["buy"]["auc"] is None
    assert record["overall"] == {"score": None, "tasks": 0, "questions": 2}
    assert [row["value"] for row in record["slices"]] == [None, None]
    assert record["calibration"]["buy"][0]["count"] == 1


def test_a_task_may_ask_for_more():
    asked = Binary(name="buy", column="c", metrics=("macro_f1", "micro_f1"))
    with pytest.raises(ProjectError, match="micro_f1"):
        evaluate({"buy": at_random_for(asked)})
    from motet.schema import NextItem

    wide = NextItem(name="next_item", metrics=("recall@50",))
    found = evaluate({"next_item": make("ranking", task=wide, rank_n=[40, 70], num_items=100)})
    assert found.tasks["next_item"]["recall@50"] == 0.5


def at_random_for(task):
    some = at_random("binary")
    return make("binary", task=task, score=some.score, label=some.label)


def test_nothing_to_judge_is_an_empty_evaluation():
    found = evaluate({})
    assert found.slices.schema["value"] == pl.Float64 and found.slices.is_empty()
