"""What may be said about a certificate, in sentences, the unpleasant ones included."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motet.transfer.certificate import Certificate, Comparison, Sharing, Verdict

ORDER: tuple[Verdict, ...] = ("improved", "not worse", "unclear", "harmed")


def routed(certificate: Certificate) -> list[str]:
    """Return the tasks that are answered by their twins."""
    return [name for name, row in certificate.tasks.items() if row.repair == "twin"]


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
        _routing(certificate),
        _savings(certificate.sharing),
        *_helpers(certificate),
        *_tutored(certificate),
        *_cost(certificate.sharing),
    )


def would_tell(comparison: Comparison) -> str:
    """Return what would settle an unclear verdict, in words; empty for other verdicts and undefined differences."""
    if comparison.verdict != "unclear" or not math.isfinite(comparison.low):
        return ""
    units, seeds = comparison.needed, comparison.needed_seeds
    if units is None and seeds is None:
        return "more data would hardly tell"
    counts = ([f"{units:,} users or rows"] if units else []) + ([f"{seeds} seeds"] if seeds else [])
    return f"about {' and '.join(counts)} would tell"


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
    told = {name: would_tell(row.shipped) for name, row in certificate.tasks.items()}
    found = [f"{name} ({words})" for name, words in told.items() if words]
    return [f"Left open: {', '.join(found)}."] if found else []


def _repairs(certificate: Certificate) -> list[str]:
    found = [f"{name} ({row.repair})" for name, row in certificate.tasks.items() if row.repair not in (None, "twin")]
    return [f"Repaired within the shared model or beside it: {', '.join(found)}."] if found else []


def _cost(sharing: Sharing) -> list[str]:
    if not sharing.joint_runs > 0:
        return []
    return [f"All training for this certificate took as long as {sharing.joint_runs:.1f} joint runs."]


def _routing(certificate: Certificate) -> str:
    names, total = routed(certificate), len(certificate.tasks)
    if not names:
        return "No task is routed to its twin."
    listed = f"{len(names)} of {total} routed to the twin: {', '.join(names)}."
    return f"Sharing failed: more than a third of the tasks, {listed}" if sharing_failed(certificate) else listed


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
