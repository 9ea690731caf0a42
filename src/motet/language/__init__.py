"""Texts in, vectors and words out: encoders, their cache, templates, tokenising."""

from motet.language.cache import VectorCache, encode_cached
from motet.language.encoders import ENCODERS, Encoder, Progress, State
from motet.language.load import default_encoder, load_encoder
from motet.language.place import default_cache_folder
from motet.language.template import item_texts, row_texts
from motet.language.tokenise import Tokeniser, has_segmenter, pieces, tokeniser, words

__all__ = [
    "ENCODERS",
    "Encoder",
    "Progress",
    "State",
    "Tokeniser",
    "VectorCache",
    "default_cache_folder",
    "default_encoder",
    "encode_cached",
    "has_segmenter",
    "item_texts",
    "load_encoder",
    "pieces",
    "row_texts",
    "tokeniser",
    "words",
]
