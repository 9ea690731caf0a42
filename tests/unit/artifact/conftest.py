from pathlib import Path

import numpy as np
import polars as pl
import pytest

from motet.artifact import EncoderInfo, Folder, Part, write_folder


def sample_parts() -> dict[str, Part]:
    return {
        "project.toml": '[project]\nname = "tea"\n',
        "model/weights": {
            "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
            "half": np.array([1.5, -2.0], np.float16),
            "one": np.array(7, np.int64),
            "none": np.zeros((0, 3), np.float32),
        },
        "model/shape": {"width": 64, "name": "Müller 茶", "loss": float("nan"), "path": Path("a/b"), "n": np.int32(3)},
        "state/users": pl.DataFrame({"user": ["ann", "böb", None], "tags": [["a"], [], None]}),
        "features/tokenizer.bin": bytes(range(256)),
    }


def write(target: Path, parts: dict[str, Part] | None = None, **fields: object) -> Folder:
    defaults: dict[str, object] = {
        "name": "tea",
        "seed": 3,
        "runtime": "torch",
        "data_root": "/data",
        "encoder": EncoderInfo(id="lexical", sha256=None),
        "tasks": {"next_item": "next_item"},
    }
    return write_folder(target, sample_parts() if parts is None else parts, **{**defaults, **fields})  # type: ignore[arg-type]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write(tmp_path / "model").path
