"""Tasks overfit at different speeds: one that stops improving goes on by imitating itself at its best.

Its labels are put away, so it cannot overfit further, and its own best answers hold its place in the trunk while
other tasks still move it (after Li & Hoiem 2016, learning without forgetting, arXiv:1606.09282).
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from motet.model.assemble import MotetModel
from motet.model.shape import ModelShape
from motet.train.progress import Progress


def closable(shape: ModelShape) -> tuple[str, ...]:
    """Return the tasks that may be closed: all but rankings (a catalogue of answers per question is too much) and
    auxiliary ones, which nobody judges; none where a task trains alone.
    """
    if len(shape.tasks) < 2:
        return ()
    return tuple(task for task in shape.judged if shape.tasks[task].output != "ranking")


class Teachers:
    """Each closable task's best weights so far, and models made of them for the tasks that are closed."""

    def __init__(self, model: MotetModel) -> None:
        self.active: dict[str, MotetModel] = {}
        self._shape = model.shape
        self._peaks: dict[str, dict[str, Tensor]] = {}

    def follow(self, model: MotetModel, progress: Progress, epoch: int) -> None:
        """Keep the weights of tasks at their peak, and set up teachers of tasks just closed."""
        held: dict[str, Tensor] | None = None
        for task in progress.closable:
            if progress.peak_epoch.get(task) == epoch and task not in progress.closed:
                if held is None:
                    held = {name: value.detach().clone() for name, value in model.state_dict().items()}
                self._peaks[task] = held
        self._activate(progress, model)

    def close(self, model: MotetModel, progress: Progress) -> None:
        """Take the model as it is for the peak of all tasks that are closed already."""
        held = {name: value.detach().clone() for name, value in model.state_dict().items()}
        self._peaks |= dict.fromkeys(progress.closed, held)
        self._activate(progress, model)

    def to_tensors(self) -> dict[str, Tensor]:
        """Return all kept weights as named tensors; tasks go by their number, whatever characters their names have."""
        number = {task: place for place, task in enumerate(self._shape.tasks)}
        return {f"{number[task]}/{name}": value for task, held in self._peaks.items() for name, value in held.items()}

    def restore(self, tensors: Mapping[str, Tensor], progress: Progress, model: MotetModel) -> None:
        """Take back what `to_tensors` returned."""
        tasks = list(self._shape.tasks)
        for key, value in tensors.items():
            number, _, name = key.partition("/")
            self._peaks.setdefault(tasks[int(number)], {})[name] = value
        self._activate(progress, model)

    def _activate(self, progress: Progress, model: MotetModel) -> None:
        for task in progress.closed:
            if task not in self.active:
                teacher = MotetModel(self._shape).to(next(model.parameters()).device)
                teacher.load_state_dict(self._peaks[task])
                self.active[task] = teacher.eval().requires_grad_(False)
