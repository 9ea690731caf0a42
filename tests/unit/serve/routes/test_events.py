import pytest

from ..conftest import Shop


def test_a_saved_event_counts_in_the_next_list(shop: Shop) -> None:
    assert shop.ids(user="new", k=2) == ["apple", "bread"], (
        "nothing is known: what is popular, in the catalogue's order"
    )
    said = shop.call(
        "POST", "/v1/events", {"events": [{"id": "e1", "user": "new", "item": "dates", "behaviour": "buy"}]}
    )
    assert said.status == 200 and said.body["accepted"] == 1
    assert said.body["events"][0]["status"] == "saved"
    again = shop.call("POST", "/v1/recommend", {"user": "new", "k": 4}).body
    assert again["source"] == "history"
    assert [one["item"] for one in again["items"]] == ["cheese", "bread", "apple"], "what was bought is gone"


def test_every_event_has_its_own_result(shop: Shop) -> None:
    good = {"id": "a", "user": "u", "item": "apple", "time": 1_700_000_000}
    events = [good, good, {**good, "item": "bread"}, {"user": "u"}, {"user": "u\0", "item": "apple"}]
    said = shop.call("POST", "/v1/events", {"events": events}).body
    assert [one["status"] for one in said["events"]] == ["saved", "duplicate", "conflict", "invalid", "invalid"]
    assert said["accepted"] == 2 and said["refused"] == 3
    assert said["events"][0]["time"] == 1_700_000_000_000, "seconds became milliseconds"
    assert shop.service.store.counts().events == 1
    assert 'motet_events_total{status="saved"} 1.0' in shop.call("GET", "/metrics").body


@pytest.mark.parametrize("time", ["soon", "", "2026-13-01", "9" * 400 + "-01-01"])
def test_a_bad_moment_is_told_of_its_event_alone(shop: Shop, time: str) -> None:
    good = {"user": "u", "item": "apple", "time": "2026-05-01"}
    said = shop.call(
        "POST", "/v1/events", {"events": [{**good, "id": "a"}, {**good, "time": time}, {**good, "id": "c"}]}
    )
    assert said.status == 200 and said.body["accepted"] == 2 and said.body["refused"] == 1
    assert [one["status"] for one in said.body["events"]] == ["saved", "invalid", "saved"]
    assert [one["id"] for one in said.body["events"]][::2] == ["a", "c"] and said.body["events"][1]["reason"]
    alone = shop.call("POST", "/v1/events", {"events": [{**good, "time": time}]}).body
    assert alone["accepted"] == 0 and alone["refused"] == 1


@pytest.mark.parametrize(
    "events",
    [
        [],
        [{"item": "apple"}],
        [{"user": "u", "item": "apple", "colour": "red"}],
        [{"user": 5, "item": "apple"}],
        [{"user": "u", "item": "apple"}] * 1001,
    ],
)
def test_what_is_no_batch_of_events_is_refused_whole(open_shop: Shop, events: list) -> None:
    before = open_shop.service.store.counts().events
    said = open_shop.call("POST", "/v1/events", {"events": events})
    assert said.status == 422 and said.body["error"]["message"] and said.body["error"]["remedy"]
    assert open_shop.service.store.counts().events == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_that_is_none(open_shop: Shop, number: str) -> None:
    raw = f'{{"events":[{{"user":"u","item":"apple","values":{{"stars":{number}}}}}]}}'
    assert open_shop.call("POST", "/v1/events", raw=raw.encode()).status == 422
