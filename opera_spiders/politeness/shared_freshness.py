"""Freshness across nodes: what another node was told is asked for as seldom as what this one was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol, Self
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcache import HttpCacheMiddleware
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.statscollectors import StatsCollector

from opera_spiders.config import Config
from opera_spiders.extensions.crawl_memory import CrawlMemory
from opera_spiders.politeness.browser import FOR_BROWSER
from opera_spiders.politeness.cache import DurableCacheStorage
from opera_spiders.politeness.delay import PART_OF_VISIT
from opera_spiders.politeness.rendering import RENDERED
from opera_spiders.politeness.rights import IS_ABOUT_RIGHTS
from opera_spiders.politeness.robots import IS_ROBOTS_TXT, MAX_AGE_SECONDS
from opera_spiders.warehouse.store import KnownAnswer

#: Request.meta: (checksum, sitemap lastmod) of the page as last staged.
KNOWN = "opera_known"
#: Request.meta of a request for a sitemap.
IS_SITEMAP = "opera_is_sitemap"

#: Whose answers are kept whole; pages are staged.
_DOCUMENTS = (IS_ROBOTS_TXT, IS_ABOUT_RIGHTS, IS_SITEMAP)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_THERE = frozenset({404, 410})
_MAX_BODY_BYTES = 8 * 1024 * 1024  # of a sitemap as sent; larger ones each node asks for itself
# Of a page as sent; staged content is decoded. Other answers are kept as sent.
_TRANSFER_HEADERS = ("content-encoding", "content-length", "transfer-encoding")


class NotKept(IgnoreRequest):
    """The page is fresh, or has not changed, but its content is not kept: what it links to is in staging."""


class SaysUnchanged(Protocol):
    """What the spider's ``lastmods`` offers."""

    def is_unchanged(self, url: str, printed_before: str | None, last_seen_at: datetime) -> bool:
        """Tell whether the sitemap may be believed that ``url`` has not changed."""


