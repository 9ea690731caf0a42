import shutil
from pathlib import Path

import numpy as np
import pytest

from motet import workflow
from motet.artifact import layout, open_folder
from motet.data import divide, read_tables
from motet.errors import LeakageError
from motet.features.graph import PREFIX
from motet.recommend.forget import forget
from motet.recommend.state import UserStates
from motet.schema import Project, Relation
from motet.stages.declaring import check_unread
from motet.stages.graphs import graphs_in, item_part
from motet.stages.grown import project_of
from motet.testing.project import tiny_project

GRAPHS = {
    "graph": {"friends": {"table": "friends", "width": 4}, "had": {"table": "events", "width": 4}},
    "train": {"epochs": 1},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> workflow.Result:
    folder = tmp_path_factory.mktemp("graphs")
    project = Project.read(tiny_project(folder, tasks=["next_item", "friend"], settings=GRAPHS))
    return workflow.train(project, folder / "run")


def test_a_packed_model_keeps_its_vectors_and_is_judged_by_them(trained: workflow.Result) -> None:
    again = workflow.evaluate(trained.path)
    for task, values in trained.evaluation.tasks.items():
        assert {k: v for k, v in again.tasks[task].items() if isinstance(v, float)} == pytest.approx(
            {k: v for k, v in values.items() if isinstance(v, float)}, abs=1e-4
        )
    folder = open_folder(trained.path)
    project = project_of(folder, data=None)
    division = divide(project, read_tables(project))
    kept = graphs_in(folder, project, division)
    study = workflow.prepare(workflow.check(project))
    for name, each in study.features.graphs.items():
        assert np.array_equal(kept[name].known_n, each.whole.known_n)
        assert np.allclose(kept[name].values_nw, each.whole.values_nw, atol=1e-3)
    assert set(item_part(study.features)) == {"had/vectors", "had/known"}


def test_friends_and_lists_are_asked_of_the_folder(trained: workflow.Result) -> None:
    bundle = trained.bundle()
    users = UserStates.from_folder(open_folder(trained.path)).users
    told = bundle.predict("friend", users=[users[0], users[0]], others=[users[1], "nobody"])
    assert len(told) == 2
    assert len(bundle.recommend(users[0], k=3).items) == 3


def test_a_relation_that_a_graph_was_made_of_is_no_new_task(trained: workflow.Result) -> None:
    project = project_of(open_folder(trained.path), data=None)
    state = workflow.prepare(workflow.check(project)).features.state
    with pytest.raises(LeakageError, match="graph"):
        check_unread(project, state, Relation(kind="relation", table="friends", name="again"))


def test_a_forgotten_user_takes_their_vector_along(trained: workflow.Result, tmp_path: Path) -> None:
    path = Path(shutil.copytree(trained.path, tmp_path / "run"))
    users = UserStates.from_folder(open_folder(path))
    column = f"{PREFIX}friends"
    gone = users.users.filter(users.profiles[column].is_not_null())[0]
    vector = users.profiles[column][users.index[gone]].to_list()
    forget(path, gone)
    left = UserStates.from_folder(open_folder(path))
    assert vector not in left.profiles[column].to_list()
    assert open_folder(path).has(layout.ITEM_GRAPHS)
