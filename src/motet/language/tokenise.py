"""Texts to words: a simple pattern for languages with spaces, jieba where there is Chinese."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from motet.errors import MissingExtra
from motet.language.clean import folded

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LETTER = re.compile(r"[^\W_]")


def words(text: str, language: str) -> list[str]:
    """Return the words of a text, lower-case and in NFKC form, without punctuation.

    language: `en` splits at blanks and punctuation; `zh` and `multi` cut texts that hold Chinese characters with
    jieba. MissingExtra where jieba is needed and not installed.
    """
    text = folded(text)
    if language == "en" or not HAN.search(text):
        return _WORD.findall(text)
    return [word for word in segmenter().lcut(text) if _LETTER.search(word)]


def pieces(text: str) -> list[str]:
    """Return words where there are blanks and single characters where there is Chinese; needs no dictionary."""
    found: list[str] = []
    for word in _WORD.findall(folded(text)):
        found.extend(_split_han(word) if HAN.search(word) else [word])
    return found


def tokeniser(language: str) -> Callable[[str], list[str]]:
    """Return the function text → words for a language, to hand to a room that does not know this one."""
    return lambda text: words(text, language)


def has_segmenter() -> bool:
    """Tell whether Chinese can be cut into words here."""
    from importlib.util import find_spec

    return find_spec("jieba") is not None


@lru_cache(maxsize=1)
def segmenter() -> Any:
    """Return jieba with its own dictionary, loaded once.

    Loaded from the text dictionary (about a second): jieba would otherwise read a marshalled copy from the shared
    temporary folder, which anybody may have written, and announce it on standard error.
    """
    if not has_segmenter():
        raise MissingExtra("jieba, which cuts Chinese text into words,", "language")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42 has old escapes and asks for pkg_resources
        import jieba
    cutter = jieba.Tokenizer()
    with cutter.get_dict_file() as dictionary:
        cutter.FREQ, cutter.total = cutter.gen_pfdict(dictionary)
    cutter.initialized = True
    return cutter


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
