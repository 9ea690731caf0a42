from dataclasses import replace

import numpy as np
import pytest

from motet.errors import DataError
from motet.features.soft import SoftLabels
from motet.model.assemble import count_parameters
from motet.stages.answer import answer, questions_of_role
from motet.stages.outcomes import _folder_name, check_same_project, role_of, run_arm


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


def test_checkpoints_of_another_project_are_put_away(tmp_path):
    work = tmp_path / "work"
    check_same_project(work, "one")
    (work / "kept").write_text("")
    check_same_project(work, "one")
    assert (work / "kept").exists()
    check_same_project(work, "two")
    assert not (work / "kept").exists() and (work / "project.json").exists()


def test_a_run_does_not_go_on_with_other_data(tmp_path):
    work = tmp_path / "work"
    check_same_project(work, "one", {"table reviews": "a", "table items": "b"})
    (work / "kept").write_text("")
    check_same_project(work, "one", {"table items": "b", "table reviews": "a"})
    with pytest.raises(DataError, match=r"other data. Changed: table reviews, table users\.") as caught:
        check_same_project(work, "one", {"table reviews": "c", "table items": "b", "table users": "d"})
    assert "without --resume" in caught.value.remedy and "\n" not in str(caught.value)
    check_same_project(work, "one")  # who says nothing of data is asked about none, and what is known stays
    assert (work / "kept").exists()
    with pytest.raises(DataError, match="table items, table reviews, table a, table b, table c and more"):
        check_same_project(work, "one", {f"table {each}": "x" for each in "abcdefg"})
    check_same_project(work, "two", {"table reviews": "c"})  # another project is another run
    assert not (work / "kept").exists()


def test_a_note_of_an_older_version_speaks_against_no_data(tmp_path):
    (tmp_path / "project.json").write_text('"one"')
    (tmp_path / "kept").write_text("")
    check_same_project(tmp_path, "one", {"table reviews": "a"})
    assert (tmp_path / "kept").exists()
    with pytest.raises(DataError, match="table reviews"):
        check_same_project(tmp_path, "one", {"table reviews": "b"})
