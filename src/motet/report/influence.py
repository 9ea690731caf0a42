"""Who helps whom: affinities, agreement and strength of the tasks' gradients, and what gates choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10

from motet.report.curves import plot
from motet.report.figures import MINUS, number, percent
from motet.report.heatmap import heatmap
from motet.report.markup import Html, el, join, named
from motet.report.saved import Saved
from motet.report.section import section
from motet.report.svg import bar, picture
from motet.report.watched import Pairs, WatchedRun, watched_run
from motet.report.words import Words

BLOCKS = ("item", "history", "text", "row", "fusion", "sharing")
CHOICES = ("itself", "own", "shared", "let through", "held back")
"""What strategies call the choices of a gate that are neither experts nor tasks."""
MOST_BESIDE = 6
"""With more tasks, heat maps do not fit beside each other."""


def influence(saved: Saved, words: Words) -> Html | None:
    """Return the section; None where a run was not watched."""
    found = watched_run(saved)
    if found.empty:
        return None
    alarms = [el("p", words("alarm", said=each), class_="told") for each in found.alarms]
    parts = [_affinity(found, saved.tasks, words), _cosines(found.cosines, saved.tasks, words)]
    parts += [_norms(found, words), _gates(found.gates, words)]
    return section("influence", words, *alarms, *parts)


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign; none before zeros."""
    shown = f"{abs(value):.{decimals}f}"
    return shown if float(shown) == 0 else (MINUS if value < 0 else "+") + shown


def decimals_for(most: float) -> int:
    """Return how many decimals show two figures of a number of this size."""
    return min(6, max(0, 1 - floor(log10(most)))) if most > 0 else 0


def _affinity(found: WatchedRun, tasks: Sequence[str], words: Words) -> Html | None:
    pairs = found.affinity
    if not pairs:
        return None
    names = _named(pairs, tasks)
    # a task helps itself most by far, and shares of next to nothing are huge; beside these the others would be pale
    plain = {pair for pair in pairs if pair[0] == pair[1] or pair[1] in found.solved}
    telling = {pair: value for pair, value in pairs.items() if pair not in plain}
    most = max((abs(value) for value in telling.values()), default=0.0) or None
    decimals = decimals_for(100 * (most or 0.0))
    label = words("affinity_label", said=words.list(_strongest(telling, decimals, words)))
    drawn = heatmap(names, pairs, shown=lambda z: signed(100 * z, decimals), label=label, most=most, plain=plain)
    solved = [name for name in names if name in found.solved]
    note = el("p", words("near_zero", names=words.listed(solved)), class_="aside") if solved else None
    return join([el("h3", words("affinity")), el("p", words("affinity_lead"), class_="lead"), _card(drawn), note])


def _strongest(pairs: Pairs, decimals: int, words: Words) -> list[str]:
    """Say the pairs that matter most, at most three that help and three that harm."""
    order = sorted(pairs.items(), key=lambda entry: -entry[1])
    chosen = [each for each in order[:3] if each[1] > 0] + [each for each in order[-3:] if each[1] < 0]
    return [words("affinity_pair", source=a, target=b, value=signed(100 * value, decimals)) for (a, b), value in chosen]


def _cosines(cosines: Mapping[str, Pairs], tasks: Sequence[str], words: Words) -> Html | None:
    cards = []
    for block, pairs in cosines.items():
        both = {(b, a): value for (a, b), value in pairs.items()} | dict(pairs)
        said = [f"{a}, {b}: {signed(value, 2)}" for (a, b), value in pairs.items()]
        name = words(f"block_{block}") if block in BLOCKS else block
        label = words("cosine_label", block=name, said=words.list(said))
        drawn = heatmap(_named(both, tasks), both, shown=lambda value: signed(value, 2), label=label, most=1.0)
        cards.append(el("div", el("h3", name), drawn, class_="card"))
    if not cards:
        return None
    lead = el("p", words("cosine_lead"), class_="lead")
    return join(
        [el("h3", words("cosine")), lead, el("div", join(cards), class_=f"cards heats{' wide' * (len(tasks) > 6)}")]
    )


def _norms(found: WatchedRun, words: Words) -> Html | None:
    if not found.norms:
        return None
    most = max(value for drawn in found.norms.values() for each in drawn for _, value in each.points)
    cards = []
    for task, drawn in found.norms.items():
        ends = ", ".join(number(each.points[-1][1]) for each in drawn)
        label = words("norm_label", task=task, ends=ends)
        drawing = plot(drawn, label=label, across=words("pass"), span=(0.0, most or 1.0))
        cards.append(el("div", el("h3", named(task)), drawing, class_="card"))
    lead = el("p", words("norm_lead"), class_="lead")
    return join([el("h3", words("norm")), lead, el("div", join(cards), class_="cards small")])


def _gates(gates: Mapping[str, Mapping[str, float]], words: Words) -> Html | None:
    if not gates:
        return None
    cards = []
    for task, shares in gates.items():
        bars = [_bar(choice, share, words) for choice, share in shares.items()]
        cards.append(el("div", el("h3", named(task)), *bars, class_="card"))
    lead = el("p", words("gates_lead"), class_="lead")
    return join([el("h3", words("gates")), lead, el("div", join(cards), class_="cards small")])


def _bar(choice: str, share: float, words: Words) -> Html:
    said = percent(share)
    drawing = picture(bar(0, min(100.0, 100 * share), "slice-fill"), label=said, class_="bar")
    name = el("span", named(words(choice) if choice in CHOICES else choice), class_="bar-name")
    return el("div", name, drawing, el("span", said, class_="digits"), class_="bar-row")


def _named(pairs: Pairs, tasks: Sequence[str]) -> list[str]:
    """The tasks that a table is about, in their order."""
    inside = {task for pair in pairs for task in pair}
    return [task for task in tasks if task in inside]


def _card(child: Html) -> Html:
    return el("div", child, class_="card")
