from hashlib import sha1

import polars as pl
import pytest

from motet.data.folds import Fold, count_folds, fold_of, follows_time, window_edges, without_the_future
from motet.data.tables import TIME
from motet.errors import DataError, ProjectError
from motet.schema import TEST, TRAIN, VALID
from motet.testing.study import tiny_study

from ._small import checked, divided, events, table

NEXT = {"next": {"kind": "next_item"}}
PAY = {"pay": {"kind": "number", "table": "people", "column": "pay"}}
PEOPLE = {
    "people": table(
        {"age": [float(n) for n in range(40)], "pay": [float(n) for n in range(40)]},
        columns={"age": "number", "pay": "number"},
    )
}
HISTORY = {"events": events(*[(f"u{n % 3}", f"i{n % 5}", n) for n in range(60)])}


def of(tables, tasks, fold, **split):
    return divided(tables, tasks, split={"kind": "folds", "fold": fold, **split})


def test_a_key_falls_where_its_hash_says():
    keys = pl.Series(["a", "b", "c", "7"])
    place = [int(sha1(f"fold{key}".encode()).hexdigest(), 16) % 10**6 % 4 for key in keys]
    for number in range(4):
        expected = [TEST if at == number else VALID if at == (number + 1) % 4 else TRAIN for at in place]
        assert Fold(number, 4).parts(keys).tolist() == expected


def test_every_row_is_tested_once_and_validated_once():
    parts = [of(PEOPLE, PAY, fold, folds=4).parts["people"] for fold in range(4)]
    for row in zip(*(part.tolist() for part in parts), strict=True):
        assert sorted(row) == [TRAIN, TRAIN, VALID, TEST]


def test_windows_by_hand():
    # 10 events in 5 stretches of two: the last three are tested
    assert window_edges(pl.Series(range(10)), 3) == [2, 4, 6, 8, 10]
    # no moment is cut, and every stretch has one
    assert window_edges(pl.Series([0] * 8 + [1, 2, 3, 4]), 3) == [1, 2, 3, 4, 5]
    with pytest.raises(DataError, match="only 4 different moments"):
        window_edges(pl.Series([1, 2, 3, 4]), 3)


def test_windows_roll_over_a_growing_history_that_knows_no_future():
    tested, learned = [], []
    for fold in range(4):
        found = of(HISTORY, NEXT, fold, windows=4)
        time, part = found.events.time_N, found.events.part_N
        assert time[part == TRAIN].max() < time[part == VALID].min() <= time[part == VALID].max()
        assert time[part == VALID].max() < time[part == TEST].min() and found.boundaries[2] == time.max()
        learned.append(int((part == TRAIN).sum()))
        tested += time[part == TEST].tolist()
    assert learned == [10, 20, 30, 40] and sorted(tested) == list(range(20, 60))


def test_rows_that_follow_the_events_end_with_the_window():
    reviews = table(
        {"u": ["u0"] * 3, "t": [5, 25, 59], "s": [1.0, 2.0, 3.0]}, user="u", time="t", columns={"s": "number"}
    )
    both = {**HISTORY, "reviews": reviews}
    whole = checked(both, NEXT)[1]
    assert follows_time(whole["reviews"]) and without_the_future(whole, Fold(0, 4)) is whole
    found = of(both, NEXT, 0, windows=4)  # tests 20 to 29
    assert found.tables.frame("reviews")[TIME].to_list() == [5, 25]
    assert found.parts["reviews"].tolist() == [TRAIN, TEST]


def test_a_planted_item_reaches_no_earlier_fold():
    """Each window has an item of its own; a fold knows neither the items nor the users of the ones after it."""
    rows = [(f"u{n % 3}", f"window{n // 10}", n) for n in range(60)] + [("late", "window5", 59)]
    for fold in range(4):
        found = of({"events": events(*rows)}, NEXT, fold, windows=4)
        assert found.events.items.to_list() == [f"window{n}" for n in range(fold + 1)]
        assert ("late" in found.events.users.to_list()) == (fold == 3)


def test_the_guard_holds_in_every_window():
    split = {"kind": "folds", "windows": 3}
    for fold in range(3):
        study = tiny_study(tasks=("next_item", "rating", "sentiment"), settings={"split": {**split, "fold": fold}})
        for examples in study.examples.values():
            assert {TRAIN, VALID, TEST} <= set(examples.part_n.tolist())


def test_what_does_not_fit_is_refused():
    with pytest.raises(ProjectError, match="no events with time"):
        count_folds(*checked(PEOPLE, PAY, split={"kind": "folds", "windows": 3}))
    with pytest.raises(ProjectError, match="folds 0 to 2"):
        fold_of(*checked(PEOPLE, PAY, split={"kind": "folds", "folds": 3, "fold": 3}))
    with pytest.raises(ProjectError, match="remove split from pay"):
        checked(PEOPLE, {"pay": {**PAY["pay"], "split": {}}}, split={"kind": "folds"})
    with pytest.raises(ProjectError, match="belong to kind"):
        checked(PEOPLE, PAY, split={"fold": 1})
    assert fold_of(*checked(PEOPLE, PAY)) is None and count_folds(*checked(PEOPLE, PAY)) == 1
