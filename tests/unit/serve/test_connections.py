"""Connections over which nothing comes, and too many of them."""

import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from motet.serve import Settings, make_app
from motet.serve.connections import FEWEST, KEPT_FREE, BoundedProtocol, allow_files, most_connections
from motet.serve.run import _config
from motet.serve.service import Service

from .conftest import Shop, answering

HEAD = b"GET /health HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def shop(model: Path, monkeypatch) -> Iterator[Shop]:
    """A service that is configured as `run` does it, with little patience and room for eight."""
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 1.5)
    monkeypatch.setattr(BoundedProtocol, "most", 8)
    settings = Settings(str(model), str(model.parent / "log.db"), open_without_key=True)
    service = Service(settings)
    with answering(service, _config(make_app(settings, service=service), settings), model) as running:
        yield running


def connected(shop: Shop, said: bytes = b"") -> socket.socket:
    link = socket.create_connection(("127.0.0.1", shop.port), timeout=5)
    link.sendall(said)
    return link


def answered(link: socket.socket) -> bool:
    """Whether a whole answer of /health comes, in however many pieces."""
    told = b""
    while not told.endswith(b'{"status":"ok"}'):
        told += (more := link.recv(10_000))
        if not more:
            return False
    return told.startswith(b"HTTP/1.1 200")


def ended(link: socket.socket) -> bool:
    """Whether the other side closes a connection, within a few seconds."""
    try:
        return link.recv(10) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("said", [b"", b"G", HEAD])
def test_a_connection_without_a_whole_head_ends(shop: Shop, said: bytes) -> None:
    with connected(shop, said) as link:
        began = time.monotonic()
        assert ended(link) and 0.2 < time.monotonic() - began < 10


def test_a_head_that_trickles_in_ends_too(shop: Shop) -> None:
    with connected(shop) as link, pytest.raises(OSError):
        for byte in HEAD * 9:
            link.sendall(bytes([byte]))
            time.sleep(0.05)


def test_a_head_after_an_answer_has_its_time_again(shop: Shop) -> None:
    with connected(shop) as link:
        for _ in range(3):
            link.sendall(HEAD[:9])
            time.sleep(0.2)
            link.sendall(HEAD[9:] + b"\r\n")
            assert answered(link)
        time.sleep(2.0)
        link.sendall(HEAD + b"\r\n")
        assert answered(link), "between requests a connection may rest"
        link.sendall(HEAD)
        assert ended(link)


def test_whoever_comes_has_room_however_many_wait(shop: Shop, monkeypatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "head_seconds", 60.0)
    idle = [connected(shop, HEAD) for _ in range(40)]
    try:
        for _ in range(3):
            assert shop.call("GET", "/ready").status == 200
        idle[0].settimeout(2)
        assert ended(idle[0]), "the one that waited longest made room"
        for link in idle[-5:]:
            link.settimeout(0.1)
            with pytest.raises(TimeoutError):
                link.recv(1)
    finally:
        for link in idle:
            link.close()


def test_files_are_left_for_everything_else(monkeypatch) -> None:
    limits = {"now": (256, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda which, both: limits.update(now=both))
    assert most_connections() == 256 - KEPT_FREE
    allow_files()
    assert limits["now"] == (4096, 4096) and most_connections() == 4096 - KEPT_FREE
    limits["now"] = (64, 64)
    assert most_connections() == FEWEST
