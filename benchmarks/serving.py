"""What a list costs over HTTP, beside the same list in one's own process and the bare matrix product.

    python benchmarks/serving.py [--items 1000,100000,1000000] [--seconds 5] [--out benchmarks/results/serving.md]

The model is the real one with next_item and two heads, trained for a moment on made-up rows: what it says is worthless,
what it costs is not. Latency over HTTP is taken at half of the rate that the service can take.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.drills._bench import service
from benchmarks.drills._load import Client

import motet

USERS, EVENTS = 300, 8
ASKED = {"k": 10, "weights": {"buy": 0.5, "rating": 0.5}}
READY_SECONDS, BATCH = 5.0, 500


@dataclass(frozen=True)
class Row:
    """Figures of one size of catalogue; milliseconds, a second, megabytes."""

    items: int
    product: float
    own: tuple[float, float]
    http: tuple[float, float]
    rate: float
    events: float
    ready: float
    memory: float

    def line(self) -> str:
        """Return the row of a table."""
        own, http = (f"{p50:.1f} / {p99:.1f}" for p50, p99 in (self.own, self.http))
        return (
            f"| {self.items:,} | {self.product:.2f} | {own} | {http} | {self.rate:,.0f} | {self.events:,.0f} "
            f"| {self.ready:.1f} | {self.memory:,.0f} |"
        )


def made_up(items: int, seed: int = 0) -> motet.Project:
    """Return a project over made-up rows with so many items."""
    rng = np.random.default_rng(seed)
    ids = [f"i{number}" for number in range(items)]
    words = np.array(["bread", "rye", "milk", "soap", "apple", "tea", "lamp", "chair", "rope", "ink"])
    titles = [" ".join(each) for each in words[rng.integers(0, len(words), (items, 3))]]
    catalogue = pl.DataFrame({"item": ids, "title": titles, "price": rng.uniform(1, 100, items).round(2)})
    size = USERS * EVENTS
    events = pl.DataFrame(
        {
            "user": np.repeat([f"u{number}" for number in range(USERS)], EVENTS),
            "item": np.array(ids)[rng.integers(0, items, size)],
            "time": 1_600_000_000 + rng.integers(0, 10**7, size),
            "event": np.where(rng.random(size) < 0.3, "buy", "view"),
            "stars": rng.integers(1, 6, size).astype(float),
        }
    )
    columns = {"event": "behaviour", "stars": "number"}
    tables = {
        "events": {"frame": events, "user": "user", "item": "item", "time": "time", "columns": columns},
        "items": {"frame": catalogue, "id": "item", "columns": {"title": "text", "price": "number"}},
    }
    tasks = {
        "next_item": {"kind": "next_item"},
        "buy": {"kind": "binary", "column": "event", "positive": ["buy"]},
        "rating": {"kind": "rating", "column": "stars"},
    }
    return motet.Project(
        project={"name": "serving"},
        tables=tables,
        tasks=tasks,
        encoder={"name": "lexical"},
        trunk={"width": 64, "max_history": 50},
        train={"epochs": 1},
    )


def measure(items: int, seconds: float, folder: Path) -> Row:
    model = folder / "models" / "first"
    motet.train(made_up(items), out=model)
    bundle = motet.load(model)
    users = iter(range(10**9))
    own = _times(lambda: bundle.recommend(f"u{next(users) % USERS}", **ASKED), seconds)
    vectors, state = np.random.default_rng(0).standard_normal((items, 64)).astype(np.float32), np.ones(64, np.float32)
    product = _times(lambda: np.argpartition(vectors @ state, -min(200, items - 1)), min(seconds, 2.0))[0]
    began = time.perf_counter()
    with service(folder) as running:
        ready = time.perf_counter() - began
        http, rate = asyncio.run(_over_http(running.port, running.keys["read"], seconds))
        memory, events = running.memory(), _ingested(running, seconds)
    return Row(items, product, own, http, rate, events, ready, memory)


def _times(work: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds, after a few that do not count."""
    for _ in range(5):
        work()
    taken, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        work()
        taken.append(1e3 * (time.perf_counter() - began))
    return float(np.quantile(taken, 0.5)), float(np.quantile(taken, 0.99))


async def _over_http(port: int, key: str, seconds: float) -> tuple[tuple[float, float], float]:
    client = Client(port, "/v1/recommend", {"user": "u7", **ASKED}, key)
    await client.as_fast(4, 1.0)
    rate = (await client.as_fast(16, seconds)).number(200) / seconds
    load = await client.at_rate(max(rate / 2, 1.0), seconds)
    client.close()
    return (1e3 * load.at(0.5, 200), 1e3 * load.at(0.99, 200)), rate


def _ingested(running: object, seconds: float) -> float:
    """Return durable events a second, in batches from one sender."""
    number, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        events = [{"id": f"e{number + each}", "user": f"n{each}", "item": "i1"} for each in range(BATCH)]
        number += running.good("POST", "/v1/events", {"events": events})["accepted"]  # type: ignore[attr-defined]
    return number / (time.perf_counter() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", default="1000,100000,1000000")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--out", type=Path, help="also write the page")
    asked = parser.parse_args()
    lines = [
        "| items | bare product ms | in process, p50 / p99 | HTTP, p50 / p99 | lists/s | events/s | ready s | MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    for items in map(int, asked.items.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "models").mkdir()
            lines.append(measure(items, asked.seconds, Path(folder)).line())
        print(lines[-1], flush=True)
    if asked.out is not None:
        busy = os.getloadavg()[0]
        head = f"# Serving\n\n{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load {busy:.1f} with ours."
        told = "next_item and two heads, k 10, 200 candidates; HTTP latency at half of the service's rate, one process."
        command = f"```\npython benchmarks/serving.py --items {asked.items} --seconds {asked.seconds:g}\n```"
        asked.out.write_text("\n\n".join([head, told, command, "\n".join(lines)]) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
