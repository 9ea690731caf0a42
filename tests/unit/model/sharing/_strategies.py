"""Strategies on the tiny shop's shape, and losses of whole models."""

from dataclasses import replace

import torch

from motet.model.assemble import build
from motet.model.shape import SharingShape
from motet.model.sharing import SHARING
from motet.model.sharing._peers import peers


def strategy(study, kind, **sizes):
    """A strategy by itself, with the same weights every time, in evaluation mode."""
    torch.manual_seed(0)
    return SHARING.get(kind)(replace(study.shape, sharing=SharingShape(kind, **sizes))).eval()


def shaken(module, *, by=0.1):
    """The same module, its weights moved away from where they begin."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(by * torch.randn(parameter.shape, generator=generator))
    return module


def shaken_model(study, kind, **sizes):
    """A whole model with a strategy."""
    return shaken(build(replace(study.shape, sharing=SharingShape(kind, **sizes)), seed=0).eval(), by=0.05)


def questions(study, n=5):
    """Made-up representations of n questions."""
    return torch.randn(n, study.shape.width, generator=torch.Generator().manual_seed(2))


def together(study):
    """The largest group of tasks that begin with the same representation."""
    return max(peers(study.shape).values(), key=len)
