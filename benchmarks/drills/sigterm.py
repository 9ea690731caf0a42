"""SIGTERM under load: it stops in time, what was saved was told, and what was told is held."""

from __future__ import annotations

import signal
import time

from benchmarks.drills._bench import Bench, Found, Senders, held, service

STOPS = 10
SECONDS = 30.0


def run(bench: Bench) -> Found:
    stops = bench.times(STOPS)
    found = [_stopped(bench, workers=1 + number % 2) for number in range(stops)]
    told, lost, untold = (sum(each[place] for each in found) for place in range(3))
    slowest, clean = max(each[3] for each in found), all(each[4] for each in found)
    control = 0
    for _ in range(6):
        control = _stopped(bench, control="abrupt")[2]
        if control:
            break
    figure = f"{stops} stops, {told:,} told, {lost} lost, {untold} saved without being told, {slowest:.1f} s at most"
    return Found(lost == 0 and untold == 0 and clean and slowest < SECONDS, figure, control > 0, f"{control} untold")


def _stopped(bench: Bench, *, workers: int = 1, control: str = "") -> tuple[int, int, int, float, bool]:
    folder = bench.real() if workers > 1 else bench.fixed()
    with service(folder, control=control, workers=workers) as running, Senders(running) as senders:
        time.sleep(1.0)
        running.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        code = running.process.wait(120)
        seconds = time.monotonic() - began
    kept = held(running.store, senders.sent)
    statuses = set(senders.statuses)
    return (
        len(senders.told),
        len(senders.told - kept),
        len(kept - senders.told),
        seconds,
        code == 0 and statuses <= {503},
    )
