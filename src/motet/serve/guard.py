"""What every request passes: an id, a key, limits of size, number and time, headers, a line in the log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motet.errors import MotetError
from motet.serve.door import OPEN_PATHS, header
from motet.serve.failures import HttpError, log_bug, told, too_busy
from motet.serve.pages import PAGES
from motet.serve.service import Service
from motet.store import Key

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
OWN_HOST = b"; ".join(
    [
        b"default-src 'none'",
        b"script-src 'self'",
        b"style-src 'self'",
        b"img-src 'self' data:",
        b"connect-src 'self'",
        b"base-uri 'none'",
        b"form-action 'none'",
        b"frame-ancestors 'none'",
    ]
)
"""What the console's pages may do: load from and ask this host alone, and run no script that stands in a page."""
SLOW_PATHS = ("/v1/models/activate", "/v1/users/")
"""Changing a model, or writing its folder without a user, may take longer than answering."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("motet.serve")


class Guard:
    """Stands before the app."""

    def __init__(self, app: ASGIApp, service_of: Any) -> None:
        self._app, self._service_of = app, service_of
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        await _Request(self._service_of(), scope, send).run(self, receive)

    async def within(self, request: _Request, receive: Receive) -> None:
        """Run a request among not too many others."""
        bounds = request.service.bounds
        free = request.path in OPEN_PATHS or request.path == "/metrics"
        if self._under_way >= bounds.concurrency and not free:
            raise too_busy()
        self._under_way += 1
        request.service.metrics.waiting.set(self._under_way)
        try:
            await request.enter(self._app, receive)
        finally:
            self._under_way -= 1
            request.service.metrics.waiting.set(self._under_way)


class _Request:
    """One request on its way. key: whose it is, once that is known."""

    def __init__(self, service: Service, scope: Scope, send: Send) -> None:
        self.service, self.scope, self._send = service, scope, send
        self.path: str = scope["path"]
        asked = header(scope["headers"], b"x-request-id") or ""
        self.id = asked if _ID.fullmatch(asked) else uuid.uuid4().hex
        self.key: Key | None = None
        self.status = 0
        scope.setdefault("state", {})["request_id"] = self.id

    async def run(self, guard: Guard, receive: Receive) -> None:
        began = time.perf_counter()
        try:
            await guard.within(self, receive)
        except MotetError as error:
            await self._tell(error)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log_bug(error)
            await self._tell(HttpError(500, "A bug in Motet.", "Please report it with this request's id."))
        finally:
            self._note(time.perf_counter() - began)

    async def enter(self, app: ASGIApp, receive: Receive) -> None:
        """Ask for the key, take the body, and pass both on, each within its time."""
        bounds = self.service.bounds
        if self.path not in OPEN_PATHS:
            self.key = await self._who()
            self.scope["state"]["key"] = self.key
            self.service.door.count(self.key)
        body = await self._body(receive)
        slow = self.path.startswith(SLOW_PATHS)
        try:
            async with asyncio.timeout(bounds.swap_seconds if slow else bounds.seconds):
                await app(self.scope, _replay(body, receive), self.send)
        except TimeoutError:
            raise too_busy("The request took too long.") from None

    async def send(self, message: Message) -> None:
        """Send what the app says, with the headers of every answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = [(b"x-request-id", self.id.encode()), *_headers(self.path)]
            message = {**message, "headers": [*message.get("headers", []), *own]}
        await self._send(message)

    async def _who(self) -> Key:
        authorization = header(self.scope["headers"], b"authorization")
        door = self.service.door
        found = door.remembered(authorization)
        return found if found is not None else await self.service.io(door.look_up, authorization)

    async def _body(self, receive: Receive) -> bytes:
        most = self.service.bounds.body_bytes
        declared = header(self.scope["headers"], b"content-length") or "0"
        if declared.isdigit() and int(declared) > most:
            raise _too_large(most)
        pieces, size = [], 0
        try:
            async with asyncio.timeout(self.service.bounds.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        break
                    pieces.append(message.get("body", b""))
                    size += len(pieces[-1])
                    if size > most:
                        raise _too_large(most)
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            raise HttpError(408, "The request's body did not arrive in time.", "Send it again.") from None
        return b"".join(pieces)

    async def _tell(self, error: MotetError) -> None:
        if not self.status:
            await told(error)(self.scope, _nothing, self.send)

    def _note(self, seconds: float) -> None:
        found = self.scope.get("route")
        route = getattr(found, "path_format", "none")
        method, status = self.scope["method"], str(self.status or 499)
        method = method if method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS") else "OTHER"
        self.service.metrics.requests.labels(method, route, status).inc()
        self.service.metrics.seconds.labels(route).observe(seconds)
        fields = {"id": self.id, "method": method, "route": route, "status": int(status), "ms": round(seconds * 1e3, 2)}
        if self.key is not None:
            fields["key"] = self.key.id
        _log.info("request", extra={"fields": fields})


def _headers(path: str) -> list[tuple[bytes, bytes]]:
    """The headers of every answer; the console's pages may run, and those named after their content may be kept."""
    page = PAGES.get(path)
    if page is None:
        return [*HEADERS]
    kept = b"public, max-age=31536000, immutable" if page.lasting else b"no-cache"
    own = {b"content-security-policy": OWN_HOST, b"cache-control": kept}
    return [(name, own.get(name, value)) for name, value in HEADERS]


def _too_large(most: int) -> HttpError:
    return HttpError(413, f"The request's body is larger than {most:,} bytes.", "Send less at a time.")


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the body that was read already, then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
