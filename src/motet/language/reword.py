"""Sentences in other words, by a small language model that follows instructions. Whoever asks checks what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from motet.language.encoders._loading import load_tokenizer, one_line, quiet
from motet.schema import EncoderConfig

INSTRUCTION = (
    "Rewrite the sentence in friendly, plain words. Keep every name in quotation marks and every number exactly as it "
    "is. Add nothing. Answer with one sentence."
)
ROOM = 96
"""Tokens that an answer may take."""


class Rewording:
    """Asks a causal model of a folder, one sentence at a time, always for its likeliest answer."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    def __call__(self, sentences: Sequence[str]) -> list[str]:
        """Return another wording of each sentence, in order; the model is loaded when it is first asked."""
        import torch

        path = self._folder()
        tokenizer, model = load_tokenizer(path), _causal(path)
        found = []
        for sentence in sentences:
            said = [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": sentence}]
            options = {"add_generation_prompt": True, "return_tensors": "pt", "return_dict": True}
            given = tokenizer.apply_chat_template(said, **options)
            with torch.inference_mode(), quiet():
                ids = model.generate(**given, max_new_tokens=ROOM, do_sample=False, pad_token_id=0)
            found.append(tokenizer.decode(ids[0, given["input_ids"].shape[1] :], skip_special_tokens=True).strip())
        return found


def smollm2() -> Rewording:
    """Return what rewords with SmolLM2-135M-Instruct (Ben Allal et al. 2025, arXiv:2502.02737), an English model."""
    from motet.language.encoders._transformer import TransformerEncoder
    from motet.language.encoders.smollm2 import smollm2 as encoder

    def folder() -> Path:
        made = encoder(EncoderConfig(name="smollm2"))
        assert isinstance(made, TransformerEncoder)
        return made.folder.path

    return Rewording(folder)


@lru_cache(maxsize=1)
def _causal(path: Path) -> Any:
    import torch

    with quiet():
        from transformers import AutoModelForCausalLM

        with one_line(path):
            options = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
            return AutoModelForCausalLM.from_pretrained(str(path), dtype=torch.float32, **options).eval()
