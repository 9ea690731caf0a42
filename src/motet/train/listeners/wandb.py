"""Offline runs for Weights & Biases."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from motet.errors import MissingExtra
from motet.train.events import EpochDone, StepDone
from motet.train.listeners._protocol import LISTENERS, epoch_numbers, step_numbers


@LISTENERS.register("wandb")
class WeightsAndBiases:
    """Writes an offline run; whoever wants it on a server sends it there with: wandb sync."""

    @staticmethod
    def require() -> None:
        """Raise MissingExtra where Weights & Biases is not installed."""
        if find_spec("wandb") is None:
            raise MissingExtra("The listener 'wandb' (Weights & Biases)", "watch")

    def __init__(self, folder: Path, *, project: str, run: str) -> None:
        # read when the library is imported: its own reports of errors would go over the network
        os.environ["WANDB_ERROR_REPORTING"] = "false"
        import wandb

        folder.mkdir(parents=True, exist_ok=True)
        quiet = wandb.Settings(
            silent=True, console="off", disable_git=True, disable_code=True, x_disable_stats=True, x_disable_meta=True
        )
        self._run = wandb.init(
            project=project, name=run, dir=str(folder), mode="offline", reinit="finish_previous", settings=quiet
        )
        self._step = 0

    def step(self, event: StepDone) -> None:
        """Write losses and weights."""
        self._step, told = step_numbers(event)
        self._run.log(told, step=self._step)

    def epoch(self, event: EpochDone) -> None:
        """Write scores and what watching showed, at the epoch's last step."""
        self._run.log(epoch_numbers(event), step=self._step)

    def close(self) -> None:
        """Finish the offline run."""
        self._run.finish()
