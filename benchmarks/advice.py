"""Claim to test: related tasks do best on a plain shared trunk, unlike tasks do better when each attends for itself.

    python benchmarks/advice.py --data DIR [--recipes clothing,census] [--seeds 3] [--epochs 6] [--runs runs/advice]

For every pair of tasks in PAIRS both are trained together under shared_bottom and under attention (MTAN), everything
else alike. Writes RESULTS/advice.md: per task attention − shared_bottom on test, paired over units and seeds, and what
`motet advise` counts of the pair: how related the labels are. Finished runs are kept in RUNS and not trained again.
"""

import argparse
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from motet.evaluate import compare
from motet.schema import Project, TableSpec, TaskBase
from motet.stages.kinds import with_kinds
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.relating import meeting
from motet.stages.same_run import check_same_project
from motet.stages.study import Study
from motet.transfer.certificate import Comparison
from motet.transfer.verdict import judge
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
PLAIN, OWN = "shared_bottom", "attention"
PAIRS = {
    "clothing": {("recommended", "rating"): "related", ("department", "helpful"): "unlike"},
    "census": {("income", "college"): "related", ("never_married", "college"): "unlike"},
}
"""What a person would say of each pair before looking at any label."""
FIELDS = ("recipe", "pair", "said to be", "correlation", "task", PLAIN, f"{OWN} − {PLAIN} [95 %]", "verdict")


@dataclass(frozen=True)
class Row:
    """One task of one pair. difference: attention − shared_bottom, signed so that positive is better."""

    recipe: str
    pair: tuple[str, str]
    said: str
    correlation: str
    task: str
    metric: str
    difference: Comparison

    def cells(self) -> tuple[str, ...]:
        one = self.difference
        shown = f"{one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}]"
        value = f"{self.metric} {one.twin:.4f}"
        named = {"improved": f"{OWN} better", "harmed": f"{PLAIN} better", "not worse": "alike"}
        verdict = named.get(one.verdict, one.verdict)
        return (self.recipe, " · ".join(self.pair), self.said, self.correlation, self.task, value, shown, verdict)


def pair_study(recipe: str, pair: tuple[str, str], given: argparse.Namespace) -> Study:
    """Return the study of two of a recipe's tasks; the other tasks' columns stay hidden as labels would be."""
    whole = Project.read(ROOT / "recipes" / f"{recipe}.toml", data=given.data)
    tasks = {name: whole.tasks[name] for name in pair}
    hidden = {task.table: {getattr(task, "column", None)} for name, task in whole.tasks.items() if name not in pair}
    tables = {name: _without(table, hidden.get(name, set()), tasks.values()) for name, table in whole.tables.items()}
    train = whole.train.model_copy(update={"epochs": given.epochs, "watch": 0})
    return prepare(check(whole.model_copy(update={"tasks": tasks, "tables": tables, "train": train})))


def _without(table: TableSpec, hidden: set[str | None], tasks: Iterable[TaskBase]) -> TableSpec:
    """A table without the columns of tasks that are left out, so that they do not become inputs."""
    kept = {getattr(task, "column", None) for task in tasks}
    columns = {name: column for name, column in table.columns.items() if name not in hidden or name in kept}
    return table.model_copy(update={"columns": columns})


def arms(study: Study, seeds: int, work: Path) -> list[Outcome]:
    """Train the joint model with every seed, or read what was trained before."""
    check_same_project(work, study.project.to_toml())
    found = []
    for seed in range(seeds):
        found.append(run_arm(study, "joint", seed, work=work))
        print(f"{work}, seed {seed}: {found[-1].seconds:.0f} s", flush=True)
    return found


def rows_of(recipe: str, pair: tuple[str, str], said: str, given: argparse.Namespace) -> list[Row]:
    """Return the rows of one pair."""
    study = pair_study(recipe, pair, given)
    place = given.runs / recipe / "-".join(pair)
    plain, own = (arms(with_kinds(study, sharing=kind), given.seeds, place / kind) for kind in (PLAIN, OWN))
    test = {
        task: compare([each.answers[task]["test"] for each in own], [each.answers[task]["test"] for each in plain])
        for task in pair
    }
    met = meeting(study, *pair)
    related = "-" if met.correlation is None else f"{met.correlation:.2f} {met.measure}"
    judged = judge(test, margin=study.project.certify.margin)
    tasks = study.project.tasks
    return [Row(recipe, pair, said, related, task, tasks[task].primary, judged[task]) for task in pair]


def page(rows: list[Row], given: argparse.Namespace) -> str:
    """Return the results as Markdown."""
    chosen = f"--recipes {given.recipes} --seeds {given.seeds} --epochs {given.epochs}"
    command = f"python benchmarks/advice.py --data DIR {chosen}"
    lines = [
        "# Sharing for related tasks, attention for unlike ones?",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}, `{command}`. Two tasks",
        "trained together; attention − shared_bottom on test, positive is better for attention; mean and 95 % interval",
        "over rows and seeds; the verdict uses Holm over the tasks of a pair. `alike`: attention is at most 2 % worse.",
        "`correlation`: of the training labels, as `motet advise` counts it.",
        "",
        f"| {' | '.join(FIELDS)} |",
        f"|{'---|' * len(FIELDS)}",
        *(f"| {' | '.join(row.cells())} |" for row in rows),
        "",
    ]
    for said, claimed in (("related", PLAIN), ("unlike", OWN)):
        some = [row for row in rows if row.said == said]
        wins = sum(row.difference.verdict == ("harmed" if claimed == PLAIN else "improved") for row in some)
        against = sum(row.difference.verdict == ("improved" if claimed == PLAIN else "harmed") for row in some)
        if some:
            lines.append(
                f"Tasks of {said} pairs: {claimed} is better for {wins} of {len(some)}, worse for {against}, and for "
                "the others no difference was found."
            )
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--recipes", default=",".join(PAIRS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--runs", type=Path, default=Path("runs/advice"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "advice.md")
    given = parser.parse_args()
    rows: list[Row] = []
    for recipe in given.recipes.split(","):
        for pair, said in PAIRS[recipe].items():
            rows += rows_of(recipe, pair, said, given)
            given.results.parent.mkdir(parents=True, exist_ok=True)
            given.results.write_text(page(rows, given), encoding="utf-8")


if __name__ == "__main__":
    main()
