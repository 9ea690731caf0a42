from dataclasses import replace

import pytest

from motet.errors import LeakageError
from motet.stages.guarding import guard


def test_a_study_passes(study):
    guard(study)


@pytest.mark.parametrize("task", ["next_item", "rating"])
def test_a_history_that_holds_its_answer_is_found(study, task):
    examples = study.examples[task]
    late = replace(examples, cut_n=examples.cut_n + 1)
    with pytest.raises(LeakageError, match=task):
        guard(replace(study, examples={**study.examples, task: late}))


def test_training_on_what_is_held_out_is_found(study):
    examples = study.examples["sentiment"]
    part = examples.part_n.copy()
    part[:] = 0
    other = replace(examples, task="rating", part_n=part)
    with pytest.raises(LeakageError, match="holds out"):
        guard(replace(study, examples={"sentiment": examples, "rating": other}))
