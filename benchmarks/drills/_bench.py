"""What drills have in common: model folders, a service as a process of its own, and how a drill tells its figure."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.flow.test_serving import Served, free_port
from tests.unit.serve.conftest import write_model

from motet.serve import Bounds, Settings
from motet.store import open_store

TASKS = ("next_item", "buy", "rating", "brand", "sentiment")
READY_SECONDS = 120.0
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Found:
    """What a drill found. ok: nothing is wrong. figure: in a few words. control: whether the broken variant failed."""

    ok: bool
    figure: str
    control: bool
    broken: str = ""

    def line(self, name: str) -> str:
        """Return the drill's line."""
        passed = "passed" if self.ok and self.control else "FAILED"
        control = f"control {'fails' if self.control else 'DOES NOT FAIL'}" + (
            f": {self.broken}" if self.broken else ""
        )
        return f"{name}: {passed}; {self.figure}; {control}"


@dataclass
class Bench:
    """folder: for everything that drills write. scale: 1 in full, 0.1 for a tenth."""

    folder: Path
    scale: float = 1.0
    _made: int = 0
    _lock: Any = field(default_factory=threading.Lock)

    def times(self, number: int, *, least: int = 1) -> int:
        """Return how often something of a full drill is done at this scale."""
        return max(least, round(number * self.scale))

    def fresh(self) -> Path:
        """Return a new, empty folder."""
        with self._lock:
            self._made += 1
            made = self.folder / f"drill-{self._made}"
        (made / "models").mkdir(parents=True)
        return made

    def fixed(self) -> Path:
        """Return a new folder with a model that answers with fixed numbers, and is opened in a moment."""
        made = self.fresh()
        write_model(made / "models" / "first")
        return made

    def real(self) -> Path:
        """Return a new folder with a real, if tiny, model."""
        made = self.fresh()
        shutil.copytree(self.trained, made / "models" / "first")
        return made

    @cached_property
    def trained(self) -> Path:
        """A model folder, trained once."""
        from motet.schema import Project
        from motet.testing import tiny_project
        from motet.workflow import train

        with self._lock:
            path = self.folder / "trained"
            if not path.exists():
                train(Project.read(tiny_project(self.folder / "shop", tasks=TASKS)), path)
        return path


@dataclass
class Running(Served):
    """A service in a process of its own, with a JSON line per request in log.jsonl."""

    store: str = ""

    def kill_after(self, seconds: float) -> subprocess.Popen[bytes]:
        """Let another process kill the service, without a warning, in a moment."""
        code = "import os, sys, time; time.sleep(float(sys.argv[1])); os.kill(int(sys.argv[2]), 9)"
        return subprocess.Popen([sys.executable, "-c", code, str(seconds), str(self.process.pid)])

    def memory(self) -> float:
        """Return how many megabytes of memory the process holds."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="utf-8").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def wait_ready(self) -> float:
        """Return after how many seconds requests are taken."""
        began = time.monotonic()
        while time.monotonic() - began < READY_SECONDS:
            if self.process.poll() is not None:
                raise AssertionError((self.folder / "log.jsonl").read_text(encoding="utf-8")[-2000:])
            try:
                if self.call("GET", "/ready", key="")[0] == 200:
                    return time.monotonic() - began
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        raise AssertionError("not ready")


@contextmanager
def service(
    folder: Path,
    *,
    store: str | None = None,
    control: str = "",
    bounds: Bounds | None = None,
    workers: int = 1,
    prepare: Callable[[], None] | None = None,
    wait: bool = True,
    door: bool = False,
) -> Iterator[Running]:
    """Run a service over folder/models/first until the end of the block.

    control: a way in which it is broken on purpose, see `_launch`. prepare: done in the new process. door: open to all.
    """
    where = store or str(folder / "log.db")
    with open_store(where) as opened:
        keys = {scope: opened.create_key(scope, [scope]).secret for scope in ("read", "write", "admin")}  # type: ignore[list-item]
    settings = Settings(
        folder=str(folder / "models" / "first"),
        store=where,
        port=free_port(),
        workers=workers,
        bounds=bounds or Bounds(rate=1e6, burst=1_000_000),
        open_without_key=door,
    )
    command = [sys.executable, "-m", "benchmarks.drills._launch", settings.to_json(), control]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    with open(folder / "log.jsonl", "ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env=environment, preexec_fn=prepare)
    running = Running(process, settings.port, keys, folder, where)
    try:
        if wait:
            running.wait_ready()
        yield running
    finally:
        process.kill()
        process.wait()


def together(work: Callable[[int], Any], threads: int) -> list[threading.Thread]:
    """Return threads that were started, each on `work` with its number."""
    started = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(threads)]
    for thread in started:
        thread.start()
    return started


@dataclass
class Senders:
    """Threads that send events, one request at a time, until they are told to stop.

    sent: ids of requests that began. told: ids that were answered with saved, or duplicate. statuses: of other answers.
    again: an id without an answer is sent once more, as a client should, until it is answered.
    """

    running: Running
    threads: int = 16
    prefix: str = "e"
    again: bool = False
    sent: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    statuses: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Senders:
        self._threads = together(self._send, self.threads)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(60)

    def _send(self, thread: int) -> None:
        number, link = 0, None
        key = self.running.keys["write"]
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        while not self.stop.is_set():
            id = f"{self.prefix}-{thread}-{number}"
            body = json.dumps({"events": [{"id": id, "user": f"user{thread}", "item": "apple", "text": "some words"}]})
            self.sent.add(id)
            try:
                link = link or http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=30)
                link.request("POST", "/v1/events", body, headers)
                answer = link.getresponse()
                said = json.loads(answer.read())
                if answer.status == 200 and said["events"][0]["status"] in ("saved", "duplicate"):
                    self.told.add(id)
                    number += 1
                    continue
                self.statuses.append(answer.status)
                time.sleep(0.01)
            except (OSError, http.client.HTTPException, ValueError):
                if link is not None:
                    link.close()
                link = None
                if not self.again and self.running.process.poll() is not None:
                    return
                time.sleep(0.02)
            number += 0 if self.again else 1


def held(where: str, ids: set[str]) -> set[str]:
    """Return those ids that a store holds; its file is checked first."""
    with open_store(where) as opened:
        opened.check()
        found, seq = set(), 0
        while events := opened.events_after(seq, limit=5_000):
            found |= {event.id for event in events}
            seq = events[-1].seq
    return found & ids


def lasting(seconds: float, **bounds: Any) -> Bounds:
    """Return bounds that are wide, save for how long a request may take."""
    return replace(Bounds(rate=1e6, burst=1_000_000), seconds=seconds, **bounds)


@contextmanager
def workplace(scale: float) -> Iterator[Bench]:
    """A bench in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="motet-drills-") as folder:
        yield Bench(Path(folder), scale)
