"""Another wording of a sentence, only if it says nothing that the sentence does not say.

A language model may put a template into friendlier words. What it writes is held against the template: names and
numbers must come as often and in the same order, and between the same names stand the template's own telling words
(without, lower, against, …), each as often; what is added comes from a short list of plain words that name nothing and
take no side. Otherwise the template stays.
"""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from motet.recommend.sentences import Sentence

Rewriter = Callable[[Sequence[str]], Sequence[str]]
"""Sentences → as many other wordings of them."""

REWRITERS = {"smollm2": "motet.language.reword:smollm2"}
"""Short name → what makes a rewriter. The table is the whole list: a folder cannot name code of its own."""

_PLAIN = (
    "a about also an and are as at be because been being but by choice comes from gets given had has "
    "have here how if in into is it its just like likely list may might mostly of on or our out part "
    "particularly place reason reasons recommend recommended recommendation recommends recommending score "
    "scores see shown shows since so such suggest suggested suggests that the their them then there these "
    "they thing this those thus to too turn up us was we were what when which while who why will with "
    "would you your "
)
PLAIN = frozenset(_PLAIN.split())
"""English words that name nothing, count nothing and turn no statement round ("for" does: it is not "against")."""

_TURNS = frozenset({"one", "other"})
"""Words that point at a name by their order."""

_NUMBER = r"[-−+]?\d+(?:[.,]\d+)*\s?%?"
_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
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
    """Return whether another wording says what a sentence says: the same of the same names, in plain words."""
    if not other.strip() or len(other) > _LONGEST * len(sentence.text) + 40 or "\n" in other.strip():
        return False
    if _HAN.search(other) and not _han(other) <= _han(sentence.text):
        return False
    told, own = _spans(other, sentence.names), _spans(sentence.text, sentence.names)
    return told == own and {each.name for each in own if each.name} >= set(sentence.names)


@dataclass
class _Span:
    """A name, and what is said from there to the next one: numbers and the like in order, telling words by count."""

    name: str
    order: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)


def _spans(text: str, names: Sequence[str]) -> list[_Span]:
    """What a text says before its first name, and after each."""
    longest_first = sorted(filter(None, set(names)), key=len, reverse=True)
    known = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in longest_first) or r"(?!)"
    spans = [_Span("")]
    for match in re.finditer(rf"(?P<name>{known})|(?P<number>{_NUMBER})|(?P<word>{_WORD})", text):
        found = match[0]
        if match["name"]:
            spans.append(_Span(found))
        elif match["number"]:
            spans[-1].order.append(found.replace("−", "-").replace(" ", ""))
        elif (word := found.lower().replace("’", "'")) not in PLAIN:
            spans[-1].words[word] += 1
            spans[-1].order += [word] if word in _TURNS else []
    return spans


def _han(text: str) -> set[str]:
    """Pairs of neighbouring Chinese characters."""
    runs = re.findall(r"[\u3400-\u9fff]+", text)
    return {run[place : place + 2] for run in runs for place in range(max(1, len(run) - 1))}
