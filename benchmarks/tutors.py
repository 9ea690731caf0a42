"""Claim: a joint model that its twins tutor is better than a twin, and not only because it imitates several models.

    python benchmarks/tutors.py --data DIR [--recipes clothing,census] [--seeds 3] [--runs runs/tutors]
        [--set KEY=VALUE]... [--results benchmarks/results/tutors.md]

Four arms per seed: the twins; the joint model on labels alone; the joint model tutored by the twins; and the control, a
twin tutored by the same twins. What the control gains comes from imitating several models, the rest from sharing.
Rankings are tutored by nobody and left out of the table. Finished arms are kept in RUNS and not trained again.
"""

import argparse
import os
import platform
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from motet.evaluate import compare
from motet.schema import Project, parse_override
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.same_run import check_same_project
from motet.stages.study import Study
from motet.stages.tutoring import tutored
from motet.transfer.verdict import judge
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
MARKS = {"improved": "+", "harmed": "−", "not worse": "=", "unclear": "?"}
ARMS = ("joint, labels alone", "joint, tutored", "twin, tutored (control)")


def run(recipe: str, given: argparse.Namespace) -> list[str]:
    """Train what is missing of one recipe and return its table."""
    overrides = dict(parse_override(each) for each in given.set)
    project = Project.read(ROOT / "recipes" / f"{recipe}.toml", data=given.data, overrides=overrides)
    study, folder, seeds = prepare(check(project)), given.runs / recipe, range(given.seeds)
    twins = {task: arms(study, task, seeds, folder / "plain") for task in project.judged}
    taught = replace(study, tutored=tutored(study, twins), tutors_twins=True)
    plain = arms(study, "joint", seeds, folder / "plain")
    joint = arms(taught, "joint", seeds, folder / "tutored")
    alone = {task: arms(taught, task, seeds, folder / "tutored") for task in taught.tutored}
    rows = {
        ARMS[0]: dict.fromkeys(taught.tutored, plain),
        ARMS[1]: dict.fromkeys(taught.tutored, joint),
        ARMS[2]: alone,
    }
    return table(recipe, rows, {task: twins[task] for task in taught.tutored}, margin=project.certify.margin)


def arms(study: Study, arm: str, seeds: Sequence[int], work: Path) -> list[Outcome]:
    """Train an arm with every seed, or read what was trained before."""
    check_same_project(work, study.project.to_toml())
    found = []
    for seed in seeds:
        outcome = run_arm(study, arm, seed, work=work)
        print(f"{work.parent.name} {work.name} {arm} seed {seed}: {outcome.seconds:.0f} s", flush=True)
        found.append(outcome)
    return found


def table(
    recipe: str, rows: dict[str, dict[str, list[Outcome]]], twins: dict[str, list[Outcome]], *, margin: float
) -> list[str]:
    """Return a recipe's table in Markdown: differences to the twins on test, and the twins' values."""
    lines = [f"## {recipe}", "", f"| | {' | '.join(twins)} |", f"|---|{'---|' * len(twins)}"]
    values = []
    for name, found in rows.items():
        compared = {
            task: compare([each.answers[task]["test"] for each in arm], [each.answers[task]["test"] for each in twin])
            for task, twin in twins.items()
            for arm in [found[task]]
        }
        judged = judge(compared, margin=margin)
        cells = [
            f"{one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}] {MARKS[one.verdict]}" for one in judged.values()
        ]
        values = [
            f"{twin[0].answers[task]['test'].task.primary} {judged[task].twin:.4f}" for task, twin in twins.items()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return [*lines, f"| twin | {' | '.join(values)} |", ""]


def heading(given: argparse.Namespace) -> list[str]:
    """Return what stands above the tables."""
    return [
        "# The joint model tutored by its twins",
        "",
        f"{date.today()}, {platform.machine()}, {given.seeds} seeds. Arm − twin on test, positive",
        "is better: mean and 95 % interval over users or rows and seeds. + improved (after Holm), = not worse (2 %),",
        "? unclear, − harmed; before any repair.",
        "",
        "```",
        f"python benchmarks/tutors.py --data DIR --recipes {given.recipes} --seeds {given.seeds}"
        + "".join(f" --set {each}" for each in given.set),
        "```",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--recipes", default="clothing,census")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the project")
    parser.add_argument("--runs", type=Path, default=Path("runs/tutors"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "tutors.md")
    given = parser.parse_args()
    lines = heading(given)
    for recipe in given.recipes.split(","):
        lines += run(recipe, given)
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
