"""Trained arms on disk and in memory: their weights, their answers to the questions that decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

import numpy as np

from motet.evaluate import Predictions, subset
from motet.model.assemble import MotetModel, count_parameters
from motet.model.predict import Predictor
from motet.stages.answer import Role, answers, questions_of_role
from motet.stages.arms import train_arm
from motet.stages.head_start import first_leg
from motet.stages.study import Study
from motet.train.events import Listener

ListenersFor = Callable[[str, int], Sequence[Listener]]
"""(arm, seed) → who watches its training; an arm is `joint` or the name of a twin's task."""

ASKED: tuple[Role, ...] = ("valid", "test")


@dataclass(frozen=True)
class Outcome:
    """One trained arm.

    answers: task → role (valid, test) → predictions. log: a row per epoch; best_epoch is the one whose weights were
    kept. first: the arm whose weights this one started from; `seconds` are this arm's own.
    """

    arm: str
    seed: int
    model: MotetModel
    answers: Mapping[str, Mapping[str, Predictions]]
    seconds: float
    parameters: int
    log: list[dict[str, Any]]
    best_epoch: int
    first: Outcome | None = None

    @property
    def seconds_in_all(self) -> float:
        """Return what training took from scratch, the first leg included."""
        return self.seconds + (self.first.seconds if self.first else 0.0)


def run_arm(
    study: Study,
    arm: str,
    seed: int,
    *,
    work: Path | None = None,
    listeners: Sequence[Listener] = (),
    budget_seconds: float | None = None,
    first: Outcome | None = None,
) -> Outcome:
    """Train an arm, or go on where an interrupted run stopped, and ask it the validation and test questions.

    work: a folder for its checkpoints; a finished arm is read from it without training. first: what the joint model
    starts from, where its main task has a head start; trained here where it is not given.
    """
    leg = first_leg(study) if arm == "joint" else None
    if leg is not None and first is None:
        first = run_arm(study, leg, seed, work=work)
    folder = None if work is None else work / _folder_name(study, arm) / f"seed-{seed}"
    task = None if arm == "joint" else arm
    trained = train_arm(
        study,
        task=task,
        seed=seed,
        listeners=listeners,
        checkpoints=folder,
        budget_seconds=budget_seconds,
        donor=None if first is None else first.model,
    )
    predictor = Predictor(trained.model, study.tensors)
    tasks = trained.model.shape.judged
    told = {role: _asked(study, trained.model, tasks, role, predictor) for role in ASKED}
    by_task: dict[str, dict[str, Predictions]] = {task: {role: told[role][task] for role in ASKED} for task in tasks}
    parameters = count_parameters(trained.model)
    return Outcome(
        arm, seed, trained.model, by_task, trained.seconds, parameters, trained.log, trained.best_epoch, first
    )


class Asking(Mapping[str, Mapping[str, Predictions]]):
    """The answers of a repaired model, each asked for when it is first wanted.

    tasks: those that the model may be asked about.
    """

    def __init__(self, study: Study, model: MotetModel, tasks: Sequence[str]) -> None:
        self._study, self._model = study, model
        self._found: dict[str, _Roles] = {task: _Roles(self._ask, task) for task in tasks}

    def _ask(self, task: str, role: Role) -> Predictions:
        return _asked(self._study, self._model, [task], role, Predictor(self._model, self._study.tensors))[task]

    def __getitem__(self, task: str) -> Mapping[str, Predictions]:
        return self._found[task]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class _Roles(Mapping[str, Predictions]):
    """A task's answers by role, kept once asked for."""

    def __init__(self, ask: Callable[[str, Role], Predictions], task: str) -> None:
        self._ask, self._task = ask, task
        self._found: dict[str, Predictions] = {}

    def __getitem__(self, role: str) -> Predictions:
        for known in ASKED:
            if known == role:
                if role not in self._found:
                    self._found[role] = self._ask(self._task, known)
                return self._found[role]
        raise KeyError(role)

    def __iter__(self) -> Iterator[str]:
        return iter(ASKED)

    def __len__(self) -> int:
        return len(ASKED)


def role_of(study: Study, task: str, predictions: Mapping[str, Predictions], role: Role) -> Predictions:
    """Return an arm's answers in a role; A and B are halves of the validation questions."""
    if role in predictions:
        return predictions[role]
    valid, half = questions_of_role(study, task, "valid"), questions_of_role(study, task, role)
    return subset(predictions["valid"], np.isin(valid, half))


def _asked(
    study: Study, model: MotetModel, tasks: Iterable[str], role: Role, predictor: Predictor
) -> dict[str, Predictions]:
    chosen = {task: questions_of_role(study, task, role) for task in tasks}
    return answers(study, model, chosen, sliced=True, predictor=predictor)


def taught(study: Study) -> str:
    """Return what an arm's name in a run's folder says of its tutors: with more seeds there are more of them."""
    return f"-taught-by-{study.project.certify.seeds}" if study.tutored else ""


def _folder_name(study: Study, arm: str) -> str:
    """A folder for an arm, whatever characters its task's name has, and whatever a file system makes of capitals."""
    if arm == "joint":
        return f"{arm}{taught(study)}"
    plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in arm.lower())
    return f"twin-{plain}" if plain == arm else f"twin-{plain}-{sha1(arm.encode()).hexdigest()[:8]}"
