import math

import numpy as np
import pytest

from motet.transfer import certify
from motet.transfer.climb import climb
from motet.transfer.repair import REPAIRS

from ._arms import Drawn, Found, Given, tasks


def run(found, *, ladder=("twin",), **options):
    arms = Given(found)
    names = {task: None for task, _, _ in found}
    return certify(tasks(*names), [0, 1, 2], arms, ladder=ladder, **options), arms


def test_a_task_harmed_on_validation_is_answered_by_its_twin():
    result, _ = run({("a", "joint", "test"): Found(-0.05), ("b", "joint", "test"): Found(0.05)})
    assert result.routes == {"a": "twin", "b": "joint"}
    row = result.certificate.tasks["a"]
    assert (row.repair, row.initial.verdict, row.shipped.verdict) == ("twin", "harmed", "not worse")
    assert (row.shipped.difference, row.shipped.low, row.shipped.high) == (0, 0, 0)
    assert row.shipped.joint == row.shipped.twin == 0.5 and row.initial.joint == 0.45
    assert row.shipped_metrics["arm"] == len("twin") and row.baseline == 0.4
    kept = result.certificate.tasks["b"]
    assert (kept.repair, kept.shipped.verdict) == (None, "improved") and kept.shipped == kept.initial


def test_the_choice_never_looks_at_test():
    arms = Given({("a", "joint", "test"): Found(-0.05), ("a", "joint", "valid"): Found(0.05)})
    assert climb("a", arms)["a"].arm == "joint"
    assert arms.asked == [("a", "joint", "valid")]


def test_harm_that_validation_did_not_show_ships_and_says_so():
    result, _ = run({("a", "joint", "test"): Found(-0.05), ("a", "joint", "valid"): Found(0.01)})
    row = result.certificate.tasks["a"]
    assert (row.repair, row.shipped.verdict) == (None, "harmed")


def test_test_is_compared_once_for_each_arm():
    _, arms = run({("a", "joint", "test"): Found(-0.05), ("b", "joint", "test"): Found(0.05)})
    assert sorted(ask for ask in arms.asked if ask[2] == "test") == [("a", "joint", "test"), ("b", "joint", "test")]


def test_undefined_validation_is_no_evidence_of_harm():
    unknown = Found(math.nan, standard_error=math.nan)
    result, _ = run({("a", "joint", "test"): Found(0.0), ("a", "joint", "valid"): unknown})
    assert result.routes == {"a": "joint"}


def test_a_routed_task_is_not_worse_even_where_its_metric_is_undefined():
    result, _ = run({("a", "joint", "test"): Found(math.nan, twin=math.nan), ("a", "joint", "valid"): Found(-0.05)})
    assert result.certificate.tasks["a"].shipped.verdict == "not worse"


def test_caution_moves_the_line():
    found = {("a", "joint", "test"): Found(-0.01)}  # one standard error: p = .16
    assert run(found)[0].routes == {"a": "twin"}
    assert run(found, caution=0.1)[0].routes == {"a": "joint"}


def test_progress_is_told():
    told = []
    run({("a", "joint", "test"): Found(-0.05)}, on_progress=lambda *what: told.append(what))
    assert told == [("a", "trying twin"), ("a", "repaired: twin")]


class Gentler:
    """A repair that trains another arm."""

    exact = shared = False

    def __init__(self, arm="gentle"):
        self.arm = arm

    def repair(self, tasks, arms, *, joint):
        return self.arm


@pytest.fixture
def gentle(monkeypatch):
    REPAIRS.names()
    monkeypatch.setitem(REPAIRS._entries, "gentle", Gentler())
    monkeypatch.setitem(REPAIRS._entries, "impossible", Gentler(None))


GOOD, BAD = Found(0.0), Found(-0.05)


@pytest.mark.parametrize(
    ("on_a", "on_b", "route", "asked"),
    [
        (GOOD, GOOD, "gentle", ["valid", "A", "B"]),
        (BAD, GOOD, "twin", ["valid", "A"]),
        (GOOD, BAD, "twin", ["valid", "A", "B"]),
    ],
)
def test_a_repair_passes_a_and_then_b(gentle, on_a, on_b, route, asked):
    given = {("a", "gentle", "A"): on_a, ("a", "gentle", "B"): on_b, ("a", "gentle", "valid"): on_b}
    arms = Given({("a", "joint", "valid"): BAD, **given})
    choice = climb("a", arms, ladder=("impossible", "gentle", "twin"))["a"]
    assert choice.arm == route
    assert list(dict.fromkeys(role for _, _, role in arms.asked)) == asked
    assert [each.rung for each in choice.tried] == ["gentle", "twin"][: 1 + (route == "twin")]


def test_failure_on_b_ends_the_climb(gentle, monkeypatch):
    monkeypatch.setitem(REPAIRS._entries, "later", Gentler("later"))
    arms = Given({("a", "joint", "valid"): BAD, ("a", "gentle", "A"): GOOD, ("a", "gentle", "B"): BAD})
    assert climb("a", arms, ladder=("gentle", "later"))["a"].arm == "twin"


def test_a_repaired_arm_is_compared_on_test(gentle):
    found = {("a", "joint", "test"): BAD, ("a", "gentle", "test"): Found(0.002)}
    result, _ = run(found, ladder=("gentle", "twin"))
    row = result.certificate.tasks["a"]
    assert (row.repair, row.shipped.difference, row.shipped.verdict) == ("gentle", 0.002, "unclear")


def simulate(effect, *, seed_deviation=0.0, count=1500):
    """Return which share of tasks is routed, and which share ships and is found harmed."""
    names = [f"t{n}" for n in range(count)]
    arms = Drawn(effect=effect, seed_deviation=seed_deviation, rng=np.random.default_rng(11))
    rows = certify(tasks(*names), [0, 1, 2], arms, ladder=("twin",)).certificate.tasks.values()
    routed = np.mean([row.repair == "twin" for row in rows])
    return routed, np.mean([row.shipped.verdict == "harmed" for row in rows])


@pytest.mark.parametrize("seed_deviation", [0.0, 1.0])
class TestWhenToRepair:
    """docs/decisions/0003-when-to-repair.md, by simulation."""

    def test_without_effect_a_fifth_is_routed(self, seed_deviation):
        routed, harmed = simulate(0.0, seed_deviation=seed_deviation)
        assert 0.15 < routed < 0.25 and harmed < 0.04

    def test_what_helps_stays_shared(self, seed_deviation):
        routed, harmed = simulate(2.5, seed_deviation=seed_deviation)
        assert routed < 0.02 and harmed < 0.005

    def test_clear_harm_is_routed(self, seed_deviation):
        routed, harmed = simulate(-4.0, seed_deviation=seed_deviation)
        assert routed > 0.97 and harmed < 0.02

    @pytest.mark.parametrize("effect", [-0.5, -1.0, -1.5, -2.0, -3.0])
    def test_shipped_harm_stays_rare_at_any_effect(self, effect, seed_deviation):
        _, harmed = simulate(effect, seed_deviation=seed_deviation)
        assert harmed < 0.1
