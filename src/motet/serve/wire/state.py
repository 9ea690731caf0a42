"""How the service is."""

from __future__ import annotations

from pydantic import BaseModel


class HealthOut(BaseModel):
    """The process lives."""

    status: str = "ok"


class ReadyOut(BaseModel):
    """The process takes requests."""

    status: str
    model: str
