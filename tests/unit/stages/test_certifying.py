import math

import pytest

from motet.evaluate import find
from motet.stages.certifying import TrainedArms
from motet.stages.outcomes import run_arm


@pytest.fixture(scope="module")
def arms(study):
    """Trained for one epoch with two seeds."""
    joint = [run_arm(study, "joint", seed) for seed in (0, 1)]
    twins = {task: [run_arm(study, task, seed) for seed in (0, 1)] for task in study.examples}
    return TrainedArms(study, joint, twins)


def test_metrics_are_those_of_the_first_seed(study, arms):
    for task in study.examples:
        for arm, outcomes in (("joint", arms.joint), ("twin", arms.twins[task])):
            primary = study.project.tasks[task].primary
            expected = find(primary).value(outcomes[0].answers[task]["test"])
            assert arms.metrics(task, arm)[primary] == pytest.approx(expected, nan_ok=True)


def test_a_twin_does_not_differ_from_itself(study, arms):
    for task in study.examples:
        found = arms.compare(task, "twin", "test")
        assert found.difference == 0.0
        other = arms.compare(task, "joint", "test")
        assert math.isfinite(other.difference)


def test_simple_methods_are_judged_like_models(study, arms):
    told = []
    named = TrainedArms(study, arms.joint, arms.twins, told.append)
    name, value = named.baseline("sentiment")
    assert told == ["sentiment"] and name and 0.9 < value <= 1.0
    name, value = named.baseline("next_item")
    assert 0 <= value <= 1


def test_what_sharing_costs_counts_routed_twins_in(study, arms):
    tasks = list(study.examples)
    together = arms.sharing(dict.fromkeys(tasks, "joint"))
    assert together.tasks_shared == len(tasks) and together.parameters == arms.joint[0].parameters
    assert together.twin_parameters == sum(arms.twins[task][0].parameters for task in tasks)
    assert together.parameters < together.twin_parameters
    routed = arms.sharing({**dict.fromkeys(tasks, "joint"), "rating": "twin"})
    assert routed.tasks_shared == len(tasks) - 1
    assert routed.parameters == together.parameters + arms.twins["rating"][0].parameters
    assert routed.latency_ms > together.latency_ms > 0
    apart = arms.sharing(dict.fromkeys(tasks, "twin"))
    assert apart.tasks_shared == 0 and apart.parameters == apart.twin_parameters
    assert apart.latency_ms == pytest.approx(apart.twin_latency_ms)
