"""Claim: what each sharing strategy gives each task, against training it alone.

    python benchmarks/transfer.py --data DIR [--recipes clothing,census,movies] [--seeds 3] [--runs runs/transfer]
        [--sharing shared_bottom,mmoe,ple,task_embedding,attention,valve] [--balance scale,norm]

Every task's twin is trained once per seed, and every pair of strategy and balancer once per seed; all share the same
rows, texts and steps. Writes RESULTS/transfer.md: per task the twin, and per pair joint − twin with its 95 % interval.
Finished arms are kept in RUNS and not trained again.
"""

import argparse
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from motet.evaluate import compare
from motet.schema import BalanceConfig, Project, SharingConfig
from motet.stages.outcomes import Outcome, check_same_project, run_arm
from motet.stages.study import Study
from motet.transfer.certificate import Comparison
from motet.transfer.verdict import judge
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
STRATEGIES = "shared_bottom,mmoe,ple,task_embedding,attention,valve"
MARKS = {"improved": "+", "harmed": "−", "not worse": "=", "unclear": "?"}


@dataclass(frozen=True)
class Row:
    """One pair of strategy and balancer on one recipe."""

    name: str
    comparisons: dict[str, Comparison]
    parameters: int
    seconds: float


def study_with(study: Study, strategy: str, balancer: str) -> Study:
    """Return the same study under another strategy and balancer."""
    parts: dict[str, Any] = {"sharing": SharingConfig(kind=strategy), "balance": BalanceConfig(kind=balancer)}
    sharing = replace(study.shape.sharing, kind=strategy)
    return replace(study, project=study.project.model_copy(update=parts), shape=replace(study.shape, sharing=sharing))


def arms(study: Study, arm: str, seeds: Sequence[int], work: Path) -> list[Outcome]:
    """Train an arm with every seed, or read what was trained before."""
    check_same_project(work, study.project.to_toml())
    found = []
    for seed in seeds:
        outcome = run_arm(study, arm, seed, work=work)
        print(f"{work.name} {arm} seed {seed}: {outcome.seconds:.0f} s", flush=True)
        found.append(outcome)
    return found


def run(recipe: str, given: argparse.Namespace) -> list[Row]:
    """Return one recipe's rows."""
    project = Project.read(ROOT / "recipes" / f"{recipe}.toml", data=given.data)
    study, seeds = prepare(check(project)), range(given.seeds)
    plain = study_with(study, "shared_bottom", "scale")
    twins = {task: arms(plain, task, seeds, given.runs / recipe / "twins") for task in study.examples}
    rows = []
    for strategy in given.sharing.split(","):
        for balancer in given.balance.split(","):
            name = f"{strategy} · {balancer}"
            joint = arms(study_with(study, strategy, balancer), "joint", seeds, given.runs / recipe / name)
            differences = {
                task: compare([each.answers[task]["test"] for each in joint], [e.answers[task]["test"] for e in twin])
                for task, twin in twins.items()
            }
            rows.append(
                Row(
                    name,
                    judge(differences, margin=project.certify.margin),
                    joint[0].parameters,
                    sum(each.seconds for each in joint) / len(joint),
                )
            )
    total = sum(each[0].parameters for each in twins.values())
    seconds = sum(outcome.seconds for each in twins.values() for outcome in each) / given.seeds
    rows.append(Row("twins, together", {}, total, seconds))
    return rows


def table(recipe: str, rows: Sequence[Row], seeds: int) -> list[str]:
    """Return one recipe's table in Markdown."""
    tasks = list(rows[0].comparisons)
    metrics = Project.read(ROOT / "recipes" / f"{recipe}.toml").tasks
    lines = [f"## {recipe}, {seeds} seeds", "", f"| strategy · balancer | {' | '.join(tasks)} | parameters | seconds |"]
    lines.append(f"|---|{'---|' * (len(tasks) + 2)}")
    twins = [f"{metrics[task].primary} {rows[0].comparisons[task].twin:.4f}" for task in tasks]
    for row in rows:
        cells = [_cell(row.comparisons[task]) for task in tasks] if row.comparisons else twins
        lines.append(f"| {row.name} | {' | '.join(cells)} | {row.parameters:,} | {row.seconds:.0f} |")
    return [*lines, ""]


def _cell(one: Comparison) -> str:
    return f"{one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}] {MARKS[one.verdict]}"


def heading(given: argparse.Namespace) -> list[str]:
    """Return what stands above the tables."""
    command = (
        f"python benchmarks/transfer.py --data DIR --recipes {given.recipes} --sharing {given.sharing} "
        f"--balance {given.balance} --seeds {given.seeds}"
    )
    return [
        "# What each sharing strategy gives each task",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}. Joint − twin on test; positive is better;",
        "mean and 95 % interval over users or rows and seeds. + improved (after Holm), = not worse (2 %), ? unclear,",
        "− harmed; before any repair. The last row of a table holds the twins' own values.",
        "",
        "```",
        command,
        "```",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--recipes", default="clothing,census,movies")
    parser.add_argument("--sharing", default=STRATEGIES)
    parser.add_argument("--balance", default="scale")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--runs", type=Path, default=Path("runs/transfer"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "transfer.md")
    given = parser.parse_args()
    lines = heading(given)
    for recipe in given.recipes.split(","):
        lines += table(recipe, run(recipe, given), given.seeds)
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
