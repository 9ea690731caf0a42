"""Neighbours by hand: points on a circle."""

from collections.abc import Mapping

import numpy as np
import pytest

from motet.errors import RequestError
from motet.recommend import Asked, Loaded
from motet.recommend.neighbours import AT_ONCE, Space, neighbours

from .conftest import TinyScorer, make_catalogue, make_users

ANGLES = np.deg2rad([0, 10, 30, 60, 90, 180])


def on_circle(angles: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


class CircleScorer(TinyScorer):
    """Items stand on a circle; a user stands at 20 degrees per event; a text where its length in degrees says."""

    def embed(self, asked: Asked) -> np.ndarray:
        self.seen.append(asked)
        if asked.histories is not None:
            return on_circle(np.deg2rad([20.0 * len(history) for history in asked.histories]))
        if asked.items_n is not None:
            return on_circle(ANGLES[asked.items_n])
        return on_circle(np.deg2rad([float(len(text)) for text in asked.texts or ()]))


@pytest.fixture
def loaded() -> Loaded:
    return Loaded(make_catalogue(), make_users(), CircleScorer())


def ask(loaded: Loaded, asked: Mapping[str, str], *, of: str = "items", k: int = 2) -> list[str]:
    return [name for name, _ in neighbours(loaded, Space(loaded), asked, of=of, k=k)]


def test_the_nearest_come_first_without_the_asked_one(loaded: Loaded) -> None:
    assert ask(loaded, {"item": "apple"}, k=3) == ["bread", "cheese", "dates"]
    assert ask(loaded, {"user": "ann"}) == ["cheese", "dates"]  # at 40 degrees
    assert ask(loaded, {"text": "x" * 85}) == ["eggs", "dates"]
    assert ask(loaded, {"item": "dates"}, of="users") == ["bob", "ann"]  # bob stands at 60 degrees, ann at 40
    assert ask(loaded, {"user": "bob"}, of="users", k=9) == ["ann", "cleo"]  # of dan nothing is known


def test_a_cosine_is_told(loaded: Loaded) -> None:
    ((name, cosine),) = neighbours(loaded, Space(loaded), {"item": "apple"}, of="items", k=1)
    assert name == "bread" and cosine == pytest.approx(np.cos(np.deg2rad(10)), abs=1e-6)


def test_items_that_may_not_be_shown_are_left_out(loaded: Loaded) -> None:
    loaded.catalogue.available_I[1] = False
    assert ask(loaded, {"item": "apple"}) == ["cheese", "dates"]


def test_all_points_are_made_once(loaded: Loaded) -> None:
    space = Space(loaded)
    for _ in range(3):
        neighbours(loaded, space, {"item": "apple"}, of="users", k=1)
    made = [asked for asked in loaded.scorer.seen if asked.histories is not None]  # type: ignore[attr-defined]
    assert [asked.n for asked in made] == [min(AT_ONCE, len(loaded.users))]


@pytest.mark.parametrize(
    ("asked", "options", "message"),
    [
        ({}, {}, "found none of them"),
        ({"user": "ann", "item": "apple"}, {}, "found user and item"),
        ({"user": "dan"}, {}, "Nothing is known of user 'dan'"),
        ({"user": "zed"}, {}, "Nothing is known of user 'zed'"),
        ({"item": "appel"}, {}, "Did you mean 'apple'"),
        ({"text": "  "}, {}, "text of 1 to"),
        ({"item": "apple"}, {"of": "texts"}, "users or items"),
        ({"item": "apple"}, {"k": 0}, "whole number from 1"),
        ({"item": "apple"}, {"k": True}, "whole number from 1"),
    ],
)
def test_what_cannot_be_asked(loaded: Loaded, asked: dict, options: dict, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        ask(loaded, asked, **options)
