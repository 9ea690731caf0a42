from pathlib import Path

from motet.schema import Project

from .conftest import Say


def test_a_proposal_that_reads_and_checks(say: Say, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine" / "motet.toml"
    tables = [shop.parent / name for name in ("events.csv", "items.csv", "reviews.csv")]
    said = say("init", *tables, "-o", out, "--name", "mine")
    assert said.code == 0 and f"next: motet check {out}" in said.out
    assert "table events" in said.out and "task next_item (next_item)" in said.out
    assert Project.read(out).project.name == "mine"
    assert say("check", out).code == 0


def test_as_json_and_never_over_another_file(say: Say, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "motet.toml"
    out.write_text("mine")
    said = say("init", shop.parent / "events.csv", "-o", out)
    assert said.code == 2 and "exists already" in said.err and "--force" in said.err and out.read_text() == "mine"
    said = say("init", shop.parent / "events.csv", "-o", out, "--force", "--json")
    assert said.code == 0 and out.read_text() != "mine"
    events = said.json["tables"]["events"]
    assert events["keys"] == {"user": "user", "item": "item", "time": "time"}
    assert said.json["path"] == str(out) and "next_item" in {task["kind"] for task in said.json["tasks"].values()}


def test_a_missing_file(say: Say, tmp_path: Path) -> None:
    said = say("init", tmp_path / "none.csv", "-o", tmp_path / "m.toml")
    assert said.code == 2 and "There is no file" in said.err and not (tmp_path / "m.toml").exists()


def test_where_nobody_was_found_a_commented_line_waits(say: Say, tmp_path: Path) -> None:
    rows = [f"p{n % 30},t{n % 7},{n % 5}" for n in range(200)]
    (tmp_path / "log.csv").write_text("\n".join(["qui,quoi,note", *rows]))
    out = tmp_path / "m.toml"
    said = say("init", tmp_path / "log.csv", "-o", out)
    assert said.code == 0 and "nobody was found in log" in said.out
    assert '# user = "…"  item = "…"  time = "…"' in out.read_text(encoding="utf-8")
    assert say("init", tmp_path / "log.csv", "-o", out, "--force", "--json").json["nobody"] == ["log"]
    assert Project.read(out).tables["log"].user is None


def test_where_somebody_was_found_nothing_waits(say: Say, shop: Path, tmp_path: Path) -> None:
    tables = [shop.parent / name for name in ("events.csv", "items.csv", "reviews.csv")]
    said = say("init", *tables, "-o", tmp_path / "m.toml")
    assert "nobody" not in said.out and "…" not in (tmp_path / "m.toml").read_text(encoding="utf-8")


def test_columns_beside_a_text_are_offered_as_inputs(say: Say, tmp_path: Path) -> None:
    rows = [f"a good film about {n} cats,{n % 90},{n % 5 + 1},{n % 7}.5" for n in range(300)]
    (tmp_path / "films.csv").write_text("\n".join(["review,run time,rating,votes", *rows]))
    out = tmp_path / "m.toml"
    said = say("init", tmp_path / "films.csv", "-o", out)
    assert "beside a text, other columns are read only where inputs names them" in said.out
    text = out.read_text(encoding="utf-8")
    assert '# inputs = ["run time", "votes"]  # ' in text
    out.write_text(text.replace("# inputs", "inputs"), encoding="utf-8")
    assert Project.read(out).tasks["rating"].inputs == ("run time", "votes")


def test_what_gives_the_label_away_is_said_to_be_left_out(say: Say, tmp_path: Path) -> None:
    rows = [f"{n * 7 % 50},{n % 2 * (n + 3)},{n % 2}" for n in range(300)]
    (tmp_path / "weeks.csv").write_text("\n".join(["spent,saved,used", *rows]))
    out = tmp_path / "m.toml"
    said = say("init", tmp_path / "weeks.csv", "-o", out)
    assert "saved" not in Project.read(out).tables["weeks"].columns
    assert "left out: saved (it gives the label away)" in said.out and "saved: number" not in said.out


def test_a_cell_that_does_not_fit_is_named_beside_its_column(say: Say, tmp_path: Path) -> None:
    rows = [f"u{n % 30},i{n % 7},{'maybe' if n == 5 else 'yes' if n % 3 else 'no'}" for n in range(300)]
    (tmp_path / "reviews.csv").write_text("\n".join(["user,item,happy", *rows]))
    said = say("init", tmp_path / "reviews.csv", "-o", tmp_path / "m.toml")
    told = "1 cell is no yes or no, its row will be kept aside: 'maybe'"
    assert f"  happy: flag ({told})" in said.out and "task happy (binary)" in said.out
    again = say("init", tmp_path / "reviews.csv", "-o", tmp_path / "m.toml", "--force", "--json").json
    (table,) = again["tables"].values()
    assert table["misfits"] == {"happy": told}
