"""Words must be readable on what they stand on, in light and dark."""

import re
from importlib.resources import files

import pytest

STYLE = files("motet.report").joinpath("style.css").read_text(encoding="utf-8")
INKS = ("ink", "soft", "improved", "not-worse", "unclear", "harmed", "weak-ink")
MARKS = ("joint", "twin", "weak")


def themes():
    light, dark = (block.split("}")[0] for block in STYLE.split(":root {")[1:3])
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return [found, found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark))]


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark"])
def test_contrast(theme):
    for ground in ("paper", "card"):
        assert {ink: c for ink in INKS if (c := contrast(theme[ink], theme[ground])) < 4.5} == {}
        assert {mark: c for mark in MARKS if (c := contrast(theme[mark], theme[ground])) < 3} == {}


def test_every_colour_that_is_used_is_defined():
    used = set(re.findall(r"var\(--([\w-]+)\)", STYLE))
    defined = set(re.findall(r"--([\w-]+):", STYLE))
    assert used <= defined


def test_what_stands_beside_a_cards_heading_gives_way_before_the_heading_breaks():
    assert "flex-wrap: wrap" in re.search(r"\.card-head \{([^}]*)\}", STYLE)[1]
