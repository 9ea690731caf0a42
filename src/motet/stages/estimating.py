"""How long training through a language model will take, measured on this machine before it begins."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import torch

from motet.model.assemble import MotetModel
from motet.stages.answer import questions_of_role
from motet.stages.arms import MOST_VALIDATED, arm_shape, new_model
from motet.stages.study import Study
from motet.train.pulls import undisturbed

STEPS, ENOUGH_SECONDS = 3, 10.0
"""So many steps are measured, or as many as begin within this time."""
SAMPLE = 64
"""Texts by which reading them for judging is measured."""


def pass_seconds(study: Study, task: str | None = None) -> float | None:
    """Return about how many seconds one pass over the data takes: its steps, and reading what judges it.

    task: of its twin, of the joint model by default. None where the language model is frozen: then a pass takes so
    little that its first steps tell it. Nothing of the run is touched.
    """
    shape = arm_shape(study, task)
    if shape.language is None:
        return None
    with torch.random.fork_rng(devices=[]):
        model = new_model(study, shape, seed=0).train()
        tasks = tuple(shape.tasks)
        taken: list[float] = []
        for _, batches in islice(study.plan.epoch(0, 0, tasks), STEPS):
            taken.append(_seconds(lambda step=batches: _step(model, study, step)))  # type: ignore[misc]
            if sum(taken) > ENOUGH_SECONDS:
                break
        # the first step also pays for what is done once
        steady = taken[1:] or taken
        return study.plan.steps * sum(steady) / len(steady) + _judging(study, model)


def _step(model: MotetModel, study: Study, batches: Any) -> None:
    model.zero_grad(set_to_none=True)
    for batch in batches:
        torch.stack(list(model.losses(batch, study.tensors).values())).sum().backward()


def _judging(study: Study, model: MotetModel) -> float:
    """Seconds that reading the validation texts takes once, and the items' where they are read anew."""
    (language, *_) = model.tuned()
    wanted: dict[str, set[int]] = {}
    for task in model.shape.judged:
        view = study.features.state.views[task].name
        row_n = study.examples[task].row_n[questions_of_role(study, task, "A", most=MOST_VALIDATED)]
        wanted.setdefault(view, set()).update(row_n[row_n >= 0].tolist())
    seconds = 0.0
    with undisturbed(model), torch.no_grad():
        for view, asked in wanted.items():
            rows = study.tensors.rows.get(view)
            if rows is not None and rows.tokens is not None and asked:
                tokens, some = rows.tokens, _some(np.fromiter(asked, np.int64))
                per_text = _seconds(lambda read=tokens, few=some: language(read, few)) / len(some)  # type: ignore[misc]
                seconds += per_text * len(asked)
        items = study.tensors.items
        if language.most and items is not None and items.tokens is not None:
            some = _some(np.arange(1, len(items.count)))
            known = items.tokens
            seconds += 2 * _seconds(lambda: language(known, some)) / len(some) * len(items.count)
    return seconds


def _some(rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(np.int64)])


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
