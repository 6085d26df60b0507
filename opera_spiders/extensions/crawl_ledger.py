"""The record of every crawl: when, with what arguments, how it ended and why."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from sqlalchemy.exc import SQLAlchemyError

from opera_spiders.errors import OperaError
from opera_spiders.extensions.database import Database
from opera_spiders.extensions.page_feed import PageFeed
from opera_spiders.outcomes import GOOD, LEAST_SHARE, RESUMED, Outcome, decide, pages_of
from opera_spiders.warehouse import store

logger = logging.getLogger(__name__)


class CrawlLedger:
    """Opens and closes the crawl's row in ``staging.crawl_runs`` and decides its outcome.

    ``outcome`` and ``reason`` are set when the spider has closed; the ``crawl`` command reads them.
    """

    def __init__(self, crawler: Crawler, database: Database) -> None:
        self.crawler = crawler
        self.database = database
        self.outcome: Outcome | None = None
        self.reason = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for the crawl's begin and end."""
        ledger = cls(crawler, Database.of(crawler))
        crawler.signals.connect(ledger.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(ledger.spider_error, signal=signals.spider_error)
        crawler.signals.connect(ledger.item_error, signal=signals.item_error)
        crawler.signals.connect(ledger.spider_closed, signal=signals.spider_closed)
        return ledger

    async def spider_opened(self, spider: Spider) -> None:
        """Open the row; a crawl that cannot be recorded does not begin."""
        # Requests that wait before the first was made are those that an earlier run left (JOBDIR).
        assert self.crawler.engine is not None
        assert self.crawler.stats is not None
        slot = self.crawler.engine._slot
        if slot is not None and slot.scheduler.has_pending_requests():
            self.crawler.stats.set_value(RESUMED, True)
        run_id = getattr(spider, "run_id", None)
        if self.database.engine is None or run_id is None:
            return
        arguments: dict[str, Any] = getattr(spider, "arguments", {})
        try:
            async with self.database.begin() as connection:
                await store.start_crawl_run(connection, run_id, _domain(spider), arguments, datetime.now(UTC))
        except (OperaError, SQLAlchemyError) as error:
            self._note_failure(error)
            raise CloseSpider(Outcome.FAILED) from error

    def spider_error(self) -> None:
        """Count a page that our code could not handle."""
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("opera/pages/lost")

    def item_error(self) -> None:
        """Count a page that a pipeline could not handle."""
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("opera/pages/lost")

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Decide the outcome, once it is known whether the feed was stored, and close the row."""
        assert self.crawler.stats is not None
        feed = self.crawler.get_extension(PageFeed)
        if feed is not None:
            await feed.closed.wait()
        stats = self.crawler.stats.get_stats()
        self.outcome, self.reason = decide(reason, stats)
        run_id = getattr(spider, "run_id", None)
        if self.database.engine is None or run_id is None:
            return
        least_share = self.crawler.settings.getfloat("OPERA_LEAST_SHARE", LEAST_SHARE)
        try:
            async with self.database.begin() as connection:
                if self.outcome is Outcome.FINISHED and RESUMED not in stats:
                    arguments: dict[str, Any] = getattr(spider, "arguments", {})
                    before = await store.counts_of_last_run(connection, _domain(spider), arguments, GOOD, RESUMED)
                    self.outcome, self.reason = decide(reason, stats, pages_of(before), least_share)
                await store.finish_crawl_run(
                    connection, run_id, self.outcome, self.reason, datetime.now(UTC), _as_json(stats)
                )
        except (OperaError, SQLAlchemyError) as error:
            self._note_failure(error)
            self.outcome, self.reason = decide(reason, self.crawler.stats.get_stats())

    def _note_failure(self, error: Exception) -> None:
        assert self.crawler.stats is not None
        stat = f"opera/outcome/{Outcome.FAILED}"
        if self.crawler.stats.get_value(stat) is None:
            self.crawler.stats.set_value(stat, f"the crawl could not be recorded: {error}")


def _domain(spider: Spider) -> str:
    return str(getattr(spider, "domain", spider.name))


def _as_json(stats: dict[str, Any]) -> dict[str, Any]:
    """Return the stats as JSON has them; times become ISO 8601."""
    return {
        name: value if isinstance(value, int | float | str | bool | None) else str(value)
        for name, value in sorted(stats.items())
    }
