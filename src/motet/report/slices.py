"""Where it is weak: the primary metric within groups of test questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from motet.report.figures import count, known, number, percent
from motet.report.markup import Html, el, join, named
from motet.report.saved import Saved, lower_is_better
from motet.report.section import metric_name, note, section
from motet.report.svg import bar, picture, upright
from motet.report.words import Words

ENOUGH = 30
"""Groups of fewer questions are drawn, but never named as weak."""

GAP = 0.05
"""A group is named as weak if it falls behind its task by more than this, relative to the task's value."""

NAMED = 3
"""So many weak groups, of different tasks, are named in sentences."""


@dataclass(frozen=True)
class Group:
    """One group of a task's questions. gap: how far it falls behind the whole task, relative to it; None if unknown."""

    task: str
    slice: str
    label: str
    metric: str
    value: float | None
    n: int
    overall: float | None
    gap: float | None


def slices(saved: Saved, words: Words) -> Html:
    """Return the section: the weak groups in sentences, then all groups as bars."""
    found = groups(saved)
    if not found:
        return section("slices", words, note(words))
    worst = weakest(found)
    told = [_sentence(group, words) for group in worst]
    if not told:
        told = [el("p", words("weak_none", n=ENOUGH, share=percent(GAP, decimals=0)))]
    order = sorted({group.task: None for group in found}, key=lambda task: -_worst_gap(found, task))
    cards = [_card(task, [group for group in found if group.task == task], words) for task in order]
    few = any(group.n < ENOUGH for group in found)
    return section(
        "slices",
        words,
        el("div", join(told), class_="told"),
        el("div", join(cards), class_="cards"),
        el("p", words("few_note", n=ENOUGH), class_="aside") if few else None,
    )


def groups(saved: Saved) -> list[Group]:
    """Return every group with its gap to the whole task."""
    found = []
    for row in saved.slices:
        task, metric, value = str(row["task"]), str(row["metric"]), row.get("value")
        overall = saved.judged.get(task, {}).get(metric)
        value, overall = value if known(value) else None, overall if known(overall) else None
        gap = None
        if value is not None and overall is not None and overall != 0:
            gap = (overall - value) / abs(overall) * (-1 if lower_is_better(metric) else 1)
        found.append(
            Group(task, str(row["slice"]), str(row["label"]), metric, value, int(row.get("n") or 0), overall, gap)
        )
    return found


def weakest(found: Sequence[Group]) -> list[Group]:
    """Return the groups worth naming: of each task the weakest with enough questions, the worst first."""
    worst: dict[str, Group] = {}
    for group in found:
        if group.n >= ENOUGH and (group.gap or 0.0) > GAP:
            kept = worst.get(group.task)
            if kept is None or (group.gap or 0.0) > (kept.gap or 0.0):
                worst[group.task] = group
    return sorted(worst.values(), key=lambda group: -(group.gap or 0.0))[:NAMED]


def _worst_gap(found: Sequence[Group], task: str) -> float:
    reliable = [group.gap for group in found if group.task == task and group.gap is not None and group.n >= ENOUGH]
    return max(reliable, default=-1.0)


def _sentence(group: Group, words: Words) -> Html:
    return el(
        "p",
        words(
            "weak",
            task=group.task,
            slice=words.known(group.slice),
            label=words.known(group.label),
            metric=group.metric,
            value=number(group.value),
            overall=number(group.overall),
            n=count(group.n),
        ),
    )


def _card(task: str, own: Sequence[Group], words: Words) -> Html:
    metric, overall = own[0].metric, own[0].overall
    lower = lower_is_better(metric)
    top = max([group.value for group in own if group.value is not None] + [overall or 0.0], default=0.0)
    weak = weakest(own)
    blocks = []
    for name in dict.fromkeys(group.slice for group in own):
        inside = sorted((g for g in own if g.slice == name), key=lambda g: (g.gap is None, -(g.gap or 0.0)))
        bars = [_bar(group, top, words, weak=group in weak) for group in inside]
        blocks.append(el("div", el("h4", words("by_slice", slice=words.known(name))), *bars))
    head = el("p", metric_name(metric, lower=lower), f" · {words('lower' if lower else 'higher')}", class_="aside")
    return el("div", el("h3", named(task)), head, *blocks, class_="card")


def _bar(group: Group, top: float, words: Words, *, weak: bool) -> Html:
    scale = 100.0 / top if top > 0 else 0.0
    few = group.n < ENOUGH
    said = f"{number(group.value)}, n = {count(group.n)}"
    drawing = picture(
        bar(0, scale * max(0.0, group.value or 0.0), "weak-fill" if weak else "few-fill" if few else "slice-fill"),
        upright(scale * group.overall, "overall", top="-3", bottom="12")
        if group.overall is not None and group.overall >= 0
        else None,
        label=said,
        class_="bar",
    )
    tag = el("em", words("weakest" if weak else "few")) if weak or few else None
    name = el("span", named(words.known(group.label)), " ", tag, class_="bar-name")
    figures = el("span", number(group.value), el("small", f" n = {count(group.n)}"), class_="digits")
    return el("div", name, drawing, figures, class_="bar-row" + (" weak" if weak else ""))
