"""What may be said about a certificate, in sentences, the unpleasant ones included."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motet.transfer.certificate import Certificate, Comparison, Sharing, TaskCertificate, Verdict

ORDER: tuple[Verdict, ...] = ("improved", "not worse", "unclear", "harmed")
FEWEST = 10
"""Users or rows without which a task is neither improved nor not worse, unless its twin answers it."""
NO_REPAIR = "none"
"""Among the repairs of folds, the word for a fold that needed none."""


def routed(certificate: Certificate) -> list[str]:
    """Return the tasks that are answered by their twins; over folds, by most folds' twins."""
    return [name for name, row in certificate.tasks.items() if row.routed]


def sharing_failed(certificate: Certificate) -> bool:
    """Return whether more than a third of the tasks had to be routed to their twins."""
    return 3 * len(routed(certificate)) > len(certificate.tasks)


def claims(certificate: Certificate) -> tuple[str, ...]:
    """Return the sentences: before repair, as shipped, left open, repaired, routed, saved, who helped, and the cost."""
    rows = certificate.tasks.values()
    before = sum(row.initial.verdict == "harmed" for row in rows)
    counts = Counter(row.shipped.verdict for row in rows)
    as_shipped = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ORDER)
    return (
        f"Before repair, sharing was found to harm {before} of {len(rows)} tasks.",
        f"As shipped: {as_shipped}.",
        *_left_open(certificate),
        *_repairs(certificate),
        *_routing(certificate),
        _savings(certificate.sharing),
        *_helpers(certificate),
        *_tutored(certificate),
        *_cost(certificate.sharing),
    )


def would_tell(comparison: Comparison, *, folds: int = 0) -> str:
    """Return what would settle an unclear verdict, in words; empty for other verdicts and undefined differences.

    folds: how many the comparison is over; of these nothing is said but that there are too few users or rows.
    """
    if comparison.verdict != "unclear" or not math.isfinite(comparison.low):
        return ""
    units, seeds = comparison.needed, comparison.needed_seeds
    few = units is not None and units <= FEWEST
    if folds and not few:
        return ""
    if units is None and seeds is None:
        return "more data would hardly tell"
    counts = ([f"{units:,} users or rows"] if units else []) + ([f"{seeds} seeds"] if seeds else [])
    listed = " and ".join(counts)
    return f"at least {listed} are needed" if few else f"about {listed} would tell"


def repair_of(row: TaskCertificate) -> str:
    """Return how a task was repaired, over folds in how many of them and how it ships; empty where nothing was."""
    taken = [(rung, count) for rung, count in row.repairs.items() if rung != NO_REPAIR]
    if not taken:
        return row.repair or ""
    counts = ", ".join(f"{rung} in {count}" for rung, count in taken)
    ships = f"; ships: {row.repair or NO_REPAIR}" if len(row.repairs) > 1 else ""
    return f"{counts} of {sum(row.repairs.values())} folds{ships}"


def _helpers(certificate: Certificate) -> list[str]:
    names = ", ".join(certificate.auxiliary)
    return [f"Trained only to help, neither judged nor counted: {names}."] if names else []


def _tutored(certificate: Certificate) -> list[str]:
    """A gain may then come from several twins' answers rather than from the other tasks, which has to be said."""
    if not certificate.tutored:
        return []
    named = [f"{task} ({value:.4f})" if math.isfinite(value) else task for task, value in certificate.tutored.items()]
    return [
        "Tutored by the twins of all seeds, whose training is not among the savings (in brackets what they reach when "
        f"they answer together): {', '.join(named)}."
    ]


def _left_open(certificate: Certificate) -> list[str]:
    told = {name: would_tell(row.shipped, folds=certificate.folds) for name, row in certificate.tasks.items()}
    found = [f"{name} ({words})" for name, words in told.items() if words]
    return [f"Left open: {', '.join(found)}."] if found else []


def _repairs(certificate: Certificate) -> list[str]:
    found = [f"{name} ({repair_of(row)})" for name, row in certificate.tasks.items() if _mended(row)]
    return [f"Repaired within the shared model or beside it: {', '.join(found)}."] if found else []


def _mended(row: TaskCertificate) -> bool:
    """Whether a repair other than the twin was taken, in some fold at least."""
    return bool({row.repair, *row.repairs} - {None, "twin", NO_REPAIR})


def _cost(sharing: Sharing) -> list[str]:
    if not sharing.joint_runs > 0:
        return []
    times = f"{sharing.joint_runs:.1f} times as long as that of the joint model"
    return [f"All training for this certificate took {times}, all seeds counted in both."]


def _routing(certificate: Certificate) -> list[str]:
    names, rows = routed(certificate), certificate.tasks
    partly = [name for name, row in rows.items() if name not in names and row.repairs.get("twin")]
    said = [f"Routed to the twin in fewer folds: {_named(partly, rows)}."] if partly else []
    if not names:
        return [f"No task is routed to its twin{' in most folds' if partly else ''}.", *said]
    listed = f"{len(names)} of {len(rows)} routed to the twin: {_named(names, rows)}."
    failed = "Sharing failed: more than a third of the tasks, " if sharing_failed(certificate) else ""
    return [f"{failed}{listed}", *said]


def _named(names: list[str], rows: Mapping[str, TaskCertificate]) -> str:
    return ", ".join(f"{name}{_in_folds(rows[name])}" for name in names)


def _in_folds(row: TaskCertificate) -> str:
    """In how many folds a task is routed, and whether the last, whose model ships, is one where that may surprise."""
    if not row.repairs:
        return ""
    note = "" if row.routed == (row.repair == "twin") else ", but not as shipped" if row.routed else ", and as shipped"
    return f" (in {row.repairs.get('twin', 0)} of {sum(row.repairs.values())} folds{note})"


def _savings(sharing: Sharing) -> str:
    parts = (
        ("parameters", sharing.parameters, sharing.twin_parameters),
        ("training seconds", sharing.train_seconds, sharing.twin_seconds),
        ("latency", sharing.latency_ms, sharing.twin_latency_ms),
    )
    changes = [f"{what} {100 * (ours / theirs - 1):+.0f} %" for what, ours, theirs in parts if theirs > 0]
    if not changes:
        return "What sharing saves was not measured."
    return f"The shared model against the sum of its twins: {', '.join(changes)}."
