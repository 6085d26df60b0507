"""``scripts/run_dbt`` on a real database."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from opera_spiders.commands.run_dbt import LOCK, PROJECT, code_digest, main
from opera_spiders.errors import OperaError
from opera_spiders.warehouse import last_build
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server
from tests.conftest import TEMPLATE, url_string
from tests.dbt.cases import evenings, page, production
from tests.dbt.conftest import asking, new_database, stage
from tests.dbt.conftest import run as run_dbt_on

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def one_database(postgres: EmbeddedServer) -> Iterator[Server]:
    """One database for all: dbt parses the project anew for each that it has not seen."""
    with new_database(postgres, "opera_run_dbt", TEMPLATE) as server:
        yield server


@pytest.fixture
def database(one_database: Server) -> Server:
    """The database, with nothing staged."""
    with one_database.engine().begin() as connection:
        connection.exec_driver_sql("TRUNCATE staging.stg_scraped_pages CASCADE")
    return one_database


@pytest.fixture
def run(database_url: str, dbt_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call the command on the database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("OPERA_HOME", str(dbt_home.parent))

    def run(*arguments: str) -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # dbt's own
            return main([*arguments])

    return run


def test_an_empty_warehouse_is_built_and_says_what_to_do(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--select", "+int_clock") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("No page has been staged yet: crawl one")
    assert lines[-1].startswith("The warehouse is built in ")


def test_a_selection_that_matches_nothing_is_bad_input(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--select", "no_such_model") == 2
    assert "found nothing to do for 'build --select no_such_model" in capsys.readouterr().err


def test_an_unknown_argument_is_bad_input(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--no-such-option") == 2
    assert capsys.readouterr().err.strip() == "dbt does not understand this: No such option '--no-such-option'."


def test_what_fails_is_named_and_fails_the_run(run: Any, database: Server, capsys: pytest.CaptureFixture[str]) -> None:
    stage(database, [page("old.example/a", production("Tosca", performances=evenings("2026-10-01")))])
    with database.engine().begin() as connection:
        connection.exec_driver_sql("REVOKE SELECT ON staging.stg_scraped_pages FROM opera_dbt")
    assert run("--select", "stg_pages", "--skip-freshness") == 1
    with database.engine().begin() as connection:
        connection.exec_driver_sql("GRANT SELECT ON staging.stg_scraped_pages TO opera_dbt")
    out = capsys.readouterr().out
    assert "error: unique_stg_pages_page_id: " in out
    assert "permission denied" in out
    assert out.splitlines()[-1].startswith("The warehouse failed in ")


def test_pages_older_than_a_month_are_said_to_be_stale(
    run: Any, database: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(database, [page("old.example/a", production("Tosca", performances=evenings("2026-10-01")))])
    with database.engine().begin() as connection:
        connection.exec_driver_sql(
            "UPDATE staging.stg_scraped_pages SET scraped_at = '2020-01-01', last_seen_at = '2020-01-02 03:04Z'"
        )
    assert run("--select", "stg_pages") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The newest page was seen at 2020-01-02 03:04 UTC: crawl again."
    assert "built, but from old pages" in lines[-1]


def test_without_a_database_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret-word@127.0.0.1:1/none")
    assert main([]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "127.0.0.1:1" in err
    assert "secret-word" not in err


def test_a_home_that_cannot_be_written_is_bad_input(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dbt").write_text("a file where the directory should be")
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("OPERA_HOME", str(tmp_path))
    assert main([]) == 2
    assert f"dbt cannot write to {tmp_path / 'dbt'}" in capsys.readouterr().err


@contextmanager
def other_run(database: Server) -> Iterator[psycopg.Connection]:
    """Hold the lock of builds."""
    with psycopg.connect(url_string(database.url), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        yield connection


def test_a_second_run_waits_for_the_first_and_says_so(
    run: Any, database: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    with other_run(database) as other:
        status: list[int] = []
        second = threading.Thread(target=lambda: status.append(run("--select", "stg_pages", "--skip-freshness")))
        second.start()
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        while other.execute(waiting).fetchone() == (0,):
            assert second.is_alive()
        assert status == []
        other.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        second.join()
    assert status == [0]
    assert capfd.readouterr().out.startswith("Another run builds the warehouse in PostgreSQL at ")


def test_a_run_on_another_database_in_the_same_home_waits_too(database_url: str, tmp_path: Path) -> None:
    home = tmp_path / "dbt"
    home.mkdir()
    with (home / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-m", "opera_spiders.commands.run_dbt", "--select", "no_such_model"],
            env=os.environ | {"DATABASE_URL": database_url, "OPERA_HOME": str(tmp_path)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with second:
            assert second.stdout
            assert second.stdout.readline() == f"Another run of dbt writes to {home}; waiting for it to end.\n"
            assert second.poll() is None
            fcntl.flock(other, fcntl.LOCK_UN)
            assert "found nothing to do" in second.communicate(timeout=120)[1]


def test_a_run_that_was_killed_leaves_nothing_in_the_way(
    run: Any, database: Server, database_url: str, dbt_home: Path
) -> None:
    stage(database, [page("kill.example/a", production("Tosca", "Puccini", performances=evenings("2026-10-01")))])
    command = [
        sys.executable,
        "-m",
        "opera_spiders.commands.run_dbt",
        "--select",
        "stg_pages",
        "int_clock",
        "int_sources+",
    ]
    environment = os.environ | {"DATABASE_URL": database_url, "OPERA_HOME": str(dbt_home.parent)}
    killed = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    building = (
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'opera-dbt'"
    )
    ask = asking(database)
    while ask(building, role=None) == [(0,)]:
        assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert run("--select", "stg_pages", "int_clock", "--skip-freshness") == 0
    assert ask("select today::text from dbt_staging.int_clock") == [("2026-09-20",)]


def test_a_run_that_is_interrupted_says_so(database: Server, database_url: str, dbt_home: Path) -> None:
    command = [sys.executable, "-m", "opera_spiders.commands.run_dbt", "--select", "stg_pages"]
    environment = os.environ | {"DATABASE_URL": database_url, "OPERA_HOME": str(dbt_home.parent)}
    waiting = "select count(*) from pg_locks where relation is not null and not granted"
    with psycopg.connect(url_string(database.url)) as other:
        other.execute("LOCK TABLE staging.stg_scraped_pages")
        interrupted = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        # A query of a model waits for our lock, and dbt for that query.
        while other.execute(waiting).fetchone() == (0,):
            assert interrupted.poll() is None
        interrupted.send_signal(signal.SIGINT)
        other.rollback()  # dbt may not end the session of its query, and waits for that
        _, err = interrupted.communicate(timeout=60)
    assert err.startswith("Interrupted. ")
    assert err.count("\n") == 1
    assert interrupted.returncode == 130


def test_dbt_errors_are_ours(monkeypatch: pytest.MonkeyPatch, database: Server, tmp_path: Path) -> None:
    from opera_spiders.commands import run_dbt

    monkeypatch.setattr(run_dbt, "PROJECT", tmp_path)
    with pytest.raises(OperaError, match="dbt could not run"):
        run_dbt_on(database, tmp_path / "home", ["build"])


@pytest.fixture(scope="module")
def copied(postgres: EmbeddedServer, built: tuple[Server, list[Any]]) -> Iterator[Server]:
    """A copy of the built warehouse, noted as built from what is staged."""
    with new_database(postgres, "opera_unchanged", "opera_dbt_cases") as server:
        with server.engine().begin() as connection:
            code = code_digest()
            last_build.remember(connection, last_build.inputs_digest(connection, code), code)
        yield server


@pytest.fixture
def run_on_copy(copied: Server, run: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call the command on the copy."""
    monkeypatch.setenv("DATABASE_URL", url_string(copied.url))
    return run


