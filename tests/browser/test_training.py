"""Training: curves of finished runs, and of one under way, as its lines are written."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Look, Served, picture_of, serving


def line(epoch: int, *, arm: str = "joint", best: bool = True, score: float | None = None) -> str:
    scores = {f"score/{task}": 0.1 * (epoch + 1) if score is None else score for task in ("next_item", "buy")}
    losses = {f"loss/{task}": 1.0 / (epoch + 1) for task in ("next_item", "buy")}
    told = {"event": "epoch", "epoch": epoch, "epochs": 6, "best": best, "seconds": 1.0, **losses, **scores}
    return json.dumps({**told, "arm": arm, "seed": 0, "time": time.time()}) + "\n"


@pytest.fixture(scope="module")
def training(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """A service that looks at a folder with two finished runs and two under way, one of a task alone."""
    runs = tmp_path_factory.mktemp("runs")
    for name in ("first", "second"):
        (runs / name).mkdir()
        for path in (models / name).rglob("*"):
            if path.is_file():
                target = runs / name / path.relative_to(models / name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(path)
    alone = runs / "alone.work" / "progress.jsonl"
    alone.parent.mkdir()
    alone.write_text(line(0, arm="buy") + line(1, arm="buy"))
    os.utime(alone, times=(time.time() - 60,) * 2)
    progress = runs / "fresh.work" / "progress.jsonl"
    progress.parent.mkdir()
    progress.write_text(line(0))
    with serving(models / "first", tmp_path_factory.mktemp("training"), runs=runs) as running:
        yield running, progress


def test_a_curve_grows_when_a_line_is_written(look: Look, training: tuple[Served, Path]) -> None:
    served, progress = training
    page = look(served).open("training")
    run = page.locator("[data-run=fresh]")
    assert run.get_by_test_id("run-state").inner_text() == "running"
    latest = page.get_by_test_id("latest-next_item")
    latest.wait_for()
    assert latest.inner_text() == "pass 1: 0.1000"
    drawn = picture_of(page.get_by_test_id("curve-next_item"))
    time.sleep(0.5)  # until the stream is open: what follows is told, not read
    with open(progress, "a", encoding="utf-8") as stream:
        stream.write(line(1))
    _until(page, "latest-next_item", "pass 2: 0.2000")
    with open(progress, "a", encoding="utf-8") as stream:
        half = line(2)
        stream.write(half[:40])
        stream.flush()
        time.sleep(0.5)
        assert latest.inner_text() == "pass 2: 0.2000"
        stream.write(half[40:])
    _until(page, "latest-next_item", "pass 3: 0.3000")
    assert picture_of(page.get_by_test_id("curve-next_item")) != drawn
    page.locator("label", has=page.get_by_test_id("show-losses")).click()
    assert latest.inner_text() == "pass 3: 0.3333"


def test_finished_runs_are_compared(look: Look, training: tuple[Served, Path]) -> None:
    page = look(training[0]).open("training")
    page.locator("[data-run=fresh] input").uncheck()
    page.locator("[data-run=first] input").check()
    page.get_by_test_id("curve-club").locator("canvas").first.wait_for()
    alone = picture_of(page.get_by_test_id("curve-club"))
    page.locator("[data-run=second] input").check()
    legend = page.get_by_test_id("curves").locator(".legend")
    legend.get_by_text("second").wait_for()
    assert "first" in legend.inner_text() and "overall score" in legend.inner_text()
    assert picture_of(page.get_by_test_id("curve-club")) != alone


def test_a_task_trained_alone_is_drawn_beside_a_joint_run(look: Look, training: tuple[Served, Path]) -> None:
    page = look(training[0]).open("training")
    chart = page.get_by_test_id("curve-buy")
    chart.locator("canvas").first.wait_for()
    before = picture_of(chart)
    page.locator("[data-run=alone] input").check()
    page.get_by_test_id("curves").locator(".legend").get_by_text("alone").wait_for()
    page.wait_for_timeout(300)
    assert picture_of(chart) != before


def test_errors_are_shown_as_they_are_under_their_name(look: Look, training: tuple[Served, Path]) -> None:
    page = look(training[0]).open("training")
    page.locator("[data-run=fresh] input").uncheck()
    page.locator("[data-run=first] input").check()
    page.get_by_test_id("latest-rating").wait_for()
    assert page.get_by_test_id("metric-rating").inner_text() == "mae ↓"
    assert page.get_by_test_id("metric-buy").inner_text() == "auc"
    assert float(page.get_by_test_id("latest-rating").inner_text().split(": ")[1]) > 0


def _until(page: Any, testid: str, text: str) -> None:
    page.wait_for_function(
        "([id, text]) => document.querySelector(`[data-testid='${id}']`)?.innerText === text", arg=[testid, text]
    )
