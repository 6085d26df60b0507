"""Fixtures for tests that crawl: local hosts, and a process that crawls them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.outcomes import Outcome
from tests.politeness.local_host import Answer, LocalHost

TODAY = "2026-11-24"


@dataclass(frozen=True)
class Crawl:
    """What a crawl left behind. ``line`` is the last one of the ``crawl`` command, ``feed`` the rows of ``-O``."""

    outcome: Outcome
    line: str
    stats: dict[str, Any]
    feed: list[dict[str, Any]]
    log: list[str] = field(repr=False)

    @property
    def urls(self) -> list[str]:
        """The pages in the feed, in order."""
        return [row["url"] for row in self.feed]

    def pages(self, *names: str) -> tuple[int, ...]:
        """The counts ``opera/pages/<name>``."""
        return tuple(self.stats.get(f"opera/pages/{name}", 0) for name in names)


@pytest.fixture(scope="session")
def crawl_worker() -> Iterator[subprocess.Popen[str]]:
    """One process for all crawls."""
    root = Path(__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crawl_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={name: value for name, value in os.environ.items() if not name.startswith(("OPERA_", "DATABASE_URL"))}
        | {"OPERA_ENV_FILE": os.devnull},
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0


@pytest.fixture
def crawl(crawl_worker: subprocess.Popen[str], tmp_path: Path) -> Callable[..., Crawl]:
    """Crawl ``domain`` on 24 November 2026; keyword arguments are the spider's."""

    return crawling(crawl_worker, tmp_path)


def crawling(worker: subprocess.Popen[str], home: Path) -> Callable[..., Crawl]:
    """Return what crawls a domain in the worker's process."""

    def run(domain: str, settings: Mapping[str, Any] | None = None, **arguments: Any) -> Crawl:
        assert worker.stdin is not None
        assert worker.stdout is not None
        job = {
            "settings": {"OPERA_HOME": str(home), **(settings or {})},
            "arguments": {"domain": domain, **arguments},
            "today": TODAY,
        }
        worker.stdin.write(json.dumps(job) + "\n")
        worker.stdin.flush()
        result = json.loads(worker.stdout.readline())
        assert "crash" not in result, result
        return Crawl(**{**result, "outcome": Outcome(result["outcome"])})

    return run


@pytest.fixture
def host() -> Iterator[Callable[..., LocalHost]]:
    """Start a local host with these routes."""
    with ExitStack() as stack:
        yield lambda routes, **options: stack.enter_context(LocalHost(routes, **options))


@pytest.fixture
def closed_port() -> int:
    """A port of 127.0.0.1 where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def html(title: str, *links: str | tuple[str, str], text: str = "", head: str = "", language: str = "en") -> Answer:
    """A page with a heading, a paragraph and links (an address, or an address and its anchor)."""
    pairs = [link if isinstance(link, tuple) else (link, "") for link in links]
    anchors = "".join(f'<li><a href="{address}">{anchor}</a></li>' for address, anchor in pairs)
    return Answer(
        f'<html lang="{language}"><head><title>{title}</title>{head}</head>'
        f"<body><main><h1>{title}</h1><p>{text or title} is a page of an invented company.</p>"
        f"<ul>{anchors}</ul></main></body></html>"
    )


def sitemap(*entries: str, tag: str = "url", lastmod: str = "") -> Answer:
    """A sitemap of addresses, or with ``tag="sitemap"`` an index of sitemaps."""
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    root = "urlset" if tag == "url" else "sitemapindex"
    inside = "".join(f"<{tag}><loc>{entry}</loc>{changed}</{tag}>" for entry in entries)
    return Answer(
        f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inside}</{root}>',
        headers={"Content-Type": "application/xml"},
    )
