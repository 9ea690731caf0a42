"""HTML by construction: text is escaped unless it was made here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

Attribute = str | int | float | bool | None

VOID = frozenset({"meta", "br", "hr", "col"})
SHAPES = frozenset({"line", "rect", "circle", "path", "polyline"})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Markup that may stand in a page as it is; any other string is text and gets escaped."""

    __slots__ = ()


Child = Html | str | None


def text(value: object) -> Html:
    """Return a value as escaped text; characters that HTML cannot hold become U+FFFD."""
    return Html(html.escape(_UNPRINTABLE.sub("\ufffd", str(value)), quote=True))


def join(children: Iterable[Child], between: str = "") -> Html:
    """Return the children one after the other; None is nothing."""
    return Html(
        between.join(child if isinstance(child, Html) else text(child) for child in children if child is not None)
    )


def el(name: str, /, *children: Child, **attributes: Attribute) -> Html:
    """Return an element.

    Names of attributes: `class_` is class, `stroke_width` is stroke-width. None and False leave an attribute out.
    """
    opening = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}"
    if name in VOID:
        return Html(f"{opening}>")
    inner = join(children)
    if name in SHAPES and not inner:
        return Html(f"{opening}/>")
    return Html(f"{opening}>{inner}</{name}>")


def named(name: str) -> Html:
    """Return a name from the data, kept apart from the direction in which the text around it runs."""
    return el("bdi", name)


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{text(_short(value))}"'


def _short(value: Attribute) -> str:
    """Return a number with at most two decimals: finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
