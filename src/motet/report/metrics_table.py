"""Every task's metrics: one table per family of tasks that are judged alike, so that no table has holes."""

from __future__ import annotations

from collections.abc import Sequence

from motet.report.figures import count, number
from motet.report.markup import Child, Html, el, join, named
from motet.report.saved import Saved, lower_is_better
from motet.report.section import metric_name, note, section, table
from motet.report.words import Words


def metrics_table(saved: Saved, words: Words) -> Html:
    """Return the section."""
    families: dict[tuple[str, ...], list[str]] = {}
    for task, values in saved.judged.items():
        families.setdefault(tuple(values), []).append(task)
    if not families:
        return section("metrics", words, note(words))
    tables = [_table(saved, metrics, tasks, words) for metrics, tasks in families.items()]
    return section("metrics", words, join(tables), el("p", words("errors_note"), class_="aside"))


def _table(saved: Saved, metrics: Sequence[str], tasks: Sequence[str], words: Words) -> Html:
    names = [metric_name(metric, lower=lower_is_better(metric)) for metric in metrics]
    heads: list[Child] = [words("task_name"), words("questions"), *names]
    asked = saved.metrics.get("questions") or {}
    rows: list[list[Child]] = []
    for task in tasks:
        primary = saved.primary(task)
        values: list[Child] = [
            el("strong" if metric == primary else "span", number(saved.judged[task].get(metric))) for metric in metrics
        ]
        rows.append([named(task), count(asked.get(task)), *values])
    label = f"{words('metrics')}: {', '.join(tasks)}"
    return table(heads, rows, label=label, numbers=range(1, len(heads)))
