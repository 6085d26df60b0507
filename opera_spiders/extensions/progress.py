"""How far a crawl is: a live line on a terminal, a plain line now and then otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import Self

from rich.console import Console
from rich.status import Status
from scrapy import Spider, signals
from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_LIVE_SECONDS = 0.5
_PLAIN_SECONDS = 30.0


class Progress:
    """Shows pages fetched, new, unchanged and failed, and how many requests wait."""

    def __init__(self, crawler: Crawler, *, is_live: bool) -> None:
        self.crawler = crawler
        self.is_live = is_live
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Be live on a terminal, unless the log goes elsewhere."""
        is_live = sys.stderr.isatty() and not crawler.settings["LOG_FILE"]
        progress = cls(crawler, is_live=is_live)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self, spider: Spider) -> None:
        """Begin to show."""
        self._task = asyncio.ensure_future(self._show_live(spider) if self.is_live else self._show_plain(spider))

    async def spider_closed(self, spider: Spider) -> None:
        """Show the end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        logger.info("%s", self.line(spider))

    def line(self, spider: Spider) -> str:
        """Return the state of the crawl in one line."""
        assert self.crawler.stats is not None
        stats = self.crawler.stats
        counts = {
            name: stats.get_value(f"opera/pages/{name}", 0) for name in ("fetched", "seen", "extracted", "failed")
        }
        waiting = stats.get_value("scheduler/enqueued", 0) - stats.get_value("scheduler/dequeued", 0)
        most = getattr(getattr(spider, "budget", None), "max_pages", None)
        of_most = f" of at most {most}" if most else ""
        return (
            f"{getattr(spider, 'domain', spider.name)}: {counts['fetched']} pages{of_most}, "
            f"{counts['extracted']} extracted, {counts['seen']} unchanged, {counts['failed']} failed, "
            f"{waiting} waiting"
        )

    async def _show_plain(self, spider: Spider) -> None:
        while True:
            await asyncio.sleep(_PLAIN_SECONDS)
            logger.info("%s", self.line(spider))

    async def _show_live(self, spider: Spider) -> None:
        terminal = sys.stderr
        with Status(self.line(spider), console=Console(stderr=True)) as status:
            handlers = [h for h in logging.root.handlers if getattr(h, "stream", None) is terminal]
            for handler in handlers:
                handler.setStream(sys.stderr)  # type: ignore[attr-defined]  # rich prints log lines above its own
            try:
                while True:
                    await asyncio.sleep(_LIVE_SECONDS)
                    status.update(self.line(spider))
            finally:
                for handler in handlers:
                    handler.setStream(terminal)  # type: ignore[attr-defined]
