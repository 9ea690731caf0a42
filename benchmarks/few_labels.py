"""Claim: where a task has few labels, the others' labels help it, by at least 5 % over its twin.

    python benchmarks/few_labels.py --data DIR [--cases clothing,shop] [--ways plain,soft,masked] [--seeds 3]
        [--runs runs/few_labels] [--set KEY=VALUE] [--results benchmarks/results/few_labels.md]

A task keeps a share of its training labels, the others keep all. Its twin is compared with the joint model (plain),
with soft targets from the other tasks (soft), and with a masked column beside them (masked); beside it stands a control
in two stages: a linear model of the related task on all its labels, then a small one on its out-of-fold answers.
Finished arms are kept in RUNS and not trained again. The shop needs the demo's tables (motet demo shop keeps them).
"""

import argparse
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from motet.evaluate import compare
from motet.language.template import row_texts
from motet.schema import TEST, TRAIN, Project, parse_override
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.same_run import check_same_project
from motet.stages.study import Study
from motet.transfer.verdict import judge
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
WAYS = "plain,soft,masked"


@dataclass(frozen=True)
class Case:
    """A recipe, the task with few labels, the share it keeps, the related task, and the masked column's table."""

    recipe: str
    task: str
    share: float
    related: str
    masked: Mapping[str, Any]


CASES = {
    "clothing": Case(
        "clothing", "rating", 0.01, "recommended", {"kind": "masked", "table": "reviews", "column": "title"}
    ),
    "shop": Case(
        "shop", "household_size", 0.02, "", {"kind": "masked", "table": "items", "column": "product_category"}
    ),
}


def study_of(case: Case, data: str, way: str, changes: Mapping[str, Any]) -> Study:
    """Return the case's study, made for one way."""
    keys: dict[str, Any] = {f"tasks.{case.task}.label_share": case.share, **changes}
    if way == "masked":
        keys["tasks.masked"] = dict(case.masked)
    if way == "soft":
        keys[f"tasks.{case.task}.soft_targets"] = "auto"
    recipe = ROOT / "recipes" / f"{case.recipe}.toml"
    return prepare(check(Project.read(recipe, data=data, overrides=keys)))


def arms(study: Study, arm: str, seeds: Sequence[int], work: Path) -> list[Outcome]:
    """Train an arm with every seed, or read what was trained before."""
    check_same_project(work, study.project.to_toml())
    return [run_arm(study, arm, seed, work=work) for seed in seeds]


def control(study: Study, case: Case) -> float:
    """Return the test error of the control: linear on TF-IDF for the related task, then the rating from its answers."""
    few, many = study.examples[case.task], study.examples[case.related]
    view = study.features.state.views[case.task]
    texts = row_texts(study.division.inputs[view.table], view.text)
    rows = many.row_n[many.part_n == TRAIN]
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit([texts[row] for row in rows])
    inputs, label = words.transform(texts), many.label.to_numpy()[many.part_n == TRAIN]
    linear = LogisticRegression(C=4, solver="liblinear")
    logit = linear.fit(inputs[rows], label).decision_function(inputs)
    logit[rows] = cross_val_predict(linear, inputs[rows], label, cv=5, method="decision_function")
    known, asked = (few.take(few.part_n == part) for part in (TRAIN, TEST))
    small = LogisticRegression(max_iter=500).fit(logit[known.row_n][:, None], known.label.to_numpy())
    share = small.predict_proba(logit[asked.row_n][:, None])
    median = small.classes_[(share.cumsum(1) >= 0.5).argmax(1)]
    return float(np.abs(median - asked.label.to_numpy()).mean())


def run(name: str, given: argparse.Namespace) -> list[str]:
    """Return one case's table in Markdown."""
    case, seeds = CASES[name], range(given.seeds)
    changes = dict(parse_override(text) for text in given.set)
    studies = {way: study_of(case, given.data, way, changes) for way in ("plain", *given.ways.split(","))}
    labels = int((studies["plain"].examples[case.task].part_n == TRAIN).sum())
    twin = arms(studies["plain"], case.task, seeds, given.runs / name / "twin")
    lines = [f"## {name}: {case.task}, {labels} labels (share {case.share}), {given.seeds} seeds", ""]
    lines += ["| way | twin | joint | difference [95 % interval] |", "|---|---|---|---|"]
    for way, study in studies.items():
        joint = arms(study, "joint", seeds, given.runs / name / way)
        pairs = ([each.answers[case.task]["test"] for each in made] for made in (joint, twin))
        one = judge({case.task: compare(*pairs)}, margin=study.project.certify.margin)[case.task]
        interval = f"{one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}] {one.verdict}"
        lines.append(f"| {way} | {one.twin:.4f} | {one.joint:.4f} | {interval} |")
    if case.related:
        lines.append(f"| control in two stages | | {control(studies['plain'], case):.4f} | |")
    return [*lines, ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--cases", default="clothing")
    parser.add_argument("--ways", default=WAYS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--runs", type=Path, default=Path("runs/few_labels"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "few_labels.md")
    given = parser.parse_args()
    lines = [
        "# Few labels",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}. Before any repair.",
        "",
    ]
    for name in given.cases.split(","):
        lines += run(name, given)
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
