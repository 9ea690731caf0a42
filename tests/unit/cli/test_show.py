"""motet show, in words, as JSON and as a picture."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.unit.report.test_anatomy import make

from motet.cli.main import main


@pytest.fixture
def folder(tmp_path: Path) -> str:
    make(tmp_path / "m")
    return str(tmp_path / "m")


def test_in_words(folder: str, capsys) -> None:
    assert main(["show", folder]) == 0
    said = capsys.readouterr().out
    assert "Shared model" in said and "item tower" in said and "private adapter, rank 16" in said


def test_a_picture_and_json(folder: str, tmp_path: Path, capsys) -> None:
    out = tmp_path / "new" / "s.svg"
    assert main(["show", folder, "--structure", str(out), "--language", "zh", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["picture"] == str(out) and found["models"][0]["name"] == "joint"
    assert found["models"][0]["parameters"] == sum(box["parameters"] or 0 for box in found["models"][0]["boxes"])
    assert "共同模型" in "".join(ElementTree.parse(out).getroot().itertext())


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--language", "fr"], "en or zh"), (["--structure", "s.png"], "SVG")],
)
def test_mistakes(options: list[str], message: str, folder: str, capsys) -> None:
    assert main(["show", folder, *options]) == 2
    assert message in capsys.readouterr().err
