"""Claim: what each sharing strategy gives each task, against training it alone.

    python benchmarks/transfer.py --data DIR [--recipes clothing,census,movies] [--seeds 3] [--runs runs/transfer]
        [--sharing shared_bottom,mmoe,ple,task_embedding,attention,valve] [--balance scale,norm] [--set KEY=VALUE]...
        [--results FILE]

Every task's twin is trained once per seed, and every pair of strategy and balancer once per seed; all share the same
rows, texts and steps. Where the main task has a head start, every pair's joint model starts from that task's twin.
Finished arms are kept in RUNS and not trained again, and an arm that was interrupted goes on after its last whole
epoch; so a long comparison can be made in parts. After every pair the table is written anew from all that RUNS holds
under the same settings: per task the twin, and per pair joint − twin with its 95 % interval.
"""

import argparse
import json
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from motet.errors import MotetError
from motet.evaluate import compare
from motet.schema import BalanceConfig, Project, SharingConfig, parse_override
from motet.stages.head_start import first_leg
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.same_run import check_same_project
from motet.stages.study import Study
from motet.train.events import EpochDone, StepDone
from motet.transfer.certificate import Comparison
from motet.transfer.verdict import judge
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
STRATEGIES = "shared_bottom,mmoe,ple,task_embedding,attention,valve"
MARKS = {"improved": "+", "harmed": "−", "not worse": "=", "unclear": "?"}
TWINS = "twins"
"""Folder of the twins' arms, beside those of the pairs."""


@dataclass(frozen=True)
class Row:
    """One pair of strategy and balancer on one recipe, or the twins together (without comparisons).

    twins: of each task, its primary metric and the twins' mean. seconds: of training, mean over seeds.
    """

    name: str
    seeds: int
    comparisons: dict[str, Comparison]
    twins: dict[str, tuple[str, float]]
    parameters: int
    seconds: float


class Heard:
    """Tells how an arm comes along, a line per epoch, on standard error."""

    def __init__(self, name: str) -> None:
        self.name = name

    def step(self, done: StepDone) -> None:
        """Say nothing."""

    def epoch(self, done: EpochDone) -> None:
        """Print the epoch's scores."""
        scores = " ".join(f"{task} {score:.4f}" for task, score in done.scores.items())
        print(f"{self.name} epoch {done.epoch + 1}: {scores} ({done.seconds:.0f} s)", file=sys.stderr, flush=True)


def study_with(study: Study, strategy: str, balancer: str) -> Study:
    """Return the same study under another strategy and balancer."""
    parts: dict[str, Any] = {"sharing": SharingConfig(kind=strategy), "balance": BalanceConfig(kind=balancer)}
    sharing = replace(study.shape.sharing, kind=strategy)
    return replace(study, project=study.project.model_copy(update=parts), shape=replace(study.shape, sharing=sharing))


def arms(study: Study, arm: str, seeds: Sequence[int], work: Path, first: Sequence[Outcome] = ()) -> list[Outcome]:
    """Train an arm with every seed, or read what was trained before. first: by seed, what a joint model starts from."""
    check_same_project(work, study.project.to_toml())
    found = []
    for seed in seeds:
        name = f"{work.parent.name} {work.name} {arm} seed {seed}"
        start = first[seed] if first else None
        outcome = run_arm(study, arm, seed, work=work, listeners=[Heard(name)], first=start)
        print(f"{name}: {outcome.seconds:.0f} s, {len(outcome.log)} epochs", flush=True)
        found.append(outcome)
    return found


def run(recipe: str, given: argparse.Namespace) -> None:
    """Train what is missing of one recipe, and note a row per pair."""
    overrides = dict(parse_override(each) for each in given.set)
    project = Project.read(ROOT / "recipes" / f"{recipe}.toml", data=given.data, overrides=overrides)
    study, seeds, folder = prepare(check(project)), range(given.seeds), home(recipe, given)
    plain = study_with(study, "shared_bottom", "scale")
    twins = {task: arms(plain, task, seeds, folder / TWINS) for task in study.examples}
    first = twins.get(first_leg(study) or "", [])  # the head start is that task's twin, whatever the pair
    for strategy in given.sharing.split(","):
        for balancer in given.balance.split(","):
            name = f"{strategy}-{balancer}"
            try:
                joint = arms(study_with(study, strategy, balancer), "joint", seeds, folder / name, first)
            except MotetError as error:
                print(f"{recipe} {name}: left out. {error}", flush=True)
                continue
            note(folder, row_of(f"{strategy} · {balancer}", joint, twins, margin=project.certify.margin))
            note(folder, row_of_twins(joint, twins))
            write(given)


