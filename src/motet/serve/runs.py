"""Training runs in a folder: finished ones are model folders, others write lines of progress as they go."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motet.artifact import Folder, Manifest, layout
from motet.errors import MotetError
from motet.schema.tasks import KINDS
from motet.serve.results import curves_of, log_of, plain

WORK = ".work"
"""What the folder of a run that is not finished is called after the model's name."""
PROGRESS = "progress.jsonl"
QUIET_SECONDS = 600.0
"""A run that wrote nothing for so long is called stopped."""
MOST_RUNS = 200
MOST_BYTES = 8 * 2**20
"""Of a file of progress that are read; then the beginning is left out."""


@dataclass(frozen=True)
class Run:
    """A run. state: finished · running · stopped. created: seconds since 1970."""

    name: str
    path: Path
    state: str
    created: float


def runs_in(root: str | Path) -> list[Run]:
    """Return the runs in a folder, the latest first; links are not followed."""
    found: dict[str, Run] = {}
    try:
        entries = [entry for entry in os.scandir(root) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    for entry in entries:
        run = _run(Path(entry.path))
        if run is not None and (run.name not in found or run.created > found[run.name].created):
            found[run.name] = run
    return sorted(found.values(), key=lambda run: -run.created)[:MOST_RUNS]


def run_named(root: str | Path, name: str) -> Run | None:
    """Return a run by its name, or None; only names that the folder lists are looked at."""
    return next((run for run in runs_in(root) if run.name == name), None)


def curves_in(run: Run) -> list[dict[str, Any]]:
    """Return the curves of a run so far; an unreadable one has none."""
    if run.state != "finished":
        return curves_of(line for line, _ in lines_after(run.path / PROGRESS, 0) if line.get("event") == "epoch")
    folder = folder_of(run)
    try:
        return [] if folder is None else plain(curves_of(log_of(folder)))
    except (MotetError, OSError):
        return []


def metrics_in(run: Run) -> dict[str, str]:
    """Return task → the metric that its scores are, as far as the run tells; a score of an error is its negative."""
    if run.state == "finished":
        folder = folder_of(run)
        kinds = {} if folder is None else folder.manifest.tasks
        return {task: KINDS[kind].primary for task, kind in kinds.items() if kind in KINDS}
    found: dict[str, str] = {}
    for line, _ in lines_after(run.path / PROGRESS, 0):
        told = line.get("metrics")
        if isinstance(told, dict):
            found |= {task: name for task, name in told.items() if isinstance(name, str)}
    return found


def folder_of(run: Run) -> Folder | None:
    """Return the model folder of a finished run, each part of which is verified as it is read."""
    try:
        return Folder(run.path, Manifest.from_bytes((run.path / layout.MANIFEST).read_bytes()))
    except (MotetError, OSError):
        return None


def lines_after(path: Path, place: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the whole lines after a place in a file of progress, each with the place after it; nonsense is skipped.

    A file that is shorter than the place was begun anew, and is read from its beginning.
    """
    try:
        size = path.stat().st_size
        with open(path, "rb") as stream:
            start = place if 0 <= place <= size else 0
            if size - start > MOST_BYTES:
                start = size - MOST_BYTES
                stream.seek(start)
                start += len(stream.readline())
            stream.seek(start)
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                start += len(line)
                told = _read(line)
                if told is not None:
                    yield told, start
    except OSError:
        return


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return plain(told) if isinstance(told, dict) else None


def _run(path: Path) -> Run | None:
    progress, manifest = path / PROGRESS, path / layout.MANIFEST
    try:
        if path.name.endswith(WORK) and progress.is_file():
            moved = progress.stat().st_mtime
            state = "running" if time.time() - moved < QUIET_SECONDS else "stopped"
            return Run(path.name.removesuffix(WORK), path, state, moved)
        if manifest.is_file() and not path.name.startswith("."):
            return Run(path.name, path, "finished", manifest.stat().st_mtime)
    except OSError:
        return None
    return None
