"""How the service is."""

from __future__ import annotations

from pydantic import BaseModel


class HealthOut(BaseModel):
    """The process lives."""

    status: str = "ok"


class ReadyOut(BaseModel):
    """The process takes requests.

    retrieval: `whole` or `exact` where lists are made of the items that are truly first, `index` where an index finds
    most of them; recall: how much of the first hundred it found when it was built. Unknown while it is built.
    refused: the model that is active in the store, where it does not answer here and the one before goes on.
    degraded: what is not as it should be although requests are answered: a folder that still holds forgotten users,
    because it cannot be written.
    """

    status: str
    model: str
    retrieval: str | None = None
    recall: float | None = None
    refused: str | None = None
    degraded: str | None = None
