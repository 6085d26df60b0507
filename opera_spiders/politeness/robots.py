"""robots.txt as RFC 9309 has it: asked before anything else, and nothing is fetched while it cannot be had."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.statscollectors import StatsCollector

from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.delay import HostLeft, pacer_of
from opera_spiders.politeness.endings import conclude, is_ending
from opera_spiders.politeness.failures import (
    FailureKind,
    RedirectRefused,
    failure_kind,
    failure_reason,
    outcome_of,
)
from opera_spiders.politeness.guard import ForbiddenAddress
from opera_spiders.politeness.robots_rules import MAX_BYTES, RobotsRules
from opera_spiders.urls import host_port

logger = logging.getLogger(__name__)

PRODUCT_TOKEN = "OperaResearchBot"  # noqa: S105 (a crawler's name)
#: Request.meta of the request for a robots.txt, which needs no permission, also after a redirect.
IS_ROBOTS_TXT = "opera_is_robots_txt"

MAX_AGE_SECONDS = 86_400  # RFC 9309 2.4
_ASK_AGAIN_SECONDS = 3_600
_MAX_CRAWL_DELAY_SECONDS = 300
_MAX_REDIRECTS = 10  # RFC 9309 2.3.1.2 asks for five at least


class RobotsDenied(IgnoreRequest):
    """The host's robots.txt does not let us fetch this URL."""


class RobotsUnreachable(IgnoreRequest):
    """The host's robots.txt cannot be had, so nothing is fetched there.

    ``kind`` says what went wrong, ``http_error`` for an answer that is no answer (5xx, 429).
    """

    def __init__(self, why: str, kind: FailureKind) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass(slots=True)
class _Entry:
    rules: asyncio.Task[RobotsRules]
    expires_at: float


