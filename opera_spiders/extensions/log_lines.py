"""One line for each page in the log, never its content."""

from __future__ import annotations

import logging
from typing import Any

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from opera_spiders.errors import DatabaseError


class LogLines(LogFormatter):
    """Scrapy's log lines with the address of a page in place of the page."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        """Name the page that has passed all stations."""
        return {"level": logging.DEBUG, "msg": "Done with %(url)s", "args": {"url": _url(item)}}

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Name the page that goes no further, and why."""
        line = super().dropped(item, exception, response, spider)
        return {"level": line["level"], "msg": "%(url)s: %(why)s", "args": {"url": _url(item), "why": exception}}

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        """Name the page that is lost to this run; the traceback follows.

        That the database is gone has been said once, with what to do; it needs no traceback for each page.
        """
        return {
            "level": logging.DEBUG if isinstance(exception, DatabaseError) else logging.ERROR,
            "msg": "%(url)s was fetched but could not be processed; it goes no further",
            "args": {"url": _url(item)},
        }


def _url(item: Any) -> str:
    page = getattr(item, "page", item)
    return str(getattr(page, "url", type(item).__name__))
