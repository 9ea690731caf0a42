"""Train what the ladder asks for: for all seeds, once, each arm resumable in the work folder."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha1
from pathlib import Path

from motet.features.batch import Batch
from motet.features.plan import TrainingPlan
from motet.model.assemble import MotetModel, count_parameters
from motet.model.names import module_name
from motet.schema import BalanceConfig
from motet.stages.answer import Role
from motet.stages.arms import judge, new_balancer, uncertainty
from motet.stages.growing import between, fill, regrown, stands_alone, with_adapter, with_valves
from motet.stages.looking import judge_batches
from motet.stages.mixing import open_gates, shut
from motet.stages.outcomes import Asking, Outcome, taught
from motet.stages.softening import softener
from motet.stages.study import Study
from motet.stages.watching import Watch
from motet.train.affinity import LOOK_AHEAD_RATE, RunningAffinity, look_ahead
from motet.train.loop import TrainedModel, fit
from motet.train.progress import Progress
from motet.train.start import Start
from motet.train.teachers import closable

RANK = 16
"""Of the private adapter that a repair gives."""
JOINT_SHARE = 0.25
"""A joint model that is trained on gets this share of the epochs that it took."""
OWN_EPOCHS = 5
"""A single task is trained on for at most so many epochs."""
LOOKED_AT = 2_000
"""Labels per task that the affinity is measured on."""
OTHER_STREAM = 1_000_003
"""Added to a seed, so that a run that goes on does not walk through the same steps again."""


@dataclass(frozen=True)
class Going:
    """How an arm came to be from another: what a refit must repeat.

    base: the arm it goes on from. valves: shares that it turned, for the sake of the tasks `harmed`. task: the one task
    that it was made for, by an adapter or, as a fork, by a model of its own, of which it goes `share` of the way.
    """

    base: str
    valves: Mapping[str, float] = field(default_factory=dict)
    harmed: tuple[str, ...] = ()
    task: str = ""
    fork: bool = False
    share: float = 1.0


class Repairs:
    """The arms that repairs made, per seed. joint: outcomes per seed. twins: task → the same."""

    def __init__(
        self,
        study: Study,
        joint: Sequence[Outcome],
        twins: Mapping[str, Sequence[Outcome]],
        *,
        work: Path | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.study, self.twins, self.work, self.watch = study, twins, work, watch or Watch()
        self.made: dict[str, Sequence[Outcome]] = {"joint": joint}
        self.going: dict[str, Going] = {}
        self._affinity: dict[str, Mapping[str, Mapping[str, float]]] = {}
        self._forks: dict[str, list[Outcome]] = {}

    @property
    def trained(self) -> list[Outcome]:
        """Return all outcomes that cost training, forks included, joint and twins left out."""
        arms = [self.made[name] for name in self.made if name in self.going and not self.going[name].fork]
        return [outcome for arm in [*arms, *self._forks.values()] for outcome in arm]

    def affinity(self, joint: str) -> Mapping[str, Mapping[str, float]]:
        """Return source → target → look-ahead affinity on half A, the mean over seeds."""
        if joint not in self._affinity:
            running = RunningAffinity()
            learn, judged = (self._labelled(role) for role in ("train", "A"))
            for outcome in self.made[joint]:
                running.update(look_ahead(outcome.model, learn, judged, self.study.tensors, rate=LOOK_AHEAD_RATE))
            self._affinity[joint] = running.mean()
        return self._affinity[joint]

    def valved(self, joint: str, shares: Mapping[str, float], harmed: Sequence[str]) -> str | None:
        """Return the joint model trained on under turned valves; None where the strategy has none, or none turns."""
        first = self.made[joint][0].model
        shape = with_valves(first.shape, shares)
        if shape == first.shape or not hasattr(first.sharing, "valves"):
            return None
        listed = ", ".join(f"{task} {share:g}" for task, share in sorted(shares.items()))
        # who was harmed may learn from labels again, so it takes part in the name under which checkpoints are found
        name = f"{joint}, valves {listed} for {', '.join(sorted(harmed))}"
        if name not in self.made:
            self.going[name] = Going(joint, valves=dict(shares), harmed=tuple(harmed))
            self.made[name] = [self._made(name, outcome) for outcome in self.made[joint]]
        return name

    def private(self, joint: str, task: str) -> str | None:
        """Return the joint model with a private part for a task; None where other tasks would read it."""
        first = self.made[joint][0].model
        if not stands_alone(self._adapted(first, task, seed=0), task, self._labelled("A"), self.study.tensors):
            return None
        name = f"{joint}, private {task}"
        if name not in self.made:
            self.going[name] = Going(joint, task=task)
            self.made[name] = [self._made(name, outcome) for outcome in self.made[joint]]
        return name

    def interpolated(self, joint: str, task: str, share: float) -> str | None:
        """Return the model a share of the way from the joint model to one trained on for a task.

        It takes the place of the one before it: models are large, and the fork they come from is kept.
        """
        fork = _fork(joint, task)
        if fork not in self._forks:
            self.going[fork] = Going(joint, task=task, fork=True)
            self._forks[fork] = [self._made(fork, outcome) for outcome in self.made[joint]]
        name = f"{fork}, {share:g} of it"
        if name not in self.made:
            for other in [arm for arm in self.made if arm in self.going and self._is_of(arm, fork)]:
                del self.made[other], self.going[other]
            self.going[name] = Going(joint, task=task, fork=True, share=share)
            pairs = zip(self.made[joint], self._forks[fork], strict=True)
            self.made[name] = [
                self._outcome(name, outcome, self._between(outcome, forked, task, share), (task,), forked)
                for outcome, forked in pairs
            ]
        return name

    def _between(self, outcome: Outcome, forked: Outcome, task: str, share: float) -> MotetModel:
        return open_gates(self.study, between(outcome.model, forked.model, share), (task,))

    def seconds(self, arm: str) -> float:
        """Return the seconds of training of a repair, all seeds together."""
        return sum(outcome.seconds for outcome in self.made[arm]) if arm in self.going else 0.0

    def fork_of(self, arm: str) -> str:
        """Return the fork towards which an interpolated arm goes."""
        return _fork(self.going[arm].base, self.going[arm].task)

    def _labelled(self, role: Role) -> list[Batch]:
        return judge_batches(self.study, self.study.examples, role=role, most=LOOKED_AT)

    def _is_of(self, arm: str, fork: str) -> bool:
        return self.going[arm].fork and self.fork_of(arm) == fork

    def _made(self, name: str, outcome: Outcome) -> Outcome:
        going = self.going[name]
        epochs = OWN_EPOCHS if going.task else math.ceil(JOINT_SHARE * len(outcome.log))
        trained = self.go_on(name, outcome.model, outcome, epochs=epochs)
        tasks = (going.task,) if going.task else outcome.model.shape.judged
        return self._outcome(name, outcome, open_gates(self.study, trained.model, tasks), tasks, trained)

    def go_on(
        self, name: str, base: MotetModel, outcome: Outcome, *, epochs: int, plan: TrainingPlan | None = None
    ) -> TrainedModel:
        """Return what training makes of `base` on the way to an arm.

        outcome: of the arm that it goes on from, for its seed and course. plan: of all rows, for a refit; then nobody
        judges, and all epochs are walked.
        """
        going, seed = self.going[name], outcome.seed
        model, start = self._start(going, base, outcome)
        whole = copy.deepcopy(model)
        if going.task and not going.fork:
            own = {id(weight) for weight in model.private(going.task)}
            for weight in model.parameters():
                weight.requires_grad_(id(weight) in own)
        trained = self._train(name, model, start, seed=seed, epochs=epochs, plan=plan)
        if going.task and not going.fork:
            # nothing but the task's own part comes back, so that all other tasks answer as before
            fill(whole, trained.model, tasks=(going.task,))
            trained = replace(trained, model=whole)
        return trained

    def _start(self, going: Going, base: MotetModel, outcome: Outcome) -> tuple[MotetModel, Start]:
        """Return the model that is trained on, and how."""
        if going.fork:
            return copy.deepcopy(base), Start(tasks=(going.task,))
        if going.task:
            place = [each.seed for each in self.made[going.base]].index(outcome.seed)
            tutor = shut(copy.deepcopy(self.twins[going.task][place].model))
            model = self._adapted(base, going.task, seed=outcome.seed)
            return model, Start(tasks=(going.task,), tutors={going.task: tutor})
        # what was done learning stays done, but who was harmed may learn from labels again
        closed = self._closed(going, outcome)
        return regrown(base, with_valves(base.shape, going.valves), seed=outcome.seed), Start(closed=closed)

    def _closed(self, going: Going, outcome: Outcome) -> tuple[str, ...]:
        """The tasks that were done learning on the way to the arm that is gone on from, its own bases included."""
        before = self.going.get(going.base)
        found = closed_at_best(outcome)
        if before is not None:
            (earlier,) = (each for each in self.made[before.base] if each.seed == outcome.seed)
            found = tuple(dict.fromkeys([*self._closed(before, earlier), *found]))
        return tuple(task for task in found if task not in going.harmed)

    def _adapted(self, model: MotetModel, task: str, *, seed: int) -> MotetModel:
        if module_name(task) in model.sharing.adapters:
            return copy.deepcopy(model)
        return regrown(model, with_adapter(model.shape, task, RANK), seed=seed)

    def _train(
        self, name: str, model: MotetModel, start: Start, *, seed: int, epochs: int, plan: TrainingPlan | None
    ) -> TrainedModel:
        study = self.study
        learning, going_alone = start.tasks or tuple(model.shape.tasks), bool(start.tasks)
        shape = model.shape if len(learning) > 1 else study.shape.only(learning[0])
        # one task has nothing to be balanced with, and frozen weights have no gradients that a balancer might look at
        balancer = new_balancer(study if len(learning) > 1 else _unbalanced(study), shape)
        folder = None if self.work is None or plan is not None else self.work / folder_name(name + taught(study), seed)
        trained = fit(
            shut(model),
            plan or study.plan,
            study.tensors,
            balancer,
            judge(study, shape),
            config=study.project.train.model_copy(update={"epochs": epochs}),
            seed=seed + OTHER_STREAM,
            listeners=self.watch.listeners(name if plan is None else f"{name} (all rows)", seed),
            checkpoints=folder,
            epochs=None if plan is None else epochs,
            start=start,
            soften=None if going_alone else softener(study, shape),
            uncertainty=uncertainty(study, shape),
        )
        self.watch.trained(name, seed, trained.seconds)
        return trained

    def _outcome(
        self, name: str, base: Outcome, model: MotetModel, tasks: tuple[str, ...], trained: TrainedModel | Outcome
    ) -> Outcome:
        model = model.eval().requires_grad_(True)
        return Outcome(
            name,
            base.seed,
            model,
            Asking(self.study, model, tasks),
            trained.seconds,
            count_parameters(model),
            trained.log,
            trained.best_epoch,
        )


def closed_at_best(outcome: Outcome) -> tuple[str, ...]:
    """Return the tasks that were closed when an arm reached the epoch whose weights were kept."""
    shape = outcome.model.shape
    tasks = shape.judged
    progress = Progress(tasks, 1, closable(shape))
    for row in outcome.log[: outcome.best_epoch]:
        progress.update(row["epoch"], {task: row[f"score/{task}"] for task in tasks})
    return tuple(progress.closed)


def _unbalanced(study: Study) -> Study:
    project = study.project.model_copy(update={"balance": BalanceConfig(kind="scale")})
    return replace(study, project=project)


def _fork(joint: str, task: str) -> str:
    return f"{joint}, on for {task}"


def folder_name(arm: str, seed: int) -> Path:
    """Return where an arm keeps its checkpoints, whatever characters the names in it have."""
    return Path("repairs", sha1(arm.encode()).hexdigest()[:16], f"seed-{seed}")
