"""What every store keeps: in a file, and in PostgreSQL."""

import psycopg
import pytest

from motet.testing.contracts.stores import StoreContract


class TestSqlite(StoreContract):
    @pytest.fixture
    def where(self, tmp_path):
        return str(tmp_path / "shop.db")

    @pytest.fixture
    def held(self, tmp_path):
        return lambda: b"".join(path.read_bytes() for path in tmp_path.glob("shop.db*"))


class TestPostgres(StoreContract):
    @pytest.fixture
    def where(self, postgres_url):
        return postgres_url

    @pytest.fixture
    def held(self, postgres):
        def read():
            with psycopg.connect(postgres.url, autocommit=True) as connection:
                connection.execute("CHECKPOINT")
            files = [path for path in (postgres.data / "base").rglob("*") if path.is_file()]
            return b"".join(path.read_bytes() for path in files)

        return read
