"""The whole ladder, on numbers that are given."""

import math

import pytest

from motet.transfer.climb import LADDER, climb
from motet.transfer.harm import CAUTION, seems_harmed
from motet.transfer.repair import REPAIRS
from motet.transfer.repair._culprits import culprits
from motet.transfer.repair.interpolate import SHARES
from motet.transfer.repair.private import Private
from motet.transfer.repair.read_only import ReadOnly
from motet.transfer.repair.twin import Twin
from motet.transfer.repair.valve import SHARE

from ._arms import Found, Given

GOOD, FINE, BAD, WORSE = Found(0.01), Found(0.0), Found(-0.05), Found(-0.06)
PULLS = {"b": {"a": -0.2, "b": 0.5}, "c": {"a": -0.1, "b": 0.1}, "a": {"a": 0.3, "b": -0.1}}


def found(**arms):
    """(task, arm) → a comparison for all roles, or (A, B)."""
    out = {}
    for key, value in arms.items():
        task, _, arm = key.partition("_")
        for role, each in zip("AB", value if isinstance(value, tuple) else (value, value), strict=True):
            out[task, arm, role] = each
        out[task, arm, "valid"] = value[0] if isinstance(value, tuple) else value
    return out


def test_the_shelf_is_the_ladder():
    assert sorted(LADDER) == REPAIRS.names()
    shared = [name for name in LADDER if REPAIRS.get(name).shared]
    assert shared == ["valve", "read_only"] and [name for name in LADDER if REPAIRS.get(name).exact] == ["twin"]


def test_the_culprit_is_the_other_task_that_harms_most():
    assert culprits(["a", "b", "c"], PULLS) == {"a": "b", "b": "a"}
    assert culprits(["a"], {"a": {"a": -1.0}, "b": {"a": 0.0}}) == {}


def test_a_shared_rung_replaces_the_joint_model_of_all():
    arms = Given(found(a_joint=BAD, a_valve=GOOD, b_joint=FINE, b_valve=FINE), PULLS)
    chosen = climb(["a", "b"], arms)
    assert (chosen["a"].arm, chosen["a"].repair) == ("valve", "valve")
    assert (chosen["b"].arm, chosen["b"].repair, chosen["b"].tried) == ("valve", None, ())
    assert arms.made == [("joint", {"b": SHARE}, ["a"])]
    (tried,) = chosen["a"].tried
    assert (tried.rung, tried.seconds, tried.passed) == ("valve", 7.0, True)


def test_a_shared_rung_that_spoils_another_task_is_not_taken():
    given = found(a_joint=BAD, a_valve=GOOD, b_joint=FINE, b_valve=BAD, a_read_only=GOOD, b_read_only=FINE)
    chosen = climb(["a", "b"], Given(given, PULLS))
    assert chosen["a"].repair == "read_only" and chosen["b"].arm == "read_only"
    assert [(each.rung, each.passed) for each in chosen["a"].tried] == [("valve", False), ("read_only", True)]


def test_what_half_b_refuses_is_answered_by_the_twin_and_the_joint_model_stays():
    arms = Given(found(a_joint=BAD, a_valve=(GOOD, BAD), b_joint=FINE, b_valve=FINE), PULLS)
    chosen = climb(["a", "b"], arms)
    assert (chosen["a"].arm, chosen["a"].repair, chosen["b"].arm) == ("twin", "twin", "joint")
    assert len(arms.made) == 1  # nothing further is tried: B was asked


@pytest.mark.parametrize("task", ["a", "b"])
def test_two_halves_that_each_look_harmless_must_do_so_together(task):
    """By all validation questions harm was found, so by these a repair must be cleared, of its task and of others."""
    given = found(a_joint=BAD, a_valve=GOOD, b_joint=GOOD, b_valve=FINE, a_read_only=BAD, b_read_only=BAD)
    chosen = climb(["a", "b"], Given(given | {(task, "valve", "valid"): BAD}, PULLS))
    assert (chosen["a"].arm, chosen["a"].repair, chosen["b"].arm) == ("twin", "twin", "joint")
    alone = found(a_joint=BAD) | found(**{"a_private a": GOOD}) | {("a", "private a", "valid"): BAD}
    assert climb(["a"], Given(alone, {}))["a"].repair == "twin"


