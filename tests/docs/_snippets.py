"""The snippets of a page, and a way to run them as a reader would: in order, in one folder, in a shell."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<language>\w*)(?P<rest>[^\n]*)\n(?P<text>.*?)^(?P=ticks)[ \t]*$", re.M | re.S)
SERVED = re.compile(r"^motet serve ", re.M)
READY_SECONDS = 240.0


@dataclass(frozen=True)
class Snippet:
    """A fenced block. title: the file that the page asks to save it as, or empty."""

    language: str
    title: str
    text: str


def snippets(page: Path) -> list[Snippet]:
    """Return a page's fenced blocks, in order."""
    found = []
    for block in FENCE.finditer(page.read_text(encoding="utf-8")):
        title = re.search(r'title="([^"]+)"', block["rest"])
        found.append(Snippet(block["language"], title[1] if title else "", block["text"]))
    return found


def run_all(page: Path, folder: Path, *, port: int, there: str = "8000") -> str:
    """Save and run a page's snippets in `folder`; return all that they print. Services end when all is done.

    port: taken in place of `there`, which the page names. AssertionError where a snippet fails.
    """
    told = []
    with ExitStack() as services:
        for snippet in snippets(page):
            text = snippet.text.replace(there, str(port))
            if snippet.title:
                (folder / snippet.title).write_text(text, encoding="utf-8")
            elif snippet.language == "bash" and SERVED.search(text):
                services.enter_context(_service(text, folder, port))
            elif snippet.language in ("bash", "python"):
                told.append(run(text, folder, shell=snippet.language == "bash"))
    return "\n".join(told)


def run(text: str, folder: Path, *, shell: bool) -> str:
    """Return what a snippet prints."""
    command = ["bash", "-euo", "pipefail", "-c", text] if shell else [sys.executable, "-W", "error", "-c", text]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a reader who has activated the project's own Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "OMP_WAIT_POLICY": "PASSIVE", **more}


@contextmanager
def _service(text: str, folder: Path, port: int) -> Iterator[None]:
    with (folder / "service.log").open("w") as log:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {text}"], cwd=folder, env=environment(), stdout=log, stderr=log
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/ready", process, folder / "service.log")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"not ready: {log.read_text()}")
