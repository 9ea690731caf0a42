"""How the service is: alive, ready, in numbers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from motet.serve.failures import HttpError
from motet.serve.routes._base import ERRORS, TEXT, needs, service
from motet.serve.wire.state import HealthOut, ReadyOut

router = APIRouter(tags=["state"])
DEGRADED = "The model's folder still holds users who were forgotten; it cannot be written. The log has the reason."


@router.get("/health", operation_id="health", responses=ERRORS)
async def health() -> HealthOut:
    """Return that the process lives."""
    return HealthOut()


@router.get("/ready", operation_id="ready", responses=ERRORS)
async def ready(request: Request) -> ReadyOut:
    """Return whether the process takes requests: 503 while it stops, or while its store fails."""
    own = service(request)
    reason = own.unready()
    if reason:
        raise HttpError(503, "This process is not ready.", "Ask another one, or look into its log.")
    found = own.retrieval
    kind, recall = (None, None) if found is None else (found.kind, found.recall)
    version, refused = own.running.version, own.refused or None
    degraded = DEGRADED if own.running.still_held else None
    return ReadyOut(status="ok", model=version, retrieval=kind, recall=recall, refused=refused, degraded=degraded)


@router.get("/metrics", operation_id="metrics", **needs("read", also=TEXT))
async def metrics(request: Request) -> Response:
    """Return counters and times for Prometheus."""
    return Response(service(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
