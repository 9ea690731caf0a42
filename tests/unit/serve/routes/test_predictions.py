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
