import numpy as np
import pytest

from motet.stages.portions import Portions


def blocks(steps):
    return [
        (block.view, task, target.label_m.tolist())
        for _, batches in steps
        for batch in batches
        for block in batch.blocks
        for task, target in sorted(block.targets.items())
    ]


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_portions_are_the_very_steps_of_the_whole_plan(study, steps):
    active = tuple(study.shape.tasks)
    plan = Portions(study.plan, steps=steps)
    passes = 2
    whole = [each for turn in range(passes) for each in study.plan.epoch(0, turn, active)]
    count = -(-passes * study.plan.steps // steps)
    parts = [list(plan.epoch(0, epoch, active)) for epoch in range(count)]
    assert all([step for step, _ in part] == list(range(steps)) for part in parts)
    cut = [each for part in parts for each in part][: len(whole)]
    assert blocks(cut) == blocks(whole)
    assert plan.passes == pytest.approx(steps / study.plan.steps)


def test_some_steps_of_a_pass_are_those_of_all(study):
    active = tuple(study.shape.tasks)
    every = list(study.plan.epoch(3, 1, active))
    some = list(study.plan.epoch(3, 1, active, some=range(1, 2)))
    assert blocks(some) == blocks(every[1:2]) and np.all([step == 1 for step, _ in some])
