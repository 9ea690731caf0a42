"""Models are swapped under load, a fifth of them broken: no request fails, and memory stays flat."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

from benchmarks.drills._bench import Bench, Found, Running, service, together

SWAPS = 100
GROWTH = 0.10
PAUSE = 0.02


def run(bench: Bench) -> Found:
    swaps = max(10, bench.times(SWAPS))
    failed, asked, refused, grown, mb = _swapped(bench, swaps)
    wanted = swaps // 5
    control = _swapped(bench, 12, control="hoarder")[3]
    figure = f"{swaps} swaps, {refused} of {wanted} broken ones refused, {failed} of {asked:,} requests failed"
    figure += f", memory {grown:+.1%} of {mb:.0f} MB"
    return Found(failed == 0 and refused == wanted and grown < GROWTH, figure, control > GROWTH, f"{control:+.1%}")


def _swapped(bench: Bench, swaps: int, *, control: str = "") -> tuple[int, int, int, float, float]:
    """Return failed and asked requests, refused swaps, and how memory has grown since the tenth swap."""
    folder = bench.real()
    models, refused, early = folder / "models", 0, 0.0
    shutil.copytree(models / "first", models / "second")
    _break(shutil.copytree(models / "first", models / "broken"))
    statuses: list[int] = []
    stop = threading.Event()
    with service(folder, control=control) as running:
        threads = together(lambda number: _ask(running, number, statuses, stop), 4)
        for number in range(swaps):
            name = "broken" if number % 5 == 4 else ("second", "first")[number % 2]
            status, _ = running.call("POST", "/v1/models/activate", {"path": name})
            refused += status == 422
            if status != (422 if name == "broken" else 200):
                statuses.append(status)
            if number == min(9, swaps // 2):
                early = running.memory()
        grown = running.memory() / early - 1
        stop.set()
        for thread in threads:
            thread.join(60)
    return sum(status != 200 for status in statuses), len(statuses), refused, grown, early


def _break(folder: Path) -> None:
    weights = folder / "model" / "weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[-5] ^= 4
    weights.write_bytes(bytes(data))


def _ask(running: Running, number: int, statuses: list[int], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            statuses.append(running.call("POST", "/v1/recommend", {"user": f"u{number:03d}", "k": 5}, key="read")[0])
        except OSError:
            statuses.append(0)
        time.sleep(PAUSE)
