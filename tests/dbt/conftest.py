"""One warehouse for all tests here: every case is a house of its own, so one build serves them all."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import text

from opera_spiders.commands.run_dbt import dbt
from opera_spiders.warehouse.decisions import decide
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.roles import grant_database_rights
from opera_spiders.warehouse.server import Server
from tests.conftest import TEMPLATE, maintenance
from tests.crawls import crawl_worker
from tests.dbt.cases import CASES, DECISIONS
from tests.dbt.pages import Page, sample_pages, store
from tests.dbt.season import SEASON

__all__ = ["crawl_worker"]

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def dbt_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="session")
def built(postgres: EmbeddedServer, dbt_home: Path) -> Iterator[tuple[Server, list[Any]]]:
    """The warehouse of all cases and sample houses, and the result of each node of ``dbt build``, unit tests included."""
    with new_database(postgres, "opera_dbt_cases", TEMPLATE) as server:
        stage(server, [*CASES, *SEASON, *sample_pages()])
        with server.engine().begin() as connection:
            for entity, left, right, decision in DECISIONS:
                decide(connection, entity, (left, right), decision, None)
        yield server, run(server, dbt_home, ["build"])


@pytest.fixture(scope="session")
def ask(built: tuple[Server, list[Any]]) -> Ask:
    """Query the built warehouse as the role of dbt, or of another: ``ask("select 1", role="opera_reader")``."""
    return asking(built[0])


@pytest.fixture(scope="session")
def ask_shuffled(postgres: EmbeddedServer, built: tuple[Server, list[Any]], dbt_home: Path) -> Iterator[Ask]:
    """Query a warehouse built from the same pages, which arrived and were extracted in another order."""
    shuffled = [*CASES, *SEASON, *sample_pages()]
    random.Random(7).shuffle(shuffled)
    times_extracted = {(page.url, page.scraped_at) for page in shuffled if page.extracted_at is not None}
    shuffled = [
        page
        if (page.url, page.scraped_at) in times_extracted
        else replace(page, extracted_at=page.scraped_at + timedelta(minutes=number))
        for number, page in enumerate(shuffled)
    ]
    with new_database(postgres, "opera_dbt_shuffled", "opera_dbt_cases") as server:
        with server.engine().begin() as connection:
            connection.execute(text("TRUNCATE staging.stg_scraped_pages CASCADE"))
        stage(server, shuffled)
        run(server, dbt_home, ["run"])
        yield asking(server)


class new_database:
    """A database copied from another for as long as the block runs."""

    def __init__(self, postgres: EmbeddedServer, name: str, template: str) -> None:
        self.postgres = postgres
        self.name = sql.Identifier(name)
        self.template = sql.Identifier(template)
        self.server = Server(postgres.url.set(database=name), None)

    def __enter__(self) -> Server:
        with maintenance(self.postgres) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(self.name, self.template))
        with self.server.engine().begin() as connection:
            grant_database_rights(connection)
        return self.server

    def __exit__(self, *_: object) -> None:
        with maintenance(self.postgres) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(self.name))


def stage(server: Server, pages: Sequence[Page]) -> None:
    with server.engine().begin() as connection:
        store(connection, pages)


def run(server: Server, home: Path, arguments: list[str]) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dbt's own: an unclosed log, deprecations of its libraries
        return dbt(server, home, arguments)


def asking(server: Server) -> Ask:
    def ask(statement: str, role: str | None = "opera_dbt", **parameters: object) -> list[tuple[Any, ...]]:
        with server.engine(role).connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement), parameters)]

    return ask
