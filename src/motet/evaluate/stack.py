"""Fitting how members are weighed, on validation half A: a conditional logit, a logistic regression, a ridge.

All pull their weights towards `towards`, so that little data leaves the average of the members.
"""

# n = questions, C = candidates or classes, F = features

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
ROUNDS = 200


def fit_choice(
    x_nCF: NDArray[np.floating],
    real_nC: NDArray[np.bool_],
    target_n: NDArray[np.integer],
    *,
    strength: float,
    towards_F: FloatArray | None = None,
) -> FloatArray:
    """Return F weights that make the true candidate likely among those of its question.

    Conditional logit (McFadden 1974), which is listwise learning to rank with one true item (Cao et al. 2007). real:
    which candidates there are. target: the place of the true one, -1 for questions that do not count. strength: of the
    squared distance to `towards` (default 0), per question.
    """
    known = np.flatnonzero((target_n >= 0) & (real_nC.sum(axis=1) > 1))
    num = x_nCF.shape[2]
    start = np.zeros(num) if towards_F is None else np.asarray(towards_F, np.float64)
    if not len(known):
        return start
    x, target = x_nCF[known].astype(np.float32), target_n[known]
    off = np.where(real_nC[known], 0.0, -np.inf).astype(np.float32)
    own = x[np.arange(len(known)), target].astype(np.float64)

    def loss(w: FloatArray) -> tuple[float, FloatArray]:
        score = x @ w.astype(np.float32) + off
        top = score.max(axis=1, keepdims=True)
        p = np.exp(score - top)
        total = p.sum(axis=1, keepdims=True)
        value = (np.log(total[:, 0].astype(np.float64)) + top[:, 0] - own @ w).mean()
        mean = np.einsum("nc,ncf->nf", p / total, x).astype(np.float64)
        slope: FloatArray = (mean - own).mean(axis=0) + 2 * strength * (w - start)
        return float(value + strength * ((w - start) ** 2).sum()), slope

    return _least(loss, start)


def fit_logistic(
    x_nF: NDArray[np.floating], yes_n: NDArray[np.floating], *, strength: float, towards_F: FloatArray
) -> tuple[FloatArray, float]:
    """Return F weights and a bias of a logistic regression on log-odds; the bias is free."""
    x, yes = np.asarray(x_nF, np.float64), np.asarray(yes_n, np.float64)

    def loss(w: FloatArray) -> tuple[float, FloatArray]:
        score = x @ w[:-1] + w[-1]
        p = 1.0 / (1.0 + np.exp(-np.clip(score, -500, 500)))
        value = float((np.logaddexp(0.0, score) - yes * score).mean() + strength * ((w[:-1] - towards_F) ** 2).sum())
        slope = np.append(x.T @ (p - yes) / len(x) + 2 * strength * (w[:-1] - towards_F), (p - yes).mean())
        return value, slope

    found = _least(loss, np.append(towards_F, 0.0))
    return found[:-1], float(found[-1])


def fit_numbers(
    x_nF: NDArray[np.floating], value_n: NDArray[np.floating], *, strength: float, towards_F: FloatArray
) -> tuple[FloatArray, float]:
    """Return F weights and a bias of a ridge regression; what is pulled is relative to the spread of the answers."""
    x, y = np.asarray(x_nF, np.float64), np.asarray(value_n, np.float64)
    mean_F, mean = x.mean(axis=0), y.mean()
    centred = x - mean_F
    rest = y - mean - centred @ towards_F
    square = centred.T @ centred / len(x)
    pull = strength * max(float(np.trace(square)) / len(square), 1e-12) * np.eye(len(square))
    weight = towards_F + np.linalg.solve(square + pull, centred.T @ rest / len(x))
    return weight, float(mean - mean_F @ weight)


def simplex(num: int, count: int, *, seed: int = 0) -> FloatArray:
    """Return rows of weights that sum to 1: each member alone, all alike, pairs, and draws from a Dirichlet."""
    rng = np.random.default_rng(seed)
    pairs = [_pair(num, i, j, share) for i in range(num) for j in range(i) for share in (0.2, 0.35, 0.5, 0.65, 0.8)]
    fixed = [np.eye(num), np.full((1, num), 1.0 / num), np.array(pairs).reshape(-1, num)]
    draws = [rng.dirichlet(np.full(num, spread), count // 2) for spread in (0.5, 1.5)] if num > 2 else []
    return np.concatenate([*fixed, *draws])


def _pair(num: int, one: int, other: int, share: float) -> FloatArray:
    found = np.zeros(num)
    found[one], found[other] = share, 1.0 - share
    return found


def _least(loss: Callable[[FloatArray], tuple[float, FloatArray]], start: FloatArray) -> FloatArray:
    from scipy.optimize import minimize

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return np.asarray(found.x, np.float64)
