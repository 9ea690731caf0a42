import subprocess
import sys

import pytest

from motet.errors import MissingExtra
from motet.language import chinese, has_segmenter, pieces, tokeniser, words
from motet.language import tokenise as module

with_jieba = pytest.mark.skipif(not has_segmenter(), reason="jieba is not installed")


def test_english_words_keep_their_apostrophes():
    assert words("I don't like it: it's TOO ｗｉｄｅ, 5'8\" (s_m)!", "en") == [
        *("i", "don't", "like", "it", "it's", "too", "wide", "5'8", "s", "m")
    ]
    assert words("", "en") == words("?! …", "en") == []


@with_jieba
def test_chinese_is_cut_into_words():
    assert words("我爱自然语言处理，iPhone很好！", "zh") == [
        *("我", "爱", "自然", "语言", "自然语言", "处理", "iphone", "很", "好")
    ]
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
    monkeypatch.setattr(chinese, "has_segmenter", lambda: False)
    module.segmenter.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"jieba.*pip install -e '\.\[language\]'"):
            words("质量很好", "zh")
        assert words("no Chinese", "zh") == ["no", "chinese"]
    finally:
        module.segmenter.cache_clear()


def test_pieces_need_no_dictionary():
    assert pieces("我爱abc不 d-e") == ["我", "爱", "abc", "不", "d", "e"]


def test_tokeniser_is_words_for_a_language():
    assert tokeniser("en")("One two") == ["one", "two"]


@with_jieba
def test_long_words_name_the_words_inside_and_emoji_count():
    assert words("自然语言处理😀！", "zh") == ["自然", "语言", "自然语言", "处理", "😀"]
    assert words("lovely 😍😍 dress", "en") == ["lovely", "😍", "😍", "dress"]


@with_jieba
def test_ways_of_writing_meet():
    read = tokeniser("zh")
    assert read("這個產品質量很好") == read("这个产品质量很好")
    assert read("ＡＢＣ　手機") == ["abc", "手机"]
    assert read.plain("ＡＢＣ　手機\x00 &amp; <b>好</b>") == " abc 手机 & 好 "
    assert read.plain("  ") == ""
    assert tokeniser("en").plain("手機") == " 手機 "


@with_jieba
def test_what_was_cut_is_not_cut_again(monkeypatch):
    read = tokeniser("zh")
    first = read("质量很好")
    monkeypatch.setattr(module, "_cut", lambda text, language: pytest.fail("cut again"))
    assert read("质量很好") == first
    monkeypatch.setattr(module, "_cut", lambda text, language: ["x"])
    monkeypatch.setattr(module, "MEMORY_CHARACTERS", 5)
    assert read("别的") == ["x"]
    assert len(read._known) == 1


@with_jieba
def test_stop_words_leave_words_alone_and_negations_in():
    assert tokeniser("zh", stop_words=True)("这个的质量不是很好") == ["质量", "不是", "很", "好"]
    assert tokeniser("en", stop_words=True)("I do not like this dress") == ["not", "like", "dress"]
    assert tokeniser("en", stop_words=True).plain("I do") == " i do "


@with_jieba
@pytest.mark.parametrize("unit", ["质量很好，", "red dress 😀 ", "好", "<b>&amp;", "\ud800"])
def test_ten_megabytes_take_a_moment(unit):
    import time

    read, text = tokeniser("multi"), unit * (10_000_000 // len(unit))
    began = time.process_time()
    assert len(read(text)) <= module.MAX_CHARACTERS + 10
    assert len(read.plain(text)) <= module.MAX_CHARACTERS + 10
    assert time.process_time() - began < 5


def test_options_travel_with_what_was_fitted():
    read = tokeniser("zh", stop_words=True, tags=True)
    assert read.options == {"stop_words": True, "tags": True}
    assert tokeniser("zh").options == {}
    assert tokeniser("zh").like(read.options) == read
