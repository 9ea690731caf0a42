"""What varies the training batches of a study."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.data import Division
from motet.features.augment import Augmenter
from motet.features.plan import TrainingPlan
from motet.features.prepare import Features
from motet.features.questions import Questions
from motet.schema import Project

NEIGHBOURS = 10
BLOCK = 1024
MIN_COSINE = 0.3


def plan_of(
    project: Project, division: Division, features: Features, questions: dict[str, Questions] | None = None
) -> TrainingPlan:
    """Return the steps of a pass, with what varies them. questions: in place of the features' own."""
    starts = division.events.starts if division.events is not None else None
    return TrainingPlan(
        features.questions if questions is None else questions,
        starts,
        max_history=project.trunk.max_history,
        batch=project.train.batch,
        augment=augmenter(project, division, features),
    )


def augmenter(project: Project, division: Division, features: Features) -> Augmenter | None:
    """Return what varies training batches, or None where the project says nothing of it."""
    config, events = project.augment, features.arrays.events
    if not config.on:
        return None
    if events is None or division.events is None:
        return Augmenter(config, np.zeros(1, np.int32), np.zeros(1, np.int64), np.zeros((1, 1), np.int64))
    near = neighbours(features) if config.replace else np.zeros((1, 1), np.int64)
    return Augmenter(config, events.item_N, division.events.starts, near)


def neighbours(features: Features) -> NDArray[np.int64]:
    """Return (I + 1, K) item + 1 of each item's neighbours: in the memory, or else by the cosine of the texts."""
    items, memory = features.arrays.items, features.memory
    size = 1 if items is None else len(items.count)
    near = np.zeros((size, NEIGHBOURS), np.int64)
    if memory is not None:
        closeness = sparse.csr_array(_shares(memory.count_II, memory.total_I) + memory.alike_II)
        for item in range(size - 1):
            begin, end = closeness.indptr[item], closeness.indptr[item + 1]
            order = np.argsort(-closeness.data[begin:end], kind="stable")
            found = closeness.indices[begin:end][order]
            found = found[found != item][:NEIGHBOURS]
            near[item + 1, : len(found)] = found + 1
        return near
    if items is None or not items.text.shape[1]:
        return near
    length = np.linalg.norm(items.text, axis=1, keepdims=True)
    unit = items.text / np.maximum(length, 1e-9)
    most = min(NEIGHBOURS, size - 1)
    for begin in range(0, size, BLOCK):
        cosine = unit[begin : begin + BLOCK] @ unit.T
        cosine[np.arange(len(cosine)), np.arange(begin, begin + len(cosine))] = -1.0
        best = np.argsort(-cosine, axis=1, kind="stable")[:, :most]
        close = np.take_along_axis(cosine, best, axis=1) >= MIN_COSINE
        near[begin : begin + BLOCK, :most] = np.where(close, best, 0)
    return near


def _shares(count_II: sparse.csr_array, total_I: NDArray[np.float32]) -> sparse.csr_array:
    return sparse.csr_array(sparse.diags_array(1.0 / np.maximum(total_I, 1.0)) @ count_II)


__all__ = ["augmenter", "neighbours", "plan_of"]
