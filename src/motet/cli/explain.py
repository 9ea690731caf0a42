"""motet explain: a small tree that imitates a task, with how faithfully it does."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Annotated

import typer

from motet.cli.answer import Answer, Tone, plain
from motet.cli.options import Data, ModelFolder
from motet.cli.verb import verb
from motet.errors import RequestError

Task = Annotated[str, typer.Option("--task", "-t", help="Which task.")]
Method = Annotated[str, typer.Option("--method", help="surrogate: a decision tree of the task's predictions.")]
Depth = Annotated[int, typer.Option("--depth", help="How many questions the tree asks one after the other.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where it goes: .json or .html.")]


@verb("motet explain runs/census --task income", "motet explain runs/census --task income --out tree.html")
def explain(
    tone: Tone,
    folder: ModelFolder,
    task: Task,
    method: Method = "surrogate",
    depth: Depth = 4,
    out: Out = None,
    data: Data = None,
) -> Answer:
    """Show a small decision tree that imitates a task's predictions, and how well it does on rows it did not see.

    Single answers are explained by predict, lists by recommend.
    """
    if method != "surrogate":
        raise RequestError(f"There is no method '{method}'; known: surrogate.", "Use --method surrogate.")
    if not 1 <= depth <= 10:
        raise RequestError(f"Expected --depth from 1 to 10, found {depth}.", "Change it.")
    if out is not None and out.suffix.lower() not in (".json", ".html"):
        raise RequestError(f"'{out}' is neither .json nor .html.", "For instance: --out tree.html")
    from motet.stages.surrogate import surrogate

    found = surrogate(folder, task, data=data, depth=depth)
    name = "R²" if found.measure == "r2" else found.measure
    fidelity = f"{name} {found.fidelity:.3f} on {found.rows[1]:,} rows that the tree did not see"
    text = f"{task}: {fidelity}\n{found.rules}"
    if out is not None:
        page = (
            f'<!doctype html>\n<meta charset="utf-8"><title>{html.escape(task)}</title><pre>{html.escape(text)}</pre>\n'
        )
        record = json.dumps(plain(found.to_json()), ensure_ascii=False, indent=1) + "\n"
        out.write_text(page if out.suffix.lower() == ".html" else record, encoding="utf-8")
    return Answer(text, found.to_json())
