"""Whether an unpacked model gives the vectors that it should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from motet.errors import ProjectError
from motet.language.encoders._transformer import TransformerEncoder

LEAST_COSINE = 0.998
"""Between the known numbers and ours; bfloat16 alone costs .0001."""


def check_known(folder: Path, *, name: str, known: Mapping[str, Sequence[float]]) -> None:
    """Raise ProjectError unless each text's vector begins with its known numbers."""
    found = TransformerEncoder(folder, name=name, max_tokens=128, device="cpu").encode(list(known))
    for text, vector, numbers in zip(known, found, known.values(), strict=True):
        expected = np.asarray(numbers)
        begin = vector[: len(expected)]
        length = max(float(np.linalg.norm(begin) * np.linalg.norm(expected)), 1e-12)
        cosine = float(begin @ expected) / length
        if not cosine >= LEAST_COSINE:
            raise ProjectError(
                f"The language model '{name}' was unpacked, but reads '{text}' differently than it should "
                f"(cosine {cosine:.3f} with the known vector).",
                f"The package that brings '{name}' may be damaged or of another version: install it again as "
                "constraints.txt has it.",
            )
