import pytest

from motet.errors import ProjectError
from motet.schema.settings import SharingConfig
from motet.schema.sharing import check_sharing
from motet.schema.tasks import Binary, NextItem, TaskBase
from motet.testing import tiny_in_memory


def tasks() -> dict[str, TaskBase]:
    return {
        "view": Binary(kind="binary", name="view", column="event", positive=["view", "buy"]),
        "buy": Binary(kind="binary", name="buy", column="event", positive=["buy"]),
        "happy": Binary(kind="binary", name="happy", table="reviews", column="recommended"),
        "next_item": NextItem(kind="next_item", name="next_item"),
    }


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kind": "mmoe"},
        {"kind": "esmm", "chain": ["view", "buy"]},
        {"kind": "valve", "chain": ["view", "buy"]},
        {"valves": {"view": 0.3, "next_item": 0}},
        {"valves": {"view.item": 0.3, "next_item.history": 0}},
    ],
)
def test_what_fits(settings: dict) -> None:
    check_sharing(SharingConfig(**settings), tasks())


@pytest.mark.parametrize(
    ("settings", "message", "remedy"),
    [
        ({"chain": ["view", "bye"]}, "sharing.chain names 'bye', which is no task", "Did you mean 'buy'?"),
        ({"valves": {"vieww": 0.5}}, "sharing.valves names 'vieww', which is no task", "Did you mean 'view'?"),
        ({"valves": {"view.door": 0.5}}, "sharing.valves names 'view.door', which is no task", ""),
        ({"valves": {"zzz": 0.5}}, "tasks: view, buy, happy, next_item", "leave it out"),
        ({"chain": ["view", "buy", "view"]}, "names 'view' twice", "once"),
        ({"chain": ["view"]}, "at least two tasks, found view", 'chain = ["view", "cart", "buy"]'),
        ({"kind": "esmm"}, "at least two tasks, found none", 'chain = ["view", "cart", "buy"]'),
        ({"chain": ["view", "next_item"]}, "'next_item', which is no yes-or-no task", "kind binary"),
        ({"chain": ["view", "happy"]}, "'view' over events and 'happy' over reviews", "same table"),
    ],
)
def test_what_does_not(settings: dict, message: str, remedy: str) -> None:
    with pytest.raises(ProjectError) as caught:
        check_sharing(SharingConfig(**settings), tasks())
    assert message in caught.value.message and remedy in caught.value.remedy
    assert "\n" not in str(caught.value)


def test_a_project_is_asked() -> None:
    with pytest.raises(ProjectError, match="'rating', which is no task"):
        tiny_in_memory(tasks=("next_item",), settings={"sharing": {"valves": {"rating": 0.5}}})
