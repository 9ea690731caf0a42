"""One trunk for all tasks (Caruana 1997): heads alone are private."""

from torch import Tensor, nn

from motet.model.shape import ModelShape
from motet.model.sharing._protocol import SHARING
from motet.model.trunk import Trunk


@SHARING.register("shared_bottom")
class SharedBottom(nn.Module):
    """Hands every task the same representation."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.trunk = Trunk(shape)

    def trunk_of(self, task: str) -> Trunk:
        """Return the one trunk."""
        return self.trunk

    def adapt(self, task: str, z_nd: Tensor) -> Tensor:
        """Return the representation as it is."""
        return z_nd
