"""What an item's score is made of: by objective, by past event, by what the item is, and the memory's share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class EventPart:
    """A past event. ago: 1 for the latest. item, title: of its item, or None for an event without one.

    loses: what the item's score would lose if the event had never been; below 0 it speaks against the item.
    objectives: the same by task.
    """

    ago: int
    item: str | None
    title: str | None
    loses: float
    objectives: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return {**vars(self), "objectives": dict(self.objectives)}


@dataclass(frozen=True)
class TraitPart:
    """Something that the catalogue says of an item. trait: a column, or `@text` for all its words together.

    value: what stands in the column, a text for people. loses: what the score would lose if that were left blank.
    """

    trait: str
    value: str | None
    loses: float
    objectives: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return {**vars(self), "objectives": dict(self.objectives)}


@dataclass(frozen=True)
class MemoryPart:
    """What the memory of what followed what says for an item.

    share: from 0 to 1, how much of what speaks for the item in the ranking only the memory says. loses: what the score
    would lose without a memory; below 0 where the memory speaks for other items rather than for this one.
    """

    share: float
    loses: float

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Explanation:
    """Why an item has its score.

    objectives: what each task (and popularity, and a query) adds to the score; they sum to it. events: the latest
    events of the history, the strongest first. item: what the catalogue says of the item, the strongest first. Losses
    are each taken alone, so they need not sum to anything. memory: None where the ranking has none. sentences: the
    same for people; each names the item. untold: the parts that this folder cannot leave out, so that their being
    empty says nothing: `item` and `memory` of an ONNX form, a fusion, or several catalogues.
    """

    objectives: Mapping[str, float]
    events: tuple[EventPart, ...] = ()
    item: tuple[TraitPart, ...] = ()
    memory: MemoryPart | None = None
    sentences: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values; `untold` only where something is."""
        return {
            "objectives": dict(self.objectives),
            "events": [each.to_json() for each in self.events],
            "item": [each.to_json() for each in self.item],
            "memory": None if self.memory is None else self.memory.to_json(),
            "sentences": list(self.sentences),
            **({"untold": list(self.untold)} if self.untold else {}),
        }
