"""What a crawl leaves to the next one, on this node or another: addresses, answers, and what hosts asked for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self
from weakref import WeakKeyDictionary

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from sqlalchemy.exc import SQLAlchemyError

from opera_spiders.errors import OperaError
from opera_spiders.extensions.database import Database
from opera_spiders.warehouse import store
from opera_spiders.warehouse.store import HostMemory, KeptAddress, KnownAnswer

logger = logging.getLogger(__name__)

_FLUSH_SECONDS = 1.0
_MAX_ADDRESSES = 20_000  # of one run; the rest waits for the next
_MAX_ADDRESS_AGE = timedelta(days=90)


class CrawlMemory:
    """Keeps ``staging.frontier``, ``staging.host_state`` and ``staging.site_answers``; nothing without a database.

    Changes are written together once a second and at the end. An address leaves the frontier in the transaction that
    brings the links of its page, so a crawl that is killed at any moment loses no address: what was not written is
    found again on pages that are.
    """

    _of_crawlers: ClassVar[WeakKeyDictionary[Crawler, CrawlMemory]] = WeakKeyDictionary()

    def __init__(self, database: Database) -> None:
        self.database = database
        self._domain = ""
        self._found: dict[str, KeptAddress] = {}
        self._done: set[str] = set()
        self._hosts: dict[str, HostMemory] = {}
        self._host_changes: dict[str, dict[str, Any]] = {}
        self._details: dict[str, dict[str, Any]] = {}
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Write along with the crawl, from its begin to its end."""
        memory = cls._of_crawlers.get(crawler)
        if memory is None:
            memory = cls(Database.of(crawler))
            cls._of_crawlers[crawler] = memory
            if memory.is_on:
                crawler.signals.connect(memory.spider_opened, signal=signals.spider_opened)
                crawler.signals.connect(memory.request_dropped, signal=signals.request_dropped)
                crawler.signals.connect(memory.spider_closed, signal=signals.spider_closed)
        assert isinstance(memory, cls)
        return memory

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the crawl's memory, whichever component asks first."""
        return cls.from_crawler(crawler)

    @property
    def is_on(self) -> bool:
        """Tell whether there is a database to remember in."""
        return self.database.engine is not None

    def spider_opened(self, spider: Spider) -> None:
        """Begin to write."""
        self._domain = str(getattr(spider, "domain", spider.name))
        self._task = asyncio.ensure_future(self._write_along())

    def request_dropped(self, request: Request) -> None:
        """Let go of an address that leads to one that was asked for already."""
        for url in request.meta.get("redirect_urls", ()):
            self.done(url)

    async def spider_closed(self) -> None:
        """Write what is left."""
        if self._task is not None:
            async with self._writing:  # not in the middle of a transaction
                self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._write()

    def found(self, address: KeptAddress) -> None:
        """Keep an address that will be asked for."""
        if self.is_on:
            self._done.discard(address.url)
            self._found[address.url] = address

    def done(self, url: str) -> None:
        """Let go of an address: it was answered or refused."""
        if self.is_on:
            self._found.pop(url, None)
            self._done.add(url)

    async def kept_addresses(self) -> list[KeptAddress]:
        """Return what earlier runs found and left, best first.

        :raises DatabaseError: the database is lost
        """
        if not self.is_on:
            return []
        async with self.database.begin() as connection:
            return await store.kept_addresses(connection, self._domain, _MAX_ADDRESSES, _MAX_ADDRESS_AGE)

    async def known_urls(self) -> list[str]:
        """Return the address of every page of the company that was ever staged.

        :raises DatabaseError: the database is lost
        """
        if not self.is_on:
            return []
        async with self.database.begin() as connection:
            return await store.known_urls(connection, self._domain)

    async def known_answer(self, url: str) -> KnownAnswer | None:
        """Return what any node was last told at ``url``.

        :raises DatabaseError: the database is lost
        """
        if not self.is_on:
            return None
        async with self.database.begin() as connection:
            return await store.known_answer(connection, self._domain, url)

    async def remember_answer(self, url: str, status_code: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Keep an answer that is no page.

        :raises DatabaseError: the database is lost
        """
        if self.is_on:
            async with self.database.begin() as connection:
                await store.save_site_answer(connection, url, status_code, headers, body, datetime.now(UTC))

    async def confirm_page(self, url: str) -> None:
        """Note that the host says now that the page at ``url`` has not changed.

        :raises DatabaseError: the database is lost
        """
        async with self.database.begin() as connection:
            await store.confirm_page(connection, self._domain, url, datetime.now(UTC))

    async def host(self, host: str) -> HostMemory:
        """Return what earlier crawls learnt about ``host``; read once in a crawl.

        :raises DatabaseError: the database is lost
        """
        if host not in self._hosts:
            self._hosts[host] = HostMemory(host)
            if self.is_on:
                async with self.database.begin() as connection:
                    self._hosts[host] = await store.host_memory(connection, host)
        return self._hosts[host]

    def remember_host(self, host: str, *, details: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Keep what was learnt about ``host``: columns of ``staging.host_state``, and keys of its ``details``."""
        if self.is_on:
            self._host_changes.setdefault(host, {}).update(changes)
            self._details.setdefault(host, {}).update(details or {})

    async def _write_along(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self._write()

    async def _write(self) -> None:
        async with self._writing:
            found, self._found = self._found, {}
            done, self._done = self._done, set()
            changes, self._host_changes = self._host_changes, {}
            details, self._details = self._details, {}
            if not (found or done or changes):
                return
            try:
                async with self.database.begin() as connection:
                    await store.update_frontier(connection, self._domain, list(found.values()), list(done))
                    for host in sorted(changes):
                        await store.remember_host(connection, host, details=details[host], **changes[host])
            except (OperaError, SQLAlchemyError) as error:
                # Nothing is lost but time: what was found is found again. A lost database ends the crawl by itself.
                logger.warning("What this crawl found last was not kept for the next: %s", error)
