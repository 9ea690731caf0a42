import subprocess
import sys

import pytest

from motet.errors import MissingExtra
from motet.language import has_segmenter, pieces, tokeniser, words
from motet.language import tokenise as module

with_jieba = pytest.mark.skipif(not has_segmenter(), reason="jieba is not installed")


def test_english_words_keep_their_apostrophes():
    assert words("I don't like it: it's TOO ｗｉｄｅ, 5'8\" (s_m)!", "en") == [
        *("i", "don't", "like", "it", "it's", "too", "wide", "5'8", "s", "m")
    ]
    assert words("", "en") == words("?! …", "en") == []


@with_jieba
def test_chinese_is_cut_into_words():
    assert words("我爱自然语言处理，iPhone很好！", "zh") == ["我", "爱", "自然语言", "处理", "iphone", "很", "好"]
    assert words("plain don't", "multi") == ["plain", "don't"]
    assert "".join(words("质量 very 好", "multi")) == "质量very好"


@with_jieba
def test_cutting_is_silent_and_leaves_no_file(tmp_path):
    code = "from motet.language import words; print(words('质量很好', 'zh'))"
    run = subprocess.run(
        [sys.executable, "-W", "default", "-c", code],
        capture_output=True,
        text=True,
        env={"TMPDIR": str(tmp_path), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
    )
    assert run.stderr == ""
    assert run.stdout.strip() == "['质量', '很', '好']"
    assert list(tmp_path.iterdir()) == []


def test_without_jieba_chinese_is_refused_with_a_remedy(monkeypatch):
    monkeypatch.setattr(module, "has_segmenter", lambda: False)
    module.segmenter.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"jieba.*pip install 'motet\[language\]'"):
            words("质量很好", "zh")
        assert words("no Chinese", "zh") == ["no", "chinese"]
    finally:
        module.segmenter.cache_clear()


def test_pieces_need_no_dictionary():
    assert pieces("我爱abc不 d-e") == ["我", "爱", "abc", "不", "d", "e"]


def test_tokeniser_is_words_for_a_language():
    assert tokeniser("en")("One two") == ["one", "two"]
