"""Isotonic regression: any rising curve (Zadrozny and Elkan 2002), made of groups of questions and straight between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motet.recommend.calibrated import Curve, log_odds

GROUPS = 20
"""So many groups of equal size are made at most: a curve through every single answer would learn their noise."""

FEWEST = 100
"""Questions of a group at least."""


def isotonic(p_n: NDArray[np.floating], yes_n: NDArray[np.floating]) -> Curve:
    """Return the curve through the groups' mean log-odds and shares of yes, neighbours pooled until it rises.

    Beyond its ends it goes on as steep as the log-odds themselves, so that no two answers become equal.
    """
    odds, yes = log_odds(p_n), np.asarray(yes_n, np.float64)
    order = np.argsort(odds, kind="stable")
    groups = np.array_split(order, max(1, min(GROUPS, len(order) // FEWEST)))
    blocks: list[list[float]] = []  # sum of log-odds, of yes, count
    for group in groups:
        blocks.append([float(odds[group].sum()), float(yes[group].sum()), float(len(group))])
        while len(blocks) > 1 and not _rises(blocks[-2], blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    x = tuple(total / count for total, _, count in blocks)
    y = tuple(float(log_odds(np.asarray(_share(block)))) for block in blocks)
    return Curve(x, y)


def _rises(lower: list[float], upper: list[float]) -> bool:
    return _share(upper) > _share(lower) and upper[0] / upper[2] > lower[0] / lower[2]


def _share(block: list[float]) -> float:
    """The share of yes, half a yes and half a no added."""
    return (block[1] + 0.5) / (block[2] + 1.0)
