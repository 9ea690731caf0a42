import math

from motet.transfer import Choice, FoldedTask, certify_folds, from_json, to_json

from ._arms import SHARING, Found, tasks


def run(choices, before, after=None):
    one = FoldedTask(tasks("a")["a"], choices, before, after or before, ("majority", 0.4), {"auc": 0.6})
    return certify_folds({"a": one}, SHARING, [0, 1, 2])


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


def test_what_would_resolve_it_keeps_the_folds():
    # 2 degrees: half the interval is 4.3027 · .05 = .2151; not worse within .01 needs (.2151 / .01)² the rows
    comparison = run([Choice()] * 3, Found(0.0, standard_error=0.05, degrees=2, units=100)).tasks["a"].shipped
    assert comparison.verdict == "unclear" and comparison.needed_seeds is None
    assert comparison.needed == math.ceil(100 * (4.30265273 * 0.05 / 0.01) ** 2)


def test_the_tutors_of_folds_are_their_twins():
    one = FoldedTask(tasks("a")["a"], [Choice()] * 3, Found(0.05), Found(0.05))
    assert certify_folds({"a": one}, SHARING, [0, 1, 2], tutored=["a"]).tutored == {"a": Found(0.05).twin}


def test_json_and_back():
    found = run([Choice()] * 3, Found(0.05))
    assert to_json(found)["folds"] == 3 and from_json(to_json(found)) == found
