"""A service over a model that answers with fixed numbers, in a thread, on a free port."""

import http.client
import json
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest
import uvicorn

from motet.artifact import Folder, write_folder
from motet.errors import RequestError
from motet.recommend import Asked, Catalogue, History, Prediction, TaskView, UserStates
from motet.recommend.runtime import RUNTIMES
from motet.serve import Bounds, Settings, make_app
from motet.serve.run import Server
from motet.serve.service import Service

ITEMS = ["apple", "bread", "cheese", "dates"]
TASKS = {
    "next_item": TaskView("next_item", "ranking", ("history",), user="user", item="item"),
    "buy": TaskView("binary", "binary", ("history", "item"), user="user", item="item"),
    "mood": TaskView("binary", "binary", ("text",), table="reviews", texts=("body",)),
}
PROJECT = """
[project]
name = "tiny"
[tables.events]
path = "events.csv"
[tables.events.columns]
event = { meaning = "behaviour" }
stars = { meaning = "number" }
[tables.items]
path = "items.csv"
[tables.items.columns]
title = { meaning = "text" }
kind = { meaning = "category" }
price = { meaning = "number" }
"""


@dataclass
class FixedScorer:
    """Ranks by the alphabet backwards, more steeply for those with a long history; a mood is how long the text is."""

    tasks: Mapping[str, TaskView] = field(default_factory=lambda: dict(TASKS))
    item_vectors: np.ndarray = field(default_factory=lambda: np.eye(4, dtype=np.float32))
    broken: bool = False

    def states(self, histories: Sequence[History]) -> list[int]:
        return [len(history) for history in histories]

    def next_item_scores(self, states: list[int]) -> np.ndarray:
        raw = np.array([np.arange(len(self.item_vectors)) * (1 + length) for length in states], np.float64)
        found = raw - np.log(np.exp(raw).sum(1, keepdims=True))
        return np.full(found.shape, np.nan, np.float32) if self.broken else found.astype(np.float32)

    def query_scores(self, texts: Sequence[str]) -> np.ndarray:
        return self.next_item_scores([len(text) for text in texts])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[len(text), 1.0] for text in texts], np.float32)

    def task_scores(self, task: str, states: list[int], items_Bn: np.ndarray) -> np.ndarray:
        return (items_Bn / (1 + items_Bn)).astype(np.float32)

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        if self.broken:
            return [Prediction(probability=float("nan"))] * asked.n
        lengths = [len(text) for text in asked.texts] if asked.texts else [len(h) for h in asked.histories or ()]
        return [Prediction("yes", min(1.0, length / 10)) for length in lengths]

    def with_items(self, places_n: np.ndarray, frame: pl.DataFrame) -> "FixedScorer":
        if "poison" in frame["title"].to_list():
            raise RequestError("This title cannot be read.", "Take another one.")
        most = max(len(self.item_vectors), int(places_n.max()) + 1)
        return replace(self, item_vectors=np.eye(most, dtype=np.float32))


class FixedRuntime:
    """Opens any folder into the scorer above; one that is named broken answers with no numbers."""

    @staticmethod
    def open(folder: Folder, *, device: str = "auto") -> FixedScorer:
        return FixedScorer(broken=folder.manifest.name == "broken")


@pytest.fixture(scope="session", autouse=True)
def _runtime() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        module = ModuleType("fixed_runtime_of_serving")
        module.FixedRuntime = FixedRuntime  # type: ignore[attr-defined]
        patch.setitem(sys.modules, module.__name__, module)
        patch.setitem(RUNTIMES, "fixed", f"{module.__name__}:FixedRuntime")
        yield


def make_catalogue() -> Catalogue:
    return Catalogue(
        ids=pl.Series("@item", ITEMS),
        attributes=pl.DataFrame({"kind": ["fruit", "baked", "dairy", "fruit"], "price": [1.0, 2.0, 3.0, 4.0]}),
        titles=pl.Series("@title", ["Red apple", None, None, "Sweet dates"]),
    )


def make_users() -> UserStates:
    return UserStates(
        users=pl.Series("@user", ["ann", "bob"]),
        starts=np.array([0, 1, 1]),
        item_N=np.array([0], np.int32),
        columns=pl.DataFrame({"event": ["buy"], "stars": [5.0]}),
        time_N=np.array([1_600_000_000_000]),
        profiles=pl.DataFrame({"age": ["old", None]}),
        time_unit="ms",
    )


def write_model(path: Path, *, name: str = "tiny", seed: int = 0) -> Path:
    """A model folder; ann has a history, bob has none."""
    parts: dict[str, Any] = {**make_catalogue().to_parts(), **make_users().to_parts(), "project.toml": PROJECT}
    parts["index/extra"] = {"seed": seed}
    write_folder(path, parts, name=name, seed=seed, runtime="fixed")
    return path


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Shop:
    """A running service."""

    service: Service
    port: int
    folder: Path

    def call(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Said:
        """One request; `headers` with underscores for dashes."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"content-type": "application/json"} | {name.replace("_", "-"): v for name, v in headers.items()}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        try:
            link.request(method, path, data, sent)
            answer = link.getresponse()
            text = answer.read()
            kind = answer.getheader("content-type", "")
            told = json.loads(text) if "json" in kind and text else text.decode()
            return Said(answer.status, told, {name.lower(): value for name, value in answer.getheaders()})
        finally:
            link.close()

    def ids(self, **asked: Any) -> list[str]:
        """The items of a list."""
        said = self.call("POST", "/v1/recommend", asked)
        assert said.status == 200, said.body
        return [one["item"] for one in said.body["items"]]


@contextmanager
def serving(
    folder: Path, *, bounds: Bounds | None = None, open_door: bool = True, store: Path | None = None
) -> Iterator[Shop]:
    settings = Settings(
        folder=str(folder),
        store=str(store or folder.parent / "log.db"),
        open_without_key=open_door,
        bounds=bounds or Bounds(follow_seconds=0.05),
    )
    service = Service(settings)
    config = uvicorn.Config(make_app(settings, service=service), log_config=None, access_log=False, loop="asyncio")
    with answering(service, config, folder) as shop:
        yield shop


@contextmanager
def answering(service: Service, config: uvicorn.Config, folder: Path) -> Iterator[Shop]:
    """A service on a free port, in a thread of its own, until it is no longer asked."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    shop = Shop(service, listening.getsockname()[1], folder)
    try:
        assert shop.call("GET", "/health").status == 200
        yield shop
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "models" / "first")


@pytest.fixture
def shop(model: Path) -> Iterator[Shop]:
    with serving(model) as running:
        yield running


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One service for questions that change nothing."""
    with serving(write_model(tmp_path_factory.mktemp("models") / "first")) as running:
        yield running
