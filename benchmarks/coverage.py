"""Claim: the certificate's 95 % intervals hold the truth 93 to 97 times in 100; 5 times at most, `improved` is false.

    python benchmarks/coverage.py [--draws 1000] [--results benchmarks/results]

Joint and twin are simulated with a known difference: users differ, seeds differ, and users differ from seed to seed.
Every comparison goes the whole way through `motet.evaluate.compare` and, for the verdicts, `motet.transfer.judge`.
"""

import argparse
import os
import platform
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from motet.testing.pairs import PairWorld, RankingWorld, World, coverage
from motet.transfer import judge

ROOT = Path(__file__).resolve().parent.parent
RATIOS, SEEDS, LUCK, TASKS = (0.0, 0.25, 1.0, 4.0), (2, 3, 5), (0.0, 0.5), 5
APART = (0.0, 0.05, 0.1, 0.2)
PAIRS, TASTE, BUSY = ((300, 1_500), (1_900, 2_540)), (0.0, 1.0), (0.0, 1.0)


def false_improvements(world: World, *, seeds: int, draws: int, rng: np.random.Generator) -> float:
    """Return how often any of five tasks without a difference is called improved."""
    found = 0
    for _ in range(draws):
        certificate = judge({f"t{n}": world.draw(rng, seeds) for n in range(TASKS)}, margin=0.02)
        found += any(row.verdict == "improved" for row in certificate.values())
    return found / draws


def table(draws: int) -> list[str]:
    lines = [
        "| luck | ratio | seeds | coverage | median width | some of 5 falsely improved |",
        "|---|---|---|---|---|---|",
    ]
    for luck in LUCK:
        for ratio in RATIOS:
            for seeds in SEEDS:
                rng = np.random.default_rng([int(100 * luck), int(100 * ratio), seeds])
                world = World(seeds=ratio, luck=luck)
                held, width = coverage(world, seeds=seeds, draws=draws, rng=rng)
                false = false_improvements(world, seeds=seeds, draws=draws, rng=rng)
                lines.append(f"| {luck:g} | {ratio:g} | {seeds} | {held:.3f} | {width:.1f} | {false:.3f} |")
    return lines


def ranking_table(draws: int) -> list[str]:
    """Return the rows of a metric that is no mean, whose variance comes from a bootstrap over users."""
    lines = ["| seeds differ by | seeds | coverage | median width |", "|---|---|---|---|"]
    for apart in APART:
        for seeds in SEEDS:
            rng = np.random.default_rng([int(1000 * apart), seeds])
            held, width = coverage(RankingWorld(seeds=apart), seeds=seeds, draws=draws, rng=rng)
            lines.append(f"| {apart:g} | {seeds} | {held:.3f} | {width:.4f} |")
    return lines


def pair_table(draws: int) -> list[str]:
    """Return the rows of questions about pairs of users; for a mean, also what the first users alone would promise."""
    lines = [
        "| users | pairs | taste | busy | luck | metric | coverage | median width | by first users alone |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    worlds = [
        PairWorld(users, questions, taste=taste, busy=busy)
        for users, questions in PAIRS
        for taste in TASTE
        for busy in BUSY
    ]
    for each in [*worlds, PairWorld(taste=0.0, luck=1.0)]:
        for metric in ("auc", "log_loss"):
            world = replace(each, metric=metric)
            seed = [world.users, int(world.taste), int(world.busy)]
            held, width = coverage(world, seeds=3, draws=draws, rng=np.random.default_rng(seed))
            alone = "-"
            if metric == "log_loss":  # in closed form; the bootstrap of auc would take an hour
                rng = np.random.default_rng(seed)
                alone = f"{coverage(replace(world, both=False), seeds=3, draws=draws, rng=rng)[0]:.3f}"
            told = f"| {world.users:,} | {world.questions:,} | {world.taste:g} | {world.busy:g} | {world.luck:g} "
            lines.append(f"{told}| {metric} | {held:.3f} | {width:.4f} | {alone} |")
    return lines


def page(draws: int) -> str:
    lines = ["# Coverage of the certificate's intervals", "", f"{date.today()}, {os.cpu_count()} cores of {machine()}."]
    lines += ["", "```", f"python benchmarks/coverage.py --draws {draws}", "```", ""]
    lines += [
        f"{draws} simulated comparisons per row, and as many certificates of {TASKS} tasks without any difference.",
        "Ratio: the variance between seeds over that of the mean over users. Luck: what a user's change of fortune",
        "from seed to seed adds to the variance of one seed's mean, over the same. Width: in standard errors.",
        "",
        *table(draws),
        "",
        "One standard error of a coverage near .95 is "
        f"{np.sqrt(0.95 * 0.05 / draws):.3f}. Asked for: .93 to .97, and at most .05 falsely improved.",
        "",
        "## auc",
        "",
        f"{draws} comparisons per row of two models that rank yes-or-no questions equally well (200 users, 4 questions",
        "each), by auc. It is no mean over questions, so its variance is bootstrapped over users. Seeds differ by: the",
        "standard deviation, from seed to seed, of how far a yes stands above a no (1.5 on average, where questions",
        "differ in difficulty by 1).",
        "",
        *ranking_table(draws),
        "",
        "## Pairs of users",
        "",
        f"{draws} comparisons per row, 3 seeds each, of two models that tell friends from strangers equally well. Both",
        "users of a pair count as chance. Taste: the standard deviation, over users, of what a model sees in a user's",
        "pairs more or less, on either side (0: pairs have nothing in common). Busy: the standard deviation of the",
        "logarithm of how often a user is in a pair. Luck: the share of a pair's own variance that changes from seed",
        "to seed. By first users alone: the coverage of an interval that takes only the first user of each pair for",
        "chance. Asked for: .93 to .98. The interval is never narrower than by either side or by the pairs alone,",
        "a little cautious where taste is 0. Where all is luck, the seeds' variance counts a part of it again, as it",
        "does for first users alone.",
        "",
        *pair_table(draws),
    ]
    return "\n".join(lines) + "\n"


def machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    given = parser.parse_args()
    given.results.mkdir(parents=True, exist_ok=True)
    out = given.results / "coverage.md"
    out.write_text(page(given.draws))
    print(out.read_text())


if __name__ == "__main__":
    main()
