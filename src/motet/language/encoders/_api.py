"""An embeddings endpoint with OpenAI's interface as an encoder: texts leave this machine, vectors come back.

[encoder]
name = "api:https://host/v1#model"      # or api:env:NAME#model, where NAME holds the address
key = "env:NAME"                        # the variable that holds the key, where one is needed
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import numpy as np
from numpy.typing import NDArray

from motet.errors import ProjectError, RequestError
from motet.language.clean import head_and_tail, readable
from motet.language.encoders._about import About
from motet.language.encoders._protocol import Progress, State
from motet.schema import EncoderConfig

SCHEME = "api:"
BATCH_TEXTS = 64
CHARACTERS_PER_TOKEN = 4
TRIES = 5
TIMEOUT_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
MOST_REPLY_BYTES = 256 * 2**20
_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504, 529}
_ENV = re.compile(r"env:([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Endpoint:
    """Where vectors come from. shown: the address as it may be written down. key: None where none is needed."""

    url: str
    shown: str
    model: str
    key: str | None = None


def endpoint_of(config: EncoderConfig) -> Endpoint:
    """Return the endpoint that `api:URL#model` names; ProjectError where it or its variables are not there."""
    address, _, model = (config.name or "").removeprefix(SCHEME).partition("#")
    url = _from_environment(address, "the address of the embeddings endpoint")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not model:
        raise ProjectError(
            f"'{config.name}' is no embeddings endpoint.", 'Write name = "api:http://host:port/v1#model".'
        )
    if parts.username or parts.password or parts.query:
        raise ProjectError(
            "The address of an embeddings endpoint holds no user, password or query.",
            'Put the key into a variable and write key = "env:NAME".',
        )
    key = _from_environment(config.key, "the key of the embeddings endpoint") if config.key else None
    return Endpoint(url.rstrip("/") + "/embeddings", address.rstrip("/"), model, key)


class ApiEncoder:
    """Vectors of an endpoint, brought to unit length.

    Batches of 64; busy or failing servers are asked again, up to five times, at growing intervals or when they say.
    Texts longer than four characters per token of `max_tokens` keep head and tail. The address stands in `id`, and so
    in every artifact; the key never does. `width` asks the endpoint once.
    """

    pretrained = True

    def __init__(self, endpoint: Endpoint, *, max_tokens: int, pause: Callable[[float], None] = time.sleep) -> None:
        self.endpoint = endpoint
        self.max_tokens = max_tokens
        self.truncated = 0
        self.about = About(endpoint.model, "see its terms", "", "", "", None, None, None)
        self._pause = pause
        self._opener = build_opener(_NoRedirect)

    @property
    def id(self) -> str:
        """`api:`, address and model, and a digest of how texts are cut."""
        use = hashlib.sha256(f"{CHARACTERS_PER_TOKEN} {self.max_tokens}".encode()).hexdigest()
        return f"{SCHEME}{self.endpoint.shown}#{self.endpoint.model}:{use[:8]}"

    @cached_property
    def width(self) -> int:
        """Length of a vector, as the endpoint's first answer has it."""
        return len(self._ask(["a"])[0])

    def fit(self, texts: Sequence[str]) -> None:
        """Do nothing: the weights are given."""

    def state(self) -> State:
        """Return nothing: the weights are elsewhere."""
        return {}

    def restore(self, state: State) -> None:
        """Do nothing: the weights are given."""

    def encode(self, texts: Sequence[str], *, on_progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (n, width) of unit length; zeros for empty texts, which are not sent.

        RequestError where the endpoint stays silent, refuses, or answers with something else than vectors.
        """
        vectors = np.zeros((len(texts), self.width), np.float32)
        cleaned = [self._cut(text) for text in texts]
        asked = [row for row, text in enumerate(cleaned) if text]
        for start in range(0, len(asked), BATCH_TEXTS):
            rows = asked[start : start + BATCH_TEXTS]
            found = self._checked(self._ask([cleaned[row] for row in rows]))
            vectors[rows] = found
            if on_progress:
                on_progress(len(texts) - len(asked) + start + len(rows), len(texts))
        if on_progress and not asked and texts:
            on_progress(len(texts), len(texts))
        return vectors

    def _cut(self, text: str) -> str:
        most = CHARACTERS_PER_TOKEN * self.max_tokens
        self.truncated += len(text) > most
        return readable(head_and_tail(text, most))

    def _checked(self, found: list[list[float]]) -> NDArray[np.float32]:
        if any(len(vector) != self.width for vector in found):
            raise self._wrong(f"vectors of {len(found[0])} numbers, where its first had {self.width}")
        vectors = np.asarray(found, np.float32)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(vectors).all() or not length.all():
            raise self._wrong("vectors with numbers that are not finite, or all zero")
        return vectors / length

    def _ask(self, texts: list[str]) -> list[list[float]]:
        """Return one list of numbers per text, in the texts' order."""
        body = {"model": self.endpoint.model, "input": texts, "encoding_format": "float"}
        reply = self._post(json.dumps(body).encode())
        try:
            rows = sorted(json.loads(reply)["data"], key=lambda row: row["index"])
            found = [[_number(value) for value in row["embedding"]] for row in rows]
            places = [row["index"] for row in rows]
        except (ValueError, KeyError, TypeError):
            raise self._wrong("something that is no list of vectors") from None
        if places != list(range(len(texts))) or not found[0]:
            raise self._wrong(f"{len(found)} vectors for {len(texts)} texts")
        return found

    def _post(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.endpoint.key:
            headers["Authorization"] = f"Bearer {self.endpoint.key}"
        trouble = ""
        for pause in (*_pauses(), None):
            told = None
            try:
                request = Request(self.endpoint.url, data=body, headers=headers)
                with self._opener.open(request, timeout=TIMEOUT_SECONDS) as reply:
                    content: bytes = reply.read(MOST_REPLY_BYTES)
                    return content
            except HTTPError as error:
                trouble, told = f"status {error.code}{_said(error)}", error.headers.get("Retry-After")
                if error.code not in _AGAIN:
                    break
            except (URLError, OSError) as error:
                trouble = str(getattr(error, "reason", error)) or type(error).__name__
            if pause is not None:
                self._pause(_asked_pause(told) or pause)
        raise RequestError(
            f"The embeddings endpoint {self.endpoint.shown} did not answer ({trouble}).",
            "Check that it runs, its address, its model and its key; vectors computed so far are kept.",
        )

    def _wrong(self, what: str) -> RequestError:
        return RequestError(
            f"The embeddings endpoint {self.endpoint.shown} answered with {what}.",
            f"Check that '{self.endpoint.model}' is a model for embeddings and is still the same one.",
        )


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an error: followed, it would carry the key to another host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _pauses() -> Iterator[float]:
    """Yield seconds between tries: about 1, 2, 4, 8, each shortened by chance so that clients do not march in step."""
    for number in range(TRIES - 1):
        yield 2**number * random.uniform(0.5, 1.0)


def _asked_pause(told: str | None) -> float | None:
    """Seconds that a server asks to wait, bounded; None where it asks in another way or not at all."""
    try:
        seconds = float(told or "")
    except ValueError:
        return None
    return min(seconds, LONGEST_PAUSE_SECONDS) if math.isfinite(seconds) and seconds > 0 else None


def _said(error: HTTPError) -> str:
    """The first words of an error's body, on one line."""
    try:
        content = json.loads(error.read(10_000))
        message = content.get("error", content)
        words = message.get("message") if isinstance(message, dict) else message
    except (ValueError, AttributeError, OSError):
        return ""
    return f": {' '.join(str(words).split())[:200]}" if words else ""


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def _from_environment(value: str, what: str) -> str:
    """`env:NAME` → what the variable holds; anything else as it is."""
    named = _ENV.fullmatch(value)
    if named is None:
        return value
    found = os.environ.get(named[1], "").strip()
    if not found:
        raise ProjectError(f"The variable {named[1]}, which should hold {what}, is not set.", f"export {named[1]}=…")
    return found
