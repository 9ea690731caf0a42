import numpy as np
import polars as pl

from motet.schema import TEST, TRAIN, VALID, NextItem
from motet.tasks._history import codes_of, events_before, events_within, ranges
from tasks._tiny import EVENT_KEYS, divided, events

ROWS = [(f"u{user}", f"i{time}", time * 10) for user in range(5) for time in range(user + 1)]


def index_of(split):
    return divided({"events": {"rows": events(ROWS), **EVENT_KEYS}}, [NextItem()], split={"kind": split}).events


def test_codes_of_unknown_and_null_are_minus_one():
    assert codes_of(pl.Series(["b", None, "z", "a"]), pl.Series(["a", "b"])).tolist() == [1, -1, -1, 0]


def test_leading_events_of_parts():
    index = index_of("leave_one_out")
    assert events_within(index, TRAIN).tolist() == [1, 2, 1, 2, 3]  # up to two events are for training only
    assert events_within(index, VALID).tolist() == [1, 2, 2, 3, 4]
    assert events_within(index, TEST).tolist() == [1, 2, 3, 4, 5]


def test_events_strictly_before_a_moment():
    index = index_of("leave_one_out")
    user = np.asarray([4, 4, 4, 0, -1], np.int32)
    assert events_before(index, user, np.asarray([0, 20, 999, 5, 999])).tolist() == [0, 2, 5, 1, 0]


def test_ranges():
    assert ranges(np.asarray([3, 7, 5]), np.asarray([2, 0, 3])).tolist() == [3, 4, 5, 6, 7]
    assert ranges(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []
