import numpy as np
import pytest

from motet.evaluate import reliability
from motet.evaluate.calibration import bin_of

from ._make import at_random, make


def test_bins_have_equal_mass_and_rise():
    some = at_random("binary", n=150)
    table = reliability(some, bins=10)
    assert [row.count for row in table] == [15] * 10
    assert all(one.confidence < two.confidence for one, two in zip(table, table[1:], strict=False))
    assert sum(row.frequency * row.count for row in table) == pytest.approx(some.label.sum())


def test_equal_promises_share_a_bin():
    assert len(set(bin_of(np.array([0.3] * 20), bins=5))) == 1
    assert len(reliability(make("binary", score=[0.3] * 4, label=[0, 1, 1, 1]))) == 1


def test_classes_are_judged_by_their_highest_probability():
    (row,) = reliability(make("class", score=[[0.8, 0.2], [0.2, 0.8]], label=[0, 0]))
    assert (row.confidence, row.frequency, row.count) == (pytest.approx(0.8), 0.5, 2)


def test_outputs_without_a_promise_have_no_table():
    assert reliability(at_random("number")) == []
    assert reliability(at_random("ranking")) == []
