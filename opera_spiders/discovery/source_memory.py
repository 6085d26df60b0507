"""The source that was the cheapest in the last crawl of a company, on whatever node it ran."""

from __future__ import annotations

import logging
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from sqlalchemy.exc import SQLAlchemyError

from opera_spiders.discovery.source_choice import SourceChoice
from opera_spiders.errors import OperaError
from opera_spiders.extensions.database import Database
from opera_spiders.warehouse import store

logger = logging.getLogger(__name__)

#: Key of ``staging.host_state.details``.
DETAILS_KEY = "source"


class SourceMemory:
    """Gives the spider's ``choice`` what the last crawl found, and keeps what this one finds.

    What is kept is in ``staging.host_state.details``: ``{"source": {"chosen": …, "data": {address: facts}, …}}``.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for the crawl's begin and end."""
        memory = cls(Database.of(crawler))
        crawler.signals.connect(memory.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(memory.spider_closed, signal=signals.spider_closed)
        return memory

    async def spider_opened(self, spider: Spider) -> None:
        """Let the crawl begin where the last one ended."""
        if self.database.engine is None or not isinstance(getattr(spider, "choice", None), SourceChoice):
            return
        try:
            async with self.database.begin() as connection:
                remembered = await store.host_memory(connection, spider.domain)  # type: ignore[attr-defined]
        except (OperaError, SQLAlchemyError):
            return  # the ledger says so, and ends the crawl
        spider.choice = SourceChoice.from_details(remembered.details.get(DETAILS_KEY))  # type: ignore[attr-defined]

    async def spider_closed(self, spider: Spider) -> None:
        """Keep the choice, unless the crawl ended before it could be made."""
        choice = getattr(spider, "choice", None)
        if self.database.engine is None or not isinstance(choice, SourceChoice) or choice.known:
            return
        details = {DETAILS_KEY: choice.to_details()}
        try:
            async with self.database.begin() as connection:
                await store.remember_host(connection, spider.domain, details=details)  # type: ignore[attr-defined]
        except (OperaError, SQLAlchemyError):
            return  # likewise
        logger.info("%s: facts come from %s", spider.domain, choice.chosen)  # type: ignore[attr-defined]
