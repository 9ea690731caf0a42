"""The picture of a model's structure: boxes in columns from what is read to the tasks, a band per model."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from motet.report.anatomy import TASKS, Anatomy, Box, Part
from motet.report.figures import compact
from motet.report.markup import Attribute, Html, el, join
from motet.report.words import Words

LEFT = (0, 188, 376, 600, 788)
WIDE = (156, 156, 190, 156, 212)
WIDTH = LEFT[-1] + WIDE[-1]
EDGE, GAP, HEAD, LINE = 16, 12, 46, 15
"""In pixels: around everything, between boxes, above a band's boxes, of a line of text."""
LETTER = 6.4
"""Of the average Latin letter at 11.5 pixels; an East Asian one is about twice as wide."""
BOLD = 1.25
"""Of a name, which is larger and bold."""
WARNINGS = ("repaired", "repaired_twin", "answered_elsewhere", "has_closed_valve")


@dataclass(frozen=True)
class _Placed:
    """A box with its lines of text, each with its class, and where it stands in the band."""

    box: Box
    lines: tuple[tuple[str, str], ...]
    x: float
    y: float
    wide: float
    high: float


def structure_picture(found: Anatomy, words: Words, *, alone: bool = False) -> Html:
    """Return the picture as an <svg> element, readable in light and dark.

    alone: as a file of its own, with its name space, a ground and a margin.
    """
    bands: list[Html] = []
    top = float(EDGE)
    for part in found.models:
        band, height = _band(part, words)
        bands.append(el("g", band, transform=f"translate({EDGE} {top:g})"))
        top += height + 2 * EDGE
    width, height = WIDTH + 2 * EDGE, top - EDGE
    style = el("style", Html(files("motet.report").joinpath("structure.css").read_text(encoding="utf-8")))
    space: dict[str, Attribute] = {}
    if alone:
        space = {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": f"{height:g}"}
    ground = el("rect", x=0, y=0, width=width, height=f"{height:g}", class_="an-paper") if alone else None
    return el(
        "svg",
        el("title", label(found, words)),
        style,
        ground,
        *bands,
        viewBox=f"0 0 {width} {height:g}",
        class_="an",
        role="img",
        aria_label=label(found, words),
        **space,
    )


def label(found: Anatomy, words: Words) -> str:
    """Return the picture in words, for those who do not see it."""
    tasks = {box.name for part in found.models for box in part.boxes if box.column == TASKS}
    boxes = [
        f"{band_name(part, words)}: " + ", ".join(title(box, words) for box in part.boxes) for part in found.models
    ]
    return words(
        "structure_label",
        models=words.count("model", len(found.models)),
        parameters=compact(sum(part.parameters for part in found.models)),
        tasks=words.count("task", len(tasks)),
        boxes=words.list(boxes),
    )


def _band(part: Part, words: Words) -> tuple[Html, float]:
    columns: list[list[Box]] = [[box for box in part.boxes if box.column == at] for at in range(len(LEFT))]
    stacks = [_stack(boxes, at, words) for at, boxes in enumerate(columns)]
    tallest = max(_height(stack) for stack in stacks)
    placed: dict[str, _Placed] = {}
    for stack in stacks:
        top = HEAD + (tallest - _height(stack)) / 2
        for each in stack:
            placed[each.box.key] = _Placed(each.box, each.lines, each.x, top, each.wide, each.high)
            top += each.high + GAP
    name = band_name(part, words)
    counted = words("part_parameters", n=compact(part.parameters))
    heads = [el("text", f"{name} · {counted}", x=0, y=14, class_="an-band")]
    heads += [el("text", _column_name(part, at, words), x=LEFT[at], y=36) for at, boxes in enumerate(columns) if boxes]
    links = [_link(placed[one], placed[other]) for one, other in part.links]
    return join([*heads, *links, *(_drawn(each) for each in placed.values())]), HEAD + tallest


def _stack(boxes: Sequence[Box], at: int, words: Words) -> list[_Placed]:
    found = []
    for box in boxes:
        lines = _lines(box, words, WIDE[at] - 20)
        found.append(_Placed(box, lines, LEFT[at], 0, WIDE[at], 16 + LINE * len(lines)))
    return found


def _height(stack: Sequence[_Placed]) -> float:
    return sum(each.high for each in stack) + GAP * max(0, len(stack) - 1)


def _lines(box: Box, words: Words, room: float) -> tuple[tuple[str, str], ...]:
    lines = [(_fitting(title(box, words), room, BOLD), "an-name")]
    if box.name and box.kind in ("history", "encoder"):
        called = box.name if box.kind == "history" else words(f"state_{box.state}")
        lines.append((_fitting(called, room), ""))
    notes = [(key, words(key, **values)) for key, values in box.notes]
    if box.state == "given":
        notes = [("", words.listed([said for _, said in notes]))]
    for key, said in notes:
        lines += [(each, "an-warn" if key in WARNINGS else "") for each in _wrapped(said, room)]
    if box.parameters is not None and (box.parameters or box.kind != "sharing"):
        lines.append((words("part_parameters", n=compact(box.parameters)), ""))
    if box.state == "fixed":
        lines.append((words("state_fixed"), ""))
    return tuple(lines)


def title(box: Box, words: Words) -> str:
    """Return what a part is called."""
    if box.kind in ("table", "head", "encoder", "member", "classic", "sharing"):
        return box.name
    return words(f"part_{box.kind}")


def band_name(part: Part, words: Words) -> str:
    """Return what a model of the folder is called."""
    return words(f"band_{part.name}") if part.name in ("joint", "fused") else words("band_beside", name=part.name)


def _column_name(part: Part, at: int, words: Words) -> str:
    if part.name == "fused" and at in (2, 3):
        return words("column_members" if at == 2 else "column_mix")
    return words(f"column_{at}")


def _drawn(each: _Placed) -> Html:
    box = each.box
    away = any(key == "answered_elsewhere" for key, _ in box.notes)
    shape = el(
        "rect",
        x=each.x,
        y=f"{each.y:g}",
        width=each.wide,
        height=each.high,
        rx=7,
        class_=f"an-box an-{box.state}{' an-away' if away else ''}",
    )
    texts = [
        el("text", said, x=each.x + 10, y=f"{each.y + 20 + LINE * at:g}", class_=class_ or None)
        for at, (said, class_) in enumerate(each.lines)
    ]
    return el("g", el("title", box.name) if box.name else None, shape, *texts)


def _link(one: _Placed, other: _Placed) -> Html:
    class_ = "an-link an-memory" if "memory" in (one.box.key, other.box.key) else "an-link"
    y1, y2 = one.y + one.high / 2, other.y + other.high / 2
    if one.x == other.x:  # within a column: around the right side
        x, far = one.x + one.wide, one.x + one.wide + 14
        return el("path", d=f"M{x:g} {y1:g}C{far:g} {y1:g} {far:g} {y2:g} {x:g} {y2:g}", class_=class_)
    x1, x2 = one.x + one.wide, other.x
    middle = (x1 + x2) / 2
    return el("path", d=f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}", class_=class_)


def _width(said: str) -> float:
    return sum(2 * LETTER if unicodedata.east_asian_width(letter) in "WF" else LETTER for letter in said)


def _fitting(said: str, room: float, scale: float = 1.0) -> str:
    """The text, or its beginning with an ellipsis where it is too long."""
    if _width(said) * scale <= room:
        return said
    while said and (_width(said) + LETTER) * scale > room:
        said = said[:-1]
    return f"{said}…"


def _wrapped(said: str, room: float) -> list[str]:
    """The text in at most two lines, broken between words where it has any."""
    if _width(said) <= room:
        return [said]
    first, gap = "", " " if " " in said else ""
    pieces = said.split(" ") if gap else list(said)
    while pieces and _width(f"{first}{gap if first else ''}{pieces[0]}") <= room:
        first += (gap if first else "") + pieces.pop(0)
    return [*([first] if first else []), _fitting(gap.join(pieces), room)]


def svg_file(found: Anatomy, words: Words) -> str:
    """Return the picture as the text of an SVG file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{structure_picture(found, words, alone=True)}\n'
