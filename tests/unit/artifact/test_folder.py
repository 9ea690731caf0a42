"""What is written comes back; what was touched is refused before any reader sees it."""

import json
import os
import random
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from motet.artifact import Folder, codec, open_folder, read_folder, update_folder
from motet.artifact.manifest import Manifest
from motet.errors import ArtifactError

from .conftest import sample_parts, write


def all_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def test_everything_comes_back(model: Path) -> None:
    folder = open_folder(model)
    parts = sample_parts()
    arrays = folder.arrays("model/weights")
    for name, expected in parts["model/weights"].items():  # type: ignore[union-attr]
        np.testing.assert_array_equal(arrays[name], expected)
        assert arrays[name].dtype == expected.dtype and arrays[name].shape == expected.shape
        assert arrays[name].flags.writeable
    assert folder.json("model/shape") == {"width": 64, "name": "Müller 茶", "loss": None, "path": "a/b", "n": 3}
    assert folder.frame("state/users").equals(parts["state/users"])  # type: ignore[arg-type]
    assert folder.text("project.toml") == parts["project.toml"]
    assert folder.data("features/tokenizer.bin") == parts["features/tokenizer.bin"]


def test_the_manifest_says_what_is_there(model: Path) -> None:
    folder = open_folder(model)
    manifest = folder.manifest
    assert (manifest.name, manifest.seed, manifest.runtime, manifest.data_root) == ("tea", 3, "torch", "/data")
    assert manifest.encoder is not None and manifest.encoder.id == "lexical"
    assert manifest.tasks == {"next_item": "next_item"}
    present = [file.relative_to(model).as_posix() for file in all_files(model)]
    assert folder.names() == sorted(set(present) - {"manifest.json"})
    assert folder.has("model/weights") and folder.has("model/weights.safetensors") and not folder.has("model")
    assert folder.file("model/weights.safetensors").is_file()


def test_an_unknown_part_is_answered_with_the_known_ones(model: Path) -> None:
    with pytest.raises(ArtifactError, match="project.toml"):
        open_folder(model).json("model/nothing")


def test_500_mutations_are_refused(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flips, cuts, additions and zeros, in every region of every file, before any reader runs."""

    def reader_ran(*_: object) -> None:
        raise AssertionError("a reader ran on a damaged part")

    for name in ("decode_arrays", "decode_frame", "decode_json", "decode_text"):
        monkeypatch.setattr(codec, name, reader_ran)
    rng = random.Random(0)
    files = all_files(model)
    for trial in range(500):
        file = files[trial % len(files)]
        before = file.read_bytes()
        region = len(before) * (trial // len(files)) // (500 // len(files) + 1)
        file.write_bytes(mutate(before, region, rng))
        with pytest.raises(ArtifactError) as caught:
            open_folder(model)
        assert file.name in str(caught.value), f"the error does not name {file.name}: {caught.value}"
        assert caught.value.remedy
        file.write_bytes(before)
    open_folder(model)


def mutate(data: bytes, place: int, rng: random.Random) -> bytes:
    kind = rng.choice(["flip", "cut", "add", "zero", "byte"])
    if kind == "flip":
        return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]
    if kind == "byte":
        return data[:place] + bytes([(data[place] + rng.randrange(1, 256)) % 256]) + data[place + 1 :]
    if kind == "cut":
        return data[:place]
    if kind == "add":
        return data[:place] + rng.randbytes(1 + rng.randrange(9)) + data[place:]
    piece = data[place : place + 16]
    return data[:place] + bytes(len(piece)) + data[place + 16 :] if any(piece) else b""


def test_every_stretch_of_the_manifest_counts(model: Path) -> None:
    file = model / "manifest.json"
    data = file.read_bytes()
    for place in range(0, len(data), 3):
        file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(ArtifactError):
            open_folder(model)


def test_other_spacing_or_a_doubled_key_breaks_the_seal(model: Path) -> None:
    file = model / "manifest.json"
    fields = json.loads(file.read_text())
    for text in (json.dumps(fields), file.read_text().replace('"seed": 3', '"seed": 4,\n "seed": 3')):
        file.write_text(text)
        with pytest.raises(ArtifactError, match="seal"):
            open_folder(model)


def test_a_missing_file_is_named(model: Path) -> None:
    (model / "model" / "shape.json").unlink()
    with pytest.raises(ArtifactError, match="model/shape.json"):
        open_folder(model)


def test_an_extra_file_is_named_and_hidden_ones_are_passed_over(model: Path) -> None:
    (model / ".DS_Store").write_text("x")
    (model / ".cache").mkdir()
    (model / ".cache" / "more").write_text("x")
    open_folder(model)
    (model / "model" / "code.py").write_text("raise SystemExit")
    with pytest.raises(ArtifactError, match="model/code.py"):
        open_folder(model)


@pytest.mark.parametrize("link", ["model/shape.json", "model", "extra"])
def test_links_are_refused(model: Path, tmp_path: Path, link: str) -> None:
    place = model / link
    if place.exists():
        shutil.move(place, tmp_path / "moved")
    else:
        (tmp_path / "moved").write_text("x")
    place.symlink_to(tmp_path / "moved")
    with pytest.raises(ArtifactError):
        open_folder(model)


def test_a_linked_manifest_is_refused(model: Path, tmp_path: Path) -> None:
    shutil.move(model / "manifest.json", tmp_path / "m.json")
    (model / "manifest.json").symlink_to(tmp_path / "m.json")
    with pytest.raises(ArtifactError):
        open_folder(model)


def test_a_device_is_refused(model: Path) -> None:
    os.mkfifo(model / "pipe")
    with pytest.raises(ArtifactError, match="plain files"):
        open_folder(model)


def test_the_folder_itself_may_be_reached_by_a_link(model: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(model)
    assert open_folder(tmp_path / "current").path == model


def test_a_part_that_changes_after_opening_is_refused(model: Path) -> None:
    folder = open_folder(model)
    (model / "model" / "shape.json").write_text("{}")
    with pytest.raises(ArtifactError, match="checksum"):
        folder.json("model/shape")
    (model / "project.toml").unlink()
    with pytest.raises(ArtifactError, match="project.toml"):
        folder.text("project.toml")


def test_no_folder_and_a_foreign_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no model folder"):
        open_folder(tmp_path / "nowhere")
    with pytest.raises(ArtifactError, match="not a model folder"):
        open_folder(tmp_path)
    (tmp_path / "gone.old-0123").mkdir()
    with pytest.raises(ArtifactError, match="gone.old-0123"):
        open_folder(tmp_path / "gone")


class Canary:
    """Unpickling it writes a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.target,))


