import json
import math

import pytest

from motet.stages.advising import PORTIONS, advise_study
from motet.stages.watching import Watch
from motet.testing.study import tiny_study


class Told(Watch):
    def __init__(self):
        self.plan, self.done = None, []

    def planned(self, arms, epochs):
        self.plan = (list(arms), epochs)

    def trained(self, arm, seed, seconds):
        self.done.append(arm)


@pytest.fixture(scope="module")
def told():
    return Told()


@pytest.fixture(scope="module")
def advice(told):
    settings = {
        "train": {"epochs": 1, "batch": 128, "device": "cpu"},
        "trunk": {"width": 8, "layers": 1},
        "sharing": {"kind": "auto"},
        "balance": {"kind": "auto"},
    }
    return advise_study(tiny_study(tasks=("next_item", "rating", "buy", "sentiment"), settings=settings), watch=told)


def test_every_pair_is_measured(advice, told):
    assert [(pair.one, pair.other) for pair in advice.pairs] == [
        ("next_item", "buy"),
        ("next_item", "rating"),
        ("next_item", "sentiment"),
        ("buy", "rating"),
        ("buy", "sentiment"),
        ("rating", "sentiment"),
    ]
    met = advice.pairs[3]
    assert met.forward.known and met.backward.known and math.isfinite(met.forward.error) and -1 <= met.cosine <= 1
    assert told.plan == ([("advice", 0)], PORTIONS) and told.done == ["advice"]
    assert 2.0 <= advice.passes < 2.0 + PORTIONS, "two passes, rounded up to whole steps"


def test_tasks_that_share_no_weights_neither_help_nor_harm(advice):
    apart = [pair for pair in advice.pairs if "sentiment" in (pair.one, pair.other)]
    assert all(math.isnan(pair.cosine) and not pair.forward.known for pair in apart)


def test_costs_are_counted(advice):
    rating = advice.tasks["rating"]
    assert rating.labels > 100 and rating.seconds > 0 and rating.private > 0
    assert advice.main.what == "next_item"
    json.dumps(advice.to_json(), allow_nan=False)


def test_a_single_task_is_alone():
    quick = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}, "trunk": {"width": 8, "layers": 1}}
    found = advise_study(tiny_study(tasks=("rating",), settings=quick), watch=Watch())
    assert found.alone == {"rating": "it is the only task."} and not found.pairs and not found.groups
