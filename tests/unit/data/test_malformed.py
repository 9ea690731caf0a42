"""Files that are broken in every way: each ends in one line for people, or in the quarantine."""

import gzip
import io
import random
from pathlib import Path

import polars as pl
import pytest

from motet.data.proposal import propose
from motet.errors import DataError, MotetError

from ._files import GOOD, kept_aside, read_table, read_text

HEAD = "user,item,r\n"
SPEC = {"user": "user", "item": "item", "columns": {"r": "number"}}
JSON = '{"user": "u", "item": "i", "r": 1}\n' * 20


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


SOUND = parquet(pl.DataFrame({"user": ["u"] * 100, "item": ["i"] * 100, "r": [1.0] * 100}))
REFUSED = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\n\n \n", "is empty"),
    "header.csv": (HEAD.encode(), "no rows"),
    "binary.csv": (bytes(random.Random(0).randbytes(3000)), "no column 'user'"),
    "nul.csv": (b"\0" * 500, "no column 'user'"),
    "renamed.csv": (b"usr,item,r\nu,i,1\n", "no column 'user'; it holds: usr, item, r. Did you mean 'usr'"),
    "twice.csv": (b"user,item,r,r\nu,i,1,2\n", "2 columns called 'r'"),
    "object.csv": (JSON.encode(), "no column"),
    "unclosed_header.csv": (b'"user,item,r\nu,i,1\n', "no column"),
    "cut.csv.gz": (gzip.compress(random.Random(0).randbytes(5000))[:-100], "damaged gzip"),
    "false.csv.gz": (b"\x1f\x8bnonsense", "damaged gzip"),
    "cut.parquet": (SOUND[: len(SOUND) // 2], "no sound parquet"),
    "garbled.parquet": (SOUND[:40] + b"\xff" * 40 + SOUND[80:-60] + b"\0" * 52 + SOUND[-8:], "no sound parquet"),
    "text.parquet": (HEAD.encode() + GOOD.encode(), "no sound parquet"),
    "empty.parquet": (b"", "is empty"),
    "lacking.parquet": (parquet(pl.DataFrame({"user": ["u"], "item": ["i"]})), "no column 'r'"),
    "rowless.parquet": (
        parquet(pl.DataFrame(schema={"user": pl.String, "item": pl.String, "r": pl.Float64})),
        "no rows",
    ),
    "empty.jsonl": (b"", "is empty"),
    "array.jsonl": (b'[{"user": "u"}]', "JSON array. Write one JSON object in each line .* jq -c"),
    "scalars.jsonl": (b"1\n2\n", "no JSON objects"),
    "csv.jsonl": (HEAD.encode() + GOOD.encode(), "no JSON objects"),
    "lacking.jsonl": (b'{"user": "u", "item": "i"}\n' * 3, "no column 'r'"),
    "deep.jsonl": (b"[" * 100_000, "JSON array"),
    "book.xlsx": (b"PK\x03\x04", "no known format"),
    "noname": (b"user", "no known format"),
    "wrong_types.csv": ((HEAD + "u,i,red\n" * 9).encode(), "rows are bad"),
    "all_short.csv": ((HEAD + "u,i\n" * 9).encode(), "expected 3 fields, found 2"),
    "structs.parquet": (parquet(pl.DataFrame({"user": ["u"], "item": ["i"], "r": [{"a": 1}]})), "rows are bad"),
}


@pytest.mark.parametrize("file", REFUSED)
def test_hopeless_files_end_in_one_line(tmp_path: Path, file: str) -> None:
    content, said = REFUSED[file]
    with pytest.raises(DataError, match=said) as caught:
        read_text(tmp_path, content, file)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    assert "events" in caught.value.message


def test_what_cannot_be_shown_is_not_poured_into_the_error(tmp_path: Path) -> None:
    content = bytes(random.Random(1).randbytes(3000))
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, content, "binary.csv")
    assert len(caught.value.message) < 200 and caught.value.message.isprintable()
    assert "no text file" in caught.value.remedy and "\ufffd" not in str(caught.value)
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, ",".join("x" * 500 + str(n) for n in range(100)) + "\n1\n", "wide.csv")
    assert len(caught.value.message) < 400


