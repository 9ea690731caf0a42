"""Text as the encoders and tokenisers may meet it: no lone surrogates, no control characters, bounded length."""

from __future__ import annotations

import html
import re
import unicodedata

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_ELEMENT = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
GAP = " … "


def sound(text: str) -> str:
    """Return text that can be written as UTF-8: pairs of surrogates joined, lone ones and controls replaced."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub(" ", text)


def head_and_tail(text: str, limit: int, *, gap: str = GAP) -> str:
    """Return the text, or its first three quarters and last quarter of `limit` characters with `gap` between."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    return text[: limit - tail] + gap + text[len(text) - tail :]


def readable(text: str) -> str:
    """Return text as a person would read it: entities such as `&amp;` resolved, tags and runs of blanks removed."""
    text = sound(text)
    if "&" in text:
        # Twice, because exports that escape twice (`&amp;quot;`) are common.
        text = _unescape(_unescape(text))
    if "<" in text:
        text = _ELEMENT.sub(" ", text)
    return " ".join(text.split())


def folded(text: str) -> str:
    """Return lower-case text in NFKC form, so that ｆｕｌｌ and full are one word."""
    text = sound(text)
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()


def _unescape(text: str) -> str:
    """Only what ends in a semicolon: `AT&T` and `R&D` are names, not entities."""
    return sound(_ENTITY.sub(lambda found: html.unescape(found[0]), text))
