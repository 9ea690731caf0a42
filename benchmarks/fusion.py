"""Claim to test: a stack with classic members is at least as good as the best member, and worth having.

    python benchmarks/fusion.py --data DIR --models runs/shop,runs/movies [--members popularity,item_knn,ease,als]

Every entry of MODELS is a folder, or several of one project joined by `+`. Each is fused, for rankings with the classic
members. Writes RESULTS/fusion.md: per ranking and per task with several members the best member (chosen on validation
half A), the vote, the mean and the stack on test, each with its distance to the best member and 95 % over users.
"""

import argparse
import os
import platform
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from motet.stages.fusing import METHODS, fuse

ROOT = Path(__file__).resolve().parent.parent
FIELDS = ("model", "task", "metric", "best member", *METHODS, "stack chose", "on A: best member → stack")


def main() -> None:
    """Fuse, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="where the tables are, if not where the models were trained")
    parser.add_argument("--models", required=True)
    parser.add_argument("--members", default="popularity,item_knn,ease,als")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "fusion.md")
    given = parser.parse_args()
    rows = []
    for entry in given.models.split(","):
        folders = [Path(each) for each in entry.split("+")]
        found = fused(folders, given)
        rows += [row_of("+".join(each.name for each in folders), task, told) for task, told in found["tasks"].items()
                 if len(told["members"]) > 1]  # fmt: skip
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(page(rows, given.members), encoding="utf-8")
        print(given.out.read_text(encoding="utf-8"))


def fused(folders: list[Path], given: argparse.Namespace) -> dict[str, Any]:
    """Return the report of a fusion; its folder is thrown away."""
    from motet.artifact import open_folder

    ranks = "next_item" in open_folder(folders[0]).manifest.tasks.values()
    members = given.members.split(",") if ranks else []
    with tempfile.TemporaryDirectory() as place:
        return fuse(folders, Path(place) / "fused", members=members, data=given.data, on_task=print)


def row_of(model: str, task: str, told: dict[str, Any]) -> tuple[str, ...]:
    """Return a line of the table."""
    best = told["members"][told["best_member"]]
    ways = [told["methods"][method] for method in METHODS]
    cells = [f"{each['test']:.4f} ({change(each['against_best_member'])})" for each in ways]
    stack = told["methods"]["stack"]
    valid = f"{best['valid']:.4f} → {stack['valid']:.4f}"
    return (model, task, told["metric"], f"{told['best_member']} {best['test']:.4f}", *cells, stack["way"], valid)


def change(told: dict[str, float | None]) -> str:
    """Return a difference with its interval."""
    shown = [told[key] for key in ("difference", "low", "high")]
    return "{:+.4f} [{:+.4f}, {:+.4f}]".format(*(float("nan") if each is None else each for each in shown))


def page(rows: list[tuple[str, ...]], members: str) -> str:
    """Return the table with where it was made."""
    lines = [
        "# Fusion",
        "",
        f"Classic members: {members}. {date.today()}, {platform.machine()}, {os.cpu_count()} cores.",
        "",
    ]
    lines += ["| " + " | ".join(FIELDS) + " |", "|" + "---|" * len(FIELDS)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows), ""])


if __name__ == "__main__":
    main()
