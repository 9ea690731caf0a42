"""Lines of progress: a file beside a run's checkpoints to which every epoch adds a line, for whoever looks on."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from motet.train.events import EpochDone, StepDone

FILE = "progress.jsonl"
SECONDS_BETWEEN_STEPS = 2.0


class ProgressLines:
    """Writes what an arm's training tells to a file of JSON lines, each whole and flushed; never stops a run.

    A line has `event` (`epoch`, or now and then `step`), `arm`, `seed`, `epoch` from 0 and `time`; an epoch has
    `loss/TASK`, `score/TASK`, `best`, `epochs`, `seconds` and `metrics`, a step `done` and `total`. A run that goes on
    appends. metrics: task → the metric that its scores are; of an error, a score is the negative.
    """

    def __init__(
        self,
        folder: Path,
        *,
        arm: str,
        seed: int,
        metrics: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
        pause: float | None = None,
    ) -> None:
        self._file, self._who, self._clock = folder / FILE, {"arm": arm, "seed": seed}, clock
        self._pause = SECONDS_BETWEEN_STEPS if pause is None else pause
        self._last = -math.inf
        self._metrics = dict(metrics or {})

    def step(self, event: StepDone) -> None:
        """Write where an epoch is, every few seconds."""
        now = self._clock()
        if now - self._last >= self._pause:
            self._last = now
            self._write({"event": "step", "epoch": event.epoch, "done": event.done, "total": event.total})

    def epoch(self, event: EpochDone) -> None:
        """Write losses and scores."""
        told = {f"loss/{task}": _number(value) for task, value in event.losses.items()}
        told |= {f"score/{task}": _number(value) for task, value in event.scores.items()}
        own = {"event": "epoch", "epoch": event.epoch, "epochs": event.epochs, "best": event.best}
        own |= {"metrics": {task: name for task, name in self._metrics.items() if task in event.scores}}
        self._write({**own, "seconds": round(event.seconds, 3), **told})

    def _write(self, told: dict[str, Any]) -> None:
        line = json.dumps({**told, **self._who, "time": round(self._clock(), 3)}, allow_nan=False)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with open(self._file, "a", encoding="utf-8") as stream:
                stream.write(line + "\n")
        except OSError:  # a full disk shall not end the run for a line of progress; checkpoints will tell
            return


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
