from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from motet.data.hashing import bucket, fraction, halves, pair_key, parity

KEYS = pl.Series(["0", "1", "7", "a|b", "顾"])
# sha1 ends in …4564428, …0259883 and so on, in decimal, as `sha1sum` and any calculator say.
REMAINDERS = [564428, 259883, 168538, 719863, 803181]


def test_known_values():
    assert (fraction(KEYS) * 10**6).round().astype(int).tolist() == REMAINDERS
    assert bucket(KEYS).tolist() == [8, 3, 8, 3, 1]
    assert parity(KEYS).tolist() == [0, 1, 0, 1, 1]


def test_numbers_hash_as_their_text():
    assert bucket(pl.Series([0, 1, 7])).tolist() == [8, 3, 8]


def test_repeated_keys_share_their_place():
    assert bucket(pl.Series(["7", "1", "7", "0", "1"])).tolist() == [8, 3, 8, 8, 3]


def test_no_keys():
    assert len(bucket(pl.Series([], dtype=pl.String))) == 0


@given(st.lists(st.text(), max_size=20))
def test_bucket_and_fraction_follow_sha1(keys):
    from hashlib import sha1

    whole = [int(sha1(key.encode("utf-8")).hexdigest(), 16) for key in keys]
    series = pl.Series(keys, dtype=pl.String)
    assert bucket(series).tolist() == [value % 10 for value in whole]
    assert fraction(series).tolist() == [value % 10**6 / 10**6 for value in whole]
    assert parity(series).tolist() == [value % 2 for value in whole]


def test_pairs_compare_as_strings():
    assert pair_key(pl.Series(["7", "b"]), pl.Series(["12", "a"])).to_list() == ["12|7", "a|b"]


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=20))
def test_a_pair_and_its_reverse_share_a_key(pairs):
    first, second = (pl.Series(side, dtype=pl.String) for side in zip(*pairs, strict=True))
    assert pair_key(first, second).to_list() == pair_key(second, first).to_list()


def test_rows_of_one_bucket_are_halved_all_the_same():
    keys = pl.Series([str(number) for number in range(400)])
    valid = keys.filter(pl.Series(bucket(keys) == 8))
    assert set(parity(valid).tolist()) == {0}
    share = halves(valid).mean()
    assert 0.25 < share < 0.75
    assert halves(keys).tolist() == parity(keys).tolist()
