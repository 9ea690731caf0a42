"""Users who choose and users who judge, and their lists as the folder serves them."""

import numpy as np
import polars as pl
import pytest

import motet
from motet.data.hashing import parity
from motet.errors import RequestError
from motet.recommend.pareto import judge
from motet.stages.judging import reread
from motet.stages.tuning_lists import Questions, cached_scores, questions_of_others, served_worth
from motet.testing import tiny_project

TASKS = ["next_item", "buy"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    place = tmp_path_factory.mktemp("shop")
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    project = tiny_project(place, tasks=tuple(TASKS), settings=settings)
    path = motet.train(motet.Project.read(project), place / "model").path
    return reread(path)[1], motet.load(path).loaded


def test_who_judges_had_no_say(model):
    study, loaded = model
    valid, test = questions_of_others(study, loaded)
    assert len(valid) > 20 and len(test) > 20 and not set(valid.users) & set(test.users)
    assert set(parity(pl.Series(valid.users)).tolist()) == {0} and set(parity(pl.Series(test.users)).tolist()) == {1}
    user, history, target = test.users[0], test.histories[0], int(test.target_U[0])
    whole = loaded.users.history(user)
    assert int(whole.item_L[len(history)]) == target and history.now == int(whole.time_L[len(history)])
    assert len(valid.histories[0]) < len(loaded.users.history(valid.users[0])) - 1, "an earlier event"


def test_nobody_left_is_said(model, monkeypatch):
    study, loaded = model
    monkeypatch.setattr("motet.stages.tuning_lists.parity", lambda users: np.zeros(len(users), np.int8))
    with pytest.raises(RequestError, match="80 validation and 0 test"):
        questions_of_others(study, loaded)


def test_the_lists_are_the_bundles(model):
    """Users with their whole histories, so that the service can be asked the same."""
    _, loaded = model
    users = loaded.users.users.to_list()[:9]
    histories = [loaded.users.history(user) for user in users]
    lists = [motet.recommend.recommend(loaded, motet.recommend.Question(user, k=5, explain=True)) for user in users]
    second = np.array([loaded.catalogue.index[each.items[1].item] for each in lists])
    worth = served_worth(loaded, TASKS, Questions(users, histories, second), k=5)
    assert worth[:, 0] == pytest.approx(1 / np.log2(3))
    assert worth[:, 1] == pytest.approx(
        [np.mean([one.scores["buy"] for one in each.items]) for each in lists], rel=1e-5
    )


def test_kept_scores_judge_as_served_lists_do(model):
    study, loaded = model
    valid, _ = questions_of_others(study, loaded)
    cached = cached_scores(loaded, TASKS, valid, k=5)
    assert (
        cached.log_p_OUn.shape[:2] == (2, len(valid)) and (cached.target_U >= 0).all() and not cached.penalty_Un.any()
    )
    kept, served = judge(cached, np.array([1.0, 0.0]), k=5), served_worth(loaded, TASKS, valid, k=5)
    assert kept.mean(axis=0) == pytest.approx(served.mean(axis=0), abs=1e-4)
