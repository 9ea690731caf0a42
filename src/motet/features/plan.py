"""Which questions meet in which step: every view's rows are passed once per epoch, in as many steps for all.

The plan is made for all tasks of a project. A twin is given the same plan with one active task, so that joint and
twin see the same rows in the same steps and order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motet.features.asking import block_of
from motet.features.augment import Augmenter, stream_of
from motet.features.batch import Batch, Block, SoftTarget, Target
from motet.features.graph import PARTS
from motet.features.questions import Questions
from motet.features.segments import Stretches, gather, training_stretches
from motet.features.soft import SoftLabels
from motet.schema import TRAIN

Index = NDArray[np.int64]
STEPS_WANTED = 150
MIN_BATCH, MAX_BATCH = 256, 4096


class TrainingPlan:
    """Steps of training over the questions of all views."""

    def __init__(
        self,
        questions: Mapping[str, Questions],
        starts: Index | None,
        *,
        max_history: int,
        batch: int | None,
        augment: Augmenter | None = None,
    ) -> None:
        self.questions = questions
        self.starts = starts if starts is not None else np.zeros(1, np.int64)
        self.users, self.augment = len(self.starts) - 1, augment
        if any(each.shown_n is not None for each in questions.values()):  # the same histories under other profiles
            self.starts = np.tile(self.starts[:-1], PARTS + 1)
        self.train: dict[str, Index] = {name: _training_questions(each) for name, each in questions.items()}
        self.lookup = {name: _lookups(each) for name, each in questions.items()}
        self.histories = [name for name, each in questions.items() if each.cut_n is not None]
        self.stretches, self.stretch_of, self.other_stretch_of = self._stretch(max_history)
        sizes = [len(self.train[name]) for name in questions if name not in self.histories]
        sizes.append(sum(len(self.train[name]) for name in self.histories))
        largest = max(sizes)
        size = batch or int(np.clip(largest / STEPS_WANTED, MIN_BATCH, MAX_BATCH))
        self.steps = max(1, -(-largest // size))

    def _stretch(self, max_history: int) -> tuple[Stretches | None, dict[str, Index], dict[str, Index]]:
        """Return the stretches, and by view those of its training questions and of the questions' second users."""
        asked = [
            (name, self._shown(name, self.questions[name].user_n), self.questions[name].cut_n)
            for name in self.histories
        ]
        pairs = [name for name in self.histories if self.questions[name].other_n is not None]
        asked += [
            (name, self._shown(name, self.questions[name].other_n), self.questions[name].other_cut_n) for name in pairs
        ]
        if not asked:
            return None, {}, {}
        users = [user[self.train[name]] for name, user, _ in asked]  # type: ignore[index]
        cuts = [cut[self.train[name]] for name, _, cut in asked]  # type: ignore[index]
        stretches, found = training_stretches(np.concatenate(users), np.concatenate(cuts), max_history=max_history)
        self.free_S = np.full(len(stretches.first_S), np.iinfo(np.int64).max)
        np.minimum.at(self.free_S, found, np.concatenate(cuts) - stretches.first_S[found])
        parts = np.split(found, np.cumsum([len(user) for user in users])[:-1])
        first, second = parts[: len(self.histories)], parts[len(self.histories) :]
        return stretches, dict(zip(self.histories, first, strict=True)), dict(zip(pairs, second, strict=True))

    def _shown(self, name: str, user_n: Index | None) -> Index | None:
        """Return users as rows of the profiles, where these hold every user once per set of graphs' vectors."""
        shown = self.questions[name].shown_n
        if shown is None or user_n is None:
            return user_n
        return np.where(user_n > 0, user_n + shown * self.users, 0)

    def epoch(
        self,
        seed: int,
        epoch: int,
        active: Collection[str],
        *,
        some: range | None = None,
        soft: Mapping[str, SoftLabels] | None = None,
    ) -> Iterator[tuple[int, list[Batch]]]:
        """Yield (step, batches) for one pass; each batch is one forward pass, and a step is all its batches.

        Random streams are per view, so that a task's rows do not depend on which other tasks are active.
        some: only these steps of it. soft: by task, labels of questions that have none.
        """
        lookup = {name: _Known(self.lookup[name], _places(each, soft or {})) for name, each in self.questions.items()}
        rows = {
            name: np.array_split(_rng(seed, epoch, name).permutation(self.train[name]), self.steps)
            for name in self.questions
            if name not in self.histories
        }
        assigned = self._assign_histories(seed, epoch)
        for step in range(self.steps) if some is None else some:
            batches = []
            hidden = None if self.augment is None else self.augment.hidden(stream_of(seed, epoch, step))
            blocks = [self._row_block(name, rows[name][step], active, lookup[name]) for name in rows]
            batches += [Batch(None, (block,), hidden) for block in blocks if block is not None]
            history = self._history_batch(step, assigned, active, lookup, stream_of(seed, epoch))
            if history is not None:
                batches.append(replace(history, hidden=hidden))
            yield step, batches

    def _assign_histories(self, seed: int, epoch: int) -> dict[str, list[Index]]:
        """Return, per view with a history, the positions in its training questions that belong to each step.

        Steps hold stretches of like length, so that little is padded, and come in random order.
        """
        if self.stretches is None:
            return {}
        rng = _rng(seed, epoch, "histories")
        load = np.zeros(len(self.stretches.user_S), np.int64)
        for name in self.histories:
            load += np.bincount(self.stretch_of[name], minlength=len(load))
        order = np.argsort(self.stretches.length_S + rng.uniform(0.0, 2.0, len(load)), kind="stable")
        done = np.cumsum(load[order]) - load[order]
        step = np.empty(len(load), np.int64)
        step[order] = np.minimum(done * self.steps // max(int(load.sum()), 1), self.steps - 1)
        step = rng.permutation(self.steps)[step]
        assigned = {}
        for name in self.histories:
            asked = step[self.stretch_of[name]]
            by_step = np.argsort(asked, kind="stable")
            assigned[name] = np.split(by_step, np.searchsorted(asked[by_step], np.arange(1, self.steps)))
        return assigned

    def _history_batch(
        self,
        step: int,
        assigned: Mapping[str, list[Index]],
        active: Collection[str],
        lookup: Mapping[str, _Known],
        stream: int,
    ) -> Batch | None:
        wanted: dict[str, tuple[Index, Index, Index | None]] = {}
        for name in assigned:
            if any(task in active for task in self.questions[name].tasks):
                inside = assigned[name][step]
                question = self.train[name][inside]
                keep = lookup[name].any(question, active)
                if keep.any():
                    inside, other = inside[keep], self.other_stretch_of.get(name)
                    second = None if other is None else other[inside]
                    wanted[name] = (question[keep], self.stretch_of[name][inside], second)
        if not wanted or self.stretches is None:
            return None
        kept = np.unique(np.concatenate([each for _, *both in wanted.values() for each in both if each is not None]))
        segments = gather(self.stretches, kept, self.starts)
        if self.augment is not None:
            segments = self.augment.histories(segments, kept, self.free_S[kept], stream)
        place = self.stretches.first_S, kept, segments.event_BL.shape[1] + 1
        blocks = []
        for name, (question, stretch, second) in wanted.items():
            asked = self.questions[name]
            block = block_of(asked, question, _token(asked.cut_n, question, stretch, *place), {})
            targets = self._targets(name, question, active, lookup[name])
            other = None if second is None else _token(asked.other_cut_n, question, second, *place)
            blocks.append(replace(block, targets=targets, other_state_n=other))
        return Batch(segments, tuple(blocks))

    def _row_block(self, name: str, question: Index, active: Collection[str], known: _Known) -> Block | None:
        question = question[known.any(question, active)]
        if len(question) == 0:
            return None
        return block_of(self.questions[name], question, None, self._targets(name, question, active, known))

    def _targets(self, name: str, question: Index, active: Collection[str], known: _Known) -> dict[str, Target]:
        targets = {}
        for task, where in known.labels.items():
            if task in active:
                found = where[question]
                index = np.flatnonzero(found >= 0)
                soft = known.soft_target(task, question)
                if len(index) or soft is not None:
                    targets[task] = Target(index, self.questions[name].tasks[task].label_m[found[index]], soft)
        return targets


@dataclass(frozen=True)
class _Known:
    """Where a view's questions find their labels, by task. soft: positions in one epoch's soft labels, and these."""

    labels: Mapping[str, Index]
    soft: Mapping[str, tuple[Index, SoftLabels]]

    def any(self, question: Index, active: Collection[str]) -> NDArray[np.bool_]:
        """Return whether a question has a label of an active task."""
        known = np.zeros(len(question), bool)
        for task, where in self.labels.items():
            if task in active:
                known |= where[question] >= 0
        for task, (where, _) in self.soft.items():
            if task in active:
                known |= where[question] >= 0
        return known

    def soft_target(self, task: str, question: Index) -> SoftTarget | None:
        """Return a task's soft labels among the questions, or None."""
        if task not in self.soft:
            return None
        where, soft = self.soft[task]
        found = where[question]
        index = np.flatnonzero(found >= 0)
        return SoftTarget(index, soft.label_s[found[index]], soft.weight) if len(index) else None


def _places(questions: Questions, soft: Mapping[str, SoftLabels]) -> dict[str, tuple[Index, SoftLabels]]:
    found = {}
    for task in questions.tasks:
        if task in soft:
            where = np.full(len(questions), -1, np.int64)
            where[soft[task].question_s] = np.arange(len(soft[task].question_s))
            found[task] = where, soft[task]
    return found


def _token(cut_n: Index | None, question: Index, stretch: Index, first_S: Index, kept: Index, width: int) -> Index:
    """The token, among the kept stretches, that has read each question's history."""
    assert cut_n is not None
    found: Index = np.searchsorted(kept, stretch) * width + cut_n[question] - first_S[stretch]
    return found


def _training_questions(questions: Questions) -> Index:
    asked = np.zeros(len(questions), bool)
    for labels in questions.tasks.values():
        asked[labels.question_m[labels.part_m == TRAIN]] = True
    for unlabelled in questions.soft.values():
        asked[unlabelled] = True
    return np.flatnonzero(asked)


def _lookups(questions: Questions) -> dict[str, Index]:
    """Per task: question → position of its training label, or −1."""
    found = {}
    for task, labels in questions.tasks.items():
        where = np.full(len(questions), -1, np.int64)
        train = np.flatnonzero(labels.part_m == TRAIN)
        where[labels.question_m[train]] = train
        found[task] = where
    return found


def _rng(seed: int, epoch: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, epoch, *name.encode()])
