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
    typer.Option(
        "--methods",
        metavar="A,B,…",
        help="Of distil, narrow, prune, student, onnx, int8; or all (default: onnx,int8).",
    ),
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

    Every method is tried alone, then all that hold together. Chosen is the smallest or the quickest form of which no
    task is worse by more than one percent on validation questions; it is written where that is so on test questions,
    too. Otherwise the exit code is 3.
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
    lines = [sizes_table(told, made), "", tasks_table(made)] if made else []
    lines += [
        f"left out: {'+'.join(each['methods'])} ({each['left_out']})" for each in told["candidates"] if each["left_out"]
    ]
    for each in made:
        if each["worse"]:
            lines.append(f"worse: {'+'.join(each['methods'])} in {', '.join(each['worse'])}.")
    if told["certificate"]:
        chosen = {"methods": [told["chosen"]], "tasks": told["certificate"]}
        lines += ["", "certificate of the chosen form against the original:", tasks_table([chosen])]
    if found.failed:
        lines.append(f"worse on test: {told['chosen']} in {', '.join(found.failed)}.")
    if found.path is None:
        lines.append("nothing was written: no form holds and gains; --force writes the best of them.")
    else:
        lines.append(f"written{' by force' if found.forced else ''}: {told['chosen']} in {found.path}")
    return "\n".join(lines)


def sizes_table(told: Mapping[str, Any], made: list[Mapping[str, Any]]) -> str:
    """Return a row per form: bytes, one question's milliseconds, lists and texts a second, each after / before.

    encoder: the bytes of the language model beside the folder. share: of all bytes.
    """
    original = told["original_bytes"] + told["original_encoder_bytes"]
    rows = [["original", _bytes(told["original_bytes"]), _bytes(told["original_encoder_bytes"]), "", *[""] * 5]]
    for each in made:
        before, pace = each["before"], each["pace"]
        share = f"{100 * (each['bytes'] + each['encoder_bytes']) / max(1, original):.1f} %"
        cells = [
            f"{number(pace[name])} / {number(before[name])}" if pace[name] is not None else "-"
            for name in ("list_ms", "lists", "answer_ms", "answers", "encoded")
        ]
        rows.append(["+".join(each["methods"]), _bytes(each["bytes"]), _bytes(each["encoder_bytes"]), share, *cells])
    heads = ("form", "bytes", "encoder", "share", "list ms", "lists/s", "answer ms", "answers/s", "texts/s")
    return grid(heads, rows, right=range(1, len(heads)))


def tasks_table(made: list[Mapping[str, Any]]) -> str:
    """Return a row per form and task: the certificate against the original."""
    columns = ("original", "compressed", "difference", "low", "high")
    rows = [
        [name, task, one["metric"], one["asked"], *(number(one[column]) for column in columns), one["verdict"]]
        for name, tasks in (("+".join(each["methods"]), each["tasks"]) for each in made)
        for task, one in tasks.items()
    ]
    heads = ("form", "task", "metric", "asked", *columns, "verdict")
    return grid(heads, rows, right=range(4, 9))


def _bytes(count: int) -> str:
    return f"{count:,}"
