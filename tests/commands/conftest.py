"""Hosts to crawl by commands; staged pages and a model server; reading processes that serve one command after another."""

from collections.abc import Iterator

import pytest

from tests.commands.pending import model, stage
from tests.crawls import closed_port, host
from tests.reading_processes import shared

__all__ = ["closed_port", "host", "model", "stage"]


@pytest.fixture(autouse=True, scope="module")
def shared_reading_processes() -> Iterator[None]:
    with shared():
        yield
