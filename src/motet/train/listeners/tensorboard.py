"""Event files for TensorBoard."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from motet.errors import MissingExtra
from motet.train.events import EpochDone, StepDone
from motet.train.listeners._protocol import LISTENERS, epoch_numbers, step_numbers


@LISTENERS.register("tensorboard")
class TensorBoard:
    """Writes scalars to event files; look at them with: tensorboard --logdir RUN.tensorboard."""

    @staticmethod
    def require() -> None:
        """Raise MissingExtra where TensorBoard is not installed."""
        if find_spec("tensorboard") is None:
            raise MissingExtra("The listener 'tensorboard' (TensorBoard)", "watch")

    def __init__(self, folder: Path, *, project: str, run: str) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder))
        self._step = 0

    def step(self, event: StepDone) -> None:
        """Write losses and weights."""
        self._step, told = step_numbers(event)
        self._write(told)

    def epoch(self, event: EpochDone) -> None:
        """Write scores and what watching showed, at the epoch's last step."""
        self._write(epoch_numbers(event))
        self._writer.flush()

    def close(self) -> None:
        """Close the event file."""
        self._writer.close()

    def _write(self, told: dict[str, float]) -> None:
        for name, value in told.items():
            self._writer.add_scalar(name.replace(" ", "_"), value, self._step)
