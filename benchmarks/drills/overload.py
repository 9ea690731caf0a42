"""One to five times more than it can take: who is answered is answered soon, the others hear so at once."""

from __future__ import annotations

import asyncio
import time

from benchmarks.drills._bench import Bench, Found, lasting, service
from benchmarks.drills._load import Client, Load

SECONDS = 10.0
ANSWERED_SECONDS = 2.0
"""Or, on a machine that is busy otherwise, a third of what it takes without bounds."""
REFUSED_SECONDS = 1.0
RECOVERY_SECONDS = 5.0
TIMES = (1.0, 2.0, 5.0)


def run(bench: Bench) -> Found:
    seconds = max(3.0, SECONDS * bench.scale)
    capacity, loads, recovered = asyncio.run(_loaded(bench, seconds, "slow"))
    answered = max(load.at(0.99, 200) for load in loads.values())
    refused = loads[TIMES[-1]].at(0.99, 429, 503)
    odd = sum(len(load.status) - load.number(200, 429, 503) for load in loads.values())
    kept = loads[TIMES[-1]].number(200) / seconds / capacity
    _, broken, _ = asyncio.run(_loaded(bench, seconds, "slow", times=(5.0,), open_end=True))
    control = broken[5.0].at(0.99, 200)
    figure = f"{capacity:.0f} lists a second; at 5 times that {kept:.0%} of them answered, p99 {answered:.2f} s"
    figure += f", refused within {refused:.2f} s, {odd} otherwise; as quick as before after {recovered:.1f} s"
    in_time = answered < max(ANSWERED_SECONDS, control / 3) and refused < max(REFUSED_SECONDS, control / 4)
    ok = in_time and odd == 0 and recovered < RECOVERY_SECONDS
    return Found(ok and kept > 0.5, figure, control > ANSWERED_SECONDS, f"p99 {control:.1f} s without bounds")


async def _loaded(
    bench: Bench, seconds: float, control: str, *, times: tuple[float, ...] = TIMES, open_end: bool = False
) -> tuple[float, dict[float, Load], float]:
    """Return the capacity, what became of each load, and how long the service took to be as quick as before."""
    bounds = lasting(30.0, waiting=32, together=1)
    if open_end:
        bounds = lasting(60.0, waiting=10**6, concurrency=10**6, together=1)
    with service(bench.fixed(), control=control, bounds=bounds) as running:
        client = Client(running.port, "/v1/recommend", {"user": "ann", "k": 2}, running.keys["read"])
        await client.as_fast(4, 0.5)
        capacity = (await client.as_fast(8, 2.0)).number(200) / 2.0
        before = (await client.at_rate(capacity / 5, 1.0)).at(0.9, 200)
        loads = {each: await client.at_rate(each * capacity, seconds) for each in times}
        began = time.perf_counter()
        while time.perf_counter() - began < 2 * RECOVERY_SECONDS:
            if (await client.at_rate(capacity / 5, 0.5)).at(0.9, 200) < 2 * before + 0.05:
                break
        client.close()
        return capacity, loads, max(0.0, time.perf_counter() - began - 0.5)