def pickled(target: Path) -> bytes:
    import pickle

    return pickle.dumps(Canary(target))


@pytest.mark.parametrize("name", ["model/weights", "state/users", "model/shape"])
def test_a_pickle_in_place_of_a_part_is_not_executed(tmp_path: Path, name: str) -> None:
    """Even one whose checksum is right: sealed by someone who means harm."""
    canary = tmp_path / "canary"
    suffix = {"model/weights": ".safetensors", "state/users": ".parquet", "model/shape": ".json"}[name]
    folder = write(tmp_path / "evil", {name + suffix: pickled(canary)})
    read = {".safetensors": folder.arrays, ".parquet": folder.frame, ".json": folder.json}[suffix]
    with pytest.raises(ArtifactError, match="cannot be read"):
        read(name)
    assert not canary.exists()


def test_an_array_of_objects_is_no_part(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="object"):
        write(tmp_path / "objects", {"model/weights": {"a": np.array([object()], dtype=object)}})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        (10**9).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (2).to_bytes(8, "little") + b"{",
        (60).to_bytes(8, "little") + b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}     ',
    ],
)
def test_broken_array_files_are_refused(tmp_path: Path, data: bytes) -> None:
    folder = write(tmp_path / "broken", {"model/weights.safetensors": data})
    with pytest.raises(ArtifactError, match="model/weights"):
        folder.arrays("model/weights")


