import datetime as dt
from typing import Any

import polars as pl
import pytest

from motet.data.times import parse_times

DAY = int(dt.datetime(2018, 6, 17, tzinfo=dt.UTC).timestamp()) * 1000
TEN = DAY + 10 * 3_600_000


def moments(*cells: Any, dtype: Any = None) -> tuple[list[int | None], str]:
    values, unit = parse_times(pl.Series("t", list(cells), dtype=dtype))
    assert values.dtype == pl.Int64
    return values.to_list(), unit


def test_small_whole_numbers_are_an_order() -> None:
    assert moments(0, 5, 3) == ([0, 5, 3], "order")
    assert moments("0", "5") == ([0, 5], "order")
    assert moments(2017, 2018) == ([2017, 2018], "order")
    assert moments(-1, 99_999_999) == ([-1, 99_999_999], "order")


@pytest.mark.parametrize("factor", [1, 10**3, 10**6, 10**9])
def test_unix_times_are_told_by_their_size(factor: int) -> None:
    assert moments(DAY // 1000 * factor) == ([DAY], "ms")
    assert moments(str(DAY // 1000 * factor)) == ([DAY], "ms")


def test_the_size_is_judged_over_the_column() -> None:
    assert moments(0, 1_500_000_000, 1_500_000_001) == ([0, 1_500_000_000_000, 1_500_000_001_000], "ms")


def test_fractions_of_seconds_are_kept() -> None:
    assert moments(DAY / 1000 + 0.25) == ([DAY + 250], "ms")
    assert moments(f"{DAY // 1000}.25", f"{DAY // 1000}.0") == ([DAY + 250, DAY], "ms")


def test_dates_written_together_are_dates() -> None:
    assert moments(20180617, 20180618) == ([DAY, DAY + 86_400_000], "ms")
    assert moments(20180617, 20181399) == ([20180617, 20181399], "order")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2018-06-17", DAY), ("2018/06/17", DAY), ("17.06.2018", DAY), ("06 17, 2018", DAY), ("06/17/2018", DAY),
        ("17/06/2018", DAY), ("Jun 17, 2018", DAY), ("June 17, 2018", DAY), ("17 Jun 2018", DAY), ("20180617", DAY),
        ("2018年06月17日", DAY), ("2018-06-17 10:00", TEN), ("2018-06-17T10:00:00Z", TEN),
        ("2018-06-17T12:00:00+02:00", TEN), ("2018-06-17 12:00:00.000 +02:00", TEN), ("2018/6/17 10:00:00", TEN),
        ("17-Jun-18", DAY), ("17/06/18", DAY), ("17.06.18 10:00", TEN), ("6/17/18 10:00", TEN), ("Jun 17, 18", DAY),
        ("2018-06-17 10:00:00 UTC", TEN), ("06/17/2018 10:00:00 AM", TEN), ("Sun Jun 17 10:00:00 +0000 2018", TEN),
    ],
)  # fmt: skip
def test_common_forms(written: str, moment: int) -> None:
    assert moments(written) == ([moment], "ms")


def test_forms_may_be_mixed_and_junk_is_null() -> None:
    cells = ("2018-06-17", "2018-06-17T10:00:00Z", "June 17, 2018", "never", None, "2018-02-30")
    assert moments(*cells) == ([DAY, TEN, DAY, None, None, None], "ms")


def test_a_column_has_one_habit_of_day_and_month() -> None:
    day_first, _ = moments("17/06/2018", "03/02/2018")
    month_first, _ = moments("06/17/2018", "03/02/2018")
    assert day_first[1] == int(dt.datetime(2018, 2, 3, tzinfo=dt.UTC).timestamp()) * 1000
    assert month_first[1] == int(dt.datetime(2018, 3, 2, tzinfo=dt.UTC).timestamp()) * 1000


def test_typed_moments() -> None:
    assert moments(dt.date(2018, 6, 17)) == ([DAY], "ms")
    assert moments(dt.datetime(2018, 6, 17, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))) == ([TEN], "ms")
    assert moments(dt.datetime(2018, 6, 17), dtype=pl.Datetime("ns")) == ([DAY], "ms")


@pytest.mark.parametrize("cells", [("9" * 25,), (float("nan"), 1.5e9), (True,), ([1],), ("1.5",)])
def test_nothing_makes_it_fail(cells: tuple[Any, ...]) -> None:
    values, _ = moments(*cells)
    assert len(values) == len(cells)
    assert values[0] is None


def test_a_year_of_two_digits_is_never_of_the_first_century() -> None:
    assert moments("24-03-11", "18-06-17") == ([None, None], "ms"), "nobody knows which end is the year"
    day_first, _ = moments("17/06/18", "03/02/18")
    assert day_first[1] == int(dt.datetime(2018, 2, 3, tzinfo=dt.UTC).timestamp()) * 1000, "one habit, here too"
    assert moments("17/06/1018")[0][0] is not None
