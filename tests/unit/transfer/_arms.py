"""Arms whose numbers are given, or drawn from a known truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from motet.schema import Binary
from motet.transfer import Sharing

SHARING = Sharing(3, 100, 250, 10.0, 30.0, 3.0, 2.0)


@dataclass(frozen=True)
class Found:
    """A paired difference in numbers."""

    difference: float
    standard_error: float = 0.01
    degrees: float = 1e6
    twin: float = 0.5
    units: int = 1000
    seeds: int = 3
    seed_share: float = 0.0

    @property
    def joint(self):
        return self.twin + self.difference

    @property
    def seed_variance(self):
        return self.seed_share * self.standard_error**2

    @property
    def unit_variance(self):
        return self.standard_error**2 - self.seed_variance


def tasks(*names):
    return {name: Binary(name=name, column="c") for name in names}


@dataclass
class Given:
    """found: (task, arm, role) → the comparison; roles that are missing fall back to the arm's `valid` or `test`.

    pulls: the affinity. impossible: rungs that cannot be climbed.
    """

    found: dict = field(default_factory=dict)
    pulls: dict = field(default_factory=dict)
    impossible: tuple = ()
    asked: list = field(default_factory=list)
    made: list = field(default_factory=list)

    def compare(self, task, arm, role):
        self.asked.append((task, arm, role))
        return next(self.found[task, arm, each] for each in (role, "valid", "test") if (task, arm, each) in self.found)

    def calibration(self, task, arm):
        return {} if task == "lonely" else {"ece": (0.1, 0.2), "log_loss": (math.nan, 0.5)}

    def affinity(self, joint):
        return self.pulls

    def valved(self, joint, shares, harmed):
        self.made.append((joint, dict(shares), list(harmed)))
        rung = "read_only" if 0.0 in shares.values() else "valve"
        return None if rung in self.impossible else rung

    def private(self, joint, task):
        self.made.append((joint, task))
        return None if "private" in self.impossible else f"private {task}"

    def interpolated(self, joint, task, share):
        return None if "interpolate" in self.impossible else f"{task} {share}"

    def seconds(self, arm):
        return 0.0 if arm in ("joint", "twin") else 7.0

    def metrics(self, task, arm):
        return {"auc": 0.5, "log_loss": math.nan, "arm": float(len(arm))}

    def together(self, task):
        return 0.61 if task != "lonely" else math.nan

    def baseline(self, task):
        return None if task == "lonely" else ("majority", 0.4)

    def sharing(self, routes):
        return SHARING


@dataclass
class Drawn(Given):
    """A truth per task: effect in standard errors of the test part; validation has as many units as test.

    seed_deviation: of one seed's own effect, which validation and test share.
    """

    effect: float = 0.0
    seed_deviation: float = 0.0
    rng: np.random.Generator = field(default_factory=np.random.default_rng)
    seeds: dict = field(default_factory=dict)

    def compare(self, task, arm, role):
        if task not in self.seeds:
            self.seeds[task] = self.rng.normal(0, self.seed_deviation, 3)
        seed_variance = float(self.seeds[task].var(ddof=1)) / 3
        total = 1.0 + seed_variance
        return Found(
            difference=self.effect + self.seeds[task].mean() + self.rng.normal(),
            standard_error=math.sqrt(total),
            degrees=total**2 / (1 / 1000 + seed_variance**2 / 2),
            seed_share=seed_variance / total,
        )
