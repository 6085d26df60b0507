"""Last station: answers and errors."""

from __future__ import annotations

import logging
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.statscollectors import StatsCollector

from opera_spiders.extensions.crawl_extractor import CrawlExtractor
from opera_spiders.extensions.database import Database
from opera_spiders.items import ExtractedPage
from opera_spiders.warehouse import store

logger = logging.getLogger(__name__)


class StoreExtractions:
    """Writes what was read, or why nothing could be read, to ``staging.stg_llm_extractions``."""

    def __init__(self, database: Database, stats: StatsCollector) -> None:
        self.database = database
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's database."""
        database = Database.of(crawler)
        if database.engine is None or CrawlExtractor.of(crawler) is None:
            raise NotConfigured
        assert crawler.stats is not None
        return cls(database, crawler.stats)

    async def process_item(self, item: ExtractedPage) -> ExtractedPage:
        """Return the page unchanged."""
        assert item.page_id is not None
        async with self.database.begin() as connection:
            await store.save_extraction(connection, item.page_id, item.extraction)
        if item.extraction.error is not None:
            logger.warning("%s was not extracted: %s", item.page.url, item.extraction.error)
        self.stats.inc_value("opera/extractions/stored")
        return item
