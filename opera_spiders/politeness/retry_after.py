"""Back-off: a host that says it is busy, or fails, is asked nothing for a while."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector

from opera_spiders.outcomes import Outcome
from opera_spiders.politeness.delay import Pacer, pacer_of
from opera_spiders.politeness.endings import conclude
from opera_spiders.politeness.failures import failure_kind
from opera_spiders.urls import host_port

logger = logging.getLogger(__name__)

BUSY_STATUSES = (429, 503)
_FAILED_STATUSES = (408, 500, 502, 504, 520, 521, 522, 523, 524)
_LONGEST_BACKOFF_SECONDS = 300
_TIMES = "opera_busy_times"


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Return how long a ``Retry-After`` header (RFC 9110 10.2.3) asks to wait; None for no or an unreadable one.

    >>> retry_after_seconds("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> retry_after_seconds("Thu, 01 Jan 2026 00:01:00 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    60.0
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


class BackOff:
    """Suspends a host on 429, 503 and failures; leaves it for this crawl (``site_down``) when it keeps failing.

    :param leave: called with the request, a sentence, and for how many seconds the host wants it, when it is left
    :param backoff_seconds: first wait where the host does not say how long; doubled at each further failure
    :param max_suspension_seconds: a host that asks for more is left
    :param max_failures: in a row, then the host is left
    """

    def __init__(
        self,
        pacer: Pacer,
        stats: StatsCollector,
        leave: Callable[[Request, str, float], None],
        *,
        backoff_seconds: float = 5,
        max_suspension_seconds: float = 900,
        max_failures: int = 8,
        spread: Callable[[], float] = lambda: random.uniform(1, 1.25),  # noqa: S311 (no secret)
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.pacer = pacer
        self.stats = stats
        self.leave = leave
        self.backoff_seconds = backoff_seconds
        self.max_suspension_seconds = max_suspension_seconds
        self.max_failures = max_failures
        self.spread = spread
        self.now = now

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Share the crawl's pacer."""
        pacer = pacer_of(crawler)
        assert crawler.stats is not None

        def leave(request: Request, why: str, seconds: float) -> None:
            pacer.leave(host_port(request.url), why, seconds)
            conclude(crawler, request, Outcome.SITE_DOWN, why)

        return cls(
            pacer,
            crawler.stats,
            leave,
            backoff_seconds=crawler.settings.getfloat("OPERA_BACKOFF_SECONDS", 5),
            max_suspension_seconds=crawler.settings.getfloat("OPERA_MAX_SUSPENSION_SECONDS", 900),
            max_failures=crawler.settings.getint("OPERA_MAX_HOST_FAILURES", 8),
        )

    def answered(self, request: Request, response: Response) -> None:
        """Suspend the host of a busy or failing answer; forget the failures after any other."""
        if response.status not in (*BUSY_STATUSES, *_FAILED_STATUSES):
            self.pacer.answered(host_port(request.url))
            return
        header = response.headers.get(b"Retry-After")
        asked_seconds = retry_after_seconds(header.decode("latin-1"), self.now()) if header else None
        self._back_off(request, f"HTTP {response.status}", asked_seconds)

    def failed(self, request: Request, exception: Exception) -> None:
        """Suspend the host of a request that was not answered.

        A connection refused over https, or an answer that is no TLS, may be a house that speaks http only.
        """
        kind = failure_kind(exception)
        if kind in ("timeout", "broken") or (kind == "refused" and request.url.startswith("http:")):
            self._back_off(request, kind, None)

    def _back_off(self, request: Request, what: str, asked_seconds: float | None) -> None:
        host = host_port(request.url)
        failures = self.pacer.failed(host)
        self.stats.inc_value("opera/hosts/suspended")
        left = f"{host} is left for this crawl: "
        if failures >= self.max_failures:
            why = f"{left}{failures} failures in a row, the last {what}. Crawl it again later."
            self.leave(request, why, asked_seconds or 0)
            return
        if asked_seconds is not None and asked_seconds > self.max_suspension_seconds:
            why = f"{left}{what}, and it asks us to wait {asked_seconds:.0f} s. Crawl it again after that."
            self.leave(request, why, asked_seconds)
            return
        doubled = min(self.backoff_seconds * 2 ** (failures - 1), _LONGEST_BACKOFF_SECONDS)
        seconds = doubled * self.spread() if asked_seconds is None else asked_seconds
        self.pacer.suspend(host, seconds)
        logger.info("%s is asked nothing for %.1f s: %s at %s", host, seconds, what, request.url)


class RetryAfterMiddleware:
    """Asks again for what was answered 429 or 503; other failures are Scrapy's retry middleware's.

    Who suspends the host is the download handler. Requests with ``dont_retry`` come back to who made them.
    """

    def __init__(self, max_times: int) -> None:
        self.max_times = max_times

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Try a page as often as a host may fail."""
        return cls(crawler.settings.getint("OPERA_MAX_HOST_FAILURES", 8))

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the request again, up to the limit."""
        if response.status not in BUSY_STATUSES or request.meta.get("dont_retry"):
            return response
        times = request.meta.get(_TIMES, 0) + 1
        if times < self.max_times:
            return request.replace(meta={**request.meta, _TIMES: times}, dont_filter=True)
        request.meta["dont_retry"] = True
        return response
