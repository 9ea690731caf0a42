"""Thousands of strange questions, made from /openapi.json: none is answered with 5xx, or otherwise than described."""

from __future__ import annotations

import time

from benchmarks.drills._bench import Bench, Found, service
from benchmarks.drills.fuzz import fuzz

CASES = 10_000


def run(bench: Bench) -> Found:
    wanted = bench.times(CASES)
    with service(bench.fixed(), door=True) as running:
        began = time.monotonic()
        phases = "coverage,fuzzing" if bench.scale >= 1 else "fuzzing"
        cases, code, said = fuzz(f"http://127.0.0.1:{running.port}", wanted, phases=phases)
        seconds = time.monotonic() - began
        alive = running.process.poll() is None
    if code:
        print(said[-6000:])
    with service(bench.fixed(), door=True, control="clumsy") as running:
        broken = fuzz(f"http://127.0.0.1:{running.port}", 75, phases="fuzzing")[1]
    figure = f"{cases:,} cases in {seconds:.0f} s, {'0' if code == 0 else 'SOME'} answers of 5xx or not as described"
    return Found(code == 0 and alive and cases >= wanted // 2, figure, broken != 0, "a planted bug is found")
