"""motet tune-weights: what lists should weigh for a stated goal, certified on the lists of users that had no say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from motet.cli.answer import Answer, Tone, plain
from motet.cli.grid import grid, number
from motet.cli.options import Data, ModelFolder
from motet.cli.verb import verb
from motet.errors import RequestError

Goal = Annotated[str, typer.Option("--goal", metavar="TASK:+X%", help="What is to grow, and by how much at least.")]
Limits = Annotated[
    list[str] | None, typer.Option("--limit", metavar="TASK:-X%", help="What may fall, and by how much. Repeatable.")
]
Length = Annotated[int, typer.Option("--length", "-k", help="How many items a list has.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where the record goes, as JSON.")]
Save = Annotated[bool, typer.Option("--save", help="Put the weights into the folder, unless an aim is missed.")]


@verb(
    "motet tune-weights runs/shop --goal buy:+5% --limit next_item:-1%",
    "motet tune-weights runs/shop --goal rating:+2% --limit next_item:-1% --save",
)
def tune_weights(
    tone: Tone,
    folder: ModelFolder,
    goal: Goal,
    limits: Limits = None,
    length: Length = 10,
    out: Out = None,
    save: Save = False,
    data: Data = None,
) -> Answer:
    """Find weights that reach a goal within limits on some users, and certify them on the lists of others.

    Lists are judged as they are served: limits, segments, quotas and popularity of the project hold. The ranking's
    objective is the ndcg of the item that came; that of any other task is its mean calibrated probability in the lists,
    which is what the model expects, not what was observed.
    """
    from motet.recommend.question import MAX_K
    from motet.stages.tuning import Aim, tune

    if not 1 <= length <= MAX_K:
        raise RequestError(f"Expected --length from 1 to {MAX_K}, found {length}.", "Change it.")
    aims = [Aim.parse(limit) for limit in limits or ()]
    found = tune(folder, Aim.parse(goal), aims, data=data, k=length, save=save)
    if out is not None:
        out.write_text(json.dumps(plain(found), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Answer(render(found, asked=save), found)


def render(found: Mapping[str, Any], *, asked: bool = False) -> str:
    """Return the objectives before and after, and the weights as the project file takes them."""
    rows = [
        [task, *(number(each[key]) for key in ("before", "after", "difference", "low", "high")), each["verdict"] or ""]
        for task, each in found["objectives"].items()
    ]
    heads = ("objective", "before", "after", "difference", "low", "high", "verdict")
    lines = [grid(heads, rows, right=range(1, 6)), "", f"on {found['users']['test']:,} test users; weights:"]
    lines += ["[blend.weights]", *(f"{task} = {weight:g}" for task, weight in found["weights"].items()), ""]
    lines += [
        f"the segment '{name}' keeps weights of its own, which stand first ({count:,} of the test questions)"
        for name, count in found["segments"].items()
    ]
    knee = ", ".join(f"{task} {weight:g}" for task, weight in found["knee"]["weights"].items())
    lines.append(f"knee of the front ({len(found['front'])} of the weightings that were tried): {knee}")
    if asked:
        lines.append("saved." if found["saved"] else "not saved: an aim is missed on test users.")
    return "\n".join(lines)
