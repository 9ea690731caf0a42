"""Lists of the best items, the order of given ones, and what is similar to one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from motet.recommend import RankedList
from motet.serve.routes._asking import listing, question_of
from motet.serve.routes._base import needs, service
from motet.serve.running import Running
from motet.serve.service import unknown
from motet.serve.wire.lists import (
    ExplanationOut,
    ListedItem,
    ListOut,
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
    question = listing(asked, own, diversity=asked.diversity)
    version, found = await own.lists(question)
    return ListOut(**_told(found), model=version)


@router.post("/v1/rank", operation_id="rank", **needs("read"))
async def rank(asked: RankIn, request: Request) -> RankOut:
    """Return given items in the order in which they suit a user; items of the history are ranked, too."""
    own = service(request)
    items = list(dict.fromkeys(asked.items))
    question = question_of(asked, own, only=items, k=len(items), seen="allow", types={})
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
                type=one.type,
            )
            for one in found.items
        ],
        "source": found.source,
        "weights": dict(found.weights),
        "weights_from": list(found.weights_from),
        "mode": found.mode,
    }
