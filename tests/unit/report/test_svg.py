import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from motet.report.svg import axis, round_step


def test_an_axis_by_hand():
    found = axis(-0.03, 0.06)
    assert found.ticks() == pytest.approx([-0.04, -0.02, 0.0, 0.02, 0.04, 0.06])
    assert [found.at(v) for v in (-0.04, -0.02, 0.0, 0.01, 0.06, 0.16)] == pytest.approx([0, 20, 40, 50, 100, 200])
    assert found.inside(0.16) == 100
    assert found.inside(-1) == 0


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_marks_are_round_few_and_around(low, width):
    assume(low + width > low + 1e-9 * abs(low))
    found = axis(low, low + width)
    slack = 1e-6 * found.step + 1e-12 * abs(low)
    assert found.low <= low + slack and low + width <= found.high + slack
    assert 2 <= len(found.ticks()) <= 9
    assert found.ticks()[-1] == pytest.approx(found.high)
    assert f"{found.step:.0e}"[0] in "125"


def test_an_axis_of_one_value_has_width():
    for value in (0.0, 0.3, -2.0):
        found = axis(value, value)
        assert found.low < value < found.high


def test_round_step():
    assert [round_step(least) for least in (0.9, 1.0, 1.1, 2.1, 5.1)] == [1, 1, 2, 5, 10]
