"""Second station: what the host said, before anything interprets it."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from opera_spiders.extensions.database import Database
from opera_spiders.items import FetchedPage, StagedPage
from opera_spiders.warehouse import store


class StagePages:
    """Writes each page to ``staging.stg_scraped_pages`` before anything interprets it.

    A database error is not caught: the page goes no further, so no page is extracted that is not also stored.
    Without a database pages pass as they are.
    """

    def __init__(self, database: Database, stats: StatsCollector) -> None:
        self.database = database
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the crawl's database."""
        assert crawler.stats is not None
        return cls(Database.of(crawler), crawler.stats)

    async def process_item(self, item: FetchedPage) -> StagedPage:
        """Return the page with the id of its version."""
        if self.database.engine is None:
            return StagedPage(item, page_id=None)
        async with self.database.begin() as connection:
            page_id = await store.save_page(connection, item)
        self.stats.inc_value("opera/pages/staged")
        return StagedPage(item, page_id)
