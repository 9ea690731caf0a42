import json
import tomllib

from motet.transfer.advise import advise
from motet.transfer.advise.advice import Advice
from motet.transfer.advise.record import to_json

from ._facts import pair, task


def test_the_record_is_plain_json_and_says_everything():
    found: Advice = advise([task("a"), task("b")], [pair("a", "b", 0.1, 0.1, cosine=float("nan"))], passes=2.0)
    record = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert record["pairs"][0]["cosine"] is None and record["pairs"][0]["forward"] == {"gain": 0.1, "error": 0.01}
    assert record["groups"][0]["tasks"] == ["a", "b"] and record["measured"]["passes"] == 2.0
    assert set(record["tasks"]["a"]) == {"kind", "labels", "seconds", "private", "value"}
    assert tomllib.loads(record["lines"])["balance"]["kind"] == record["balance"]["kind"]
    assert found.to_json() == to_json(found)
