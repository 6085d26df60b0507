"""One crawl in a process of its own; prints what it took as JSON: ``python -m benchmarks.throughput.crawl MODE PORT``."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import scrapy
from scrapy import signals
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

MODES = {
    "bare": "a bare Scrapy spider that follows links",
    "unstored": "our spider and settings, no pipelines",
    "staged": "the full chain, PostgreSQL, extraction off",
    "extracted": "the full chain, PostgreSQL, rules",
}
_LOCAL: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "LOG_LEVEL": "ERROR",
    "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32",
    "OPERA_CONTACT": "benchmark@example.org",
}
_OF_MODE: dict[str, dict[str, Any]] = {
    "unstored": {"ITEM_PIPELINES": {}, "OPERA_DATABASE": "off", "OPERA_EXTRACTION": "off"},
    "staged": {"OPERA_EXTRACTION": "off"},
    "extracted": {},
}


class BareSpider(scrapy.Spider):
    """Follows every link of its host, as Scrapy's tutorial does; its settings are Scrapy's own."""

    name = "bare"

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.allowed_domains = [domain.partition(":")[0]]
        self.first = f"http://{domain}/"
        self.links = LinkExtractor()

    async def start(self) -> AsyncIterator[scrapy.Request]:
        yield scrapy.Request(self.first)

    def parse(self, response: Response) -> Any:
        for link in self.links.extract_links(response):
            yield scrapy.Request(link.url)


def main(mode: str, port: int) -> None:
    """Crawl, and print pages, seconds, CPU seconds and peak memory of this process and of those it started."""
    if mode == "bare":
        settings = Settings({"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False})
    else:
        settings = get_project_settings()
        settings.setdict({**_LOCAL, **_OF_MODE[mode]}, priority="cmdline")
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(BareSpider if mode == "bare" else "opera")
    times: dict[str, float] = {}
    # From the first request to the end: importing and connecting are not what is measured.
    crawler.signals.connect(
        lambda: times.setdefault("first", _now(times)), signals.request_reached_downloader, weak=False
    )
    house = f"127.0.0.1:{port}"
    given = {"domain": house} if mode == "bare" else {"domain": house, "seeds": f"http://{house}/"}
    process.crawl(crawler, **given)
    process.start()
    stats = crawler.stats.get_stats()
    cpu = time.process_time() + _children_cpu()
    print(
        json.dumps(
            {
                "pages": stats.get("opera/pages/fetched") or stats.get("response_received_count"),
                "stored": stats.get("opera/extractions/stored") or stats.get("opera/pages/staged"),
                "seconds": time.monotonic() - times["first"],
                "cpu_seconds": cpu - times["cpu"],
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "workers_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
                "errors": {k: v for k, v in stats.items() if "error" in k or k.endswith(("/lost", "/failed"))},
            }
        )
    )


def _now(times: dict[str, float]) -> float:
    times.setdefault("cpu", time.process_time())
    return time.monotonic()


def _children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
