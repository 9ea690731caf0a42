"""What a list is made from, so that whoever asked can weigh it anew without asking again."""

from __future__ import annotations

from fastapi import APIRouter, Request

from motet.recommend.candidates import Candidates, candidates
from motet.serve.routes._asking import listing
from motet.serve.routes._base import needs, service
from motet.serve.running import Running
from motet.serve.wire.candidates import CandidatesIn, CandidatesOut, LimitOut, TypesOut

router = APIRouter(tags=["lists"])


@router.post("/v1/candidates", operation_id="candidates", **needs("read"))
async def list_candidates(asked: CandidatesIn, request: Request) -> CandidatesOut:
    """Return at most 1,000 candidates of a list, with every objective's probability of each."""
    own = service(request)
    question = listing(asked, own, candidates=asked.candidates)

    def find(running: Running) -> tuple[Running, Candidates]:
        return running, candidates(running.bundle.loaded, question)

    running, found = await own.model(find)
    catalogue, weighing = running.bundle.loaded.catalogue, found.weighing
    return CandidatesOut(
        items=list(found.items),
        numbers=list(found.numbers),
        titles=[catalogue.title(number) for number in found.numbers],
        probability={name: list(p) for name, p in found.probability.items()},
        popular=list(found.popular),
        preselect=list(found.preselect),
        may_count=list(found.may_count),
        limits={name: LimitOut(min=limit.min, max=limit.max) for name, limit in found.limits.items()},
        weights=dict(weighing.weights),
        weights_from=list(weighing.told),
        mode=weighing.mode,
        popularity=weighing.popularity,
        source=found.source,
        complete=found.complete,
        types=None if found.quotas is None else TypesOut(**found.quotas.to_json()),
        model=running.version,
    )
