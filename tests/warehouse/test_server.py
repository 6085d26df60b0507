"""Which server is used, and what is said when it cannot be."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from opera_spiders.config import Config
from opera_spiders.errors import BadInputError, DatabaseError, OperaError
from opera_spiders.warehouse import server as server_module
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.logins import login_url
from opera_spiders.warehouse.server import Server, connection_url, find_server, libpq_url, open_server


def refusal(url: str) -> OperaError:
    with pytest.raises(OperaError) as raised:
        open_server(Config.from_settings({"DATABASE_URL": url}))
    message = str(raised.value)
    assert "\n" not in message
    assert "hunter2" not in message
    return raised.value


def test_a_url_that_cannot_be_read_is_bad_input() -> None:
    error = refusal("postgresql://me:hunter2@host:port/opera")
    assert isinstance(error, BadInputError)
    assert str(error).startswith("DATABASE_URL cannot be read. It takes postgresql://user:password@host:5432/database")


@pytest.mark.parametrize(
    "password", ["x%zz@hunter2", "hunter2/x", "x/hunter2", "x?hunter2", "x@hunter2/y", "x@y:hunter2"]
)
def test_a_password_that_is_not_percent_encoded_is_not_shown(password: str) -> None:
    error = refusal(f"postgresql://me:{password}@127.0.0.1:1/opera")
    assert isinstance(error, BadInputError)
    assert "must be percent-encoded" in str(error)


def test_a_server_that_is_down_is_named_with_what_to_check() -> None:
    message = str(refusal("postgresql://me:hunter2@127.0.0.1:1/opera"))
    assert message.startswith("PostgreSQL at 127.0.0.1:1, database opera cannot be used: connection")
    assert "Connection refused" in message
    assert message.endswith("or unset DATABASE_URL to use the embedded one.")


def test_a_wrong_password_points_to_user_and_password(postgres: EmbeddedServer) -> None:
    message = str(refusal(f"postgresql://opera:hunter2@127.0.0.1:{postgres.port}/opera"))
    assert 'password authentication failed for user "opera"' in message
    assert message.endswith("Check user and password in DATABASE_URL.")


def test_a_database_that_does_not_exist_points_to_its_name(postgres: EmbeddedServer) -> None:
    message = str(refusal(libpq_url(postgres.url.set(database="nowhere"))))
    assert 'database "nowhere" does not exist' in message
    assert message.endswith("Check the name in DATABASE_URL, or create it.")


def test_a_server_that_is_too_old_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "OLDEST_MAJOR", 99)
    assert "this project needs 99 or newer" in str(refusal(database_url))


def test_a_server_of_the_users_is_never_migrated_unasked(empty_database: Server) -> None:
    message = str(refusal(libpq_url(empty_database.url)))
    assert message.endswith("has no tables of this project. Run scripts/db migrate.")


def test_the_tables_are_made_in_an_empty_database_where_the_demo_asks(empty_database: Server) -> None:
    config = Config.from_settings({"DATABASE_URL": libpq_url(empty_database.url)})
    open_server(config, may_create=True)
    assert open_server(config)


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("0001", "is at revision 0001 and this code needs .*Run scripts/db migrate"),
        ("9999", "newer than this code .*Update the checkout"),
    ],
)
def test_another_revision_than_this_codes_is_refused(
    database: Server, database_url: str, revision: str, expected: str
) -> None:
    with database.engine().begin() as connection:
        connection.execute(text("UPDATE staging.alembic_version SET version_num = :revision"), {"revision": revision})
    with pytest.raises(DatabaseError, match=expected):
        open_server(Config.from_settings({"DATABASE_URL": database_url}))


def test_a_migrated_server_is_used_as_it_is(
    database: Server, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        opened = open_server(Config.from_settings({"DATABASE_URL": database_url}))
    assert opened.url == database.url
    assert opened.embedded is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_the_scheme_is_understood(database_url: str, scheme: str) -> None:
    config = Config.from_settings({"DATABASE_URL": database_url.replace("postgresql", scheme, 1)})
    assert open_server(config).url.drivername == "postgresql+psycopg"


def test_the_embedded_server_starts_and_migrates_by_itself(reachable_directory: Path) -> None:
    config = Config.from_settings({"OPERA_HOME": str(reachable_directory / "by-itself")})
    server = open_server(config)
    assert server.embedded is not None
    try:
        with server.engine("opera_ingest").connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM staging.stg_scraped_pages")) == 0
        assert open_server(config).place == server.place
    finally:
        server.embedded.remove()


async def test_the_crawls_connections_act_as_its_role(database: Server) -> None:
    engine = database.async_engine()
    async with engine.begin() as connection:
        assert await connection.scalar(text("SELECT current_user")) == "opera_ingest"
        await connection.rollback()
    async with engine.begin() as connection:
        assert await connection.scalar(text("SELECT current_user")) == "opera_ingest"
    await engine.dispose()


def test_a_role_url_acts_as_the_role(database: Server, database_url: str) -> None:
    config = Config.from_settings({"DATABASE_URL": database_url})
    with psycopg.connect(connection_url(config, "opera_dbt")) as connection:
        assert connection.execute("SELECT current_user, session_user").fetchone() == ("opera_dbt", "opera")


def test_subprocesses_connect_by_libpqs_variables(database: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        for name, value in database.libpq_environment("opera_dbt").items():
            patch.setenv(name, value)
        connection = psycopg.connect()
    with connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == (
            "opera_dbt",
            database.url.database,
        )


def test_libpqs_variables_carry_password_and_encryption() -> None:
    config = Config.from_settings(
        {"DATABASE_URL": "postgres://me:p%40ss@db.example:6432/opera?sslmode=require&application_name=x"}
    )
    assert find_server(config).libpq_environment() == {
        "PGHOST": "db.example",
        "PGPORT": "6432",
        "PGUSER": "me",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "opera",
        "PGSSLMODE": "require",
    }


def test_a_reader_logs_in_over_tcp_with_a_password_that_stays(
    postgres: EmbeddedServer, database: Server, tmp_path: Path
) -> None:
    server = Server(database.url, postgres)
    url = login_url(server, "opera_reader", tmp_path)
    assert (url.host, url.port) == ("127.0.0.1", postgres.port)
    assert login_url(server, "opera_reader", tmp_path) == url
    assert (tmp_path / "passwords.json").stat().st_mode & 0o077 == 0
    with psycopg.connect(libpq_url(url)) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("opera_reader",)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE mine (id int)")
    renewed = login_url(server, "opera_reader", tmp_path, renew=True)
    assert renewed.password != url.password
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(libpq_url(url))
    assert url.password not in postgres.log.read_text()


def test_a_server_of_the_users_gets_a_reader_url_too(
    postgres: EmbeddedServer, database: Server, tmp_path: Path
) -> None:
    owner = login_url(Server(database.url, postgres), "opera", tmp_path)
    try:
        url = login_url(Server(owner.set(drivername="postgresql+psycopg"), None), "opera_reader", tmp_path)
        with psycopg.connect(libpq_url(url)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("opera_reader",)
    finally:
        with database.engine().begin() as connection:
            connection.execute(text("ALTER ROLE opera PASSWORD NULL"))


def test_psql_of_the_package_connects(postgres: EmbeddedServer, database: Server) -> None:
    program = postgres.binaries.directory / "psql"
    environment = {"PATH": "/usr/bin:/bin"} | database.libpq_environment("opera_reader")
    answer = subprocess.run(
        [program, "-Atc", "SELECT current_user"], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "opera_reader\n"
