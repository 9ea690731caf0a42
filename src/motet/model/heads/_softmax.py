"""Full softmax cross-entropy over a catalogue, in chunks, with the gradient computed in the forward pass.

Naively, scores of 1,000 targets over 12,000 items are written and read several times. Here each chunk of rows stays
in cache: scores, exponentials and both gradients are made at once, and only the gradients are kept. Matrix products
run in bf16 where the processor gains from it; sums stay in fp32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CHUNK = 256


def has_fast_bf16() -> bool:
    """Return whether matrix products in bf16 are faster here than in fp32."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    capability = getattr(torch.backends.cpu, "get_cpu_capability", lambda: "")()
    check = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool("AVX512" in capability and check is not None and check())


@dataclass(frozen=True)
class Extra:
    """Sparse additions to scores: value_p is added to row row_p (sorted) and column item_p."""

    row_p: Tensor
    item_p: Tensor
    value_p: Tensor


def together(extras: Sequence[Extra]) -> Extra | None:
    """Return several additions as one, sorted by row; a pair may stand in it more than once. None for none."""
    if len(extras) < 2:
        return extras[0] if extras else None
    row_p, order = torch.cat([each.row_p for each in extras]).sort(stable=True)
    item_p, value_p = (torch.cat(parts)[order] for parts in zip(*((e.item_p, e.value_p) for e in extras), strict=True))
    return Extra(row_p, item_p, value_p)


