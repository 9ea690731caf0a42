"""motet compare: model folders side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import duration, grid, number
from motet.cli.verb import verb

Folders = Annotated[list[Path], typer.Argument(metavar="DIR DIR…", help="Two or more model folders.")]
Page = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", help="Also write a page, for instance c.html.")
]


@verb(
    "motet compare runs/old runs/new",
    "motet compare runs/a runs/b runs/c --out compare.html",
    "motet compare runs/old runs/new --json",
)
def compare(tone: Tone, folders: Folders, out: Page = None) -> Answer:
    """Put model folders side by side: metrics, settings that differ, sizes and seconds.

    Differences are to the first folder, signed so that positive is better, with 95 % intervals where both folders keep
    their answers to the same test questions; where they do not, the reason is told.
    """
    from motet.report.comparison import compare_folders
    from motet.report.comparison_page import comparison_page

    found = compare_folders(folders)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(comparison_page(found), encoding="utf-8")
    end = f"\n\npage: {out}" if out else ""
    return Answer(render(found) + end, {**found, "page": None if out is None else str(out)})


def render(found: Mapping[str, Any]) -> str:
    """Return a comparison, for people."""
    from motet.report.comparison import SIGN

    names = [run["name"] for run in found["runs"]]
    parts = [f"{_tasks(found, names)}\n{SIGN.format(name=names[0])}", _costs(found, names)]
    if found["settings"]:
        rows = [[key, *("not set" if value is None else str(value) for value in each)]
                for key, each in found["settings"].items()]  # fmt: skip
        parts.append(grid(("settings that differ", *names), rows))
    else:
        parts.append("The project files say the same.")
    return "\n\n".join([*parts, "\n".join(found["notes"])])


def _tasks(found: Mapping[str, Any], names: list[str]) -> str:
    from motet.report.comparison import overall_name

    heads, right = ["task", "metric", names[0]], [2]
    for name in names[1:]:
        right += [len(heads), len(heads) + 1]
        heads += [name, "difference"]
    rows = []
    for task, row in found["tasks"].items():
        cells = [
            task,
            f"{row['metric'] or '-'}{' (an error)' if row['lower_is_better'] else ''}",
            number(row["values"][0]),
        ]
        columns = (row["values"][1:], row["differences"][1:], row["paired"][1:])
        for value, difference, interval in zip(*columns, strict=True):
            ends = "" if interval is None else f" [{_signed(interval['low'])}, {_signed(interval['high'])}]"
            cells += [number(value), f"{_signed(difference)}{ends}"]
        rows.append(cells)
    scores = found["overall"]["scores"]
    last = [overall_name(found), "", number(scores[0])]
    for score in scores[1:]:
        both = score is not None and scores[0] is not None
        last += [number(score), _signed(score - scores[0] if both else None)]
    return grid(heads, [*rows, last], right=right)


def _costs(found: Mapping[str, Any], names: list[str]) -> str:
    shown = {
        "model folder": [f"{run['bytes'] / 2**20:.1f} MiB" for run in found["runs"]],
        "parameters": [number(run["parameters"]) for run in found["runs"]],
        "training": [duration(run["train_seconds"]) if run["train_seconds"] else "-" for run in found["runs"]],
        "per request": [f"{run['latency_ms']:.1f} ms" if run["latency_ms"] else "-" for run in found["runs"]],
        "encoder": [str(run["encoder"] or "-").split(":")[0] for run in found["runs"]],
        "motet": [run["motet"] for run in found["runs"]],
    }
    rows = [[name, *values] for name, values in shown.items()]
    return grid(("", *names), rows, right=range(1, 1 + len(names)))


def _signed(difference: float | None) -> str:
    if difference is None:
        return "-"
    shown = number(difference)
    return shown if shown.startswith("-") else f"+{shown}"
