"""Whether two users are related: the trunk's bilinear form of both, and what is known of the pair."""

from math import log

from torch import Tensor, nn
from torch.nn import functional as F

from motet.model.heads._base import Tower
from motet.model.heads._protocol import HEADS
from motet.model.shape import ModelShape, TaskShape
from motet.model.trunk import State
from motet.tasks.relation import ODDS

HIDDEN = 32


@HEADS.register("relation")
class RelationHead(nn.Module):
    """Answers a probability, where strangers are as many as pairs: training shows more of them, and the loss knows it.

    The tower weighs the product of the two users' projections (see trunk.pair). Beside it stand a linear path and a
    small layer, zero at the start, from the pair's own numbers: common neighbours, paths, what both had.
    """

    def __init__(self, task: TaskShape, shape: ModelShape) -> None:
        super().__init__()
        self.tower = Tower(task, shape, 1)
        self.prior_shift = log(ODDS)
        known = shape.views[task.view].pairs
        self.known = nn.Linear(known, 1, bias=False)
        self.mixed = nn.Sequential(
            nn.Linear(known, HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(HIDDEN, 1, bias=False)
        )
        nn.init.zeros_(self.known.weight)
        nn.init.zeros_(self.mixed[-1].weight)  # type: ignore[arg-type]

    def scores(self, z_nd: Tensor, state: State, vectors_Id: Tensor | None) -> Tensor:
        """Return logits (n,)."""
        scores = self.tower(z_nd, state)[:, 0]
        if state.pair_nF is None:
            return scores
        return scores + self.known(state.pair_nF)[:, 0] + self.mixed(state.pair_nF)[:, 0]

    def loss(self, z_nd: Tensor, state: State, label_n: Tensor, vectors_Id: Tensor | None) -> Tensor:
        """Return the mean binary cross-entropy."""
        return F.binary_cross_entropy_with_logits(self.scores(z_nd, state, vectors_Id) - self.prior_shift, label_n)

    def answer(self, scores: Tensor) -> Tensor:
        """Return probabilities (n,)."""
        return scores.sigmoid()
