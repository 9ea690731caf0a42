"""Model folders that were changed: refused before anything in them is read; a pickle in one is never run."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

from benchmarks.drills._bench import Bench, Found

from motet.artifact import codec, folder, open_folder
from motet.artifact.folder import MANIFEST
from motet.errors import ArtifactError, MotetError
from motet.recommend import load

MUTANTS = 500


def run(bench: Bench) -> Found:
    source, rng, wanted = bench.real() / "models" / "first", random.Random(0), bench.times(MUTANTS)
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    refused = read = 0
    for number in range(wanted):
        change = CHANGES[number % len(CHANGES)]
        with _copy(source) as copy, _readers() as asked:
            change(copy, copy / rng.choice(files), rng)
            refused += _refused(copy)
            read += len(asked)
    blind = _blind(source, files)
    ran, control_ran = _pickled(source), _pickle_runs(source)
    figure = (
        f"{refused} of {wanted} changed folders refused, {read} readers asked; a pickle in a folder: {ran} times run"
    )
    ok = refused == wanted and read == 0 and ran == 0
    return Found(
        ok, figure, blind > 0 and control_ran, f"{blind} of 8 pass without checksums, the pickle runs elsewhere"
    )


def _refused(path: Path) -> bool:
    try:
        load(path)
    except ArtifactError:
        return True
    return False


@contextmanager
def _copy(source: Path) -> Iterator[Path]:
    copy = source.with_name("changed")
    shutil.copytree(source, copy)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


@contextmanager
def _readers() -> Iterator[list[str]]:
    """Which readers of parts were asked within."""
    asked: list[str] = []
    names = ("decode_arrays", "decode_frame", "decode_json", "decode_text")
    kept = {name: getattr(codec, name) for name in names}

    def noting(name: str) -> Callable[..., object]:
        return lambda *given: asked.append(name) or kept[name](*given)  # type: ignore[func-returns-value]

    with patch.multiple(codec, **{name: noting(name) for name in names}):
        yield asked


def _flip(copy: Path, file: Path, rng: random.Random) -> None:
    data = bytearray(file.read_bytes())
    place = rng.randrange(len(data))
    if file.name == MANIFEST:  # spaces in it mean nothing; what is said in it does
        place = data.index(b'"sha256"') + 12 + rng.randrange(40)
    data[place] = data[place] ^ (1 << rng.randrange(7))
    file.write_bytes(bytes(data))


def _cut(copy: Path, file: Path, rng: random.Random) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: rng.randrange(len(data) - 2)])


def _grow(copy: Path, file: Path, rng: random.Random) -> None:
    with open(file, "ab") as stream:
        stream.write(rng.randbytes(1 + rng.randrange(50)))


def _lose(copy: Path, file: Path, rng: random.Random) -> None:
    file.unlink()


def _link(copy: Path, file: Path, rng: random.Random) -> None:
    beside = copy.with_name("elsewhere")
    shutil.copy(file, beside)
    file.unlink()
    file.symlink_to(beside)


def _stranger(copy: Path, file: Path, rng: random.Random) -> None:
    shutil.copy(file, file.with_name(f"stranger-{rng.randrange(100)}{file.suffix}"))


def _replace(copy: Path, file: Path, rng: random.Random) -> None:
    file.write_bytes(rng.randbytes(file.stat().st_size))


CHANGES = (_flip, _cut, _grow, _lose, _link, _stranger, _replace, _flip)


def _blind(source: Path, files: list[Path]) -> int:
    """How many of 8 flipped folders would be taken if nobody looked at checksums."""
    rng, taken = random.Random(1), 0
    parts = [file for file in files if file.suffix == ".safetensors"]
    for _ in range(8):
        with _copy(source) as copy:
            file = copy / rng.choice(parts)
            data = bytearray(file.read_bytes())
            data[-1 - rng.randrange(8)] ^= 1
            file.write_bytes(bytes(data))
            with (
                patch.object(folder, "_verify", lambda *_: None),
                patch.object(folder.Folder, "data", lambda self, name: (self.path / name).read_bytes()),
            ):
                try:
                    open_folder(copy)
                    load(copy)
                    taken += 1
                except MotetError:
                    pass
    return taken


class _Trap:
    """What a malicious file would do: leave a mark."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path(self.mark),))


def _pickled(source: Path) -> int:
    """How often a pickle was run that stands in the place of a part, in every kind of part, with a fitting checksum."""
    import pickle

    from motet.artifact.manifest import Manifest, PartInfo

    mark, ran = source.with_name("mark"), 0
    suffixes = {}
    with _copy(source) as copy:
        for name in Manifest.from_bytes((copy / MANIFEST).read_bytes()).parts:
            suffixes.setdefault(Path(name).suffix, name)
    for name in suffixes.values():
        with _copy(source) as copy:
            (copy / name).write_bytes(pickle.dumps(_Trap(str(mark))))
            manifest = Manifest.from_bytes((copy / MANIFEST).read_bytes())
            info = PartInfo(bytes=(copy / name).stat().st_size, sha256=folder.sha256_of(copy / name))
            changed = manifest.model_copy(update={"parts": {**manifest.parts, name: info}})
            (copy / MANIFEST).write_text(changed.model_dump_json())
            with suppress(MotetError):
                load(copy).recommend(k=3)
            ran += mark.exists()
            mark.unlink(missing_ok=True)
    return ran


def _pickle_runs(source: Path) -> bool:
    """Whether the trap works where pickles are believed."""
    import pickle

    mark = source.with_name("mark")
    pickle.loads(pickle.dumps(_Trap(str(mark))))  # noqa: S301 (our own, to see that it would have worked)
    return mark.exists()
