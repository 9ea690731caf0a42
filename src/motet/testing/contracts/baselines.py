"""What every baseline keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from motet.baseline import BASELINES, Answer, Baseline
from motet.data import Division, divide, read_tables
from motet.features.labels import Labels, fit_labels
from motet.schema import TEST, TRAIN
from motet.tasks import Examples
from motet.tasks.make import all_examples
from motet.testing.project import tiny_in_memory

Question = tuple[Examples, Labels, NDArray[np.int64]]


@cache
def tiny_world() -> tuple[Division, dict[str, Examples]]:
    """Return the tiny shop, divided, and the examples of its tasks."""
    project = tiny_in_memory()
    division = divide(project, read_tables(project))
    return division, all_examples(division)


class BaselineContract:
    """A baseline before every task of the tiny shop that it says it can answer."""

    def division(self) -> Division:
        """Return the data that it learns from."""
        return tiny_world()[0]

    def make(self, name: str) -> Baseline:
        """Return a method, fresh."""
        return BASELINES.get(name)()

    def asked(self, name: str) -> Iterator[Question]:
        """Yield what it answers, with the test questions."""
        for examples in tiny_world()[1].values():
            if self.make(name).applies(examples, self.division()):
                yield examples, fit_labels(examples), np.flatnonzero(examples.part_n == TEST)

    def test_it_has_a_name_and_something_to_answer(self, name: str) -> None:
        assert self.make(name).name and list(self.asked(name))

    def test_answers_have_the_promised_shapes(self, name: str) -> None:
        for examples, labels, at in self.asked(name):
            self._check(self.make(name).answer(examples, labels, self.division(), at), labels, len(at))

    def test_no_question_gets_no_answer(self, name: str) -> None:
        for examples, labels, _ in self.asked(name):
            nothing = self.make(name).answer(examples, labels, self.division(), np.zeros(0, np.int64))
            self._check(nothing, labels, 0)

    def test_held_out_labels_say_nothing_and_answers_repeat(self, name: str) -> None:
        for examples, labels, at in self.asked(name):
            order = np.arange(len(examples))
            order[at] = np.roll(at, 1)
            changed = replace(examples, label=examples.label.gather(order))
            one, other = (self.make(name).answer(each, labels, self.division(), at) for each in (examples, changed))
            for field in ("score", "top_nK"):
                first, second = getattr(one, field), getattr(other, field)
                assert first is second is None or np.array_equal(first, second), (examples.task, field)

    def test_answers_follow_their_questions(self, name: str) -> None:
        for examples, labels, at in self.asked(name):
            turned = at[::-1]
            every = self.make(name).answer(examples, labels, self.division(), at).take(np.arange(len(at))[::-1])
            again = self.make(name).answer(examples, labels, self.division(), turned)
            for field in ("score", "rank_n", "top_nK"):
                first, second = getattr(every, field), getattr(again, field)
                assert first is second is None or np.allclose(first, second, atol=1e-5), (examples.task, field)

    def test_training_labels_matter_or_nothing_was_learned(self, name: str) -> None:
        """What it says of the first task is not what it says when all training labels are one."""
        for examples, labels, at in self.asked(name):
            if labels.output != "binary":
                continue
            train = np.flatnonzero(examples.part_n == TRAIN)
            label = examples.label.to_numpy().copy()
            label[train] = ~label[train]
            turned = replace(examples, label=type(examples.label)(label))
            one = self.make(name).answer(examples, labels, self.division(), at).score
            other = self.make(name).answer(turned, fit_labels(turned), self.division(), at).score
            assert one is not None and other is not None
            varies = np.ptp(one) > 0 or name == "majority"
            assert not varies or not np.array_equal(one, other) or "other" in examples.sources, examples.task

    @staticmethod
    def _check(answer: Answer, labels: Labels, n: int) -> None:
        if labels.output == "ranking":
            assert answer.rank_n is not None and answer.top_nK is not None
            assert answer.rank_n.shape == (n,) and answer.top_nK.shape[0] == n and (answer.rank_n >= 0).all()
            assert all(len(set(row)) == len(row) for row in answer.top_nK.tolist())
            return
        score = answer.score
        assert score is not None and score.dtype == np.float32 and np.isfinite(score).all()
        assert score.shape == ((n,) if labels.output in ("binary", "number") else (n, labels.size))
        if labels.output != "number":
            assert (score >= 0).all() and (score <= 1 + 1e-6).all()
        if labels.output in ("class", "ordinal") and n:
            assert np.allclose(score.sum(axis=1), 1, atol=1e-4)
