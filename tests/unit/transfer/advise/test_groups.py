from hypothesis import given
from hypothesis import strategies as st

from motet.transfer.advise.gains import Gain
from motet.transfer.advise.groups import group, into

ALIKE = dict.fromkeys("abcd", 1.0)


def both(value, error=0.01):
    return Gain(value, error)


def gains(**pairs):
    """ab=(.3, -.2): what a gives b, and b gives a."""
    found = {}
    for (one, other), (there, back) in ((tuple(name), pair) for name, pair in pairs.items()):
        found[one, other], found[other, one] = both(there), both(back)
    return found


def test_tasks_that_help_one_another_form_groups_and_foes_stay_apart():
    given_ = gains(ab=(0.5, 0.4), cd=(0.3, 0.3), ac=(-0.4, -0.5), ad=(-0.4, -0.5), bc=(-0.4, -0.5), bd=(-0.4, -0.5))
    assert group("abcd", given_, ALIKE) == [("a", "b"), ("c", "d")]


def test_who_is_harmed_by_a_group_stays_out_of_it_even_where_the_group_gains():
    given_ = gains(ab=(0.5, 0.5), ac=(-0.5, 0.9), bc=(-0.5, 0.9))
    assert group("abc", given_, ALIKE) == [("a", "b"), ("c",)]


def test_what_neither_helps_nor_harms_shares_since_it_is_cheaper():
    assert group("abc", {}, ALIKE) == [("a", "b", "c")]
    assert group("ab", {("a", "b"): both(-0.3, 0.5), ("b", "a"): both(-0.3, 0.5)}, ALIKE) == [("a", "b")], "noise"


def test_a_valuable_task_decides():
    given_ = {("a", "b"): both(0.09, 0.001), ("b", "a"): both(-0.09, 0.001)}
    assert group("ab", given_, {"a": 1.0, "b": 5.0}) == [("a", "b")]
    assert group("ab", given_, {"a": 5.0, "b": 1.0}) == [("a",), ("b",)]
    assert group("ab", given_, {"a": 0.0, "b": 0.0}) == [("a", "b")], "worth nothing is worth the same"


def test_several_sources_are_averaged():
    found = into("c", "ab", {("a", "c"): both(0.2, 0.3), ("b", "c"): both(0.4, 0.4)})
    assert abs(found.value - 0.3) < 1e-12 and abs(found.error - 0.25) < 1e-12
    assert into("c", "ab", {}) == Gain(0.0, 0.0)


@given(st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), st.floats(-2, 2), max_size=16))
def test_every_task_is_in_one_group(values):
    found = group("abcd", {pair: both(value) for pair, value in values.items() if pair[0] != pair[1]}, ALIKE)
    assert sorted(task for members in found for task in members) == list("abcd")
