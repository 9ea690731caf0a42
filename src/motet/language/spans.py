"""Where the words of a text stand: for highlighting, so in the text as it is, letters and marks untouched."""

from __future__ import annotations

import re

from motet.language.chinese import HAN, has_segmenter, segmenter

_RUN = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]")
_HAN_RUN = re.compile(f"{HAN.pattern}+")


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return (first character, behind the last) of every word, in order.

    Chinese is cut with jieba, where it is installed, else into characters. An emoji is a word; marks and blanks are
    none.
    """
    found: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        place = run.start()
        for han in _HAN_RUN.finditer(text, run.start(), run.end()):
            if han.start() > place:
                found.append((place, han.start()))
            found += _cut(han.group(), han.start())
            place = han.end()
        if place < run.end():
            found.append((place, run.end()))
    return found


def _cut(run: str, start: int) -> list[tuple[int, int]]:
    if not has_segmenter():
        return [(start + at, start + at + 1) for at in range(len(run))]
    return [(start + begin, start + end) for _, begin, end in segmenter().tokenize(run)]
