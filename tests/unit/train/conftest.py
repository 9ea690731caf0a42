import pytest

from motet.stages.study import Study
from motet.testing.study import tiny_study

TASKS = ("next_item", "rating", "sentiment")


@pytest.fixture(scope="session")
def study() -> Study:
    return tiny_study(tasks=TASKS, settings={"train": {"epochs": 3, "batch": 128, "device": "cpu"}})
