"""motet compress: a smaller or faster form of a packed model, certified against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid, number
from motet.cli.options import Data, ModelFolder, Out
from motet.cli.verb import verb

if TYPE_CHECKING:
    from motet.workflow import Compressed

REFUSED = 3
"""The exit code where nothing was written: every form was worse, or no better than the original."""

Goal = Annotated[str, typer.Option("--goal", metavar="size|latency", help="What is to be small: bytes, or waiting.")]
Methods = Annotated[
    str | None,
    typer.Option("--methods", metavar="A,B,…", help="From onnx and int8 (default: both)."),
]
Force = Annotated[bool, typer.Option("--force", help="Write the best form even where a task becomes worse.")]


@verb(
    "motet compress runs/shop --out runs/shop-small",
    "motet compress runs/shop --out runs/shop-fast --goal latency --methods onnx",
    "motet compress runs/shop --out runs/shop-tiny --methods int8 --data /data/shop --json",
)
def compress(
    tone: Tone,
    folder: ModelFolder,
    out: Out,
    goal: Goal = "size",
    methods: Methods = None,
    data: Data = None,
    force: Force = False,
) -> Answer:
    """Make a packed model smaller or faster, and certify it against the original.

    Every method is tried alone, then all that hold together. What is written is the smallest or the quickest form of
    which no task is worse by more than one percent on the test questions; where there is none, the exit code is 3.
    """
    from motet import workflow
    from motet.cli.watching import watching

    named = None if methods is None else [each.strip() for each in methods.split(",") if each.strip()]
    with watching(tone) as watch:
        found = workflow.compress(folder, out, goal=goal, methods=named, data=data, force=force, watch=watch)  # type: ignore[arg-type]
    return Answer(render(found), found.to_json(), 0 if found.path is not None else REFUSED)


def render(found: Compressed) -> str:
    """Return one table of all forms with size and speed, one of the tasks, and what was written."""
    told = found.to_json()
    made = [each for each in told["candidates"] if not each["left_out"]]
    lines = [sizes_table(told["original_bytes"], made), "", tasks_table(made)] if made else []
    lines += [
        f"left out: {'+'.join(each['methods'])} ({each['left_out']})" for each in told["candidates"] if each["left_out"]
    ]
    for each in made:
        if each["worse"]:
            lines.append(f"worse: {'+'.join(each['methods'])} in {', '.join(each['worse'])}.")
    if found.path is None:
        lines.append("nothing was written: no form holds and gains; --force writes the best of them.")
    else:
        lines.append(f"written{' by force' if found.forced else ''}: {told['chosen']} in {found.path}")
    return "\n".join(lines)


def sizes_table(original: int, made: list[Mapping[str, Any]]) -> str:
    """Return a row per form: bytes, one question's milliseconds, lists and texts a second, each after / before."""
    rows = [["original", _bytes(original), "", *[""] * 5]]
    for each in made:
        before, pace = each["before"], each["pace"]
        share = f"{100 * each['bytes'] / max(1, original):.1f} %"
        cells = [
            f"{number(pace[name])} / {number(before[name])}" if pace[name] is not None else "-"
            for name in ("list_ms", "lists", "answer_ms", "answers", "encoded")
        ]
        rows.append(["+".join(each["methods"]), _bytes(each["bytes"]), share, *cells])
    heads = ("form", "bytes", "share", "list ms", "lists/s", "answer ms", "answers/s", "texts/s")
    return grid(heads, rows, right=range(1, len(heads)))


def tasks_table(made: list[Mapping[str, Any]]) -> str:
    """Return a row per form and task: the certificate against the original."""
    columns = ("original", "compressed", "difference", "low", "high")
    rows = [
        ["+".join(each["methods"]), task, one["metric"], *(number(one[name]) for name in columns), one["verdict"]]
        for each in made
        for task, one in each["tasks"].items()
    ]
    heads = ("form", "task", "metric", *columns, "verdict")
    return grid(heads, rows, right=range(3, 8))


def _bytes(count: int) -> str:
    return f"{count:,}"
