"""No sharing: a trunk for every task, in one model; the measure of what sharing is worth."""

from torch import Tensor, nn

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._protocol import SHARING
from motet.model.trunk import Trunk


@SHARING.register("single")
class Single(nn.Module):
    """Hands every task a trunk of its own, with the towers of its own view."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.trunks = nn.ModuleDict({module_name(task): Trunk(shape.only(task)) for task in shape.tasks})

    def trunk_of(self, task: str) -> Trunk:
        """Return the task's own trunk."""
        return self.trunks[module_name(task)]  # type: ignore[return-value]

    def adapt(self, task: str, z_nd: Tensor) -> Tensor:
        """Return the representation as it is."""
        return z_nd
