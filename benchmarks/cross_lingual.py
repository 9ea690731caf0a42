"""Claim: a model trained on reviews in one language reads those of another, without one label of it.

    python benchmarks/cross_lingual.py --data DIR [--ways frozen,lora] [--rows N] [--set KEY=VALUE]...
        [--runs runs/cross_lingual] [--results benchmarks/results/cross_lingual.md]

With `e5`, which reads a hundred languages: sentiment learned from Chinese reviews of goods (shopping_zh) is asked of
English reviews of clothing, where the label is whether the buyer recommends the piece; and the other way round. Beside
each stands the model of that language itself, on the same test rows. AUC; 0.5 is chance. Folders in RUNS are not
trained again. --rows trains on so many rows, evenly spread.
"""

import argparse
import os
import platform
import shlex
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

import motet
from motet.language.template import row_texts
from motet.recommend import Bundle
from motet.schema import TEST, Project, parse_override
from motet.stages.study import Study
from motet.workflow import check, prepare, train

ROOT = Path(__file__).resolve().parent.parent
TASKS = {"shopping_zh": "sentiment", "clothing": "recommended"}
AT_ONCE = 512


def project_of(recipe: str, way: str, given: argparse.Namespace) -> Project:
    """Return the recipe with its one yes-or-no task, `e5`, and both languages' words."""
    path = ROOT / "recipes" / f"{recipe}.toml"
    plain = Project.read(path, data=given.data)
    changes = {"encoder.name": "e5", "encoder.tune": way, "project.language": "multi"}
    changes |= dict(parse_override(text) for text in given.set)
    project = Project.read(path, data=thinned(plain, given), overrides=changes)
    return project.model_copy(update={"tasks": {TASKS[recipe]: project.tasks[TASKS[recipe]]}})


def thinned(project: Project, given: argparse.Namespace) -> Path:
    """Return the folder of the data, or of a copy with so many rows of each table."""
    if given.rows is None:
        return Path(given.data)
    folder: Path = given.runs / f"rows {given.rows}"
    for table in project.tables.values():
        target = folder / str(table.path)
        if not target.exists():
            frame = pl.read_parquet(Path(given.data) / str(table.path))
            target.parent.mkdir(parents=True, exist_ok=True)
            frame[np.linspace(0, frame.height - 1, min(given.rows, frame.height)).astype(int)].write_parquet(target)
    return folder


def bundle_of(recipe: str, way: str, given: argparse.Namespace) -> tuple[Bundle, Study]:
    """Return the recipe's model, trained where there is none yet, and its study."""
    project = project_of(recipe, way, given)
    folder = given.runs / f"{recipe} {way}{'' if given.rows is None else f' {given.rows}'}"
    if not folder.exists():
        train(project, folder, resume=True)
    return motet.load(folder), prepare(check(project))


def auc(bundle: Bundle, task: str, study: Study, asked: str) -> float:
    """Return the AUC of a model's answers about another study's test rows."""
    examples, view = study.examples[asked], study.features.state.views[asked]
    test = examples.take(examples.part_n == TEST)
    texts = pl.Series(row_texts(study.division.inputs[view.table], view.text)).gather(test.row_n).to_list()
    share: list[float] = []
    for begin in range(0, len(texts), AT_ONCE):
        found = bundle.predict(task, texts[begin : begin + AT_ONCE])
        share += [each.probability or 0.0 for each in found]
    return float(roc_auc_score(test.label.to_numpy(), share))


def run(way: str, given: argparse.Namespace) -> list[str]:
    """Return one way's rows of the table."""
    made = {recipe: bundle_of(recipe, way, given) for recipe in TASKS}
    lines = []
    for asked, task in TASKS.items():
        (other,) = (name for name in TASKS if name != asked)
        own = auc(made[asked][0], task, made[asked][1], task)
        shot = auc(made[other][0], TASKS[other], made[asked][1], task)
        lines.append(f"| {way} | {asked} | {shot:.4f} | {own:.4f} |")
        print(lines[-1], flush=True)
    return lines


def heading(given: argparse.Namespace) -> Sequence[str]:
    """Return what stands above the table."""
    command = ["python", "benchmarks/cross_lingual.py", "--data", "DIR", "--ways", given.ways]
    command += [] if given.rows is None else ["--rows", str(given.rows)]
    command += [word for each in given.set for word in ("--set", each)]
    return [
        "# Read in a language that was not trained on",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}, one seed. AUC on test rows. Made by:",
        "",
        "```",
        shlex.join(command),
        "```",
        "",
        "| language model | asked | trained on the other language | on its own |",
        "|---|---|---|---|",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--ways", default="frozen,lora")
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the project")
    parser.add_argument("--runs", type=Path, default=Path("runs/cross_lingual"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "cross_lingual.md")
    given = parser.parse_args()
    lines = [*heading(given)]
    for way in given.ways.split(","):
        lines += run(way, given)
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
