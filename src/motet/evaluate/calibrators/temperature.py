"""Temperature: one number that makes a distribution flatter or sharper (Guo et al. 2017, arXiv:1706.04599)."""

# n = questions, C = classes or items, T = temperatures

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TEMPERATURES = 2.0 ** np.linspace(-2.5, 2.5, 21)


class TemperatureSearch:
    """The log loss of questions under many temperatures at once, gathered piece by piece, so that no piece is kept."""

    def __init__(self) -> None:
        self.questions = 0
        self._loss_T = np.zeros(len(TEMPERATURES))
        self._plain = 0.0

    def add(self, scores_nC: NDArray[np.floating], target_n: NDArray[np.integer]) -> None:
        """Take questions in. scores: log-probabilities up to a constant per row. target: -1 for a question to skip."""
        known = (target_n >= 0) & np.isfinite(scores_nC).all(axis=1)
        scores = scores_nC[known].astype(np.float32)
        if not len(scores):
            return
        scores -= scores.max(axis=1, keepdims=True)
        own = scores[np.arange(len(scores)), target_n[known]].astype(np.float64)
        for at, temperature in enumerate(TEMPERATURES):
            self._loss_T[at] += self._loss(scores, own, float(temperature))
        self._plain += self._loss(scores, own, 1.0)
        self.questions += len(scores)

    @staticmethod
    def _loss(scores: NDArray[np.float32], own: NDArray[np.float64], temperature: float) -> float:
        total = np.exp(scores * np.float32(1.0 / temperature)).sum(axis=1, dtype=np.float64)
        return float((np.log(total) - own / temperature).sum())

    def best(self) -> tuple[float, float, float]:
        """Return the best temperature, and the mean log loss at 1 and at it.

        Between the temperatures that were tried the loss is taken for a parabola in their logarithm.
        """
        if not self.questions:
            return 1.0, float("nan"), float("nan")
        loss = self._loss_T / self.questions
        at = int(loss.argmin())
        found, least = float(TEMPERATURES[at]), float(loss[at])
        if 0 < at < len(loss) - 1:
            before, here, after = loss[at - 1 : at + 2]
            bend = before - 2 * here + after
            if bend > 0:
                shift = 0.5 * (before - after) / bend
                step = np.log(TEMPERATURES[at + 1] / TEMPERATURES[at])
                found = float(TEMPERATURES[at] * np.exp(shift * step))
                least = float(here - 0.25 * (before - after) * shift)
        return found, self._plain / self.questions, least
