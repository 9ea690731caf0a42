"""Platt scaling: log-odds are stretched and shifted (Platt 1999; on log-odds: Guo et al. 2017, arXiv:1706.04599)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.recommend.calibrated import Curve, log_odds

ROUNDS = 50
FLATTEST, STEEPEST = 0.05, 20.0


def platt(p_n: NDArray[np.floating], yes_n: NDArray[np.floating]) -> Curve:
    """Return the curve a · log-odds + b of the least log loss, a > 0.

    Targets are pulled in a little, as Platt has it: (N₊ + 1) / (N₊ + 2) for yes, 1 / (N₋ + 2) for no. Where the best
    curve would fall, log-odds are only shifted.
    """
    odds, yes = log_odds(p_n), np.asarray(yes_n, np.float64) > 0.5
    count = int(yes.sum())
    target = np.where(yes, (count + 1) / (count + 2), 1.0 / (len(yes) - count + 2))
    slope, shift = _fit(odds, target, np.array([1.0, 0.0]), (True, True))
    if not FLATTEST <= slope <= STEEPEST:
        slope, shift = _fit(odds, target, np.array([1.0, 0.0]), (False, True))
    return Curve((0.0,), (shift,), (slope, slope))


def _fit(
    odds: NDArray[np.float64], target: NDArray[np.float64], start: NDArray[np.float64], free: tuple[bool, bool]
) -> tuple[float, float]:
    """Newton's steps, halved while they make the loss larger."""
    found, chosen = start.copy(), np.flatnonzero(free)
    columns = np.stack([odds, np.ones_like(odds)])
    loss = _loss(found @ columns, target)
    for _ in range(ROUNDS):
        p = 1.0 / (1.0 + np.exp(-np.clip(found @ columns, -60.0, 60.0)))
        gradient = columns[chosen] @ (p - target)
        bend = (columns[chosen] * (p * (1 - p))) @ columns[chosen].T + 1e-9 * np.eye(len(chosen))
        step = np.linalg.solve(bend, gradient)
        while True:
            tried = found.copy()
            tried[chosen] -= step
            new = _loss(tried @ columns, target)
            if new <= loss or np.abs(step).max() < 1e-9:
                break
            step = step / 2
        done = loss - new < 1e-10 * (1.0 + loss)
        if new <= loss:
            found, loss = tried, new
        if done:
            break
    return float(found[0]), float(found[1])


def _loss(odds: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    return float((np.logaddexp(0.0, odds) - target * odds).mean())
