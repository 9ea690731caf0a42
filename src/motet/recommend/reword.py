"""Another wording of a sentence, only if it says nothing that the sentence does not say.

A language model may put a template into friendlier words. What it writes is held against the template: it must name
the item and every other name in the same order, hold exactly the template's numbers, and use no word that is neither
in the template nor in a short list of plain words that name nothing. Otherwise the template stays.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from typing import cast

from motet.recommend.sentences import Sentence

Rewriter = Callable[[Sequence[str]], Sequence[str]]
"""Sentences → as many other wordings of them."""

REWRITERS = {"smollm2": "motet.language.reword:smollm2"}
"""Short name → what makes a rewriter. The table is the whole list: a folder cannot name code of its own."""

_PLAIN = (
    "a about also an and are as at be because been being but by choice comes for from gets given had has "
    "have here how if in into is it its just like likely list may might mostly of on or our out part "
    "particularly place reason reasons recommend recommended recommendation recommends recommending score "
    "scores see shown shows since so such suggest suggested suggests that the their them then there these "
    "they thing this those thus to too turn up us was we were what when which while who why will with "
    "would you your "
)
PLAIN = frozenset(_PLAIN.split())
"""English words that name nothing, count nothing and turn no statement round."""

_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)*\s?%?")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST = 2.5


def find_rewriter(name: str) -> Rewriter | None:
    """Return the rewriter of that short name, or None for `off`. Its model is loaded when it is first asked."""
    if name == "off":
        return None
    module, _, attribute = REWRITERS[name].partition(":")
    return cast(Rewriter, getattr(importlib.import_module(module), attribute)())


def reworded(sentences: Sequence[Sentence], rewriter: Rewriter | None) -> tuple[str, ...]:
    """Return the sentences in the rewriter's words where these hold, else as the templates have them."""
    if rewriter is None or not sentences:
        return tuple(each.text for each in sentences)
    offered = list(rewriter([each.text for each in sentences]))
    offered += [""] * (len(sentences) - len(offered))
    pairs = zip(sentences, offered, strict=False)
    return tuple(" ".join(other.split()) if holds(each, other) else each.text for each, other in pairs)


def holds(sentence: Sentence, other: str) -> bool:
    """Return whether another wording says nothing beyond a sentence: its names, its numbers, and plain words."""
    if not other.strip() or len(other) > _LONGEST * len(sentence.text) + 40 or "\n" in other.strip():
        return False
    if _HAN.search(other) and not _han(other) <= _han(sentence.text):
        return False
    names = sorted(set(sentence.names), key=sentence.text.find)
    rest, bare = _without_names(names, other), _without_names(names, sentence.text)
    if rest is None or bare is None or _numbers(rest) != _numbers(bare):
        return False
    return _words(rest) <= PLAIN | _words(bare)


def _without_names(names: Sequence[str], text: str) -> str | None:
    """The text without the names, or None where one is missing, or they stand in another order."""
    rest, place = "", 0
    for name in names:
        found = text.find(name, place)
        if found < 0:
            return None
        rest += text[place:found] + " "
        place = found + len(name)
    rest += text[place:]
    for name in sorted(names, key=len, reverse=True):  # a name that is said twice is no new fact
        rest = rest.replace(name, " ")
    return rest


def _numbers(text: str) -> list[str]:
    return sorted(match.replace("−", "-").replace(" ", "") for match in _NUMBER.findall(text))


def _words(text: str) -> set[str]:
    return {word.lower().replace("’", "'") for word in _WORD.findall(text)}


def _han(text: str) -> set[str]:
    """Pairs of neighbouring Chinese characters."""
    runs = re.findall(r"[\u3400-\u9fff]+", text)
    return {run[place : place + 2] for run in runs for place in range(max(1, len(run) - 1))}
