"""Requests at a given rate, whether or not the ones before were answered."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST_LINKS = 600


@dataclass
class Load:
    """Statuses and seconds of the requests of one stretch of time."""

    status: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def at(self, quantile: float, *statuses: int) -> float:
        """Return a quantile of the seconds of those answers, or nan."""
        kept = [s for s, status in zip(self.seconds, self.status, strict=True) if status in statuses]
        return float(np.quantile(kept, quantile)) if kept else float("nan")

    def number(self, *statuses: int) -> int:
        """Return how many answers had one of these statuses."""
        return sum(status in statuses for status in self.status)


class Client:
    """Kept connections to one service, and one question that is asked over and over."""

    def __init__(self, port: int, path: str, body: Any, key: str) -> None:
        sent = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        self._port, self._raw = port, head.encode() + sent
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._open = 0

    async def once(self, load: Load, began: float) -> None:
        """Ask once; note the answer, or 0 for none, and the time since `began`."""
        status = 0
        try:
            reader, writer = self._idle.pop() if self._idle else await self._link()
            writer.write(self._raw)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(length)
            self._idle.append((reader, writer))
        except (OSError, asyncio.IncompleteReadError, StopIteration):
            status = 0
        load.status.append(status)
        load.seconds.append(time.perf_counter() - began)

    async def _link(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._open += 1
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def at_rate(self, rate: float, seconds: float) -> Load:
        """Ask `rate` times a second, whether or not the ones before were answered."""
        load, tasks, start = Load(), set(), time.perf_counter()
        for number in range(int(rate * seconds)):
            due = start + number / rate
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            elif number % 20 == 0:
                await asyncio.sleep(0)
            tasks.add(asyncio.create_task(self.once(load, time.perf_counter())))
            tasks = {task for task in tasks if not task.done()}
        await asyncio.gather(*tasks)
        return load

    async def as_fast(self, links: int, seconds: float) -> Load:
        """Ask with so many connections, each as soon as it was answered."""
        load, until = Load(), time.perf_counter() + seconds

        async def ask() -> None:
            while time.perf_counter() < until:
                await self.once(load, time.perf_counter())

        await asyncio.gather(*(ask() for _ in range(links)))
        return load

    def close(self) -> None:
        """Let go of all connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()
