"""Simple methods, honestly tuned: what a task must beat before anything else is worth saying."""

from motet.baseline._half import choosing
from motet.baseline._lists import ListMember
from motet.baseline._protocol import BASELINES, Answer, Baseline, is_cheap, refusal
from motet.baseline.choose import Chosen, best_baseline

__all__ = [
    "BASELINES",
    "Answer",
    "Baseline",
    "Chosen",
    "ListMember",
    "best_baseline",
    "choosing",
    "is_cheap",
    "refusal",
]
