"""Simple methods, honestly tuned: what a task must beat before anything else is worth saying."""

from motet.baseline._protocol import BASELINES, Answer, Baseline
from motet.baseline.choose import Chosen, best_baseline

__all__ = ["BASELINES", "Answer", "Baseline", "Chosen", "best_baseline"]
