"""A process that makes crawls, one JSON line in, one out: a reactor lives once per process, and crawls are many."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import Any

from scrapy.settings import BaseSettings
from scrapy.utils.reactor import install_reactor

from tests.reading_processes import shared

Result = Mapping[str, Any]


def serve_crawls(
    crawl: Callable[[dict[str, Any]], Awaitable[Result]], settings: BaseSettings, resolver: Any = None
) -> None:
    """Answer each line of stdin with what ``crawl`` makes of it, ``{"crash": …}`` where it fails, until stdin ends.

    :param settings: say which addresses may be connected to
    :param resolver: resolves names in place of the system's
    """
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    from opera_spiders.politeness.guard import GuardedResolver

    async def serve() -> None:
        try:
            guarded = GuardedResolver.from_crawler(SimpleNamespace(settings=settings), reactor)
            guarded.resolver = resolver or guarded.resolver
            guarded.install_on_reactor()
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                try:
                    result = await crawl(json.loads(line))
                except Exception as error:  # whoever asked says which crawl it was
                    logging.getLogger(__name__).exception("crawl failed")
                    result = {"crash": repr(error)}
                sys.stdout.write(json.dumps(result, default=str) + "\n")
                sys.stdout.flush()
        finally:
            reactor.stop()

    reactor.callWhenRunning(lambda: Deferred.fromFuture(asyncio.ensure_future(serve())))
    with shared():
        reactor.run()
