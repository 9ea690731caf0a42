import pytest

from motet.errors import ProjectError
from motet.schema import Binary, Masked, Project, Rating

TABLE = {"path": "r.csv", "columns": {"text": "text", "stars": "number", "happy": "flag", "shop": "category"}}
STARS = Rating(name="stars", table="r", column="stars")


def project(*tasks):
    return Project(tables={"r": TABLE}, tasks=list(tasks))


def test_a_masked_column_is_an_input_and_no_label():
    assert project(STARS, Masked(table="r", column="shop", inputs=("shop",))).judged == {"stars": STARS}
    with pytest.raises(ProjectError, match="is the label of task 'stars'"):
        project(STARS, Masked(table="r", column="stars"))
    with pytest.raises(ProjectError, match="has the inputs"):
        project(STARS, Masked(table="r", column="nothing"))


def test_somebody_must_be_helped():
    with pytest.raises(ProjectError, match="every task is auxiliary"):
        project(Masked(table="r", column="text"))


def test_teachers_are_known_tasks():
    happy = Binary(name="happy", table="r", column="happy", soft_targets=("star",))
    with pytest.raises(ProjectError, match="Did you mean 'stars'"):
        project(STARS, happy)
    with pytest.raises(ProjectError, match="off"):
        Binary(name="happy", table="r", column="happy", soft_targets="always")
