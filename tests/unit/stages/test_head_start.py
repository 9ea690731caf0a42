import torch

from motet.stages.arms import arm_shape, new_model
from motet.stages.head_start import first_leg, main_task, take_over
from motet.stages.outcomes import run_arm


def with_settings(study, **sections):
    from dataclasses import replace

    project = study.project
    for section, update in sections.items():
        project = project.model_copy(update={section: getattr(project, section).model_copy(update=update)})
    return replace(study, project=project)


def test_the_ranking_goes_first_unless_another_task_is_the_main_one(study):
    assert main_task(study, study.shape) == first_leg(study) == "next_item"
    assert main_task(study, study.shape.only("rating")) is None
    assert first_leg(with_settings(study, balance={"main": "rating"})) == "rating"


def test_all_start_together_where_the_head_start_is_off(study):
    assert first_leg(with_settings(study, train={"head_start": False})) is None


def test_weights_that_both_have_are_taken_over_and_no_others(study):
    twin = new_model(study, arm_shape(study, "next_item"), seed=1)
    joint = new_model(study, arm_shape(study, None), seed=2)
    before = {name: value.clone() for name, value in joint.state_dict().items()}
    take_over(joint, twin)
    held = twin.state_dict()
    assert held, "the twin has weights"
    for name, value in joint.state_dict().items():
        assert torch.equal(value, held.get(name, before[name])), name


def test_the_joint_model_starts_where_the_twin_of_its_main_task_ended(study, tmp_path):
    twin = run_arm(study, "next_item", 0, work=tmp_path)
    joint = run_arm(study, "joint", 0, work=tmp_path)
    assert joint.first is not None and joint.first.arm == "next_item"
    assert joint.seconds_in_all == joint.seconds + twin.seconds
    given = run_arm(study, "joint", 0, first=twin)
    for name, value in joint.model.state_dict().items():
        assert torch.equal(value, given.model.state_dict()[name]), name
    alone = run_arm(with_settings(study, train={"head_start": False}), "joint", 0)
    assert alone.first is None
    assert any(not torch.equal(v, alone.model.state_dict()[k]) for k, v in joint.model.state_dict().items())
