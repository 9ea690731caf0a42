import numpy as np
import pytest
import scipy.sparse as sp

from motet.language.encoders._ridge import best_penalty, ridge


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    counts = sp.random(80, 12, density=0.3, random_state=0, format="csr", dtype=np.float32)
    return counts, rng.normal(size=(80, 5)).astype(np.float32), rng.normal(size=(12, 5)).astype(np.float32)


def test_it_solves_the_normal_equations(problem):
    counts, wanted, start = problem
    dense = counts.toarray().astype(np.float64)
    left = dense.T @ dense + 0.7 * np.eye(12)
    right = dense.T @ wanted + 0.7 * start
    np.testing.assert_allclose(ridge(counts, wanted, start, penalty=0.7), np.linalg.solve(left, right), atol=2e-3)


def test_a_unit_that_never_came_keeps_its_first_guess(problem):
    counts, wanted, start = problem
    wider = sp.csr_matrix(sp.hstack([counts, sp.csr_matrix((80, 1), dtype=np.float32)]))
    guess = np.concatenate([start, np.ones((1, 5), np.float32)])
    np.testing.assert_array_equal(ridge(wider, wanted, guess, penalty=0.1)[-1], 1)


def test_noise_wants_a_large_penalty_and_a_rule_a_small_one(problem):
    counts, noise, start = problem
    assert best_penalty(counts, noise, np.zeros_like(start)) == 10.0
    assert best_penalty(counts, (counts @ start).astype(np.float32), np.zeros_like(start)) == 0.1
    assert best_penalty(counts[:5], noise[:5], start) == 1.0
