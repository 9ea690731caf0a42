import math

import pytest

from motet.evaluate import find
from motet.model.predict import Predictor
from motet.stages.certifying import TrainedArms, _ask, _one_of_each
from motet.stages.outcomes import run_arm
from motet.stages.repairing import Repairs


@pytest.fixture(scope="module")
def arms(study):
    """Trained for one epoch with two seeds."""
    joint = [run_arm(study, "joint", seed) for seed in (0, 1)]
    twins = {task: [run_arm(study, task, seed) for seed in (0, 1)] for task in study.examples}
    return TrainedArms(study, Repairs(study, joint, twins))


def test_metrics_are_those_of_the_first_seed(study, arms):
    for task in study.examples:
        for arm, outcomes in (("joint", arms.repairs.made["joint"]), ("twin", arms.repairs.twins[task])):
            primary = study.project.tasks[task].primary
            expected = find(primary).value(outcomes[0].answers[task]["test"])
            assert arms.metrics(task, arm)[primary] == pytest.approx(expected, nan_ok=True)


def test_a_twin_does_not_differ_from_itself(study, arms):
    for task in study.examples:
        found = arms.compare(task, "twin", "test")
        assert found.difference == 0.0
        other = arms.compare(task, "joint", "test")
        assert math.isfinite(other.difference)


def test_a_question_that_is_timed_again_is_read_again(study, arms, monkeypatch):
    model, passes = arms.repairs.twins["sentiment"][0].model, []
    states = type(model).states
    monkeypatch.setattr(type(model), "states", lambda self, *args: passes.append(self) or states(self, *args))
    predictor, batches = Predictor(model, study.tensors), _one_of_each(study, ["sentiment"])
    for rounds in (1, 2, 3):
        assert _ask(predictor, batches) > 0
        assert len(passes) == rounds * len(batches)


def test_simple_methods_are_judged_like_models(study, arms):
    told = []
    named = TrainedArms(study, arms.repairs, told.append)
    name, value = named.baseline("sentiment")
    assert told == ["sentiment"] and name and 0.9 < value <= 1.0
    name, value = named.baseline("next_item")
    assert 0 <= value <= 1


def test_what_sharing_costs_counts_routed_twins_in(study, arms):
    tasks = list(study.examples)
    together = arms.sharing(dict.fromkeys(tasks, "joint"))
    assert together.tasks_shared == len(tasks) and together.parameters == arms.repairs.made["joint"][0].parameters
    assert together.twin_parameters == sum(arms.repairs.twins[task][0].parameters for task in tasks)
    assert together.parameters < together.twin_parameters
    routed = arms.sharing({**dict.fromkeys(tasks, "joint"), "rating": "twin"})
    assert routed.tasks_shared == len(tasks) - 1
    assert routed.parameters == together.parameters + arms.repairs.twins["rating"][0].parameters
    assert routed.latency_ms > 0 and together.latency_ms > 0
    apart = arms.sharing(dict.fromkeys(tasks, "twin"))
    assert apart.tasks_shared == 0 and apart.parameters == apart.twin_parameters
    assert apart.latency_ms == pytest.approx(apart.twin_latency_ms)


def test_calibration_is_that_of_both_sides_where_it_is_defined(study, arms):
    found = arms.calibration("sentiment", "joint")
    assert set(found) == {"log_loss", "ece"}
    twin, joint = (
        sum(find("ece").value(outcome.answers["sentiment"]["test"]) for outcome in outcomes) / 2
        for outcomes in (arms.repairs.twins["sentiment"], arms.repairs.made["joint"])
    )
    assert found["ece"] == pytest.approx((twin, joint))
    assert arms.calibration("next_item", "joint") == {}


def test_all_training_is_counted(study, arms):
    sharing = arms.sharing(dict.fromkeys(study.examples, "joint"))
    twins, joint = arms.repairs.twins.values(), arms.repairs.made["joint"]
    seconds = sum(outcome.seconds for each in [joint, *twins] for outcome in each)
    assert sharing.certify_seconds == pytest.approx(seconds)
    assert sharing.joint_runs == pytest.approx(seconds / sum(outcome.seconds_in_all for outcome in joint))
