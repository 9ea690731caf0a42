"""When a task counts as harmed: see docs/decisions/0003."""

from __future__ import annotations

from motet.transfer.difference import Difference
from motet.transfer.verdict import p_above

CAUTION = 0.2
"""A task is repaired when its harm on validation has a one-sided p-value below this (docs/decisions/0003)."""


def seems_harmed(difference: Difference, *, caution: float = CAUTION) -> bool:
    """Return whether harm is likely enough to act: a one-sided p-value below `caution`. Undefined is no evidence."""
    return p_above(-difference.difference, difference.standard_error, difference.degrees) < caution
