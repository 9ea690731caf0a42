"""Listen: one process, or several on one port, until somebody asks them to stop."""

from __future__ import annotations

import contextlib
import gc
import inspect
import ipaddress
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from motet.errors import RequestError
from motet.serve.app import SETTINGS, make_app
from motet.serve.connections import BoundedProtocol, allow_files
from motet.serve.logs import set_up
from motet.serve.metrics import FOLDER
from motet.serve.service import Service
from motet.serve.settings import Settings
from motet.store import open_store


class Server(uvicorn.Server):
    """Stops when it is asked to, with everything under way finished, and without dying of the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT mean: take no more, finish, leave."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)


def run(settings: Settings, *, started: Callable[[str], None] = lambda url: None) -> None:
    """Serve until SIGTERM or SIGINT. started: told the address once requests are taken.

    Raises MotetError where the door would stand open to others, the model or the store cannot be opened, or the port
    is taken.
    """
    check_door(settings)
    allow_files()
    if settings.workers > 1:
        _several(settings, started=started)
        return
    set_up(quiet=settings.quiet)
    with without_collecting():
        service = Service(settings)
    listening = _listen(settings)
    config = _config(make_app(settings, service=service), settings)
    started(_url(settings, listening))
    Server(config).run(sockets=[listening])


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """Look for no garbage while a model is opened: nearly all that is made stays, and looking takes a fifth of the time
    to start.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def check_door(settings: Settings) -> None:
    """Raise RequestError for a service without keys that others than this machine could reach."""
    if settings.open_without_key and not is_loopback(settings.host):
        told = f"Without keys, everybody who reaches {settings.host} could read and change everything."
        raise RequestError(told, "Leave --open-without-key out and make a key (motet key add), or use --host 127.0.0.1")


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _several(settings: Settings, *, started: Callable[[str], None]) -> None:
    """Start several processes on one socket; each opens the model and the store for itself."""
    from uvicorn.supervisors import Multiprocess

    with open_store(settings.store), tempfile.TemporaryDirectory(prefix="motet-metrics-") as counted:
        listening = _listen(settings)
        os.environ[SETTINGS] = settings.to_json()
        os.environ[FOLDER] = counted
        config = _config("motet.serve.app:from_environment", settings, factory=True, workers=settings.workers)
        set_up(quiet=settings.quiet)
        started(_url(settings, listening))
        given: dict[str, Any] = {"sockets": [listening]}
        if "target" in inspect.signature(Multiprocess).parameters:  # uvicorn before 0.50
            given["target"] = uvicorn.Server(config).run
        Multiprocess(config, **given).run()


def _config(app: Any, settings: Settings, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=int(settings.bounds.drain_seconds),
        timeout_keep_alive=30,
        ws="none",
        http=BoundedProtocol,
        **more,
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        told = f"Cannot listen on {settings.host}:{settings.port}: {error.strerror or error}."
        raise RequestError(told, "Choose another --port or --host.") from None
    listening.set_inheritable(True)
    return listening


def _url(settings: Settings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"
