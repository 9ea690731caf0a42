"""How a request ends when it cannot be answered: always `{"error": {"message", "remedy"}}`, with a fitting status."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from motet.errors import ArtifactError, MissingExtra, MotetError, RequestError, StoreError
from motet.store import StoreBusyError, StoreFullError

_log = logging.getLogger("motet.serve")
_REMEDIES = {
    400: "Send JSON with the fields that /openapi.json names.",
    404: "Check the path; /openapi.json lists all of them.",
    405: "Use a method that /openapi.json names for this path.",
}


class HttpError(MotetError):
    """An answer with a status of its own. headers: to send along."""

    def __init__(self, status: int, message: str, remedy: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.headers = dict(headers or {})


def too_busy(message: str = "The service has more requests than it can take.", *, status: int = 503) -> HttpError:
    """Return the answer to one request too many: come back in a second."""
    return HttpError(status, message, "Try again in a moment.", headers={"Retry-After": "1"})


def status_of(error: MotetError) -> int:
    """Return the status with which an error is told."""
    if isinstance(error, HttpError):
        return error.status
    if isinstance(error, StoreFullError):
        return 507
    if isinstance(error, StoreError):
        return 503
    if isinstance(error, MissingExtra):
        return 501
    return 422 if isinstance(error, RequestError | ArtifactError) else 400


def told(error: MotetError) -> JSONResponse:
    """Return the answer that tells an error."""
    headers = dict(error.headers) if isinstance(error, HttpError) else {}
    if isinstance(error, StoreBusyError):
        headers["Retry-After"] = "1"
    return JSONResponse(body_of(error.message, error.remedy), status_of(error), headers)


def body_of(message: str, remedy: str) -> dict[str, Any]:
    """Return the body of every error."""
    return {"error": {"message": printable(message), "remedy": printable(remedy)}}


def printable(text: str) -> str:
    """Return text that has a UTF-8 form: half of a surrogate pair has none."""
    return text.encode("utf-8", "replace").decode("utf-8")


def add_handlers(app: FastAPI) -> None:
    """Let every error of an app end in this form."""

    @app.exception_handler(MotetError)
    async def _known(request: Request, error: MotetError) -> JSONResponse:
        return told(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        return JSONResponse(body_of(f"{where}: {first['msg']}.", "Correct it; see /openapi.json."), 422)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        remedy = _REMEDIES.get(error.status_code, "See /openapi.json.")
        return JSONResponse(body_of(f"{error.detail}.", remedy), error.status_code, error.headers)


def log_bug(error: BaseException) -> None:
    """Write down where a bug is; what was asked may be private and stays out."""
    steps, trace = [], error.__traceback__
    while trace is not None:
        steps.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    _log.error("bug", extra={"fields": {"error": type(error).__name__, "at": steps[-8:]}})
