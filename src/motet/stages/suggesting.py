"""Active learning: which rows without labels are worth labelling.

Uncertain rows are where a task's answer says least (for a number: wavers most); diverse ones are far from one another
among what the head reads, chosen one by one, each the farthest from all before it (k-centre greedy, Sener and Savarese
2018, arXiv:1708.00489). Uncertain rows alone are often many of one kind; diverse ones alone are often odd.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.model.read_out import represented, wavering
from motet.model.runtime import TorchScorer
from motet.recommend.ask import asked
from motet.recommend.bundle import Bundle

By = Literal["uncertainty", "diversity", "both"]
AT_ONCE = 2048
AMONG = 5
"""Of so many times the wanted rows, the most uncertain ones, the diverse ones are chosen."""


@dataclass(frozen=True)
class Suggestion:
    """rows: numbers of the suggested rows, the first one first. uncertainty: of each of them, larger is less sure."""

    rows: NDArray[np.int64]
    uncertainty: NDArray[np.float64]


def suggest(bundle: Bundle, task: str, frame: pl.DataFrame, *, n: int, by: By = "both") -> Suggestion:
    """Return the n rows of a frame (all where it has no more) that are most worth labelling for a task.

    by: uncertainty, diversity, or both: diverse ones among the most uncertain. Raises RequestError where the task
    cannot be asked about rows, or the folder answers with another runtime than torch.
    """
    if by not in get_args(By):
        raise RequestError(f"There is no way '{by}'; known: {', '.join(get_args(By))}.", "Use --by both.")
    if n < 1:
        raise RequestError(f"Expected -n to be at least 1, found {n}.", "Change it.")
    scorer = bundle.loaded.scorer
    if not isinstance(scorer, TorchScorer):
        raise RequestError("This model folder answers without torch.", "Ask the folder that it was made from.")
    if not frame.height:
        raise RequestError("The input has no rows.", "Give at least one.")
    unsure, points = [], []
    for begin in range(0, frame.height, AT_ONCE):
        questions = asked(bundle.loaded, task, frame=frame[begin : begin + AT_ONCE])
        answers = scorer.answers(task, questions)
        output = scorer.tasks[task].output
        waver = wavering(scorer, task, questions) if output == "number" else None
        unsure.append(np.asarray(waver, np.float64) if waver is not None else uncertainty(answers, output))
        if by != "uncertainty":
            points.append(represented(scorer, task, questions))
    unsure_n = np.concatenate(unsure)
    order = np.argsort(-unsure_n, kind="stable")
    if by == "uncertainty":
        rows = order[:n]
    else:
        among = order[: AMONG * n] if by == "both" else order
        rows = among[k_centres(np.concatenate(points)[among], n)]
    return Suggestion(rows.astype(np.int64), unsure_n[rows])


def uncertainty(answers: NDArray[np.floating], output: str) -> NDArray[np.float64]:
    """Return the entropy of each answer in nats: of yes or no, of the classes or levels, or summed over tags.

    answers: (n,) probabilities of yes, or (n, C).
    """
    p = np.clip(np.asarray(answers, np.float64), 1e-12, 1 - 1e-12)
    if output in ("class", "ordinal"):
        return -(p * np.log(p)).sum(axis=1)
    each = -(p * np.log(p) + (1 - p) * np.log(1 - p))
    return each if each.ndim == 1 else each.sum(axis=1)


def k_centres(points_nd: NDArray[np.floating], k: int) -> NDArray[np.int64]:
    """Return k places of points, each the farthest from those before it, the first one first."""
    chosen = [0]
    nearest = _distances(points_nd, 0)
    while len(chosen) < min(k, len(points_nd)):
        nearest[chosen] = -1.0
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, _distances(points_nd, chosen[-1]))
    return np.array(chosen, np.int64)


def _distances(points_nd: NDArray[np.floating], place: int) -> NDArray[np.float64]:
    return ((points_nd - points_nd[place]) ** 2).sum(axis=1).astype(np.float64)


__all__ = ["By", "Suggestion", "k_centres", "suggest", "uncertainty"]
