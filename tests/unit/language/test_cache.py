import numpy as np
import pytest

from language._fakes import Counting
from motet.language import cache, default_cache_folder, encode_cached

TEXTS = ["a", "b", "a", "", "\ud800", "c"]


def expected(encoder, texts):
    return np.stack([encoder.vector(text) for text in texts])


def shards(folder):
    return sorted(folder.rglob("*.safetensors"))


def test_each_distinct_text_is_encoded_once(tmp_path):
    encoder = Counting()
    np.testing.assert_array_equal(encode_cached(encoder, TEXTS, tmp_path), expected(encoder, TEXTS))
    assert sorted(encoder.asked) == sorted(set(TEXTS))
    again = Counting()
    np.testing.assert_array_equal(
        encode_cached(again, [*TEXTS[::-1], "new"], tmp_path)[:-1], expected(again, TEXTS[::-1])
    )
    assert again.asked == ["new"]


def test_encoders_do_not_share_vectors(tmp_path):
    encode_cached(Counting("one"), TEXTS, tmp_path)
    other = Counting("two")
    np.testing.assert_array_equal(encode_cached(other, TEXTS, tmp_path), expected(other, TEXTS))
    assert len(other.asked) == 5


def test_an_interrupted_run_resumes(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CHUNK", 10)
    texts = [f"text {number}" for number in range(35)]
    with pytest.raises(KeyboardInterrupt):
        encode_cached(Counting(fail_after=20), texts, tmp_path)
    resumed = Counting()
    np.testing.assert_array_equal(encode_cached(resumed, texts, tmp_path), expected(resumed, texts))
    assert resumed.asked == texts[20:]


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "text"])
def test_a_damaged_shard_is_computed_again(tmp_path, damage):
    encode_cached(Counting(), TEXTS, tmp_path)
    (shard,) = shards(tmp_path)
    content = bytearray(shard.read_bytes())
    content[-3] ^= 1
    shard.write_bytes({"flip": bytes(content), "cut": content[:40], "empty": b"", "text": b"hello"}[damage])
    repaired = Counting()
    np.testing.assert_array_equal(encode_cached(repaired, TEXTS, tmp_path), expected(repaired, TEXTS))
    assert len(repaired.asked) == 5
    last = Counting()
    encode_cached(last, TEXTS, tmp_path)
    assert last.asked == []


def test_nothing_half_written_stays(tmp_path, monkeypatch):
    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "replace", broken)
    encoder = Counting()
    with pytest.warns(RuntimeWarning, match="No space left on device") as warned:
        vectors = encode_cached(encoder, TEXTS, tmp_path)
    np.testing.assert_array_equal(vectors, expected(encoder, TEXTS))
    assert len(warned) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CHUNK", 2)
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    encoder = Counting()
    with pytest.warns(RuntimeWarning, match="MOTET_CACHE") as warned:
        vectors = encode_cached(encoder, TEXTS, blocked)
    np.testing.assert_array_equal(vectors, expected(encoder, TEXTS))
    assert len(warned) == 1


def test_fitted_encoders_are_not_cached(tmp_path):
    encoder = Counting()
    encoder.pretrained = False
    np.testing.assert_array_equal(encode_cached(encoder, TEXTS, tmp_path), expected(encoder, TEXTS))
    assert shards(tmp_path) == []


def test_progress_counts_distinct_texts_and_ends_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CHUNK", 2)
    encode_cached(Counting(), ["a", "b"], tmp_path)
    seen = []
    encode_cached(Counting(), TEXTS, tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (2, 5)
    assert seen[-1] == (5, 5)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_no_texts(tmp_path):
    assert encode_cached(Counting(), [], tmp_path).shape == (0, 8)


def test_the_default_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "here"))
    encode_cached(Counting(), ["a"])
    assert len(shards(tmp_path / "here")) == 1
    monkeypatch.delenv("MOTET_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache_folder() == tmp_path / "xdg" / "motet"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache_folder() == tmp_path / ".cache" / "motet"
