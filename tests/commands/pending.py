"""Staged pages and a local model server: what tests of ``scripts/extract_pending`` build their world from."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.model_prices import ModelPrice
from opera_spiders.items import FetchedPage
from opera_spiders.warehouse import store
from opera_spiders.warehouse.server import Server
from tests.openai_server import NOTHING, Json, OpenAIServer, Question

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2027, 1, 2, 12, tzinfo=UTC)
KEY = "sk-a-key-nobody-may-see"
PRICE = ModelPrice(Decimal("0.15"), Decimal("0.60"))
Rows = Callable[..., list[tuple[Any, ...]]]


def page(number: int, words: str = "Tosca", house: str = "opera.example", **changes: Any) -> FetchedPage:
    url = f"https://{house}/{number}"
    body = changes.pop("body", f"<html><body><main><h1>{words} {number}</h1></main></body></html>".encode())
    content_type = changes.pop("content_type", "text/html")
    given: dict[str, Any] = {
        "url": url,
        "company_domain": house,
        "fetched_at": NOON,
        "status_code": 200,
        "response_headers": {},
        "body": body,
        "text": changes.pop("text", None) or (None if content_type == "application/pdf" else body.decode()),
        "content_type": content_type,
        "page_type": "production",
        "language": "en",
        "etag": None,
        "last_modified": None,
        "rendered": False,
        "rights": {},
        "body_checksum": "b",
        "blocks": read_blocks(body, content_type, url),
    }
    return FetchedPage(**given | changes)


@pytest.fixture
def stage(database: Server) -> Callable[..., None]:
    """Store pages as a crawl does."""

    async def save(pages: tuple[FetchedPage, ...]) -> None:
        engine = database.async_engine()
        async with engine.begin() as connection:
            for fetched in pages:
                await store.save_page(connection, fetched)
        await engine.dispose()

    return lambda *pages: asyncio.run(save(pages))


@pytest.fixture
def model(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., OpenAIServer]]:
    """Start a model server and point the configuration at it and at the test's database."""
    started: list[OpenAIServer] = []

    def start(answer: Callable[[Question], Json] = lambda _: NOTHING, faults: Any = (), **options: Any) -> OpenAIServer:
        server = OpenAIServer(answer, faults, **options).__enter__()
        started.append(server)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        return server

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("OPERA_LLM_MODEL", "openai:gpt-4o-mini")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    yield start
    for server in started:
        server.__exit__()


def in_a_process(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "opera_spiders.commands.extract_pending", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def asked(server: OpenAIServer) -> list[str]:
    """The headings of the pages the model was asked about, in order."""
    return [heading(served.question) for served in server.served]


def heading(question: Question) -> str:
    return question.block_lines[0].removeprefix("b1 | h1 | ")
