"""Third station: from a page to checked facts."""

from __future__ import annotations

import os
import socket
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.statscollectors import StatsCollector

from opera_spiders.companies import company_of
from opera_spiders.config import Config
from opera_spiders.errors import ExtractorUnusableError
from opera_spiders.extensions.crawl_extractor import CrawlExtractor
from opera_spiders.extensions.database import Database
from opera_spiders.extraction.extractor import Extractor, PageToExtract
from opera_spiders.items import ExtractedPage, StagedPage
from opera_spiders.warehouse import store


class ExtractPages:
    """Reads each page once. It is claimed first, so that no two processes pay for the same page.

    A page that cannot be read is no failure of the crawl: it goes on with its error.

    :param lease_seconds: how long a claim keeps others away should this process die
    """

    def __init__(
        self, database: Database, extractor: Extractor, stats: StatsCollector, lease_seconds: int = 900
    ) -> None:
        self.database = database
        self.extractor = extractor
        self.stats = stats
        self.lease_seconds = lease_seconds
        self.worker = f"{socket.gethostname()}:{os.getpid()}"

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's database and extractor; a lease outlasts a few attempts of the model."""
        assert crawler.stats is not None
        extractor = CrawlExtractor.of(crawler)
        if extractor is None:
            raise NotConfigured
        timeout_seconds = Config.from_settings(crawler.settings).opera_llm_timeout_seconds
        return cls(
            Database.of(crawler),
            extractor,
            crawler.stats,
            lease_seconds=round(timeout_seconds * 5) + 300,
        )

    async def process_item(self, item: StagedPage) -> ExtractedPage:
        """Return the page with what was read from it.

        :raises DropItem: its rights are reserved, another process reads it or has read it, or no page can be read
        """
        page = item.page
        if page.rights.get("decision") == "reserved":
            self.stats.inc_value("opera/pages/withheld")
            raise DropItem(f"Its rights are reserved ({page.rights.get('reason', 'no reason given')}).")
        if not await self._claim(item):
            self.stats.inc_value("opera/pages/claimed_elsewhere")
            raise DropItem("Another process reads it, or has read it.")
        try:
            extraction = await self.extractor.extract(_to_extract(item))
        except ExtractorUnusableError:
            self.stats.inc_value("opera/pages/left_pending")
            raise DropItem("The extractor can read no page; it stays pending.") from None
        self.stats.inc_value("opera/pages/extracted" if extraction.error is None else "opera/pages/failed")
        return ExtractedPage(page, item.page_id, extraction)

    async def _claim(self, item: StagedPage) -> bool:
        if self.database.engine is None or item.page_id is None:
            return True
        version, model = self.extractor.extraction_version, self.extractor.llm_model
        async with self.database.begin() as connection:
            return await store.needs_extraction(connection, item.page_id, version, model) and await store.claim_page(
                connection, item.page_id, version, self.worker, self.lease_seconds
            )


def _to_extract(item: StagedPage) -> PageToExtract:
    page = item.page
    company = company_of(page.company_domain)
    return PageToExtract(
        blocks=page.blocks,
        fetched_at=page.fetched_at,
        company_domain=page.company_domain,
        language=page.language or (company.page_language if company is not None else None),
        page_type=page.page_type,
        page_id=item.page_id,
        crawl_run_id=page.crawl_run_id,
    )
