from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from motet.artifact import write_folder
from motet.errors import ArtifactError
from motet.recommend import Catalogue, History, UserStates

from .conftest import make_catalogue, make_users

FIELDS = {"name": "x", "seed": 0, "runtime": "torch"}


def same(one: History, other: History) -> bool:
    arrays = [(one.item_L, other.item_L), (one.time_L, other.time_L), (one.text_LD, other.text_LD)]
    equal = all(a is b is None or np.array_equal(a, b) for a, b in arrays)  # type: ignore[arg-type]
    return equal and one.columns.equals(other.columns) and one.profile.equals(other.profile)


def test_states_come_back(tmp_path: Path) -> None:
    before = make_users()
    after = UserStates.from_folder(write_folder(tmp_path / "m", before.to_parts(), **FIELDS))  # type: ignore[arg-type]
    assert after.users.to_list() == before.users.to_list() and after.time_unit == "order"
    for user in [*before.users, "stranger"]:
        assert same(after.history(user), before.history(user))


def test_states_with_nothing_but_items_come_back(tmp_path: Path) -> None:
    before = UserStates(pl.Series(["a", "b"]), np.array([0, 2, 3]), np.array([1, 0, 1], np.int32))
    after = UserStates.from_folder(write_folder(tmp_path / "m", before.to_parts(), **FIELDS))  # type: ignore[arg-type]
    assert after.history("a").item_L.tolist() == [1, 0]
    assert after.history("a").time_L is None and after.history("a").text_LD is None
    assert not after.history("a").has_profile
    empty = UserStates.from_folder(write_folder(tmp_path / "e", UserStates.empty().to_parts(), **FIELDS))  # type: ignore[arg-type]
    assert len(empty) == 0 and len(empty.history("a")) == 0


@pytest.mark.parametrize("user", ["ann", "bob", "cleo", "dan"])
def test_without_a_user_the_others_are_unchanged(user: str) -> None:
    before, after = make_users(), make_users().without(user)
    assert user not in after and len(after) == 3
    for other in after.users:
        assert same(after.history(other), before.history(other))
    assert len(after.history(user)) == 0 and not after.history(user).has_profile


def test_without_a_user_their_texts_are_gone() -> None:
    users = make_users()
    assert users.without("ann").text_MD.tolist() == [[1, 0, 0]]
    assert users.without("bob").text_MD.tolist() == [[0, 1, 0]]
    assert users.without("ann").without("bob").text_MD.shape == (0, 3)
    assert users.without("stranger") is users


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": np.array([0, 2, 5, 5])},
        {"starts": np.array([0, 3, 2, 5, 5])},
        {"starts": np.array([0, 2, 5, 5, 4])},
        {"starts": np.array([1, 2, 5, 5, 5])},
        {"time_N": np.array([1])},
        {"text_N": np.array([-1, 2, -1, 0, -1], np.int32)},
        {"columns": pl.DataFrame({"event": ["a"]})},
        {"profiles": pl.DataFrame({"age": ["a"]})},
    ],
)
def test_states_that_do_not_fit_together(wrong: dict[str, object]) -> None:
    with pytest.raises(ArtifactError, match="do not fit together"):
        replace(make_users(), **wrong)  # type: ignore[arg-type]


def test_the_catalogue_comes_back(tmp_path: Path) -> None:
    before = replace(make_catalogue(), available_I=np.array([1, 1, 0, 1, 1, 1], bool))
    after = Catalogue.from_folder(write_folder(tmp_path / "m", before.to_parts(), **FIELDS))  # type: ignore[arg-type]
    assert after.ids.to_list() == before.ids.to_list()
    assert after.attributes.equals(before.attributes)
    assert after.popularity_I.tolist() == before.popularity_I.tolist()
    assert after.available_I.tolist() == before.available_I.tolist()
    assert after.title(0) == "Red apple" and after.title(1) == "bread"


def test_a_bare_catalogue_comes_back(tmp_path: Path) -> None:
    before = Catalogue(pl.Series(["a", "b"]))
    after = Catalogue.from_folder(write_folder(tmp_path / "m", before.to_parts(), **FIELDS))  # type: ignore[arg-type]
    assert after.codes(["b", "x", "a"]).tolist() == [1, -1, 0]
    assert after.attributes.width == 0 and after.titles is None and after.title(1) == "b"


def test_a_catalogue_of_uneven_columns_is_refused() -> None:
    with pytest.raises(ArtifactError, match="differ in length"):
        replace(make_catalogue(), popularity_I=np.array([1]))
