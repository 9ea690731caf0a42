"""motet suggest-labels: which rows are worth labelling next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.files import check_out, read_numbered, write_rows
from motet.cli.grid import counted
from motet.cli.options import Data, ModelFolder
from motet.cli.verb import verb

Task = Annotated[str, typer.Option("--task", "-t", help="The task that labels are wanted for.")]
Input = Annotated[Path, typer.Option("--input", metavar="FILE", help="Rows without labels: csv, parquet or jsonl.")]
Number = Annotated[int, typer.Option("-n", help="How many rows.")]
By = Annotated[str, typer.Option("--by", help="uncertainty, diversity, or both: diverse ones among the unsure.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where they go: .parquet, .csv or .jsonl.")]


@verb(
    "motet suggest-labels runs/clothing --task department --input new.csv --out label_these.csv",
    "motet suggest-labels runs/clothing --task rating --input new.parquet -n 50 --by uncertainty --out next.csv",
)
def suggest_labels(
    tone: Tone,
    folder: ModelFolder,
    task: Task,
    rows: Input,
    out: Out,
    n: Number = 100,
    by: By = "both",
    data: Data = None,
) -> Answer:
    """Write the rows of a file that are most worth labelling, the first one first.

    Each comes with its row number in the file, its rank, and how unsure the model is of it: the entropy of a choice, or
    how far a number wavers when dropout stays on.
    """
    check_out(out)
    import polars as pl

    from motet.cli.predict import typed
    from motet.recommend import load
    from motet.recommend.ask import task_view
    from motet.stages.suggesting import suggest

    bundle = load(folder, data=data)
    asked, numbers = read_numbered(rows)
    found = suggest(bundle, task, typed(asked, bundle, task_view(bundle.loaded, task)), n=n, by=by)  # type: ignore[arg-type]
    places = found.rows.tolist()
    told = {
        "suggested_row": [place + 1 if numbers is None else numbers[place] for place in places],
        "suggested_rank": list(range(1, len(places) + 1)),
        "uncertainty": found.uncertainty.tolist(),
    }
    write_rows(asked[places].hstack(pl.DataFrame(told)), out)
    record = {
        "task": task,
        "by": by,
        "rows": told["suggested_row"],
        "uncertainty": told["uncertainty"],
        "out": str(out),
    }
    return Answer(f"{counted(len(places), 'row')} to label for {task}: {out}", record)
