"""What may come in, and how a repeated event is recognised."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.store import Event, Limits, Receipt
from motet.store.checks import Prepared, as_json, fault_in_id, fault_in_text, fault_in_values, prepare

LIMITS = Limits()
NOW = 1_800_000_000_000


@given(st.text(max_size=300))
def test_a_text_is_held_exactly_when_every_database_can_hold_it(text):
    assert (fault_in_text(text, "text", LIMITS) == "") == ("\0" not in text)
    assert (fault_in_id(text, "id", LIMITS) == "") == (0 < len(text) <= 256 and "\0" not in text)


def test_half_a_surrogate_pair_is_named():
    assert "surrogate" in fault_in_text("a\ud83d", "text", LIMITS)


def test_values_may_be_scalars_and_lists_of_them():
    assert fault_in_values({"a": None, "b": True, "c": 2**63 - 1, "d": -0.5, "e": ["x", 1, None]}, LIMITS) == ""
    for wrong, said in [({"a": {}}, "dict"), ({"a": [[1]]}, "list"), ({"a": b"x"}, "bytes"), ([], "no table")]:
        assert said in fault_in_values(wrong, LIMITS)


def test_the_digest_is_of_what_was_sent_and_not_of_when():
    first, later = (prepare(Event("e", "u", "i"), LIMITS, moment) for moment in (NOW, NOW + 9))
    assert first.digest == later.digest and first.time != later.time
    others = [
        *(Event("e", "v", "i"), Event("e", "u", "j"), Event("e", "u", "i", "buy"), Event("e", "u", "i", time=1)),
        *(
            Event("e", "u", "i", values={"a": 1}),
            Event("e", "u", "i", text="x"),
            Event("e", "u", "i", values={"a": "1"}),
        ),
    ]
    assert len({prepare(each, LIMITS, NOW).digest for each in [Event("e", "u", "i"), *others]}) == 8


@pytest.mark.parametrize(("one", "other"), [(5, 5.0), ([1, 2.5], [1.0, 2.5])])
def test_equal_numbers_are_the_same_content(one, other):
    assert len({prepare(Event("e", "u", "i", values={"n": n}), LIMITS, NOW).digest for n in (one, other)}) == 1


def test_the_bound_of_a_clock_is_exact():
    at, beyond = (prepare(Event("e", "u", "i", time=NOW + 300_000 + more), LIMITS, NOW) for more in (0, 1))
    assert isinstance(at, Prepared) and isinstance(beyond, Prepared)
    assert (at.time, at.clamped, beyond.time, beyond.clamped) == (NOW + 300_000, False, NOW, True)
    refused = prepare(Event("e", "u", "i", time=NOW + 2000), Limits(future_seconds=1, future="refuse"), NOW)
    assert isinstance(refused, Receipt) and not refused.accepted


def test_json_of_equal_content_is_equal():
    assert as_json({"b": 1, "a": "ü"}) == as_json({"a": "ü", "b": 1}) == '{"a":"ü","b":1}'
    with pytest.raises(ValueError):
        as_json({"a": float("nan")})
    assert json.loads(as_json({"a": [1]})) == {"a": [1]}