def row_of(name: str, joint: list[Outcome], twins: dict[str, list[Outcome]], *, margin: float) -> Row:
    """Return a pair's row: every task's joint answers against its twin's, on test."""
    differences = {
        task: compare([each.answers[task]["test"] for each in joint], [each.answers[task]["test"] for each in twin])
        for task, twin in twins.items()
    }
    seconds = sum(each.seconds for each in joint) / len(joint)
    return Row(name, len(joint), judge(differences, margin=margin), {}, joint[0].parameters, seconds)


def row_of_twins(joint: list[Outcome], twins: dict[str, list[Outcome]]) -> Row:
    """Return the row of all twins together."""
    values = {
        task: (
            twin[0].answers[task]["test"].task.primary,
            compare([each.answers[task]["test"] for each in joint], [each.answers[task]["test"] for each in twin]).twin,
        )
        for task, twin in twins.items()
    }
    parameters = sum(each[0].parameters for each in twins.values())
    seconds = sum(outcome.seconds for each in twins.values() for outcome in each) / len(joint)
    return Row("twins, together", len(joint), {}, values, parameters, seconds)


def home(recipe: str, given: argparse.Namespace) -> Path:
    """Return a recipe's folder; other settings have another one, so that a trial overwrites nothing."""
    path: Path = given.runs / f"{recipe}{settings(given)}"
    return path


def settings(given: argparse.Namespace) -> str:
    """Return the settings as the end of a folder's name."""
    return "".join(f" {each}" for each in sorted(given.set)).replace("/", "_")


def note(folder: Path, row: Row) -> None:
    """Keep a row, a file for each name and number of seeds."""
    path = folder / "rows" / f"{row.name.replace(' · ', '-')}, {row.seeds} seeds.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(row)))


def noted(folder: Path) -> list[Row]:
    """Return the rows that were kept, pairs in order of name and the twins last."""
    found = []
    for path in sorted((folder / "rows").glob("*.json")):
        fields = json.loads(path.read_text())
        comparisons = {task: Comparison(**each) for task, each in fields["comparisons"].items()}
        twins = {task: (metric, value) for task, (metric, value) in fields["twins"].items()}
        found.append(Row(**{**fields, "comparisons": comparisons, "twins": twins}))
    return sorted(found, key=lambda row: (not row.comparisons, row.name))


def write(given: argparse.Namespace) -> None:
    """Write the tables of all recipes in RUNS that were run under the same settings."""
    lines = heading(given)
    for path in sorted(given.runs.iterdir()):
        recipe = path.name.removesuffix(settings(given))
        if path.name.endswith(settings(given)) and "=" not in recipe:
            rows = noted(path)
            for seeds in sorted({row.seeds for row in rows}, reverse=True):
                lines += table(recipe, [row for row in rows if row.seeds == seeds], seeds)
    given.results.parent.mkdir(parents=True, exist_ok=True)
    given.results.write_text("\n".join(lines))


def table(recipe: str, rows: Sequence[Row], seeds: int) -> list[str]:
    """Return one recipe's table in Markdown."""
    tasks = list(rows[0].comparisons)
    several = f"{seeds} seeds" if seeds > 1 else "one seed"
    lines = [f"## {recipe}, {several}", "", f"| strategy · balancer | {' | '.join(tasks)} | parameters | seconds |"]
    lines.append(f"|---|{'---|' * (len(tasks) + 2)}")
    for row in rows:
        cells = [_cell(row.comparisons[task]) for task in tasks] if row.comparisons else _values(row, tasks)
        lines.append(f"| {row.name} | {' | '.join(cells)} | {row.parameters:,} | {row.seconds:.0f} |")
    return [*lines, ""]


def _cell(one: Comparison) -> str:
    return f"{one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}] {MARKS[one.verdict]}"


def _values(row: Row, tasks: Sequence[str]) -> list[str]:
    return ["{} {:.4f}".format(*row.twins[task]) for task in tasks]


def heading(given: argparse.Namespace) -> list[str]:
    """Return what stands above the tables."""
    command = ["python", "benchmarks/transfer.py", "--data", "DIR", "--recipes", given.recipes]
    command += ["--sharing", given.sharing, "--balance", given.balance, "--seeds", str(given.seeds)]
    command += [word for each in given.set for word in ("--set", each)]
    return [
        "# What each sharing strategy gives each task",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}. Joint − twin on test, positive is better: mean",
        "and 95 % interval over users or rows and seeds (of one seed: over users or rows). + improved (after Holm), =",
        "not worse (2 %), ? unclear, − harmed; before any repair. The last row of a table holds the twins' values.",
        "Made by commands like this one, which was the last:",
        "",
        "```",
        shlex.join(command),
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
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the project")
    parser.add_argument("--runs", type=Path, default=Path("runs/transfer"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "transfer.md")
    given = parser.parse_args()
    for recipe in given.recipes.split(","):
        run(recipe, given)


if __name__ == "__main__":
    main()
