"""The losses that a task may choose, as means over questions. n = questions, C = labels.

`cross_entropy` is the default. `integrated` adds 1 − cosine between the predicted distribution and the label's vector,
which bounds how much a single question can ask for beyond its log-loss. `focal` (Lin et al. 2017, arXiv:1708.02002,
γ = 2) turns down what is already answered well, so that the rare and the hard count. Its second constant, the weight of
a label, is the task's `class_weights` here.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

FOCUS = 2.0
"""γ of the focal loss."""
DELTA = 0.3
"""In standard deviations of a number: Huber errors above it count linearly."""
PLAIN = ("", "cross_entropy")
"""Names of the default: what a task leaves unsaid, too."""


def class_loss(logits_nC: Tensor, label_n: Tensor, kind: str = "", weight_C: Tensor | None = None) -> Tensor:
    """Return the mean loss of one-of-many questions, each weighted by its class; a label of -1 has none."""
    known = (label_n >= 0).sum().clamp(min=1)
    if kind in PLAIN and weight_C is None:
        return F.cross_entropy(logits_nC, label_n, ignore_index=-1, reduction="sum") / known
    each_n = _of_classes(logits_nC, label_n, kind)
    if weight_C is not None:
        each_n = each_n * weight_C[label_n.clamp(min=0)]
    return each_n.sum() / known


def binary_loss(logits_n: Tensor, label_n: Tensor, kind: str = "", weight_2: Tensor | None = None) -> Tensor:
    """Return the mean loss of yes-or-no questions, each weighted by its label; weights and vectors are (no, yes)."""
    if kind in PLAIN and weight_2 is None:
        return F.binary_cross_entropy_with_logits(logits_n, label_n)
    each_n = _of_cells(logits_n, label_n, kind)
    if kind == "integrated":
        share_n2 = torch.stack([(-logits_n).sigmoid(), logits_n.sigmoid()], dim=1)
        each_n = each_n + 1 - F.cosine_similarity(share_n2, torch.stack([1 - label_n, label_n], dim=1), dim=1)
    if weight_2 is not None:
        each_n = each_n * torch.where(label_n > 0, weight_2[1], weight_2[0])
    return each_n.mean()


def tag_loss(logits_nC: Tensor, label_nC: Tensor, kind: str = "", weight_C: Tensor | None = None) -> Tensor:
    """Return the mean loss over cells of some-of-many questions.

    weight_C: of the cells of tags that are there. A question without any tag has no direction, so no cosine either.
    """
    if kind in PLAIN and weight_C is None:
        return F.binary_cross_entropy_with_logits(logits_nC, label_nC)
    each_nC = _of_cells(logits_nC, label_nC, kind)
    if weight_C is not None:
        each_nC = each_nC * torch.where(label_nC > 0, weight_C, 1.0)
    if kind != "integrated":
        return each_nC.mean()
    cosine_n = F.cosine_similarity(logits_nC.sigmoid(), label_nC, dim=1)
    return each_nC.mean() + ((1 - cosine_n) * (label_nC > 0).any(dim=1)).mean()


def number_loss(value_n: Tensor, label_n: Tensor, kind: str = "") -> Tensor:
    """Return the mean loss of standardised numbers.

    `squared` leans to the mean, `absolute` to the median; `huber`, the default, is smooth near zero and leans to the
    median too, and outliers do not rule it.
    """
    if kind == "squared":
        return F.mse_loss(value_n, label_n)
    if kind == "absolute":
        return F.l1_loss(value_n, label_n)
    return F.huber_loss(value_n, label_n, delta=DELTA)


def prior_loss(output: str, prior: tuple[float, ...], kind: str, weights: tuple[float, ...]) -> float:
    """Return the mean loss of always answering the training prior, for binary, class and tags.

    prior: as in `features.Labels`. weights: of the labels, or none. The cosine of tags is taken as if every question
    had the mean number of tags.
    """
    share_C = torch.tensor(prior, dtype=torch.float64).clamp(1e-6, 1 - 1e-6)
    if output == "binary":
        share_C = torch.cat([1 - share_C, share_C])
    weight_C = torch.tensor(weights, dtype=torch.float64) if weights else torch.ones_like(share_C)
    if output != "tags":  # yes or no is one of two
        each_C = _of_classes(share_C.log().expand(len(share_C), -1), torch.arange(len(share_C)), kind)
        return float((share_C * weight_C * each_C).sum())
    logit_C = share_C.logit()
    yes_C, no_C = (_of_cells(logit_C, torch.full_like(logit_C, there), kind) for there in (1.0, 0.0))
    found = float((share_C * weight_C * yes_C + (1 - share_C) * no_C).mean())
    return found + (1 - float(share_C.norm() / share_C.sum().sqrt()) if kind == "integrated" else 0.0)


def _of_classes(logits_nC: Tensor, label_n: Tensor, kind: str) -> Tensor:
    entropy_n = F.cross_entropy(logits_nC, label_n, ignore_index=-1, reduction="none")
    if kind == "focal":
        return _focal(entropy_n)
    if kind != "integrated":
        return entropy_n
    share_nC = logits_nC.softmax(dim=1)
    cosine_n = share_nC.gather(1, label_n.clamp(min=0)[:, None])[:, 0] / share_nC.norm(dim=1)
    return entropy_n + (1 - cosine_n) * (label_n >= 0)


def _of_cells(logits: Tensor, label: Tensor, kind: str) -> Tensor:
    entropy = F.binary_cross_entropy_with_logits(logits, label, reduction="none")
    return _focal(entropy) if kind == "focal" else entropy


def _focal(entropy: Tensor) -> Tensor:
    return (1 - (-entropy).exp()) ** FOCUS * entropy
