"""A task's certificate in the unit of the picture: parts of the twin, signed so that positive is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from motet.report.figures import known
from motet.report.saved import lower_is_better
from motet.transfer.claims import NO_REPAIR

TWIN = "twin"
"""The certificate's word for the repair that routes a task to its twin."""


@dataclass(frozen=True)
class Standing:
    """One comparison relative to |twin|; None where undefined. change: joint − twin. holm_low: see the certificate."""

    verdict: str | None
    change: float | None
    low: float | None
    high: float | None
    holm_low: float | None


def standing(comparison: Mapping[str, Any]) -> Standing:
    """Return a comparison relative to its twin."""
    twin = comparison.get("twin")

    def relative(name: str) -> float | None:
        value = comparison.get(name)
        return float(value) / abs(twin) if known(value) and known(twin) and twin != 0 else None

    return Standing(
        verdict=comparison.get("verdict"),
        change=relative("difference"),
        low=relative("low"),
        high=relative("high"),
        holm_low=relative("holm_low"),
    )


def was_changed(row: Mapping[str, Any]) -> bool:
    """Return whether a repair changed what is compared, so that there is a standing before it worth showing."""
    return bool({row.get("repair"), *folds_of(row)} - {None, "", NO_REPAIR}) and bool(row.get("before"))


def folds_of(row: Mapping[str, Any]) -> Mapping[str, int]:
    """Return in how many folds each repair was taken; nothing where there are no folds, or none is known of."""
    return row.get("repairs") or {}


def is_routed(row: Mapping[str, Any]) -> bool:
    """Return whether the twin answers a task; over folds, whether it does in most of them."""
    folds = folds_of(row)
    return 2 * folds.get(TWIN, 0) > sum(folds.values()) if folds else row.get("repair") == TWIN


def is_twin(row: Mapping[str, Any]) -> bool:
    """Return whether what is compared is the twin itself, in every fold, so that there is no interval."""
    return set(folds_of(row) or [row.get("repair")]) == {TWIN}


def baseline_change(row: Mapping[str, Any]) -> float | None:
    """Return how far the simple baseline lies from the twin, relative to it, positive if it is better."""
    baseline, twin = row.get("baseline"), row.get("twin")
    if not known(baseline) or not known(twin) or twin == 0:
        return None
    change = (baseline - twin) / abs(twin)
    return -change if lower_is_better(row.get("metric")) else change
