"""What an explanation found, as sentences: filled templates, each a fact about the score that names the item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from motet.recommend.split import EventPart, Explanation
from motet.recommend.words import Words

LEAST = 0.005
"""A loss below this rounds to nothing, and is not told."""
SECOND = 0.5
"""A second event is named where its loss is at least this share of the first one's."""
LONGEST = 80
"""Characters of a name; what is longer is cut."""
REMEMBERED = 0.1
"""A memory's share below this is not told."""


@dataclass(frozen=True)
class Sentence:
    """text: a filled template. names: of items, values and tasks in it, as they stand there, the item's first."""

    text: str
    names: tuple[str, ...]


def sentences(
    title: str, score: float, explanation: Explanation, words: Words, columns: Mapping[str, str] | None = None
) -> list[Sentence]:
    """Return what can be told of an item, the strongest kind first.

    title: what a reader would call it. columns: what to call a column, by its name, where not by that.
    """
    title = shortened(title)
    return [*_events(title, explanation, words), *_traits(title, explanation, words, columns or {})] + [
        *_memory(title, explanation, words),
        *_objectives(title, score, explanation, words),
    ]


def _events(title: str, explanation: Explanation, words: Words) -> Iterator[Sentence]:
    helping = sorted((each for each in explanation.events if each.loses >= LEAST), key=lambda each: -each.loses)
    if helping:
        first, *more = helping
        past = _called(first, words)
        second = next((each for each in more if _called(each, words) not in (past, title)), None)
        values = {"item": title, "past": past, "loss": amount(first.loses)}
        if past == title:
            yield Sentence(words("again", item=title, loss=values["loss"]), (title,))
        elif second is not None and second.loses >= SECOND * first.loses:
            told = {"second": _called(second, words), "second_loss": amount(second.loses)}
            yield Sentence(words("because_two", **values, **told), (title, past, told["second"]))
        else:
            yield Sentence(words("because", **values), (title, past))
    hindering = min(explanation.events, key=lambda each: each.loses, default=None)
    if hindering is not None and hindering.loses <= -LEAST and _called(hindering, words) != title:
        past = _called(hindering, words)
        yield Sentence(words("against", item=title, past=past, loss=amount(-hindering.loses)), (title, past))


def _traits(title: str, explanation: Explanation, words: Words, columns: Mapping[str, str]) -> Iterator[Sentence]:
    best = max(explanation.item, key=lambda each: each.loses, default=None)
    if best is None or best.loses < LEAST:
        return
    if best.trait.startswith("@"):
        yield Sentence(words("text", item=title, loss=amount(best.loses)), (title,))
    elif best.value is not None:
        column = columns.get(best.trait, best.trait)
        told = words("attribute", item=title, column=column, value=best.value, loss=amount(best.loses))
        yield Sentence(told, (title, column, best.value))


def _memory(title: str, explanation: Explanation, words: Words) -> Iterator[Sentence]:
    if explanation.memory is not None and explanation.memory.share >= REMEMBERED:
        yield Sentence(words("memory", item=title, share=f"{explanation.memory.share:.0%}"), (title,))


def _objectives(title: str, score: float, explanation: Explanation, words: Words) -> Iterator[Sentence]:
    if len(explanation.objectives) < 2:
        return
    parts = [words("part", task=task, amount=amount(value)) for task, value in explanation.objectives.items()]
    told = words("objectives", item=title, score=amount(score), parts=words.list(parts))
    yield Sentence(told, (title, *explanation.objectives))


def amount(value: float) -> str:
    """Return a number as sentences have it: two decimals, a true minus, and no negative nothing."""
    text = f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and float(text) else text


def shortened(name: str) -> str:
    """Return a name on one line, and no longer than a line."""
    name = " ".join(name.split())
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _called(event: EventPart, words: Words) -> str:
    if event.title is not None:
        return shortened(event.title)
    return words("said_last") if event.ago == 1 else words("said", ago=event.ago)
