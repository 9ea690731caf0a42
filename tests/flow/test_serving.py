"""A service as people run it: a process of its own, a real model, from the first event to the last signal."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

import motet
from motet.schema import Project
from motet.store import Scope, open_store
from motet.testing import tiny_project
from motet.workflow import train

pytestmark = pytest.mark.slow

CANARY = "canary-51c0de"
TASKS = ("next_item", "buy", "rating", "brand", "sentiment", "friend")
READY_SECONDS = 240.0


@dataclass
class Served:
    """A running `motet serve`."""

    process: subprocess.Popen[bytes]
    port: int
    keys: dict[str, str]
    folder: Path

    def call(self, method: str, path: str, body: Any = None, *, key: str = "admin") -> tuple[int, Any]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = {"content-type": "application/json"} | ({"authorization": f"Bearer {self.keys[key]}"} if key else {})
        try:
            link.request(method, path, None if body is None else json.dumps(body), sent)
            answer = link.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text[:1] == b"{" else text.decode()
        finally:
            link.close()

    def good(self, method: str, path: str, body: Any = None) -> Any:
        status, told = self.call(method, path, body)
        assert status == 200, told
        return told

    def items(self, **asked: Any) -> list[str]:
        return [one["item"] for one in self.good("POST", "/v1/recommend", asked)["items"]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def start(folder: Path, *more: str) -> Served:
    """Make keys, start the service, wait until it is ready."""
    store, command = folder / "log.db", [sys.executable, "-c", "from motet.cli.main import run; run()"]
    with open_store(store) as opened:
        keys = {scope: opened.create_key(scope, [scope]).secret for scope in get_args(Scope)}
    port = free_port()
    arguments = ["serve", str(folder / "models" / "first"), "--store", str(store), "--port", str(port), *more]
    with open(folder / "log.jsonl", "ab") as log:
        process = subprocess.Popen([*command, *arguments], stderr=log, stdout=log, env=dict(os.environ))
    served = Served(process, port, keys, folder)
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, (folder / "log.jsonl").read_text()
        try:
            if served.call("GET", "/ready", key="")[0] == 200:
                return served
        except OSError:
            time.sleep(0.05)
    process.kill()
    process.wait()
    raise AssertionError("not ready")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(Project.read(tiny_project(folder / "shop", tasks=TASKS)), folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def served(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(trained, folder / "models" / "first")
    running = start(folder)
    yield running
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(120) == 0


def test_served_lists_are_those_of_the_bundle(served: Served, trained: Path) -> None:
    bundle = motet.load(trained)
    for number, user in enumerate(bundle.loaded.users.users.head(12).to_list()):
        asked = {"user": user, "k": 5, "weights": {"buy": 0.1 * number}, "explain": True}
        expected, told = bundle.recommend(**asked), served.good("POST", "/v1/recommend", asked)
        assert [one["item"] for one in told["items"]] == [one.item for one in expected.items]
        assert [one["score"] for one in told["items"]] == pytest.approx([one.score for one in expected.items], abs=1e-4)
        assert told["source"] == expected.source


def test_an_event_counts_in_the_next_list(served: Served, trained: Path) -> None:
    first = served.items(user="newcomer", k=3)
    events = [{"id": f"n{n}", "user": "newcomer", "item": item, "behaviour": "buy"} for n, item in enumerate(first)]
    assert served.good("POST", "/v1/events", {"events": events})["accepted"] == 3
    then = served.good("POST", "/v1/recommend", {"user": "newcomer", "k": 50})
    assert then["source"] == "history" and not set(first) & {one["item"] for one in then["items"]}
    offline = motet.load(trained).recommend(history=[{"item": item, "event": "buy"} for item in first], k=50)
    assert [one["item"] for one in then["items"]] == [one.item for one in offline.items], "as if it were its history"


def test_an_item_is_recommendable_from_its_text(served: Served) -> None:
    told = {"text": "violin drum flute", "attributes": {"brand": "Cedar", "categories": ["music"], "price": 60}}
    assert served.good("PUT", "/v1/items/new%2Fone", told)["recommendable"]
    assert "new/one" in served.items(query="violin drum flute", k=5)
    assert "new/one" in served.items(history=["i002"], k=200)
    assert len(served.good("GET", "/v1/items/new%2Fone/similar?k=3")["items"]) == 3
    assert served.good("POST", "/v1/predict/brand", {"items": ["new/one"]})["predictions"][0]["label"]
    assert served.good("DELETE", "/v1/items/new%2Fone")["withdrawn"]
    assert "new/one" not in served.items(query="violin drum flute", k=200)


def test_keys_open_what_their_scope_says(served: Served) -> None:
    for key, path, body, status in (
        ("", "/v1/recommend", {}, 401),
        ("read", "/v1/recommend", {}, 200),
        ("write", "/v1/recommend", {}, 403),
        ("read", "/v1/events", {"events": [{"user": "u", "item": "i001"}]}, 403),
        ("write", "/v1/events", {"events": [{"user": "u", "item": "i001"}]}, 200),
        ("write", "/v1/models/activate", {"path": "first"}, 403),
    ):
        assert served.call("POST", path, body, key=key)[0] == status


def test_a_forgotten_user_is_gone_everywhere(served: Served) -> None:
    known = motet.load(served.folder / "models" / "first").loaded.users.users[0]
    for user in (CANARY, known):
        served.good("POST", "/v1/events", {"events": [{"user": user, "item": "i001", "text": f"{CANARY} wish"}]})
        assert served.good("GET", f"/v1/users/{user}")["events"]
        told = served.good("DELETE", f"/v1/users/{user}")
        assert told["events"] == 1 and bool(told["models"]) == (user == known)
        assert served.call("GET", f"/v1/users/{user}")[0] == 404
        assert served.good("POST", "/v1/recommend", {"user": user})["source"] == "popular"
    held = [path.name for path in served.folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert held == []
    assert known not in motet.load(served.folder / "models" / "first").loaded.users


def test_a_damaged_model_is_refused_and_the_old_one_stays(served: Served) -> None:
    before = served.good("GET", "/v1/models")["serving"]
    broken = served.folder / "models" / "broken"
    shutil.copytree(served.folder / "models" / "first", broken)
    weights = broken / "model" / "weights.safetensors"
    data = bytearray(weights.read_bytes())
    data[-5] ^= 4
    weights.write_bytes(bytes(data))
    status, told = served.call("POST", "/v1/models/activate", {"path": "broken"})
    assert status == 422 and "weights.safetensors" in told["error"]["message"]
    assert served.good("GET", "/v1/models")["serving"] == before
    assert served.good("POST", "/v1/models/activate", {"path": "first"})["golden"] > 5


def test_what_is_under_way_is_finished_before_the_end(trained: Path, tmp_path: Path) -> None:
    """Two processes on one port; SIGTERM under load: whoever got an answer got a whole one, and saved means saved."""
    shutil.copytree(trained, tmp_path / "models" / "first")
    running = start(tmp_path, "--workers", "2")
    saved: list[str] = []
    odd: list[Any] = []

    def send(worker: int) -> None:
        for number in range(10_000):
            id = f"{worker}-{number}"
            try:
                status, told = running.call("POST", "/v1/events", {"events": [{"id": id, "user": "u", "item": "i001"}]})
            except (OSError, http.client.HTTPException):
                return
            if status == 200:
                saved.append(id)
            elif status != 503:
                odd.append(told)

    threads = [threading.Thread(target=send, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(120) == 0
    for thread in threads:
        thread.join(120)
    with open_store(tmp_path / "log.db") as store:
        held = {event.id for event in store.history("u")}
    assert len(saved) > 20 and set(saved) <= held and odd == []
    log = (tmp_path / "log.jsonl").read_text()
    assert all(secret not in log for secret in running.keys.values())
