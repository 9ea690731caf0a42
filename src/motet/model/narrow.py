"""Whole hidden units and attention heads taken out of a model: fewer numbers and products, the same ins and outs.

A hidden unit matters as much as what enters it times what leaves it (Li et al. 2017, arXiv:1608.08710, judged by both
sides); a head as much as its values and its way out (Michel et al. 2019, arXiv:1905.10650, by size, not by gradient).
How many are left stands in the model's shape, by the place of the layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from motet.model.trunk.readers.transformer import Attention

BETWEEN = (nn.GELU, nn.SiLU, nn.ReLU, nn.Dropout)
"""What may stand between two layers of which a hidden unit is taken: what treats every unit for itself."""
LEAST_UNITS = 4

Kept = Mapping[str, Tensor]
"""Place of a layer → numbers of the units or heads that stay."""


def shrink(model: nn.Module, cuts: Mapping[str, int]) -> None:
    """Make the layers at these places as narrow as told; their weights are new."""
    hidden = dict(hidden_layers(model))
    for place, left in cuts.items():
        module = model.get_submodule(place)
        if isinstance(module, Attention):
            module.keep_heads(left)
            continue
        stack, first, then = hidden[place]
        into, out = stack[first], stack[then]
        stack[first] = nn.Linear(into.in_features, left, bias=into.bias is not None)  # type: ignore[arg-type]
        stack[then] = nn.Linear(left, out.out_features, bias=out.bias is not None)  # type: ignore[arg-type]


def hidden_layers(model: nn.Module) -> Iterator[tuple[str, tuple[nn.Sequential, int, int]]]:
    """Yield, by the place of the layer that makes hidden units: the stack, that layer, and the one that reads them."""
    for name, module in model.named_modules():
        if not isinstance(module, nn.Sequential):
            continue
        layers = list(module.children())
        linear = [at for at, each in enumerate(layers) if isinstance(each, nn.Linear)]
        for first, then in zip(linear, linear[1:], strict=False):
            if all(isinstance(each, BETWEEN) for each in layers[first + 1 : then]):
                yield f"{name}.{first}", (module, first, then)


def weakest_left_out(model: nn.Module, share: float) -> dict[str, Tensor]:
    """Return what stays when this share of the units of every hidden layer, and of the heads, is taken out.

    At least one head and four units stay everywhere; a place where nothing goes is not named.
    """
    sizes = {place: _unit_sizes(stack, first, then) for place, (stack, first, then) in hidden_layers(model)}
    least = dict.fromkeys(sizes, LEAST_UNITS)
    for name, module in model.named_modules():
        if isinstance(module, Attention):
            sizes[name], least[name] = _head_sizes(module), 1
    found = {}
    for place, size_n in sizes.items():
        left = max(least[place], len(size_n) - int(share * len(size_n)))
        if left < len(size_n):
            found[place] = size_n.argsort(descending=True, stable=True)[:left].sort().values
    return found


def weights_of(model: nn.Module, kept: Kept) -> dict[str, Tensor]:
    """Return the weights that a model of which only this is kept takes over, under all their names."""
    state, same = dict(model.state_dict()), _names(model)
    for place, left in kept.items():
        for name, cut in _cuts(model, place, left):
            for alias in same[name]:
                state[alias] = cut(state[alias])
    return state


def _cuts(model: nn.Module, place: str, left: Tensor) -> Iterator[tuple[str, _Taken]]:
    """What to take of which weights."""
    module = model.get_submodule(place)
    if isinstance(module, Attention):
        heads = module.heads
        yield f"{place}.qkv.weight", _Taken(0, 3 * heads, _threefold(left, heads))
        yield f"{place}.qkv.bias", _Taken(0, 3 * heads, _threefold(left, heads))
        yield f"{place}.out.weight", _Taken(1, heads, left)
        yield f"{place}.distance", _Taken(0, heads, left)
        yield f"{place}.profile", _Taken(0, heads, left)
        return
    stack, first, then = dict(hidden_layers(model))[place]
    num = len(stack[first].weight)  # type: ignore[arg-type]
    yield f"{place}.weight", _Taken(0, num, left)
    if stack[first].bias is not None:
        yield f"{place}.bias", _Taken(0, num, left)
    yield f"{place.rpartition('.')[0]}.{then}.weight", _Taken(1, num, left)


class _Taken:
    """Some of the equal blocks that a weight has along an axis."""

    def __init__(self, axis: int, blocks: int, left: Tensor) -> None:
        self.axis, self.blocks, self.left = axis, blocks, left

    def __call__(self, weight: Tensor) -> Tensor:
        return (
            weight.unflatten(self.axis, (self.blocks, -1))
            .index_select(self.axis, self.left)
            .flatten(self.axis, self.axis + 1)
        )


def _threefold(left: Tensor, heads: int) -> Tensor:
    """The blocks of queries, keys and values of these heads."""
    return torch.cat([part * heads + left for part in range(3)])


def _unit_sizes(stack: nn.Sequential, first: int, then: int) -> Tensor:
    into, out = stack[first].weight.detach(), stack[then].weight.detach()  # type: ignore[operator]
    found: Tensor = into.norm(dim=1) * out.norm(dim=0)
    return found


def _head_sizes(attention: Attention) -> Tensor:
    into = attention.qkv.weight.detach().unflatten(0, (3, attention.heads, -1))
    out = attention.out.weight.detach().unflatten(1, (attention.heads, -1))
    return into[2].flatten(1).norm(dim=1) * out.transpose(0, 1).flatten(1).norm(dim=1)


def _names(model: nn.Module) -> dict[str, list[str]]:
    """All names under which each weight stands."""
    by_weight: dict[int, list[str]] = {}
    for name, weight in model.named_parameters(remove_duplicate=False):
        by_weight.setdefault(id(weight), []).append(name)
    return {name: names for names in by_weight.values() for name in names}
