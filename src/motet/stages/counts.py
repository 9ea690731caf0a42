"""What reading, dividing and labelling counted, for people and for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from motet.data import Tables
from motet.data.cells import UNKNOWN
from motet.language.template import ROW_CHARACTERS
from motet.schema import TEST, TRAIN, VALID

if TYPE_CHECKING:  # a study needs torch, and `motet check` counts without it
    from motet.stages.study import Study


def table_counts(tables: Tables) -> dict[str, Any]:
    """Return, per table: rows read, kept, removed as duplicates, set aside as bad, and outliers by column."""
    return {
        name: {
            "rows_read": table.rows_read,
            "rows": table.frame.height,
            "duplicates": table.duplicates,
            "quarantined": table.quarantined,
            "outliers": {column: count for column, count in table.outliers.items() if count},
        }
        for name, table in tables.tables.items()
    }


def task_counts(examples: dict[str, Any]) -> dict[str, Any]:
    """Return, per task: labelled examples in each part, label coverage, and what was left out and why."""
    return {
        name: {
            "train": int((each.part_n == TRAIN).sum()),
            "valid": int((each.part_n == VALID).sum()),
            "test": int((each.part_n == TEST).sum()),
            "coverage": each.coverage,
            "left_out": dict(each.counts),
        }
        for name, each in examples.items()
    }


def doubtful_labels(examples: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Return, per task, the classes or tags that elsewhere say "unknown" (NA, null, none), and how often they occur."""
    found = {}
    for name, each in examples.items():
        label = each.label.explode() if isinstance(each.label.dtype, pl.List) else each.label
        if each.output in ("class", "tags") and label.dtype == pl.String:
            counts = label.filter(label.str.to_lowercase().is_in([*UNKNOWN, "nan"])).value_counts(sort=True)
            if counts.height:
                found[name] = {str(word): int(count) for word, count in counts.iter_rows()}
    return found


def data_counts(study: Study, tables: Tables) -> dict[str, Any]:
    """Return both, and what the split removed."""
    truncated = 0 if study.encoder is None else study.encoder.truncated
    return {
        "tables": table_counts(tables),
        "tasks": task_counts(dict(study.examples)),
        "removed": dict(study.division.removed),
        "split": study.project.resolved_split(),
        "truncated_texts": truncated,
        "cut_texts": _cut_texts(study),
    }


def _cut_texts(study: Study) -> int:
    """Rows of which n-grams see head and tail only, because a column is longer than they read."""
    views = {view.name: view for view in study.features.state.views.values() if "text" in view.sources}
    found = 0
    for view in views.values():
        long = [pl.col(name).cast(pl.String).str.len_chars() > ROW_CHARACTERS for name in view.text]
        frame = study.division.inputs[view.table]
        found += int(frame.select(pl.any_horizontal(long).fill_null(False)).to_series().sum()) if long else 0
    return found
