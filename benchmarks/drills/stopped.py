"""PostgreSQL stops at once, untidied, while events come in: state intact, and the service goes on by itself."""

from __future__ import annotations

import time

from benchmarks.drills._bench import Bench, Found, Senders, held, service

from motet.testing.postgres import TemporaryPostgres, find_binaries, temporary_postgres

STOPS = 10
RECOVERY_SECONDS = 15.0


def run(bench: Bench) -> Found:
    if find_binaries() is None:
        return Found(True, "NOT RUN: PostgreSQL is not installed", True)
    told = lost = twice = 0
    slowest = 0.0
    with temporary_postgres(flush=True) as server:
        folder = bench.fixed()
        with service(folder, store=server.url) as running, Senders(running, threads=8, again=True) as senders:
            for _ in range(bench.times(STOPS)):
                slowest = max(slowest, _stop(server, senders))
        told, lost = len(senders.told), len(senders.told - held(server.url, senders.told))
        twice = _rows(server.url) - len(held(server.url, senders.sent))
        control = _lazy(bench, server)
    figure = f"{bench.times(STOPS)} stops, {told:,} acknowledged, {lost} lost, {twice} twice"
    figure += f"; saving again {slowest:.1f} s after its start"
    return Found(lost == 0 and twice == 0 and slowest < RECOVERY_SECONDS, figure, control > 0, f"{control} lost")


def _stop(server: TemporaryPostgres, senders: Senders) -> float:
    """Stop and start the server; return how long the service then needed to save again."""
    time.sleep(0.5)
    server.stop("immediate")
    time.sleep(0.2)
    server.start()
    began, before = time.monotonic(), len(senders.told)
    while len(senders.told) == before and time.monotonic() - began < 4 * RECOVERY_SECONDS:
        time.sleep(0.01)
    return time.monotonic() - began


def _rows(where: str) -> int:
    from motet.store import open_store

    with open_store(where) as opened:
        return opened.counts().events


def _lazy(bench: Bench, server: TemporaryPostgres) -> int:
    """How many events a service loses that lets PostgreSQL answer before its log is on disk."""
    for number in range(5):
        with (
            service(bench.fixed(), store=server.url, control="lazy") as running,
            Senders(running, threads=8, prefix=f"lazy{number}") as senders,
        ):
            time.sleep(0.5)
            server.stop("immediate")
            senders.stop.set()
        server.start()
        lost = len(senders.told - held(server.url, senders.told))
        if lost:
            return lost
    return 0
