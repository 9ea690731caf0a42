"""Influences: what the metric moves by when a question weighs more."""

from dataclasses import dataclass

import numpy as np
import pytest

from motet.evaluate import METRICS, find
from motet.evaluate.influence import influences

from ._make import at_random, make

WHOLE = [(name, output) for name in METRICS.names() for output in METRICS.get(name).outputs if name != "coverage"]


@pytest.mark.parametrize(("name", "output"), WHOLE)
def test_they_are_the_slopes_of_the_metric_in_the_weights(name, output):
    judge, some = METRICS.get(name), at_random(output, n=80, seed=4)
    found = influences(judge, some)
    assert np.nansum(found) == pytest.approx(0, abs=1e-6)
    # weights a hundredth heavier and lighter, in three directions at once
    aside_Rn = np.random.default_rng(1).choice([-1.0, 1.0], (3, 80)) / 100
    up, down = (judge.resampler(some)((1 + sign * aside_Rn).astype(np.float32)) for sign in (1, -1))
    assert aside_Rn @ np.nan_to_num(found) == pytest.approx((up - down) / 2, rel=0.02, abs=2e-5)


def test_auc_by_hand_with_a_tie():
    # yeses at .9 and .4, noes at .4 and .1: pairs won 1, 1, ½, 1; area 7/8
    some = make("binary", score=[0.9, 0.4, 0.4, 0.1], label=[1, 1, 0, 0])
    expected = np.array([1 - 7 / 8, 3 / 4 - 7 / 8, 3 / 4 - 7 / 8, 1 - 7 / 8]) / 2
    np.testing.assert_allclose(influences(find("auc"), some), expected)


def test_where_the_metric_is_undefined_so_are_they():
    assert np.isnan(influences(find("auc"), make("binary", score=[0.1, 0.2], label=[1, 1]))).all()
    assert np.isnan(influences(find("map"), make("tags", score=np.ones((2, 3)), label=np.zeros((2, 3))))).all()
    nobody = at_random("binary", n=0)
    assert all(len(influences(find(name), nobody)) == 0 for name in ("auc", "accuracy", "macro_f1"))


def test_a_metric_of_ones_own_needs_no_method_for_it(monkeypatch):
    @dataclass(frozen=True)
    class Own:
        """auc, as somebody's own metric would bring it."""

        outputs = ("binary",)
        lower_is_better = False
        value, per_question, resampler = (getattr(find("auc"), name) for name in ("value", "per_question", "resampler"))

    some = at_random("binary", n=300, seed=4)
    known, found = influences(find("auc"), some), influences(Own(), some)
    np.testing.assert_allclose(found, known, atol=0.02 * np.abs(known).max())
    monkeypatch.setattr("motet.evaluate.influence.CELLS", 900)
    np.testing.assert_allclose(influences(Own(), some), found)
