import math
from dataclasses import replace

import pytest

from motet.transfer import Choice, FoldedTask, certify_folds, from_json, to_json
from motet.transfer.claims import sharing_failed, would_tell

from ._arms import SHARING, Found, tasks


def run(choices, before, after=None):
    one = FoldedTask(tasks("a")["a"], choices, before, after or before, ("majority", 0.4), {"auc": 0.6})
    return certify_folds({"a": one}, SHARING, range(len(choices)))


def test_what_the_folds_shipped_is_what_is_compared():
    found = run([Choice(), Choice("twin", "twin"), Choice()], Found(-0.05), Found(0.05))
    row = found.tasks["a"]
    assert (row.initial.verdict, row.shipped.verdict, row.repair) == ("harmed", "improved", None)
    assert (row.baseline, row.baseline_name, row.shipped_metrics) == (0.4, "majority", {"auc": 0.6})
    assert found.folds == 3 and "3 folds" in str(found) and "3 seeds" not in str(found)


def test_a_task_that_every_fold_routes_cannot_be_worse():
    for before in (Found(-0.05), Found(math.nan, standard_error=math.nan, twin=math.nan)):
        row = run([Choice("twin", "twin")] * 3, before, Found(-0.5)).tasks["a"]
        assert (row.shipped.verdict, row.shipped.difference, row.repair) == ("not worse", 0, "twin")


ROUTED, SHARED, VALVED = Choice("twin", "twin"), Choice(), Choice("valved", "valve")


@pytest.mark.parametrize("last", [ROUTED, SHARED])
def test_a_task_that_most_folds_route_is_routed_whatever_the_last_one_did(last):
    found = run([ROUTED, ROUTED, SHARED if last is ROUTED else ROUTED, last], Found(-0.05), Found(-0.002))
    row = found.tasks["a"]
    assert row.routed and row.repairs == {"twin": 3, "none": 1} and row.repair == last.repair
    assert sharing_failed(found)
    shipped = "" if last is ROUTED else ", but not as shipped"
    assert (
        f"Sharing failed: more than a third of the tasks, 1 of 1 routed to the twin: a (in 3 of 4 folds{shipped})."
        in found.claims()
    )
    assert "twin in 3 of 4 folds" in str(found) and to_json(found)["tasks"]["a"]["routed"] is True


@pytest.mark.parametrize("routed", [1, 2])
def test_a_task_that_half_of_the_folds_route_is_not_but_it_is_said(routed):
    found = run([SHARED] * (4 - routed) + [ROUTED] * routed, Found(-0.05), Found(-0.05))
    row = found.tasks["a"]
    assert not row.routed and row.repair == "twin" and row.shipped.verdict == "harmed" and not sharing_failed(found)
    assert "No task is routed to its twin in most folds." in found.claims()
    assert f"Routed to the twin in fewer folds: a (in {routed} of 4 folds, and as shipped)." in found.claims()
    assert to_json(found)["tasks"]["a"]["routed"] is False


def test_other_repairs_are_counted_too():
    found = run([VALVED, ROUTED, SHARED, SHARED], Found(-0.05), Found(0.0))
    told = "valve in 1, twin in 1 of 4 folds; ships: none"
    assert f"Repaired within the shared model or beside it: a ({told})." in found.claims() and told in str(found)
    assert "Routed to the twin in fewer folds: a (in 1 of 4 folds)." in found.claims()
    untouched = run([SHARED] * 3, Found(0.05))
    assert untouched.tasks["a"].repairs == {"none": 3} and "No task is routed to its twin." in untouched.claims()


def test_no_number_of_rows_is_promised_for_what_varies_between_folds():
    found = run([SHARED] * 3, Found(0.0, standard_error=0.05, degrees=2, units=100))
    comparison = found.tasks["a"].shipped
    assert (comparison.verdict, comparison.needed, comparison.needed_seeds) == ("unclear", None, None)
    assert not any("Left open" in claim for claim in found.claims()) and "tell" not in str(found)
    older = replace(comparison, needed=4_600)  # as certificates over folds once said
    assert would_tell(older, folds=3) == "" and "4,600" in would_tell(older)


def test_too_few_users_are_said_over_folds_too():
    for alike in (Found(0.1, standard_error=0.0, units=9), Found(0.0, standard_error=0.05, degrees=2, units=9)):
        found = run([SHARED] * 3, alike)
        assert "Left open: a (at least 10 users or rows are needed)." in found.claims()


def test_the_tutors_of_folds_are_their_twins():
    one = FoldedTask(tasks("a")["a"], [Choice()] * 3, Found(0.05), Found(0.05))
    assert certify_folds({"a": one}, SHARING, [0, 1, 2], tutored=["a"]).tutored == {"a": Found(0.05).twin}


def test_json_and_back():
    found = run([Choice()] * 3, Found(0.05))
    assert to_json(found)["folds"] == 3 and from_json(to_json(found)) == found
    record = to_json(run([ROUTED, ROUTED, SHARED], Found(-0.05), Found(-0.01)))
    assert from_json(record).tasks["a"].repairs == {"twin": 2, "none": 1} and to_json(from_json(record)) == record


def test_an_older_record_knows_the_last_fold_alone():
    record = to_json(run([SHARED, SHARED, ROUTED], Found(-0.05), Found(-0.01)))
    del record["tasks"]["a"]["repairs"], record["tasks"]["a"]["routed"]
    older = from_json(record)
    assert older.tasks["a"].routed and older.tasks["a"].repairs == {}
    assert any("1 of 1 routed to the twin: a." in claim for claim in older.claims())
