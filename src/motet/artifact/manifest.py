"""The manifest: what a folder says about itself, and the checksum of every part.

The file ends with a seal, the SHA-256 of everything before it, and is only accepted in exactly the form in which it
is written: a damaged manifest is found as surely as a damaged part. The seal guards against accidents; it is no
signature.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from motet.artifact.layout import FORMAT
from motet.artifact.upgrade import upgrade
from motet.errors import ArtifactError

MAX_MANIFEST_BYTES = 4 * 2**20
MAX_PARTS = 4_096
MAX_PART_BYTES = 64 * 2**30

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,5}")


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PartInfo(_Data):
    """Size and checksum of one file."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0, le=MAX_PART_BYTES)


class EncoderInfo(_Data):
    """Which language model made the text vectors. sha256: of its weights, where they are known."""

    id: str
    sha256: str | None = None


class Manifest(_Data):
    """What a folder says about itself.

    format: version of the folder format. motet: version of the package that wrote it. created: UTC, ISO 8601.
    runtime: short name of what answers for the model, for instance "torch".
    data_root: the folder against which the project's relative paths resolve. tasks: name → kind.
    refit: whether what answers has also learned from the rows that it was judged on, before; written only where it has.
    parts: relative path, with "/" → size and checksum.
    """

    format: int = FORMAT
    motet: str
    name: str
    created: str
    seed: int
    runtime: str
    data_root: str | None = None
    encoder: EncoderInfo | None = None
    tasks: dict[str, str] = Field(default_factory=dict)
    refit: bool = False
    parts: dict[str, PartInfo] = Field(default_factory=dict, max_length=MAX_PARTS)

    @field_validator("parts")
    @classmethod
    def _safe_names(cls, parts: dict[str, PartInfo]) -> dict[str, PartInfo]:
        for name in parts:
            if not is_safe_name(name):
                raise ValueError(f"{name!r} is not the name of a part")
        return parts

    def to_bytes(self) -> bytes:
        """Return the file, with its seal."""
        fields = self.model_dump(mode="json", exclude=None if self.refit else {"refit"})
        return _render({**fields, "seal": _seal(fields)})

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Return the manifest in `data`; raises ArtifactError for anything that is damaged, foreign or too new."""
        fields = upgrade(_unsealed(data))
        try:
            return cls(**fields)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            raise _damaged(f"{where}: {first['msg']}") from None


def is_safe_name(name: str) -> bool:
    """Return whether `name` is a relative path of plain words: no parent, no root, nothing hidden."""
    return len(name) <= 200 and _NAME.fullmatch(name) is not None


def _unsealed(data: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _damaged("it is not JSON") from None
    if not isinstance(fields, dict) or type(fields.get("format")) is not int or "motet" not in fields:
        raise _damaged("it lacks the fields 'format' and 'motet'")
    if fields["format"] > FORMAT:
        return fields  # Another version may be sealed in another way: let `upgrade` say so.
    plain = {key: value for key, value in fields.items() if key != "seal"}
    if fields.get("seal") != _seal(plain) or _render(fields) != data:
        raise _damaged("its seal does not match its content")
    return plain


def _render(fields: dict[str, Any]) -> bytes:
    return (json.dumps(fields, indent=1, ensure_ascii=True) + "\n").encode("ascii")


def _seal(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_render(fields)).hexdigest()


def _damaged(reason: str) -> ArtifactError:
    return ArtifactError(f"manifest.json is damaged or not Motet's: {reason}.", "Copy the folder again, or train anew.")