class SharedFreshnessMiddleware:
    """Answers from staging what any node has seen within the TTL, and makes other requests conditional.

    Stands before the HTTP cache, which answers first where it is fresh. A page comes back as it was staged: its links
    are followed, its rights are decided about, and it is extracted where the configured extractor has not read it.
    robots.txt, sitemaps, statements about rights, redirects and what is not there come from ``staging.site_answers``.

    A page that a browser drew is fresh like others; after the TTL it is asked for without validators: those belong to
    the shell, and an unchanged shell says nothing about the data its scripts load.
    """

    def __init__(
        self,
        crawler: Crawler,
        memory: CrawlMemory,
        stats: StatsCollector,
        ttl_seconds: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.crawler = crawler
        self.memory = memory
        self.stats = stats
        self.ttl_seconds = ttl_seconds
        self.now = now
        self._asked: WeakKeyDictionary[Request, KnownAnswer] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Share the crawl's memory."""
        memory = CrawlMemory.of(crawler)
        if not memory.is_on:
            raise NotConfigured
        assert crawler.stats is not None
        return cls(crawler, memory, crawler.stats, Config.from_settings(crawler.settings).opera_page_ttl_seconds)

    async def process_request(self, request: Request) -> Response | None:
        """Answer what is fresh; name what is known of the rest.

        :raises NotKept: it is fresh, and its content is not kept
        """
        # A redirect copies both from the request before it.
        request.meta.pop("download_latency", None)
        request.meta.pop(KNOWN, None)
        if request.method != "GET" or request.meta.get(FOR_BROWSER) or request.meta.get(PART_OF_VISIT):
            return None
        cached_at = self._cached_at(request)
        ttl_seconds = self._ttl_seconds(request)
        if cached_at is not None and 0 <= (self.now() - cached_at).total_seconds() < ttl_seconds:
            return None
        known = await self.memory.known_answer(request.url)
        if known is None or self._is_licensed_since(known):
            return None
        if known.page_checksum is not None:
            request.meta[KNOWN] = (known.page_checksum, known.sitemap_lastmod)
        if 0 <= (self.now() - known.last_seen_at).total_seconds() < ttl_seconds:
            return self._replay(request, known, "opera/saved/requests")
        if self._is_unchanged(request, known):
            self.stats.inc_value("opera/saved/requests_by_lastmod")
            return self._replay(request, known, "opera/saved/requests")
        if cached_at is None and not known.rendered:
            for header, value in (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified)):
                if value is not None:
                    request.headers[header] = value
                    self._asked[request] = known
        return None

    async def process_response(self, request: Request, response: Response) -> Response:
        """Put what is known in the place of a 304, keep what is no page, and count what was saved."""
        known = self._asked.pop(request, None)
        is_told = "download_latency" in request.meta
        if response.status == 304 and known is not None:
            if known.page_checksum is not None and known.body is None:
                await self.memory.confirm_page(request.url)
            response = self._replay(request, known, None, response.headers)
        elif "cached" in response.flags and not is_told and "staged" not in response.flags:
            self.stats.inc_value("opera/saved/requests")
            self.stats.inc_value("opera/saved/bytes", len(response.body))
        if is_told:
            if "cached" in response.flags:
                self.stats.inc_value("opera/saved/transfers")
                self.stats.inc_value("opera/saved/bytes", len(response.body))
            await self._remember(request, response)
        return response

    def _replay(self, request: Request, known: KnownAnswer, stat: str | None, told: Headers | None = None) -> Response:
        """Return what is known as a response.

        :param stat: counted for a request that is not made
        :param told: the headers of a 304
        :raises NotKept: its content is not kept
        """
        if stat is not None:
            self.stats.inc_value(stat)
            self.stats.inc_value("opera/saved/bytes", len(known.body or b""))
            request.meta["cache_timestamp"] = known.last_seen_at.timestamp()
        if known.body is None:
            raise NotKept("It has not changed, and its content is not kept.")
        not_ours = _TRANSFER_HEADERS if known.page_checksum is not None else ()
        headers = Headers({name: value for name, value in known.response_headers.items() if name not in not_ours})
        for name, value in (("ETag", known.etag), ("Last-Modified", known.last_modified)):
            if newest := value if told is None else told.get(name, value):
                headers[name] = newest
        cls = responsetypes.from_args(headers=headers, url=request.url, body=known.body)
        if known.rendered:
            request.meta[RENDERED] = True
        encoding: dict[str, Any] = {"encoding": "utf-8"} if known.is_text else {}
        return cls(
            request.url,
            status=known.status_code,
            headers=headers,
            body=known.body,
            flags=["cached", "staged"],
            request=request,
            **encoding,
        )

    async def _remember(self, request: Request, response: Response) -> None:
        is_document = response.status == 200 and any(request.meta.get(kind) for kind in _DOCUMENTS)
        if response.status in _REDIRECTS or response.status in _NOT_THERE:
            body = b""
        elif is_document and len(response.body) <= _MAX_BODY_BYTES:
            body = response.body
        else:
            return
        await self.memory.remember_answer(request.url, response.status, _plain(response.headers), body)

    def _cached_at(self, request: Request) -> datetime | None:
        cache = self.crawler.get_downloader_middleware(HttpCacheMiddleware)
        if cache is None or not isinstance(cache.storage, DurableCacheStorage) or request.meta.get("dont_cache"):
            return None
        assert self.crawler.spider is not None
        return cache.storage.kept_at(self.crawler.spider, request)

    def _ttl_seconds(self, request: Request) -> int:
        return min(self.ttl_seconds, MAX_AGE_SECONDS) if request.meta.get(IS_ROBOTS_TXT) else self.ttl_seconds

    def _is_licensed_since(self, known: KnownAnswer) -> bool:
        """Tell whether the company's row now records a licence for content that was not kept for want of one."""
        company = getattr(self.crawler.spider, "company", None)
        return known.body is None and getattr(company, "licence_note", None) is not None

    def _is_unchanged(self, request: Request, known: KnownAnswer) -> bool:
        lastmods: SaysUnchanged | None = getattr(self.crawler.spider, "lastmods", None)
        return (
            lastmods is not None
            and known.page_checksum is not None
            and not known.rendered
            and lastmods.is_unchanged(request.url, known.sitemap_lastmod, known.last_seen_at)
        )


def _plain(headers: Headers) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in headers.items()
        if name.decode("latin-1").lower() not in ("set-cookie", "set-cookie2")
    }
