"""Kill a process that appends, over and over, and count what it had acknowledged and the store does not hold."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from motet.store import open_store


@dataclass(frozen=True)
class Drill:
    """kills: those that hit something on its way. lost: acknowledged, and not held."""

    kills: int
    acknowledged: int
    in_flight: int
    lost: int


def drill(where, kills, *, early=False, seed=0):
    """Return what became of the events of `kills` processes. early: the control, which must lose some."""
    rng = random.Random(seed)
    counted, done_all, flying, lost = 0, 0, 0, 0
    for number in range(kills):
        done, sent = _killed(where, f"p{number}", early, rng.uniform(0.02, 0.3))
        with open_store(where) as store:
            store.check()
            held = {id for id in done if store.event(id) is not None}
        counted += bool(sent - done)
        done_all, flying, lost = done_all + len(done), flying + len(sent - done), lost + len(done - held)
    return Drill(counted, done_all, flying, lost)


def _killed(where, prefix, early, seconds):
    command = [sys.executable, str(Path(__file__).with_name("_appender.py")), where, prefix]
    command.append("early" if early else "kept")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        lines = [process.stdout.readline()]
        while not lines[-1].startswith(b"done"):
            lines.append(process.stdout.readline())
            assert lines[-1], "the process ended by itself"
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.readlines()
    told = [line.decode().split() for line in lines if line.endswith(b"\n")]
    return {id for word, id in told if word == "done"}, {id for word, id in told if word == "sent"}
