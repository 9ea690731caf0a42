"""Claim: every recipe ships with no task harmed; the verdicts before repair stand beside it.

    python benchmarks/recipes.py --data DIR [--recipes clothing,census] [--runs runs] [--results benchmarks/results]
        [--commit ID]

Runs `motet certify` on each recipe and writes its certificate with date and machine to RESULTS/<recipe>.md. Where a
model folder already stands in RUNS, its certificate is read instead of trained again (--fresh trains anyway).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOTET = [sys.executable, "-c", "from motet.cli.main import run; run()"]


def machine() -> str:
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        name = names[0] if names else name
    return f"{os.cpu_count()} cores of {name}"


def certify(recipe: str, data: str, out: Path) -> None:
    command = ["certify", str(ROOT / "recipes" / f"{recipe}.toml"), "--data", data, "--out", str(out), "--quiet"]
    subprocess.run([*MOTET, *command], check=True)


def commit() -> str:
    """The code's own commit, so that a table can be traced to what made it."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def page(recipe: str, out: Path, code: str) -> str:
    from motet.transfer import from_json

    record = json.loads((out / "evaluation" / "certificate.json").read_text())
    certificate = from_json(record)
    lines = [f"# {recipe}", "", f"{date.today()}, commit {code}, {machine()}.", ""]
    command = f"motet certify recipes/{recipe}.toml --data DIR --out runs/{recipe}"
    usual = tomllib.loads((ROOT / "recipes" / f"{recipe}.toml").read_text()).get("certify", {}).get("seeds", 3)
    if len(record["seeds"]) != usual:
        command += f" --set certify.seeds={len(record['seeds'])}"
    lines += ["```", command, "```", "", "```"]
    lines += [str(certificate), "```", "", "All metrics of what ships (first seed, test):", ""]
    lines += ["| task | metrics |", "|---|---|"]
    for task, row in record["tasks"].items():
        shown = ", ".join(f"{name} {value:.4f}" for name, value in row["metrics"].items() if value is not None)
        lines.append(f"| {task} | {shown} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("MOTET_DATA", ""), help="the folder of the data sets")
    parser.add_argument("--recipes", default="clothing,census,movies,giftcards,beauty")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--commit", default=commit(), help="the code that made the folders in RUNS")
    parser.add_argument("--fresh", action="store_true")
    given = parser.parse_args()
    given.results.mkdir(parents=True, exist_ok=True)
    for recipe in given.recipes.split(","):
        out = given.runs / recipe
        if given.fresh or not (out / "manifest.json").exists():
            if not given.data:
                print(f"{recipe}: skipped, no data; give --data DIR or set MOTET_DATA")
                continue
            certify(recipe, given.data, out)
        (given.results / f"{recipe}.md").write_text(page(recipe, out, given.commit))
        print(f"{recipe}: {given.results / recipe}.md")


if __name__ == "__main__":
    main()
