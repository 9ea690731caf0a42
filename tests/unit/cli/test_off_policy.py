import pytest

from motet.cli.off_policy import read_weights, render
from motet.errors import RequestError


def test_weights_are_read():
    assert read_weights("next_item=1, rating=.5") == {"next_item": 1, "rating": 0.5}
    for wrong in ("rating", "rating=x", "=1"):
        with pytest.raises(RequestError):
            read_weights(wrong)


def test_a_log_that_cannot_tell_says_how():
    assert render({"verdict": "cannot tell", "reasons": ["why"], "how": "so"}).splitlines()[1:] == [
        "  why",
        "how to log: so",
    ]
