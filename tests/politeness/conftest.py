"""Local hosts, and a process that crawls them with the real middlewares."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .local_host import LocalHost


@dataclass(frozen=True)
class Crawl:
    """What a crawl left behind. ``errors`` have ``url``, ``error`` (a class name), ``kind`` and ``why``."""

    pages: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    stats: dict[str, Any]
    reason: str
    log: list[str]
    largest_process_mb: float
    children: list[str]

    def outcomes(self) -> set[str]:
        """The outcomes noted in the stats."""
        return {name.rpartition("/")[2] for name in self.stats if name.startswith("opera/outcome/")}


@pytest.fixture(scope="session")
def worker() -> Iterator[subprocess.Popen[str]]:
    """One process for all crawls of this room; nothing of the developer's settings reaches it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPERA_", "SCRAPY_"))}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("crawl_worker.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[2]), "OPERA_ENV_FILE": os.devnull},
    )
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 0


@pytest.fixture
def crawl(worker: subprocess.Popen[str]) -> Callable[..., Crawl]:
    """Crawl ``urls`` politely; keyword arguments are the spider's, ``browser`` constants of that module."""

    def run(
        *urls: str,
        settings: Mapping[str, Any] | None = None,
        names: Mapping[str, list[list[str]]] | None = None,
        is_without_browser: bool = False,
        browser: Mapping[str, Any] | None = None,
        within_seconds: float = 120,
        **arguments: Any,
    ) -> Crawl:
        assert worker.stdin is not None
        assert worker.stdout is not None
        job = {
            "settings": settings or {},
            "names": names or {},
            "is_without_browser": is_without_browser,
            "browser": browser or {},
            "arguments": {"urls": urls, **arguments},
        }
        worker.stdin.write(json.dumps(job) + "\n")
        worker.stdin.flush()
        too_long = threading.Timer(within_seconds, worker.kill)
        too_long.start()
        line = worker.stdout.readline()
        too_long.cancel()
        assert line, f"The crawl ended the process, or did not end in {within_seconds} s."
        result = json.loads(line)
        assert "crash" not in result, result
        return Crawl(**result)

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
