import numpy as np
import polars as pl
import pytest

from motet.errors import DataError
from motet.schema import TEST, TRAIN, VALID, Number
from motet.tasks import _windows
from motet.tasks.number import NumberKind
from tasks._tiny import DAY, EVENT_KEYS, divided, events

# one event a day for u over a hundred days, worth its day; v comes every tenth day, without a price at first
START = 18_262 * DAY  # the first of January 2020
ROWS = [("u", "a", START + day * DAY, float(day)) for day in range(100)]
ROWS += [("v", "b", START + day * DAY, None if day == 0 else 1.0) for day in range(0, 100, 10)]
CUT = ["2020-03-01", "2020-03-21"]  # days 60 and 80


def made(aggregate="sum", window="20d", unit="ms", cut=CUT):
    task = Number(name="spend", column="price", aggregate=aggregate, window=window)
    table = {"rows": events(ROWS, "price"), **EVENT_KEYS, "columns": {"price": "number"}, "unit": unit}
    division = divided({"events": table}, [task], split={"kind": "time", "cut": cut})
    return NumberKind().examples(division.project.tasks["spend"], division), division


def by_hand(user, now, aggregate):
    rows = [row[3] for row in ROWS if row[0] == user and now <= row[2] < now + 20 * DAY and row[3] is not None]
    whole = {"sum": sum(rows), "count": len(rows)}
    return whole[aggregate] if aggregate in whole else {"mean": np.mean, "max": np.max}[aggregate](rows)


@pytest.mark.parametrize("aggregate", ["sum", "count", "mean", "max"])
def test_labels_are_what_comes_within_the_window(aggregate):
    examples, division = made(aggregate)
    for n, label in enumerate(examples.label):
        assert label == pytest.approx(by_hand(examples.unit[n], examples.now_n[n], aggregate))


def test_histories_end_strictly_before_the_moment_and_windows_inside_the_part():
    examples, division = made()
    start = division.events.starts[examples.user_n]
    times = division.events.time_N
    assert (times[start + examples.cut_n] >= examples.now_n).all()
    assert (times[start + examples.cut_n - 1] < examples.now_n).all()
    assert examples.now_n[examples.part_n == TRAIN].max() == START + 40 * DAY
    assert examples.now_n[examples.part_n == TRAIN].min() == START + 20 * DAY
    assert set(np.diff(np.unique(examples.now_n[examples.part_n == TRAIN]))) == {5 * DAY}
    assert set(examples.now_n[examples.part_n == VALID]) == {START + 60 * DAY}
    assert set(examples.now_n[examples.part_n == TEST]) == {START + 80 * DAY}
    assert (examples.row_n == -1).all() and examples.item_n is None


def test_too_short_parts_are_refused_with_their_lengths():
    with pytest.raises(DataError, match="validation 20.0 days"):
        made(window="21d")


def test_an_order_is_no_clock():
    with pytest.raises(DataError, match="real times"):
        made(unit="order", cut=[START + 60 * DAY, START + 80 * DAY])


def test_the_grid_is_thinned_evenly_to_the_cap(monkeypatch):
    monkeypatch.setattr(_windows, "MAX_TRAINING", 6)
    examples, _ = made()
    moments = np.unique(examples.now_n[examples.part_n == TRAIN])
    assert (examples.part_n == TRAIN).sum() <= 6
    assert moments.max() == START + 40 * DAY and set(np.diff(moments)) == {10 * DAY}


def test_no_event_sums_to_nothing_and_has_no_mean():
    values, start, end = np.asarray([1.0, 2.0]), np.asarray([0, 1, 2]), np.asarray([2, 1, 2])
    assert _windows._over(np.add, values, start, end).tolist() == [3.0, 0.0, 0.0]
    assert _windows._where_known(np.asarray([3.0, 0.0]), np.asarray([2.0, 0.0])).to_list() == [3.0, None]


def test_the_last_moment_lasts_as_long_as_the_times_are_coarse():
    assert _windows._grain(np.asarray([0, DAY, 3 * DAY])) == DAY
    assert _windows._grain(np.asarray([0, DAY + 3_600_000])) == 3_600_000
    assert _windows._grain(np.asarray([0, DAY + 1])) == 1


def test_unknown_window_labels_are_left_out():
    rows = pl.DataFrame(ROWS, schema=["user", "item", "time", "price"], orient="row")
    assert rows["price"].null_count() == 1
    examples, _ = made("mean")
    assert not examples.label.has_nulls()
