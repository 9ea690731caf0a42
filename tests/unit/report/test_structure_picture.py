"""The picture of a structure: whole, within its frame, in both languages, without anything from outside."""

import re
from importlib.resources import files
from xml.etree import ElementTree

import pytest

from motet.report.anatomy import Anatomy, Box, Part
from motet.report.structure_picture import LEFT, WIDE, band_name, label, structure_picture, svg_file, title
from motet.report.words import words

from .test_style import contrast

SPACE = "{http://www.w3.org/2000/svg}"
NAME = '<b>"a" & very long name of a task that no box can hold</b>'


def made(tasks: int = 3) -> Anatomy:
    boxes = [
        Box("table events", 0, "table", "events", "given", notes=(("reads_events", {}), ("reads_text", {}))),
        Box("encoder", 1, "encoder", "minilm", "frozen"),
        Box("items", 2, "items", parameters=12_345),
        Box("memory", 2, "memory", state="fixed"),
        Box("sharing", 3, "sharing", "valve", parameters=0),
    ]
    boxes += [Box(f"task {n}", 4, "head", f"task {n}", parameters=10) for n in range(tasks - 1)]
    boxes.append(Box("task long", 4, "head", NAME, notes=(("repaired_twin", {"repair": "twin"}),)))
    links = (("table events", "encoder"), ("encoder", "items"), ("items", "sharing"), ("memory", "task long"))
    return Anatomy((Part("joint", tuple(boxes), links), Part("twin-1", tuple(boxes[2:3]), ())))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_whole_file_with_every_box_and_link(language: str) -> None:
    root = ElementTree.fromstring(svg_file(made(), words(language)).encode())
    assert len(root.findall(f".//{SPACE}rect[@class='an-paper']")) == 1
    assert len(root.findall(f".//{SPACE}path")) == 4
    rects = [each for each in root.iter(f"{SPACE}rect") if "an-box" in each.get("class", "")]
    assert len(rects) == 9
    said = "".join(root.itertext())
    assert words(language)("band_joint") in said and words(language)("state_frozen") in said
    assert ("12.3 k parameters" if language == "en" else "12.3 k 个参数") in said
    assert words(language)("repaired_twin") in said and NAME in said, "the whole name is told where the pointer rests"


@pytest.mark.parametrize("tasks", [1, 3, 12])
def test_boxes_stand_apart_and_within_the_frame(tasks: int) -> None:
    root = ElementTree.fromstring(svg_file(made(tasks), words("en")).encode())
    _, _, width, height = map(float, root.get("viewBox", "").split())
    spans: list[tuple[float, float, float]] = []
    for group in root.findall(f"{SPACE}g"):
        down = float(group.get("transform", "").rstrip(")").split()[1])
        for box in group.iter(f"{SPACE}rect"):
            x, top = float(box.get("x", 0)), down + float(box.get("y", 0))
            spans.append((x, top, top + float(box.get("height", 0))))
    assert max(LEFT) + WIDE[-1] <= width
    for at, (x, top, bottom) in enumerate(spans):
        assert 0 < top < bottom < height
        for other, upper, lower in spans[at + 1 :]:
            assert other != x or bottom <= upper or lower <= top


def test_names_that_do_not_fit_are_cut() -> None:
    root = ElementTree.fromstring(svg_file(made(), words("en")).encode())
    names = [each.text or "" for each in root.iter(f"{SPACE}text") if each.get("class") == "an-name"]
    (cut,) = [name for name in names if name.endswith("…")]
    assert NAME.startswith(cut[:-1]) and len(cut) < 40


def test_in_a_page_it_asks_for_nothing() -> None:
    text = structure_picture(made(), words("en"))
    assert not re.search(r"https?:|url\(|@import|href|script", text)
    assert label(made(), words("en")).startswith("2 models with")


def test_what_things_are_called() -> None:
    joint, twin = made().models
    assert band_name(twin, words("en")) == "Model of its own: twin-1" and title(joint.boxes[2], words("zh")) == "物品塔"


def test_it_is_readable_in_light_and_dark() -> None:
    text = files("motet.report").joinpath("structure.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--an-([\w-]+): (#[0-9a-f]{6})", block)) for block in text.split("@media", 1))
    for theme in (light, light | dark):
        for ground in ("paper", "box", "frozen", "fixed"):
            for ink in ("ink", "soft", "warn"):
                assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
