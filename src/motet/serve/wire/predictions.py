"""Predictions: any task's answer."""

from __future__ import annotations

from typing import Annotated, Literal

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
    explain: Literal["gradient", "leave_out", "shap", "lime"] | None = Field(
        None, description="Say which words and columns the answers come from, by this method; of a few questions."
    )


class PredictionOut(BaseModel):
    """class: label and probability. yes or no: probability. number and rating: value, and the ends of its interval."""

    label: str | None
    probability: float | None
    value: float | None
    low: float | None = None
    high: float | None = None


class WordAmount(BaseModel):
    """A word of the text, from character `start` to before `end`, and what it contributes."""

    start: int
    end: int
    word: str
    amount: float


class ColumnAmount(BaseModel):
    """A column of the row, what stands in it, and what it contributes."""

    column: str
    value: str | None
    amount: float


class AttributionOut(BaseModel):
    """What an answer comes from. base, total: the answers about nothing and about the question, on the scale.

    rest: what the words contribute together only. error: how far the amounts are from summing to total − base, for
    methods that promise that sum.
    """

    task: str
    method: str
    about: str | None
    scale: Literal["log-odds", "log-probability", "value"]
    base: float
    total: float
    text: str | None
    words: list[WordAmount]
    columns: list[ColumnAmount]
    rest: float | None
    error: float | None


class PredictOut(BaseModel):
    """One prediction per question, in order; with `explain`, one explanation per question, too."""

    predictions: list[PredictionOut]
    explanations: list[AttributionOut] | None = None
    model: str
