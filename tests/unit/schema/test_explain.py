from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import motet
from motet.errors import MotetError, ProjectError
from motet.schema import EncoderConfig, Project

TABLES = {"events": {"path": "x", "user": "u", "item": "i", "columns": {"r": "number"}}}
TASKS = {"r": {"kind": "rating", "column": "r"}}


def refused(**sections: Any) -> ProjectError:
    with pytest.raises(ProjectError) as caught:
        Project(**{"tables": TABLES, "tasks": TASKS, **sections})
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("sections", "message", "remedy"),
    [
        ({"train": {"epochs": "many"}}, "train.epochs: ", "By default it is 40."),
        ({"trunk": {"width": 12}}, "trunk.width: ", "By default it is 64."),
        ({"encoder": {"tune": "frosen"}}, "encoder.tune: ", "Did you mean 'frozen'?"),
        ({"encoder": {"tune": "xyz"}}, "found 'xyz'", "Choose one of these."),
        ({"trunk": {"widht": 12}}, "[trunk] has an unknown key 'widht'", "Did you mean 'width'?"),
        ({"qqq": 1}, "the project file has an unknown key 'qqq'", "Choose one of these."),
        ({"tasks": {"r": {"kind": "rating", "colum": "r"}}}, "unknown key 'colum'", "Did you mean 'column'?"),
        ({"tasks": {"r": {"kind": "rating"}}}, "[tasks.r] needs the key 'column'", "Add it."),
        ({"tasks": {"r": {"kind": "ratng", "column": "r"}}}, "has kind 'ratng'", "Did you mean 'rating'?"),
        ({"tasks": {"r": {**TASKS["r"], "split": {"fraction": [1]}}}}, "[tasks.r.split]", "'fractions'?"),
        ({"tasks": {"r": {**TASKS["r"], "table": "event"}}}, "reads table 'event'", "Did you mean 'events'?"),
        ({"tables": {"events": {"path": "x", "usr": "u"}}}, "[tables.events] has", "Did you mean 'user'?"),
        ({"tables": {"events": {"path": "x", "columns": {"r": "numbr"}}}}, "columns.r.meaning", "'number'?"),
        ({"tables": {"events": {"path": " ", "user": "u"}}}, "tables.events.path: ", "tables.events.path"),
        ({"sharing": {"valves": {"r": 7}}}, "sharing.valves.r: ", "Correct sharing.valves.r."),
        ({"split": {"fractions": [1]}}, "split.fractions: ", "Correct split.fractions."),
    ],
)
def test_what_is_wrong_comes_with_its_place_and_a_remedy(sections: dict[str, Any], message: str, remedy: str) -> None:
    error = refused(**sections)
    assert message in error.message and remedy in error.remedy


def test_a_task_made_in_python_says_the_same() -> None:
    with pytest.raises(MotetError) as caught:
        motet.NextItem(repeat="mask")  # type: ignore[call-arg]
    assert caught.value.message.startswith("NextItem has an unknown key 'repeat'; known: ")
    assert caught.value.remedy == "Did you mean 'repeats'?" and "name" in caught.value.message
    with pytest.raises(MotetError, match="repeats: .* found 'x'"):
        motet.NextItem(repeats="x")  # type: ignore[arg-type]
    with pytest.raises(MotetError, match="max_tokens"):
        EncoderConfig(max_tokens=1)


def test_the_name_of_a_section_is_no_key_of_it() -> None:
    assert "name," not in refused(tasks={"r": {**TASKS["r"], "x": 1}}).message
    assert "name, language" in refused(project={"x": 1}).message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 99) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SECTIONS = st.sampled_from(sorted(set(Project.model_fields) - {"root"}))


@given(SECTIONS, JSON, st.text(max_size=5))
def test_every_refusal_has_a_remedy(section: str, value: Any, key: str) -> None:
    for content in (value, {key: value}, {key: {"kind": "rating", key: value}}):
        try:
            Project(**{"tables": TABLES, "tasks": TASKS, section: content})
        except ProjectError as error:
            assert error.message and error.remedy, error
