import pytest

from motet.cli.key import key

from .conftest import Say


def test_a_key_from_first_to_last(say: Say, tmp_path) -> None:
    where = tmp_path / "s.db"
    made = say("key", "add", "shop", "--scope", "read", "--scope", "write", "--store", where, "--json").json
    assert made["scopes"] == ["read", "write"] and made["secret"].startswith("motet_")
    listed = say("key", "list", "--store", where)
    assert made["id"] in listed.out and made["secret"] not in listed.out
    assert say("key", "revoke", made["id"], "--store", where).code == 0
    (held,) = say("key", "list", "--store", where, "--json").json["keys"]
    assert held["revoked"] and "secret" not in held
    assert say("key", "revoke", made["id"], "--store", where).code == 2


@pytest.mark.parametrize("arguments", [("add",), ("revoke",), ("burn", "x"), ("add", "x", "--scope", "root")])
def test_mistakes(say: Say, tmp_path, arguments) -> None:
    said = say("key", *arguments, "--store", tmp_path / "s.db")
    assert said.code == 2 and said.err.startswith("error: ") and "bug" not in said.err
    assert key is not None
