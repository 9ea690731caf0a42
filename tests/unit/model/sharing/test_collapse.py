from hypothesis import given
from hypothesis import strategies as st

from motet.model.sharing._collapse import collapsed


def test_an_expert_that_one_task_uses_is_alive():
    usage = {
        "rating": {"itself": 0.5, "expert 1": 0.48, "expert 2": 0.01, "expert 3": 0.01},
        "brand": {"itself": 0.5, "expert 1": 0.01, "expert 2": 0.48, "expert 3": 0.01},
    }
    assert collapsed(usage, least=0.05) == ["expert 3"]
    assert collapsed(usage, least=0.01) == []


def test_use_is_counted_beside_the_representation_itself():
    usage = {"rating": {"itself": 0.9, "expert 1": 0.09, "expert 2": 0.01}}
    assert collapsed(usage, least=0.09) == []  # .09 of .1 and .01 of .1
    assert collapsed(usage, least=0.11) == ["expert 1", "expert 2"]  # the task takes no more than .1 beside itself


def test_what_belongs_to_one_task_is_counted_but_never_named():
    usage = {"rating": {"itself": 0.0, "expert 1.1": 0.02, "own 1": 0.98, "own 2": 0.0, "held back": 0.0}}
    assert collapsed(usage, least=0.05) == ["expert 1.1"]


def test_no_gates_no_alarm():
    assert collapsed({}, least=0.5) == []
    assert collapsed({"rating": {"buy": 0.0, "rating": 1.0}}, least=0.5) == []


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=6), st.floats(0.0, 0.4))
def test_a_second_user_can_only_revive(shares, least):
    def named(values):
        total = sum(values) or 1.0
        return {f"expert {place}": value / total for place, value in enumerate(values)}

    one, other = named(shares), named(shares[::-1])
    both = collapsed({"a": one, "b": other}, least=least)
    assert set(both) <= set(collapsed({"a": one}, least=least))
