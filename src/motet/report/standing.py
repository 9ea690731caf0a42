"""A task's certificate in the unit of the picture: parts of the twin, signed so that positive is better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from motet.report.figures import known
from motet.report.saved import lower_is_better


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
    """Return whether a repair changed what ships, so that there is a standing before it worth showing."""
    return bool(row.get("repair")) and bool(row.get("before"))


def baseline_change(row: Mapping[str, Any]) -> float | None:
    """Return how far the simple baseline lies from the twin, relative to it, positive if it is better."""
    baseline, twin = row.get("baseline"), row.get("twin")
    if not known(baseline) or not known(twin) or twin == 0:
        return None
    change = (baseline - twin) / abs(twin)
    return -change if lower_is_better(row.get("metric")) else change
