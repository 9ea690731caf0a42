"""A real browser at a real `motet serve`, over a small model that was trained and certified a moment ago."""

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from motet import workflow
from motet.schema import Project
from motet.testing import tiny_project

NAMES = ("chromium", "chromium-browser", "google-chrome")
TASKS = ("next_item", "buy", "rating", "club", "sentiment")
READY_SECONDS = 120.0
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PAGES = ("playground", "certificate", "training", "catalogue", "models")


@dataclass(frozen=True)
class Served:
    """A running service. runs: the folder whose training runs it shows."""

    url: str
    runs: Path
    models: Path

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request, past the browser."""
        link = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            link.request(method, path, sent, {"content-type": "application/json"})
            answer = link.getresponse()
            told = json.loads(answer.read())
            assert answer.status == 200, told
            return told
        finally:
            link.close()


@dataclass
class Seen:
    """A page of the browser with what went on behind it."""

    page: Any
    served: Served
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, name: str) -> Any:
        """Go to a page of the console, and wait until it is there; return it."""
        self.page.goto(f"{self.served.url}/console#/{name}")
        self.page.get_by_test_id(f"page-{name.split('/')[0]}").wait_for()
        return self.page

    def settled_list(self) -> list[str]:
        """Return the items of the playground's list once it is the service's own."""
        self.page.locator("[data-testid=settled][data-settled=true]").wait_for()
        return self.listed()

    def listed(self) -> list[str]:
        """Return the items of the playground's list as they stand."""
        return self.page.locator("[data-testid=list] > li").evaluate_all("rows => rows.map(r => r.dataset.item)")

    def becomes(self, wanted: list[str]) -> None:
        """Wait until the playground's list is this one, as the service answers it."""
        self.page.wait_for_function(
            """wanted => document.querySelector("[data-testid=settled]")?.dataset.settled === "true" && wanted ===
            [...document.querySelectorAll("[data-testid=list] > li")].map(row => row.dataset.item).join()""",
            arg=",".join(wanted),
        )

    def sideways(self) -> int:
        """Return how many pixels the page can be scrolled sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def find_browser() -> str | None:
    """Return a Chromium of this machine."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """The browser; without one the tests are skipped, and the summary says why."""
    where = find_browser()
    if where is None:
        pytest.skip("NOT RUN: there is no Chromium, so nobody looked at the console (apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def models(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certified model, and one that was only trained."""
    folder = tmp_path_factory.mktemp("console")
    project = Project.read(tiny_project(folder / "shop", tasks=TASKS, settings={"train": {"watch": 5}}))
    workflow.certify(project, folder / "models" / "first")
    workflow.train(project, folder / "models" / "second")
    return folder / "models"


@pytest.fixture(scope="package")
def served(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service for questions that change nothing."""
    with serving(models / "first", tmp_path_factory.mktemp("served")) as running:
        yield running


@contextmanager
def serving(model: Path, folder: Path, *, runs: Path | None = None) -> Iterator[Served]:
    """Run `motet serve` as a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    runs = runs or model.parent
    command = [sys.executable, "-c", "from motet.cli.main import run; run()", "serve", str(model)]
    command += ["--open-without-key", "--store", str(folder / "log.db"), "--port", str(port), "--runs", str(runs)]
    with open(folder / "log.jsonl", "ab") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log, env=dict(os.environ))
    served = Served(f"http://127.0.0.1:{port}", runs, model.parent)
    try:
        until = time.monotonic() + READY_SECONDS
        while not _is_ready(served):
            assert process.poll() is None and time.monotonic() < until, (folder / "log.jsonl").read_text()
            time.sleep(0.05)
        yield served
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def _is_ready(served: Served) -> bool:
    try:
        return bool(served.call("GET", "/ready"))
    except (OSError, AssertionError):
        return False


Look = Callable[..., Seen]


@pytest.fixture
def look(chromium: Any, served: Served) -> Iterator[Look]:
    """Open windows; at the end, none may have complained or asked another host."""
    seen: list[Seen] = []

    def opened(at: Served = served, **options: Any) -> Seen:
        settings = {"viewport": DESK, "locale": "en-GB", "color_scheme": "light", "reduced_motion": "reduce"}
        context = chromium.new_context(**(settings | options))
        context.set_default_timeout(20_000)
        one = Seen(context.new_page(), at)
        one.page.on("console", lambda told: told.type in ("error", "warning") and one.complaints.append(told.text))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("request", lambda request: one.requests.append(request.url))
        seen.append(one)
        return one

    yield opened
    for one in seen:
        one.page.context.close()
        assert one.complaints == []
        home = urlsplit(one.served.url).netloc
        assert [
            url for url in one.requests if urlsplit(url).netloc != home and not url.startswith(("data:", "blob:"))
        ] == []


def picture_of(drawn: Any) -> str:
    """Return what tells two drawings of a chart apart."""
    return hashlib.sha256(drawn.locator("canvas").first.screenshot()).hexdigest()
