"""Runs crawls for the measurement, one JSON line in, one out."""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.project import get_project_settings

from benchmarks.synthetic_web.programme import TODAY
from benchmarks.synthetic_web.server import HERE, NAMES
from tests.crawl_process import serve_crawls

#: What a real crawl has and a measurement of its order has not: the pause between requests, a database, extraction.
SETTINGS: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "RETRY_TIMES": 0,
    "CLOSESPIDER_PAGECOUNT": 1500,  # as the peers have it: a crawl that does not end by itself is over every bound
    "ITEM_PIPELINES": {},
    "OPERA_DATABASE": "off",
    "OPERA_CONTACT": "benchmark@example.org",
    "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32",
}


async def _crawl(job: dict[str, Any]) -> dict[str, Any]:
    if job["crawler"] == "opera":
        settings = get_project_settings()
        settings.setdict({**SETTINGS, **job.get("settings", {})}, priority="cmdline")
        crawler = AsyncCrawlerRunner(settings).create_crawler("opera")
        arguments = {
            "domain": job["domain"],
            "seeds": f"http://{job['domain']}/",
            "today": date.fromisoformat(str(TODAY)),
            **job["arguments"],
        }
    else:
        from scrapy.settings import Settings

        from benchmarks.synthetic_web.peers import PEER_SETTINGS, PEERS

        crawler = AsyncCrawlerRunner(Settings({**PEER_SETTINGS, **job.get("settings", {})})).create_crawler(
            PEERS[job["crawler"]]
        )
        arguments = {"domain": job["domain"]}
    runner = AsyncCrawlerRunner(crawler.settings)
    await asyncio.wait([asyncio.ensure_future(_finished(runner.crawl(crawler, **arguments)))])
    return {"stats": crawler.stats.get_stats() if crawler._stats is not None else {}}


async def _finished(crawl: Any) -> None:
    await crawl


class _HousesHere:
    """Leads the names of houses to this machine, as its address leads there."""

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any) -> Any:
        """Answer as Twisted wants it."""
        from twisted.internet._resolver import HostResolution
        from twisted.internet.address import IPv4Address

        resolution = HostResolution(host)
        receiver.resolutionBegan(resolution)
        if host == HERE or host.endswith(NAMES):
            receiver.addressResolved(IPv4Address("TCP", HERE, port))
        receiver.resolutionComplete()
        return resolution


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    project = get_project_settings()
    project.setdict(SETTINGS, priority="cmdline")
    serve_crawls(_crawl, project, _HousesHere())
