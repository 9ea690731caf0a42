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
    """Show every task's metrics, an overall row, and where the model is weak.

    Reads the project's tables again; the folder remembers where they were, and --data says where they are now.
    """
    from motet import workflow

    found = workflow.evaluate(folder, split=split, data=data)
    parts = [metrics_table(found), *([slices_table(found)] if found.slices.height else [])]
    return Answer("\n\n".join(parts), found.to_json())


def slices_table(evaluation: Evaluation) -> str:
    """Return the primary metric of each task within each slice."""
    rows = [
        [row["task"], row["slice"], row["label"], row["metric"], number(row["value"]), number(row["n"])]
        for row in evaluation.slices.to_dicts()
    ]
    return grid(("task", "slice", "", "metric", "value", "questions"), rows, right=(4, 5))
