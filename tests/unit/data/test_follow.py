from __future__ import annotations

import numpy as np

from motet.data.hashing import bucket, pair_key
from motet.data.tables import OTHER, USER

from ._small import divided, events, table

NEXT = {"next": {"kind": "next_item"}}
HISTORY = events(*[("a", f"i{place}", 10 * place) for place in range(1, 6)], ("b", "i1", 7))
# Under leave_one_out: a's event at 40 is validation, the one at 50 is test; b serves training only.


def hash_part(keys):
    return np.select([bucket(keys) == 9, bucket(keys) == 8], [2, 1], 0).tolist()


def reviews(*rows, unit="order"):
    users, items, times = zip(*rows, strict=True)
    return table({"u": users, "i": items, "t": times}, unit=unit, user="u", item="i", time="t")


def test_rows_follow_the_event_of_the_same_user_item_and_time():
    rows = reviews(("a", "i4", 40), ("a", "i5", 50), ("a", "i1", 10))
    assert divided({"events": HISTORY, "reviews": rows}, NEXT).parts["reviews"].tolist() == [1, 2, 0]


def test_other_moments_follow_the_users_own_boundaries():
    rows = reviews(("a", "i9", 39), ("a", "i9", 40), ("a", "i9", 49), ("a", "i1", 50), ("a", "i1", 99), ("b", "x", 99))
    for kind in ("leave_one_out", "last_fraction"):
        found = divided({"events": HISTORY, "reviews": rows}, NEXT, split={"kind": kind})
        assert found.parts["reviews"].tolist() == [0, 1, 1, 2, 2, 0]


def test_unknown_users_go_by_hash():
    rows = reviews(*[("stranger", "i1", 50)] * 20)
    found = divided({"events": HISTORY, "reviews": rows}, NEXT)
    assert found.parts["reviews"].tolist() == hash_part(found.tables.frame("reviews")["@row"])


def test_another_clock_follows_the_users_event_at_the_item():
    rows = reviews(("a", "i5", 1), ("a", "i4", 1), ("a", "i3", 1), unit="ms")
    assert divided({"events": HISTORY, "reviews": rows}, NEXT).parts["reviews"].tolist() == [2, 1, 0]


def test_an_item_bought_twice_follows_the_later_part():
    again = events(("a", "x", 1), ("a", "y", 2), ("a", "z", 3), ("a", "x", 4))
    rows = reviews(("a", "x", 1), unit="ms")
    assert divided({"events": again, "reviews": rows}, NEXT).parts["reviews"].tolist() == [2]


def test_boundaries_of_time_hold_for_every_row_with_user_and_time():
    campaigns = table({"u": ["a", "q", "q", "q"], "t": [39, 40, 49, 50]}, user="u", time="t")
    split = {"kind": "time", "cut": [40, 50]}
    found = divided({"events": HISTORY, "campaigns": campaigns, "reviews": reviews(("q", "x", 45))}, NEXT, split=split)
    assert found.boundaries == (40, 50, 50)
    assert found.parts["campaigns"].tolist() == [0, 1, 1, 2]
    assert found.parts["reviews"].tolist() == [1]


def test_without_a_split_by_time_rows_without_item_go_by_hash():
    campaigns = table({"u": ["a"] * 20, "t": [1] * 20}, user="u", time="t")
    found = divided({"events": HISTORY, "campaigns": campaigns}, NEXT)
    assert found.parts["campaigns"].tolist() == hash_part(found.tables.frame("campaigns")["@row"])


def test_items_and_users_go_by_their_id():
    names = [f"p{number}" for number in range(30)]
    found = divided(
        {"events": HISTORY, "items": table({"i": names}, id="i"), "users": table({"u": names}, id="u")}, NEXT
    )
    expected = hash_part(found.tables.frame("items")["@id"])
    assert found.parts["items"].tolist() == found.parts["users"].tolist() == expected
    assert set(expected) == {0, 1, 2}


def test_relations_go_by_their_pair_and_keep_one_direction():
    pairs = [(f"u{a}", f"u{a + 1}") for a in range(30)]
    both = pairs + [(b, a) for a, b in pairs]
    friends = table({"u": [a for a, _ in both], "o": [b for _, b in both]}, user="u", other="o")
    found = divided({"events": HISTORY, "friends": friends}, NEXT)
    frame = found.tables.frame("friends")
    assert frame.height == 30
    assert found.removed["repeated pairs"] == 30
    assert found.parts["friends"].tolist() == hash_part(pair_key(frame[USER], frame[OTHER]))


def test_a_directed_relation_keeps_both_directions_in_one_part():
    friends = table({"u": ["a", "b", "a"], "o": ["b", "a", "b"]}, user="u", other="o", directed=True)
    found = divided({"events": HISTORY, "friends": friends}, NEXT)
    assert found.tables.frame("friends").height == 2
    assert len(set(found.parts["friends"].tolist())) == 1


def test_items_go_by_their_id_even_where_they_have_a_user_and_a_time():
    names = [f"p{number}" for number in range(30)]
    posted = table({"i": names, "u": ["a"] * 30, "t": [99] * 30}, id="i", user="u", time="t")
    found = divided({"events": HISTORY, "items": posted}, NEXT, split={"kind": "time", "cut": [40, 50]})
    assert found.parts["items"].tolist() == hash_part(found.tables.frame("items")["@id"])
