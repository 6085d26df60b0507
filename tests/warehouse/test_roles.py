"""What each role may do, asked of a real server."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from opera_spiders.warehouse.roles import DBT, INGEST, READER
from opera_spiders.warehouse.server import Server

PREPARED = (
    "CREATE TABLE core.productions (id text)",
    "CREATE TABLE dbt_staging.stg_pages (id text)",
    "CREATE TABLE marts.mart_production_summary (id text)",
    "CREATE MATERIALIZED VIEW marts.mart_repertoire_trends AS SELECT id FROM core.productions",
)


@pytest.fixture
def built(database: Server) -> Server:
    """A database in which dbt has built something."""
    with database.engine(DBT).begin() as connection:
        for statement in PREPARED:
            connection.execute(text(statement))
    return database


def attempt(server: Server, role: str, statement: str) -> None:
    with server.engine(role).begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("relation", ["marts.mart_production_summary", "marts.mart_repertoire_trends"])
def test_a_reader_reads_what_dbt_builds_in_marts(built: Server, relation: str) -> None:
    attempt(built, READER, f"SELECT * FROM {relation}")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM staging.stg_scraped_pages",
        "SELECT * FROM core.productions",
        "SELECT * FROM dbt_staging.stg_pages",
        "INSERT INTO marts.mart_production_summary VALUES ('x')",
        "DELETE FROM marts.mart_production_summary",
        "CREATE TABLE marts.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
    ],
)
def test_a_reader_is_refused_everything_else(built: Server, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        attempt(built, READER, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM staging.stg_scraped_pages",
        "TRUNCATE staging.crawl_runs",
        "INSERT INTO staging.reviews SELECT * FROM staging.reviews",
        "ALTER TABLE staging.stg_scraped_pages ADD COLUMN mine int",
        "CREATE TABLE staging.mine (id int)",
        "SELECT * FROM core.productions",
        "SELECT * FROM marts.mart_production_summary",
        "CREATE TEMPORARY TABLE mine (id int)",
    ],
)
def test_the_crawl_is_refused_what_it_does_not_need(built: Server, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        attempt(built, INGEST, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE staging.stg_scraped_pages SET url = 'x'",
        "DROP TABLE staging.stg_scraped_pages",
        "CREATE TABLE staging.mine (id int)",
    ],
)
def test_dbt_only_reads_staging(built: Server, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        attempt(built, DBT, statement)
    attempt(built, DBT, "SELECT * FROM staging.stg_scraped_pages")


def test_dbt_makes_temporary_tables_for_incremental_models(built: Server) -> None:
    attempt(built, DBT, "CREATE TEMPORARY TABLE increment (id int)")


def test_a_readers_sessions_are_read_only_and_end_long_queries_by_default(database: Server) -> None:
    with database.engine().connect() as connection:
        defaults = connection.scalar(text("SELECT rolconfig FROM pg_roles WHERE rolname = 'opera_reader'"))
    assert {"default_transaction_read_only=on", "statement_timeout=5min"} <= set(defaults)
