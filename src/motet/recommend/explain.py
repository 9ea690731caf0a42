"""Reasons for an item, in English or Chinese. Every reason states a fact that can be looked up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from motet.recommend.blend import FLOOR
from motet.recommend.catalogue import Catalogue
from motet.recommend.loaded import Language, Loaded
from motet.recommend.port import TaskView
from motet.recommend.ranked import ListSource

MAX_REASONS = 3
RECENT = 50
"""Reasons look at this many of the latest items of a history."""

_SAMPLE, _NORMAL = 512, NormalDist()
_SAME = 1e-4
"""A query that is like no item gives all the same probability; this near to it counts as the same."""
_COMMON = 0.5
"""A value that more than this share of the catalogue has says nothing about an item."""

_TEMPLATES: Mapping[str, Mapping[Language, str]] = {
    "similar": {"en": "similar to {past}, which you had", "zh": "与您有过的“{past}”相似"},
    "shared": {
        "en": "same {column} as {count} of your items: {value}",
        "zh": "与您的 {count} 件物品{column}相同：{value}",
    },
    "binary": {"en": "{task} is likely ({p})", "zh": "{task} 的可能性较高（{p}）"},
    "rating": {"en": "likely rated {threshold} or higher ({p})", "zh": "很可能获得 {threshold} 分或以上（{p}）"},
    "lifted": {
        "en": "{task}: {p}, above {typical} for the other candidates",
        "zh": "{task}：{p}，高于其他候选的 {typical}",
    },
    "query": {"en": "fits your search", "zh": "符合您的搜索"},
    "unlike": {"en": "nothing here is like your search", "zh": "没有与您的搜索相近的内容"},
    "profile": {"en": "ranked by your profile", "zh": "根据您的资料排序"},
    "popular": {"en": "popular: {count} events by all users", "zh": "热门：全部用户共 {count} 次"},
}


@dataclass(frozen=True)
class Facts:
    """What the reasons of one list have in common.

    had: numbers of the history's items, latest first. typical: task → mean probability over the candidates.
    """

    source: ListSource
    language: Language
    had: tuple[int, ...]
    weights: Mapping[str, float]
    typical: Mapping[str, float]


def explain(loaded: Loaded, facts: Facts, item: int, probability: Mapping[str, float]) -> tuple[str, ...]:
    """Return up to three reasons for showing an item, the strongest kind first.

    item: its number. probability: task → p for this item.
    """

    def say(template: str, **values: object) -> str:
        return _TEMPLATES[template][facts.language].format(**values)

    reasons = []
    fits = probability.get("query", 0.0) * len(loaded.catalogue) if facts.source == "query" else 0.0
    unlike = abs(fits - 1.0) < _SAME
    if unlike or fits > 1.0:
        reasons.append(say("unlike" if unlike else "query"))
    past = similar_past(loaded, facts.had[:RECENT], item)
    if past is not None:
        reasons.append(say("similar", past=loaded.catalogue.title(past)))
    shared = shared_attribute(loaded.catalogue, facts.had[:RECENT], item)
    if shared is not None:
        reasons.append(say("shared", column=shared.column, value=shared.value, count=shared.count))
    lifted = _lifted(loaded.scorer.tasks, facts, probability)
    if lifted is not None:
        reasons.append(say(lifted[0], **lifted[1]))
    if facts.source == "profile":
        reasons.append(say("profile"))
    count = int(loaded.catalogue.popularity_I[item])
    if (facts.source == "popular" or (unlike and not facts.had)) and count > 0:
        reasons.append(say("popular", count=count))
    return tuple(reasons[:MAX_REASONS])


def similar_past(loaded: Loaded, had: tuple[int, ...], item: int) -> int | None:
    """Return the item of the history that is most like `item`, or None if none is remarkably like it.

    Remarkable is a cosine more than two standard deviations above the mean over a regular sample of the catalogue; the
    more items the history has, the more, so that the best of many is named no oftener by chance than a single one.
    """
    vectors = loaded.scorer.item_vectors
    others = [past for past in had if past != item]
    if not others or not len(vectors):
        return None
    step = max(1, len(vectors) // _SAMPLE)
    usual = vectors[::step] @ vectors[item]
    likeness = vectors[others] @ vectors[item]
    place = int(np.nan_to_num(likeness, nan=-np.inf).argmax())
    deviations = _NORMAL.inv_cdf(_NORMAL.cdf(2.0) ** (1 / len(set(others))))
    return others[place] if likeness[place] > usual.mean() + deviations * usual.std() else None


@dataclass(frozen=True)
class Shared:
    """A value that an item has in common with `count` items of the history."""

    column: str
    value: str
    count: int


def shared_attribute(catalogue: Catalogue, had: tuple[int, ...], item: int) -> Shared | None:
    """Return the most telling category or tag that an item shares with the history, or None.

    Telling: shared with many items of the history, and rare in the catalogue (count · −log share).
    """
    best, best_weight = None, 0.0
    others = [past for past in had if past != item]
    for column, share in catalogue.shares.items() if others else ():
        cells = catalogue.attributes[column]
        past = [_values(cells[number]) for number in others]
        for value in _values(cells[item]):
            count = sum(value in values for values in past)
            weight = -count * math.log(share[value])
            if share[value] <= _COMMON and weight > best_weight:
                best, best_weight = Shared(column, value, count), weight
    return best


def _values(cell: object) -> list[str]:
    if cell is None:
        return []
    return [cell] if isinstance(cell, str) else [str(value) for value in cell if value is not None]  # type: ignore[attr-defined]


def _lifted(
    tasks: Mapping[str, TaskView], facts: Facts, probability: Mapping[str, float]
) -> tuple[str, dict[str, object]] | None:
    """The objective, apart from the ranking, that speaks most for an item: a weighted one before the others."""
    best, best_gain = None, (0.0, 0.0)
    for name, p in probability.items():
        view = tasks.get(name)
        if view is None or view.output == "ranking":
            continue
        typical = facts.typical.get(name, 0.5)
        gain = math.log(max(p, FLOOR) / max(typical, FLOOR))
        weight = facts.weights.get(name, 0.0)
        if gain > 0 and (p > 0.5 or weight > 0) and (weight * gain, gain) > best_gain:
            best, best_gain = name, (weight * gain, gain)
    if best is None:
        return None
    view, p = tasks[best], probability[best]
    values: dict[str, object] = {"task": best, "p": f"{p:.0%}", "typical": f"{facts.typical.get(best, 0.5):.0%}"}
    if p <= 0.5:
        return "lifted", values
    if view.threshold is not None:
        return "rating", {**values, "threshold": f"{view.threshold:g}"}
    return "binary", values
