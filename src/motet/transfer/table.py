"""The certificate as text: readable in a terminal without colours, in a log, in a mail."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from motet.notebook import paragraph
from motet.notebook import table as html_table
from motet.transfer.claims import claims, repair_of, would_tell
from motet.transfer.grid import grid

if TYPE_CHECKING:
    from motet.transfer.certificate import Certificate, Comparison, TaskCertificate

HEADER = ("task", "kind", "metric", "twin", "joint", "difference [95 % interval]", "verdict", "repair", "baseline")
NUMBERS = (3, 4)
"""Columns that are aligned to the right."""


def render(certificate: Certificate) -> str:
    """Return the table, one row per task, then how to read it, then the claims."""
    table = grid(HEADER, [_row(row, certificate.folds) for row in certificate.tasks.values()], right=NUMBERS)
    return "\n".join([table, "", _legend(certificate), *claims(certificate)])


def render_html(certificate: Certificate) -> str:
    """Return the same for a notebook, as HTML with every text escaped."""
    table = html_table(HEADER, [_row(row, certificate.folds) for row in certificate.tasks.values()], right=NUMBERS)
    return "".join([table, *map(paragraph, (_legend(certificate), *claims(certificate)))])


def _row(row: TaskCertificate, folds: int) -> tuple[str, ...]:
    shipped = row.shipped
    change = f"{_number(shipped.difference, sign=True)} [{_number(shipped.low, sign=True)}, "
    baseline = "-" if row.baseline is None else f"{_number(row.baseline)} {row.baseline_name or ''}".rstrip()
    return (
        row.task,
        row.kind,
        row.metric,
        _number(shipped.twin),
        _number(shipped.joint),
        f"{change}{_number(shipped.high, sign=True)}]",
        _verdict(shipped, row.initial, folds),
        repair_of(row) or "-",
        baseline,
    )


def _verdict(shipped: Comparison, initial: Comparison, folds: int) -> str:
    """Return the verdict, with what it was before repair and what would resolve it."""
    notes = [] if initial.verdict == shipped.verdict else [f"was {initial.verdict}"]
    told = would_tell(shipped, folds=folds)
    notes += [told] if told else []
    return f"{shipped.verdict} ({', '.join(notes)})" if notes else shipped.verdict


def _legend(certificate: Certificate) -> str:
    over = f"users or rows and {len(certificate.seeds)} seeds"
    if certificate.folds:
        over = (
            f"{certificate.folds} folds, corrected for the training rows that they share (the last fold's model ships)"
        )
    return (
        "difference: joint - twin, signed so that positive is better; mean and interval over "
        f"{over}; not worse: at most {100 * certificate.margin:g} % below the twin."
    )


def _number(value: float, *, sign: bool = False) -> str:
    """Return a value with four decimals, or fewer where it is large."""
    if not math.isfinite(value):
        return "-"
    decimals = max(0, 4 - max(0, len(str(int(abs(value)))) - 1))
    return f"{value:{'+' if sign else ''}.{decimals}f}"
