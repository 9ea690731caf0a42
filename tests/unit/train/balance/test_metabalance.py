import pytest
import torch

from motet.errors import ProjectError
from motet.schema import BalanceConfig
from motet.testing.project import tiny_in_memory
from motet.train.balance.metabalance import DECAY, MetaBalance

TASKS = {"a": 1.0, "b": 1.0, "c": 1.0}


def made(tasks=TASKS, **config):
    return MetaBalance({}, tasks, BalanceConfig(**config))


def lengths(*norms):
    return torch.diag(torch.tensor(norms) ** 2)


def test_longer_and_shorter_gradients_go_most_of_the_way_to_the_main_tasks_length():
    shares = made().share(lengths(2.0, 10.0, 0.5), ["a", "b", "c"])
    after = {"a": 2.0 * shares["a"], "b": 10.0 * shares["b"], "c": 0.5 * shares["c"]}
    assert after == pytest.approx({"a": 2.0, "b": 0.7 * 2 + 0.3 * 10, "c": 0.7 * 2 + 0.3 * 0.5})


def test_main_and_strength_can_be_named():
    shares = made(main="b", strength=0.25).share(lengths(2.0, 0.5, 0.1), ["a", "b", "c"])
    assert shares == pytest.approx({"a": 0.25 * 0.5 / 2.0 + 0.75, "b": 1.0, "c": 0.25 * 0.5 / 0.1 + 0.75})


def test_a_strength_of_one_makes_all_equally_long():
    shares = made(strength=1.0).share(lengths(2.0, 0.5, 7.0), ["a", "b", "c"])
    assert shares == pytest.approx({"a": 1.0, "b": 4.0, "c": 2 / 7})


def test_more_than_all_of_the_way_is_refused():
    with pytest.raises(ProjectError, match="balance.strength is 1.5; .* at most 1"):
        tiny_in_memory(settings={"balance": {"kind": "metabalance", "strength": 1.5}})


def test_norms_are_moving_averages_and_the_main_task_may_come_in_another_pass():
    balancer = made()
    assert balancer.share(lengths(5.0), ["b"]) == {"b": 1.0}
    balancer.share(lengths(2.0), ["a"])
    balancer.share(lengths(1.0), ["a"])
    main = DECAY * 2.0 + (1 - DECAY) * 1.0
    assert balancer.share(lengths(5.0), ["b"]) == pytest.approx({"b": 0.7 * main / 5.0 + 0.3})


def test_an_unknown_main_task_is_answered_with_the_known_ones():
    with pytest.raises(ProjectError, match=r"balance.main is 'aa'.*known: a, b, c"):
        made(main="aa")


def test_a_twin_is_its_own_main_task():
    assert made({"b": 1.0}, main="a").share(lengths(5.0), ["b"]) == {"b": 1.0}


def test_the_project_itself_refuses_an_unknown_main_task():
    with pytest.raises(
        ProjectError, match="balance.main is 'ratings', which is no task; known: .*Did you mean 'rating'"
    ):
        tiny_in_memory(settings={"balance": {"main": "ratings"}})
