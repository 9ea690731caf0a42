"""Chains of yes-or-no tasks: who buys has viewed, before calibration and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from motet.evaluate.calibrators.apply import applied
from motet.evaluate.metrics import find
from motet.evaluate.predictions import Predictions
from motet.recommend.calibrated import Calibration, Curve

Join = Literal["min", "max"]


def consistent(
    maps: Mapping[str, Calibration], chain: Sequence[str], predictions: Mapping[str, Predictions]
) -> dict[str, Calibration]:
    """Return the maps with those of a chain so that no later task ever has a higher map than an earlier one.

    chain: tasks each of which presumes the one before (view, cart, buy), whose raw answers fall along it. predictions:
    what the maps were fitted on. Either each map stays below those before it, or above those after it, or the chain is
    left as it was: whichever has the least log loss in all. A lower answer under a lower, rising curve stays lower.
    """
    named = [task for task in chain if task in maps and task in predictions]
    if len(named) < 2 or not any(maps[task].curves for task in named):
        return dict(maps)
    options = [_joined(maps, named, "min"), _joined(maps, named, "max"), _plain(maps, named)]
    best = min(options, key=lambda each: sum(_loss(predictions[task], each[task]) for task in named))
    return {**maps, **best}


def _joined(maps: Mapping[str, Calibration], named: Sequence[str], join: Join) -> dict[str, Calibration]:
    own = {task: maps[task].curves or (Curve(),) for task in named}
    found = {}
    for place, task in enumerate(named):
        beside = named[: place + 1] if join == "min" else named[place:]
        curves = tuple(dict.fromkeys(curve for each in beside for curve in own[each]))
        found[task] = replace(maps[task], curves=curves, join=join)
    return found


def _plain(maps: Mapping[str, Calibration], named: Sequence[str]) -> dict[str, Calibration]:
    return {task: replace(maps[task], kind="none", curves=()) for task in named}


def _loss(predictions: Predictions, map: Calibration) -> float:
    return find("log_loss").value(applied(predictions, map))
