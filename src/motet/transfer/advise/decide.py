"""From facts to advice: a few rules, each of which says in one sentence why it applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from motet.transfer.advise.advice import Advice, Proposal
from motet.transfer.advise.facts import PairFacts, TaskFacts
from motet.transfer.advise.gains import Gain
from motet.transfer.advise.groups import Gains, Group, group, into

MANY = 0.5
"""Where more than this share of the measured directions is clearly harmful, the tasks are unlike as a whole."""
HEAVY = -0.5
"""A source that takes more than half of what a task's own step gives is shut out, a lighter one is turned down."""
TURNED = 0.3
OPPOSED = -0.05
"""Gradients whose cosine is below this pull against each other."""


def advise(
    tasks: Sequence[TaskFacts], pairs: Sequence[PairFacts], *, passes: float = 0.0, seconds: float = 0.0
) -> Advice:
    """Return the advice for a project's tasks. passes, seconds: of the run in which the gains were measured."""
    known, names = {each.task: each for each in tasks}, [each.task for each in tasks]
    gains = {(pair.one, pair.other): pair.forward for pair in pairs}
    gains |= {(pair.other, pair.one): pair.backward for pair in pairs}
    groups = group(names, gains, {each.task: each.value for each in tasks})
    main = _main(tasks)
    return Advice(
        groups=[(each, _together(each, gains, pairs)) for each in groups if len(each) > 1],
        alone={each[0]: _alone(each[0], names, gains) for each in groups if len(each) == 1},
        main=main,
        sharing=_sharing(groups, gains, main.what),
        balance=_balance(main, pairs),
        tasks=known,
        pairs=tuple(pairs),
        passes=passes,
        seconds=seconds,
    )


def _main(tasks: Sequence[TaskFacts]) -> Proposal:
    """The most valuable task; among equals a ranking, then the one with most labels."""
    best = max(each.value for each in tasks)
    dearest = [each for each in tasks if each.value == best]
    if len(dearest) == 1 and len(tasks) > 1:
        return Proposal(dearest[0].task, f"it is worth most (value {best:g}).", {"main": dearest[0].task})
    ranking = [each for each in dearest if each.ranks]
    if ranking:
        why = "it ranks the whole catalogue, which fewer labels of other tasks would soon overrun."
        return Proposal(ranking[0].task, why, {"main": ranking[0].task})
    most = max(dearest, key=lambda each: each.labels)
    why = f"it has most labels ({most.labels:,}); all are worth the same, so the balancer need not favour it."
    return Proposal(most.task, why, {})


def _together(members: Group, gains: Gains, pairs: Sequence[PairFacts]) -> str:
    """Why a group learns together."""
    known = [each for each in (into(task, members, gains) for task in members) if each.error or each.value]
    inside = [pair for pair in pairs if pair.one in members and pair.other in members]
    related = [pair for pair in inside if pair.related]
    lending = [pair for pair in inside if pair.complementarity >= 0.5]
    parts = []
    if known:
        mean = fmean(each.value for each in known)
        verb = f"gain {mean:.0%} of what an own step gives" if mean >= 0 else f"lose no more than {-mean:.0%} of one"
        parts.append(f"from a step for the others its tasks {verb}, and none is clearly harmed")
    else:
        parts.append("no harm was measured, and one trunk costs less than several")
    if related:
        strongest = max(related, key=lambda pair: abs(pair.correlation or 0.0))
        parts.append(
            f"{strongest.one} and {strongest.other} tell much about one another ({strongest.correlation:+.2f})"
            if strongest.measure == "spearman"
            else f"{strongest.one} and {strongest.other} tell much about one another ({strongest.correlation:.2f})"
        )
    elif lending:
        parts.append("tasks with few labels stand beside one with many")
    return "; ".join(parts) + "."


def _alone(task: str, names: Sequence[str], gains: Gains) -> str:
    """Why a task is better left alone."""
    others = [name for name in names if name != task]
    if not others:
        return "it is the only task."
    suffers = {name: gains[name, task] for name in others if (name, task) in gains and gains[name, task].harms}
    harms = {name: gains[task, name] for name in others if (task, name) in gains and gains[task, name].harms}
    if suffers:
        worst = min(suffers, key=lambda name: suffers[name].value)
        return f"a step for {worst} takes {-suffers[worst].value:.0%} of what its own step gives."
    if harms:
        worst = min(harms, key=lambda name: harms[name].value)
        return f"a step for it takes {-harms[worst].value:.0%} of what {worst}'s own step gives."
    return "in the mean it and the others would lose more by learning together than they gain."


def _sharing(groups: Sequence[Group], gains: Gains, main: str) -> Proposal:
    """The strategy, and valves for those that clearly harm others."""
    measured = {pair: gain for pair, gain in gains.items() if gain.known}
    harmful = {pair: gain for pair, gain in measured.items() if gain.harms}
    if not harmful:
        why = "no task's step clearly harms another, and one plain trunk is the cheapest way to share."
        return Proposal("shared_bottom", why, {"kind": "shared_bottom"})
    if len(harmful) > MANY * len(measured):
        why = (
            f"{len(harmful)} of {len(measured)} measured directions are harmful: every task should choose for itself "
            "what it reads of shared features."
        )
        return Proposal("attention", why, {"kind": "attention"})
    valves = _valves(harmful, main)
    if not valves:
        why = f"only {main} itself disturbs others, and it is the task that the others serve."
        return Proposal("shared_bottom", why, {"kind": "shared_bottom"})
    said = ", ".join(f"{source} {share:g}" for source, share in valves.items())
    lost = min(harmful, key=lambda pair: harmful[pair].value)
    why = (
        f"a few tasks harm others ({lost[0]} takes {-harmful[lost].value:.0%} of what {lost[1]}'s own step gives), so "
        f"less of their gradient enters the plain trunk ({said})."
    )
    return Proposal("shared_bottom", why, {"kind": "shared_bottom", "valves": valves})


def _valves(harmful: Mapping[tuple[str, str], Gain], main: str) -> dict[str, float]:
    """By harmful source the share of its gradient that should enter; the main task is never turned down."""
    worst: dict[str, float] = {}
    for (source, _), gain in harmful.items():
        if source != main:
            worst[source] = min(gain.value, worst.get(source, 0.0))
    return {source: 0.0 if value < HEAVY else TURNED for source, value in worst.items()}


def _balance(main: Proposal, pairs: Sequence[PairFacts]) -> Proposal:
    """The balancer, and the main task where one is named."""
    cosines = [pair.cosine for pair in pairs if pair.cosine == pair.cosine]
    opposed = [cosine for cosine in cosines if cosine < OPPOSED]
    settings: dict[str, Any] = dict(main.settings)
    if cosines and len(opposed) > MANY * len(cosines) and not settings:
        why = f"{len(opposed)} of {len(cosines)} pairs of gradients pull against each other, which it bargains between."
        return Proposal("nashmtl", why, {"kind": "nashmtl"})
    why = "every task pulls as hard as its number of labels warrants"
    if settings:
        why += f", and none more than a quarter as hard as {main.what}"
    return Proposal("norm", f"{why}.", {"kind": "norm", **settings})
