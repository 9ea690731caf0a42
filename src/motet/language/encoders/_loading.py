"""Tokenizer and model from a folder: quietly, without foreign code, in the precision that this machine likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from motet.errors import MissingExtra, ProjectError


def load_tokenizer(path: Path) -> Any:
    """Return the tokenizer of a folder, read once for as long as its files stay as they are."""
    return _tokenizer(path, _changed(path))


def load_model(path: Path, device: str) -> Any:
    """Return the frozen model of a folder on `device`, ready to be asked; shared by all who ask for the same.

    device: `auto` takes a GPU where there is one. Only safetensors are opened. ProjectError where weights are
    missing: they would be random, and so would the vectors.
    """
    where = _device(device)
    return _frozen(path, where, precision(where), _changed(path))


def fresh_model(path: Path) -> Any:
    """Return a model that nobody else holds, in 32 bits on the CPU, every parameter with a gradient."""
    return _read(path).requires_grad_(True)


@lru_cache(maxsize=4)
def _tokenizer(path: Path, changed: int) -> Any:
    with quiet():
        from transformers import AutoTokenizer

        with one_line(path):
            return AutoTokenizer.from_pretrained(str(path), local_files_only=True, trust_remote_code=False)


@lru_cache(maxsize=2)
def _frozen(path: Path, where: str, kind: Any, changed: int) -> Any:
    return _read(path).requires_grad_(False).to(where, kind)


def _changed(path: Path) -> int:
    return max((file.stat().st_mtime_ns for file in path.iterdir()), default=0)


def _read(path: Path) -> Any:
    import torch

    # Weights that a checkpoint lacks (an unused pooler) are drawn at random: not from the run's own stream.
    with quiet(), torch.random.fork_rng(devices=[]):
        from transformers import AutoModel

        with one_line(path):
            model, report = AutoModel.from_pretrained(
                str(path),
                local_files_only=True,
                trust_remote_code=False,  # said aloud, because the library would otherwise ask on the terminal
                use_safetensors=True,
                dtype=torch.float32,
                output_loading_info=True,
            )
    missing = [name for name in report["missing_keys"] if "pooler" not in name]
    if missing:
        raise ProjectError(
            f"'{path}' lacks {len(missing)} of its model's weights, the first being {sorted(missing)[0]}.",
            "Copy the folder again.",
        )
    return model.eval()


def precision(device: str) -> Any:
    """Return bfloat16 where it is computed in hardware (it changes no ranking and is three times as fast)."""
    import torch

    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if device == "cpu" and _cpu_has_bfloat16() else torch.float32


def _cpu_has_bfloat16() -> bool:
    """AVX512_BF16 or AMX; older chips emulate it, and lose."""
    import torch

    if hasattr(torch.cpu, "get_capabilities"):
        known = torch.cpu.get_capabilities()
        return bool(known.get("avx512_bf16") or known.get("amx_bf16"))
    flags = Path("/proc/cpuinfo")
    text = flags.read_text(errors="replace") if flags.is_file() else ""
    return "avx512_bf16" in text or "amx_bf16" in text


def _device(wanted: str) -> str:
    import torch

    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted


@contextmanager
def one_line(path: Path) -> Iterator[None]:
    """Turn whatever the libraries say about a broken folder into one line."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, TypeError, SafetensorError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ProjectError(f"The language model in '{path}' cannot be loaded: {first}", "Choose another.") from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' progress bars and remarks away; restore its manners afterwards."""
    try:
        from transformers.utils import logging
    except ImportError:
        raise MissingExtra("transformers, which reads language models,", "language") from None
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
