from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.data.hashing import bucket
from motet.data.index import count_repeated
from motet.data.tables import ITEM, ROW, USER
from motet.errors import ProjectError

from ._small import divided, events, table

NEXT = {"next": {"kind": "next_item"}}


def test_events_stand_by_user_then_time_then_file():
    found = divided({"events": events(("b", "x", 5), ("a", "y", 2), ("b", "y", 1), ("b", "z", 5), ("a", "x", 1))}, NEXT)
    index = found.events
    assert index.users.to_list() == ["a", "b"]
    assert index.starts.tolist() == [0, 2, 5]
    assert found.tables.frame("events")[ROW].to_list() == [4, 1, 2, 0, 3]
    assert index.time_N.tolist() == [1, 2, 1, 5, 5]
    assert index.user_N.dtype == index.item_N.dtype == np.int32
    assert index.part_N.tolist() == [0, 0, 0, 1, 2]
    assert index.basket_N.tolist() == [0, 1, 2, 3, 4]


def test_catalogue_is_items_table_and_training_items():
    found = divided(
        {
            "events": events(("a", "t2", 1), ("a", "listed", 2), ("a", "unknown", 3)),
            "items": table({"i": ["listed", "t10"]}, id="i"),
            "users": table({"u": ["zoe"]}, id="u"),
        },
        NEXT,
    )
    assert found.events.items.to_list() == ["listed", "t10", "t2"]
    assert found.events.item_N.tolist() == [2, 0, -1]
    assert found.events.users.to_list() == ["a", "zoe"]
    assert found.events.starts.tolist() == [0, 3, 3]


def test_events_without_item_are_minus_one():
    found = divided({"events": events(("a", None, 1), ("a", "x", 2))}, NEXT)
    assert found.events.item_N.tolist() == [-1, 0]


def test_baskets_under_a_split_by_time():
    rows = [("a", "x", 1), ("a", "y", 1), ("a", "z", 2), ("b", "x", 1), ("b", "y", 3)]
    found = divided({"events": events(*rows)}, NEXT, split={"kind": "time"})
    assert found.events.basket_N.tolist() == [0, 0, 2, 3, 4]


def test_events_without_time_go_by_row_hash_training_first():
    rows = 40
    plain = table({"u": ["a", "b"] * (rows // 2), "i": list(range(rows))}, user="u", item="i")
    found = divided({"events": plain}, NEXT)
    frame, index = found.tables.frame("events"), found.events
    expected = np.select([bucket(frame[ROW]) == 9, bucket(frame[ROW]) == 8], [2, 1], 0)
    assert index.part_N.tolist() == expected.tolist()
    assert set(expected) == {0, 1, 2}
    assert index.time_N is None
    for user in range(2):
        own = slice(index.starts[user], index.starts[user + 1])
        assert (np.diff(index.part_N[own]) >= 0).all()
        order = frame[ROW].to_numpy()[own]
        assert all((np.diff(order[index.part_N[own] == part]) > 0).all() for part in (0, 1, 2))


def test_an_event_id_takes_the_place_of_its_row_number():
    names = [f"e{number}" for number in range(30)]
    found = divided({"events": table({"e": names, "u": ["a"] * 30, "i": names}, id="e", user="u", item="i")}, NEXT)
    ids = found.tables.frame("events")["@id"]
    assert (found.events.part_N == 2).tolist() == (bucket(ids) == 9).tolist()


def test_rows_that_cannot_be_placed_are_dropped_and_counted():
    found = divided({"events": events(("a", "x", 1), (None, "x", 2), ("a", "y", None))}, NEXT)
    assert found.tables.frame("events").height == len(found.events.user_N) == 1
    assert found.removed["events without user or time"] == 2


def test_repeated_targets_are_counted_strictly_before_their_basket():
    rows = [("a", "x", 1), ("a", "x", 1), ("a", "y", 2), ("a", "x", 3), ("b", "x", 1), ("a", None, 4), ("a", None, 5)]
    timed = divided({"events": events(*rows)}, NEXT, split={"kind": "time"})
    assert count_repeated(timed.events) == 1
    assert timed.removed["repeated targets"] == 1
    ordered = divided({"events": events(*rows)}, NEXT, split={"kind": "leave_one_out"})
    assert ordered.removed["repeated targets"] == 2
    allowed = divided({"events": events(*rows)}, {"next": {"kind": "next_item", "repeats": "allow"}})
    assert "repeated targets" not in allowed.removed


def test_events_need_a_user_and_a_split_by_time_needs_time():
    with pytest.raises(ProjectError, match="no user"):
        divided({"events": table({"i": ["x"]}, item="i")}, NEXT)
    with pytest.raises(ProjectError, match="needs a time"):
        divided({"events": table({"u": ["a"], "i": ["x"]}, user="u", item="i")}, NEXT, split={"kind": "time"})


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("wxyz"), st.integers(0, 9)), min_size=3, max_size=30),
    st.sampled_from(["leave_one_out", "last_fraction", "random"]),
)
def test_the_arrays_agree_with_the_frame(rows, kind):
    found = divided({"events": events(*rows)}, NEXT, split={"kind": kind})
    index, frame = found.events, found.tables.frame("events")
    assert index.users.gather(index.user_N).to_list() == frame[USER].to_list()
    named = index.item_N >= 0
    assert index.items.gather(index.item_N[named]).to_list() == frame[ITEM].filter(pl.Series(named)).to_list()
    assert index.starts.tolist() == [int((index.user_N < user).sum()) for user in range(len(index.users) + 1)]
    assert sorted(frame[ROW].to_list()) == list(range(len(rows)))
    for begin, end in zip(index.starts[:-1], index.starts[1:], strict=True):
        assert (np.diff(index.part_N[begin:end]) >= 0).all()
