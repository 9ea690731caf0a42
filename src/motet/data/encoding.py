"""Text that is not UTF-8: byte-order marks, GB18030 for Chinese, Windows-1252 for western languages."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def wide_encoding(head: bytes) -> str | None:
    """Return the name of a two- or four-byte encoding that the first bytes show, or None."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    first, second = head[::2], head[1::2]
    if len(head) >= 16 and second.count(0) > 0.3 * len(second) and first.count(0) < 0.02 * len(first):
        return "utf-16-le"
    if len(head) >= 16 and first.count(0) > 0.3 * len(first) and second.count(0) < 0.02 * len(second):
        return "utf-16-be"
    return None


def as_utf8(data: bytes, encoding: str) -> bytes:
    """Return the text as UTF-8, without a byte-order mark; what cannot be decoded becomes U+FFFD."""
    return data.decode(encoding, errors="replace").removeprefix("\ufeff").encode("utf-8")


def recode(data: bytes) -> bytes | None:
    """Return text in an unnamed single- or multi-byte encoding as UTF-8, or None where none is plausible.

    GB18030 is believed where the characters beyond ASCII are Chinese, and most of them in use: an accent before a
    Latin letter reads as a rare one. Windows-1252 is believed where it leaves no control characters.
    """
    try:
        text = data.decode("gb18030")
        foreign = len(_FOREIGN.findall(text))
        chinese = foreign and len(_CHINESE.findall(text)) > 0.8 * foreign and _in_use(text) > 0.5 * foreign
        if chinese and not _CONTROL.search(text):
            return text.encode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text.encode("utf-8")


def _in_use(text: str) -> int:
    """Return how many characters beyond ASCII stand in GB2312, which holds those of everyday writing."""
    plain = len(text.encode("ascii", errors="ignore"))
    return (len(text.encode("gb2312", errors="ignore")) - plain) // 2
