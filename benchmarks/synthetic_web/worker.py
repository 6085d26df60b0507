"""Runs crawls for the measurement, one JSON line in, one out: a reactor lives once per process, and crawls are many."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import date
from types import SimpleNamespace
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor

from benchmarks.synthetic_web.programme import TODAY

#: What a real crawl has and a measurement of its order has not: the pause between requests, a database, extraction.
SETTINGS: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "RETRY_TIMES": 0,
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


async def _serve() -> None:
    from twisted.internet import reactor

    from opera_spiders.politeness.guard import GuardedResolver

    try:
        settings = get_project_settings()
        settings.setdict(SETTINGS, priority="cmdline")
        GuardedResolver.from_crawler(SimpleNamespace(settings=settings), reactor).install_on_reactor()
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            try:
                result = await _crawl(json.loads(line))
            except Exception as error:  # the parent says which house it was
                logging.getLogger(__name__).exception("crawl failed")
                result = {"crash": repr(error)}
            sys.stdout.write(json.dumps(result, default=str) + "\n")
            sys.stdout.flush()
    finally:
        reactor.stop()


if __name__ == "__main__":
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    logging.basicConfig(level=logging.ERROR)
    reactor.callWhenRunning(lambda: Deferred.fromFuture(asyncio.ensure_future(_serve())))
    reactor.run()
