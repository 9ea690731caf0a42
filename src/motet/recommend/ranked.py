"""The answer: a ranked list, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from motet.notebook import paragraph, table
from motet.recommend.split import Explanation

ListSource = Literal["history", "query", "profile", "popular"]


@dataclass(frozen=True)
class RankedItem:
    """One item of a list.

    score: Σ weight · log p over the tasks, or Σ value · p. scores: task → p, its calibrated probability (a rating: of
    being high). contributions: task → what it adds to the score (`popularity`: what popularity takes away or gives);
    they sum to it. reasons: short sentences, each of them a fact. explanation: what the score is made of, where that
    was asked. type: its content type, where the list has quotas of types.
    """

    item: str
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    contributions: Mapping[str, float] = field(default_factory=dict)
    explanation: Explanation | None = None
    type: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        fields: dict[str, Any] = {"item": self.item, "score": self.score}
        fields |= {"scores": dict(self.scores), "reasons": list(self.reasons)}
        if self.contributions:
            fields["contributions"] = dict(self.contributions)
        if self.explanation is not None:
            fields["explanation"] = self.explanation.to_json()
        if self.type is not None:
            fields["type"] = self.type
        return fields


@dataclass(frozen=True)
class RankedList:
    """Items, best first. source: what the list was made from; `popular` means that nothing was known of the user.

    weights: those that counted (in the mode `value`, the values). weights_from: who had a say, the strongest last, for
    instance `default`, `project`, `segment young`, `rule weekend`, `request`, `limits`.
    """

    items: tuple[RankedItem, ...]
    source: ListSource
    weights: Mapping[str, float] = field(default_factory=dict)
    weights_from: tuple[str, ...] = ()
    mode: str = "log"

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        lines = [f"{place:>3}. {one.item}  {one.score:.4f}" for place, one in enumerate(self.items, 1)]
        return "\n".join([f"from {self.source}:", *lines])

    def _repr_html_(self) -> str:
        tasks = list(dict.fromkeys(task for one in self.items for task in one.scores))
        header = ["", "item", "score", *tasks, "reasons"]
        rows = [
            [
                place,
                one.item,
                f"{one.score:.4f}",
                *(_share(one.scores.get(task)) for task in tasks),
                "; ".join(one.reasons),
            ]
            for place, one in enumerate(self.items, 1)
        ]
        told = f"from {self.source}" + "".join(f", {task} × {weight:g}" for task, weight in self.weights.items())
        return paragraph(told) + table(header, rows, right={0, *range(2, 3 + len(tasks))})

    def to_json(self) -> dict[str, Any]:
        """Return `{"items": […], "source": …}`, and with weights also `weights`, `weights_from`, `mode`."""
        told = {"weights": dict(self.weights), "weights_from": list(self.weights_from), "mode": self.mode}
        fields = {"items": [item.to_json() for item in self.items], "source": self.source}
        return {**fields, **told} if self.items and self.weights else fields


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
