"""How a crawl ends when the host's side does not let it go on."""

from __future__ import annotations

import asyncio
import logging

from scrapy import Request
from scrapy.crawler import Crawler

from opera_spiders.outcomes import Outcome
from opera_spiders.urls import bare_domain, host_port

logger = logging.getLogger(__name__)

# The event loop keeps only weak references to tasks.
_closing: set[asyncio.Task[None]] = set()


def conclude(crawler: Crawler, request: Request, outcome: Outcome, why: str, *, close: bool = True) -> None:
    """Note ``outcome`` in the stats and, when ``request`` is the crawl's own business, end the crawl with it.

    :param request: what could not be fetched
    :param why: one sentence for the operator, naming the host
    :param close: False notes it only, and lets what is queued finish
    """
    assert crawler.stats is not None
    if not is_own(crawler, request):
        logger.warning("%s", why)
        return
    if crawler.stats.get_value(f"opera/outcome/{outcome}") is None:
        logger.error("%s", why)
    crawler.stats.set_value(f"opera/outcome/{outcome}", why)
    if close and not is_ending(crawler):
        assert crawler.engine is not None
        # Closing waits for the requests in flight, and this one is among them: it must not be awaited here.
        task = asyncio.ensure_future(crawler.engine.close_spider_async(reason=str(outcome)))
        _closing.add(task)
        task.add_done_callback(_closing.discard)


def is_own(crawler: Crawler, request: Request) -> bool:
    """Tell whether the crawl has nothing to do without the host of ``request``."""
    if request.meta.get("is_start_request"):
        return True
    domain = getattr(crawler.spider, "domain", None)
    return isinstance(domain, str) and bare_domain(domain) == bare_domain(host_port(request.url))


def is_ending(crawler: Crawler) -> bool:
    """Tell whether the crawl is being closed; Scrapy's only signal of it comes after the last request has ended."""
    engine = crawler.engine
    return (
        engine is not None and engine.spider is not None and (engine._slot is None or engine._slot.closing is not None)
    )
