"""motet evaluate: judge a model folder again, on its data read anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.finished import metrics_table
from motet.cli.grid import grid, number
from motet.cli.options import Data, ModelFolder
from motet.cli.verb import verb

if TYPE_CHECKING:
    from motet.evaluate import Evaluation

Split = Annotated[str, typer.Option("--split", help="Which questions: test or valid.")]


@verb(
    "motet evaluate runs/shop",
    "motet evaluate runs/shop --split valid",
    "motet evaluate runs/shop --data /data/shop --json",
)
def evaluate(tone: Tone, folder: ModelFolder, split: Split = "test", data: Data = None) -> Answer:
    """Show every task's metrics, before and after calibration, the health of lists, and where the model is weak.

    Reads the project's tables again; the folder remembers where they were, and --data says where they are now.
    """
    from motet import workflow

    found = workflow.evaluate(folder, split=split, data=data)
    parts = [metrics_table(found)]
    parts += [lists_table(found)] if found.lists else []
    parts += [intervals_table(found)] if found.intervals else []
    parts += [slices_table(found)] if found.slices.height else []
    return Answer("\n\n".join(parts), found.to_json())


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
