"""A causal model packed as GGUF, as an ordinary folder."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path

from motet.errors import MissingExtra
from motet.language.encoders._loading import one_line, quiet


def write_gguf(source: Path, folder: Path) -> None:
    """Write config, weights (16 bits: finer than the 4 they had) and tokenizer of a GGUF file into `folder`."""
    from importlib.util import find_spec

    if find_spec("gguf") is None:
        raise MissingExtra("gguf, which reads packed language models,", "language")
    import torch

    # The reader draws a progress bar that no setting turns off (transformers 5.23).
    with quiet(), one_line(source), torch.random.fork_rng(devices=[]), redirect_stderr(io.StringIO()):
        from transformers import AutoModelForCausalLM, AutoTokenizer

        options = {"gguf_file": source.name, "local_files_only": True}
        packed = AutoModelForCausalLM.from_pretrained(str(source.parent), dtype=torch.float32, **options)
        config = packed.config
        # transformers 5.23 will not save a model that remembers having been quantised: a fresh one takes its weights.
        if hasattr(config, "quantization_config"):
            del config.quantization_config
        fresh = AutoModelForCausalLM.from_config(config)
        fresh.load_state_dict(packed.state_dict())
        fresh.tie_weights()
        fresh.to(torch.float16).save_pretrained(folder)
        AutoTokenizer.from_pretrained(str(source.parent), **options).save_pretrained(folder)
