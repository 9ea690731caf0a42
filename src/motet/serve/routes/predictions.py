"""Any task's answer."""

from __future__ import annotations

from fastapi import APIRouter, Request

from motet.errors import RequestError
from motet.recommend import Prediction
from motet.serve.routes._base import needs, service
from motet.serve.running import Running
from motet.serve.service import unknown
from motet.serve.wire.predictions import PredictIn, PredictionOut, PredictOut

router = APIRouter(tags=["predictions"])


@router.post("/v1/predict/{task}", operation_id="predict", **needs("read"))
async def predict(task: str, asked: PredictIn, request: Request) -> PredictOut:
    """Return a task's predictions for texts, items, users, pairs or rows; GET /v1/models tells what a task needs."""
    own = service(request)
    given = {name: value for name, value in vars(asked).items() if value is not None}
    most = own.bounds.questions
    if any(len(value) > most for value in given.values()):
        raise RequestError(f"More than {most:,} questions at once.", "Ask them in several requests.")
    if given and not any(given.values()):
        raise RequestError("There is nothing to predict.", "Give texts, items, users or rows.")

    def answer(running: Running) -> tuple[str, list[Prediction]]:
        if task not in running.bundle.loaded.scorer.tasks:
            known = ", ".join(running.bundle.loaded.scorer.tasks)
            raise unknown(f"This model has no such task; known: {known}.", "Use one of these.")
        return running.version, running.bundle.predict(task, **given)

    version, found = await own.model(answer)
    return PredictOut(predictions=[PredictionOut(**one.to_json()) for one in found], model=version)
