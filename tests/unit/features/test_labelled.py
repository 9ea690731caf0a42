from collections import Counter

import numpy as np
import pytest

from motet.features.labelled import labelled_batches
from motet.schema import VALID

from ._asked import told, wanted


def chosen_of(study, task):
    return np.flatnonzero(study.examples[task].part_n == VALID)


def test_every_chosen_example_is_asked_once_with_its_label_and_nothing_else(study):
    starts = study.division.events.starts
    for questions in study.features.questions.values():
        chosen = {task: chosen_of(study, task) for task in questions.tasks}
        batches = list(labelled_batches(questions, chosen, starts, max_history=study.project.trunk.max_history))
        for task in chosen:
            found = [one for batch in batches for one in told(study, batch, task)]
            assert Counter(found) == Counter(wanted(study, task, VALID)), task


def test_tasks_that_ask_the_same_share_a_question_and_the_others_are_left_out(study):
    for questions in study.features.questions.values():
        for task in questions.tasks:
            chosen = {task: chosen_of(study, task)[:5]}
            (batch,) = labelled_batches(questions, chosen, study.division.events.starts, max_history=50)
            (block,) = batch.blocks
            assert list(block.targets) == [task] and block.size == len(chosen[task])


@pytest.mark.parametrize("empty", [{}, {"next_item": np.zeros(0, np.int64)}])
def test_nothing_chosen_makes_no_batch(study, empty):
    view = study.features.state.views["next_item"].name
    questions = study.features.questions[view]
    assert list(labelled_batches(questions, empty, study.division.events.starts, max_history=50)) == []
