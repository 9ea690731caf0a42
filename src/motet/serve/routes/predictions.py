"""Any task's answer."""

from __future__ import annotations

from fastapi import APIRouter, Request

from motet.errors import RequestError
from motet.recommend import Prediction
from motet.recommend.attribution import Attribution
from motet.serve.routes._base import needs, service
from motet.serve.running import Running
from motet.serve.service import unknown
from motet.serve.wire.predictions import AttributionOut, PredictIn, PredictionOut, PredictOut

EXPLAINED = 10
"""Questions of one request that are explained, at most: some methods ask a model hundreds of times about each."""

router = APIRouter(tags=["predictions"])


@router.post("/v1/predict/{task}", operation_id="predict", **needs("read"))
async def predict(task: str, asked: PredictIn, request: Request) -> PredictOut:
    """Return a task's predictions for texts, items, users, pairs or rows; GET /v1/models tells what a task needs."""
    own = service(request)
    given = {name: value for name, value in vars(asked).items() if value is not None and name != "explain"}
    most = own.bounds.questions
    if any(len(value) > most for value in given.values()):
        raise RequestError(f"More than {most:,} questions at once.", "Ask them in several requests.")
    if given and not any(given.values()):
        raise RequestError("There is nothing to predict.", "Give texts, items, users or rows.")

    if asked.explain is not None and any(len(value) > EXPLAINED for value in given.values()):
        raise RequestError(f"At most {EXPLAINED} questions are explained at once.", "Ask fewer.")

    def answer(running: Running) -> tuple[str, list[Prediction], list[Attribution] | None]:
        if task not in running.bundle.loaded.scorer.tasks:
            known = ", ".join(running.bundle.loaded.scorer.tasks)
            raise unknown(f"This model has no such task; known: {known}.", "Use one of these.")
        bundle = running.bundle
        why = None if asked.explain is None else bundle.explain(task, method=asked.explain, **given)
        return running.version, bundle.predict(task, **given), why

    version, found, why = await own.model(answer)
    told = None if why is None else [AttributionOut(**one.to_json()) for one in why]
    return PredictOut(predictions=[PredictionOut(**one.to_json()) for one in found], explanations=told, model=version)
