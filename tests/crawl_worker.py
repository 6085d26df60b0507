"""Runs crawls of the real spider with the project's settings, one JSON line in, one out.

A reactor lives once per process, and tests are many. With TEST_EXTRACTION_VERSION the extractor is one that reads
nothing and fails where the page says so; TEST_OTHER_DOMAINS lists more domains of the company.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import date
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.utils.project import get_project_settings

from tests.crawl_process import serve_crawls
from tests.politeness.crawl_worker import StandInResolver

FAST_SETTINGS: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "OPERA_DATABASE": "off",
    "OPERA_CONTACT": "tests@example.org",
    "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32",
    "OPERA_BACKOFF_SECONDS": 0.01,
    "RETRY_TIMES": 0,
}


def extractor_extension() -> type:
    """Return the extension that stands in for CrawlExtractor; imported late, as it brings the reactor's users."""
    from opera_spiders.extensions.crawl_extractor import CrawlExtractor
    from opera_spiders.extraction.extractor import Extraction, PageToExtract

    class TestExtractor:
        """Fails on pages that say so."""

        llm_model = "rules"

        def __init__(self, version: str) -> None:
            self.extraction_version = version

        async def extract(self, page: PageToExtract) -> Extraction:
            text = " ".join(block.text for block in page.blocks.blocks)
            if "cannot be extracted" in text:
                return Extraction(self.extraction_version, "rules", error="The page says it cannot be extracted.")
            return Extraction(self.extraction_version, "rules", raw_response={"page_type": page.page_type})

        async def aclose(self) -> None:
            pass

    class CrawlTestExtractor(CrawlExtractor):
        @classmethod
        def from_crawler(cls, crawler: Crawler) -> Self:
            return cls(TestExtractor(crawler.settings["TEST_EXTRACTION_VERSION"]), crawler)

    return CrawlTestExtractor


def _register(domain: str, other_domains: list[str]) -> None:
    """Add a company to this process's registry."""
    from opera_spiders import companies

    company = replace(companies.Company.provisional(domain), other_domains=tuple(other_domains), is_registered=True)
    companies._by_domain().update(dict.fromkeys(company.domains, company))


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")
        if record.exc_info:
            self.lines.append(logging.Formatter().formatException(record.exc_info))


async def _crawl(job: dict[str, Any]) -> dict[str, Any]:
    from opera_spiders.commands.crawl import ending

    settings = get_project_settings()
    settings.setdict({**FAST_SETTINGS, **job.get("settings", {})}, priority="cmdline")
    if settings.get("TEST_EXTRACTION_VERSION"):
        extensions = settings.getdict("EXTENSIONS")
        extensions.pop("opera_spiders.extensions.crawl_extractor.CrawlExtractor")
        settings.set("EXTENSIONS", {**extensions, extractor_extension(): 200}, priority="cmdline")
    if others := settings.get("TEST_OTHER_DOMAINS"):
        _register(job["arguments"]["domain"], others)
    runner = AsyncCrawlerRunner(settings)
    crawler = runner.create_crawler("opera")
    feed: list[dict[str, Any]] = []

    def item_scraped(item: Any) -> None:
        feed.append(item.to_feed())

    crawler.signals.connect(item_scraped, signal=signals.item_scraped)
    records = _Records()
    logging.getLogger().addHandler(records)
    arguments = job["arguments"]
    try:
        crawl = runner.crawl(crawler, today=date.fromisoformat(job["today"]), **arguments)
        await asyncio.wait([crawl])
    finally:
        logging.getLogger().removeHandler(records)
    outcome, line = ending(crawler, crawl)
    stats = crawler.stats.get_stats() if crawler._stats is not None else {}
    return {"outcome": outcome, "line": line, "stats": stats, "feed": feed, "log": records.lines}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, handlers=[logging.NullHandler()])
    project = get_project_settings()
    project.setdict(FAST_SETTINGS, priority="cmdline")
    serve_crawls(_crawl, project, StandInResolver())  # no name of a test is asked of anybody
