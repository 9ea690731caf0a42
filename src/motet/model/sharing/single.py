"""No sharing: a trunk for every task, in one model; the measure of what sharing is worth."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from motet.model.names import module_name
from motet.model.shape import ModelShape
from motet.model.sharing._base import Plain
from motet.model.sharing._protocol import SHARING
from motet.model.trunk import State, Trunk


@SHARING.register("single")
class Single(Plain):
    """Hands every task a trunk of its own, with the towers of its own view."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.private = nn.ModuleDict({module_name(task): Trunk(shape.only(task)) for task in shape.tasks})
        self.adapters = nn.ModuleDict()
        self.rankings = {task for task, each in shape.tasks.items() if each.output == "ranking"}

    def trunk_of(self, task: str) -> Trunk:
        """Return the task's own trunk."""
        return self.private[module_name(task)]  # type: ignore[return-value]

    def read(self, tasks: Sequence[str], state: State) -> dict[str, Tensor]:
        """Return the representation as it is; a ranking reads the user's state."""
        return {
            task: state.history_nd if task in self.rankings and state.history_nd is not None else state.z_nd
            for task in tasks
        }

    def items(self, task: str, vectors_Id: Tensor, *, rows: Tensor | None = None) -> Tensor:
        """Return the catalogue as it is."""
        return vectors_Id

    def gate_usage(self) -> Mapping[str, Mapping[str, float]]:
        """Return nothing: there are no gates."""
        return {}
