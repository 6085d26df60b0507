"""Pages drawn by JavaScript: recognised, drawn, and kept as long as others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.http import HtmlResponse, Response
from scrapy.statscollectors import StatsCollector

from opera_spiders.bounded import BoundExceededError
from opera_spiders.config import Config
from opera_spiders.extensions.reading import reading_of
from opera_spiders.politeness.browser import FOR_BROWSER, Browser, Drawing, find_chromium
from opera_spiders.politeness.rights import IS_ABOUT_RIGHTS, RIGHTS
from opera_spiders.politeness.robots import IS_ROBOTS_TXT
from opera_spiders.politeness.shells import is_shell

__all__ = ["RenderMiddleware", "find_chromium", "is_shell"]

logger = logging.getLogger(__name__)

#: Request.meta: the page was drawn by a browser · it should have been, and there is none.
RENDERED = "opera_rendered"
RENDER_MISSING = "opera_render_missing"
#: Request.meta: no browser is wanted · draw it, whatever the spider thinks of its data.
NEVER_DRAWN = "opera_never_drawn"
DRAW = "opera_draw"
#: Request.meta, set here: the spider left this shell undrawn · the JSON that a drawing's scripts loaded.
UNDRAWN = "opera_undrawn"
LOADED = "opera_loaded"

_LARGEST_SHELL_BYTES = 1024 * 1024


class RenderMiddleware:
    """Draws pages that need it: ``render`` of the spider is ``auto`` (recognise them), ``never`` or ``always``.

    With ``auto`` a spider that has ``async leaves_undrawn(request, response)`` is asked first: it may know data that
    says the same for one request.

    What was drawn is kept in the HTTP cache, apart from what was fetched, and fresh for as long: a shell that has not
    changed says nothing about the data its scripts load. Without a browser pages are staged as they are, and marked.
    """

    def __init__(
        self,
        crawler: Crawler,
        stats: StatsCollector,
        find: Callable[[], Path | None],
        timeout_seconds: float,
        ttl_seconds: int,
    ) -> None:
        self.crawler = crawler
        self.stats = stats
        self.find = find
        self.timeout_seconds = timeout_seconds
        self.ttl_seconds = ttl_seconds
        self.browser: Browser | None = None
        self.missing_because: str | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Look for no browser yet.

        :raises BadInputError: ``PLAYWRIGHT_CHROMIUM_PATH`` names no executable
        """
        config = Config.from_settings(crawler.settings)
        if config.playwright_chromium_path is not None:
            find_chromium(config.playwright_chromium_path)
        assert crawler.stats is not None
        middleware = cls(
            crawler,
            crawler.stats,
            lambda: find_chromium(config.playwright_chromium_path),
            crawler.settings.getfloat("OPERA_RENDER_TIMEOUT_SECONDS", 45),
            config.opera_page_ttl_seconds,
        )
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    async def spider_closed(self) -> None:
        """End the browser, if there was one."""
        if self.browser is not None:
            await self.browser.close()

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the page as its scripts draw it."""
        if not isinstance(response, HtmlResponse) or not await self._is_wanted(request, response):
            return response
        leaves_undrawn = getattr(self.crawler.spider, "leaves_undrawn", None)
        if self._mode == "auto" and leaves_undrawn is not None and await leaves_undrawn(request, response):
            request.meta[UNDRAWN] = True
            return response
        if (kept := self._kept(request, response)) is not None:
            request.meta[RENDERED] = True
            self.stats.inc_value("opera/pages/rendered_before")
            return kept
        drawing = await self._draw(response)
        if drawing is None:
            request.meta[RENDER_MISSING] = True
            request.meta.get(RIGHTS, {})["render_missing"] = True
            self.stats.inc_value("opera/pages/render_missing")
            return response
        request.meta[RENDERED] = True
        request.meta[LOADED] = drawing.loaded
        self.stats.inc_value("opera/pages/rendered")
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        drawn = response.replace(
            body=drawing.html.encode("utf-8", errors="replace"), encoding="utf-8", flags=[*response.flags, "rendered"]
        )
        if (cache := self._cache()) is not None:
            cache.storage.store_response(self.crawler.spider, _key(request), drawn)
        return drawn

    @property
    def _mode(self) -> str:
        return str(getattr(self.crawler.spider, "render", "auto"))

    async def _is_wanted(self, request: Request, response: HtmlResponse) -> bool:
        return (
            self._mode != "never"
            and response.status == 200
            and request.method == "GET"
            # Another node has drawn it, and it is fresh (shared_freshness.py).
            and not request.meta.get(RENDERED)
            and not any(request.meta.get(key) for key in (IS_ROBOTS_TXT, IS_ABOUT_RIGHTS, FOR_BROWSER, NEVER_DRAWN))
            and request.meta.get(RIGHTS, {}).get("decision") != "reserved"
            and (self._mode == "always" or await self._is_shell(response))
        )

    async def _is_shell(self, response: HtmlResponse) -> bool:
        if len(response.body) > _LARGEST_SHELL_BYTES:
            return False
        try:
            return await reading_of(self.crawler).run(is_shell, response.text)
        except BoundExceededError:
            return False  # the reading of the page will say so

    async def _draw(self, response: HtmlResponse) -> Drawing | None:
        if self.browser is None and self.missing_because is None:
            if (executable := self.find()) is None:
                self._do_without("no Chromium was found")
            else:
                self.browser = Browser(self.crawler, executable, self.timeout_seconds)
        if self.browser is None or self.missing_because is not None:
            return None
        from playwright.async_api import Error  # noqa: PLC0415 (needed by few crawls)

        try:
            return await self.browser.draw(response)
        except (Error, TimeoutError) as error:
            first_line = str(error).partition("\n")[0]
            if self.browser.has_started:
                self.stats.inc_value("opera/pages/render_failed")
                logger.warning("%s is staged as it came: the browser did not draw it (%s)", response.url, first_line)
            elif self.missing_because is None:
                self._do_without(f"{self.browser.executable} does not start ({first_line})")
            return None

    def _do_without(self, why: str) -> None:
        self.missing_because = why
        logger.warning(
            "Pages drawn by JavaScript are staged as they come, mostly empty: %s. "
            "scripts/install_browser gets a Chromium; PLAYWRIGHT_CHROMIUM_PATH names yours.",
            why,
        )

    def _cache(self) -> HttpCacheMiddleware | None:
        return self.crawler.get_downloader_middleware(HttpCacheMiddleware)

    def _kept(self, request: Request, response: HtmlResponse) -> Response | None:
        """Return the page as drawn before, when what was fetched has not changed and the TTL is not over."""
        cache = self._cache()
        if cache is None or "cached" not in response.flags:
            return None
        key = _key(request)
        drawn: Response | None = cache.storage.retrieve_response(self.crawler.spider, key)
        if drawn is None or time.time() - key.meta["cache_timestamp"] >= self.ttl_seconds:
            return None
        return response.replace(body=drawn.body, encoding="utf-8", flags=[*response.flags, "rendered"])


def _key(request: Request) -> Request:
    """Return the request under which a drawn page is kept: another method makes another fingerprint."""
    return Request(request.url, method="RENDER")