class RobotsMiddleware:
    """Asks each scheme and authority for its robots.txt once, and keeps to it.

    4xx allows everything. 5xx, 429 and network failures are asked again, after the back-off of
    ``RetryAfterMiddleware``, and then nothing is fetched from that host. The request goes through the whole downloader,
    so address guard, spacing, size limit and HTTP cache hold for it too; no answer is used for more than a day.
    """

    def __init__(
        self,
        crawler: Crawler,
        stats: StatsCollector,
        product_token: str = PRODUCT_TOKEN,
        attempts: int = 3,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.crawler = crawler
        self.now = now
        self.stats = stats
        self.product_token = product_token
        self.attempts = attempts
        self.pacer = pacer_of(crawler)
        self._entries: dict[str, _Entry] = {}
        self._received_bytes: WeakKeyDictionary[Request, int] = WeakKeyDictionary()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read ``ROBOTSTXT_USER_AGENT`` (a bare product token) and ``OPERA_ROBOTS_ATTEMPTS``."""
        assert crawler.stats is not None
        token = crawler.settings["ROBOTSTXT_USER_AGENT"] or PRODUCT_TOKEN
        middleware = cls(crawler, crawler.stats, token, crawler.settings.getint("OPERA_ROBOTS_ATTEMPTS", 3))
        crawler.signals.connect(middleware.bytes_received, signal=signals.bytes_received)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Let the request pass if the host's rules do.

        :raises RobotsDenied: they do not
        :raises RobotsUnreachable: they cannot be had
        """
        if request.meta.get(IS_ROBOTS_TXT):
            return
        authority = _authority(request.url)
        entry = self._entries.get(authority)
        if entry is None or entry.expires_at < self.now():
            entry = self._entries[authority] = _Entry(asyncio.ensure_future(self._fetch(authority)), float("inf"))
        try:
            # Others wait for the same answer: this request's end must not end theirs.
            rules = await asyncio.shield(entry.rules)
        except RobotsUnreachable as error:
            self.stats.inc_value("opera/requests/robots_unreachable")
            if not (error.kind in ("refused", "not_tls") and authority.startswith("https:")) and not is_ending(
                self.crawler
            ):
                conclude(self.crawler, request, outcome_of(error.kind), str(error))
            raise
        if not rules.allows(request.url):
            self.stats.inc_value("opera/requests/robots_denied")
            why = f"{authority}/robots.txt does not allow {self.product_token} to fetch {request.url}."
            if request.meta.get("is_start_request"):
                conclude(self.crawler, request, Outcome.ROBOTS_DENIED, why, close=False)
            else:
                logger.debug("%s", why)
            raise RobotsDenied(why)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Hang up on a robots.txt of which there is enough: an endless one is read from its beginning, as any.

        :raises StopDownload: what has come is the answer
        """
        if request.meta.get(IS_ROBOTS_TXT):
            self._received_bytes[request] = self._received_bytes.get(request, 0) + len(data)
            if self._received_bytes[request] > MAX_BYTES:
                self.stats.inc_value("opera/robots/cut_off")
                raise StopDownload(fail=False)

    def rules(self, url: str) -> RobotsRules | None:
        """Return the rules for the host of ``url``; None before its robots.txt has been read."""
        entry = self._entries.get(_authority(url))
        if entry is None or not entry.rules.done() or entry.rules.cancelled() or entry.rules.exception() is not None:
            return None
        return entry.rules.result()

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemap URLs that the robots.txt for the host of ``url`` lists."""
        rules = self.rules(url)
        return rules.sitemaps if rules is not None else ()

    async def _fetch(self, authority: str) -> RobotsRules:
        """Return the rules of ``authority`` (scheme and host).

        :raises RobotsUnreachable: after the last attempt
        :raises ForbiddenAddress: the guard refuses the host
        """
        why = ""
        kind: FailureKind = "http_error"
        for _ in range(self.attempts):
            try:
                response = await self._ask(authority)
            except (ForbiddenAddress, HostLeft):
                raise
            except RedirectRefused as error:
                # Endless redirects may be taken as no robots.txt at all (2.3.1.2).
                logger.warning("%s/robots.txt is taken as absent: %s.", authority, error)
                return RobotsRules()
            except Exception as error:  # whatever it is, the rules cannot be had
                kind = failure_kind(error)
                why = f"{kind.replace('_', ' ')}: {failure_reason(error)}"
                if kind in ("refused", "not_tls", "certificate", "name_not_found"):
                    break
            else:
                self.stats.inc_value(f"opera/robots/answered_{response.status // 100}xx")
                if response.status < 500 and response.status != 429:
                    return self._read(authority, response)
                kind, why = "http_error", f"HTTP {response.status}"
        self._entries[authority].expires_at = self.now() + _ASK_AGAIN_SECONDS
        raise RobotsUnreachable(
            f"Nothing is fetched from {authority}: its robots.txt cannot be had ({why}). {outcome_of(kind).advice}",
            kind,
        )

    async def _ask(self, authority: str) -> Response:
        assert self.crawler.engine is not None
        self.stats.inc_value("opera/robots/requested")
        return await self.crawler.engine.download_async(
            Request(
                f"{authority}/robots.txt",
                callback=NO_CALLBACK,
                dont_filter=True,
                meta={
                    IS_ROBOTS_TXT: True,
                    "dont_retry": True,
                    "download_maxsize": 0,  # see bytes_received
                    "redirect_ttl": _MAX_REDIRECTS,
                },
            )
        )

    def _read(self, authority: str, response: Response) -> RobotsRules:
        rules = RobotsRules.parse(response.body if 200 <= response.status < 300 else b"", self.product_token)
        expires_at = response.meta.get("cache_timestamp", self.now()) + MAX_AGE_SECONDS
        # An older one was confirmed just now, or the HTTP cache stepped in for a host that does not answer.
        self._entries[authority].expires_at = expires_at if expires_at > self.now() else self.now() + _ASK_AGAIN_SECONDS
        host = host_port(authority)
        if (wanted := rules.crawl_delay_seconds) is not None:
            if wanted > _MAX_CRAWL_DELAY_SECONDS:
                logger.warning(
                    "%s asks for a crawl delay of %g s; %d s is the most we keep.",
                    host,
                    wanted,
                    _MAX_CRAWL_DELAY_SECONDS,
                )
            self.pacer.slow_down(host, min(wanted, _MAX_CRAWL_DELAY_SECONDS))
        return rules


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
