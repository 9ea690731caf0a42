"""A disk that is full, and a folder that may not be written: never a false "saved", lists go on, and it recovers."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.drills._bench import Bench, Found, Running, Senders, held, service

from motet.errors import StoreError
from motet.store import Event, open_store

BYTES = 3_000_000
RECOVERY_SECONDS = 15.0


def run(bench: Bench) -> Found:
    found = [_fill(bench, small) for small in (False, True)]
    refused = _read_only(bench)
    control = _fill(bench, False, control="liar")
    told, lost = sum(each[0] for each in found), sum(each[1] for each in found)
    ok = lost == 0 and all(each[2] for each in found) and refused
    ways = " and ".join(dict.fromkeys(each[3] for each in found))
    figure = f"full by {ways}: {told:,} saved, {lost} of them false, lists went on, saved again once there was room"
    figure += f"; read-only: {'refused' if refused else 'NOT REFUSED'}"
    return Found(ok, figure, control[1] > 0, f"{control[1]:,} false")


def _fill(bench: Bench, small: bool, *, control: str = "") -> tuple[int, int, bool, str]:
    """Return how many events were told saved, how many of them were not, whether it behaved, and how it was filled."""
    folder = bench.fixed()
    with (
        _disk(folder, small) as (store, limited),
        service(folder, store=str(store), control=control, prepare=limited) as running,
    ):
        with Senders(running) as senders:
            _until(lambda: len(senders.statuses) > 20 or len(senders.told) > 5_000, 60)
        statuses, told = set(senders.statuses), set(senders.told)
        lists = running.call("POST", "/v1/recommend", {"user": "ann"})[0] == 200
        told_so = running.call("GET", "/ready", key="")[0] == 503
        _free(running, small, store.parent)
        again = _until(lambda: _saves(running), RECOVERY_SECONDS)
        good = bool(statuses) and statuses <= {503, 507} and lists and told_so and again
        running.process.terminate()
        running.process.wait(60)
        lost = len(told - held(str(store), told))
    return len(told), lost, good, "a full disk" if small and _may_mount() else "a limit on the file"


@contextmanager
def _disk(folder: Path, small: bool) -> Iterator[tuple[Path, object]]:
    """Where the store may lie, and what has to be done in the service's process so that it soon finds no room."""
    if small and _may_mount():
        with tempfile.TemporaryDirectory() as place:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", place], check=True)
            try:
                yield Path(place) / "log.db", None
            finally:
                subprocess.run(["umount", place], check=True)
    else:
        yield folder / "log.db", lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES, resource.RLIM_INFINITY))


def _free(running: Running, small: bool, place: Path) -> None:
    if small and _may_mount():
        subprocess.run(["mount", "-o", f"remount,size={20 * BYTES}", str(place)], check=True)
    else:
        most = resource.RLIM_INFINITY
        resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (most, most))


def _may_mount() -> bool:
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as place:
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], capture_output=True).returncode:
            return False
        return subprocess.run(["umount", place], capture_output=True).returncode == 0


def _saves(running: Running) -> bool:
    event = {"id": f"later-{time.monotonic()}", "user": "ann", "item": "bread"}
    status, said = running.call("POST", "/v1/events", {"events": [event]})
    return status == 200 and said["accepted"] == 1


def _until(happened: object, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def _read_only(bench: Bench) -> bool:
    """A store in a folder that may not be written is refused, in a process without rights of its own."""
    folder = bench.fixed()
    with open_store(folder / "log.db") as store:
        store.append([Event("before", "ann", "apple")])
    for path in (folder / "log.db", folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in folder.parents:
        if path.stat().st_uid == os.geteuid() and path != Path("/") and not path.stat().st_mode & 0o005:
            path.chmod(path.stat().st_mode | 0o055)
    process = os.fork()
    if process == 0:
        refused = 1
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            with open_store(folder / "log.db") as store:
                store.append([Event("after", "ann", "apple")])
        except StoreError:
            refused = 0
        finally:
            os._exit(refused)
    return os.waitpid(process, 0)[1] == 0
