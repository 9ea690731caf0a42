"""What sharing must do where the truth is known: small tables, made for one question each."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from hashlib import sha1
from typing import Any

import numpy as np
import polars as pl

import motet
from motet.stages.certifying import TrainedArms
from motet.stages.outcomes import run_arm
from motet.stages.repairing import Repairs
from motet.stages.study import Study
from motet.transfer import Certificate, certify
from motet.workflow import check, prepare

INPUTS = 12
SEEDS = (0, 1)


def people(count: int, *, seed: int = 0) -> tuple[pl.DataFrame, np.ndarray]:
    """Return rows of numbers, and the score that labels are drawn from: bent, so that a trunk has much to learn."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, INPUTS))
    score = np.abs(x[:, 0]) + np.abs(x[:, 1]) - np.abs(x[:, 2]) - np.abs(x[:, 3]) + x[:, 4] * 0.5
    return pl.DataFrame({f"x{n}": x[:, n] for n in range(INPUTS)}), 1.5 * (score - score.mean())


def flags(score: np.ndarray, *, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(len(score)) < 1 / (1 + np.exp(-score))


def study_of(
    frame: pl.DataFrame, labels: Mapping[str, Any], *, weights: Mapping[str, float] | None = None, **settings: Any
) -> Study:
    frame = frame.with_columns(pl.Series(name, values, dtype=pl.Boolean) for name, values in labels.items())
    columns = {name: "number" for name in frame.columns if name not in labels} | dict.fromkeys(labels, "flag")
    table = {"frame": frame, "columns": columns}
    tasks = {
        name: {"kind": "binary", "table": "people", "column": name, "weight": (weights or {}).get(name, 1.0)}
        for name in labels
    }
    train = {"epochs": 8, "batch": 256, "device": "cpu", **settings}
    project = motet.Project(tables={"people": table}, tasks=tasks, train=train, trunk={"width": 16})
    return prepare(check(project))


def trained(study: Study) -> Repairs:
    joint = [run_arm(study, "joint", seed) for seed in SEEDS]
    return Repairs(study, joint, {task: [run_arm(study, task, seed) for seed in SEEDS] for task in study.examples})


def certificate(repairs: Repairs, **options: Any) -> Certificate:
    study = repairs.study
    return certify(study.project.tasks, SEEDS, TrainedArms(study, repairs), margin=0.02, **options).certificate


def kept(values: np.ndarray, share: float) -> list[bool | None]:
    """Return the labels with only a share of the training rows' left; those of validation and test stay."""
    key_n = [int(sha1(str(row).encode()).hexdigest(), 16) for row in range(len(values))]
    return [
        bool(v) if key % 10 >= 8 or (key // 10) % 100 < 100 * share else None
        for v, key in zip(values, key_n, strict=True)
    ]


@functools.cache
def world(count: int) -> tuple[pl.DataFrame, np.ndarray]:
    return people(count)


def test_a_task_with_few_labels_gains_from_one_of_the_same_signal() -> None:
    frame, score = world(4000)
    study = study_of(frame, {"rich": flags(score, seed=1), "poor": kept(flags(score, seed=2), 0.03)})
    rows = certificate(trained(study)).tasks
    assert rows["poor"].shipped.low > 0 and rows["poor"].shipped.difference > 0.03
    assert rows["rich"].shipped.verdict != "harmed" and rows["rich"].shipped.difference > -0.01


def test_a_duplicate_of_a_task_does_it_no_harm() -> None:
    frame, score = world(8000)
    label = flags(score, seed=1)
    rows = certificate(trained(study_of(frame, {"main": label, "copy": label}))).tasks
    for row in rows.values():
        assert row.initial.verdict in ("not worse", "improved") and row.repair is None


def test_two_tasks_with_opposite_labels_are_told_apart() -> None:
    frame, score = world(4000)
    label = flags(score, seed=1)
    repairs = trained(study_of(frame, {"main": label, "against": ~label}))
    rows = certificate(repairs).tasks
    assert all(row.initial.joint > 0.78 and row.shipped.difference > -0.02 for row in rows.values())
    answers = [repairs.made["joint"][0].answers[task]["test"].score for task in rows]
    assert np.corrcoef(*answers)[0, 1] < -0.95


def test_a_task_of_shuffled_labels_is_cut_off() -> None:
    """It weighs thirty times as much; what it does to the trunk must not reach the other task as shipped."""
    frame, score = world(4000)
    label = flags(score, seed=1)
    noise = np.random.default_rng(3).permutation(label)
    study = study_of(frame, {"main": kept(label, 0.4), "noise": noise}, weights={"noise": 30.0}, epochs=8)
    repairs = trained(study)
    arms = TrainedArms(study, repairs)
    before = arms.compare("main", "joint", "valid").difference
    row = certificate(repairs).tasks["main"]
    shut = [arm for arm, going in repairs.going.items() if going.valves.get("noise", 1.0) == 0.0]
    assert shut, "noise is found to be at fault"
    assert all(arms.compare("main", arm, "valid").difference > before + 0.1 for arm in shut), "its valve holds tight"
    assert before < -0.05 and row.initial.difference < -0.05
    assert row.repair is not None and row.shipped.verdict != "harmed" and row.shipped.difference > -0.03
    assert [each.passed for each in row.tried][-1] and all(
        each.seconds > 0 for each in row.tried if each.rung != "twin"
    )


def test_what_is_read_only_leaves_the_trunk_to_the_others() -> None:
    frame, score = world(4000)
    label = flags(score, seed=1)
    noise = np.random.default_rng(3).permutation(label)
    study = study_of(frame, {"main": label, "noise": noise}, weights={"noise": 30.0}, epochs=6)
    repairs = trained(study)
    arm = repairs.valved("joint", {"noise": 0.0}, ["main"])
    assert arm is not None
    for outcome in repairs.made[arm]:
        model = outcome.model
        model.zero_grad(set_to_none=True)
        batch = next(iter(study.plan.epoch(0, 0, ["noise"])))[1][0]
        model.losses(batch, study.tensors)["noise"].backward()
        assert all(weight.grad is None or not weight.grad.any() for weight in model.shared())
        assert any(weight.grad is not None and weight.grad.any() for weight in model.private("noise"))
    arms = TrainedArms(study, repairs)
    assert arms.compare("main", arm, "valid").difference > arms.compare("main", "joint", "valid").difference
