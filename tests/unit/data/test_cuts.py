from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.data.cuts import after_moments, find_boundaries, last_fraction, leave_one_out
from motet.errors import DataError, ProjectError
from motet.schema import SplitSpec


def offsets(*lengths: int) -> np.ndarray:
    return np.cumsum([0, *lengths])


def all_of(starts: np.ndarray) -> np.ndarray:
    return np.ones(starts[-1], bool)


def test_leave_one_out_holds_the_last_two():
    starts = offsets(4, 2, 0, 3)
    assert leave_one_out(starts, all_of(starts)).tolist() == [0, 0, 1, 2, 0, 0, 0, 1, 2]


def test_text_only_events_follow_the_next_item():
    has_item = np.array([True, False, True, False, True, False, True, False])
    # item train, search for the next one (train), item train, search → valid, item valid, search → test, item, search
    assert leave_one_out(offsets(8), has_item).tolist() == [0, 0, 0, 1, 1, 2, 2, 2]


def test_text_only_events_do_not_make_a_user_long_enough():
    assert leave_one_out(offsets(4), np.array([True, False, True, False])).tolist() == [0, 0, 0, 0]


def test_last_fraction_rounds_to_at_least_one():
    starts = offsets(2, 3, 16, 25)
    part = last_fraction(starts, all_of(starts))
    users = [part[a:b].tolist() for a, b in zip(starts[:-1], starts[1:], strict=True)]
    assert users[0] == [0, 0]
    assert users[1] == [0, 1, 2]
    assert users[2] == [0] * 12 + [1, 1, 2, 2]  # 1.6 rounds to 2
    assert users[3] == [0] * 21 + [1, 1, 2, 2]  # 2.5 rounds to the even 2


@given(
    st.lists(st.lists(st.booleans(), max_size=30), min_size=1, max_size=5),
    st.sampled_from([leave_one_out, last_fraction]),
)
def test_parts_never_fall_within_a_user(users, rule):
    starts = offsets(*map(len, users))
    has_item = np.array([flag for user in users for flag in user], bool)
    part = rule(starts, has_item)
    for begin, end in zip(starts[:-1], starts[1:], strict=True):
        assert (np.diff(part[begin:end]) >= 0).all()
        items = part[begin:end][has_item[begin:end]]
        if len(items) >= 3:
            assert (items == 2).sum() == (items == 1).sum() >= 1
        else:
            assert not part[begin:end].any()


def moments(*times: int, unit: str = "order", **split: object) -> tuple[int, int, int]:
    return find_boundaries(SplitSpec(kind="time", **split), pl.Series(times, dtype=pl.Int64), unit=unit)


def test_fractions_of_rows():
    assert moments(*range(10)) == (8, 9, 9)
    assert moments(*range(20), fractions=[0.7, 0.1, 0.2]) == (14, 16, 19)


def test_no_moment_is_cut():
    # Rows 0–6 at moments 0–6, then three rows at 7: the moment 7 would cross 80 %, so it is held out.
    assert moments(*range(7), 7, 7, 7, 8, 9) == (7, 8, 9)


def test_each_part_gets_a_moment():
    assert moments(1, 1, 1, 1, 1, 1, 1, 1, 2, 3) == (2, 3, 3)
    assert moments(1, 2, 3, 3, 3, 3, 3, 3, 3, 3) == (2, 3, 3)
    with pytest.raises(DataError, match="only 2 different moments"):
        moments(1, 1, 2)


def test_a_part_without_share_stays_empty():
    valid, test, last = moments(*range(10), fractions=[0.8, 0, 0.2])
    assert (valid, test, last) == (8, 8, 9)
    valid, test, _ = moments(*range(10), fractions=[0.8, 0.2, 0])
    assert after_moments(np.arange(10), valid, test).tolist() == [0] * 8 + [1] * 2


def test_cuts_are_read_in_the_unit_of_the_events():
    day = 86_400_000
    assert moments(0, 45, 49, 52, cut=[45, 49]) == (45, 49, 52)
    days = [18262 * day, 18263 * day, 18264 * day]  # 2020-01-01 and the two days after
    for cut in (
        ["2020-01-02", "2020-01-03T00:00:00Z"],
        [dt.date(2020, 1, 2), dt.datetime(2020, 1, 3)],
        [18263 * 86_400, 18264 * 86_400],
        [18263 * day, 18264 * day],
    ):
        assert moments(*days, unit="ms", cut=cut) == tuple(days[1:] + days[2:])


def test_impossible_cuts_are_refused():
    with pytest.raises(ProjectError, match="before test"):
        moments(1, 2, 3, cut=[3, 2])
    with pytest.raises(DataError, match="no events for test"):
        moments(1, 2, 3, cut=[2, 9])
    with pytest.raises(DataError, match="no events for training"):
        moments(1, 2, 3, cut=[1, 2])
    with pytest.raises(DataError, match="no events for validation"):
        moments(1, 2, 9, cut=[5, 8])
    day = 86_400_000
    with pytest.raises(DataError, match="run from 2020-01-01 to 2020-01-03 12:00:00\\.") as caught:
        moments(18262 * day, 18264 * day + day // 2, unit="ms", cut=["2021-01-01", "2021-02-01"])
    assert caught.value.message.startswith("The cut 2021-01-01 and 2021-02-01 leaves no events for test")
    with pytest.raises(DataError, match=f"cut {10**18} and"):
        moments(day, 2 * day, unit="ms", cut=[10**18, 10**18 + 1])
    with pytest.raises(DataError, match="no events"):
        moments(cut=[1, 2])
    with pytest.raises(ProjectError, match="plain order"):
        moments(1, 2, 3, cut=["2020-01-01", "2020-01-02"])
    with pytest.raises(ProjectError, match="ISO"):
        moments(1, 2, 3, unit="ms", cut=["soon", "later"])


@given(st.lists(st.integers(0, 40), min_size=3, max_size=60).filter(lambda times: len(set(times)) >= 3))
def test_time_leaves_no_part_empty_and_cuts_no_moment(times):
    valid, test, last = moments(*times)
    part = after_moments(np.array(times), valid, test)
    assert set(part) == {0, 1, 2}
    assert last == max(times)
    assert all(len(set(part[np.array(times) == moment])) == 1 for moment in times)
