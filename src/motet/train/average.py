"""A running average of the weights: what is judged and shipped.

An exponential average over about half an epoch does what a decaying learning rate does, without knowing when
training will stop (Morales-Brotons et al. 2024, arXiv:2411.18704).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class AverageWeights:
    """Exponential moving average of a model's parameters, with a bias-free start."""

    def __init__(self, model: nn.Module, *, half_life: float) -> None:
        self.decay = 0.5 ** (1.0 / max(half_life, 1.0))
        self.steps = 0
        self.weights: dict[str, Tensor] = {name: value.detach().clone() for name, value in model.named_parameters()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the model's present weights."""
        self.steps += 1
        # early on the average is a plain mean, so that the random start is soon forgotten
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        names = list(self.weights)
        present = dict(model.named_parameters())
        torch._foreach_lerp_([self.weights[name] for name in names], [present[name] for name in names], 1 - keep)

    @torch.no_grad()
    def swap(self, model: nn.Module) -> None:
        """Exchange the model's weights and the average; call twice to return."""
        for name, value in model.named_parameters():
            held = value.detach().clone()
            value.copy_(self.weights[name])
            self.weights[name] = held
