from math import hypot

import pytest

from motet.report.saved import Saved
from motet.report.watched import watched_run

from ._watched import TASKS, row, watched_log


def saved(log, tasks=TASKS):
    return Saved("s", kinds=dict.fromkeys(tasks, "binary"), log=log)


def test_means_go_over_epochs_up_to_the_kept_one_and_over_seeds():
    log = [
        row(0, 0, **{"affinity/a>b": 0.1}),
        row(1, 0, best=False),
        row(2, 0, **{"affinity/a>b": 0.3}),
        row(3, 0, best=False, **{"affinity/a>b": 9.0}),
        row(0, 1, **{"affinity/a>b": 0.6}),
        row(0, 1, arm="b", **{"affinity/a>b": 9.0}),
    ]
    found = watched_run(saved(log, ("a", "b")))
    assert found.affinity == {("a", "b"): pytest.approx((0.2 + 0.6) / 2)}
    assert found.cosines == {} and found.norms == {} and found.gates == {}


def test_blocks_come_in_the_order_of_the_trunk_and_lengths_add_up_as_vectors_do():
    found = watched_run(saved(watched_log()))
    assert list(found.cosines) == ["item", "fusion"]
    assert found.cosines["fusion"] == {("buy", "rating"): pytest.approx(0.05)}
    assert [curve.seed for curve in found.norms["buy"]] == [0, 1]
    curve = found.norms["buy"][0]
    assert curve.points == ((0, 5.0), (2, pytest.approx(hypot(1, 4))), (4, pytest.approx(hypot(0.6, 4))))
    assert curve.kept == curve.points[-1]


def test_gates_are_those_of_the_kept_epoch():
    log = [row(0, **{"gate/a/expert 1": 0.1}), row(1, best=False, **{"gate/a/expert 1": 0.9})]
    assert watched_run(saved(log, ("a",))).gates == {"a": {"expert 1": 0.1}}


def test_names_with_the_logs_own_signs_are_told_apart():
    tasks = ("a", "a/b", "x|y", "p>q")
    columns = {"gate/a/b/expert 1": 0.5, "affinity/p>q>a": 0.1, "cosine/item/x|y|a": 0.2, "cosine/item/a/b|x|y": 0.3}
    found = watched_run(saved([row(0, **columns)], tasks))
    assert found.gates == {"a/b": {"expert 1": 0.5}}
    assert found.affinity == {("p>q", "a"): 0.1}
    assert found.cosines["item"] == {("x|y", "a"): 0.2, ("a/b", "x|y"): 0.3}


def test_a_log_without_looks_is_empty():
    assert watched_run(saved([])).empty
    assert watched_run(saved([row(0, **{"score/a": 0.5, "affinity/a>b": None})], ("a", "b"))).empty
    assert not watched_run(saved([row(0, alarm="Expert 'expert 1' has collapsed.")])).empty
