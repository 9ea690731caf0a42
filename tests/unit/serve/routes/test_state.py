from motet.errors import StoreError
from motet.recommend.port import Retrieval

from ..conftest import Shop


def test_alive_and_ready(shop: Shop) -> None:
    assert shop.call("GET", "/health").body == {"status": "ok"}
    told = shop.call("GET", "/ready").body
    assert (told["status"], told["model"]) == ("ok", shop.service.running.version)
    shop.service.note_fault(StoreError("The disk is gone.", "Find it."))
    assert shop.call("GET", "/ready").status == 503
    assert shop.call("GET", "/health").status == 200


def test_numbers_for_prometheus(open_shop: Shop) -> None:
    open_shop.ids(user="ann")
    text = open_shop.call("GET", "/metrics").body
    assert 'motet_requests_total{method="POST",route="/v1/recommend",status="200"}' in text
    assert 'motet_lists_total{source="history"}' in text
    assert "ann" not in text


def test_ready_and_metrics_tell_how_candidates_are_found(shop: Shop) -> None:
    shop.service.retrieval = found = Retrieval("index", 400_000, 0.97, 12.0)
    shop.service.metrics.tell_retrieval(found)
    told = shop.call("GET", "/ready").body
    assert (told["retrieval"], told["recall"]) == ("index", 0.97)
    text = shop.service.metrics.text().decode()
    assert "motet_index_items 400000.0" in text and "motet_index_recall 0.97" in text
    shop.service.metrics.tell_retrieval(Retrieval("exact", 400_000, 0.5, reason="The index finds too little."))
    assert "motet_index_items 0.0" in shop.service.metrics.text().decode()
