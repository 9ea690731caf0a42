"""Numbers as people read them. What is undefined is a dash."""

from __future__ import annotations

import math
from typing import Any, TypeGuard

DASH = "–"
MINUS = "−"


def known(value: Any) -> TypeGuard[float]:
    """Return whether `value` is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number(value: Any, *, sign: bool = False) -> str:
    """Return a metric: four decimals below ten, fewer where it is large."""
    if not known(value):
        return DASH
    digits = max(0, 4 - max(0, len(str(int(abs(value)))) - 1))
    return _signed(value, f"{abs(value):,.{digits}f}", sign)


def count(value: Any) -> str:
    """Return a whole number with separators."""
    return f"{round(value):,}" if known(value) else DASH


def compact(value: Any) -> str:
    """Return an amount of any size with three digits: 1.23 M, 45.6 k."""
    if not known(value):
        return DASH
    if value < 0:
        return MINUS + compact(-value)
    for unit, name in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e4, " k")):
        if abs(value) >= unit:
            return f"{value / (1e3 if unit == 1e4 else unit):.3g}{name}"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.3g}"


def duration(seconds: Any) -> str:
    """Return a duration in its natural unit."""
    if not known(seconds):
        return DASH
    if seconds < 100:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 6000 else f"{seconds / 3600:.3g} h"


def milliseconds(value: Any) -> str:
    """Return a duration that is given in milliseconds."""
    return f"{value:.3g} ms" if known(value) and value < 1000 else duration(value / 1000 if known(value) else None)


def percent(share: Any, *, sign: bool = False, decimals: int = 1) -> str:
    """Return a share in percent."""
    if not known(share):
        return DASH
    return _signed(share, f"{100 * abs(share):,.{decimals}f}", sign) + " %"


def short_percent(share: Any) -> str:
    """Return a share in percent, its decimals left out where they say little."""
    if not known(share):
        return DASH
    whole = abs(share) >= 0.1 or abs(100 * share - round(100 * share)) < 1e-9
    return percent(share, decimals=0 if whole else 1)


def _signed(value: float, shown: str, sign: bool) -> str:
    """Put a real minus (or on demand a plus) before digits; none before zeros."""
    if not any(digit in "123456789" for digit in shown):
        return shown
    return MINUS + shown if value < 0 else f"+{shown}" if sign else shown
