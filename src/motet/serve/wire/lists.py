"""Lists: what is recommended, or ranked, for whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from motet.serve.wire.values import Id, Message, Name, Number, Scalar, Text, Values, Whole

Weights = Annotated[dict[Name, Annotated[Number, Field(ge=0, le=1e6)]], Field(max_length=100)]

Worths = Annotated[dict[Name, Annotated[Number, Field(ge=-1e9, le=1e9)]], Field(max_length=100)]


class Range(Message):
    """Numbers from min to max, both included."""

    min: Number | Whole | None = None
    max: Number | Whole | None = None


class PastEvent(Message):
    """An event of this session that is not, or not yet, in the log."""

    item: Id | None = None
    behaviour: Id | None = None
    time: Whole | None = None
    text: Text | None = None
    values: Values = Field(default_factory=dict)


Past = Annotated[list[Id | PastEvent], Field(max_length=10_000)]
Filters = Annotated[dict[Name, Range | Scalar | list[Scalar]], Field(max_length=100)]


class Asked(Message):
    """For whom."""

    user: Id | None = Field(None, description="Their log and the model's state are read.")
    history: Past = Field(
        default_factory=list, description="Events of this session, oldest first; they follow the log."
    )
    profile: Values = Field(default_factory=dict, description="In place of the one that is held.")
    now: Whole | None = Field(None, description="The moment of the question, in the events' unit.")
    weights: Weights = Field(default_factory=dict, description="How much each task counts in this list.")
    values: Worths = Field(default_factory=dict, description="What each task's coming true is worth: Σ value · p.")
    popularity: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="How much it counts against items."
    )
    at: Annotated[datetime, Field(strict=False)] | None = Field(
        None, description="The moment for the project's rules of time; by default now."
    )
    explain: bool = Field(False, description="Say why each item is on the list: reasons, and what its score hangs on.")
    language: Literal["en", "zh"] | None = Field(None, description="Of reasons and sentences.")


Quota = Annotated[Number | Whole, Field(ge=0, le=1_000)]
Quotas = Annotated[dict[Name, Quota], Field(max_length=100)]


class TypesIn(Message):
    """How many items of each content type. From 1 on a number of items, below 1 a share of the list, rounded down."""

    column: Name | None = Field(None, description="Of the items, a category or tags; by default the project's.")
    at_most: Quotas = Field(default_factory=dict, description="Type → quota that is never exceeded.")
    at_least: Quotas = Field(default_factory=dict, description="Type → quota that is met as far as there are items.")


class RecommendIn(Asked):
    """A list of the best items."""

    query: Annotated[str, Field(max_length=10_000)] | None = Field(None, description="A text the items should answer.")
    k: Annotated[int, Field(ge=1, le=1_000, strict=True)] = 10
    filters: Filters = Field(default_factory=dict, description="Column → value, values, or a range of numbers.")
    exclude: Annotated[list[Id], Field(max_length=10_000)] = Field(default_factory=list)
    diversity: Annotated[float, Field(ge=0, le=1)] = 0.0
    seen: Literal["auto", "mask", "allow"] = Field("auto", description="May items of the history return?")
    types: TypesIn | None = Field(
        None, description="Quotas of content types, in place of the project's for the types named; {} for none at all."
    )


class RankIn(Asked):
    """The order of given items."""

    items: Annotated[list[Id], Field(min_length=1, max_length=1_000)]


class EventLoss(BaseModel):
    """A past event, and what the item's score would lose without it. ago: 1 for the latest. objectives: by task."""

    ago: int
    item: str | None
    title: str | None
    loses: float
    objectives: dict[str, float]


class TraitLoss(BaseModel):
    """A column of the item (`@text`: all its words), and what its score would lose if that were left blank."""

    trait: str
    value: str | None
    loses: float
    objectives: dict[str, float]


class MemoryLoss(BaseModel):
    """share: how much of what speaks for the item only the memory says. loses: what the score would lose without."""

    share: float
    loses: float


class ExplanationOut(BaseModel):
    """What a score is made of. objectives: they sum to it. events, item: the strongest first, each taken alone.

    untold: the parts of it that this model cannot tell, so that their being empty says nothing.
    """

    objectives: dict[str, float]
    events: list[EventLoss]
    item: list[TraitLoss]
    memory: MemoryLoss | None
    sentences: list[str]
    untold: list[str] = []


class ListedItem(BaseModel):
    """An item. score: Σ weight · log p over the tasks, or Σ value · p. scores: p of each task.

    contributions: what each task, and popularity, adds to the score. explanation: with `explain` only. type: with
    quotas of content types only.
    """

    item: str
    score: float
    scores: dict[str, float]
    reasons: list[str]
    contributions: dict[str, float]
    explanation: ExplanationOut | None = None
    type: str | None = None


class ListOut(BaseModel):
    """Items, best first. source: what the list was made from. model: the version that made it.

    weights: those that counted (in the mode `value`, the values); weights_from: who had a say, the strongest last.
    """

    items: list[ListedItem]
    source: Literal["history", "query", "profile", "popular"]
    weights: dict[str, float]
    weights_from: list[str]
    mode: Literal["log", "value"]
    model: str


class RankOut(ListOut):
    """The given items, best first. unknown: those that the catalogue does not have, or that are not available."""

    unknown: list[str]


class SimilarItem(BaseModel):
    """An item, and its cosine."""

    item: str
    similarity: float


class SimilarOut(BaseModel):
    """The most similar items first."""

    items: list[SimilarItem]
    model: str
