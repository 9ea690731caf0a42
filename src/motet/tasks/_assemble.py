"""Questions and labels to examples; what is unknown is left out and counted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from motet.schema import TaskBase
from motet.tasks._anchors import Anchors
from motet.tasks._protocol import Examples, Output, Source


def assemble(
    task: TaskBase,
    output: Output,
    *,
    sources: tuple[Source, ...],
    anchors: Anchors,
    label: pl.Series,
    coverage: float | None = None,
    counts: Mapping[str, int] | None = None,
) -> Examples:
    """Return the examples whose label is known and whose row belongs to a part.

    coverage: share of the table's rows with a known label; by default that of the given anchors.
    """
    known = label.is_not_null().to_numpy()
    placed = anchors.part_n >= 0
    left_out = {"unknown label": int((~known).sum()), "in no part": int((known & ~placed).sum()), **(counts or {})}
    index = np.flatnonzero(known & placed)
    kept = anchors.take(index)
    history, item = "history" in sources, "item" in sources
    return Examples(
        task=task.name,
        kind=getattr(task, "kind", ""),
        output=output,
        table=task.table,
        sources=sources,
        row_n=kept.row_n,
        user_n=kept.user_n if history else None,
        cut_n=kept.cut_n if history else None,
        now_n=kept.now_n if history else None,
        item_n=kept.item_n if item else None,
        label=label.gather(index).rename("label"),
        part_n=kept.part_n,
        unit=kept.unit.rename("unit"),
        other_n=kept.other_n,
        other_cut_n=kept.other_cut_n,
        coverage=float(known.mean()) if coverage is None and len(known) else float(coverage or 0.0),
        counts={reason: count for reason, count in left_out.items() if count},
    )
