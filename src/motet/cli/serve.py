"""motet serve: a model over HTTP, with an event log behind it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from typing import Annotated

import typer

from motet.cli.answer import Answer, Tone, write_line
from motet.cli.options import Data, ModelFolder
from motet.cli.verb import verb
from motet.errors import MissingExtra

StoreAt = Annotated[
    str,
    typer.Option(
        "--store", metavar="URL", help="The event log: a file, postgresql://…, or env:NAME with either in it."
    ),
]
Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="0 takes any free one.")]
Host = Annotated[str, typer.Option("--host", help="The address to listen on; 0.0.0.0 for all of them.")]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes; each holds the model.")]
Open = Annotated[bool, typer.Option("--open-without-key", help="Ask nobody for a key; on the loopback address only.")]
Models = Annotated[
    str | None,
    typer.Option("--models", metavar="DIR", help="Models below it may be activated; by default DIR's own folder."),
]
Runs = Annotated[
    str | None,
    typer.Option("--runs", metavar="DIR", help="Training runs in it are shown, live; by default DIR's own folder."),
]


@verb(
    "motet serve runs/shop --open-without-key",
    "motet serve runs/shop --store shop.db --port 8080",
    "motet serve runs/shop --store env:SHOP_STORE --host 0.0.0.0 --workers 2",
)
def serve(
    tone: Tone,
    folder: ModelFolder,
    store: StoreAt = "motet.db",
    port: Port = 8000,
    host: Host = "127.0.0.1",
    workers: Workers = 1,
    open_without_key: Open = False,
    models: Models = None,
    runs: Runs = None,
    data: Data = None,
) -> Answer:
    """Serve a model over HTTP.

    Events that are sent count in the next list, items that are put are recommendable at once; the console at /console
    shows all of it in a browser. Keys are made with `motet key add`. Stops with SIGTERM or Ctrl-C, after finishing what
    is under way.
    """
    limit_threads(workers)
    run = service_runner()
    from motet.serve.settings import Settings

    settings = Settings(
        folder=str(folder),
        store=store,
        host=host,
        port=port,
        workers=workers,
        open_without_key=open_without_key,
        data=None if data is None else str(data),
        models=models,
        runs=runs,
        quiet=tone.quiet,
    )
    shown: list[str] = []

    def started(url: str) -> None:
        shown.append(url)
        if not tone.quiet:
            write_line(f"Motet serves {folder} at {url}; look at {url}/console or {url}/openapi.json", error=True)

    run(settings, started=started)
    return Answer("Stopped; nothing under way was lost.", {"url": shown[0] if shown else None, "stopped": True})


def service_runner() -> Callable[..., None]:
    """Return the function that runs a service. Raises MissingExtra where what it needs is not installed."""
    enabled = gc.isenabled()
    gc.disable()  # what is imported stays: looking for garbage among it only takes time
    try:
        from motet.serve.run import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("fastapi", "uvicorn", "starlette", "prometheus_client"):
            raise MissingExtra("What the service needs", "serve") from None
        raise
    finally:
        if enabled:
            gc.enable()
    return run


def limit_threads(workers: int) -> None:
    """Keep every process to its share of the cores. Before torch is loaded, which reads it once."""
    share = max(1, (os.cpu_count() or 1) // (2 * workers))  # two threads of a process ask the model
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ.setdefault(name, str(share))
