from pathlib import Path

from .conftest import Say


def test_mistakes_are_told_before_anything_is_loaded(say: Say, model: Path) -> None:
    for options in (["--method", "forest"], ["--depth", "0"], ["--out", "tree.txt"]):
        said = say("explain", model, "--task", "mood", *options)
        assert said.code == 2
