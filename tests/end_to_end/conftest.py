"""The whole pipeline as its users run it: as processes, over the sample houses, into a database of its own."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from opera_spiders.warehouse.embedded import EmbeddedServer
from sample_houses.server import SampleHouses
from tests.conftest import CHROMIUM, TEMPLATE, maintenance, url_string

ROOT = Path(__file__).resolve().parents[2]
EXPECTED_MART = ROOT / "sample_houses" / "expected_marts" / "mart_production_summary.csv"
# When rows were made and confirmed, and which stored row they were read from, is all that may differ between two ways
# to the same tables.
AUDIT_COLUMNS = {
    "created_at", "updated_at", "last_confirmed_at", "first_seen_at", "seen_at", "source_extraction_id", "extracted_at",
    "last_changed_at", "last_seen_at", "last_crawl_at",
}  # fmt: skip
_numbers = count(1)


@dataclass(frozen=True)
class Opera:
    """A database and the commands that work on it, each run as a process in a clean environment."""

    url: str
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "DATABASE_URL": self.url,
            "OPERA_HOME": str(self.home),
            "OPERA_ENV_FILE": os.devnull,
            "OPERA_CONTACT": "tests@example.org",
            "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32",
            **({"PLAYWRIGHT_CHROMIUM_PATH": str(CHROMIUM)} if CHROMIUM else {}),
            **self.variables,
        }

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=self.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str) -> tuple[int, str]:
        """Run ``python -m COMMAND …``; return its exit status and all it printed."""
        process = self.start(*command)
        output, _ = process.communicate(timeout=600)
        return process.returncode, output

    def crawl(self, domain: str, *arguments: str) -> tuple[int, str]:
        return self.run("scrapy", "crawl", "opera", "-a", f"domain={domain}", *UNHURRIED, *arguments)

    def command(self, name: str, *arguments: str) -> tuple[int, str]:
        return self.run(f"opera_spiders.commands.{name}", *arguments)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]

    def tables(self, *schemas: str) -> dict[str, list[tuple[str, ...]]]:
        """Return every table and view of the schemas, rows sorted, without audit columns."""
        columns: dict[str, list[str]] = {}
        for schema, table, column in self.rows(
            "select table_schema, table_name, column_name from information_schema.columns order by 1, 2, ordinal_position"
        ):
            if schema in schemas and column not in AUDIT_COLUMNS:
                columns.setdefault(f"{schema}.{table}", []).append(column)
        with psycopg.connect(self.url) as connection:
            return {
                table: sorted(
                    tuple(map(str, row))
                    for row in connection.execute(
                        sql.SQL("select {} from {}").format(
                            sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(*table.split("."))
                        )
                    )
                )
                for table, names in columns.items()
            }


UNHURRIED = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0")


def kill(process: subprocess.Popen[str]) -> None:
    """End a process and all it started as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)


@pytest.fixture(scope="session")
def new_opera(postgres: EmbeddedServer, reachable_directory: Path) -> Callable[..., Opera]:
    """Make an Opera with an empty, migrated database."""

    def make(**variables: str) -> Opera:
        name = f"opera_end_to_end_{next(_numbers)}"
        with maintenance(postgres) as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE))
            )
        home = reachable_directory / name
        home.mkdir()
        opera = Opera(url_string(postgres.url.set(database=name)), home, variables)
        assert opera.command("db", "migrate")[0] == 0
        return opera

    return make


@pytest.fixture(scope="session")
def sample_houses() -> Iterator[SampleHouses]:
    with SampleHouses(base_port=0) as server:
        yield server


@pytest.fixture(scope="session")
def domains(sample_houses: SampleHouses) -> list[str]:
    """The houses that can be crawled here: all five where there is a Chromium."""
    return [house.domain for house in sample_houses.houses if CHROMIUM or not house.needs_browser]


@pytest.fixture(scope="session")
def undisturbed(new_opera: Callable[..., Opera], domains: list[str]) -> Opera:
    """All sample houses crawled, extracted by rules and built, in one go."""
    opera = new_opera()
    status, output = opera.command("run_pipeline", *domains, "--jobs", "2", *UNHURRIED)
    assert status == 0, output + "".join(log.read_text() for log in (opera.home / "logs").rglob("*.log"))
    return opera


@pytest.fixture(scope="session")
def expected_mart(sample_houses: SampleHouses, domains: list[str]) -> list[dict[str, str]]:
    """The rows of mart_production_summary written by hand from the pages, for the houses crawled here."""
    names = {house.name for house in sample_houses.houses if house.domain in domains}
    with EXPECTED_MART.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["company_name"] in names]
