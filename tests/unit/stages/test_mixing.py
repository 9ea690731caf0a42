"""The gate of a ranking's memory."""

from dataclasses import astuple

import numpy as np
import pytest

from motet.evaluate import find
from motet.model.assemble import build
from motet.model.heads._mix import Gate
from motet.model.predict import Predictor
from motet.stages.answer import answer, questions_of_role
from motet.stages.growing import fill, regrown, with_adapter
from motet.stages.mixing import USUAL, chosen_gate, keep_gates, open_gates, shut
from motet.stages.outcomes import run_arm
from motet.stages.refitting import refit
from motet.stages.watching import Watch
from motet.testing.study import tiny_study


def gain(study, model, role):
    predictions = answer(study, model, "next_item", questions_of_role(study, "next_item", role))
    return find("ndcg@10").value(predictions)


def gate_of(model):
    return model.head("next_item").mix.get()


@pytest.fixture(scope="module")
def twin(study):
    return run_arm(study, "next_item", 0)


def test_the_chosen_gate_is_no_worse_than_none_on_half_a(study, twin):
    mixed = gain(study, twin.model, "A")
    chosen = gate_of(twin.model)
    assert not chosen.shut, "after one epoch the shop's graph knows more than the network"
    shut(twin.model)
    assert gate_of(twin.model).shut
    alone = gain(study, twin.model, "A")
    assert mixed > alone
    open_gates(study, twin.model)
    assert gate_of(twin.model) == chosen, "the same questions, the same gate"


def test_joint_and_twin_are_judged_on_the_network_and_then_get_a_gate(study, twin):
    best = max(row["score/next_item"] for row in twin.log)
    shut(twin.model)
    assert gain(study, twin.model, "A") == pytest.approx(best, abs=1e-9)
    open_gates(study, twin.model)
    joint = run_arm(study, "joint", 0, first=twin)
    assert not gate_of(joint.model).shut


def test_a_resumed_arm_has_the_same_gate(study, twin, tmp_path):
    first = run_arm(study, "next_item", 0, work=tmp_path)
    again = run_arm(study, "next_item", 0, work=tmp_path)
    assert gate_of(first.model) == gate_of(again.model) == gate_of(twin.model)
    np.testing.assert_array_equal(first.answers["next_item"]["test"].rank_n, again.answers["next_item"]["test"].rank_n)


def test_a_refit_keeps_the_gate(study, twin):
    known = gate_of(twin.model)
    assert gate_of(refit(study, twin, watch=Watch())) == known
    assert gate_of(keep_gates(build(study.shape, seed=1), twin.model)) == known


def test_a_gate_travels_with_its_task(study, twin):
    other = regrown(twin.model, with_adapter(twin.model.shape, "next_item", 4), seed=0)
    assert gate_of(other) == gate_of(twin.model)
    mine, elsewhere = (build(study.shape, seed=2) for _ in range(2))
    fill(mine, twin.model, tasks=("next_item",))
    fill(elsewhere, twin.model, tasks=("rating",))
    assert gate_of(mine) == gate_of(twin.model) and gate_of(elsewhere).shut


def test_without_questions_the_memory_is_believed_a_little(study, twin, monkeypatch):
    monkeypatch.setattr("motet.stages.mixing.questions_of_role", lambda *_, **__: np.zeros(0, np.int64))
    model = open_gates(study, regrown(twin.model, twin.model.shape, seed=0))
    assert astuple(gate_of(model)) == pytest.approx(astuple(USUAL))


def test_where_items_return_the_own_past_may_count():
    tasks = {"next_item": {"kind": "next_item", "repeats": "allow"}}
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}, "tasks": tasks}
    study = tiny_study(tasks=("next_item",), settings=settings)
    model = build(study.shape, seed=0).eval()
    open_gates(study, model)
    mixed = gain(study, model, "A")
    model.head("next_item").mix.set(Gate())
    assert mixed > gain(study, model, "A")


class Noted:
    """Questions that the network alone answers a little better, whatever the gate."""

    def __init__(self, count):
        self.count = count

    def values(self, gate):
        return np.ones((1, 3), np.float32)

    def gain(self, extra_p):
        return self.count * (0.08 if extra_p.any() else 0.1)


@pytest.mark.parametrize(("count", "shut"), [(16, False), (5_000, True)])
def test_a_few_questions_do_not_overthrow_what_is_usually_believed(study, twin, monkeypatch, count, shut):
    monkeypatch.setattr("motet.stages.mixing.rivals", lambda *_: [Noted(count)])
    gate = chosen_gate(study, Predictor(twin.model, study.tensors), "next_item")
    assert gate.shut == shut and (shut or gate == USUAL)
