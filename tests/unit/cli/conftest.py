"""A model folder that answers with fixed numbers, and a way to run command lines."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest

from motet.artifact import Folder, write_folder
from motet.cli.main import main
from motet.recommend import Asked, Catalogue, History, Prediction, TaskView, UserStates
from motet.recommend.runtime import RUNTIMES
from motet.testing.shop import write_tiny_shop

ITEMS = ["apple", "bread", "cheese", "dates"]
TASKS = {
    "next_item": TaskView("next_item", "ranking", ("history",), user="user", item="item"),
    "rating": TaskView("number", "number", ("history", "item"), user="user", item="item"),
    "mood": TaskView("binary", "binary", ("text",), table="reviews", texts=("body",)),
    "income": TaskView("number", "number", ("row",), table="people"),
    "friend": TaskView("relation", "binary", ("history", "other"), table="friends", user="who", other="whom"),
    "brand": TaskView("class", "class", ("item", "text"), table="items", item="item", texts=("title",)),
}
PROJECT = """
[project]
name = "tiny"
[tables.reviews]
path = "reviews.csv"
[tables.reviews.columns]
body = "text"
[tables.people]
url = "postgresql://host/db"
query = "select 1"
id = "person"
[tables.people.columns]
age = "number"
job = "category"
pay = "number"
[tasks.income]
kind = "number"
table = "people"
column = "pay"
"""


@dataclass
class FixedScorer:
    """Ranks by the alphabet backwards; predicts the age of a row, and otherwise how long the question is."""

    tasks: dict[str, TaskView] = field(default_factory=lambda: dict(TASKS))
    item_vectors: np.ndarray = field(default_factory=lambda: np.eye(4, dtype=np.float32))

    def states(self, histories: Sequence[History]) -> int:
        return len(histories)

    def next_item_scores(self, states: int) -> np.ndarray:
        return np.tile(np.log([0.1, 0.2, 0.3, 0.4]), (states, 1)).astype(np.float32)

    def query_scores(self, texts: Sequence[str]) -> np.ndarray:
        return self.next_item_scores(len(texts))

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        if task == "friend":
            assert asked.pairs is not None
            return [Prediction("yes", len(set(user) & set(other)) / 10) for user, other in asked.pairs]
        if task == "income":
            assert asked.frame is not None
            return [Prediction(value=age) for age in asked.frame["age"]]
        if task == "mood":
            texts = asked.texts or asked.frame["body"].fill_null("").to_list()  # type: ignore[index]
            return [Prediction(label="yes", probability=min(1.0, len(text) / 10)) for text in texts]
        assert asked.items_n is not None
        return [Prediction(value=float(item)) for item in asked.items_n]


class FixedRuntime:
    """Opens any folder into the scorer above."""

    @staticmethod
    def open(folder: Folder, *, device: str = "auto") -> FixedScorer:
        return FixedScorer()


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder; ann has a history, bob has none."""
    module = ModuleType("fixed_runtime_of_the_tests")
    module.FixedRuntime = FixedRuntime  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(RUNTIMES, "fixed", f"{module.__name__}:FixedRuntime")
    catalogue = Catalogue(
        ids=pl.Series("@item", ITEMS),
        attributes=pl.DataFrame({"kind": ["fruit", "baked", "dairy", "fruit"], "price": [1.0, 2.0, 3.0, 4.0]}),
        titles=pl.Series("@title", ["Red apple", None, None, "Sweet dates"]),
    )
    users = UserStates(pl.Series("@user", ["ann", "bob"]), np.array([0, 1, 1]), np.array([0], np.int32))
    parts = {**catalogue.to_parts(), **users.to_parts(), "project.toml": PROJECT}
    write_folder(tmp_path / "model", parts, name="tiny", seed=0, runtime="fixed")
    return tmp_path / "model"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The project file of a tiny shop."""
    return write_tiny_shop(tmp_path / "shop")


@dataclass(frozen=True)
class Said:
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command line in this process."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run
