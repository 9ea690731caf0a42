"""Search: try settings on validation half A until the budget is spent; the project's own settings come first.

Every trial is held against the best scores of the first one, so what is found is never worse than that on validation.
Trials, and what they came to, stand in `study.log` in the folder: a search that was stopped goes on from there, and
trials that it had begun are begun again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

from motet.errors import DataError, MissingExtra, MotetError, ProjectError
from motet.schema import Project
from motet.schema.overlay import with_settings
from motet.schema.search import MEAN
from motet.stages.space import Space, distributions, grid_of, inside, own_settings
from motet.stages.trying import Scores, Trainer, best_of
from motet.stages.watching import Watch
from motet.transfer.advise.halving import weighted_relative

if TYPE_CHECKING:
    from optuna import Study as Trials
    from optuna.trial import FrozenTrial

LOG, NAME = "study.log", "search"
FULL_TRIALS, FEWEST_PASSES = 8, 3
"""A trial gets so many passes that about so many whole trials fit into the budget, but not fewer than this."""
MOST_POINTS = 1_000
"""Of a grid."""
STARTS = 5
"""Trials drawn at random before TPE has seen enough."""


@dataclass
class Search:
    """A search in a folder. deadline: a moment by `clock`. quota: how many trials at most this call begins.

    worker: its number among those that search side by side.
    """

    project: Project
    space: Space
    out: Path
    train: Trainer
    deadline: float
    quota: int | None = None
    jobs: int = 1
    worker: int = 0
    watch: Watch = field(default_factory=Watch)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.trials = open_trials(self.out, self.project, worker=self.worker)
        self._drawn = distributions(self.space)
        self._firsts: list[float] = []

    def first(self) -> None:
        """Try the project's own settings, unless that was done before; DataError where they cannot be trained."""
        if "reference" in self.trials.user_attrs:
            return
        course: list[Scores] = []
        began = self.clock()

        def go_on(scores: Scores) -> bool:
            course.append(dict(scores))
            if len(course) == 1:
                self.trials.set_user_attr("pass_seconds", self.clock() - began)
                self.trials.set_user_attr("passes", self._passes(began))
            self._tell(0, course, None)
            return len(course) < self.trials.user_attrs["passes"] and self.clock() < self.deadline

        self.train(self.project, go_on)
        if not course:
            raise DataError("The project's own settings were not trained for a single pass.", "Check train.epochs.")
        self._keep_first(course, began)

    def _keep_first(self, course: Sequence[Scores], began: float) -> None:
        from optuna.trial import create_trial

        reference = best_of(course, self._worth)
        self.trials.set_user_attr("reference", reference)
        values = self._so_far(course, reference)
        own = own_settings(self.project, list(self.space))
        fits = inside(own, self._drawn)
        self.trials.add_trial(
            create_trial(
                value=values[-1],
                params=own if fits else {},
                distributions=self._drawn if fits else {},
                intermediate_values=dict(enumerate(values, 1)),
                user_attrs=self._attrs(course, began, values[-1], {}),
            )
        )

    def run(self) -> None:
        """Try settings until time, quota or the grid is used up."""
        begun = 0
        while self._time_for_one() and (self.quota is None or begun < self.quota):
            if self.project.search.sampler == "grid" and not self._waiting():
                return
            self._one()
            begun += 1

    def queue(self) -> None:
        """Begin again what an earlier call left unfinished, and lay out a grid; for one worker, before the others."""
        from optuna.trial import TrialState

        for trial in self.trials.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self.trials.tell(trial.number, state=TrialState.FAIL)
            if trial.params:
                self.trials.enqueue_trial(trial.params)
        if self.project.search.sampler == "grid":
            for point in grid_points(self.space, self.project.train.seed):
                self.trials.enqueue_trial(point, skip_if_exists=True)

    def _one(self) -> None:
        from optuna.trial import TrialState

        trial = self.trials.ask(self._drawn)
        reference, passes = self.trials.user_attrs["reference"], self.trials.user_attrs["passes"]
        course: list[Scores] = []
        began, whole = self.clock(), True

        def go_on(scores: Scores) -> bool:
            nonlocal whole
            course.append(dict(scores))
            if len(course) == 1:
                self._firsts.append(self.clock() - began)
            trial.report(self._so_far(course, reference)[-1], len(course))
            self._tell(trial.number, course, reference)
            whole = not (trial.should_prune() or self.clock() >= self.deadline)
            return whole and len(course) < passes

        settings = {key: rounded(value) for key, value in trial.params.items()}
        try:
            self.train(with_settings(self.project, settings), go_on)
        except MotetError as error:
            trial.set_user_attr("why", error.message)
            self.trials.tell(trial, state=TrialState.FAIL)
            return
        if not course:
            self.trials.tell(trial, state=TrialState.FAIL)
            return
        value = self._so_far(course, reference)[-1]
        for name, each in self._attrs(course, began, value, settings).items():
            trial.set_user_attr(name, each)
        if whole:
            self.trials.tell(trial, value)
        else:
            self.trials.tell(trial, state=TrialState.PRUNED)

    def _attrs(
        self, course: Sequence[Scores], began: float, score: float, settings: Mapping[str, Any]
    ) -> dict[str, Any]:
        seconds = round(self.clock() - began, 3)
        return {"score": score, "passes": len(course), "seconds": seconds, "settings": dict(settings)}

    def _worth(self, scores: Scores, reference: Scores) -> float:
        """How much better scores are than others, relatively: in the mean over tasks, by value, or for one task."""
        objective = self.project.search.objective
        if objective != MEAN:
            return weighted_relative({objective: scores[objective]}, {objective: reference[objective]}, {})
        values = {name: task.value for name, task in self.project.tasks.items()}
        return weighted_relative(scores, reference, values)

    def _so_far(self, course: Sequence[Scores], reference: Scores) -> list[float]:
        """Per pass, the best that a course had come to."""
        found: list[float] = []
        for scores in course:
            found.append(max([self._worth(scores, reference), *found[-1:]]))
        return found

    def _passes(self, began: float) -> int:
        """How many passes a trial gets, once it is known how long one takes."""
        epochs = self.project.train.epochs
        seconds = max(1e-9, self.clock() - began)
        left = self.jobs * (self.deadline - began) / seconds
        return min(epochs, max(FEWEST_PASSES, int(min(left / FULL_TRIALS, epochs))))

    def _time_for_one(self) -> bool:
        """Whether a trial that begins now can finish its first pass."""
        expected = median(self._firsts) if self._firsts else self.trials.user_attrs["pass_seconds"]
        return self.clock() + float(expected) < self.deadline

    def _waiting(self) -> bool:
        from optuna.trial import TrialState

        return bool(self.trials.get_trials(deepcopy=False, states=(TrialState.WAITING,)))

    def _tell(self, trial: int, course: Sequence[Scores], reference: Scores | None) -> None:
        score = self._so_far(course, reference)[-1] if reference is not None else None
        best = max((each.user_attrs["score"] for each in judged_trials(self.trials)), default=0.0)
        self.watch.searching(trial, len(course), score, best, self.deadline - self.clock())


