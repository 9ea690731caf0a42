"""Mixed load for a long while: memory does not grow."""

from __future__ import annotations

import random
import threading
import time

import numpy as np
from benchmarks.drills._bench import Bench, Found, Running, service, together

SECONDS = 600.0
WARM_UP = 0.4
"""The part of the time that is not looked at."""
MOST = 1.0
"""Megabytes a minute, in full."""
SETTLING = 3.0
"""Megabytes that a service which has only just started may still take: its connections fill their caches."""
THREADS = 3
PAUSE = 0.03


def run(bench: Bench) -> Found:
    seconds = SECONDS * bench.scale
    most = MOST + (0.0 if bench.scale >= 1 else SETTLING / ((1 - WARM_UP) * seconds / 60))
    slope, done, failed, mb = _soaked(bench, seconds)
    control = _soaked(bench, max(12.0, 30.0 * bench.scale), control="leaky")[0]
    figure = f"{seconds:.0f} s, {done:,} requests, {failed} failed, {slope:+.2f} MB a minute on {mb:.0f} MB"
    return Found(slope < most and failed == 0, figure, control > most, f"{control:+.1f} MB a minute")


def _soaked(bench: Bench, seconds: float, *, control: str = "") -> tuple[float, int, int, float]:
    """Return the growth in MB a minute, how many requests were answered, how many failed, and the memory at the end."""
    stop, statuses = threading.Event(), []  # type: tuple[threading.Event, list[int]]
    with service(bench.real(), control=control) as running:
        threads = together(lambda number: _mix(running, number, statuses, stop), THREADS)
        began, moments, sizes = time.monotonic(), [], []
        while time.monotonic() - began < seconds:
            time.sleep(min(0.5, seconds / 50))
            moments.append(time.monotonic() - began)
            sizes.append(running.memory())
        stop.set()
        for thread in threads:
            thread.join(60)
    looked = np.array(moments) > WARM_UP * seconds
    slope = np.polyfit(np.array(moments)[looked] / 60, np.array(sizes)[looked], 1)[0]
    return float(slope), len(statuses), sum(not 200 <= status < 300 for status in statuses), sizes[-1]


def _mix(running: Running, number: int, statuses: list[int], stop: threading.Event) -> None:
    """Lists, rankings, predictions, events, items and forgetting, of a hundred users."""
    rng, count = random.Random(number), 0
    while not stop.is_set():
        count += 1
        user, item = f"s{rng.randrange(100)}", f"i{rng.randrange(60):03d}"
        ways = [
            ("POST", "/v1/recommend", {"user": user, "k": 10, "weights": {"buy": 0.5}}),
            ("POST", "/v1/recommend", {"history": [item], "explain": count % 5 == 0}),
            ("POST", "/v1/events", {"events": [{"id": f"{number}-{count}", "user": user, "item": item}]}),
            ("POST", "/v1/rank", {"user": user, "items": [item, "i001", "i002"]}),
            ("POST", "/v1/predict/sentiment", {"texts": [f"lovely number {count}"]}),
            ("POST", "/v1/recommend", {"query": f"rye bread {count % 50}"}),
            ("PUT", f"/v1/items/{item}", {"text": f"violin drum {count % 50}"}),
        ]
        method, path, body = ways[count % len(ways)]
        try:
            statuses.append(running.call(method, path, body)[0])
        except OSError:
            statuses.append(0)
        time.sleep(PAUSE)
