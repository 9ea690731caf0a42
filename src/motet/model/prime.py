"""Start heads at the training priors, so that the first epochs are not spent on learning averages."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from motet.features.labels import Labels
from motet.model.assemble import MotetModel
from motet.model.heads._base import Tower


def prime(model: MotetModel, labels: Mapping[str, Labels], item_count: np.ndarray | None) -> None:
    """Set output biases to the priors' scores, and tell ranking heads how popular items are; in place."""
    for task, shape in model.shape.tasks.items():
        head = model.head(task)
        tower = getattr(head, "tower", None)
        if isinstance(tower, Tower) and shape.output != "number":
            with torch.no_grad():
                tower.out.bias.copy_(torch.from_numpy(_scores(labels[task], _presumed(model, labels, task))))
        if shape.output == "ranking" and item_count is not None:
            head.count_I.copy_(torch.from_numpy(item_count.astype(np.float32)))  # type: ignore[attr-defined]


def _presumed(model: MotetModel, labels: Mapping[str, Labels], task: str) -> float:
    """The share of questions in which what a task of a chain presumes is so."""
    before = model.sharing.chain_before(task)
    return float(labels[before[-1]].prior[0]) if before else 1.0


def _scores(labels: Labels, presumed: float) -> np.ndarray:
    prior = np.clip(np.asarray(labels.prior, np.float64) / max(presumed, 1e-4), 1e-4, 1 - 1e-4)
    if labels.output in ("class", "ordinal"):
        return np.log(prior).astype(np.float32)
    return np.log(prior / (1 - prior)).astype(np.float32)
