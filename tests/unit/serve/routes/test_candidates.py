from typing import Any

import numpy as np
import pytest

from motet.serve.wire.candidates import CandidatesOut

from ..conftest import Shop


def blended(said: dict[str, Any], weights: dict[str, float]) -> list[str]:
    """The list that the columns amount to."""
    score = sum(weight * np.log(np.clip(said["probability"][name], 1e-6, 1)) for name, weight in weights.items())
    return [said["items"][place] for place in np.lexsort((said["numbers"], -score))]


@pytest.mark.parametrize("weights", [{}, {"buy": 1.0}, {"next_item": 0.1, "buy": 3.0}])
def test_the_columns_amount_to_the_list(open_shop: Shop, weights: dict[str, float]) -> None:
    asked = {"user": "ann", "weights": weights, "seen": "allow"}
    said = open_shop.call("POST", "/v1/candidates", asked).body
    assert said["complete"] and said["source"] == "history" and said["preselect"] == ["next_item"]
    assert said["may_count"] == ["next_item", "buy"] and said["titles"][said["items"].index("apple")] == "Red apple"
    assert blended(said, said["weights"]) == open_shop.ids(**asked)


def test_what_else_is_told(open_shop: Shop) -> None:
    said = open_shop.call("POST", "/v1/candidates", {"query": "sweet"}).body
    assert CandidatesOut(**said).source == "query"
    assert said["may_count"] == ["query", "buy"] and set(said["weights"]) == {"query"}
    none = open_shop.call("POST", "/v1/candidates", {"filters": {"price": {"min": 100}}}).body
    assert none["items"] == [] and none["weights"] == {"next_item": 1.0}
    refused = open_shop.call("POST", "/v1/candidates", {"filters": {"colour": "red"}})
    assert refused.status == 422 and "colour" in refused.body["error"]["message"]
