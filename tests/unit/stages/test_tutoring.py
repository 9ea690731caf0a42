from dataclasses import replace

import numpy as np
import pytest
import torch

from motet.model.predict import Predictor
from motet.schema import TRAIN
from motet.stages.outcomes import run_arm
from motet.stages.running import run_arms
from motet.stages.softening import answers_of, softener
from motet.stages.tutoring import WEIGHT, tutored
from motet.stages.watching import Watch


@pytest.fixture(scope="module")
def twins(study):
    return {task: [run_arm(study, task, seed) for seed in (0, 1)] for task in study.project.judged}


def test_tutoring_is_the_mean_of_the_twins_answers_to_training_questions(study, twins):
    found = tutored(study, twins)
    assert "next_item" not in found and "rating" in found
    for task, labels in found.items():
        known = study.features.questions[study.features.state.views[task].name].tasks[task]
        asked = known.question_m[known.part_m == TRAIN]
        assert np.array_equal(labels.question_s, asked), "nothing held out is asked"
        each = [
            answers_of(study, Predictor(twin.model, study.tensors), [task], task, asked)[task] for twin in twins[task]
        ]
        np.testing.assert_allclose(labels.label_s, (each[0] + each[1]) / 2, atol=1e-6)
        assert labels.weight == WEIGHT


def test_the_joint_model_is_tutored_in_all_its_tasks_and_nobody_without_tutors(study, twins):
    taught = replace(study, tutored=tutored(study, twins))
    assert softener(study, study.shape) is None
    soften = softener(taught, taught.shape)
    assert soften is not None and set(soften(None)) == set(taught.tutored)
    alone = taught.shape.only(next(iter(taught.tutored)))
    assert softener(taught, alone) is None, "a twin that ships was judged without tutors, and is fitted anew without"
    assert softener(replace(taught, tutors_twins=True), alone) is not None


def test_tutoring_changes_what_the_joint_model_learns_and_can_be_repeated(study, twins):
    taught = replace(study, tutored=tutored(study, twins))
    first = twins["next_item"][0]
    plain, one, other = (run_arm(each, "joint", 0, first=first) for each in (study, taught, taught))
    for name, value in one.model.state_dict().items():
        assert torch.equal(value, other.model.state_dict()[name]), name
    assert any(not torch.equal(v, plain.model.state_dict()[k]) for k, v in one.model.state_dict().items())


def test_tutors_are_trained_before_those_who_learn_from_them(study, tmp_path):
    train = study.project.train.model_copy(update={"tutors": "twins"})
    certify = study.project.certify.model_copy(update={"seeds": 2})
    project = study.project.model_copy(update={"train": train, "certify": certify})
    trained = []

    class Noting(Watch):
        def trained(self, arm, seed, seconds):
            trained.append((arm, seed))

    arms = run_arms(replace(study, project=project), out=tmp_path / "model", resume=False, watch=Noting())
    assert [arm for arm, _ in trained[-2:]] == ["joint", "joint"]
    assert {arm for arm, _ in trained[:-2]} == set(project.judged)
    assert set(arms.tutored) == set(tutored(study, arms.twins))
    for joint, twin in zip(arms.joint, arms.twins["next_item"], strict=True):
        assert joint.seed == twin.seed and joint.first is twin, "each starts from the twin of its own seed"
