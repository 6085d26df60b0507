"""First station: pages that are already stored and read."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.statscollectors import StatsCollector

from opera_spiders.extensions.crawl_extractor import CrawlExtractor
from opera_spiders.extensions.database import Database
from opera_spiders.extraction.extractor import Extractor
from opera_spiders.items import FetchedPage
from opera_spiders.warehouse import store


class DropSeenPages:
    """Drops a page whose content is its URL's latest version and has been extracted; the sighting is recorded.

    Content that was there before another version is new again: it is compared with the latest version only. When
    extraction is off, it need not have been extracted.
    """

    def __init__(self, database: Database, extractor: Extractor | None, stats: StatsCollector) -> None:
        self.database = database
        self.extractor = extractor
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's database and extractor."""
        database = Database.of(crawler)
        if database.engine is None:
            raise NotConfigured
        assert crawler.stats is not None
        return cls(database, CrawlExtractor.of(crawler), crawler.stats)

    async def process_item(self, item: FetchedPage) -> FetchedPage:
        """Return the page if it is new, changed or not yet extracted.

        :raises DropItem: it is none of these
        """
        async with self.database.begin() as connection:
            latest = await store.latest_page(connection, item.company_domain, item.url)
            if latest is None or latest.checksum != item.blocks.checksum:
                return item
            if self.extractor is not None and await store.needs_extraction(
                connection, latest.page_id, self.extractor.extraction_version, self.extractor.llm_model
            ):
                return item
            await store.record_sighting(connection, latest.page_id, item)
        self.stats.inc_value("opera/pages/seen")
        self.stats.inc_value("opera/saved/extractor_calls")
        raise DropItem("Unchanged since it was last read.")
