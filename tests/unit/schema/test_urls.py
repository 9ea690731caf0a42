"""Addresses of databases, shown without what is secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.errors import ProjectError
from motet.schema.urls import hide, known_url, without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:s3cret@host:5/shop", "postgresql://ann:***@host:5/shop"),
        ("postgresql://ann:p@ss:w/r?d@host/shop", "postgresql://ann:***@host/shop"),
        ("postgresql://:s3cret@host/shop", "postgresql://:***@host/shop"),
        ("postgresql://host/shop?user=ann&password=s3cret&x=1", "postgresql://host/shop?user=ann&password=***&x=1"),
        ("postgresql://ann@host/shop", "postgresql://ann@host/shop"),
        ("sqlite:///shop.db", "sqlite:///shop.db"),
        ("env:SHOP", "env:SHOP"),
    ],
)
def test_passwords_are_not_shown(url, shown):
    assert without_password(url) == shown


@given(st.text("abc@:/?&= %", min_size=4, max_size=12).filter(lambda word: word.strip(" ")))
def test_no_password_of_any_signs_is_left_in_a_message(word):
    secret = f"Q{word}Q"
    url = f"postgresql://ann:{secret}@host/shop"
    assert secret not in without_password(url)
    assert secret not in hide(f"connection to {url} failed: password {secret} is wrong", url)


def test_a_password_is_hidden_in_both_spellings():
    assert hide("tried a-p@ss and a-p%40ss\nmore", "postgresql://ann:a-p%40ss@host/x") == "tried *** and ***"


@pytest.mark.parametrize("secret", ["s3c@ret", "s3c/ret", "s3c?ret", "s3c#ret"])
def test_a_password_that_would_end_too_early_is_refused_unseen(secret, monkeypatch):
    monkeypatch.setenv("SHOP", f"postgresql://ann:{secret}@host/x")
    for url in ("env:SHOP", f"postgresql://ann:{secret}@host/x", f"postgresql://host:5/x?password={secret}&a=@"):
        with pytest.raises(ProjectError, match="%40") as caught:
            known_url(url)
        assert "ret" not in str(caught.value)


def test_a_variable_holds_the_url(monkeypatch):
    monkeypatch.setenv("SHOP", " postgresql://host/shop ")
    assert known_url("env:SHOP") == "postgresql://host/shop" and known_url("sqlite:///x") == "sqlite:///x"
    monkeypatch.setenv("SHOP", "")
    with pytest.raises(ProjectError, match="SHOP is not set"):
        known_url("env:SHOP")
