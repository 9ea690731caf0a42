import polars as pl
import pytest

from motet.artifact import open_folder, write_folder
from motet.errors import RequestError
from motet.recommend import TaskView, forget
from motet.recommend.ask import asked
from motet.recommend.loaded import Loaded
from motet.recommend.relations import Relations

from .conftest import TASKS, TinyScorer, make_catalogue, make_users

PAIRS = Relations(
    pl.DataFrame(
        [("friends", "ann", "bob"), ("friends", "bob", "cyd"), ("rivals", "cyd", "ann")],
        schema=["relation", "user", "other"],
        orient="row",
    )
)


def test_a_folder_gives_back_what_it_was_given(tmp_path):
    write_folder(tmp_path / "m", PAIRS.to_parts(), name="tiny", seed=0, runtime="tiny")
    found = Relations.from_folder(open_folder(tmp_path / "m"))
    assert found.pairs.equals(PAIRS.pairs)
    assert found.of("friends").rows() == [("ann", "bob"), ("bob", "cyd")]


def test_a_folder_without_relations_has_none(tmp_path):
    write_folder(tmp_path / "m", {"project.toml": "x = 1"}, name="tiny", seed=0, runtime="tiny")
    assert Relations.from_folder(open_folder(tmp_path / "m")).pairs.is_empty()


def test_forgetting_erases_a_user_from_both_sides(tmp_path):
    assert PAIRS.without("ann").pairs.rows() == [("friends", "bob", "cyd")]
    parts = {**make_users().to_parts(), **PAIRS.to_parts()}
    write_folder(tmp_path / "m", parts, name="tiny", seed=0, runtime="tiny")
    forget(tmp_path / "m", "ann")
    assert Relations.from_folder(open_folder(tmp_path / "m")).pairs.rows() == [("friends", "bob", "cyd")]
    for file in (tmp_path / "m").rglob("*"):
        assert not file.is_file() or b"ann" not in file.read_bytes(), file


@pytest.fixture
def loaded():
    view = TaskView("relation", "binary", ("history", "other"), table="friends", user="who", other="whom")
    return Loaded(make_catalogue(), make_users(), TinyScorer(tasks={**TASKS, "friend": view}))


def test_two_users_are_asked_about(loaded):
    questions = asked(loaded, "friend", users=["ann", "bob"], others=["bob", "nobody"])
    assert questions.n == 2 and questions.pairs == [("ann", "bob"), ("bob", "nobody")]
    assert [len(each) for each in questions.others] == [len(loaded.users.history("bob")), 0]
    assert list(questions.histories[0].item_L) == list(loaded.users.history("ann").item_L)


def test_one_user_is_meant_for_all_of_the_others(loaded):
    assert asked(loaded, "friend", users=["ann"], others=["bob", "cyd"]).pairs == [("ann", "bob"), ("ann", "cyd")]


def test_a_table_of_pairs_names_both_sides(loaded):
    questions = asked(loaded, "friend", rows=[{"who": "ann", "whom": "bob"}])
    assert questions.pairs == [("ann", "bob")]


def test_a_user_alone_is_no_question(loaded):
    with pytest.raises(RequestError, match="'friend' needs others"):
        asked(loaded, "friend", users=["ann"])
