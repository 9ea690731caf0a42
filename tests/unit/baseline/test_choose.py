from dataclasses import replace

import numpy as np

from motet.baseline import Answer, best_baseline, choosing
from motet.features.labels import fit_labels
from motet.schema import TEST
from motet.tasks import examples_of


def test_the_best_on_validation_answers_on_test(world):
    examples = examples_of(world.project.tasks["good"], world)
    labels = fit_labels(examples)
    judged = []

    def judge(answer: Answer, at) -> float:
        judged.append(at)
        truth = labels.encode(examples.label.gather(at))
        return float(((answer.score > 0.5) == truth).mean())

    chosen = best_baseline(examples, labels, world, judge)
    assert chosen.name == "linear on TF-IDF" and chosen.valid[chosen.name] == 1.0
    assert set(chosen.valid) == {"linear on TF-IDF", "majority"}
    assert (chosen.at == np.flatnonzero(examples.part_n == TEST)).all()
    assert len(chosen.answer.score) == len(chosen.at)
    assert all(np.array_equal(at, choosing(examples)) for at in judged)


def test_what_cannot_be_judged_does_not_win(world):
    examples = examples_of(world.project.tasks["good"], world)
    labels = fit_labels(examples)
    constant = lambda answer: len(np.unique(answer.score)) == 1  # noqa: E731
    chosen = best_baseline(examples, labels, world, lambda answer, at: 0.1 if constant(answer) else float("nan"))
    assert chosen.name == "majority"


def test_nothing_applies_to_a_foreign_output(world):
    examples = examples_of(world.project.tasks["good"], world)
    foreign = replace(examples, output="ranking")
    alone = replace(world, events=None)
    assert best_baseline(foreign, fit_labels(examples), alone, lambda answer, at: 1.0) is None


def test_answers_are_taken_by_index():
    answer = Answer(rank_n=np.asarray([5, 6, 7]), top_nK=np.asarray([[1], [2], [3]], np.int32))
    taken = answer.take(np.asarray([2, 0]))
    assert taken.rank_n.tolist() == [7, 5] and taken.top_nK.tolist() == [[3], [1]] and taken.score is None
