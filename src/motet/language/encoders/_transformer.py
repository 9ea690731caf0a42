"""A frozen transformer as an encoder, from a folder in Hub format.

Shapes: B texts in a batch, T tokens, D width.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from motet.language.clean import head_and_tail, sound
from motet.language.encoders._about import About
from motet.language.encoders._folder import ModelFolder, Pooling, read_folder
from motet.language.encoders._loading import fresh_model, load_model, load_tokenizer
from motet.language.encoders._protocol import Progress, State

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH_TOKENS = 4_096
BATCH_TEXTS = 256
SLICE = 8_192
CHARACTERS_PER_TOKEN = 32
LEAST_TOKENS = 4
"""Of the text itself, however short `max_tokens` is beside what a prompt takes."""


class TransformerEncoder:
    """Mean, first or last token of a frozen transformer, as its folder says; unit length.

    The folder is looked at when it is first needed, and the model loaded when the first text is encoded: `id` and
    `width` need the folder only. Texts longer than `max_tokens` keep the first three quarters and the last quarter of
    their tokens.

    folder: a folder in Hub format, or a function that returns one, for models that must be unpacked first.
    """

    pretrained = True

    def __init__(
        self,
        folder: Path | Callable[[], Path],
        *,
        name: str,
        max_tokens: int,
        device: str = "auto",
        about: About | None = None,
    ) -> None:
        self._find = (lambda: folder) if isinstance(folder, Path) else folder
        self.name = name
        self.about = about
        self.device = device
        self.truncated = 0
        self._most = max_tokens
        self._tokenizer: Any = None
        self._model: Any = None
        if isinstance(folder, Path):
            assert self.folder  # a folder that is none is refused at once

    @cached_property
    def folder(self) -> ModelFolder:
        """What the folder says."""
        return read_folder(self._find())

    @property
    def width(self) -> int:
        """Length of a vector."""
        return self.folder.width

    @property
    def max_tokens(self) -> int:
        """Tokens that are read of a text, special ones included."""
        return min(self._most, self.folder.longest or self._most)

    @property
    def id(self) -> str:
        """Name, digest of the weights, and digest of how they are used (tokenizer, pooling, prompt, max_tokens)."""
        use = hashlib.sha256(f"{self.folder.settings} {self.max_tokens}".encode()).hexdigest()
        return f"{self.name}:{self.folder.weights[:16]}:{use[:8]}"

    def fit(self, texts: Sequence[str]) -> None:
        """Do nothing: the weights are given."""

    def state(self) -> State:
        """Return nothing: the weights are found by `id`."""
        return {}

    def restore(self, state: State) -> None:
        """Do nothing: the weights are given."""

    def encode(self, texts: Sequence[str], *, on_progress: Progress | None = None) -> NDArray[np.float32]:
        """Return one vector per text, (n, width), of unit length; zeros for a text without any token."""
        vectors = np.zeros((len(texts), self.width), np.float32)
        for start in range(0, len(texts), SLICE):
            tokens = self.tokens(texts[start : start + SLICE])
            done = start + sum(not ids for ids in tokens)
            for rows in batches([len(ids) for ids in tokens]):
                vectors[start + rows] = self._vectors([tokens[row] for row in rows])
                done += len(rows)
                if on_progress:
                    on_progress(done, len(texts))
        return vectors

    def module(self) -> nn.Module:
        """Return a model of its own for training: in 32 bits, on the CPU, every parameter with a gradient.

        It takes `input_ids` and `attention_mask` (B, T) and answers with `last_hidden_state` (B, T, D); `tokens` and
        `pooled` belong before and after it.
        """
        return fresh_model(self.folder.path)

    def pooled(self, states_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Return (B, D), as the folder pools, not yet of unit length."""
        self._load_tokenizer()
        return pool(states_BTD, mask_BT, self.folder.pooling, skip=self._unpooled)

    def padded(self, tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ids and mask (B, T), padded at the end."""
        self._load_tokenizer()
        ids_BT = np.full((len(tokens), max(map(len, tokens), default=0)), self._pad, np.int64)
        mask_BT = np.zeros_like(ids_BT)
        for row, ids in enumerate(tokens):
            ids_BT[row, : len(ids)] = ids
            mask_BT[row, : len(ids)] = 1
        return ids_BT, mask_BT

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return token ids with prompt and special tokens, at most `max_tokens`; none for an empty text.

        Texts that are cut are counted in `truncated`.
        """
        self._load_tokenizer()
        # Tokenising megabytes to keep a hundred tokens would be waste: cut by characters first.
        most = max(4_096, CHARACTERS_PER_TOKEN * self.max_tokens)
        cleaned = [sound(head_and_tail(text, 2 * most, gap=" ")).strip() for text in texts]
        given = [self._prompted(head_and_tail(text, most, gap=" ")) for text in cleaned if text]
        bare = iter(self._bare_ids(given))
        result: list[list[int]] = []
        room = max(self.max_tokens - len(self._before) - len(self._after), self._fixed + LEAST_TOKENS)
        for text, clean in zip(texts, cleaned, strict=True):
            ids = next(bare) if clean else []
            self.truncated += len(ids) > room or len(text) > most
            result.append([*self._before, *shortened(ids, room), *self._after] if ids else [])
        return result

    def _prompted(self, text: str) -> str:
        text = self.folder.prompt + text
        return text.lower() if self.folder.lower else text

    def _bare_ids(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        options = {"return_attention_mask": False, "return_token_type_ids": False, "verbose": False}
        found: list[list[int]] = self._tokenizer(texts, add_special_tokens=False, **options)["input_ids"]
        return found

    def _load_tokenizer(self) -> None:
        if self._tokenizer is None:
            self._tokenizer = load_tokenizer(self.folder.path)
            bare, full = self._bare_ids(["a"])[0], list(self._tokenizer("a")["input_ids"])
            at = next((i for i in range(len(full)) if full[i : i + len(bare)] == bare), 0)
            closing = self._bare_ids([self.folder.closing])[0] if self.folder.closing else []
            self._before, self._after = full[:at], [*closing, *full[at + len(bare) :]]
            pad = self._tokenizer.pad_token_id
            self._pad = int(pad if pad is not None else self._tokenizer.eos_token_id or 0)
            prompt = self._bare_ids([self.folder.prompt])[0] if self.folder.prompt else []
            self._fixed = len(prompt)
            self._unpooled = 0 if self.folder.pool_prompt else len(self._before) + len(prompt)

    def _vectors(self, tokens: list[list[int]]) -> NDArray[np.float32]:
        import torch

        if self._model is None:
            self._model = load_model(self.folder.path, self.device)
        ids_BT, mask_BT = self.padded(tokens)
        where = self._model.device
        with torch.inference_mode():
            mask = torch.from_numpy(mask_BT).to(where)
            states_BTD = self._model(
                input_ids=torch.from_numpy(ids_BT).to(where), attention_mask=mask
            ).last_hidden_state
            pooled_BD = self.pooled(states_BTD.float(), mask)
            vectors: NDArray[np.float32] = torch.nn.functional.normalize(pooled_BD, dim=1).cpu().numpy()
        assert np.isfinite(vectors).all(), "a language model answered with numbers that are not finite"
        return vectors


def shortened(ids: list[int], room: int) -> list[int]:
    """Return the ids, or the first three quarters and the last quarter of `room` of them."""
    if len(ids) <= room:
        return ids
    tail = room // 4
    return ids[: room - tail] + ids[len(ids) - tail :]


def batches(lengths: Sequence[int]) -> Iterator[NDArray[np.int64]]:
    """Yield rows in batches of similar length, the longest first, each at most 4,096 tokens with padding.

    Rows of length zero are left out.
    """
    length_n = np.asarray(lengths, np.int64)
    order = np.argsort(-length_n, kind="stable")
    order = order[length_n[order] > 0]
    start = 0
    while start < len(order):
        size = max(1, min(BATCH_TEXTS, BATCH_TOKENS // int(length_n[order[start]])))
        yield order[start : start + size]
        start += size


def pool(states_BTD: Tensor, mask_BT: Tensor, pooling: Pooling, *, skip: int = 0) -> Tensor:
    """Return (B, D): the mean of the tokens that are no padding, the first token, or the last.

    skip: leading tokens that do not count in the mean.
    """
    import torch

    if pooling == "cls":
        return states_BTD[:, 0]
    if pooling == "last":
        last_B = mask_BT.sum(1) - 1
        return states_BTD[torch.arange(len(states_BTD), device=states_BTD.device), last_B]
    mask_BT = mask_BT.clone()
    mask_BT[:, :skip] = 0
    mask_BT1 = mask_BT.unsqueeze(-1).to(states_BTD.dtype)
    return (states_BTD * mask_BT1).sum(1) / mask_BT1.sum(1).clamp(min=1)
