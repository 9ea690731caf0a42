"""The pictures of README and guides, drawn by the browser: MOTET_PICTURES=1 writes them into docs/pictures.

They show the demo's model where it has been made (`motet demo`: runs/shop, or MOTET_PICTURES_MODEL), else a tiny one.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import PHONE, Look, Served, serving

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "pictures"
MOST_BYTES = 300_000
SHOTS = ("playground", "playground-dark", "certificate", "training", "catalogue", "models", "playground-zh", "phone")

pytestmark = pytest.mark.skipif(not os.environ.get("MOTET_PICTURES"), reason="pictures are drawn with MOTET_PICTURES=1")


@pytest.fixture(scope="module")
def shown(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    model = Path(os.environ.get("MOTET_PICTURES_MODEL", ROOT / "runs" / "shop"))
    with serving(model if model.is_dir() else models / "first", tmp_path_factory.mktemp("shown")) as running:
        yield running


@pytest.mark.parametrize("shot", SHOTS)
def test_a_picture_is_drawn(look: Look, shown: Served, shot: str) -> None:
    name, _, kind = shot.partition("-")
    options: dict[str, Any] = {"viewport": PHONE} if shot == "phone" else {"viewport": {"width": 1200, "height": 760}}
    options |= {"color_scheme": "dark"} if kind == "dark" else {}
    options |= {"locale": "zh-CN"} if kind == "zh" else {}
    window = look(shown, **options)
    page = window.open("playground" if name == "phone" else name)
    if name in ("playground", "phone"):
        window.settled_list()
        page.get_by_test_id("suggested").locator("button").first.click()
        page.get_by_test_id("reasons").first.wait_for()
        window.settled_list()
    if name == "catalogue":
        page.get_by_test_id("map-chart").locator("canvas").first.wait_for()
        page.get_by_test_id("found-item").first.click()
        page.get_by_test_id("neighbours").wait_for()
    if name == "models":  # no path of the machine that drew it
        page.locator(".path").evaluate_all(
            "all => all.forEach(e => e.textContent = e.textContent.split('/').slice(-2).join('/'))"
        )
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)  # charts are drawn in frames of their own
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"{shot}.png")
    assert (FOLDER / f"{shot}.png").stat().st_size < MOST_BYTES