class FusedCrossEntropy(torch.autograd.Function):
    """Mean cross-entropy of states_nd @ vectors_Id.T + bias_I + sparse extras against target_n."""

    @staticmethod
    def forward(
        ctx: Any,
        states_nd: Tensor,
        vectors_Id: Tensor,
        bias_I: Tensor,
        target_n: Tensor,
        dtype: torch.dtype,
        row_p: Tensor,
        item_p: Tensor,
        value_p: Tensor,
    ) -> Tensor:
        """Return the scalar loss and keep the four gradients."""
        n = len(states_nd)
        bounds = torch.searchsorted(row_p, torch.arange(0, n + CHUNK, CHUNK, device=row_p.device)).tolist()
        grad_value = torch.zeros_like(value_p)
        items = vectors_Id.to(dtype)
        items_t = items.t().contiguous()
        grad_states = torch.empty_like(states_nd)
        grad_items = torch.zeros_like(vectors_Id)
        grad_bias = torch.zeros_like(bias_I)
        total = torch.zeros((), dtype=torch.float32, device=states_nd.device)
        for begin in range(0, n, CHUNK):
            rows = states_nd[begin : begin + CHUNK].to(dtype)
            target = target_n[begin : begin + CHUNK]
            scores = (rows @ items_t).float().add_(bias_I)
            extra = slice(bounds[begin // CHUNK], bounds[begin // CHUNK + 1])
            where = (row_p[extra] - begin, item_p[extra])
            scores.index_put_(where, value_p[extra], accumulate=True)
            true = scores.gather(1, target[:, None])
            top = scores.amax(dim=1, keepdim=True)
            shares = scores.sub_(top).exp_()
            mass = shares.sum(dim=1, keepdim=True)
            total += (mass.log() + top - true).sum()
            shares.div_(mass * n)
            shares.scatter_add_(1, target[:, None], torch.full_like(true, -1.0 / n))
            grad_bias += shares.sum(dim=0)
            grad_value[extra] = shares[where]
            low = shares.to(dtype)
            grad_states[begin : begin + CHUNK] = (low @ items).float()
            grad_items += (low.t() @ rows).float()
        ctx.save_for_backward(grad_states, grad_items, grad_bias, grad_value)
        return total / n

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Scale the kept gradients."""
        states, items, bias, value = ctx.saved_tensors
        return states * grad, items * grad, bias * grad, None, None, None, None, value * grad


def fused_cross_entropy(
    states_nd: Tensor,
    vectors_Id: Tensor,
    bias_I: Tensor,
    target_n: Tensor,
    extra: Extra | None = None,
    *,
    dtype: torch.dtype | None = None,
) -> Tensor:
    """Return the mean cross-entropy over the whole catalogue.

    dtype: of the matrix products; by default bf16 where it is faster.
    """
    dtype = dtype or (torch.bfloat16 if has_fast_bf16() else torch.float32)
    if extra is None:
        none = torch.zeros(0, dtype=torch.int64, device=states_nd.device)
        extra = Extra(none, none, none.float())
    return FusedCrossEntropy.apply(
        states_nd, vectors_Id, bias_I, target_n, dtype, extra.row_p, extra.item_p, extra.value_p
    )


def sampled_cross_entropy(
    states_nd: Tensor,
    vectors_Id: Tensor,
    bias_I: Tensor,
    target_n: Tensor,
    count_I: Tensor,
    *,
    negatives: int,
    extra: Extra | None = None,
) -> Tensor:
    """Return the mean cross-entropy against shared sampled negatives, with corrected logQ.

    Half of the negatives are uniform, half follow popularity^0.75. The target is not sampled, so its score is not
    corrected, and a question whose model already puts much mass on its target weighs less (Khrylchenko et al. 2025,
    arXiv:2507.09331). Items with an extra are rivals of their own question for certain: what is drawn stands for the
    others only, or a weight on the extras would be praised at the target and blamed nowhere.
    """
    popular = (count_I.float() + 1e-3) ** 0.75
    share = 0.5 * popular / popular.sum() + 0.5 / len(count_I)
    drawn = torch.multinomial(share, negatives, replacement=True)
    log_q = (share[drawn] * negatives).log()
    true = (states_nd * vectors_Id[target_n]).sum(dim=1) + bias_I[target_n]
    others = states_nd @ vectors_Id[drawn].t() + bias_I[drawn] - log_q
    others = others.masked_fill(drawn[None, :] == target_n[:, None], -1e9)
    if extra is None:
        log_rest = torch.logsumexp(others, dim=1)
    else:
        known = _unique(extra, len(count_I))
        hit = known.item_p == target_n[known.row_p]
        true = true.index_add(0, known.row_p[hit], known.value_p[hit])
        known = Extra(known.row_p[~hit], known.item_p[~hit], known.value_p[~hit])
        log_rest = torch.logsumexp(_without(others, drawn, known, len(count_I)), dim=1)
        own = (states_nd[known.row_p] * vectors_Id[known.item_p]).sum(dim=1) + bias_I[known.item_p] + known.value_p
        log_rest = torch.logaddexp(log_rest, _log_sums(own, known.row_p, len(target_n)))
    with torch.no_grad():
        weight = torch.sigmoid(log_rest - true)
        weight = weight / weight.mean().clamp(min=1e-6)
    return (weight * (torch.logaddexp(true, log_rest) - true)).mean()


def _unique(extra: Extra, num_items: int) -> Extra:
    """Return the additions with every pair once."""
    key, place = torch.unique(extra.row_p * num_items + extra.item_p, return_inverse=True)
    value = torch.zeros(len(key), device=key.device).index_add(0, place, extra.value_p)
    return Extra(key // num_items, key % num_items, value)


def _without(others: Tensor, drawn: Tensor, known: Extra, num_items: int) -> Tensor:
    """Return the scores (n, negatives) of what was drawn, items that a question knows struck out of its row."""
    one, place = torch.unique(drawn, return_inverse=True)
    column = torch.full((num_items,), -1, dtype=torch.int64, device=drawn.device)
    column[one] = torch.arange(len(one), device=drawn.device)
    there = column[known.item_p]
    struck = torch.zeros(len(others), len(one), dtype=torch.bool, device=drawn.device)
    struck[known.row_p[there >= 0], there[there >= 0]] = True
    return others.masked_fill(struck[:, place], -1e9)


def _log_sums(score_p: Tensor, row_p: Tensor, n: int) -> Tensor:
    """Return log Σ exp of the scores of each of n rows, -1e9 where it has none."""
    none = torch.full((n,), -1e9, device=score_p.device)
    top = none.scatter_reduce(0, row_p, score_p.detach(), reduce="amax")
    mass = torch.zeros(n, device=score_p.device).index_add(0, row_p, (score_p - top[row_p]).exp())
    return torch.where(mass > 0, mass.clamp(min=1e-30).log() + top, none)
