"""motet fuse: several models and classic recommenders as one model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from motet.cli.answer import Answer, Tone, write_line
from motet.cli.grid import grid, number
from motet.cli.options import Data, Out
from motet.cli.verb import verb
from motet.errors import RequestError

Folders = Annotated[
    list[Path],
    typer.Argument(metavar="DIR…", help="Model folders of one project, or of catalogues of different content types."),
]
Members = Annotated[
    str | None, typer.Option("--members", metavar="A,B,…", help="Classic members: popularity, item_knn, ease, als.")
]
Method = Annotated[str, typer.Option("--method", help="vote, mean or stack.")]


@verb(
    "motet fuse runs/shop --members popularity,item_knn,ease,als --out runs/fused",
    "motet fuse runs/articles runs/videos --out runs/all",
    "motet fuse runs/seed0 runs/seed1 runs/seed2 --method mean --out runs/three",
)
def fuse(
    tone: Tone,
    folders: Folders,
    out: Out,
    members: Members = None,
    method: Method = "stack",
    data: Data = None,
) -> Answer:
    """Fuse models, and classic recommenders for their lists, into a folder that serves like any other.

    Weights are fitted on validation half A. A stack chooses there among the members alone, their mean, and a logistic
    combination, and so is no worse than the best member on that half; what it reaches on test, and what each member
    adds, is told with intervals.

    Models of catalogues of different content types (articles, videos, products), without an item in common, become one
    folder with one list over all of them; --method says nothing there.
    """
    from motet.stages.fusing import fuse as fuse_models
    from motet.stages.joining import join, other_items

    if other_items(folders):
        if members:
            raise RequestError("Classic members rank items of one catalogue.", "Fuse each catalogue with them first.")
        joined = join(folders, out, data=data)
        return Answer(f"{render_joined(joined)}\n\nmodel folder: {joined['path']}", joined)

    def say(task: str) -> None:
        if not (tone.quiet or tone.as_json):
            write_line(f"fusing {task}", error=True)

    named = [each.strip() for each in (members or "").split(",") if each.strip()]
    found = fuse_models(folders, out, members=named, method=method, data=data, on_task=say)  # type: ignore[arg-type]
    return Answer(f"{render(found)}\n\nmodel folder: {found['path']}", found)


def render(found: Mapping[str, Any]) -> str:
    """Return what was chosen per task, then what each member reaches and adds."""
    rows = [
        [task, each["metric"], each["chosen"], each["best_member"], *_change(each["gain"])]
        for task, each in found["tasks"].items()
    ]
    heads = ("task", "metric", "chosen", "best member", "fused − it", "low", "high")
    lines = [grid(heads, rows, right=(4, 5, 6)), ""]
    rows = [
        [task, name, number(own["valid"]), number(own["test"]), *_change(own["adds"])]
        for task, each in found["tasks"].items()
        for name, own in each["members"].items()
    ]
    heads = ("task", "member", "on A", "on test", "adds", "low", "high")
    return "\n".join([*lines, grid(heads, rows, right=range(2, 7))])


def render_joined(found: Mapping[str, Any]) -> str:
    """Return the content types that were joined, and how well a user's own events tell the type of the next."""
    rows = [
        [
            name,
            number(each["items"]),
            number(each["events"]),
            number(each["share"]),
            ", ".join(each["tasks_left"]) or "-",
        ]
        for name, each in found["members"].items()
    ]
    table = grid(("content type", "items", "events", "share", "tasks left to its own folder"), rows, right=(1, 2, 3))
    loss = found["log_loss"]
    lines = [
        f"{found['users']:,} users, {found['users_of_several']:,} of them with events of several types; lists weigh: "
        f"{', '.join(found['tasks'])}.",
        f"The type of an event, told from the user's other events: log loss {number(loss['own'])}, from all users' "
        f"shares alone {number(loss['all'])}.",
    ]
    return "\n".join([table, "", *lines])


def _change(told: Mapping[str, float | None] | None) -> list[str]:
    keys = ("difference", "low", "high")
    return ["-"] * 3 if told is None else [number(told[key]) for key in keys]
