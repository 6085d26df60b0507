"""The extension that owns the crawl's database, in real crawls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from opera_spiders.config import Config
from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server, open_server

ROOT = Path(__file__).parents[2]


def crawl(how: str, **environment: str) -> tuple[int, dict[str, Any], str]:
    """Run the crawl of ``items_crawl.py`` and return exit status, stats and log."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("items_crawl.py")), how],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.fixture
def home(reachable_directory: Path) -> Iterator[Path]:
    yield reachable_directory / "crawl"
    EmbeddedServer(reachable_directory / "crawl").remove()


def test_a_crawl_stores_through_the_extension_and_says_where(database_url: str, database: Server) -> None:
    status, stats, log = crawl("nothing", DATABASE_URL=database_url)
    assert (status, stats["item_scraped_count"]) == (0, 5)
    assert f"Pages are stored in {database.place}" in log
    assert "Traceback" not in log
    with database.engine().connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM staging.host_state")) == 5


def test_a_wrong_statement_costs_one_page_and_is_counted(database_url: str) -> None:
    _, stats, _ = crawl("wrong", DATABASE_URL=database_url)
    assert (stats["item_scraped_count"], stats["opera/database/failed"], stats["finish_reason"]) == (4, 1, "finished")


def test_a_database_that_dies_closes_the_crawl_as_failed(home: Path) -> None:
    open_server(Config.from_settings({"OPERA_HOME": str(home)}))
    _, stats, log = crawl("stop", OPERA_HOME=str(home))
    assert stats["finish_reason"] == "failed"
    assert stats["opera/outcome/failed"].startswith(f"the embedded PostgreSQL in {home}/postgres cannot be used: ")
    assert stats["opera/database/failed"] + stats.get("item_scraped_count", 0) == stats["response_received_count"]
    assert log.count("The database is lost and the crawl stops") == 1
    server = open_server(Config.from_settings({"OPERA_HOME": str(home)}))
    with server.engine().connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM staging.host_state")) == stats.get("item_scraped_count", 0)


def test_without_its_database_a_crawl_does_not_start() -> None:
    status, stats, log = crawl("nothing", DATABASE_URL="postgresql://me:hunter2@127.0.0.1:1/opera")
    assert status == 1
    assert "item_scraped_count" not in stats
    assert "PostgreSQL at 127.0.0.1:1, database opera cannot be used" in log
    assert "hunter2" not in log


def test_with_the_database_off_nothing_is_connected() -> None:
    status, stats, log = crawl(
        "nothing", OPERA_DATABASE="off", DATABASE_URL="postgresql://me:hunter2@127.0.0.1:1/opera"
    )
    assert status == 0
    assert stats["log_count/ERROR"] == 5, "this crawl's own pipeline asks for a connection all the same"
    assert "OPERA_DATABASE is off: pages go to the feed (-O) and nowhere else" in log
