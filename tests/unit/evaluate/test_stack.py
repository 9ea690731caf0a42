"""Weights are found where they are known, and stay with the average where there is little to learn from."""

import numpy as np
import pytest

from motet.evaluate.stack import fit_choice, fit_logistic, fit_numbers, simplex


def test_choices_reveal_their_weights():
    rng = np.random.default_rng(0)
    true = np.array([1.5, -0.7, 0.0])
    x = rng.normal(size=(4000, 6, 3))
    real = rng.random((4000, 6)) < 0.8
    real[:, 0] = True
    noise = -np.log(-np.log(rng.random((4000, 6))))
    target = np.where(real, x @ true + noise, -np.inf).argmax(axis=1)
    found = fit_choice(x, real, target, strength=0.0)
    assert found == pytest.approx(true, abs=0.08)
    skipped = np.where(np.arange(4000) % 2, -1, target)
    assert fit_choice(x, real, skipped, strength=0.0) == pytest.approx(true, abs=0.12)
    assert fit_choice(x, real, target, strength=1e4, towards_F=np.ones(3)) == pytest.approx(np.ones(3), abs=1e-2)
    assert fit_choice(x, real, np.full(4000, -1), strength=1.0).tolist() == [0, 0, 0]


def test_log_odds_are_weighed_and_shifted():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(20_000, 2))
    yes = rng.random(20_000) < 1 / (1 + np.exp(-(x @ [1.0, 0.4] - 0.5)))
    weight, bias = fit_logistic(x, yes.astype(float), strength=0.0, towards_F=np.array([0.5, 0.5]))
    assert weight == pytest.approx([1.0, 0.4], abs=0.06) and bias == pytest.approx(-0.5, abs=0.06)
    weight, _ = fit_logistic(x, yes.astype(float), strength=1e4, towards_F=np.array([0.5, 0.5]))
    assert weight == pytest.approx([0.5, 0.5], abs=1e-3)


def test_numbers_are_weighed_and_shifted():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 2)) * 100
    weight, bias = fit_numbers(x, x @ [0.2, 0.7] + 3, strength=0.0, towards_F=np.array([0.5, 0.5]))
    assert weight == pytest.approx([0.2, 0.7]) and bias == pytest.approx(3)
    weight, _ = fit_numbers(x, x @ [0.2, 0.7] + 3, strength=1e6, towards_F=np.array([0.5, 0.5]))
    assert weight == pytest.approx([0.5, 0.5], abs=1e-3)


@pytest.mark.parametrize("num", [1, 2, 4])
def test_simplex_rows_are_shares_with_every_member_alone_first(num):
    found = simplex(num, 20)
    assert found.sum(axis=1) == pytest.approx(1) and (found >= 0).all()
    assert (found[:num] == np.eye(num)).all() and len(np.unique(found, axis=0)) >= num
