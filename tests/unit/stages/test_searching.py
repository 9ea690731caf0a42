"""The search itself, over trainers whose optimum is known."""

import math

import pytest

from motet.errors import DataError, ProjectError
from motet.schema.overlay import with_settings
from motet.schema.search import SearchRange
from motet.stages.searching import Search, grid_points, judged_trials, rounded, shares
from motet.testing.project import tiny_in_memory

SPACE = {
    "train.learning_rate": SearchRange(low=1e-4, high=1e-1, log=True),
    "trunk.width": (8, 16, 32),
    "train.weight_decay": SearchRange(low=0.0, high=0.5),
}
BEST_RATE = 0.003


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Planted:
    """Scores that are best at one place of the space, and rise from pass to pass; a pass takes a second."""

    def __init__(self, clock, passes=4):
        self.clock, self.passes, self.tried = clock, passes, []

    def __call__(self, project, go_on):
        far = abs(math.log10(project.train.learning_rate / BEST_RATE))
        score = 1.0 - 0.4 * far - 0.2 * (project.trunk.width != 32) - 0.3 * project.train.weight_decay
        self.tried.append(project)
        for number in range(self.passes):
            self.clock.now += 1.0
            if not go_on({"rating": score - 0.1 / (number + 1), "buy": 0.5}):
                return


def searching(out, *, space=SPACE, deadline=10_000.0, train=None, clock=None, **more):
    clock = clock or Clock()
    settings = {"search": {"objective": "rating", **more.pop("search", {})}, "train": {"epochs": 4}}
    project = tiny_in_memory(tasks=("rating", "buy"), settings=settings)
    return Search(project, space, out, train or Planted(clock), deadline=deadline, clock=clock, **more)


def best(search):
    return max(judged_trials(search.trials), key=lambda trial: trial.user_attrs["score"])


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_planted_optimum_is_found_in_thirty_trials(tmp_path, sampler):
    search = searching(tmp_path, quota=30, search={"sampler": sampler})
    search.first()
    search.run()
    found = best(search).user_attrs["settings"]
    near = 0.5 if sampler == "tpe" else 0.8
    assert found["trunk.width"] == 32 and abs(math.log10(found["train.learning_rate"] / BEST_RATE)) < near
    assert len(search.trials.trials) == 31


def test_the_projects_own_settings_come_first_and_are_the_measure(tmp_path):
    search = searching(tmp_path, quota=0)
    search.first()
    search.run()
    (first,) = judged_trials(search.trials)
    assert search.train.tried == [search.project]
    assert first.user_attrs["score"] == 0 and first.user_attrs["settings"] == {}
    assert search.trials.user_attrs["reference"]["rating"] == pytest.approx(
        max(1 - 0.4 * abs(math.log10(0.002 / BEST_RATE)) - 0.2 - 0.3 * 0.02 - 0.1 / n for n in range(1, 5))
    )


def test_bad_trials_end_early(tmp_path):
    search = searching(tmp_path, quota=20)
    search.first()
    search.run()
    passes = [trial.user_attrs["passes"] for trial in judged_trials(search.trials)]
    assert passes[0] == 4 and min(passes) < 4


def test_the_budget_is_kept(tmp_path):
    clock = Clock()
    search = searching(tmp_path, clock=clock, deadline=20.0, search={"pruner": "none"})
    search.first()
    assert search.trials.user_attrs["passes"] == 3  # 20 passes hold not even eight trials of three
    search.run()
    assert clock.now <= 20.0
    search.run()
    assert clock.now <= 20.0, "no trial starts that cannot finish a pass"


def test_an_interrupted_trial_is_begun_again(tmp_path):
    search = searching(tmp_path, quota=5)
    search.first()
    stopped = search.trials.ask(search._drawn)
    again = searching(tmp_path, quota=1)
    again.first()
    assert again.train.tried == [], "the first trial is not repeated"
    again.queue()
    again.run()
    assert [trial.state.name for trial in again.trials.trials][1] == "FAIL"
    assert again.trials.trials[-1].params == stopped.params


def test_a_grid_is_walked_once(tmp_path):
    space = {"trunk.width": (8, 16), "train.weight_decay": (0.0, 0.1)}
    search = searching(tmp_path, space=space, search={"sampler": "grid", "pruner": "none"})
    search.first()
    search.queue()
    search.run()
    tried = [tuple(trial.user_attrs["settings"].values()) for trial in judged_trials(search.trials)[1:]]
    assert sorted(tried) == [(8, 0.0), (8, 0.1), (16, 0.0), (16, 0.1)]


def test_a_grid_that_nobody_could_walk_is_refused():
    with pytest.raises(ProjectError, match="10,000 points"):
        grid_points({f"train.{name}": tuple(range(10)) for name in "abcd"}, 0)


def test_settings_that_do_not_fit_fail_alone(tmp_path):
    clock = Clock()
    planted = Planted(clock)

    def train(project, go_on):
        if project.trunk.width == 8:
            raise ProjectError("Too narrow.", "")
        planted(project, go_on)

    search = searching(tmp_path, quota=12, train=train, clock=clock)
    search.first()
    search.run()
    failed = [trial for trial in search.trials.trials if trial.state.name == "FAIL"]
    assert failed and all(trial.user_attrs["why"] == "Too narrow." for trial in failed)
    assert all(trial.params["trunk.width"] == 8 for trial in failed)


def test_without_a_single_pass_there_is_no_measure(tmp_path):
    with pytest.raises(DataError, match="single pass"):
        searching(tmp_path, train=lambda project, go_on: None).first()


def test_small_things():
    assert rounded(0.00234567) == 0.002346 and rounded(3) == 3 and rounded("x") == "x"
    assert shares(7, 3) == [3, 2, 2] and shares(None, 2) == [None, None]
    assert with_settings(tiny_in_memory(tasks=("rating",)), {"train.seed": 3}).train.seed == 3
