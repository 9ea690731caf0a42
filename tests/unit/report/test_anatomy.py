"""What a folder's model is made of, read from shapes and the heads of weight files."""

import numpy as np
import pytest

from motet.artifact import open_folder
from motet.artifact.compact import encode_compact
from motet.report.anatomy import ENCODER, SHARING, TASKS, TRUNK, Anatomy, anatomy
from motet.report.page import page
from motet.report.saved import read_saved
from motet.report.structure import structure
from motet.report.words import words

from ._artifact import TASKS as MADE
from ._artifact import certificate, make_artifact
from ._reader import read_page

COLUMNS = {"codes": 3, "code_columns": 1, "bins": 0, "tags": 0, "vectors": []}
NONE = {"codes": 0, "code_columns": 0, "bins": 0, "tags": 0, "vectors": []}
SHAPE = {
    "sharing": {"kind": "valve", "ranks": {"品牌": 16}, "valves": {"buy": 0.3, "品牌.history": 0.0}},
    "num_items": 5,
    "item_text": 4,
    "item_columns": COLUMNS,
    "event_text": 0,
    "event_columns": NONE,
    "profile": COLUMNS,
    "history": "transformer",
    "views": {
        "events[history]": {"sources": ["history"]},
        "events[history+item]": {"sources": ["history", "item"]},
        "reviews[text](body)": {"sources": ["text"]},
        "people[row]": {"sources": ["row"]},
    },
    "tasks": {
        "next_item": {"view": "events[history]", "output": "ranking", "size": 1, "memory": "mix"},
        "buy": {"view": "events[history+item]", "output": "binary", "size": 1, "memory": ""},
        "品牌": {"view": "reviews[text](body)", "output": "class", "size": 7, "memory": ""},
        "friend": {"view": "people[row]", "output": "binary", "size": 1, "memory": "", "auxiliary": True},
    },
}
WEIGHTS = {
    "sharing.trunk.items.delta.weight": (6, 4),
    "sharing.trunk.now.weight": (2, 4),
    "sharing.trunk.history.start": (4,),
    "sharing.trunk.texts.reviews[text](body).leave.weight": (3, 4),
    "sharing.trunk.rows.people[row].codes.weight": (3, 4),
    "sharing.trunk.fusions.events[history].layers.0.weight": (4, 4),
    "sharing.adapters.品牌.up.weight": (5, 2),
    "heads.next_item.bias": (5,),
    "heads.buy.out.weight": (4, 1),
    "heads.品牌.out.weight": (4, 7),
    "heads.friend.out.weight": (4, 1),
}
ROUTES = {"next_item": "joint", "buy": "joint", "品牌": "joint"}


def arrays(sizes=WEIGHTS):
    return {name: np.ones(size, np.float32) for name, size in sizes.items()}


def parts(**more):
    rows = certificate({"buy": MADE["buy"], "品牌": MADE["品牌"]})
    rows["tasks"]["品牌"]["repair"] = "private"
    return {
        "SHAPE": SHAPE,
        "WEIGHTS": arrays(),
        "GRAPH": {"to": np.zeros(2, np.int32)},
        "CERTIFICATE": rows,
        **more,
    }


def make(path, *, routes=ROUTES, beside=None, **more):
    """A folder with a model; beside: parts under their full names."""
    from motet.artifact import update_folder

    make_artifact(path, **parts(**more))
    update_folder(path, {"model/routes": routes, **(beside or {})})
    return open_folder(path)


@pytest.fixture
def found(tmp_path) -> Anatomy:
    told = anatomy(make(tmp_path / "m"))
    assert told is not None
    return told


def box(found, key):
    (one,) = [each for each in found.models[0].boxes if each.key == key]
    return one


def test_every_parameter_is_counted_once(found):
    (joint,) = found.models
    assert joint.parameters == sum(np.prod(size) for size in WEIGHTS.values())
    assert box(found, "history").parameters == 2 * 4 + 4 and box(found, "items").parameters == 24
    assert box(found, "sharing").parameters == 10 and box(found, "task 品牌").parameters == 28
    assert {each.column for each in joint.boxes if each.kind == "head"} == {TASKS}


