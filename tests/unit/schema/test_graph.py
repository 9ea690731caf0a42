import pytest

from motet.errors import ProjectError
from motet.schema import GraphConfig, Project
from motet.testing.project import tiny_sections


def test_a_graph_needs_a_table_that_is_declared() -> None:
    sections = tiny_sections(settings={"graph": {"friends": {"table": "friend"}}})
    with pytest.raises(ProjectError, match="graph 'friends' is made of 'friend'.*friends"):
        Project(**sections)


def test_a_graph_is_written_and_read_again() -> None:
    sections = tiny_sections(settings={"graph": {"friends": {"table": "friends", "width": 8}}})
    project = Project(**sections)
    assert project.graph == {"friends": GraphConfig(table="friends", width=8)}
    assert 'table = "friends"' in project.to_toml()
