import pytest

from motet.errors import ProjectError
from motet.schema import Project
from motet.schema.overlay import with_settings
from motet.schema.search import SearchConfig, SearchRange, seconds_of
from motet.testing.project import tiny_in_memory


def test_a_space_of_ranges_and_choices():
    found = SearchConfig(
        space={"train.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}, "trunk.width": [8, 16]}
    )
    assert found.space["train.learning_rate"] == SearchRange(low=1e-4, high=1e-2, log=True)
    assert found.space["trunk.width"] == (8, 16)
    assert SearchRange(low=1, high=3).whole and not SearchRange(low=1, high=3.0).whole


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"train.epochs": []}, "no values"),
        ({"epochs": [1]}, "no dotted key"),
        ({"train.epochs": {"low": 3, "high": 3}}, "low must be below high"),
        ({"train.epochs": {"low": 0, "high": 3, "log": True}}, "above 0"),
        ({"train.epochs": {"low": 1, "high": 3, "log": True, "step": 1}}, "no step"),
        ({"search.sampler": ["tpe"]}, "about the search itself"),
    ],
)
def test_what_cannot_be_drawn_is_refused(space, words):
    with pytest.raises(ProjectError, match=words):
        SearchConfig(space=space)


def test_settings_are_laid_over_a_project_and_checked():
    project = tiny_in_memory(tasks=("rating", "buy"))
    found = with_settings(
        project, {"train.learning_rate": 0.5, "tasks.rating.weight": 2.0, "tables.users.dedupe": True}
    )
    assert isinstance(found, Project)
    assert (found.train.learning_rate, found.train.epochs) == (0.5, project.train.epochs)
    assert found.tasks["rating"].weight == 2.0 and found.tasks["buy"] == project.tasks["buy"]
    assert found.tables["users"].dedupe and found.tables["users"].frame is project.tables["users"].frame
    assert with_settings(project, {}) == project


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("trian.epochs", "no key of a project file"),
        ("train.epoch", "unknown key 'epoch'"),
        ("tasks.none.weight", "names nothing"),
        ("train", "no key of a project file"),
        ("train.epochs", "greater than or equal"),
    ],
)
def test_settings_that_do_not_fit_are_refused(key, words):
    with pytest.raises(ProjectError, match=words):
        with_settings(tiny_in_memory(tasks=("rating",)), {key: 0})


def test_budgets():
    assert [seconds_of(each) for each in ("90s", "30m", " 2h ", "1.5", 12)] == [90, 1800, 7200, 90, 12]
    for wrong in ("soon", "0m", "-3m", 0):
        with pytest.raises(ProjectError, match="budget"):
            seconds_of(wrong)
