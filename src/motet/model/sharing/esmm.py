"""ESMM: a chain of yes-or-no tasks, each of which presumes the one before (Ma et al. 2018, arXiv:1804.07931).

A product is bought only where it was put into the cart, and put there only where it was looked at. The head of `buy`
answers p(buy | cart); what is trained and told is p(buy) = p(view) · p(cart | view) · p(buy | cart), on all questions
and not only on the few that got as far as the cart.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from motet.errors import ProjectError
from motet.model.shape import ModelShape
from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._protocol import SHARING


@SHARING.register("esmm")
class Esmm(SharedTrunk):
    """One trunk; the tasks of the chain answer with products. Tasks outside of it are as under `shared_bottom`.

    A task's valve holds back what its loss says to the heads before it, too. Raises ProjectError where the tasks of
    the chain do not look at the same questions, or are no yes-or-no tasks.
    """

    def __init__(self, shape: ModelShape) -> None:
        super().__init__(shape)
        self.chain = tuple(task for task in shape.sharing.chain if task in shape.tasks)
        _check(self.chain, shape)

    def chain_before(self, task: str) -> tuple[str, ...]:
        """Return the chain up to a task, without it."""
        return self.chain[: self.chain.index(task)] if task in self.chain else ()

    def chained(self, task: str, scores: Sequence[Tensor]) -> Tensor:
        """Return the logits of a task's product, (n,). scores: the logits of the tasks before it, then its own."""
        return chain_logit([*(self.valves.through(task, "fusion", each) for each in scores[:-1]), scores[-1]])


def chain_logit(logits: Sequence[Tensor]) -> Tensor:
    """Return the logit of Π sigmoid(logit), (n,), finite for all finite logits, and no larger with each link.

    1 − Π p_i = Σ_i (1 − p_i) · Π_{j<i} p_j is summed in logarithms, so that nothing is lost where p is close to 1.
    """
    yes, no = F.logsigmoid(logits[0]), F.logsigmoid(-logits[0])
    for logit in logits[1:]:
        no = torch.logaddexp(no, yes + F.logsigmoid(-logit))
        yes = yes + F.logsigmoid(logit)
    return yes - no


def _check(chain: Sequence[str], shape: ModelShape) -> None:
    for task in chain:
        output, view = shape.tasks[task].output, shape.tasks[task].view
        if output != "binary":
            raise ProjectError(
                f"sharing.chain names '{task}', which answers with {output}.",
                "Name yes-or-no tasks (kind binary) only.",
            )
        if view != shape.tasks[chain[0]].view:
            raise ProjectError(
                f"sharing.chain joins '{chain[0]}', which looks at {shape.tasks[chain[0]].view}, and '{task}', which "
                f"looks at {view}.",
                "Give the tasks of a chain the same table, text and inputs.",
            )
