"""Crawls of local hosts, and a database that may die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opera_spiders.warehouse.embedded import EmbeddedServer
from opera_spiders.warehouse.server import Server, migrate
from tests.conftest import url_string
from tests.crawls import closed_port, crawl, crawl_worker, host

__all__ = ["closed_port", "crawl", "crawl_worker", "host", "mortal_database"]


@pytest.fixture
def mortal_database(reachable_directory: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A database of its own server, and what stops that server."""
    server = EmbeddedServer(reachable_directory / "mortal", {"fsync": "off"})
    server.start()
    migrate(Server(server.url, server))
    yield url_string(server.url), server.stop
    server.stop()