KEPT = {
    "ragged.csv": (HEAD + "u,i,1,9\nu,i\nu\n" + GOOD, [
        (2, "", "expected 3 fields, found 4"), (3, "", "expected 3 fields, found 2"),
        (4, "", "expected 3 fields, found 1"),
    ]),
    "evened_out.csv": (HEAD + "u,i\nu,i,1,9\n" + GOOD, [
        (2, "", "expected 3 fields, found 2"), (3, "", "expected 3 fields, found 4"),
    ]),
    "open_quote.csv": (HEAD + 'u,"i,1\n' + GOOD, [(2, "", "a quote is opened and never closed")]),
    "two_open_quotes.csv": (HEAD + 'u,"i,1\nu0,i0,0\n"v,i,1\n' + GOOD, [
        (2, "", "a quote is opened and never closed"), (4, "", "a quote is opened and never closed"),
    ]),
    "misplaced_quote.csv": (HEAD + 'u,"i"x,1\n' + GOOD, [(2, "", "a misplaced quote")]),
    "nul_cell.csv": (HEAD + "u\0,i,1\n" + GOOD, [(2, "", "holds NUL bytes")]),
    "infinite.csv": (HEAD + "u,i,inf\nu,i,NaN\nu,i,1e999\n" + GOOD, [
        (2, "r", "not a number: 'inf'"), (3, "r", "not a number: 'NaN'"), (4, "r", "not a number: '1e999'"),
    ]),
    "short_last.csv": (HEAD + GOOD + "u,i", [(22, "", "expected 3 fields, found 2")]),
    "blank_lines.csv": (HEAD + "\n\nu,,1\n\r\n" + GOOD + "\n\n", [(4, "item", "missing item")]),
    "broken.jsonl": ('{"user": "u",\n\n[1]\n{"user": "u", "item": "i", "r": "x"}\n' + JSON, [
        (1, "", "broken JSON: Expecting property name enclosed in double quotes"), (3, "", "expected a JSON object"),
        (4, "r", "not a number: 'x'"),
    ]),
    "nan.jsonl": ('{"user": "u", "item": "i", "r": NaN}\n' + JSON, [(1, "r", "not a number: 'NaN'")]),
    "lacking_key.jsonl": ('{"item": "i", "r": 2}\n' + JSON, [(1, "user", "missing user")]),
    "cut_line.jsonl": (JSON + '{"user": "u", "it', [(21, "", "broken JSON: Unterminated string starting at")]),
}  # fmt: skip


@pytest.mark.parametrize("file", KEPT)
def test_broken_lines_are_kept_aside_and_the_others_go_on(tmp_path: Path, file: str) -> None:
    text, expected = KEPT[file]
    table, quarantine = read_text(tmp_path, text, file)
    assert [entry[1:] for entry in kept_aside(quarantine)] == expected
    assert set(quarantine["file"]) == {file}
    assert table.rows_read == table.frame.height + len(expected)
    assert table.frame.height >= 20


