"""A folder in Hub format, read as data: what the model is, how its vectors are pooled, and a digest of its weights."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from motet.errors import ProjectError

Pooling = Literal["mean", "cls", "last"]

_POOLINGS: dict[str, Pooling] = {
    "mean": "mean",
    "cls": "cls",
    "lasttoken": "last",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
}
ONE_WORD = ('This text: "', '" means in one word: "')
"""A model that was only taught to go on writing sums a text up in the state of the last of these tokens, far better
than in the mean of all (Jiang et al. 2024, arXiv:2307.16645)."""
_CAUSAL = ("ForCausalLM", "LMHeadModel")
_MODULES = {"Transformer", "Pooling", "Normalize"}
_WIDTHS = ("hidden_size", "dim", "d_model", "n_embd")
_POSITIONS = ("max_position_embeddings", "n_positions", "max_sequence_length")
_OFFSET_POSITIONS = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "mpnet", "longformer", "data2vec-text"}
"""Models that count positions from the padding index on, and so read two tokens fewer than they have positions."""


@dataclass(frozen=True)
class ModelFolder:
    """What a folder says about its model.

    width: length of a vector. longest: tokens that it reads, special ones included; None where nothing limits them.
    prompt, closing: set before and after every text. pool_prompt: whether the prompt's tokens count in the mean.
    lower: whether texts are to be lower-cased. weights: sha256 of the weights (of their sha256s where they are in
    several files).
    settings: sha256 of everything else that changes a vector.
    """

    path: Path
    width: int
    longest: int | None
    pooling: Pooling
    prompt: str
    closing: str
    pool_prompt: bool
    lower: bool
    weights: str
    settings: str


def read_folder(path: Path) -> ModelFolder:
    """Return what a folder in Hub format says; ProjectError where it is no such folder or needs what we lack."""
    config = _json(path / "config.json")
    if not config:
        raise ProjectError(f"'{path}' is no language model: it has no config.json.", "Name a folder in Hub format.")
    if config.get("is_encoder_decoder"):
        raise ProjectError(f"'{path}' holds an encoder-decoder model.", "Choose an encoder or a decoder-only model.")
    width = next((int(config[key]) for key in _WIDTHS if config.get(key)), None)
    if width is None:
        raise ProjectError(f"'{path}' does not say how wide its vectors are.", "Choose a text model.")
    weights = _weight_files(path)
    pooling, pool_prompt = _pooling(path)
    writes = any(str(name).endswith(_CAUSAL) for name in config.get("architectures") or ())
    sentence = _json(path / "sentence_bert_config.json")
    prompt, closing = _prompt(_json(path / "config_sentence_transformers.json")), ""
    if pooling is None:
        pooling = "last" if writes else "mean"
        prompt, closing = ONE_WORD if writes else (prompt, "")
    lower = bool(sentence.get("do_lower_case"))
    tokenizers = [path / name for name in ("tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json")]
    found = [file for file in tokenizers if file.is_file()]
    if not found:
        raise ProjectError(f"'{path}' holds no tokenizer.", "Add tokenizer.json, as the Hub has it.")
    use = [pooling, pool_prompt, prompt, lower, *([closing] if closing else [])]
    settings = json.dumps([digest_of(found[0]), config.get("model_type"), *use])
    return ModelFolder(
        path=path,
        width=width,
        longest=_longest(config, sentence, _json(path / "tokenizer_config.json")),
        pooling=pooling,
        prompt=prompt,
        closing=closing,
        pool_prompt=pool_prompt,
        lower=lower,
        weights=_combined(weights),
        settings=hashlib.sha256(settings.encode()).hexdigest(),
    )


def _json(path: Path) -> Any:
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError:
        raise ProjectError(f"'{path}' is not valid JSON.", "Copy the folder again.") from None


def _weight_files(path: Path) -> list[Path]:
    """Return the safetensors files; formats that run code when they are opened are refused."""
    whole = path / "model.safetensors"
    if whole.is_file():
        return [whole]
    index = _json(path / "model.safetensors.index.json")
    files = [path / Path(name).name for name in sorted(set(index.get("weight_map", {}).values()))]
    if files and all(file.is_file() for file in files):
        return files
    other = sorted(file.name for file in path.glob("*.bin"))
    found = f"only {', '.join(other)}" if other else "none"
    raise ProjectError(
        f"'{path}' should hold its weights as model.safetensors; found {found}.",
        "Save the model with safe_serialization=True, or choose one that has safetensors.",
    )


def _pooling(path: Path) -> tuple[Pooling | None, bool]:
    """Return how token states become one vector (None where the folder does not say) and whether prompts count."""
    modules = _json(path / "modules.json") or []
    kinds = {module["type"].rsplit(".", 1)[-1]: module for module in modules}
    unknown = sorted(set(kinds) - _MODULES)
    if unknown:
        raise ProjectError(f"'{path}' has the layer {unknown[0]}, which is not applied here.", "Choose another model.")
    config = _json(path / kinds.get("Pooling", {}).get("path", "1_Pooling") / "config.json")
    named = config.get("pooling_mode")
    modes = [named] if isinstance(named, str) else list(named or ())
    modes += [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    if len(modes) > 1 or any(mode not in _POOLINGS for mode in modes):
        raise ProjectError(
            f"'{path}' pools its tokens by {' and '.join(modes)}; known are mean, cls and last.",
            "Choose another model.",
        )
    return (_POOLINGS[modes[0]] if modes else None), bool(config.get("include_prompt", True))


def _prompt(config: dict[str, Any]) -> str:
    name = config.get("default_prompt_name")
    return str((config.get("prompts") or {}).get(name, "")) if name else ""


def _longest(config: dict[str, Any], sentence: dict[str, Any], tokenizer: dict[str, Any]) -> int | None:
    positions = next((int(config[key]) for key in _POSITIONS if config.get(key)), None)
    if positions is not None and config.get("model_type") in _OFFSET_POSITIONS:
        positions -= 2
    limits = [positions, sentence.get("max_seq_length"), tokenizer.get("model_max_length")]
    known = [int(limit) for limit in limits if limit and limit < 1_000_000]
    return min(known, default=None)


def _combined(files: list[Path]) -> str:
    digests = [digest_of(file) for file in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def digest_of(file: Path) -> str:
    """Return a file's sha256, read once per process for as long as its time and size stay."""
    status = file.stat()
    return _digest_of(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _digest_of(file: Path, changed: int, size: int) -> str:
    """Return a file's sha256; asked again only when its time or size has changed."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
