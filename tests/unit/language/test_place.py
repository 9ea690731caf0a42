from pathlib import Path

from motet.language.place import default_cache_folder


def test_the_cache_follows_the_environment(monkeypatch):
    monkeypatch.setenv("MOTET_CACHE", "~/mine")
    assert default_cache_folder() == Path.home() / "mine"
    monkeypatch.delenv("MOTET_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_cache_folder() == Path("/somewhere/motet")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_folder() == Path.home() / ".cache" / "motet"
