"""Weights that are nothing and stay nothing while the others are trained: magnitude pruning of numbers and of rows.

The smallest numbers of every matrix matter least (Han et al. 2015, arXiv:1506.02626).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Masks = Mapping[str, Tensor]
"""Name of a weight → which of its numbers stay."""
LEAST_NUMBERS = 512
"""Smaller matrices stay whole: they weigh nothing."""
LEAST_ROWS = 512
"""Of an embedding table that is thinned by rows."""


def of_numbers(model: nn.Module, share: float) -> dict[str, Tensor]:
    """Return masks that put away this share of the numbers of every large matrix, the smallest first.

    Numbers that are nothing already count among them.
    """
    chosen = {name: weight for name, weight in model.named_parameters() if weight.ndim == 2}
    return {
        name: _largest(weight.detach().abs().flatten(), share).view_as(weight)
        for name, weight in chosen.items()
        if weight.numel() >= LEAST_NUMBERS
    }


def of_rows(model: nn.Module, share: float) -> dict[str, Tensor]:
    """Return masks that put away this share of the rows of every long embedding table, the shortest vectors first."""
    found = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding) and module.num_embeddings >= LEAST_ROWS:
            table = module.weight.detach()
            found[f"{name}.weight"] = _largest(table.norm(dim=1), share)[:, None].expand_as(table).clone()
    return found


@contextmanager
def held(model: nn.Module, masks: Masks) -> Iterator[None]:
    """Put away what the masks say, and let no gradient bring it back as long as the context is open.

    Every optimiser leaves a number without gradient and without weight where it is; that the numbers are nothing
    afterwards is made sure of, whatever weights the model was given meanwhile.
    """
    weights = dict(model.named_parameters())
    handles = [
        weights[name].register_hook(lambda grad, mask=mask: grad.masked_fill(~mask, 0.0))
        for name, mask in masks.items()
    ]
    try:
        put_away(model, masks)
        yield
    finally:
        for handle in handles:
            handle.remove()
        put_away(model, masks)


@torch.no_grad()
def put_away(model: nn.Module, masks: Masks) -> None:
    """Set the numbers outside the masks to zero."""
    weights = dict(model.named_parameters())
    for name, mask in masks.items():
        weights[name].masked_fill_(~mask, 0.0)


def _largest(size_n: Tensor, share: float) -> Tensor:
    """Which are not among this share of the smallest."""
    keep = torch.ones(len(size_n), dtype=torch.bool, device=size_n.device)
    keep[size_n.argsort(stable=True)[: int(share * len(size_n))]] = False
    return keep
