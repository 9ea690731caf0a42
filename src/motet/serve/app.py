"""The app: endpoints behind the guard, over one service."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import motet
from motet.serve.failures import add_handlers
from motet.serve.guard import Guard
from motet.serve.logs import set_up
from motet.serve.routes import (
    candidates,
    catalogue,
    console,
    events,
    items,
    lists,
    models,
    predictions,
    results,
    state,
    users,
)
from motet.serve.service import Service
from motet.serve.settings import Settings

SETTINGS = "MOTET_SERVE_SETTINGS"
"""Where a process that is started beside others finds its settings."""
ABOUT = """Recommendations and predictions of one model, which learn from events as they come.

Every error is `{"error": {"message", "remedy"}}`. Send `X-Request-Id` to find a request in the log again.
"""


def make_app(settings: Settings, *, service: Service | None = None) -> FastAPI:
    """Return the app. service: one that was opened already; otherwise it is opened when the app starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = service if service is not None else Service(settings)
        app.state.service.start()
        try:
            yield
        finally:
            app.state.service.close()

    app = FastAPI(
        title="Motet",
        version=motet.__version__,
        description=ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    add_handlers(app)
    for part in (events, lists, candidates, predictions, catalogue, items, users, models, results, state, console):
        app.include_router(part.router)
    app.add_middleware(Guard, service_of=lambda: app.state.service)
    return app


def from_environment() -> FastAPI:
    """Return the app of a process that was started beside others."""
    settings = Settings.from_json(os.environ[SETTINGS])
    set_up(quiet=settings.quiet)
    return make_app(settings)