def test_a_header_of_many_arrays_is_refused(tmp_path: Path) -> None:
    header = json.dumps({f"t{n}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for n in range(20_000)})
    data = len(header).to_bytes(8, "little") + header.encode()
    folder = write(tmp_path / "many", {"model/weights.safetensors": data})
    with pytest.raises(ArtifactError, match="arrays"):
        folder.arrays("model/weights")


def test_a_frame_that_unfolds_beyond_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = pl.DataFrame({"x": pl.repeat(1, 3_000_000, eager=True, dtype=pl.Int64)})
    folder = write(tmp_path / "bomb", {"state/users": bomb})
    assert folder.frame("state/users").height == 3_000_000
    monkeypatch.setattr(codec, "FREE_EXPANSION_BYTES", 2**20)
    with pytest.raises(ArtifactError, match="unfold"):
        folder.frame("state/users")


def test_deep_json_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "deep", {"model/shape.json": b"[" * 200_000})
    with pytest.raises(ArtifactError, match="JSON"):
        folder.json("model/shape")


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "text", {"project.toml": b"\xff\xfe"})
    with pytest.raises(ArtifactError, match="UTF-8"):
        folder.text("project.toml")


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/passwd", "a/../../b", "a//b", "C:\\x", ".hidden", "a/.b", "é", ""]
)
def test_names_that_lead_elsewhere(tmp_path: Path, model: Path, name: str) -> None:
    with pytest.raises(ArtifactError):
        write(tmp_path / "names", {name: b"x"})
    manifest = open_folder(model).manifest
    parts = {**manifest.parts, name: manifest.parts["project.toml"]}
    (model / "manifest.json").write_bytes(manifest.model_copy(update={"parts": parts}).to_bytes())
    with pytest.raises(ArtifactError, match="manifest.json"):
        open_folder(model)


def test_a_newer_format_names_the_remedy(model: Path) -> None:
    manifest = open_folder(model).manifest.model_copy(update={"format": 2})
    (model / "manifest.json").write_bytes(manifest.to_bytes())
    with pytest.raises(ArtifactError, match="git pull"):
        open_folder(model)


def test_manifest_round_trip(model: Path) -> None:
    manifest = open_folder(model).manifest
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest


def test_a_manifest_with_an_unknown_field_is_refused(model: Path) -> None:
    from motet.artifact.manifest import _render, _seal

    fields = {**open_folder(model).manifest.model_dump(mode="json"), "hook": "os.system"}
    with pytest.raises(ArtifactError, match="hook"):
        Manifest.from_bytes(_render({**fields, "seal": _seal(fields)}))


def test_an_enormous_manifest_is_refused(model: Path) -> None:
    (model / "manifest.json").write_bytes(b" " * (5 * 2**20))
    with pytest.raises(ArtifactError, match="larger"):
        open_folder(model)


def test_no_pickle_in_the_package() -> None:
    """Neither by import nor by name."""
    import motet

    words = (
        "import pickle",
        "import joblib",
        "import marshal",
        "import shelve",
        "allow_pickle=True",
        "weights_only=False",
    )
    for file in Path(motet.__file__).parent.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not [word for word in words if word in text], file


def test_parts_may_stand_in_memory_only(model: Path) -> None:
    folder = open_folder(model)
    other = folder.with_parts({"project.toml": "new", "state/users": pl.DataFrame({"user": ["cleo"]})})
    assert other.text("project.toml") == "new" and other.frame("state/users")["user"].to_list() == ["cleo"]
    assert other.json("model/shape") == folder.json("model/shape")
    assert open_folder(model).frame("state/users").height == 3
    with pytest.raises(ArtifactError, match="in memory only"):
        other.file("project.toml")


def test_a_folder_that_is_put_in_place_anew_while_it_is_read_is_read_again(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from motet.artifact import folder as reading

    verify, changed = reading._verify, []

    def late(path: Path, name: str, info: object) -> None:
        if not changed:
            changed.append(name)
            update_folder(model, {"project.toml": "changed meanwhile"})
        verify(path, name, info)  # type: ignore[arg-type]

    first = open_folder(model)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_verify", late)
        assert open_folder(model).text("project.toml") == "changed meanwhile"
    assert first.replaced() and not open_folder(model).replaced()


def test_what_is_read_of_a_folder_is_of_one_folder(model: Path) -> None:
    """Between opening and reading, somebody may put it in place anew."""
    seen: list[str] = []

    def read(folder: Folder) -> str:
        if not seen:
            update_folder(model, {"project.toml": "changed meanwhile"})
        seen.append(folder.path.name)
        return folder.text("project.toml")

    assert read_folder(model, read) == "changed meanwhile" and len(seen) == 2


def test_a_damaged_folder_is_not_read_again(model: Path) -> None:
    seen: list[str] = []

    def read(folder: Folder) -> str:
        seen.append(folder.path.name)
        (model / "project.toml").write_text("damaged meanwhile")
        return folder.text("project.toml")

    with pytest.raises(ArtifactError, match="damaged"):
        read_folder(model, read)
    assert len(seen) == 1
