"""What all endpoints have in common: the service, the key's scope, the errors that they may answer with."""

from __future__ import annotations

from typing import Any, cast

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.convertors import StringConvertor, register_url_convertor

from motet.serve.door import allows
from motet.serve.failures import HttpError
from motet.serve.service import Service
from motet.serve.wire.values import Error
from motet.store import Scope

TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}, "description": "Plain text."}}
BEARER = HTTPBearer(auto_error=False, description="A key that `motet key add` made.")
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Error, "description": description}
    for status, description in {
        400: "This is no JSON that can be read.",
        401: "The key is missing, unknown or revoked.",
        403: "The key has not the scope.",
        404: "There is no such thing.",
        405: "The path has no such method.",
        408: "The request did not arrive in time.",
        413: "The request is too large.",
        422: "The request cannot be answered as it is.",
        429: "This key asks too often.",
        501: "An optional library is not installed.",
        503: "The service, or its store, has too much to do.",
        507: "The disk is full; nothing was saved.",
    }.items()
}


class _AnyId(StringConvertor):
    """An id in a path, whatever is in it: also slashes, and lines, which Starlette's own `path` stops at."""

    regex = "(?s:.*)"


register_url_convertor("any_id", _AnyId())


def service(request: Request) -> Service:
    """Return the service that answers a request."""
    return cast(Service, request.app.state.service)


def needs(scope: Scope, *, also: dict[int | str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return what a route's decorator takes so that only keys with a scope get through. also: further answers."""

    def check(request: Request) -> None:
        if not allows(request.state.key, scope):
            told = f"This key may not do that: it needs the scope '{scope}'."
            raise HttpError(403, told, f"Use another key; `motet key add --scope {scope}` makes one.")

    return {
        "dependencies": [Depends(BEARER), Depends(check)],
        "responses": {**ERRORS, **(also or {})},
        "openapi_extra": {"x-scope": scope},
    }