def test_tables_and_what_is_read_of_them(found):
    read = {each.name: [what for what, _ in each.notes] for each in found.models[0].boxes if each.kind == "table"}
    assert read == {
        "events": ["reads_events"],
        "items": ["reads_items", "reads_text", "reads_columns"],
        "users": ["reads_profile"],
        "reviews": ["reads_text"],
        "people": ["reads_columns"],
    }


def test_what_leads_where(found):
    links = set(found.models[0].links)
    assert ("table items", "encoder") in links and ("encoder", "items") in links and ("encoder", "texts") in links
    assert ("table people", "rows") in links and ("table people", "encoder") not in links
    assert ("memory", "task next_item") in links and ("memory", "task buy") not in links
    keys = {each.key for each in found.models[0].boxes}
    assert all(set(link) <= keys for link in links)
    reached = {link[1] for link in links}
    assert {each.key for each in found.models[0].boxes if each.column in (TRUNK, SHARING, TASKS)} <= reached


def test_repairs_adapters_and_valves_are_told(found):
    assert dict(box(found, "task buy").notes)["has_valve"] == {"share": "0.3"}
    told = dict(box(found, "task 品牌").notes)
    assert told["has_adapter"] == {"rank": 16} and told["repaired"] == {"repair": "private"}
    assert "has_closed_valve" in told and dict(box(found, "task friend").notes)["helps_only"] == {}


def test_a_twin_stands_beside(tmp_path):
    twin = {**SHAPE, "tasks": {"buy": SHAPE["tasks"]["buy"]}, "sharing": {"kind": "shared_bottom"}}
    beside = {"model/twin-1/shape": twin, "model/twin-1/weights": arrays({"heads.buy.out.weight": (4, 1)})}
    found = anatomy(make(tmp_path / "m", routes={**ROUTES, "buy": "twin-1"}, beside=beside))
    assert [model.name for model in found.models] == ["joint", "twin-1"]
    assert found.models[1].parameters == 4
    assert "answered_elsewhere" in dict(box(found, "task buy").notes)
    assert [each.name for each in found.models[1].boxes if each.kind == "head"] == ["buy"]


def test_a_tuned_language_model(tmp_path):
    learned = {"model/adapters": arrays({"language.a": (3, 5)})}
    told = box(anatomy(make(tmp_path / "m", beside=learned)), "encoder")
    assert (told.column, told.state, told.parameters, told.name) == (ENCODER, "tuned", 15, "minilm")
    assert box(anatomy(make(tmp_path / "n")), "encoder").state == "frozen"


def test_weights_in_fewer_bytes_count_the_same(tmp_path, found):
    made = make(
        tmp_path / "c", WEIGHTS=None, beside={"model/weights.safetensors": encode_compact(arrays(), lambda _: "int8")}
    )
    assert anatomy(made) == found


def test_without_weights_numbers_are_unknown_and_without_shapes_all_is(tmp_path):
    told = anatomy(make(tmp_path / "m", WEIGHTS=None))
    assert box(told, "items").parameters is None and told.models[0].parameters == 0
    assert anatomy(make(tmp_path / "n", SHAPE=None)) is None
    make_artifact(tmp_path / "o")
    assert anatomy(open_folder(tmp_path / "o")) is None
    assert structure(read_saved(open_folder(tmp_path / "o")), words("en")) is None


def test_a_fusion_shows_its_members(tmp_path):
    fused = {
        "members": {"a": {"kind": "model", "part": "members/m0"}, "ease": {"kind": "item weights", "part": "x"}},
        "tasks": {"next_item": {"members": ["a", "ease"]}},
    }
    beside = {"fused": fused, "members/m0/model/weights": arrays()}
    (told,) = anatomy(make(tmp_path / "m", beside=beside)).models
    members = {each.name: (each.kind, each.parameters) for each in told.boxes if each.column == TRUNK}
    assert members == {"a": ("member", told.parameters), "ease": ("classic", None)} and told.parameters > 0


def test_the_report_shows_it(tmp_path):
    root = read_page(page(read_saved(make(tmp_path / "m"))))
    (section,) = [each for each in root.all("section") if each.attributes["id"] == "structure"]
    assert "品牌" in section.text and section.one("svg", "an")