def test_one_mended_task_of_two_keeps_the_model_and_the_other_climbs_on_from_it():
    given = found(a_joint=BAD, a_valve=GOOD, b_joint=BAD, b_valve=BAD) | {("b", "private b", "valid"): GOOD}
    arms = Given(given, PULLS, impossible=("read_only",))
    chosen = climb(["a", "b"], arms)
    assert chosen["a"].arm == "valve" and (chosen["b"].arm, chosen["b"].repair) == ("private b", "private")
    assert arms.made[1:] == [("valve", {"a": 0.0}, ["b"]), ("valve", "b")]


def test_without_a_culprit_the_own_rungs_are_climbed():
    arms = Given(found(a_joint=BAD) | {("a", "private a", "valid"): GOOD})
    choice = climb(["a"], arms)["a"]
    assert choice.repair == "private" and [each.rung for each in choice.tried] == ["private"]
    assert arms.made == [("joint", "a")]


def test_the_share_that_does_best_on_half_a_is_asked_on_b():
    given = found(a_joint=BAD)
    for share, gain in zip(SHARES, (-0.05, 0.02, 0.03, -0.01), strict=True):
        given["a", f"a {share}", "A"] = Found(gain)
        given["a", f"a {share}", "B"] = given["a", f"a {share}", "valid"] = GOOD
    arms = Given(given, impossible=("private",))
    choice = climb(["a"], arms)["a"]
    assert (choice.arm, choice.repair) == ("a 0.75", "interpolate")
    assert [ask for ask in arms.asked if ask[2] == "B"] == [("a", "a 0.75", "B")]


def test_a_rung_that_changes_nothing_for_the_better_is_no_repair():
    """Half A may show no harm where all of it lies in half B."""
    given = {("a", "joint", "valid"): BAD, ("a", "joint", "A"): FINE, ("a", "private a", "valid"): FINE}
    assert climb(["a"], Given(given, impossible=("interpolate",)))["a"].repair == "twin"


def test_where_half_a_shows_nothing_no_repair_is_proved():
    """On a half with one class only the metric is undefined; half B alone is not asked."""
    undefined = Found(math.nan, standard_error=math.nan)
    given = found(a_joint=BAD, a_valve=(undefined, GOOD)) | {("a", "private a", "valid"): GOOD}
    given |= {("a", "joint", "A"): undefined, ("a", "private a", "A"): undefined}
    arms = Given(given, PULLS, impossible=("read_only", "interpolate"))
    choice = climb(["a"], arms)["a"]
    assert choice.repair == "twin" and not any(each.passed for each in choice.tried[:-1])
    assert all(role != "B" for _, _, role in arms.asked)


def test_the_last_resort_is_the_twin_whatever_the_ladder():
    choice = climb(["a"], Given(found(a_joint=BAD)), ladder=())["a"]
    assert (choice.arm, [each.rung for each in choice.tried]) == ("twin", ["twin"])
    assert Twin().repair(["a"], Given(), joint="joint") == "twin"


@pytest.mark.parametrize("rung", [ReadOnly(), Private()])
def test_rungs_start_from_the_joint_model_that_stands(rung):
    arms = Given(pulls=PULLS)
    assert rung.repair(["a"], arms, joint="valve") and arms.made[0][0] == "valve"


def test_harm_must_be_likely_enough():
    assert seems_harmed(Found(-0.01)) and not seems_harmed(Found(-0.005)) and not seems_harmed(Found(math.nan))
    assert not seems_harmed(Found(-0.01), caution=CAUTION / 2)
