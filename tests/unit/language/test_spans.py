import pytest

from motet.language.spans import word_spans


def cut(text: str) -> list[str]:
    return [text[begin:end] for begin, end in word_spans(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lovely fabric; it's A-1!", ["Lovely", "fabric", "it's", "A-1"]),
        ("  ", []),
        ("good 👍🎉", ["good", "👍", "🎉"]),
        ("ｆｕｌｌ width", ["ｆｕｌｌ", "width"]),
    ],
)
def test_words_stand_where_they_are(text: str, found: list[str]) -> None:
    assert cut(text) == found


def test_chinese_is_cut_into_words_that_lie_side_by_side() -> None:
    text = "我很喜欢这件红色连衣裙dress，质量好"
    spans = word_spans(text)
    assert "dress" in cut(text) and "，" not in "".join(cut(text))
    assert all(one[1] <= two[0] for one, two in zip(spans, spans[1:], strict=False))
    assert "".join(cut(text)) == text.replace("，", "")


def test_without_a_dictionary_every_character_is_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motet.language.spans.has_segmenter", lambda: False)
    assert cut("好茶") == ["好", "茶"]
