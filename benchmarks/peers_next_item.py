"""Claim: ours passes the level of eSASRec on Beauty in at most a third of the CPU time of RecTools' transformer.

    python benchmarks/peers_next_item.py --data DIR --env DIR [--set beauty] [--methods rectools,ids,text] [--seeds 1]
        [--level 0.0523] [--cpu-minutes 60] [--runs runs/peers_next_item] [--results benchmarks/results]

Hands RecTools the events and the split of our own recipe, and trains its SASRec with LiGR layers and a sampled softmax
(eSASRec, arXiv:2508.06450; the settings for this data: width 64, one block, one head, dropout .2, 256 negatives) in an
environment of its own, which pip makes in ENV on first use. Beside it stand our ranking by ids alone, which knows as
much, and by texts, both alone and without a memory. After every pass (RecTools: every second) all test questions are
answered over the whole catalogue; shown are the CPU seconds of training alone until ndcg@10 passes LEVEL, and the
result of the pass that is best on validation. Prints one JSON line per run; one that stands in RUNS is not made again.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from _next_item import ARMS, ROOT, SPLITS, project_of, questions_of, ranking_of
from motet.evaluate import find
from motet.model.assemble import MotetModel, count_parameters
from motet.stages.answer import answer
from motet.stages.arms import arm_shape, judge, new_balancer, new_model
from motet.stages.mixing import shut
from motet.stages.softening import softener
from motet.train.loop import fit
from motet.workflow import check, prepare
from recipes import commit, machine

SIDE = Path(__file__).with_name("_peers_next_item.py")
PACKAGES = (("torch==2.13.0",), ("rectools[torch]==0.19.0", "pyarrow<22"))
"""In this order: chosen by a resolver, torch may bring gigabytes of GPU libraries along."""
SETTINGS = {
    "width": 64,
    "blocks": 1,
    "heads": 1,
    "dropout": 0.2,
    "history": 50,
    "negatives": 256,
    "rate": 1e-3,
    "batch": 128,
    "epochs": 200,
    "every": 2,
    "patience": 5,
}
NAMES = {"rectools": "RecTools 0.19, eSASRec", "ids": "Motet, ids only", "text": "Motet, attributes and texts"}


def ours(given: argparse.Namespace, row: str, seed: int) -> dict[str, Any]:
    """Train a row of next_item.py alone, and return its way: CPU seconds of training, and ndcg@10 after each pass."""
    project = project_of(given.set, SPLITS[given.set][0], ARMS[row].inputs, given.data, {})
    study, task = prepare(check(project)), ranking_of(project)
    questions = questions_of(study.examples[task], study.division, project.tasks[task])
    shape = arm_shape(study, task)
    model, scores, way = new_model(study, shape, seed=seed), judge(study, shape), []
    clock = {"seconds": 0.0, "began": time.process_time()}

    def judged(trained: MotetModel) -> dict[str, float]:
        clock["seconds"] += time.process_time() - clock["began"]
        found = scores(trained)
        answers = questions.answered(np.asarray(answer(study, trained, task, questions.at).rank_n))
        test = {name: round(find(name).value(answers), 5) for name in ("ndcg@10", "recall@10")}
        line = {"passes": len(way) + 1, "cpu_seconds": round(clock["seconds"], 1), "valid": round(found[task], 5)}
        way.append({**line, "test": test["ndcg@10"], "recall": test["recall@10"]})
        print(json.dumps(way[-1]), file=sys.stderr, flush=True)
        clock["began"] = time.process_time()
        return found

    fit(
        shut(model),
        study.plan,
        study.tensors,
        new_balancer(study, shape),
        judged,
        config=project.train,
        seed=seed,
        soften=softener(study, shape),
    )
    return {"way": way, "parameters": count_parameters(model), "recall@10": _best(way)["recall"]}


def rectools(given: argparse.Namespace, seed: int) -> dict[str, Any]:
    """Train RecTools' transformer on the same events; return its way."""
    events, settings, ranks = (given.runs / f"{given.set}.{end}" for end in ("npz", "json", "npy"))
    project = project_of(given.set, SPLITS[given.set][0], "ids", given.data, {})
    index = check(project).division.events
    assert index is not None, "a next item needs events"
    known = index.item_N >= 0
    np.savez(events, user=index.user_N[known], item=index.item_N[known], part=index.part_N[known])
    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))
    chosen = {**SETTINGS, "width": given.width, "seed": seed, "threads": threads, "cpu_minutes": given.cpu_minutes}
    settings.write_text(json.dumps(chosen))
    command = [environment(given.env), str(SIDE), str(events), str(settings), str(ranks)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "recall@10": round(float((np.load(ranks) < 10).mean()), 5)}


