"""Optimisers by short name, with the model's groups of weights.

`adamw` takes weight decay apart from the gradient (Loshchilov & Hutter 2019, arXiv:1711.05101). The others add it to
the gradient, which is the classical L2 penalty of `train.weight_decay / 2` times the squared weights. The harder decay
of n-gram tables and items' corrections is a recipe for adamw and would flood an adaptive optimiser's gradients, so
under the others those weights are decayed like all matrices; vectors never are.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from motet.model.groups import parameter_groups
from motet.schema import TrainConfig

BETAS = (0.9, 0.98)
MOMENTUM = 0.9
"""Of sgd."""


def build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """Return the project's optimiser over the weights of `model`; each group remembers its full rate as `peak`."""
    groups: list[dict[str, Any]] = parameter_groups(
        model,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        crowding=config.optimizer != "sgd",
    )
    for group in groups:
        group["peak"] = group["lr"]
        if config.optimizer != "adamw" and group["weight_decay"]:
            group["weight_decay"] = config.weight_decay
    match config.optimizer:
        case "adamw":
            return torch.optim.AdamW(groups, betas=BETAS, fused=True)
        case "adam":
            return torch.optim.Adam(groups, betas=BETAS, fused=True)
        case "rmsprop":
            return torch.optim.RMSprop(groups)
        case "sgd":
            return torch.optim.SGD(groups, lr=config.learning_rate, momentum=MOMENTUM)
        case "adagrad":
            return torch.optim.Adagrad(groups)
