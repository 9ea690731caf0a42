"""The section with a few users' lists: scores split by objective, and why each item is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.recommend.examples import mark
from motet.report.figures import known, number, percent
from motet.report.markup import Child, Html, el, join, named
from motet.report.saved import Saved
from motet.report.section import section, table
from motet.report.words import Words

SENTENCES = 2
"""So many sentences stand below the reasons."""


def examples(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None where the folder keeps no lists. Each list stands between two marks."""
    if not saved.examples:
        return None
    return section("examples", words, *(_example(each, words) for each in saved.examples))


def _example(found: Mapping[str, Any], words: Words) -> Html:
    weights = found.get("weights") or {}
    facts = [words(f"source_{found['source']}")]
    if found["had"]:
        facts.append(words("example_had", items=words.list([str(each) for each in found["had"]])))
    facts.append(words.list([f"{task} × {weight:g}" for task, weight in weights.items()]))
    items = found["items"]
    parts = list(dict.fromkeys(task for item in items for task in item["contributions"]))
    others = list(dict.fromkeys(task for item in items for task in item["scores"] if task not in weights))
    heads: list[Child] = [words("example_item"), words("example_score")]
    heads += [join([named(task), el("br"), el("small", words("example_adds"))]) for task in parts]
    heads += [join([named(task), el("br"), el("small", "p")]) for task in others]
    heads.append(words("example_why"))
    rows = [_row(place, item, parts, others) for place, item in enumerate(items, 1)]
    who = words("example_user", user=found["user"])
    shown = table(heads, rows, label=who, numbers=range(1, 2 + len(parts) + len(others)))
    body = el("div", el("h3", named(who)), el("p", " · ".join(facts), class_="aside"), shown, class_="example")
    return join([Html(mark(found["key"])), body, Html(mark(found["key"], end=True))])


def _row(place: int, item: Mapping[str, Any], parts: list[str], others: list[str]) -> list[Child]:
    named_item: list[Child] = [f"{place}. ", named(str(item["title"]))]
    if item["title"] != item["item"]:
        named_item += [el("br"), el("small", named(str(item["item"])))]
    added: list[Child] = []
    for task in parts:
        p = item["scores"].get(task)
        below = [el("br"), el("small", f"p {_share(p)}")] if known(p) else []
        added.append(join([number(item["contributions"].get(task), sign=True), *below]))
    why = [el("li", each) for each in (*item["reasons"], *item["sentences"][:SENTENCES])]
    told = el("ul", join(why), class_="why") if why else ""
    shares = [_share(item["scores"].get(task)) for task in others]
    return [join(named_item), number(item["score"]), *added, *shares, told]


def _share(p: Any) -> str:
    return percent(p, decimals=2 if known(p) and p < 0.1 else 1)