def test_where_nothing_changed_nothing_is_built(run_on_copy: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_on_copy("--skip-freshness") == 0
    said = "The warehouse is as its last build left it: nothing that a build reads has changed since.\n"
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(
    "change",
    [
        "update staging.stg_scraped_pages set last_seen_at = last_seen_at + interval '1 hour' where url like '%tosca%'",
        "update staging.stg_llm_extractions set evidence = evidence where llm_model = 'rules'",
        "delete from staging.stg_llm_extractions where id = (select max(id::text)::uuid from staging.stg_llm_extractions)",
        "delete from staging.resolution_decisions",
        "insert into staging.crawl_runs (id, company_domain, spider_args, started_at, outcome, session, scraper_version)"
        " values (gen_random_uuid(), 'a.example', '{}', now(), 'running', 's', 'v')",
        "drop table marts.mart_changes",
        "drop view marts.mart_evidence",
    ],
)
def test_whatever_a_build_reads_or_makes_is_looked_at(copied: Server, change: str) -> None:
    with copied.engine().connect() as connection:
        inputs = last_build.inputs_digest(connection, "code")
        last_build.remember(connection, inputs, "code")
        assert last_build.is_current(connection, last_build.inputs_digest(connection, "code"))
        assert not last_build.is_current(connection, last_build.inputs_digest(connection, "other code"))
        assert connection.exec_driver_sql(change.replace("%", "%%")).rowcount != 0
        assert not last_build.is_current(connection, last_build.inputs_digest(connection, "code"))


@pytest.mark.parametrize("code", [code_digest(), "another"], ids=["same code", "other code"])
def test_a_build_of_a_part_is_no_whole_one(run: Any, database: Server, code: str) -> None:
    with database.engine().begin() as connection:
        last_build.remember(connection, "what was read before", code)
    assert run("--skip-freshness", "--select", "int_clock") == 0
    kept = [(code, "", "")] if code == code_digest() else []
    assert asking(database)("select code, inputs, relations from staging.last_build", role=None) == kept


def test_every_source_is_looked_at() -> None:
    sources = yaml.safe_load((PROJECT / "models" / "staging" / "_sources.yml").read_text())["sources"]
    assert [table["name"] for source in sources for table in source["tables"]] == [
        table.name for table in last_build.SOURCES
    ]
