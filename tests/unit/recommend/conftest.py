"""A small shop whose every score can be worked out by hand, and a scorer of NumPy alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pytest

from motet.recommend import Asked, Catalogue, History, Loaded, Prediction, TaskView, UserStates

ITEMS = ["apple", "bread", "cheese", "dates", "eggs", "figs"]
LEVELS = (1.0, 2.0, 3.0, 4.0, 5.0)
TASKS = {
    "next_item": TaskView("next_item", "ranking", ("history",), user="user", item="item"),
    "buy": TaskView("binary", "binary", ("history", "item"), user="user", item="item"),
    "rating": TaskView(
        "rating", "ordinal", ("history", "item"), user="user", item="item", levels=LEVELS, threshold=4.0
    ),
    "sentiment": TaskView("binary", "binary", ("text",), table="reviews", texts=("body",)),
    "brand": TaskView("class", "class", ("item",), table="items", item="item", classes=("a", "b")),
    "spend": TaskView("number", "number", ("history",), user="user"),
}
NEXT = np.array([0.30, 0.25, 0.20, 0.15, 0.07, 0.03])
BUY = np.array([0.10, 0.20, 0.90, 0.40, 0.50, 0.80])
HIGH = np.array([0.50, 0.10, 0.20, 0.90, 0.30, 0.40])
VECTORS = np.array([[1, 0], [0, 1], [0.6, 0.8], [1, 0], [0.8, 0.6], [0, 1]], np.float32)


@dataclass
class TinyScorer:
    """Answers with fixed numbers, the same for everyone; records what it was asked."""

    tasks: Mapping[str, TaskView] = field(default_factory=lambda: dict(TASKS))
    item_vectors: np.ndarray = field(default_factory=lambda: VECTORS.copy())
    next_item: np.ndarray = field(default_factory=lambda: NEXT.copy())
    buy: np.ndarray = field(default_factory=lambda: BUY.copy())
    high: np.ndarray = field(default_factory=lambda: HIGH.copy())
    seen: list[Any] = field(default_factory=list)

    def states(self, histories: Sequence[History]) -> int:
        self.seen.append(list(histories))
        return len(histories)

    def next_item_scores(self, states: int) -> np.ndarray:
        return np.tile(np.log(self.next_item), (states, 1)).astype(np.float32)

    def query_scores(self, texts: Sequence[str]) -> np.ndarray:
        """The item whose first letter the text has gets .9; the others share the rest."""
        out = np.full((len(texts), len(ITEMS)), 0.1 / (len(ITEMS) - 1))
        for row, text in enumerate(texts):
            out[row, [item[0] for item in ITEMS].index(text[0])] = 0.9
        return np.log(out).astype(np.float32)

    def task_scores(self, task: str, states: int, items_Bn: np.ndarray) -> np.ndarray:
        assert items_Bn.shape[0] == states and items_Bn.min() >= 0
        if task == "buy":
            return self.buy[items_Bn].astype(np.float32)
        high = self.high[items_Bn][..., None]
        share = np.array([0.5, 0.3, 0.2, 0, 0]) * (1 - high) + np.array([0, 0, 0, 0.6, 0.4]) * high
        return share.astype(np.float32)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[len(text), 1.0, 0.0] for text in texts], np.float32)

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        self.seen.append(asked)
        return [Prediction(probability=0.5)] * asked.n


def make_catalogue() -> Catalogue:
    return Catalogue(
        ids=pl.Series("@item", ITEMS),
        attributes=pl.DataFrame(
            {
                "kind": ["fruit", "baked", "dairy", "fruit", "dairy", None],
                "labels": [["sweet"], ["salty", "soft"], ["salty"], ["sweet", "dry"], None, ["sweet"]],
                "price": [1.0, 2.5, 4.0, 3.0, None, 5.0],
                "local": [True, True, False, False, True, None],
            },
            schema_overrides={"labels": pl.List(pl.String)},
        ),
        popularity_I=np.array([5, 9, 1, 0, 9, 2]),
        titles=pl.Series("@title", ["Red apple", None, None, None, None, None]),
    )


def make_users() -> UserStates:
    """ann had apple and searched; bob had bread, cheese, eggs; cleo only has a profile; dan has nothing."""
    return UserStates(
        users=pl.Series("@user", ["ann", "bob", "cleo", "dan"]),
        starts=np.array([0, 2, 5, 5, 5]),
        item_N=np.array([0, -1, 1, 2, 4], np.int32),
        columns=pl.DataFrame({"event": ["buy", "search", "view", "view", "buy"], "stars": [4.0, None, None, 2.0, 5.0]}),
        time_N=np.array([10, 20, 5, 6, 7]),
        text_N=np.array([-1, 1, -1, 0, -1], np.int32),
        text_MD=np.array([[1, 0, 0], [0, 1, 0]], np.float32),
        profiles=pl.DataFrame({"age": ["old", None, "young", None], "income": [1.0, 2.0, None, None]}),
        time_unit="order",
    )


@pytest.fixture
def scorer() -> TinyScorer:
    return TinyScorer()


@pytest.fixture
def shop(scorer: TinyScorer) -> Loaded:
    return Loaded(make_catalogue(), make_users(), scorer)
