import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from motet.errors import ProjectError, RequestError
from motet.language import encode_cached
from motet.language.encoders import _api as module
from motet.language.encoders._api import ApiEncoder, endpoint_of
from motet.schema import EncoderConfig

WIDTH = 6


def vector_of(text):
    return np.random.default_rng(abs(hash(text)) % 2**32).normal(size=WIDTH).tolist()


class Server:
    """Answers with a vector per text; `script` holds (status, headers, body or change of the rows) to give first."""

    def __init__(self):
        self.asked, self.headers, self.script = [], [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((self.path, body))
                outer.headers.append(dict(self.headers))
                rows = [{"index": at, "embedding": vector_of(text)} for at, text in enumerate(body["input"])]
                status, headers, content = 200, {}, {"data": rows[::-1]}
                if outer.script:
                    status, headers, change = outer.script.pop(0)
                    content = change(rows) if callable(change) else change
                told = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *given):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def make(server):
    """Return a function that makes an encoder; its pauses are noted, not waited for."""

    def build(max_tokens=128, **config):
        pauses = []
        config = EncoderConfig(name=f"api:{server.url}#small", **config)
        encoder = ApiEncoder(endpoint_of(config), max_tokens=max_tokens, pause=pauses.append)
        encoder.pauses = pauses
        return encoder

    return build


def test_vectors_come_back_in_order_and_of_unit_length(make, server):
    texts = [f"text {number}" for number in range(150)]
    seen = []
    encoder = make()
    vectors = encoder.encode([*texts, "", "  "], on_progress=lambda done, total: seen.append((done, total)))
    assert encoder.width == WIDTH
    expected = np.array([vector_of(text) for text in texts])
    np.testing.assert_allclose(vectors[:150], expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)
    assert not vectors[150:].any()
    sent = [body["input"] for path, body in server.asked if path == "/v1/embeddings"]
    assert [len(batch) for batch in sent] == [1, 64, 64, 22]
    assert server.asked[1][1]["model"] == "small"
    assert seen[-1] == (152, 152)
    assert "Authorization" not in server.headers[0]


def test_busy_servers_are_asked_again(make, server):
    server.script = [(429, {"Retry-After": "3"}, {}), (503, {}, {}), (500, {"Retry-After": "soon"}, {})]
    encoder = make()
    assert np.isfinite(encoder.encode(["a"])).all()
    asked, *grown = encoder.pauses
    assert asked == 3
    assert 1 <= grown[0] <= 2 <= grown[1] <= 4


def test_patience_ends(make, server):
    server.script = [(503, {"Retry-After": "1e9"}, {"error": {"message": "model\nis loading"}})] * 5
    encoder = make()
    with pytest.raises(RequestError, match=r"did not answer \(status 503: model is loading\)") as caught:
        encoder.encode(["a"])
    assert encoder.pauses == [30.0] * 4
    assert caught.value.remedy


def test_a_refusal_is_final(make, server):
    server.script = [(401, {}, {"error": "wrong key"})]
    with pytest.raises(RequestError, match="status 401: wrong key"):
        make().encode(["a"])
    assert len(server.asked) == 1


def test_a_server_that_is_not_there(server, monkeypatch):
    encoder = ApiEncoder(
        endpoint_of(EncoderConfig(name="api:http://127.0.0.1:9#m")), max_tokens=8, pause=lambda seconds: None
    )
    with pytest.raises(RequestError, match="did not answer"):
        encoder.encode(["a"])


def test_silence_is_an_error_too(make, server, monkeypatch):
    import time

    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(module, "TRIES", 2)
    server.script = [(200, {}, lambda rows: time.sleep(0.3) or {"data": rows})] * 2
    with pytest.raises(RequestError, match="timed out"):
        make().encode(["a"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: {"data": rows[:-1]}, "1 vectors for 2 texts"),
        (lambda rows: {"data": [{**row, "embedding": row["embedding"][:4]} for row in rows]}, "vectors of 4 numbers"),
        (lambda rows: {"data": [{**row, "embedding": [float("nan")] * WIDTH} for row in rows]}, "not finite"),
        (lambda rows: {"data": [{**row, "embedding": [0.0] * WIDTH} for row in rows]}, "not finite, or all zero"),
        (lambda rows: {"data": [{**row, "embedding": "AAAA"} for row in rows]}, "no list of vectors"),
        (lambda rows: {"data": [{**row, "index": 0} for row in rows]}, "2 vectors for 2 texts"),
        (lambda rows: {"object": "list"}, "no list of vectors"),
        (b"<html>", "no list of vectors"),
    ],
)
def test_wrong_answers_are_refused(make, server, change, message):
    encoder = make()
    assert encoder.width == WIDTH
    server.script = [(200, {}, change)]
    with pytest.raises(RequestError, match=message) as caught:
        encoder.encode(["a", "b"])
    assert "\n" not in str(caught.value)


def test_the_key_comes_from_the_environment_and_stays_secret(make, server, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sesame")
    encoder = make(key="env:MY_KEY")
    encoder.encode(["a"])
    assert server.headers[0]["Authorization"] == "Bearer sesame"
    assert "sesame" not in encoder.id
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(ProjectError, match="MY_KEY.*not set"):
        make(key="env:MY_KEY")
    with pytest.raises(ProjectError, match="pattern"):
        EncoderConfig(key="sesame")


def test_the_address_may_come_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("MY_URL", server.url)
    encoder = ApiEncoder(endpoint_of(EncoderConfig(name="api:env:MY_URL#m")), max_tokens=8)
    assert encoder.width == WIDTH
    assert encoder.id.startswith("api:env:MY_URL#m:")


@pytest.mark.parametrize("name", ["api:", "api:ftp://h/v1#m", "api:http://h/v1", "api:http://u:p@h/v1#m"])
def test_other_addresses_are_refused(name):
    with pytest.raises(ProjectError, match="endpoint"):
        endpoint_of(EncoderConfig(name=name))


def test_a_redirect_is_not_followed(make, server):
    server.script = [(307, {"Location": f"{server.url}/elsewhere"}, {})]
    with pytest.raises(RequestError, match="status 307"):
        make().encode(["a"])
    assert len(server.asked) == 1


def test_long_texts_are_cut_and_counted(make, server):
    encoder = make(max_tokens=8)
    encoder.encode(["x" * 40, "y" * 32])
    (long, short) = server.asked[-1][1]["input"]
    assert long == "x" * 24 + " … " + "x" * 8
    assert short == "y" * 32
    assert encoder.truncated == 1


def test_the_cache_spares_the_second_request(make, server, tmp_path):
    first = encode_cached(make(), ["a", "b"], tmp_path)
    sent = sum(len(body["input"]) for _, body in server.asked)
    np.testing.assert_array_equal(encode_cached(make(), ["a", "b"], tmp_path), first)
    assert sum(len(body["input"]) for _, body in server.asked) == sent + 1
