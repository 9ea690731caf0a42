"""Claim to test: half an hour of search on two cores finds better settings than the recipe's own, and test agrees.

    python benchmarks/search.py --data DIR [--recipes clothing,beauty] [--budget 30m] [--seeds 3] [--runs runs/search]

Per recipe: `motet search` within the budget, then the joint model under the recipe's own settings and under the best
ones, with every seed and in full length. Writes RESULTS/search.md: what was changed, the gain on validation half A, and
per task best − own on test, paired over units and seeds. Finished runs are kept in RUNS and not trained again.
"""

import argparse
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from motet.evaluate import compare
from motet.schema import Project
from motet.stages.best import Searched
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.same_run import check_same_project
from motet.stages.space import settled
from motet.transfer.certificate import Comparison
from motet.transfer.verdict import judge
from motet.workflow import check, prepare, search

ROOT = Path(__file__).resolve().parent.parent
FIELDS = ("task", "own", "best", "best − own [95 %]", "verdict")
NAMED = {"improved": "better", "harmed": "worse", "not worse": "not worse"}


@dataclass(frozen=True)
class Found:
    """What was found for a recipe. tasks: task → (metric, best against own on test)."""

    recipe: str
    search: Searched
    tasks: Mapping[str, tuple[str, Comparison]]


def outcomes(project: Project, seeds: int, work: Path) -> list[Outcome]:
    """Train the joint model with every seed, or read what was trained before."""
    study = prepare(check(project))
    check_same_project(work, project.to_toml())
    found = []
    for seed in range(seeds):
        found.append(run_arm(study, "joint", seed, work=work))
        print(f"{work}, seed {seed}: {found[-1].seconds:.0f} s", flush=True)
    return found


def one(recipe: str, given: argparse.Namespace) -> Found:
    """Search for a recipe, and compare on test what was found with what was there."""
    overrides = {} if given.epochs is None else {"train.epochs": given.epochs}
    own = settled(Project.read(ROOT / "recipes" / f"{recipe}.toml", data=given.data, overrides=overrides))
    place = given.runs / recipe
    found = search(own, place / "search", budget=given.budget, jobs=given.jobs)
    print(f"{recipe}: {found.gain:+.2%} on validation with {dict(found.settings)}", flush=True)
    arms = [outcomes(each, given.seeds, place / name) for name, each in (("own", own), ("best", found.best))]
    tested = {task: [[each.answers[task]["test"] for each in arm] for arm in arms] for task in own.judged}
    judged = judge({task: compare(best, plain) for task, (plain, best) in tested.items()}, margin=own.certify.margin)
    return Found(recipe, found, {task: (own.tasks[task].primary, each) for task, each in judged.items()})


def part(found: Found) -> list[str]:
    """Return one recipe's results as Markdown."""
    record = found.search.record
    scored = sum(trial["score"] is not None for trial in record["trials"])
    changes = ", ".join(f"`{key}` {each['from']} → {each['to']}" for key, each in record["changes"].items())
    relative = [each.difference / max(abs(each.twin), 1e-9) for _, each in found.tasks.values()]
    lines = [
        f"## {found.recipe}",
        "",
        f"{scored} of {len(record['trials'])} trials came to a score, of at most {record['passes']} passes each.",
        f"Validation half A: {found.search.gain:+.2%}. Changes: {changes or 'none'}.",
        f"Test: {sum(relative) / len(relative):+.2%}, the mean over tasks of the relative difference.",
        "",
        f"| {' | '.join(FIELDS)} |",
        f"|{'---|' * len(FIELDS)}",
    ]
    for task, (metric, each) in found.tasks.items():
        shown = f"{each.difference:+.4f} [{each.low:+.4f}, {each.high:+.4f}]"
        cells = (task, f"{metric} {each.twin:.4f}", f"{each.joint:.4f}", shown, NAMED.get(each.verdict, each.verdict))
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def page(found: list[Found], given: argparse.Namespace) -> str:
    """Return the results as Markdown."""
    chosen = f"--recipes {given.recipes} --budget {given.budget} --seeds {given.seeds}"
    chosen += "" if given.epochs is None else f" --epochs {given.epochs}"
    lines = [
        "# Does a search within a budget hold on test?",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()},",
        f"`python benchmarks/search.py --data DIR {chosen}`.",
        "The joint model in full length under the recipe's own settings and under those that the search found on",
        "validation half A; best − own on test, positive is better; mean and 95 % interval over users or rows and",
        "seeds; the verdict uses Holm over the tasks of a recipe.",
        "",
    ]
    return "\n".join([*lines, *(line for each in found for line in part(each))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--recipes", default="clothing,beauty")
    parser.add_argument("--budget", default="30m")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="at most so many passes, for a quick look")
    parser.add_argument("--runs", type=Path, default=Path("runs/search"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "search.md")
    given = parser.parse_args()
    found: list[Found] = []
    for recipe in given.recipes.split(","):
        found.append(one(recipe, given))
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text(page(found, given), encoding="utf-8")


if __name__ == "__main__":
    main()
