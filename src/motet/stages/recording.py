"""Listeners that the project file names: each writes beside the artifact, a folder per arm and seed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from motet.schema import Project
from motet.stages.progress import ProgressLines
from motet.train.events import EpochDone, Listener, StepDone
from motet.train.listeners import LISTENERS, Recorder

WORK = "work"
"""Under this name lie a run's checkpoints until it is packed, and its lines of progress."""


def record_folder(out: Path, listener: str) -> Path:
    """Return where a listener writes: beside the artifact, under the listener's name."""
    return out.with_name(f"{out.name}.{listener}")


def prepare_records(project: Project, out: Path, *, resume: bool) -> None:
    """Remove what the project's listeners wrote for an earlier run, unless it goes on.

    Raises ProjectError for an unknown listener, and MissingExtra for one whose library is not installed.
    """
    for name in project.train.listeners:
        LISTENERS.get(name).require()
        if not resume:
            shutil.rmtree(record_folder(out, name), ignore_errors=True)


@contextmanager
def recording(
    project: Project, out: Path, arm: str, seed: int, listeners: Sequence[Listener] = ()
) -> Iterator[list[Listener]]:
    """Yield the given listeners, lines of progress, and those that the project names, closed however training ends."""
    with ExitStack() as stack:
        metrics = {task: spec.primary for task, spec in project.tasks.items()}
        lines = ProgressLines(record_folder(out, WORK), arm=arm, seed=seed, metrics=metrics)
        found: list[Listener] = [*listeners, lines]
        for name in project.train.listeners:
            folder = record_folder(out, name) / f"{quote(arm, safe='')}-seed-{seed}"
            make = partial(LISTENERS.get(name), folder, project=project.project.name, run=f"{arm}, seed {seed}")
            one = _WhenTold(make)
            stack.callback(one.close)
            found.append(one)
        yield found


class _WhenTold:
    """Opens a recorder at the first event, so that an arm which was finished before leaves nothing behind."""

    def __init__(self, make: Callable[[], Recorder]) -> None:
        self._make = make
        self._made: Recorder | None = None

    def step(self, event: StepDone) -> None:
        self._recorder().step(event)

    def epoch(self, event: EpochDone) -> None:
        self._recorder().epoch(event)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    def _recorder(self) -> Recorder:
        if self._made is None:
            self._made = self._make()
        return self._made
