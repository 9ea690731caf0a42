from pathlib import Path

import numpy as np
import pytest

from motet.cli.neighbours import render
from motet.recommend import Asked, load

from .conftest import FixedScorer, Say


@pytest.fixture
def with_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four items at the corners of a square, users beside the first, texts beside the last."""

    def embed(self: FixedScorer, asked: Asked) -> np.ndarray:
        corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], np.float32)
        if asked.items_n is not None:
            return corners[asked.items_n]
        return np.tile(corners[:1] if asked.histories is not None else corners[3:], (asked.n, 1))

    monkeypatch.setattr(FixedScorer, "embed", embed, raising=False)


@pytest.mark.usefixtures("with_points")
def test_items_and_users_near_by(say: Say, model: Path) -> None:
    found = say("neighbours", model, "--user", "ann", "-k", "1", "--json").json
    assert found == {"of": "items", "neighbours": [{"id": "apple", "cosine": 1.0}]}
    assert say("neighbours", model, "--text", "x", "--json").json["neighbours"][0]["id"] == "dates"
    found = say("neighbours", model, "--item", "cheese", "--of", "users", "--json").json
    assert found == {"of": "users", "neighbours": [{"id": "ann", "cosine": -1.0}]}
    said = say("neighbours", model, "--user", "ann", "-k", "1").out.splitlines()
    assert said[0].split() == ["item", "cosine", "title"] and said[1].split() == [
        "1.",
        "apple",
        "1.0000",
        "Red",
        "apple",
    ]


@pytest.mark.usefixtures("with_points")
def test_nothing_to_look_among(model: Path) -> None:
    assert render(load(model), [], "users") == "there are no users to look among."


@pytest.mark.usefixtures("with_points")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "found none of them"),
        (["--user", "a", "--item", "b"], "found --user and --item"),
        (["--user", "bob"], "Nothing is known"),
        (["--item", "aple"], "no item 'aple'"),
        (["--item", "apple", "--of", "shops"], "users or items"),
        (["--item", "apple", "-k", "0"], "Expected k"),
    ],
)
def test_mistakes(options: list[str], message: str, say: Say, model: Path) -> None:
    said = say("neighbours", model, *options, "--json")
    assert said.code == 2 and message in said.json["error"]["message"]
