from ..conftest import Shop


def test_predictions_in_order(open_shop: Shop) -> None:
    said = open_shop.call("POST", "/v1/predict/mood", {"texts": ["a", "abcde"]}).body
    assert [one["probability"] for one in said["predictions"]] == [0.1, 0.5]
    assert said["predictions"][0]["value"] is None


def test_what_cannot_be_predicted(open_shop: Shop) -> None:
    assert open_shop.call("POST", "/v1/predict/nope", {"texts": ["a"]}).status == 404
    for asked in ({}, {"texts": []}, {"texts": ["a"] * 1001}):
        said = open_shop.call("POST", "/v1/predict/mood", asked)
        assert said.status == 422 and said.body["error"]["remedy"], asked
    assert "recommend" in open_shop.call("POST", "/v1/predict/next_item", {"users": ["ann"]}).body["error"]["remedy"]


def test_explanations_are_documented_and_bounded(open_shop: Shop) -> None:
    known = open_shop.call("GET", "/openapi.json").body["components"]["schemas"]
    assert {"AttributionOut", "WordAmount", "ColumnAmount"} <= set(known)
    said = open_shop.call("POST", "/v1/predict/mood", {"texts": ["a"] * 11, "explain": "gradient"})
    assert said.status == 422 and "10" in said.body["error"]["message"]
    assert open_shop.call("POST", "/v1/predict/mood", {"texts": ["a"], "explain": "magic"}).status == 422
    assert open_shop.call("POST", "/v1/predict/mood", {"texts": ["a"]}).body["explanations"] is None
