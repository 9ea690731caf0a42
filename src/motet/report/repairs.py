"""Beside the verdicts: how well joint and twin are calibrated, and which repairs were tried at what cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.report.figures import DASH, duration, known, number
from motet.report.markup import Html, el, join, named
from motet.report.section import table
from motet.report.standing import folds_of
from motet.report.words import Words
from motet.transfer.claims import NO_REPAIR

METRICS = ("log_loss", "ece")

Rows = Mapping[str, Mapping[str, Any]]


def repair_said(row: Mapping[str, Any], words: Words) -> str:
    """Return how a task was repaired, over folds in how many of them and how it ships; empty where nothing was."""
    folds = folds_of(row)
    taken = [words("rung_in", rung=rung, n=count) for rung, count in folds.items() if rung != NO_REPAIR]
    if not taken:
        return str(row.get("repair") or "")
    said = words("of_folds", taken=words.listed(taken), n=sum(folds.values()))
    ships = [words("repair_ships", repair=row.get("repair") or words(NO_REPAIR))] if len(folds) > 1 else []
    return words.list([said, *ships])


def calibration_beside(rows: Rows, words: Words) -> Html | None:
    """Return log_loss and ece of twin and joint, or None where no task promises probabilities."""
    defined = {task: row["calibration"] for task, row in rows.items() if row.get("calibration")}
    if not defined:
        return None
    heads = [words("task_name")]
    for metric in METRICS:
        heads += [f"{metric}\u00a0↓ {words(arm)}" for arm in ("twin", "joint")]
    body = [
        [named(task), *(number((found.get(metric) or {}).get(arm)) for metric in METRICS for arm in ("twin", "joint"))]
        for task, found in defined.items()
    ]
    shown = table(heads, body, label=words("calibration_beside"), numbers=(1, 2, 3, 4))
    said = el("p", words("calibration_beside_lead"), class_="lead")
    return join([el("h3", words("calibration_beside")), said, shown])


def repairs_tried(rows: Rows, sharing: Mapping[str, Any], words: Words) -> Html | None:
    """Return the rungs that were climbed, and what all training took; None where nothing is known of either."""
    climbed = {task: row["tried"] for task, row in rows.items() if row.get("tried")}
    runs = sharing.get("joint_runs")
    cost = el("p", words("certify_cost", n=f"{runs:.1f}"), class_="aside") if known(runs) else None
    if not climbed:
        return cost
    heads = [words(key) for key in ("task_name", "repair", "training", "repair_outcome")]
    body = [
        [
            named(task),
            str(each.get("rung") or DASH),
            duration(each.get("seconds")),
            words("held" if each.get("passed") else "not_held"),
        ]
        for task, rungs in climbed.items()
        for each in rungs
    ]
    shown = table(heads, body, label=words("repairs_tried"), numbers=(2,))
    return join([el("h3", words("repairs_tried")), shown, cost])
