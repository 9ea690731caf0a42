import re

import polars as pl
import pytest

from motet.artifact import open_folder
from motet.report.page import page
from motet.report.saved import read_saved

from ._artifact import AWKWARD, TASKS, certificate, make_artifact, metrics

SECTIONS = ["certificate", "savings", "metrics", "slices", "curves", "calibration", "health", "project", "reading"]


def sections(root):
    return [each.attributes["id"] for each in root.all("section")]


def test_every_section_is_there_and_reached_from_the_contents(drawn):
    root = drawn()
    assert sections(root) == SECTIONS
    assert [link.attributes["href"] for link in root.one("nav").all("a")] == [f"#{key}" for key in SECTIONS]
    ids = [node.attributes["id"] for node in root.all() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    for node in root.all("section"):
        assert node.attributes["aria-labelledby"] in ids


def test_the_page_asks_for_nothing(tmp_path, drawn):
    root = drawn()
    text = page(read_saved(open_folder(tmp_path / "model")))
    assert not re.search(r"https?:|//[a-z]|url\(|@import|src\s*=|javascript:|<script|<link|<base", text, re.I)
    for node in root.all():
        assert not {"src", "srcset", "action", "data", "xlink:href"} & set(node.attributes), node.tag
        assert not any(name.startswith("on") for name in node.attributes), node.tag
        assert (node.attributes.get("href") or "#").startswith("#")
    policy = next(m.attributes["content"] for m in root.all("meta") if m.attributes.get("http-equiv"))
    assert "default-src 'none'" in policy


def test_names_are_text_whatever_they_hold(drawn):
    root = drawn()
    assert root.one("h1").text == "beauty <i>& co"
    assert any(node.text == AWKWARD for node in root.all("bdi"))
    assert any(node.text == "reviews & <b>notes</b>" for node in root.all("bdi"))
    assert "<b>not bold</b>" in root.one("pre").text
    assert not root.all("script") and not root.all("i") and not root.all("b")


def test_names_no_page_can_hold(drawn):
    name = "a\ud800\x00\x1b\u202e"
    rows = {name: certificate(TASKS)["tasks"]["buy"]}
    root = drawn(CERTIFICATE={"tasks": rows}, LOG=None, SLICES=None, METRICS=None)
    assert any("\ufffd" in node.text for node in root.all("bdi"))


def test_plain_training_has_no_certificate_and_says_so(drawn):
    root = drawn(certified=False)
    assert sections(root) == [key for key in SECTIONS if key != "savings"]
    assert "motet certify" in root.one("main").text
    assert not root.all("figure")


def test_a_folder_with_nothing_but_a_model(drawn):
    root = drawn(certified=False, METRICS=None, SLICES=None, LOG=None, PROJECT=None)
    assert root.text.count("Nothing was saved for this part.") == 5


@pytest.mark.parametrize("task", list(TASKS))
def test_one_task_alone(drawn, task):
    root = drawn(tasks=[task])
    assert len(root.one("figure", "forest").all("li")) == 1
    assert "1 task ·" in root.one("p", "facts").text


def nothing(value):
    """The same shape with every number and word undefined."""
    if isinstance(value, dict):
        return {key: nothing(each) for key, each in value.items()}
    return [nothing(each) for each in value] if isinstance(value, list) else None


def test_nulls_everywhere(drawn):
    usual = metrics(TASKS)
    rows = {"arm": ["joint"], "seed": [0], "epoch": [0], "best": [None], "score/buy": [None], "loss/buy": [None]}
    slices = {"task": ["buy"], "slice": ["item"], "label": ["x"], "metric": ["auc"], "value": [None], "n": [None]}
    root = drawn(
        CERTIFICATE=nothing(certificate(TASKS)),
        METRICS=nothing(usual),
        LOG=pl.DataFrame(rows),
        SLICES=pl.DataFrame(slices),
    )
    assert "None" not in root.one("main").text
    assert "nan" not in root.one("main").text
    assert len(root.one("figure", "forest").all("li")) == len(TASKS)


def test_empty_parts(drawn):
    root = drawn(CERTIFICATE={}, METRICS={}, LOG=pl.DataFrame(), SLICES=pl.DataFrame())
    assert "motet certify" in root.one("main").text


def test_chinese(drawn):
    root = drawn(language="zh")
    assert root.one("html").attributes["lang"] == "zh-Hans"
    assert root.all("h2")[0].text == "证书"
    assert "改善" in root.one("figure", "forest").text
    assert "improved" not in root.one("main").text


def test_ten_tasks_long_training_and_many_seeds_stay_small(tmp_path):
    tasks = {f"task {place}": TASKS["buy"] for place in range(10)}
    rows = [
        {"arm": arm, "seed": seed, "epoch": epoch, "best": epoch < 150}
        | {f"{what}/{task}": 0.123456789 * (1 + epoch % 7) for what in ("score", "loss") for task in tasks}
        for arm in ["joint", *tasks]
        for seed in range(3)
        for epoch in range(200)
    ]
    make_artifact(tmp_path / "m", METRICS=metrics(tasks), CERTIFICATE=certificate(tasks), LOG=pl.DataFrame(rows))
    assert len(page(read_saved(open_folder(tmp_path / "m"))).encode()) < 1_000_000


def test_pictures_speak_or_are_hidden(drawn):
    def outer(node):
        found = []
        for child in node.children:
            if not isinstance(child, str):
                found += [child] if child.tag == "svg" else outer(child)
        return found

    for picture in outer(drawn()):
        told = picture.attributes.get("aria-label")
        assert told if picture.attributes.get("role") == "img" else picture.attributes.get("aria-hidden") == "true"
