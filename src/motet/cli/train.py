"""motet train: one model for all tasks, or for one of them, without a comparison."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.finished import chosen_lines, folds_table, leftovers, metrics_table, places, whereabouts
from motet.cli.grid import duration
from motet.cli.options import Data, Out, ProjectFile, Resume, Settings, read_project
from motet.cli.verb import verb

Single = Annotated[str | None, typer.Option("--single", metavar="TASK", help="Train this task alone.")]


@verb(
    "motet train motet.toml --out runs/shop",
    "motet train motet.toml --out runs/rating --single rating",
    "motet train motet.toml --out runs/quick --set train.epochs=5 --set encoder.name=lexical",
    "motet train motet.toml --out runs/shop --resume",
)
def train(
    tone: Tone,
    project: ProjectFile,
    out: Out,
    data: Data = None,
    single: Single = None,
    settings: Settings = None,
    resume: Resume = False,
) -> Answer:
    """Train the joint model and pack it into a folder.

    The model is judged on the test questions. Whether sharing helped is what certify finds out.
    """
    from motet import workflow
    from motet.cli.watching import watching

    declared, began = read_project(project, data, settings), time.monotonic()
    with watching(tone) as watch:
        result = workflow.train(declared, out, single=single, resume=resume, watch=watch)
    seconds = time.monotonic() - began
    where = whereabouts(result.path, declared, result)
    tables = f"{metrics_table(result.evaluation)}{folds_table(result)}"
    text = f"{chosen_lines(result)}{tables}\n\nin {duration(seconds)}\n{where}"
    return Answer(
        text,
        {
            **result.evaluation.to_json(),
            **places(result.path),
            **leftovers(result),
            "seconds": round(seconds, 3),
        },
    )
