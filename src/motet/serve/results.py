"""What training left in a model's folder: its certificate, its metrics, how its tasks pulled at each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from motet.artifact import Folder, layout

Row = Mapping[str, Any]
MOST_POINTS = 300
"""Longer curves are thinned."""


def results_of(folder: Folder) -> dict[str, Any]:
    """Return what is saved about a model: name, created, encoder, kinds, certificate, metrics, affinity, cosines.

    certificate is None after plain training; all numbers that are none are None.
    """
    manifest = folder.manifest
    log = log_of(folder)
    tasks = list(manifest.tasks)
    return plain(
        {
            "name": manifest.name,
            "created": manifest.created,
            "motet": manifest.motet,
            "seed": manifest.seed,
            "encoder": manifest.encoder.id if manifest.encoder else None,
            "kinds": dict(manifest.tasks),
            "certificate": folder.json(layout.CERTIFICATE) if folder.has(layout.CERTIFICATE) else None,
            "metrics": folder.json(layout.METRICS) if folder.has(layout.METRICS) else {},
            "affinity": _pairs(log, tasks, "affinity/{0}>{1}"),
            "cosines": {block: _pairs(log, tasks, f"cosine/{block}/{{0}}|{{1}}") for block in _blocks(log)},
        }
    )


def log_of(folder: Folder) -> list[dict[str, Any]]:
    """Return the rows of a folder's training log: arm, seed, epoch, best, and columns by name."""
    return folder.frame(layout.LOG).to_dicts() if folder.has(layout.LOG) else []


def curves_of(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return a curve per arm and seed: epochs from 1, the kept one, and per task its scores and losses by epoch."""
    runs: dict[tuple[str, int], dict[int, Row]] = {}
    for row in rows:
        if isinstance(row.get("epoch"), int):
            runs.setdefault((str(row.get("arm")), int(row.get("seed") or 0)), {})[int(row["epoch"])] = row
    return [_curve(arm, seed, [found[epoch] for epoch in sorted(found)]) for (arm, seed), found in runs.items()]


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: numbers that are not finite become None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _curve(arm: str, seed: int, rows: Sequence[Row]) -> dict[str, Any]:
    step = -(-len(rows) // MOST_POINTS)
    kept = max((int(row["epoch"]) + 1 for row in rows if row.get("best")), default=None)
    chosen = [row for place, row in enumerate(rows) if place % step == 0 or place == len(rows) - 1]
    return {
        "arm": arm,
        "seed": seed,
        "epochs": [int(row["epoch"]) + 1 for row in chosen],
        "kept": kept,
        "scores": _columns(chosen, "score/"),
        "losses": _columns(chosen, "loss/"),
    }


def _columns(rows: Sequence[Row], prefix: str) -> dict[str, list[float | None]]:
    names = dict.fromkeys(
        name for row in rows for name, value in row.items() if name.startswith(prefix) and _known(value)
    )
    return {name[len(prefix) :]: [_number(row.get(name)) for row in rows] for name in names}


def _pairs(log: Sequence[Row], tasks: Sequence[str], column: str) -> dict[str, dict[str, float]]:
    """Return one → other → value: the mean over a joint run's epochs up to the kept one, then over seeds."""
    runs: dict[int, list[Row]] = {}
    for row in log:
        if row.get("arm") == "joint" and isinstance(row.get("epoch"), int):
            runs.setdefault(int(row.get("seed") or 0), []).append(row)
    until_kept = [[row for row in rows if row["epoch"] <= _kept(rows)] for rows in runs.values()]
    found: dict[str, dict[str, float]] = {}
    for one in tasks:
        for other in tasks:
            name = column.format(one, other)
            means = [
                fmean(row[name] for row in rows if _known(row.get(name)))
                for rows in until_kept
                if any(_known(row.get(name)) for row in rows)
            ]
            if means:
                found.setdefault(one, {})[other] = fmean(means)
    return found


def _kept(rows: Sequence[Row]) -> int:
    return max((int(row["epoch"]) for row in rows if row.get("best")), default=max(int(row["epoch"]) for row in rows))


def _blocks(log: Sequence[Row]) -> list[str]:
    return sorted({name.split("/")[1] for row in log[:1] for name in row if name.startswith("cosine/")})


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(value: Any) -> float | None:
    return float(value) if _known(value) else None
