"""Results: what a model's folder says about its training, and the runs beside it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

Pairs = dict[str, dict[str, float]]


class ResultsOut(BaseModel):
    """What is saved about the model that answers.

    certificate: as in the folder's evaluation/certificate.json, None after plain training. metrics: as in
    evaluation/metrics.json. affinity: source → target → what a step for one does to the other's validation loss, as a
    share (+ lowers it). cosines: block → one → other → agreement of their gradients.
    """

    name: str
    created: str
    motet: str
    seed: int
    encoder: str | None
    kinds: dict[str, str]
    certificate: dict[str, Any] | None
    metrics: dict[str, Any]
    affinity: Pairs
    cosines: dict[str, Pairs]
    model: str


class RunOut(BaseModel):
    """A training run. created: seconds since 1970, of the last sign of life."""

    name: str
    state: Literal["finished", "running", "stopped"]
    created: float


class RunsOut(BaseModel):
    """Training runs, the latest first."""

    runs: list[RunOut]


class CurveOut(BaseModel):
    """One arm's training. arm: `joint`, or the task that was trained alone. kept: the epoch whose weights are kept.

    epochs: counted from 1. scores, losses: task → a value per epoch, None where there is none; larger scores are
    better.
    """

    arm: str
    seed: int
    epochs: list[int]
    kept: int | None
    scores: dict[str, list[float | None]]
    losses: dict[str, list[float | None]]


class RunCurvesOut(BaseModel):
    """A run with its curves so far.

    score: the mean scaled test score of all tasks, where it was judged. metrics: task → the metric that the curves'
    scores are; of an error (`mae`, `log_loss`), a score is the negative.
    """

    name: str
    state: Literal["finished", "running", "stopped"]
    created: float
    score: float | None
    metrics: dict[str, str] = {}
    curves: list[CurveOut]
