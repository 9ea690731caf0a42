from motet.errors import StoreError

from ..conftest import Shop


def test_alive_and_ready(shop: Shop) -> None:
    assert shop.call("GET", "/health").body == {"status": "ok"}
    assert shop.call("GET", "/ready").body == {"status": "ok", "model": shop.service.running.version}
    shop.service.note_fault(StoreError("The disk is gone.", "Find it."))
    assert shop.call("GET", "/ready").status == 503
    assert shop.call("GET", "/health").status == 200


def test_numbers_for_prometheus(open_shop: Shop) -> None:
    open_shop.ids(user="ann")
    text = open_shop.call("GET", "/metrics").body
    assert 'motet_requests_total{method="POST",route="/v1/recommend",status="200"}' in text
    assert 'motet_lists_total{source="history"}' in text
    assert "ann" not in text
