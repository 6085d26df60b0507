"""The one door to the network."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers import http11
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.web._newclient import HEADER, STATUS

from opera_spiders.politeness.delay import PART_OF_VISIT, pacer_of
from opera_spiders.politeness.failures import HOST_FAILURES, HeadTooLarge, failure_kind
from opera_spiders.politeness.guard import ForbiddenAddress, GuardedResolver
from opera_spiders.politeness.retry_after import BackOff
from opera_spiders.urls import host_port

MAX_HEAD_BYTES = 256 * 1024  # status line and headers of one answer; a browser takes about as much


class _BoundedParser(http11._LenientHTTPClientParser):
    """Twisted bounds one line of a head, and neither their number nor interim answers (1xx)."""

    head_bytes = 0

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self.state in (STATUS, HEADER):
            self.head_bytes += len(data)
            if self.head_bytes > MAX_HEAD_BYTES:
                raise HeadTooLarge(f"its status line and headers are longer than {MAX_HEAD_BYTES} bytes")


class _BoundedProtocol(http11._LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        answer = super().request(request)
        assert self._parser is not None
        # Twisted names the class in its own request(), and Scrapy replaces it like this.
        self._parser.__class__ = _BoundedParser
        return answer


class _BoundedFactory(http11._LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler, behind the pacer and in front of the guarded resolver.

    Scrapy's delay, AutoThrottle, retries, redirects and our own robots.txt, sitemap and browser requests all end here,
    so here the floor between two requests and every suspension hold for all of them. A suspension begins before the
    next turn does. What the HTTP cache answers never comes here.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Twisted repeats a request at once, unseen, when a kept connection breaks.
        self._pool.retryAutomatically = False
        self._pool._factory = _BoundedFactory
        assert crawler.stats is not None
        self.stats = crawler.stats
        self.pacer = pacer_of(crawler)
        self.back_off = BackOff.from_crawler(crawler)

    async def download_request(self, request: Request) -> Response:
        """Wait for the house's turn, then fetch.

        :raises ForbiddenAddress: the name leads to forbidden addresses only
        :raises HostLeft: the host is left for this crawl
        """
        async with self.pacer.turn(host_port(request.url), is_spaced=not request.meta.get(PART_OF_VISIT)):
            try:
                response = await super().download_request(request)
            except CannotResolveHostError as error:
                if (refusal := _refusal(request)) is not None:
                    raise ForbiddenAddress(refusal) from error
                raise
            except DownloadCancelledError:
                self.stats.inc_value("opera/requests/too_large")
                raise
            except HOST_FAILURES as error:
                self.stats.inc_value(f"opera/requests/{failure_kind(error)}")
                self.back_off.failed(request, error)
                raise
            self.back_off.answered(request, response)
            return response


def _refusal(request: Request) -> str | None:
    # Importing the reactor installs one: not before Scrapy has.
    from twisted.internet import reactor  # noqa: PLC0415

    resolver = getattr(reactor, "nameResolver", None)
    if not isinstance(resolver, GuardedResolver):
        return None
    return resolver.refusals.get(urlparse_cached(request).hostname or "")
