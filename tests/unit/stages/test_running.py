from dataclasses import replace

import numpy as np
import pytest

from motet.errors import DataError, ProjectError
from motet.schema import BlendConfig, RetrieveConfig
from motet.stages.running import prepare_work, run_arms, run_one, work_folder
from motet.stages.watching import Watch


class Told(Watch):
    def __init__(self):
        self.plan, self.arms = [], []

    def planned(self, arms, epochs):
        self.plan.append((list(arms), epochs))

    def trained(self, arm, seed, seconds):
        self.arms.append((arm, seed))


def test_a_run_works_beside_its_folder(tmp_path):
    assert work_folder(tmp_path / "a" / "model") == tmp_path / "a" / "model.work"


def test_an_unknown_task_is_answered_with_the_known_ones(study, tmp_path):
    with pytest.raises(ProjectError, match="ratin'.*rating") as caught:
        run_one(study, "ratin", out=tmp_path / "m", resume=False, watch=Watch())
    assert "rating" in caught.value.remedy


def test_no_task_may_be_called_as_the_shared_model_is(study, tmp_path):
    named = replace(study, examples={"joint": study.examples["rating"]})
    for run in (run_arms, lambda *a, **k: run_one(*a[:1], "joint", **k)):
        with pytest.raises(ProjectError, match="joint"):
            run(named, out=tmp_path / "m", resume=False, watch=Watch())


def test_a_comparison_trains_every_arm_with_every_seed(study, tmp_path):
    told = Told()
    arms = run_arms(study, out=tmp_path / "m", resume=False, watch=told)
    others = [task for task in study.examples if task != "next_item"]
    twins = [(arm, seed) for seed in (0, 1) for arm in ("next_item", *others)]
    wanted = [*twins, ("joint", 0), ("joint", 1)]  # who learns from the twins comes after them
    assert told.plan == [(wanted, 1)] and told.arms == wanted
    assert [one.seed for one in arms.joint] == [0, 1] and set(arms.twins) == set(study.examples)
    assert all([one.seed for one in each] == [0, 1] for each in arms.twins.values())
    assert arms.work == work_folder(tmp_path / "m")
    assert (arms.work / "joint-taught-by-2" / "seed-1" / "checkpoint.json").exists()


def test_one_arm_is_trained_alone(study, tmp_path):
    told = Told()
    outcome = run_one(study, "sentiment", out=tmp_path / "m", resume=False, watch=told)
    assert told.plan == [([("sentiment", 0)], 1)] and outcome.arm == "sentiment"


def test_arms_of_other_data_are_not_mixed(study, tmp_path):
    told = Told()
    run_one(study, "sentiment", out=tmp_path / "m", resume=False, watch=told)
    examples = study.examples["rating"]
    fewer = examples.take(np.arange(len(examples)) > 0)
    other = replace(study, examples={**study.examples, "rating": fewer})
    for run in (run_arms, lambda *a, **k: run_one(*a[:1], "rating", **k)):
        with pytest.raises(DataError, match="Changed: task rating"):
            run(other, out=tmp_path / "m", resume=True, watch=told)
    assert told.arms == [("sentiment", 0)]
    run_one(other, "rating", out=tmp_path / "m", resume=False, watch=told)
    assert told.arms[-1] == ("rating", 0)


def test_what_changes_no_arm_does_not_start_a_run_anew(study, tmp_path):
    def work(**sections):
        project = study.project.model_copy(update=sections)
        return prepare_work(replace(study, project=project), tmp_path / "m", resume=True)

    mark = work() / "mark"
    mark.write_text("x")
    seeds = study.project.certify.model_copy(update={"seeds": 9})
    served = {"retrieve": RetrieveConfig(whole=1, exact=2), "blend": BlendConfig(weights={"rating": 0.5})}
    assert work(certify=seeds, **served) == mark.parent
    assert mark.exists()
    with pytest.raises(DataError, match=r"trunk\.width"):
        work(trunk=study.project.trunk.model_copy(update={"width": 32}))
    assert mark.exists()
