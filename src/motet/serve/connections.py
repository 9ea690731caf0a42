"""Connections: none waits for ever for a request, and there are never more than files may be open."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import count
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEAD_SECONDS = 10.0
"""How long the head of a request may take to arrive, from the connection or from its first byte on."""
KEPT_FREE = 128
"""Files that are left to the store, the model and the log."""
FEWEST = 16
MOST_FILES = 65_536

_turns = count()
"""In which order connections began to wait; clocks of loops show many of them the same time."""

_Base: Any = AutoHTTPProtocol


class BoundedProtocol(_Base):
    """A connection that ends where the head of its request does not arrive in time.

    Where there are as many connections as files allow, the one that has waited longest for a request makes room; where
    none waits, the new one is closed. head_seconds, most: its bounds; without `most`, what the system allows. turn: its
    place among those that wait, None while it does not.
    """

    head_seconds: float = HEAD_SECONDS
    most: int | None = None
    turn: int | None = None
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait, where there is room."""
        if len(self.connections) >= (self.most or most_connections()):
            waiting = [each for each in self.connections if getattr(each, "turn", None) is not None]
            if waiting:
                min(waiting, key=lambda each: each.turn).give_up()
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > (self.most or most_connections()):
            self.give_up()

    def data_received(self, data: bytes) -> None:
        """Take data; wait on for the rest of a head, and no more once it is whole."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def give_up(self) -> None:
        """Close the connection at once."""
        self._wait_no_more()
        self.connections.discard(self)
        self.transport.abort()

    def _wait(self) -> None:
        if self._patience is None:
            self.turn = next(_turns)
            self._patience = self.loop.call_later(self.head_seconds, self.give_up)

    def _wait_no_more(self) -> None:
        self.turn = None
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def most_connections() -> int:
    """Return how many connections a process may hold, so that files are left for everything else."""
    try:
        import resource
    except ImportError:  # where there is no such limit to ask for
        return MOST_FILES
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MOST_FILES if soft == resource.RLIM_INFINITY else min(soft, MOST_FILES)
    return max(FEWEST, files - KEPT_FREE)


def allow_files() -> None:
    """Let this process, and those that it starts, open as many files as it may without asking anybody."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
