"""Explanations of a list: what left-out parts cost, put together per item, and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.recommend.insight import Insight
from motet.recommend.leave_out import EXPLAINED, LeftOut, Losses, left_out
from motet.recommend.loaded import Loaded
from motet.recommend.reword import reworded
from motet.recommend.sentences import sentences
from motet.recommend.shortlist import Shortlist
from motet.recommend.split import EventPart, Explanation, MemoryPart, TraitPart
from motet.recommend.words import Words

UNTOLD = ("item", "memory")
"""What only a scorer with insight can leave out."""


def explanations(
    loaded: Loaded, top: Shortlist, score_k: Sequence[float], parts: Mapping[str, NDArray[np.float64]]
) -> list[Explanation]:
    """Return an explanation of every item of a list; those behind the first hundred tell their objectives only.

    score_k: the items' scores. parts: what each objective adds to them.
    """
    first = top.at(np.arange(min(len(top), EXPLAINED)))
    found = left_out(loaded, first, most=loaded.explain.events)
    untold = () if isinstance(loaded.scorer, Insight) else UNTOLD
    told = []
    for k, number in enumerate(top.items_n.tolist()):
        objectives = {name: float(each[k]) for name, each in parts.items()}
        if k >= len(first):
            told.append(Explanation(objectives))
            continue
        events = _events(loaded, top, found, k)
        memory = None
        if found.memory is not None and found.share_k is not None:
            memory = MemoryPart(float(found.share_k[k]), float(found.memory.total_k[k]))
        silent = Explanation(objectives, events, _traits(loaded, found, k, number), memory, untold=untold)
        told.append(_with_sentences(loaded, top, silent, number, score_k[k]))
    return told


def _events(loaded: Loaded, top: Shortlist, found: LeftOut, k: int) -> tuple[EventPart, ...]:
    history = top.situation.history
    parts = []
    for place, losses in found.events.items():
        number = int(history.item_L[place])
        item = str(loaded.catalogue.ids[number]) if number >= 0 else None
        title = loaded.catalogue.title(number) if number >= 0 else None
        parts.append(EventPart(len(history) - place, item, title, *_loss(losses, k)))
    return tuple(sorted(parts, key=lambda each: (-abs(each.loses), each.ago)))


def _traits(loaded: Loaded, found: LeftOut, k: int, number: int) -> tuple[TraitPart, ...]:
    parts = [TraitPart(name, _shown(loaded, name, number), *_loss(losses, k)) for name, losses in found.traits.items()]
    return tuple(sorted(parts, key=lambda each: (-abs(each.loses), each.trait)))


def _loss(losses: Losses, k: int) -> tuple[float, dict[str, float]]:
    return float(losses.total_k[k]), {task: float(each[k]) for task, each in losses.objectives.items()}


def _shown(loaded: Loaded, column: str, number: int) -> str | None:
    """What stands in a column of the catalogue, as people would read it; None for nothing."""
    if column not in loaded.catalogue.attributes.columns:
        return None
    cell: Any = loaded.catalogue.attributes[column][number]
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{cell:g}"
    values = [cell] if isinstance(cell, str) else [str(each) for each in cell if each is not None]
    return ", ".join(values) or None


def _with_sentences(loaded: Loaded, top: Shortlist, silent: Explanation, number: int, score: float) -> Explanation:
    language = top.situation.question.language or loaded.language
    said = sentences(loaded.catalogue.title(number), score, silent, Words(language))
    # the models that are offered for rewording write English
    rewriter = loaded.rewriter if language == "en" else None
    return replace(silent, sentences=reworded(said, rewriter))
