"""Soft labels of a joint model's training: what they are made of, and their renewal before every pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from motet.data import Division
from motet.features.asking import question_batches
from motet.features.evidence import codes_of
from motet.features.out_of_fold import out_of_fold
from motet.features.prepare import Features
from motet.features.soft import SoftLabels, SoftTask, first_labels, renewed_labels, soft_task
from motet.model.assemble import MotetModel
from motet.model.predict import Predictor
from motet.model.shape import ModelShape
from motet.schema import TRAIN, Masked, Project
from motet.tasks import Examples
from motet.tasks.soft import soft_questions, wants_soft

if TYPE_CHECKING:  # a study is made with what stands here
    from motet.stages.study import Study


def all_soft_questions(division: Division, examples: Mapping[str, Examples]) -> dict[str, Examples]:
    """Return, for tasks that learn from rows without a label, these rows' questions."""
    wanted = {name: task for name, task in division.project.tasks.items() if wants_soft(task)}
    found = {name: soft_questions(task, division, examples[name]) for name, task in wanted.items()}
    return {name: each for name, each in found.items() if len(each)}


def all_soft_tasks(
    project: Project, examples: Mapping[str, Examples], asked: Mapping[str, Examples], features: Features
) -> dict[str, SoftTask]:
    """Return what the soft labels of these tasks are made of; helpers are known by their training labels alone."""
    return {name: _soft_task(name, project, examples, each, features) for name, each in asked.items()}


def _soft_task(
    name: str, project: Project, examples: Mapping[str, Examples], asked: Examples, features: Features
) -> SoftTask:
    spec, state = project.tasks[name], features.state
    wanted = getattr(spec, "soft_targets", "off")
    others = [other for other, task in project.tasks.items() if other != name and not isinstance(task, Masked)]
    helpers = tuple(other for other in others if wanted == "auto" or other in wanted) if wanted != "self" else ()
    questions = features.questions[state.views[name].name]
    known = questions.tasks[name]
    peers = tuple(
        other
        for other in helpers
        if state.views[other].name == questions.view.name and state.labels[other].output != "ranking"
    )
    return soft_task(
        examples,
        asked,
        state.labels,
        (known.question_m[known.part_m == TRAIN], questions.soft[name]),
        helpers=helpers,
        peers=peers,
        weight=getattr(spec, "soft_weight", None),
        own_answers=wanted == "self",
        read=_read(peers, examples, features, questions.view.name),
    )


def _read(
    peers: Sequence[str], examples: Mapping[str, Examples], features: Features, view: str
) -> dict[str, NDArray[np.float32]]:
    """What linear models of the peers read in the texts of the view; nothing where there are none."""
    rows, bag = features.arrays.rows.get(view), features.state.ngrams.get(view)
    if rows is None or bag is None or "word" not in rows.bags:
        return {}
    found = {}
    for peer in peers:
        codes = codes_of(examples[peer], features.state.labels[peer])
        if codes is not None:
            found[peer] = out_of_fold(rows.bags["word"], bag.sizes["word"], codes.examples.row_n, codes.share_mB)
    return found


@dataclass
class Softener:
    """Makes the soft labels of a run. wanted: by task, what they are made of. fixed: labels that stay as they are.

    first: what is said without the model, by task; it holds rows apart from what speaks of them, and where it says
    anything it stays. The model's answers to its own training rows repeat their labels, so they are asked only where
    there is nothing else. best: the labels of the best teacher so far; heads that overfit make worse ones. A run that
    goes on after an interruption is handed them back.
    """

    study: Study
    wanted: Mapping[str, SoftTask]
    fixed: Mapping[str, SoftLabels]
    best: dict[str, SoftLabels] = field(default_factory=dict)
    first: dict[str, SoftLabels | None] = field(default_factory=dict)

    def __call__(self, model: MotetModel | None) -> dict[str, SoftLabels]:
        """Return each task's soft labels of the next pass. model: as it is so far, None before the first pass."""
        predictor = None if model is None else Predictor(model, self.study.tensors)
        for name, soft in self.wanted.items():
            if name not in self.first:
                self.first[name] = first_labels(soft)
            labels = self.first[name]
            if labels is None and predictor is not None:
                labels = _renewed(self.study, predictor, soft)
            if labels is not None and (name not in self.best or labels.loss <= self.best[name].loss):
                self.best[name] = labels
        return {**self.fixed, **self.best}


def softener(study: Study, shape: ModelShape) -> Softener | None:
    """Return who makes the soft labels of a model; None where no task has any.

    A task alone has no helpers, nor does a twin imitate twins, unless the study says so (`Study.tutors_twins`).
    """
    wanted = {name: each for name, each in study.soft.items() if name in shape.tasks and len(shape.tasks) > 1}
    imitates = len(shape.tasks) > 1 or study.tutors_twins
    tutored = {name: each for name, each in study.tutored.items() if name in shape.tasks and imitates}
    return Softener(study, wanted, tutored) if wanted or tutored else None


def _renewed(study: Study, predictor: Predictor, soft: SoftTask) -> SoftLabels | None:
    peers = [task for task in soft.peers if task in predictor.model.shape.tasks]
    if soft.own_answers:
        return renewed_labels(soft, {}, _answers(study, predictor, [soft.task], soft.task, soft.question_s)[soft.task])
    known = _answers(study, predictor, peers, soft.task, soft.question_m)
    others = _answers(study, predictor, peers, soft.task, soft.question_s)
    return renewed_labels(soft, {task: (known[task], others[task]) for task in peers}, None)


def _answers(
    study: Study, predictor: Predictor, tasks: list[str], owner: str, asked: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """Return what tasks of the owner's view answer to its questions, (n, k) each: log-probabilities, or numbers."""
    found = answers_of(study, predictor, tasks, owner, asked)
    return {task: _as_inputs(study.shape.tasks[task].output, each, own=task == owner) for task, each in found.items()}


def answers_of(
    study: Study, predictor: Predictor, tasks: list[str], owner: str, asked: NDArray[np.int64]
) -> dict[str, NDArray[np.float32]]:
    """Return what tasks of the owner's view answer to its questions, as their heads answer, in the questions' order."""
    if not tasks:
        return {}
    questions = study.features.questions[study.features.state.views[owner].name]
    starts = study.division.events.starts if study.division.events is not None else None
    parts: dict[str, list[NDArray[np.float32]]] = {task: [] for task in tasks}
    places: list[NDArray[np.int64]] = []
    for place, batch in question_batches(questions, asked, starts, max_history=study.project.trunk.max_history):
        places.append(place)
        for task, answer in predictor.all_answers(tasks, batch).items():
            parts[task].append(answer.float().cpu().numpy())
    order = np.argsort(np.concatenate(places))
    return {task: np.concatenate(each)[order] for task, each in parts.items()}


def _as_inputs(output: str, answer: NDArray[np.float32], *, own: bool) -> NDArray[np.float32]:
    """An answer as columns; probabilities of helpers as logarithms (log-odds where each stands for itself)."""
    if output == "binary" and own:
        return np.stack([1 - answer, answer], axis=1)
    if output == "number":
        return answer[:, None]
    if own:
        return answer
    share = np.clip(answer, 1e-6, 1 - 1e-6)
    if output == "binary":
        share = share[:, None]
    found = np.log(share) if output in ("class", "ordinal") else np.log(share) - np.log1p(-share)
    return found.astype(np.float32)
