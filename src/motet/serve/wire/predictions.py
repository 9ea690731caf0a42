"""Predictions: any task's answer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from motet.serve.wire.values import Id, Message, Text, Values

MOST = 10_000


class PredictIn(Message):
    """Questions, in the form that the task's sources allow; one user may be meant for many items."""

    texts: Annotated[list[Text], Field(max_length=MOST)] | None = None
    items: Annotated[list[Id], Field(max_length=MOST)] | None = None
    users: Annotated[list[Id], Field(max_length=MOST)] | None = None
    others: Annotated[list[Id], Field(max_length=MOST)] | None = Field(None, description="Second users of pairs.")
    rows: Annotated[list[Values], Field(max_length=MOST)] | None = Field(None, description="The table's columns.")


class PredictionOut(BaseModel):
    """class: label and probability. yes or no: probability. number and rating: value, and the ends of its interval."""

    label: str | None
    probability: float | None
    value: float | None
    low: float | None = None
    high: float | None = None


class PredictOut(BaseModel):
    """One prediction per question, in order."""

    predictions: list[PredictionOut]
    model: str
