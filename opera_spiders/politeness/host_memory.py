"""What a host asked for in an earlier crawl holds in this one, whichever node it runs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from opera_spiders.extensions.crawl_memory import CrawlMemory
from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.delay import Pacer, pacer_of
from opera_spiders.politeness.endings import conclude
from opera_spiders.urls import host_port
from opera_spiders.warehouse.store import HostMemory

#: A host that asks for more has lost us for a week, not for ever.
_LONGEST_PAUSE = timedelta(days=7)
_LONGEST_OWN_PAUSE_SECONDS = 86_400
_NOTED = "opera/outcome/"
_LEFT_AS = "left_as"  # of staging.host_state.details


class HostMemoryMiddleware:
    """Keeps suspensions beyond the crawl in which they began.

    A host that only asked us to wait is waited for. One that was left is left again until its time has come, and a
    crawl of it ends at once. Without a ``Retry-After`` that is after a quarter of an hour, twice as long after each
    further crawl that had to leave it, a day at most.
    """

    def __init__(
        self,
        crawler: Crawler,
        memory: CrawlMemory,
        pacer: Pacer,
        pause_seconds: float = 900,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.crawler = crawler
        self.memory = memory
        self.pacer = pacer
        self.pause_seconds = pause_seconds
        self.now = now
        self._met: dict[str, HostMemory] = {}
        self._left: set[str] = set()
        pacer.on_suspended = self.suspended
        pacer.on_left = self.left

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Share the crawl's memory and pacer."""
        memory = CrawlMemory.of(crawler)
        if not memory.is_on:
            raise NotConfigured
        pause_seconds = crawler.settings.getfloat("OPERA_MAX_SUSPENSION_SECONDS", 900)
        middleware = cls(crawler, memory, pacer_of(crawler), pause_seconds)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    async def process_request(self, request: Request) -> None:
        """Let the pacer know what the host asked for before; once a crawl and host."""
        host = host_port(request.url)
        if host in self._met:
            return
        known = self._met[host] = await self.memory.host(host)
        if known.not_before_at is None or known.not_before_at <= self.now():
            return
        if known.failures_count == 0:
            self.pacer.suspend(host, (known.not_before_at - self.now()).total_seconds())
            return
        why = (
            f"{host} was left by an earlier crawl and is asked nothing before "
            f"{known.not_before_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC. Crawl it again after that."
        )
        self._left.add(host)
        self.pacer.leave(host, why)
        conclude(self.crawler, request, Outcome(known.details.get(_LEFT_AS, Outcome.SITE_DOWN)), why)

    def process_response(self, request: Request, response: Response) -> Response:
        """Forget what a host's failures brought when it answers again."""
        host = host_port(request.url)
        known = self._met.get(host)
        if known is not None and known.failures_count and "download_latency" in request.meta and response.status < 429:
            self._met[host] = replace(known, failures_count=0)
            self.memory.remember_host(host, failures_count=0, not_before_at=None)
        return response

    def spider_closed(self) -> None:
        """Keep the delay after the last request for a crawl that begins at once, and as what hosts were left."""
        assert self.crawler.stats is not None
        noted = {name: str(why) for name, why in self.crawler.stats.get_stats().items() if name.startswith(_NOTED)}
        for host in self._left:
            outcome = next((name.removeprefix(_NOTED) for name, why in noted.items() if host in why), None)
            if outcome is not None:
                self.memory.remember_host(host, details={_LEFT_AS: outcome})
        for host in self._met:
            if host not in self._left and (seconds := self.pacer.closed_seconds(host)) > 0:
                self.suspended(host, seconds)

    def suspended(self, host: str, seconds: float) -> None:
        """Keep a suspension for crawls that begin before it ends."""
        self.memory.remember_host(host, not_before_at=self.now() + min(timedelta(seconds=seconds), _LONGEST_PAUSE))

    def left(self, host: str) -> None:
        """Keep it that the host was left, and for how long."""
        if host in self._left:
            return
        before = self._met[host].failures_count if host in self._met else 0
        own_seconds = min(self.pause_seconds * 2 ** min(before, 20), _LONGEST_OWN_PAUSE_SECONDS)
        pause = min(timedelta(seconds=max(self.pacer.closed_seconds(host), own_seconds)), _LONGEST_PAUSE)
        self._left.add(host)
        self.memory.remember_host(host, not_before_at=self.now() + pause, failures_count=before + 1)
