"""``scripts/db``, as a user types it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from opera_spiders.commands import db
from opera_spiders.config import Config
from opera_spiders.warehouse import migrations
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server, libpq_url, open_server

Db = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Db:
    """Run a command; return its exit status and all it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        try:
            status = db.main(list(arguments))
        except SystemExit as left:
            status = int(left.code or 0)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


@pytest.fixture
def home(reachable_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An OPERA_HOME with nothing in it."""
    home = reachable_directory / "db-command"
    monkeypatch.setenv("OPERA_HOME", str(home))
    yield home
    EmbeddedServer(home).remove()


def test_the_embedded_database_from_first_start_to_reset(run: Db, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("status") == (
        1,
        f"Stopped: the embedded PostgreSQL in {home}/postgres. "
        "It starts by itself when a command needs it, or by scripts/db start.\n",
    )
    assert run("start") == (0, f"Running: the embedded PostgreSQL in {home}/postgres.\n")
    status, said = run("status")
    assert status == 0
    assert f"Revision: {migrations.head()}, 0 page versions." in said
    assert run("url")[1].startswith("postgresql://opera@/opera?host=")
    _, url = run("url", "--role", "opera_reader")
    with psycopg.connect(url.strip()) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("opera_reader",)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert run("reset")[0] == 2
    assert (home / "postgres" / "data").is_dir()
    assert run("stop")[1] == f"Stopped: the embedded PostgreSQL in {home}/postgres.\n"
    assert run("stop") == (0, f"the embedded PostgreSQL in {home}/postgres was not running.\n")
    assert run("reset", "--yes")[0] == 0
    assert not (home / "postgres").exists()


@pytest.mark.parametrize(("answer", "is_kept"), [("no", True), ("yes", False)])
def test_reset_asks_first(run: Db, home: Path, monkeypatch: pytest.MonkeyPatch, answer: str, is_kept: bool) -> None:
    (home / "postgres" / "kept").mkdir(parents=True)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    assert (run("reset")[0] == 0) is not is_kept
    assert (home / "postgres").exists() is is_kept


def test_psql_runs_with_its_own_arguments_as_a_role(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    command = [
        sys.executable,
        "-m",
        "opera_spiders.commands.db",
        "psql",
        "--role",
        "opera_dbt",
        "-Atc",
        "SELECT current_user",
    ]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "opera_dbt\n")


def test_without_any_psql_it_says_what_to_install(run: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opera_spiders.warehouse.embedded.packaged_binaries", lambda: None)
    monkeypatch.setattr("opera_spiders.warehouse.embedded.system_binaries", list)
    monkeypatch.setenv("PATH", "")
    status, said = run("psql")
    assert status == 2
    assert said.startswith("No psql was found. Install")


def test_a_server_of_the_users_is_migrated_when_asked(
    run: Db, empty_database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", libpq_url(empty_database.url))
    assert run("start")[1].endswith("has no tables of this project. Run scripts/db migrate.\n")
    assert run("status")[0] == 1
    assert run("migrate") == (0, f"{empty_database.place} is at revision {migrations.head()}.\n")
    assert run("status")[0] == 0


def test_a_server_of_the_users_is_not_stopped(run: Db, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    status, said = run("stop")
    assert status == 2
    assert "is not ours to stop" in said


def test_a_server_of_the_users_is_emptied_only_by_its_databases_name(
    run: Db, database: Server, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.engine().begin() as connection:
        connection.execute(text("INSERT INTO staging.host_state (host) VALUES ('opera.example')"))
    name = str(database.url.database)
    for arguments in (("--yes",), ("--yes", "--database", "another")):
        status, said = run("reset", *arguments)
        assert status == 2
        assert said.endswith(f"scripts/db reset --database {name}\n")
    assert count(database) == 1
    assert run("reset", "--yes", "--database", name)[0] == 0
    assert count(database) == 0
    open_server(Config.from_environment())


def count(server: Server) -> Any:
    with server.engine().connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM staging.host_state"))


@pytest.mark.parametrize("arguments", [[], ["begin"], ["start", "now"], ["url", "--role", "opera"]])
def test_a_command_it_does_not_know_is_bad_input(run: Db, arguments: list[str]) -> None:
    assert run(*arguments)[0] == 2
