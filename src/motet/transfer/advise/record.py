"""Advice as plain JSON values."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from motet.transfer.advise.facts import PairFacts
from motet.transfer.advise.gains import Gain

if TYPE_CHECKING:
    from motet.transfer.advise.advice import Advice, Proposal


def to_json(advice: Advice) -> dict[str, Any]:
    """Return the advice; what was not measured is None."""
    return {
        "groups": [{"tasks": list(members), "why": why} for members, why in advice.groups],
        "alone": dict(advice.alone),
        "main": {"task": advice.main.what, "why": advice.main.why},
        "sharing": _proposal(advice.sharing),
        "balance": _proposal(advice.balance),
        "lines": advice.lines(),
        "tasks": {
            name: {key: _number(value) for key, value in asdict(task).items() if key != "task"}
            for name, task in advice.tasks.items()
        },
        "pairs": [_pair(pair) for pair in advice.pairs],
        "measured": {"passes": advice.passes, "seconds": advice.seconds},
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {**proposal.settings, "why": proposal.why}


def _pair(pair: PairFacts) -> dict[str, Any]:
    return {
        "tasks": [pair.one, pair.other],
        "by": pair.by,
        "overlap": pair.overlap,
        "correlation": _number(pair.correlation),
        "measure": pair.measure,
        "both": pair.both,
        "complementarity": pair.complementarity,
        "forward": _gain(pair.forward),
        "backward": _gain(pair.backward),
        "cosine": _number(pair.cosine),
    }


def _gain(gain: Gain) -> dict[str, Any]:
    return {"gain": _number(gain.value), "error": _number(gain.error)}


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
