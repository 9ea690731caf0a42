"""What watching a joint run left in its log, put together over epochs and seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import mean

from motet.report.curves import Curve
from motet.report.figures import known
from motet.report.saved import Row, Saved

Pairs = Mapping[tuple[str, str], float]

NEAR_ZERO = 0.01
"""A mean loss per question below this (in nats) leaves nothing to gain, and a share of it tells nothing."""


@dataclass(frozen=True)
class WatchedRun:
    """A joint run as its watcher saw it; whatever was not measured is absent.

    affinity: (source, target) → Z. cosines: block → (one, other) → cosine. norms: task → a curve per seed of the
    length of its gradient at all shared weights. gates: task → what its gate chooses from → mean share. alarms: what
    was told while it trained. solved: tasks whose loss was near zero where affinities were taken. Affinities and
    cosines are means over the epochs up to the kept one, and over seeds.
    """

    affinity: Pairs = field(default_factory=dict)
    cosines: Mapping[str, Pairs] = field(default_factory=dict)
    norms: Mapping[str, list[Curve]] = field(default_factory=dict)
    gates: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    alarms: tuple[str, ...] = ()
    solved: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing was watched."""
        return not (self.affinity or self.cosines or self.norms or self.gates or self.alarms)


def watched_run(saved: Saved) -> WatchedRun:
    """Return what the log says about the joint runs."""
    runs: dict[int, list[Row]] = {}
    for row in saved.log:
        if row.get("arm") == "joint" and known(row.get("epoch")):
            runs.setdefault(int(row.get("seed") or 0), []).append(row)
    for rows in runs.values():
        rows.sort(key=lambda row: row["epoch"])
    until_kept = [[row for row in rows if row["epoch"] <= _kept(rows)] for rows in runs.values()]
    names = {name for rows in runs.values() for row in rows for name, value in row.items() if known(value)}
    tasks, blocks = saved.tasks, _blocks(names)
    return WatchedRun(
        affinity=_measured({(a, b): f"affinity/{a}>{b}" for a in tasks for b in tasks}, names, until_kept),
        cosines={block: pairs for block in blocks if (pairs := _measured(_cosines(block, tasks), names, until_kept))},
        norms={task: found for task in tasks if (found := _norms(runs, task, blocks))},
        gates=_gates(runs, tasks, names),
        solved=tuple(task for task in tasks if any(_solved(rows, task) for rows in runs.values())),
        alarms=tuple(dict.fromkeys(str(row["alarm"]) for rows in runs.values() for row in rows if row.get("alarm"))),
    )


def _kept(rows: list[Row]) -> int:
    """Return the epoch whose weights are kept; the last one where that is unknown."""
    return max((int(row["epoch"]) for row in rows if row.get("best")), default=int(rows[-1]["epoch"]))


def _solved(rows: list[Row], task: str) -> bool:
    """Whether hardly any loss of a task was left in the kept epoch."""
    losses = [row[f"loss/{task}"] for row in rows if row["epoch"] <= _kept(rows) and known(row.get(f"loss/{task}"))]
    return bool(losses) and abs(losses[-1]) < NEAR_ZERO


def _blocks(names: Iterable[str]) -> list[str]:
    parts = [name.split("/", 2) for name in names]
    found = {part[1] for part in parts if part[0] in ("cosine", "norm") and len(part) == 3}
    order = ("item", "history", "text", "row", "fusion", "sharing")
    return sorted(found, key=lambda block: (order.index(block) if block in order else len(order), block))


def _cosines(block: str, tasks: list[str]) -> dict[tuple[str, str], str]:
    return {(a, b): f"cosine/{block}/{a}|{b}" for a in tasks for b in tasks}


def _measured(columns: Mapping[tuple[str, str], str], names: set[str], runs: list[list[Row]]) -> Pairs:
    """Return the mean over seeds of the mean over epochs, for pairs that were measured."""
    found = {}
    for pair, column in columns.items():
        if column in names:
            values = [[row[column] for row in rows if known(row.get(column))] for rows in runs]
            means = [mean(each) for each in values if each]
            if means:
                found[pair] = mean(means)
    return found


def _norms(runs: Mapping[int, list[Row]], task: str, blocks: list[str]) -> list[Curve]:
    found = []
    for seed, rows in runs.items():
        points = []
        for row in rows:
            parts = [row[f"norm/{block}/{task}"] for block in blocks if known(row.get(f"norm/{block}/{task}"))]
            if parts:
                points.append((int(row["epoch"]), sqrt(sum(part**2 for part in parts))))
        if points:
            found.append(Curve("joint", seed, tuple(points), _kept(rows)))
    return found


def _gates(runs: Mapping[int, list[Row]], tasks: list[str], names: set[str]) -> dict[str, dict[str, float]]:
    """Return the shares in the kept epoch, in the mean over seeds."""
    kept = [row for rows in runs.values() for row in rows if row["epoch"] == _kept(rows)]
    found: dict[str, dict[str, float]] = {}
    for name in sorted(names):
        # a task may be called like the beginning of another: the longest name is meant
        task = max((task for task in tasks if name.startswith(f"gate/{task}/")), key=len, default=None)
        values = [row[name] for row in kept if known(row.get(name))]
        if task is not None and values:
            found.setdefault(task, {})[name.removeprefix(f"gate/{task}/")] = mean(values)
    return {task: found[task] for task in tasks if task in found}