def open_trials(out: Path, project: Project, *, worker: int = 0) -> Trials:
    """Return the trials in a folder, with the sampler and pruner that the project names.

    Raises MissingExtra without optuna.
    """
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError as error:
        raise MissingExtra("optuna", "search") from error

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    out.mkdir(parents=True, exist_ok=True)
    found = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(out / LOG))),
        study_name=NAME,
        direction="maximize",
        load_if_exists=True,
    )
    seed = project.train.seed + 10_007 * worker + len(found.get_trials(deepcopy=False))
    random = project.search.sampler != "tpe"
    found.sampler = (
        optuna.samplers.RandomSampler(seed=seed)
        if random
        else optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTS, constant_liar=True)
    )
    found.pruner = {
        "halving": optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
        "median": optuna.pruners.MedianPruner(n_startup_trials=STARTS, n_warmup_steps=1),
        "none": optuna.pruners.NopPruner(),
    }[project.search.pruner]
    return found


def judged_trials(trials: Trials) -> list[FrozenTrial]:
    """Return the trials that came to a score, whole or cut short."""
    from optuna.trial import TrialState

    done = (TrialState.COMPLETE, TrialState.PRUNED)
    return [each for each in trials.get_trials(deepcopy=False, states=done) if "score" in each.user_attrs]


def grid_points(space: Space, seed: int) -> list[dict[str, Any]]:
    """Return the points of a grid in random order; ProjectError for more than anyone will try."""
    axes = grid_of(space)
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST_POINTS:
        raise ProjectError(
            f"The grid has {count:,} points; at most {MOST_POINTS:,} are laid out.",
            "Declare fewer values under [search.space], or use --sampler tpe.",
        )
    points = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    Random(seed).shuffle(points)
    return points


def side_by_side(search: Search, make_trainer: Callable[[], Trainer], workers: int) -> None:
    """Run a search with so many further processes beside this one, each with a share of the quota.

    make_trainer: makes a trainer in a process of its own; it can be pickled.
    """
    from multiprocessing import get_context

    quotas = shares(search.quota, workers + 1)
    context = get_context("spawn")
    beside = [
        context.Process(target=_work, args=(errand_of(search, worker, quotas[worker]), make_trainer, workers + 1))
        for worker in range(1, workers + 1)
    ]
    for process in beside:
        process.start()
    try:
        _few_threads(workers + 1)
        search.quota = quotas[0]
        search.run()
        for process in beside:
            process.join()
    finally:
        for process in beside:
            if process.is_alive():
                process.terminate()


def rounded(value: Any) -> Any:
    """Return a drawn number with the digits that people would write."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def shares(quota: int | None, workers: int) -> list[int | None]:
    """Return how many trials each worker may begin."""
    if quota is None:
        return [None] * workers
    return [quota // workers + (place < quota % workers) for place in range(workers)]


@dataclass(frozen=True)
class Errand:
    """What a worker needs to know."""

    project: Project
    space: Space
    out: Path
    deadline: float
    quota: int | None
    jobs: int
    worker: int


def errand_of(search: Search, worker: int, quota: int | None) -> Errand:
    """Return a search as it is handed to a worker."""
    return Errand(search.project, search.space, search.out, search.deadline, quota, search.jobs, worker)


def _work(errand: Errand, make_trainer: Callable[[], Trainer], workers: int) -> None:
    _few_threads(workers)
    Search(**{**vars(errand), "train": make_trainer()}).run()


def _few_threads(workers: int) -> None:
    import torch

    torch.set_num_threads(max(1, torch.get_num_threads() // workers))
