"""Lists of the best items, the order of given ones, and what is similar to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from motet.errors import RequestError
from motet.recommend import Question, RankedList
from motet.serve.routes._base import needs, service
from motet.serve.running import Running
from motet.serve.service import Service, unknown
from motet.serve.wire.lists import (
    Asked,
    ExplanationOut,
    ListedItem,
    ListOut,
    PastEvent,
    Range,
    RankIn,
    RankOut,
    RecommendIn,
    SimilarItem,
    SimilarOut,
)

router = APIRouter(tags=["lists"])


@router.post("/v1/recommend", operation_id="recommend", **needs("read"))
async def recommend(asked: RecommendIn, request: Request) -> ListOut:
    """Return the best items for a user, a session, a query or a stranger; `source` says which."""
    own = service(request)
    question = Question(
        **_common(asked, own),
        query=asked.query,
        k=asked.k,
        filters={name: _filter(wanted) for name, wanted in asked.filters.items()},
        exclude=asked.exclude,
        diversity=asked.diversity,
        seen=asked.seen,
    )
    version, found = await own.lists(question)
    return ListOut(**_told(found), model=version)


@router.post("/v1/rank", operation_id="rank", **needs("read"))
async def rank(asked: RankIn, request: Request) -> RankOut:
    """Return given items in the order in which they suit a user; items of the history are ranked, too."""
    own = service(request)
    items = list(dict.fromkeys(asked.items))
    question = Question(**_common(asked, own), only=items, k=len(items), seen="allow")
    version, found = await own.lists(question)
    ranked = {one.item for one in found.items}
    rest = [item for item in items if item not in ranked]
    return RankOut(**_told(found), model=version, unknown=rest)


@router.get("/v1/items/{id:any_id}/similar", operation_id="similarItems", **needs("read"))
async def similar(id: str, request: Request, k: Annotated[int, Query(ge=1, le=1_000)] = 10) -> SimilarOut:
    """Return the items most similar to one."""

    def find(running: Running) -> tuple[str, list[tuple[str, float]]]:
        if id not in running.bundle.loaded.catalogue.index:
            raise unknown("The catalogue has no such item.", "Check its id.")
        return running.version, running.bundle.similar(id, k=k)

    version, found = await service(request).model(find)
    return SimilarOut(items=[SimilarItem(item=item, similarity=cosine) for item, cosine in found], model=version)


def _common(asked: Asked, own: Service) -> dict[str, Any]:
    running = own.running
    columns = running.bundle.loaded.users.columns.columns
    most = own.bounds.history
    if len(asked.history) > most:
        raise RequestError(f"A history of {len(asked.history):,} events is longer than {most:,}.", "Shorten it.")
    behaviour = _behaviour(running)
    return {
        "user": asked.user,
        "history": [_past(event, behaviour, columns) for event in asked.history],
        "profile": asked.profile,
        "now": asked.now,
        "weights": asked.weights,
        "values": asked.values,
        "popularity": asked.popularity,
        "at": asked.at,
        "explain": asked.explain,
        "language": asked.language,
    }


def _behaviour(running: Running) -> str | None:
    overlay = getattr(running.bundle.loaded.users, "overlay", None)
    return overlay.behaviour if overlay is not None else None


def _past(event: str | PastEvent, behaviour: str | None, columns: Sequence[str]) -> str | dict[str, Any]:
    if isinstance(event, str):
        return event
    told = dict(event.values)
    if event.behaviour is not None:
        if behaviour is None:
            raise RequestError("This model knows nothing of behaviours.", "Leave them out.")
        told[behaviour] = event.behaviour
    for name in told:
        if name not in columns:
            known = ", ".join(columns) or "nothing"
            raise RequestError(f"An event has no such value here; known: {known}.", "Leave it out.")
    keys = {"item": event.item, "time": event.time, "text": event.text}
    return {**told, **{name: value for name, value in keys.items() if value is not None}}


def _filter(wanted: Any) -> Any:
    return wanted.model_dump(exclude_none=True) if isinstance(wanted, Range) else wanted


def _told(found: RankedList) -> dict[str, Any]:
    return {
        "items": [
            ListedItem(
                item=one.item,
                score=one.score,
                scores=dict(one.scores),
                reasons=list(one.reasons),
                contributions=dict(one.contributions),
                explanation=None if one.explanation is None else ExplanationOut(**one.explanation.to_json()),
            )
            for one in found.items
        ],
        "source": found.source,
        "weights": dict(found.weights),
        "weights_from": list(found.weights_from),
        "mode": found.mode,
    }
