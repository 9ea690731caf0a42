"""motet evaluate: judge a model folder again, on its data read anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.finished import metrics_table
from motet.cli.grid import grid, number
from motet.cli.options import Data, ModelFolder
from motet.cli.update import Events, StoreAt, quality_table
from motet.cli.verb import verb

if TYPE_CHECKING:
    from motet.evaluate import Evaluation
    from motet.workflow import Quality

RECENT = 4
"""The exit code where a main task asks for training anew."""

Split = Annotated[str, typer.Option("--split", help="Which questions: test or valid.")]


@verb(
    "motet evaluate runs/shop",
    "motet evaluate runs/shop --split valid",
    "motet evaluate runs/shop --data /data/shop --json",
    "motet evaluate runs/shop --events new.csv",
    "motet evaluate runs/shop --store shop.db --json",
)
def evaluate(
    tone: Tone,
    folder: ModelFolder,
    split: Split = "test",
    data: Data = None,
    events: Events = None,
    store: StoreAt = None,
) -> Answer:
    """Show every task's metrics, before and after calibration, the health of lists, and where the model is weak.

    Reads the project's tables again; the folder remembers where they were, and --data says where they are now.

    With --events or --store the questions are those that came since, beside what was certified: where a main task fell
    below `update.retrain_below` of that, it says so, and the exit code is 4.
    """
    from motet import workflow

    if events is not None or store is not None:
        return recent(workflow.evaluate_recent(folder, events=events, store=store, data=data))
    found = workflow.evaluate(folder, split=split, data=data)
    parts = [metrics_table(found), *seeds_note(folder)]
    parts += [lists_table(found)] if found.lists else []
    parts += [intervals_table(found)] if found.intervals else []
    parts += [slices_table(found)] if found.slices.height else []
    return Answer("\n\n".join(parts), found.to_json())


def seeds_note(folder: Path) -> list[str]:
    """Return why these numbers are not the certificate's, where it holds means over several seeds."""
    from motet.artifact import layout, open_folder

    opened = open_folder(folder)
    seeds = opened.json(layout.CERTIFICATE).get("seeds") or () if opened.has(layout.CERTIFICATE) else ()
    if len(seeds) < 2:
        return []
    ships = seeds[0] if opened.manifest.seed is None else opened.manifest.seed
    return [f"The very model that ships, seed {ships}; the certificate shows means over {len(seeds)} seeds."]


def recent(found: Mapping[str, Quality]) -> Answer:
    """Return how the model does on what came since, and whether that asks for training anew."""
    anew = [task for task, each in found.items() if each.below]
    lines = [quality_table(found) if found else "nothing new to judge on.", ""]
    if anew:
        lines.append(f"{', '.join(anew)} fell too far below what was certified: motet update --auto trains anew.")
    rows = {task: each.to_json() for task, each in found.items()}
    return Answer(
        "\n".join(lines).rstrip(), {"tasks": rows, "retrain": bool(anew), "below": anew}, RECENT if anew else 0
    )


def lists_table(evaluation: Evaluation) -> str:
    """Return the health of every ranking's lists, beside how often they hit."""
    names = list(dict.fromkeys(name for each in evaluation.lists.values() for name in each))
    rows = [[task, *(number(each.get(name)) for name in names)] for task, each in evaluation.lists.items()]
    return grid(("lists of", *names), rows, right=range(1, len(names) + 1))


def intervals_table(evaluation: Evaluation) -> str:
    """Return how many truths the intervals around numbers hold, against what was promised, and how wide they are."""
    names = ("level", "coverage", "width", "median_width", "questions")
    rows = [[task, *(number(each[name]) for name in names)] for task, each in evaluation.intervals.items()]
    return grid(("interval of", *(name.replace("_", " ") for name in names)), rows, right=range(1, len(names) + 1))


def slices_table(evaluation: Evaluation) -> str:
    """Return the primary metric of each task within each slice."""
    rows = [
        [row["task"], row["slice"], row["label"], row["metric"], number(row["value"]), number(row["n"])]
        for row in evaluation.slices.to_dicts()
    ]
    return grid(("task", "slice", "", "metric", "value", "questions"), rows, right=(4, 5))
