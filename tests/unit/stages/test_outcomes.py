from dataclasses import replace

import numpy as np
import pytest

from motet.features.soft import SoftLabels
from motet.model.assemble import count_parameters
from motet.stages.answer import answer, questions_of_role
from motet.stages.outcomes import _folder_name, role_of, run_arm


@pytest.fixture(scope="module")
def twin(study):
    return run_arm(study, "rating", 0)


def test_an_arm_answers_validation_and_test(study, twin):
    assert set(twin.answers) == {"rating"} and set(twin.answers["rating"]) == {"valid", "test"}
    assert twin.parameters == count_parameters(twin.model) and twin.seconds > 0 and len(twin.log) == 1
    expected = answer(study, twin.model, "rating", questions_of_role(study, "rating", "test"))
    assert np.array_equal(twin.answers["rating"]["test"].score, expected.score)
    joint = run_arm(study, "joint", 0)
    assert set(joint.answers) == set(study.examples) and joint.parameters > twin.parameters


@pytest.mark.parametrize("role", ["A", "B", "valid", "test"])
def test_a_role_is_read_off_the_answers(study, twin, role):
    chosen = questions_of_role(study, "rating", role)
    found = role_of(study, "rating", twin.answers["rating"], role)
    expected = answer(study, twin.model, "rating", chosen)
    assert len(found) == len(chosen) > 0
    np.testing.assert_allclose(found.score, expected.score, atol=1e-5)
    assert found.unit_n.tolist() == expected.unit_n.tolist()


def test_a_finished_arm_is_read_back(study, twin, tmp_path):
    first = run_arm(study, "rating", 0, work=tmp_path)
    again = run_arm(study, "rating", 0, work=tmp_path)
    assert again.log == first.log and again.seconds == first.seconds
    assert np.array_equal(again.answers["rating"]["test"].score, twin.answers["rating"]["test"].score)


def test_every_task_has_a_folder_of_its_own(study):
    names = ["joint", "rating", "a b", "a_b", "a/b", "../a", "Rating", "价格", "评分", "x" * 30]
    folders = [_folder_name(study, name) for name in names]
    assert len({folder.lower() for folder in folders}) == len(names)
    assert folders[:2] == ["joint", "twin-rating"]
    assert all(folder.replace("-", "").replace("_", "").isalnum() for folder in folders)


def test_a_joint_model_of_more_tutors_is_another_one(study):
    soft = SoftLabels(np.array([0]), np.ones((1, 1), np.float32), 3.0)
    certify = study.project.certify
    more = study.project.model_copy(update={"certify": certify.model_copy(update={"seeds": certify.seeds + 1})})
    names = {
        _folder_name(replace(study, project=project, tutored=tutored), "joint")
        for project in (study.project, more)
        for tutored in ({}, {"rating": soft})
    }
    assert len(names) == 3 and "joint" in names
