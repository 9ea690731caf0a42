"""How far one model's answers are from another's: what a closed task is trained on."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def imitation_loss(output: str, scores: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean divergence of raw scores from a teacher's answers of the same questions.

    Cross-entropy against the teacher's probabilities for binary, tags, class, ordinal and rankings (whose answers are
    log-probabilities); squared error for numbers (Hinton et al. 2015, arXiv:1503.02531).
    """
    if output == "ranking":
        return F.cross_entropy(scores, wanted.exp())
    if output in ("binary", "tags"):
        return F.binary_cross_entropy_with_logits(scores, wanted)
    if output in ("class", "ordinal"):
        return F.cross_entropy(scores, wanted)
    return F.mse_loss(scores, wanted)
