"""The answer: a ranked list, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ListSource = Literal["history", "query", "profile", "popular"]


@dataclass(frozen=True)
class RankedItem:
    """One item of a list.

    score: Σ weight · log p over the tasks. scores: task → p, its calibrated probability (a rating: of being high).
    reasons: short sentences, each of them a fact.
    """

    item: str
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return {"item": self.item, "score": self.score, "scores": dict(self.scores), "reasons": list(self.reasons)}


@dataclass(frozen=True)
class RankedList:
    """Items, best first. source: what the list was made from; `popular` means that nothing was known of the user."""

    items: tuple[RankedItem, ...]
    source: ListSource

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        lines = [f"{place:>3}. {one.item}  {one.score:.4f}" for place, one in enumerate(self.items, 1)]
        return "\n".join([f"from {self.source}:", *lines])

    def to_json(self) -> dict[str, Any]:
        """Return `{"items": […], "source": …}`."""
        return {"items": [item.to_json() for item in self.items], "source": self.source}
