from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.data.tables import ITEM, TIME, USER

from ._small import divided, events, table

NEXT = {"next": {"kind": "next_item"}}
KINDS = ["leave_one_out", "last_fraction", "time", "random"]


def placed(found):
    """(user, item, time) → part."""
    frame = found.tables.frame("events")
    return dict(zip(frame.select(USER, ITEM, TIME).rows(), found.parts["events"].tolist(), strict=True))


def test_leave_one_out_by_hand():
    rows = [("a", "x", 3), ("a", "y", 1), ("a", "z", 2), ("b", "x", 1), ("b", "y", 2)]
    assert placed(divided({"events": events(*rows)}, NEXT)) == {
        ("a", "y", 1): 0, ("a", "z", 2): 1, ("a", "x", 3): 2, ("b", "x", 1): 0, ("b", "y", 2): 0,
    }  # fmt: skip


def test_ties_keep_file_order_under_leave_one_out():
    found = divided({"events": events(("a", "x", 1), ("a", "y", 1), ("a", "z", 1))}, NEXT)
    assert [part for _, part in sorted(placed(found).items())] == [0, 1, 2]


def test_time_by_hand():
    rows = [("a", f"i{number}", number) for number in range(9)] + [("b", "i0", 8)]
    found = divided({"events": events(*rows)}, NEXT, split={"kind": "time", "fractions": [0.6, 0.2, 0.2]})
    assert found.boundaries == (6, 8, 8)
    assert [placed(found)["a", f"i{number}", number] for number in range(9)] == [0] * 6 + [1, 1, 2]
    assert placed(found)["b", "i0", 8] == 2


def test_last_fraction_by_hand():
    rows = [("a", f"i{number}", number) for number in range(15)]
    found = divided({"events": events(*rows)}, NEXT, split={"kind": "last_fraction"})
    assert found.events.part_N.tolist() == [0] * 11 + [1, 1, 2, 2]  # 1.5 rounds to the even 2


def test_without_events_there_is_no_index():
    people = table({"age": [1.0, 2.0], "pay": [1.0, 2.0]}, columns={"age": "number", "pay": "number"})
    found = divided({"people": people}, {"pay": {"kind": "number", "table": "people", "column": "pay"}})
    assert found.events is None and found.boundaries is None
    assert len(found.parts["people"]) == 2


EVENTS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz"), st.integers(0, 500)),
    min_size=12, max_size=40, unique_by=lambda row: row[2],
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(EVENTS, st.sampled_from(KINDS))
def test_every_row_has_one_part_and_no_part_falls(rows, kind):
    found = divided({"events": events(*rows)}, NEXT, split={"kind": kind})
    part, index = found.parts["events"], found.events
    assert len(part) == len(rows) == len(found.inputs["events"])
    assert set(part.tolist()) <= {0, 1, 2}
    for begin, end in zip(index.starts[:-1], index.starts[1:], strict=True):
        assert (np.diff(part[begin:end]) >= 0).all()
        if index.time_N is not None:
            assert (np.diff(index.time_N[begin:end]) >= 0).all()


@settings(deadline=None, max_examples=40)
@given(EVENTS, st.sampled_from(KINDS[:3]), st.randoms())
def test_the_order_of_the_file_does_not_matter_where_time_decides(rows, kind, rng):
    shuffled = rng.sample(rows, len(rows))
    first, second = (divided({"events": events(*each)}, NEXT, split={"kind": kind}) for each in (rows, shuffled))
    assert placed(first) == placed(second)
    assert first.boundaries == second.boundaries
    assert first.events.items.to_list() == second.events.items.to_list()


@pytest.mark.parametrize("kind", KINDS)
def test_two_divisions_are_the_same(kind):
    rows = [(f"u{number % 7}", f"i{number % 5}", number) for number in range(60)]
    first, second = (divided({"events": events(*rows)}, NEXT, split={"kind": kind}) for _ in range(2))
    assert first.parts["events"].tolist() == second.parts["events"].tolist()
