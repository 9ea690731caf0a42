"""Texts to words: a simple pattern for languages with spaces, jieba where there is Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from motet.language.chinese import HAN, has_segmenter, segmenter, simplified
from motet.language.clean import folded, head_and_tail, readable
from motet.language.stop_words import STOP_WORDS
from motet.language.tags import parts_of_speech

__all__ = ["MAX_CHARACTERS", "Tokeniser", "has_segmenter", "pieces", "segmenter", "tokeniser", "words"]

MAX_CHARACTERS = 50_000
"""Of a text; longer ones keep head and tail, so that no text takes more than a moment."""

MEMORY_CHARACTERS = 20_000_000
"""Texts whose words are remembered, in characters: fitting and applying n-grams ask for the same ones in turn."""

_EMOJI = "\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
_WORD = re.compile(rf"[^\W_]+(?:['’][^\W_]+)*|[{_EMOJI}]")
_LETTER = re.compile(rf"[^\W_]|[{_EMOJI}]")


def words(text: str, language: str) -> list[str]:
    """Return the words of a text, lower-case, in NFKC form and simplified characters, without punctuation.

    language: `en` splits at blanks and punctuation; `zh` and `multi` cut texts that hold Chinese characters with
    jieba, and name the words inside a long word before it. An emoji is a word. MissingExtra where jieba or opencc is
    needed and not installed.
    """
    return _cut(_normal(text, language), language)


def pieces(text: str) -> list[str]:
    """Return words where there are blanks and single characters where there is Chinese; needs no dictionary."""
    found: list[str] = []
    for word in _WORD.findall(folded(text)):
        found.extend(_split_han(word) if HAN.search(word) else [word])
    return found


@dataclass(frozen=True)
class Tokeniser:
    """Text → words, for a room that does not know this one; what was cut once is remembered.

    stop_words: leave out the words that say little by themselves. tags: also offer parts of speech.
    """

    language: str
    stop_words: bool = False
    tags: bool = False
    _known: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)
    _held: list[int] = field(default_factory=lambda: [0], repr=False, compare=False)

    def __call__(self, text: str) -> list[str]:
        """Return the words of a text."""
        found = self._known.get(text)
        if found is None:
            found = _cut(self._clean(text), self.language)
            if self.stop_words:
                found = [word for word in found if word not in STOP_WORDS]
            self._remember(text, found)
        return found

    def plain(self, text: str) -> str:
        """Return what character n-grams are taken from: all of a text, in its normal form, single blanks around."""
        runs = self._clean(text).split()
        return f" {' '.join(runs)} " if runs else ""

    def parts_of_speech(self, text: str) -> list[str]:
        """Return the part of speech of each word, punctuation included."""
        return parts_of_speech(_bounded(text), self.language)

    @property
    def options(self) -> Mapping[str, bool]:
        """What is not as by default, to be kept beside what was fitted."""
        return {name: True for name in ("stop_words", "tags") if getattr(self, name)}

    def like(self, options: Mapping[str, bool]) -> Tokeniser:
        """Return a tokeniser of the same language with these options."""
        return tokeniser(self.language, **options)

    def _clean(self, text: str) -> str:
        return _normal(_bounded(text), self.language)

    def _remember(self, text: str, found: list[str]) -> None:
        if self._held[0] + len(text) > MEMORY_CHARACTERS:
            self._known.clear()
            self._held[0] = 0
        self._known[text] = found
        self._held[0] += len(text)


def tokeniser(language: str, *, stop_words: bool = False, tags: bool = False) -> Tokeniser:
    """Return the function text → words for a language."""
    return Tokeniser(language, stop_words, tags)


def _normal(text: str, language: str) -> str:
    text = folded(text)
    return simplified(text) if language != "en" and HAN.search(text) else text


def _cut(text: str, language: str) -> list[str]:
    if language == "en" or not HAN.search(text):
        return _WORD.findall(text)
    return [word for word in segmenter().lcut_for_search(text) if _LETTER.search(word)]


def _bounded(text: str) -> str:
    text = head_and_tail(text, MAX_CHARACTERS)
    return readable(text) if "<" in text or "&" in text else text


def _split_han(word: str) -> list[str]:
    """`abc中文` → abc, 中, 文."""
    parts: list[str] = []
    run = ""
    for character in word:
        if HAN.match(character):
            parts.extend([run, character])
            run = ""
        else:
            run += character
    return [part for part in [*parts, run] if part]