def environment(folder: Path) -> str:
    """Return the peers' own Python, made on first use."""
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        for packages in (("--upgrade", "pip"), *PACKAGES):
            subprocess.run([str(python), "-m", "pip", "install", "-q", *packages], check=True, stdout=sys.stderr)
        (folder / "ready").touch()
    return str(python)


def measured(given: argparse.Namespace, method: str, seed: int) -> dict[str, Any]:
    """Return a run's line."""
    found = rectools(given, seed) if method == "rectools" else ours(given, method, seed)
    best, reached = _best(found["way"]), [each for each in found["way"] if each["test"] >= given.level]
    return {
        "set": given.set,
        "method": method,
        "seed": seed,
        "commit": commit(),
        "ndcg@10": best["test"],
        "recall@10": found["recall@10"],
        "cpu_seconds_to_best": best["cpu_seconds"],
        "level": given.level,
        "cpu_seconds_to_level": reached[0]["cpu_seconds"] if reached else None,
        "cpu_seconds": found["way"][-1]["cpu_seconds"],
        "passes": found["way"][-1]["passes"],
        **{key: found[key] for key in ("parameters", "way")},
    }


def _best(way: list[dict[str, Any]]) -> dict[str, Any]:
    return max(way, key=lambda each: each["valid"])


def page(given: argparse.Namespace, found: list[dict[str, Any]]) -> str:
    """Return the table in Markdown: means over each method's seeds."""
    command = ["python", "benchmarks/peers_next_item.py", "--data", "DIR", "--env", "DIR", "--set", given.set]
    command += ["--methods", given.methods, "--seeds", str(given.seeds), "--level", str(given.level)]
    command += ["--width", str(given.width), "--cpu-minutes", f"{given.cpu_minutes:g}"]
    lines = [f"# {given.set}: next item beside RecTools", "", f"{date.today()}, commit {commit()}, {machine()}.", ""]
    lines += ["```", shlex.join(command), "```", ""]
    lines += [f"| | recall@10 | ndcg@10 | CPU s to {given.level} | CPU s to its best | passes | parameters | seeds |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for method, name in NAMES.items():
        rows = [row for row in found if row["method"] == method and row["level"] == given.level]
        if rows:
            cells = [f"{np.mean([row[key] for row in rows]):.4f}" for key in ("recall@10", "ndcg@10")]
            reached = [row["cpu_seconds_to_level"] for row in rows]
            cells.append("not reached" if None in reached else f"{np.mean(reached):.0f}")
            cells.append(f"{np.mean([row['cpu_seconds_to_best'] for row in rows]):.0f}")
            cells.append(f"{np.mean([row['passes'] for row in rows]):.0f}")
            lines.append(f"| {name} | {' | '.join(cells)} | {rows[0]['parameters']:,} | {len(rows)} |")
    return "\n".join(
        [
            *lines,
            "",
            "The same events, split and questions; the whole catalogue is ranked, items of the past off the list. CPU",
            "seconds are those of training alone, judging left out. The best pass is that of validation (ours: of half",
            "A); the level is one of test questions. What nobody trains stands in [next_item](next_item.md).",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--env", type=Path, default=Path("runs/peers_next_item/env"))
    parser.add_argument("--set", default="beauty", choices=[name for name in SPLITS if name != "shop"])
    parser.add_argument("--methods", default=",".join(NAMES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--level", type=float, default=0.0523)
    parser.add_argument("--width", type=int, default=SETTINGS["width"], help="of RecTools' transformer")
    parser.add_argument("--cpu-minutes", type=float, default=60.0, help="RecTools stops after so much training")
    parser.add_argument("--runs", type=Path, default=Path("runs/peers_next_item"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    kept = given.runs / f"{given.set}.jsonl"
    found = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    for seed in range(given.seeds):
        for method in given.methods.split(","):
            if not any((row["method"], row["seed"], row["level"]) == (method, seed, given.level) for row in found):
                found.append(measured(given, method, seed))
                print(json.dumps({key: each for key, each in found[-1].items() if key != "way"}), flush=True)
                with kept.open("a") as file:
                    file.write(json.dumps(found[-1]) + "\n")
                given.results.mkdir(parents=True, exist_ok=True)
                (given.results / f"peers_next_item_{given.set}.md").write_text(page(given, found))


if __name__ == "__main__":
    main()
