from pathlib import Path

from motet.cli.suggest_labels import suggest_labels

from .conftest import Say


def test_mistakes_are_told(say: Say, model: Path, tmp_path: Path) -> None:
    rows = tmp_path / "new.csv"
    rows.write_text("body\nfine\n")
    assert suggest_labels.__doc__ is not None and "suggest-labels" in suggest_labels.__doc__
    said = say("suggest-labels", model, "--task", "mood", "--input", rows, "--out", tmp_path / "out.txt")
    assert said.code == 2
    said = say("suggest-labels", model, "--task", "mood", "--input", rows, "--out", tmp_path / "out.csv")
    assert said.code == 2 and "torch" in said.err
