"""Runs crawls of a probing spider, one JSON line in, one out: a reactor lives once per process, tests are many."""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any
from unittest.mock import patch

import psutil
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

from tests.crawl_process import serve_crawls
from tests.reading_processes import left_running

POLITE_SETTINGS: dict[str, Any] = {
    "DOWNLOAD_HANDLERS": {
        "http": "opera_spiders.politeness.handler.PoliteDownloadHandler",
        "https": "opera_spiders.politeness.handler.PoliteDownloadHandler",
        "file": None,
        "data": None,
        "ftp": None,
        "s3": None,
    },
    "TWISTED_DNS_RESOLVER": "opera_spiders.politeness.guard.GuardedResolver",
    "DOWNLOADER_MIDDLEWARES": {
        "opera_spiders.politeness.guard.GuardMiddleware": 40,
        "opera_spiders.politeness.delay.HouseMiddleware": 90,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "opera_spiders.politeness.robots.RobotsMiddleware": 100,
        "opera_spiders.politeness.rendering.RenderMiddleware": 570,
        "opera_spiders.politeness.rights.RightsMiddleware": 575,
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
        "opera_spiders.politeness.redirects.Refreshes": 580,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
        "opera_spiders.politeness.bounds.BoundsMiddleware": 590,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
        "opera_spiders.politeness.redirects.Redirects": 600,
        "opera_spiders.politeness.retry_after.RetryAfterMiddleware": 950,
    },
    "HTTPCACHE_ENABLED": False,
    "HTTPCACHE_POLICY": "opera_spiders.politeness.cache.TtlCachePolicy",
    "HTTPPROXY_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "ROBOTSTXT_USER_AGENT": "OperaResearchBot",
    "USER_AGENT": "OperaResearchBot/0 (+tests)",
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_DELAY_JITTER": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_TIMEOUT": 20,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32",
    "OPERA_BACKOFF_SECONDS": 0.01,
}

_PROGRESS_PAGES = 100


class ProbeSpider(Spider):
    """Fetches ``urls``, and with ``follow`` what they link to; remembers what came back.

    With ``weigh`` it remembers of each page no more than its size and what this process and its children then hold.
    """

    name = "probe"

    def __init__(self, urls: list[str], follow: bool = False, weigh: bool = False, **attributes: Any) -> None:
        super().__init__()
        self.urls = urls
        self.follow = follow
        self.weigh = weigh
        self.begun_at = time.monotonic()
        self.pages: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        for name, value in attributes.items():
            setattr(self, name, value)

    async def start(self) -> Any:
        for url in self.urls:
            yield Request(url, self.parse, errback=self.failed)

    def parse(self, response: Any) -> Any:
        if self.weigh:
            self.pages.append({"characters": len(response.text), **_weights()})
            if len(self.pages) % _PROGRESS_PAGES == 0:
                print(  # noqa: T201 (a long crawl is watched with -s)
                    f"{len(self.pages)} pages in {time.monotonic() - self.begun_at:.0f} s: "
                    f"{self.pages[-1]['all_mb']:.0f} MB in {self.pages[-1]['children']} processes beside this",
                    file=sys.stderr,
                    flush=True,
                )
            return
        self.pages.append(
            {
                "url": response.url,
                "status": response.status,
                "text": getattr(response, "text", None) if hasattr(type(response), "encoding") else None,
                "flags": response.flags,
                "meta": {key: value for key, value in response.meta.items() if key.startswith("opera_")},
            }
        )
        if self.follow:
            for href in response.css("a::attr(href)").getall():
                yield response.follow(href, self.parse, errback=self.failed)

    def failed(self, failure: Any) -> None:
        error = failure.value
        self.errors.append(
            {
                "url": failure.request.url,
                "error": type(error).__name__,
                "kind": getattr(error, "kind", None),
                "why": str(error),
            }
        )


def _weights() -> dict[str, float]:
    """Return what this process and its children hold, in MB, and how many children there are."""
    own = psutil.Process()
    children = own.children(recursive=True)
    held = []
    for process in (own, *children):
        with suppress(psutil.NoSuchProcess):
            held.append(process.memory_info().rss / 2**20)
    return {"own_mb": held[0], "all_mb": sum(held), "children": len(children)}


@contextmanager
def _largest_process(every_seconds: float = 0.2) -> Iterator[list[float]]:
    """Watch this process and its children; the list's one element is what the largest ever held, in MB."""
    largest, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(every_seconds):
            own = psutil.Process()
            for process in (own, *own.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    largest[0] = max(largest[0], process.memory_info().rss / 2**20)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield largest
    finally:
        ended.set()
        thread.join()


class StandInResolver:
    """Answers names with the addresses a test gives, one answer after the other; else as a C library without a network.

    That takes addresses however they are spelled: ``2130706433`` and ``0x7f.1`` are 127.0.0.1.
    """

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any) -> Any:
        from twisted.internet._resolver import HostResolution
        from twisted.internet.address import IPv4Address, IPv6Address

        resolution = HostResolution(host)
        receiver.resolutionBegan(resolution)
        answers = self.answers.get(host) or [_spelled(host)]
        for address in answers.pop(0) if len(answers) > 1 else answers[0]:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return resolution


def _spelled(host: str) -> list[str]:
    """Return the address that ``host`` is, if it is one."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        return [socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))]
    except (OSError, ValueError):
        return []


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")
        if record.exc_info:
            self.lines.append(logging.Formatter().formatException(record.exc_info))


async def _crawl(resolver: StandInResolver, job: dict[str, Any]) -> dict[str, Any]:
    from opera_spiders.politeness import browser, rendering

    records = _Records()
    logging.getLogger().addHandler(records)
    resolver.answers = job.get("names", {})
    try:
        with tempfile.TemporaryDirectory() as directory:
            settings = {**POLITE_SETTINGS, "HTTPCACHE_DIR": directory, **job.get("settings", {})}
            runner = AsyncCrawlerRunner(Settings(settings))
            crawler = runner.create_crawler(ProbeSpider)
            with (
                patch.multiple(browser, **job["browser"]) if job["browser"] else nullcontext(),
                patch.object(rendering, "find_chromium", lambda *_: None)
                if job["is_without_browser"]
                else nullcontext(),
                _largest_process() as largest,
            ):
                await runner.crawl(crawler, **job["arguments"])
    finally:
        logging.getLogger().removeHandler(records)
    assert isinstance(crawler.spider, ProbeSpider)
    assert crawler.stats is not None
    stats = crawler.stats.get_stats()
    return {
        "pages": crawler.spider.pages,
        "errors": crawler.spider.errors,
        "stats": stats,
        "reason": stats.get("finish_reason"),
        "log": records.lines,
        "largest_process_mb": largest[0],
        "children": left_running(),
    }


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG, handlers=[logging.NullHandler()])
    stand_in = StandInResolver()
    serve_crawls(partial(_crawl, stand_in), Settings(POLITE_SETTINGS), stand_in)
