"""What a model's answers to questions come from: the representations that a task's head reads, and how they waver."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from motet.model.runtime import TorchScorer
from motet.recommend.port import Asked


def represented(scorer: TorchScorer, task: str, asked: Asked) -> NDArray[np.float32]:
    """Return what the task's head reads of n questions, (n, d)."""
    predictor, batch = scorer._asked(task, asked)
    model = predictor.model
    with torch.inference_mode():
        states = model.states(model.sharing.trunk_of(task), batch, predictor.tensors, predictor.vectors)
        return model.read(task, states[batch.blocks[0].view]).float().cpu().numpy()


def wavering(scorer: TorchScorer, task: str, asked: Asked, *, passes: int = 8) -> NDArray[np.float32]:
    """Return how far answers lie from one another when dropout stays on, (n,): their standard deviation.

    Gal and Ghahramani 2016 (arXiv:1506.02142): one model, read several times, in place of several models.
    """
    predictor, batch = scorer._asked(task, asked)
    model = predictor.model
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(0)
        vectors = predictor.vectors(model.sharing.trunk_of(task))
        model.train()
        try:
            told = []
            for _ in range(passes):
                states = model.states(model.sharing.trunk_of(task), batch, predictor.tensors, lambda trunk: vectors)
                state = states[batch.blocks[0].view]
                told.append(model.head(task).answer(model.scores(task, state, vectors)).float().cpu().numpy())
        finally:
            model.eval()
    return np.std(scorer._unscaled(task, np.stack(told)), axis=0).astype(np.float32)


__all__ = ["represented", "wavering"]
