import math

from motet.serve.results import MOST_POINTS, curves_of, plain


def test_long_curves_are_thinned_and_keep_their_end() -> None:
    rows = [{"arm": "joint", "seed": 0, "epoch": n, "best": n == 7, "score/a": n / 10} for n in range(1_000)]
    curve = curves_of(reversed(rows))[0]
    assert len(curve["epochs"]) <= MOST_POINTS and curve["epochs"][-1] == 1_000 and curve["kept"] == 8
    assert curve["scores"]["a"][-1] == 99.9 and curve["losses"] == {}


def test_what_is_no_number_becomes_none() -> None:
    assert plain({"a": [math.inf, 1.0, {"b": math.nan}], "c": "x"}) == {"a": [None, 1.0, {"b": None}], "c": "x"}
