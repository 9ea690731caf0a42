"""motet off-policy: what other weights of lists would have earned, from a log with propensities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import number
from motet.cli.options import Data, ModelFolder
from motet.cli.verb import verb
from motet.errors import RequestError

Weights = Annotated[str, typer.Option("--weights", metavar="T=W,…", help="The new weights, as recommend takes them.")]
Log = Annotated[
    Path | None, typer.Option("--log", metavar="FILE", help="Impressions (default: the table with propensities).")
]
Reward = Annotated[str, typer.Option("--reward", metavar="COLUMN[=VALUE]", help="What an impression earned.")]
User = Annotated[str, typer.Option("--user-column", help="Who saw it.")]
Item = Annotated[str, typer.Option("--item-column", help="What was shown.")]
Time = Annotated[str | None, typer.Option("--time-column", help="When; histories end strictly before.")]
Temperature = Annotated[float, typer.Option("--temperature", help="How evenly the new policy draws; 1 as scores say.")]


@verb(
    "motet off-policy runs/shop --log impressions.parquet --weights next_item=1,rating=.5 --reward clicked",
    "motet off-policy runs/shop --weights next_item=1,buy=2 --reward event=buy --json",
)
def off_policy(
    tone: Tone,
    folder: ModelFolder,
    weights: Weights,
    log: Log = None,
    reward: Reward = "reward",
    user_column: User = "user",
    item_column: Item = "item",
    time_column: Time = None,
    temperature: Temperature = 1.0,
    data: Data = None,
) -> Answer:
    """Estimate what lists by new weights would have earned on logged impressions, against the log.

    Self-normalised inverse propensity with a bootstrap interval over users, the effective number of impressions, and
    clipped weights. Where the log cannot tell, it says why, and what to log.
    """
    from motet.stages.off_policy import judge_off_policy

    if not temperature > 0:
        raise RequestError(f"Expected --temperature above 0, found {temperature:g}.", "Leave it out for 1.")
    found = judge_off_policy(
        folder,
        read_weights(weights),
        log=log,
        reward=reward,
        user=user_column,
        item=item_column,
        time=time_column,
        temperature=temperature,
        data=data,
    )
    return Answer(render(found), found)


def read_weights(text: str) -> dict[str, float]:
    """Return the weights of `next_item=1,rating=.5`."""
    found = {}
    for part in text.split(","):
        task, equal, value = part.partition("=")
        try:
            found[task.strip()] = float(value)
        except ValueError:
            equal = ""
        if not equal or not task.strip():
            raise RequestError(f"'{part}' is no weight.", "Write them as next_item=1,rating=0.5.")
    return found


def render(found: Mapping[str, Any]) -> str:
    """Return the verdict, the estimate with its interval, and how far it can be trusted."""
    lines = [f"{found['verdict']}" + "".join(f"\n  {reason}" for reason in found["reasons"])]
    if "new" in found:
        told = {key: number(found[key]) for key in ("logged", "new", "difference", "low", "high", "clipped")}
        lines.append(
            f"logged {told['logged']}, new {told['new']}, difference {told['difference']} "
            f"[{told['low']}, {told['high']}]; clipped {told['clipped']} ({100 * found['clipped_share']:.1f} % cut)"
        )
        lines.append(
            f"{found['impressions']:,} impressions of {found['units']:,} users, worth {found['effective']:.0f}; mean "
            f"weight {found['mean_weight']:.3f}, largest {found['largest']:.1f}; {found['skipped']:,} skipped, "
            f"{found['barred']:,} of items that it would never show"
        )
        for used in found["policy"]["used"]:
            weights = ", ".join(f"{task} {weight:g}" for task, weight in used["weights"].items())
            lines.append(f"weights {weights} ({', '.join(used['from'])}) for {used['impressions']:,}")
        if found["learned"]:
            lines.append(
                f"{found['learned']:,} are no later than the newest event of the model, which may have learned what "
                "came of them: judge one that was trained before"
            )
    if found.get("how"):
        lines.append(f"how to log: {found['how']}")
    return "\n".join(lines)
