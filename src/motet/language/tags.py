"""Parts of speech: jieba's for Chinese, TextBlob's lexicon for what has spaces; both bring their data along."""

from __future__ import annotations

import warnings
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

from motet.errors import MissingExtra
from motet.language.chinese import HAN, segmenter, simplified


def parts_of_speech(text: str, language: str) -> list[str]:
    """Return one tag per word: those of the Penn treebank, or for text with Chinese characters those of ICTCLAS.

    MissingExtra where the tagger is not installed. Chinese takes about seven times as long as cutting into words.
    """
    if not text.strip():
        return []
    if language != "en" and HAN.search(text):
        return [str(pair.flag) for pair in _chinese().cut(simplified(text)) if pair.word.strip()]
    return [str(tag) for _, tag in _english()(text)]


@lru_cache(maxsize=1)
def _chinese() -> Any:
    cutter = segmenter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as jieba itself
        from jieba.posseg import POSTokenizer
    return POSTokenizer(cutter)


@lru_cache(maxsize=1)
def _english() -> Any:
    if find_spec("textblob") is None:
        raise MissingExtra("textblob, which knows English parts of speech,", "tags")
    from textblob.en import tag

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # textblob 0.20 leaves its lexicon open when it has read it
        tag("word")
    return tag
