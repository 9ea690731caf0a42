"""The server: stopped, gone, or closed to us, it is an error in one line, and no password in it."""

import pytest

from motet.errors import StoreError
from motet.store import Event, Limits, open_store
from motet.store.backends.postgres import Postgres
from motet.testing.postgres import temporary_postgres


def refused(url):
    with pytest.raises(StoreError) as caught:
        open_store(url)
    said = str(caught.value)
    assert "\n" not in said and caught.value.remedy
    return said


def test_a_wrong_password_is_refused_and_not_repeated(postgres):
    said = refused(postgres.url.replace("a-p%40ss", "wr%40ng-one"))
    assert "authentication" in said and "ng-one" not in said and "***" in said


def test_a_server_that_is_not_there(postgres):
    said = refused("postgresql://ann:s3cret@127.0.0.1:9/shop")
    assert "cannot be reached" in said and "s3cret" not in said
    assert "does not exist" in refused(f"{postgres.url}-nothing")
    assert "s3cret" not in refused("postgresql://ann:s3cret@[half/shop")


def test_commits_are_flushed_whatever_the_server_says(postgres_url):
    backend = Postgres(f"{postgres_url}%20-csynchronous_commit%3Doff", Limits())
    with backend.writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    backend.close()


def test_a_server_that_stops_at_once_loses_nothing_and_the_store_goes_on_when_it_is_back():
    try:
        server = temporary_postgres(flush=True)
        with server as running, open_store(running.url) as store:
            assert store.append([Event(f"e{n}", "ann", "lamp") for n in range(50)])[0].accepted
            running.stop("immediate")
            with pytest.raises(StoreError):
                store.append([Event("lost", "ann", "lamp")])
            with pytest.raises(StoreError):
                store.history("ann")
            running.start()
            assert len(store.history("ann")) == 50
            assert store.append([Event("lost", "ann", "lamp")])[0].status == "saved"
    except RuntimeError as error:
        pytest.skip(f"NOT RUN: {error}")
