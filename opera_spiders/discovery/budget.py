"""``max_pages``, to the page: no request is sent for a page that could not be kept."""

from __future__ import annotations

import asyncio
from typing import Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

#: Request.meta of a request that is meant to bring a page, not a sitemap or robots.txt.
IS_PAGE = "opera_is_page"


class PageBudget:
    """Counts pages, and the answers of which it is not yet known whether they are pages.

    :param max_pages: None for no limit
    """

    def __init__(self, max_pages: int | None) -> None:
        self.max_pages = max_pages
        self.fetched = 0
        self._undecided = 0
        self._decided = asyncio.Event()

    @property
    def is_spent(self) -> bool:
        """Tell whether no further page may be fetched."""
        return self.max_pages is not None and self.fetched >= self.max_pages

    async def admits(self) -> bool:
        """Tell whether one more request may be sent, waiting while an earlier answer may still be the last page."""
        while self.max_pages is not None and not self.is_spent and self.fetched + self._undecided >= self.max_pages:
            self._decided.clear()
            await self._decided.wait()
        return not self.is_spent

    def answered(self) -> None:
        """Note an answer that may be a page."""
        self._undecided += 1

    def decide(self, *, is_page: bool) -> None:
        """Note whether an answer was a page."""
        self._undecided -= 1
        self.fetched += is_page
        self._decided.set()


class PageBudgetMiddleware:
    """Holds page requests back until the spider's ``budget`` admits them.

    Exact because one request at a time is under way (``CONCURRENT_REQUESTS = 1``).
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for answers, which are counted before the next request is taken."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.response_received, signal=signals.response_received)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Let the request pass, or drop it when the budget is spent."""
        budget = getattr(self.crawler.spider, "budget", None)
        if budget is not None and request.meta.get(IS_PAGE) and not await budget.admits():
            raise IgnoreRequest("max_pages is reached.")

    def response_received(self, response: Response, request: Request, spider: Spider) -> None:
        """Count the answer to a page request as undecided."""
        budget = getattr(spider, "budget", None)
        if budget is not None and request.meta.get(IS_PAGE):
            budget.answered()
