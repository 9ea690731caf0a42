"""A run that was killed or interrupted goes on to the very same weights."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import motet
from motet.errors import DataError
from motet.stages.same_run import check_same_project
from motet.stages.watching import Watch
from motet.testing import tiny_project

pytestmark = pytest.mark.slow

EPOCHS = 7
PATIENCE_SECONDS = 120
SETTINGS = {"train": {"epochs": EPOCHS, "patience": EPOCHS, "batch": 32, "device": "cpu"}}
Start = Callable[..., "subprocess.Popen[str]"]
TASKS = ("next_item", "rating", "sentiment", "brand")


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `motet train` as a process of its own, with the signals that a terminal would give it."""
    running: list[subprocess.Popen[str]] = []

    def begin(project: Path, out: Path, *options: str) -> subprocess.Popen[str]:
        code = "import sys; from motet.cli.main import main; sys.exit(main(sys.argv[1:]))"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "train", str(project), "--out", str(out), "--json", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
            process.communicate()


def epochs_done(out: Path) -> int:
    """Return how many epochs the checkpoint of a run holds."""
    work = out.with_name(f"{out.name}.work")
    try:
        return max(int(json.loads(note.read_text())["epoch"]) for note in work.glob("joint*/seed-0/checkpoint.json"))
    except (FileNotFoundError, ValueError):
        return 0


def stop_after(process: subprocess.Popen[str], out: Path, epochs: int, how: signal.Signals) -> tuple[str, str]:
    """Send a signal as soon as a checkpoint of so many epochs is there; return what the process said."""
    end = time.monotonic() + PATIENCE_SECONDS
    while epochs_done(out) < epochs:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "no checkpoint came"
        time.sleep(0.005)
    process.send_signal(how)
    return process.communicate(timeout=PATIENCE_SECONDS)


def finish(process: subprocess.Popen[str]) -> None:
    out, error = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, (out, error)


def digest(out: Path) -> str:
    return hashlib.sha256((out / "model" / "weights.safetensors").read_bytes()).hexdigest()


def test_killed_interrupted_and_resumed_it_ends_with_the_same_weights(tmp_path: Path, start: Start) -> None:
    project = tiny_project(tmp_path / "shop", tasks=TASKS, settings=SETTINGS)
    whole, out = tmp_path / "whole", tmp_path / "model"
    uninterrupted = start(project, whole)

    killed = start(project, out)
    stop_after(killed, out, 2, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    assert 2 <= epochs_done(out) < EPOCHS and not out.exists()

    interrupted = start(project, out, "--resume")
    said, error = stop_after(interrupted, out, epochs_done(out) + 1, signal.SIGINT)
    assert interrupted.returncode == 130
    assert json.loads(said)["error"]["message"] and "Traceback" not in error
    assert 3 <= epochs_done(out) < EPOCHS and not out.exists()

    finish(start(project, out, "--resume"))
    finish(uninterrupted)
    assert digest(out) == digest(whole)
    one, other = (json.loads((folder / "evaluation" / "metrics.json").read_text()) for folder in (out, whole))
    assert one["tasks"] == other["tasks"]
    assert not out.with_name("model.work").exists()


def test_without_resume_a_run_starts_anew_and_another_project_does_not_go_on(tmp_path: Path) -> None:
    """What was left by one run is not taken for another's, nor thrown away unasked."""
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    project = motet.Project.read(tiny_project(tmp_path / "shop", tasks=("sentiment",), settings=settings))
    work = tmp_path / "model.work"
    check_same_project(work, project.to_toml().replace("epochs = 1", "epochs = 2"))
    (work / "joint" / "seed-0").mkdir(parents=True)
    (work / "joint" / "seed-0" / "checkpoint.json").write_text("{ this is no checkpoint")
    with pytest.raises(DataError, match=r"train\.epochs"):
        motet.train(project, tmp_path / "model", resume=True)
    assert (work / "joint" / "seed-0" / "checkpoint.json").exists()
    motet.train(project, tmp_path / "model")
    assert (tmp_path / "model" / "manifest.json").exists()


class Stopping(Watch):
    """Counts trained arms, and stops the run after so many."""

    def __init__(self, after: int | None = None) -> None:
        self.after, self.arms = after, 0

    def trained(self, arm: str, seed: int, seconds: float) -> None:
        self.arms += 1
        if self.arms == self.after:
            raise KeyboardInterrupt


def test_a_comparison_that_was_interrupted_comes_to_the_same_verdicts(tmp_path: Path) -> None:
    settings = {"train": {"epochs": 2, "batch": 512, "device": "cpu"}}
    project = motet.Project.read(tiny_project(tmp_path / "shop", tasks=("sentiment", "rating"), settings=settings))
    whole, out = tmp_path / "whole", tmp_path / "model"
    motet.certify(project, whole)
    for stop in (2, 4):
        with pytest.raises(KeyboardInterrupt):
            motet.certify(project, out, resume=stop > 2, watch=Stopping(stop))
        assert not out.exists()
    motet.certify(project, out, resume=True)
    one, other = (json.loads((folder / "evaluation" / "certificate.json").read_text()) for folder in (out, whole))
    assert one["tasks"] == other["tasks"]
    assert digest(out) == digest(whole)
