import gc
import json
import logging
import socket

import pytest

from motet.errors import RequestError, StoreError
from motet.serve import Settings
from motet.serve.failures import HttpError, body_of, log_bug, status_of
from motet.serve.logs import JsonLines
from motet.serve.metrics import Metrics
from motet.serve.run import check_door, is_loopback, run, without_collecting
from motet.serve.settings import Bounds
from motet.store import StoreFullError


def test_an_open_door_is_for_this_machine_only() -> None:
    for host in ("0.0.0.0", "192.168.1.2", "::", "shop.example"):
        assert not is_loopback(host)
        with pytest.raises(RequestError, match="everybody"):
            check_door(Settings("m", "s", host=host, open_without_key=True))
        check_door(Settings("m", "s", host=host))
    for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"):
        check_door(Settings("m", "s", host=host, open_without_key=True))


def test_a_port_that_is_taken_is_told(model, tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(str(model), str(tmp_path / "s.db"), quiet=True, port=taken.getsockname()[1])
        with pytest.raises(RequestError, match="Cannot listen"):
            run(settings)


def test_settings_travel_as_text() -> None:
    settings = Settings("m", "s", workers=3, bounds=Bounds(batch=7))
    assert Settings.from_json(settings.to_json()) == settings


def test_the_log_is_json_and_quotes_no_error() -> None:
    record = logging.LogRecord("motet", logging.INFO, "f", 1, "request", None, None)
    record.fields = {"id": "x\n", "status": 200}
    line = JsonLines().format(record)
    assert "\n" not in line and json.loads(line)["id"] == "x\n" and json.loads(line)["event"] == "request"


def test_a_bug_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("ann's secret")
    except ValueError as error:
        log_bug(error)
    (record,) = caplog.records
    assert record.fields["error"] == "ValueError" and "test_run.py" in record.fields["at"][0]
    assert "ann" not in JsonLines().format(record)


def test_how_errors_are_told() -> None:
    assert [status_of(each) for each in (StoreFullError("a", "b"), StoreError("a", "b"), RequestError("a", "b"))] == [
        507,
        503,
        422,
    ]
    assert status_of(HttpError(404, "a", "b")) == 404
    assert body_of("half \ud800", "r") == {"error": {"message": "half ?", "remedy": "r"}}


def test_counts_of_several_processes_add_up(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    metrics = Metrics()
    metrics.lists.labels("popular").inc()
    assert b'motet_lists_total{source="popular"} 1.0' in metrics.text()


def test_a_model_is_opened_without_collecting_and_all_is_as_before() -> None:
    with without_collecting():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with without_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