@pytest.mark.parametrize("packed", [False, True])
def test_row_numbers_count_broken_lines(tmp_path: Path, packed: bool) -> None:
    text = (HEAD + "u,i,1\nbroken\n" + GOOD).encode()
    table, _ = read_text(tmp_path, gzip.compress(text) if packed else text, "a.csv.gz" if packed else "a.csv")
    assert table.frame["@row"].to_list() == [0, *range(2, 22)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_chinese_in_other_encodings(tmp_path: Path, encoding: str, kind: str) -> None:
    lines = "用户甲,书籍,5\n用户乙,手机,4\n"
    rows = '{"user": "用户甲", "item": "书籍", "r": 5}\n{"user": "用户乙", "item": "手机", "r": 4}\n'
    text = HEAD + lines if kind == "csv" else rows
    table, quarantine = read_text(tmp_path, text.encode(encoding), f"a.{kind}")
    assert table.frame.rows() == [(0, "用户甲", "书籍", 5.0), (1, "用户乙", "手机", 4.0)]
    assert quarantine.height == 0


@pytest.mark.parametrize(("names", "encoding"), [("用户,商品,评分", "gbk"), ("Käufer,Größe,Preis", "cp1252")])
def test_names_of_columns_in_other_encodings(tmp_path: Path, names: str, encoding: str) -> None:
    rows = f"{names}\n书,二,5\n笔,三,4\n" if encoding == "gbk" else f"{names}\nu,i,5\nv,j,4\n"
    (tmp_path / "a.csv").write_bytes(rows.encode(encoding))
    user, item, grade = names.split(",")
    table, quarantine = read_table(
        tmp_path, {"path": "a.csv", "user": user, "item": item, "columns": {grade: "number"}}
    )
    assert (table.frame[grade].to_list(), quarantine.height) == ([5.0, 4.0], 0)
    (guess,) = propose([tmp_path / "a.csv"]).tables.values()
    assert guess.profiles.keys() == {user, item, grade}


def test_line_ends_of_old_macs(tmp_path: Path) -> None:
    table, _ = read_text(tmp_path, b"user,item,r\ru1,i,1\ru2,i,2\r")
    assert table.frame["@user"].to_list() == ["u1", "u2"]


def test_western_letters_in_an_old_encoding(tmp_path: Path) -> None:
    table, _ = read_text(tmp_path, (HEAD + "José,Café crème,5\nZoë,Straße,4\n").encode("latin-1"))
    assert table.frame["@user"].to_list() == ["José", "Zoë"]


def test_a_few_lines_that_are_not_utf8_are_kept_aside(tmp_path: Path) -> None:
    table, quarantine = read_text(tmp_path, HEAD.encode() + b"u,\xff\xfe,1\n" + ("é" + GOOD).encode())
    assert kept_aside(quarantine) == [("events.csv", 2, "", "not UTF-8")]
    assert table.frame["@user"][0] == "éu0"


def test_huge_whole_numbers(tmp_path: Path) -> None:
    huge = "9" * 30
    table, quarantine = read_text(
        tmp_path, f"user,item,t,r\n{huge},i,1,{huge}\nu,i,{huge},1\n" + "u,i,5,1\n" * 20, time="t"
    )
    assert table.frame.row(0) == (0, huge, "i", 1, 1e30)
    assert [entry[1:3] for entry in kept_aside(quarantine)] == [(3, "t")]
    rows = f'{{"user": {huge}, "item": 2.0, "r": {huge}}}\n' + JSON
    table, _ = read_text(tmp_path, rows, "a.jsonl")
    assert table.frame["@user"][0] == huge


def test_a_sound_file_under_a_wrong_name_is_still_read(tmp_path: Path) -> None:
    for file, content in [
        ("a.csv", SOUND),
        ("b.csv", gzip.compress((HEAD + GOOD).encode())),
        ("c.csv.gz", (HEAD + GOOD).encode()),
    ]:
        table, _ = read_text(tmp_path, content, file)
        assert table.frame.height in (20, 100)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("evnts.csv", "no file .*Did you mean 'events.csv'"),
        ("no/such/folder.csv", "no file"),
        ("folder", "is a folder"),
        ("*.tsv", "No file matches"),
        ("folder/*", "No file matches"),
    ],
)
def test_paths_that_lead_nowhere(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "events.csv").write_text(HEAD + GOOD)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match=said):
        read_table(tmp_path, {"path": path, **SPEC})


@pytest.mark.parametrize("seed", range(60))
def test_random_damage_never_ends_in_another_error(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    file, content = [
        ("a.csv", (HEAD + 'u,"i\n,1",2\n' + GOOD).encode()),
        ("a.jsonl", JSON.encode()),
        ("a.parquet", SOUND),
    ][seed % 3]
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(damaged))
        damaged[place : place + chance.randint(0, 3)] = chance.choice(
            [b'"', b"\n", b",", b"\xff", b"\0", b"{", b"\r", b"9" * 40]
        )
    try:
        table, quarantine = read_text(tmp_path, bytes(damaged), file)
    except MotetError as error:
        assert "\n" not in str(error)
    else:
        assert table.frame.height + table.quarantined + table.duplicates == table.rows_read
        assert quarantine.height == table.quarantined
