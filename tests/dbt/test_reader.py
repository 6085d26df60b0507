"""What ``opera_reader`` may not do in a built warehouse, logged in as Tableau is: over TCP, with a password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.logins import login_url
from opera_spiders.warehouse.server import Server, libpq_url

MART = "marts.mart_production_summary"
REFUSED = {
    "read pages": "SELECT * FROM staging.stg_scraped_pages",
    "read extractions": "SELECT * FROM staging.stg_llm_extractions",
    "read dbt's staging": "SELECT * FROM dbt_staging.stg_pages",
    "read core": "SELECT * FROM core.productions",
    "insert": f"INSERT INTO {MART} (production_id) VALUES ('x')",
    "update": f"UPDATE {MART} SET opera_title = 'x'",
    "delete": f"DELETE FROM {MART}",
    "truncate": f"TRUNCATE {MART}",
    "drop": f"DROP TABLE {MART}",
    "make a table in marts": "CREATE TABLE marts.mine (id int)",
    "make a table in public": "CREATE TABLE public.mine (id int)",
    "make a schema": "CREATE SCHEMA mine",
    "make a temporary table": "CREATE TEMPORARY TABLE mine (id int)",
    "read a file": "SELECT pg_read_file('/etc/hostname')",
    "list a directory": "SELECT pg_ls_dir('.')",
    "import a file": "SELECT lo_import('/etc/hostname')",
    "copy to a file": f"COPY {MART} TO '/tmp/opera-reader.csv'",
    "copy from a file": f"COPY {MART} FROM '/etc/hostname'",
    "run a program": f"COPY {MART} TO PROGRAM 'true'",
    "become dbt": "SET ROLE opera_dbt",
    "become the crawl": "SET ROLE opera_ingest",
}


@pytest.fixture(scope="module")
def url(built: tuple[Server, list[Any]], postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    server = Server(built[0].url, postgres)
    return libpq_url(login_url(server, "opera_reader", tmp_path_factory.mktemp("reader")))


@pytest.fixture
def reader(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as connection:
        yield connection


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_reader_is_refused_by_its_rights_alone(reader: psycopg.Connection, statement: str) -> None:
    # What a session may undo for itself protects nothing.
    reader.execute("SET TRANSACTION READ WRITE")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)


def test_a_readers_session_is_read_only_and_ends_long_queries(reader: psycopg.Connection) -> None:
    found = {
        name: reader.execute(f"SELECT setting FROM pg_settings WHERE name = '{name}' AND source = 'user'").fetchone()
        for name in ("default_transaction_read_only", "statement_timeout", "idle_in_transaction_session_timeout")
    }
    assert found == {
        "default_transaction_read_only": ("on",),
        "statement_timeout": ("300000",),
        "idle_in_transaction_session_timeout": ("300000",),
    }
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute(f"DELETE FROM {MART}")


def test_the_reader_reads_every_mart(reader: psycopg.Connection) -> None:
    marts = reader.execute(
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'marts'::regnamespace AND c.relkind IN ('r', 'v', 'm')"
    ).fetchall()
    assert len(marts) >= 4
    for (mart,) in marts:
        assert reader.execute(f'SELECT true FROM "{mart}" LIMIT 1').fetchone() == (True,), mart


def test_the_limit_of_time_ends_a_query(reader: psycopg.Connection) -> None:
    reader.execute("SET statement_timeout = '10ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        reader.execute("SELECT pg_sleep(60)")
