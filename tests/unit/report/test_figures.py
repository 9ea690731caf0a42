import math

import pytest

from motet.report.figures import compact, count, duration, known, milliseconds, number, percent, short_percent


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.07123, "0.0712"),
        (-0.5, "−0.5000"),
        (41.73, "41.730"),
        (3398.91, "3,398.9"),
        (123456.7, "123,457"),
        (-0.00001, "0.0000"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        ("x", "–"),
        (True, "–"),
    ],
)
def test_number(value, shown):
    assert number(value) == shown


def test_signs():
    assert number(0.5, sign=True) == "+0.5000"
    assert number(0.0, sign=True) == "0.0000"
    assert percent(-0.1234, sign=True) == "−12.3 %"
    assert percent(0.0001, sign=True) == "0.0 %"


def test_shares_say_no_more_than_they_know():
    assert short_percent(0.794) == "79 %"
    assert short_percent(0.07) == "7 %"
    assert short_percent(0.0712) == "7.1 %"
    assert short_percent(None) == percent(math.nan) == "–"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1_410_000, "1.41 M"),
        (12_400, "12.4 k"),
        (9_999, "9,999"),
        (2.5e9, "2.5 G"),
        (0, "0"),
        (-6.69e9, "−6.69 G"),
        (None, "–"),
    ],
)
def test_compact(value, shown):
    assert compact(value) == shown


def test_durations_have_their_natural_unit():
    assert [duration(s) for s in (0.25, 59, 312, 7200, None)] == ["0.25 s", "59 s", "5.2 min", "2 h", "–"]
    assert [milliseconds(ms) for ms in (6.314, 1500, None)] == ["6.31 ms", "1.5 s", "–"]


def test_count_and_known():
    assert count(12400) == "12,400"
    assert count(None) == "–"
    assert known(0) and not known(None) and not known(False)
