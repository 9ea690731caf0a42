"""What training left: certificate and metrics of the model that answers; runs, and following one as it goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from motet.artifact import Folder, layout
from motet.errors import MotetError
from motet.serve.failures import too_busy
from motet.serve.results import results_of
from motet.serve.routes._base import needs, service
from motet.serve.runs import PROGRESS, Run, curves_in, folder_of, lines_after, metrics_in, run_named, runs_in
from motet.serve.service import Service, unknown
from motet.serve.wire.results import CurveOut, ResultsOut, RunCurvesOut, RunOut, RunsOut

STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Server-sent events."}
}
LOOK_SECONDS = 0.5
LINES = 1_000
router = APIRouter(tags=["results"])


@router.get("/v1/results", operation_id="results", **needs("read"))
async def results(request: Request) -> ResultsOut:
    """Return the certificate, the metrics and what was watched of the model that answers."""
    own = service(request)
    running = own.running
    folder = Folder(running.bundle.path, running.bundle.manifest)
    key = ("results", running.version)
    return ResultsOut(**await own.io(own.kept, key, lambda: results_of(folder)), model=running.version)


@router.get("/v1/runs", operation_id="listRuns", **needs("read"))
async def list_runs(request: Request) -> RunsOut:
    """Return the training runs beside the model, finished and under way."""
    own = service(request)
    found = await own.io(runs_in, _root(own))
    return RunsOut(runs=[RunOut(name=run.name, state=_state(run), created=run.created) for run in found])


@router.get("/v1/runs/{id}", operation_id="showRun", **needs("read"))
async def show_run(id: str, request: Request) -> RunCurvesOut:
    """Return a run's curves so far."""
    own = service(request)
    run = await _known(own, id)
    curves = await own.io(curves_in, run)
    return RunCurvesOut(
        name=run.name,
        state=_state(run),
        created=run.created,
        score=await own.io(_score, run),
        metrics=await own.io(metrics_in, run),
        curves=[CurveOut(**curve) for curve in curves],
    )


@router.get("/v1/runs/{id}/events", operation_id="followRun", response_model=None, **needs("read", also=STREAM))
async def follow_run(id: str, request: Request, after: Annotated[int, Query(ge=0)] = 0) -> StreamingResponse:
    """Follow a run: each line of its progress as an event whose id is where to go on from.

    The stream ends after some seconds, and at the end of the run with the event `done`; until then, ask again with
    `after`, the id of the last event (or with the header `Last-Event-ID`).
    """
    own = service(request)
    run = await _known(own, id)
    told = request.headers.get("last-event-id", "")
    place = int(told) if told.isdecimal() and len(told) < 19 else after
    if own.streams >= own.bounds.streams:
        raise too_busy("Too many runs are followed at once.")
    return StreamingResponse(_lines(own, run, place), media_type="text/event-stream")


async def _lines(own: Service, run: Run, place: int) -> AsyncIterator[str]:
    until = time.monotonic() + min(own.bounds.stream_seconds, own.bounds.seconds / 2)
    own.streams += 1
    try:
        yield "retry: 1000\n\n"
        while True:
            for told, end in await own.io(_lines_after, run, place):
                place = end
                yield f"id: {end}\ndata: {json.dumps(told)}\n\n"
            now = await own.io(run_named, _root(own), run.name)
            if now is None or now.state != "running":
                yield f"event: done\nid: {place}\ndata: {json.dumps({'state': now.state if now else 'gone'})}\n\n"
                return
            if time.monotonic() > until or own.draining:
                return
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        own.streams -= 1


def _lines_after(run: Run, place: int) -> list[tuple[dict[str, Any], int]]:
    return list(islice(lines_after(run.path / PROGRESS, place), LINES))


async def _known(own: Service, name: str) -> Run:
    run = await own.io(run_named, _root(own), name)
    if run is None:
        raise unknown("There is no such run.", "GET /v1/runs lists them.")
    return run


def _root(own: Service) -> str:
    return own.settings.runs or str(Path(own.settings.folder).resolve().parent)


def _state(run: Run) -> Any:
    return run.state


def _score(run: Run) -> float | None:
    folder = folder_of(run) if run.state == "finished" else None
    try:
        metrics = folder.json(layout.METRICS) if folder is not None and folder.has(layout.METRICS) else {}
    except (MotetError, OSError):
        return None
    found = (metrics.get("overall") or {}).get("score")
    return float(found) if isinstance(found, int | float) else None
