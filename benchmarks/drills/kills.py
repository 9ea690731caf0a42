"""kill -9 of the service, from another process, while events come in: what was answered "saved" is held."""

from __future__ import annotations

import random
import time

from benchmarks.drills._bench import Bench, Found, Senders, held, service

KILLS = 50
MOST_CONTROLS = 8


def run(bench: Bench) -> Found:
    kills, flying, told, lost, starts = 0, 0, 0, 0, []
    folder, rng, wanted = bench.fixed(), random.Random(0), bench.times(KILLS)
    for number in range(3 * wanted):
        seconds, hit, answered, gone = killed(folder, f"k{number}", rng.uniform(0.1, 0.5))
        starts.append(seconds)
        kills, flying, told, lost = kills + bool(hit), flying + hit, told + answered, lost + gone
        if kills == wanted:
            break
    control = 0
    for number in range(MOST_CONTROLS):
        control += killed(bench.fixed(), f"c{number}", 0.3, control="early")[3]
        if control:
            break
    figure = f"{kills} kills with {flying:,} requests in flight, {told:,} events acknowledged, {lost} lost"
    figure += f"; ready again after {max(starts):.1f} s at most"
    return Found(kills == wanted and lost == 0, figure, control > 0, f"{control} lost")


def killed(folder: object, prefix: str, after: float, *, control: str = "") -> tuple[float, int, int, int]:
    """Return how long the start took, and how many events were in flight, acknowledged, and lost."""
    began = time.monotonic()
    with service(folder, control=control) as running:  # type: ignore[arg-type]
        started = time.monotonic() - began
        with Senders(running, prefix=prefix) as senders:
            while not senders.told:
                time.sleep(0.001)
            with running.kill_after(after):
                running.process.wait(60)
    kept = held(running.store, senders.told)
    return started, len(senders.sent) - len(senders.told), len(senders.told), len(senders.told - kept)
