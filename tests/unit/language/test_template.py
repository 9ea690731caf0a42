import polars as pl

from motet.language import item_texts, row_texts

FRAME = pl.DataFrame(
    {
        "title": ["Nail Lacquer", None, "Soap &amp; Water", None],
        "brand": ["OPI", "Dove", None, None],
        "categories": [["Makeup", "Nails"], [], ["Bath", None], None],
    },
    schema_overrides={"categories": pl.List(pl.String)},
)


def test_item_texts_join_what_is_there_in_declared_order():
    assert item_texts(FRAME, ["title", "brand", "categories"]) == [
        "Nail Lacquer | OPI | Makeup, Nails",
        "Dove",
        "Soap & Water | Bath",
        "",
    ]
    assert item_texts(FRAME, ["brand", "title"])[0] == "OPI | Nail Lacquer"


def test_row_texts_join_sentences():
    frame = pl.DataFrame({"title": ["Lovely", None, " ", None], "review": ["runs small ", "too big", "fine", None]})
    assert row_texts(frame, ["title", "review"]) == ["Lovely. runs small", "too big", "fine", ""]


def test_long_columns_keep_head_and_tail():
    frame = pl.DataFrame({"text": ["a" * 900 + "z" * 900], "tags": [["x" * 50] * 10]})
    text, tags = item_texts(frame, ["text", "tags"], limit=100)[0].split(" | ")
    assert text == "a" * 75 + " … " + "z" * 25
    assert len(tags) == 103


def test_no_columns_or_no_rows():
    assert item_texts(FRAME, []) == [""] * 4
    assert row_texts(FRAME.clear(), ["title"]) == []
