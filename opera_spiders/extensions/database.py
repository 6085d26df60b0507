"""Owns the crawl's connections to the database: opens them first, closes them last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, Self
from weakref import WeakKeyDictionary

from scrapy import signals
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from opera_spiders.config import Config
from opera_spiders.errors import DatabaseError
from opera_spiders.outcomes import Outcome
from opera_spiders.warehouse.server import Server, is_lost, open_server, unreachable

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

RECONNECT_WAITS_SECONDS = (0.5, 2.0)  # a server that restarts is back by then


class Database:
    """The database of one crawl; ``engine`` is None when ``OPERA_DATABASE=off``.

    A crawl without its database would fetch pages and lose them, so anything short of a migrated, answering server
    raises from ``from_crawler`` and the crawl never starts.
    """

    _of_crawlers: ClassVar[WeakKeyDictionary[Crawler, Database]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler, server: Server | None) -> None:
        self.crawler = crawler
        self.server = server
        self.engine: AsyncEngine | None = server.async_engine() if server else None
        self._closing: asyncio.Task[None] | None = None
        self._lost: str | None = None
        self._reconnecting = asyncio.Lock()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the configured database.

        :raises BadInputError: a setting cannot be used
        :raises DatabaseError: the database cannot be used; says what to do
        """
        database = cls._of_crawlers.get(crawler)
        if database is None:
            config = Config.from_settings(crawler.settings)
            database = cls(crawler, open_server(config) if config.opera_database == "on" else None)
            crawler.signals.connect(database.engine_stopped, signal=signals.engine_stopped)
            cls._of_crawlers[crawler] = database
            if database.server:
                logger.info("Pages are stored in %s", database.server.place)
            else:
                logger.info("OPERA_DATABASE is off: pages go to the feed (-O) and nowhere else")
        assert isinstance(database, cls)
        return database

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the crawl's database, whichever component asks first. Raises as ``from_crawler``."""
        return cls.from_crawler(crawler)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction that commits when the block ends well.

        Every failure counts in ``opera/database/failed``. When the server itself is gone, the crawl closes with the
        outcome ``failed``: whatever it fetched from then on would be lost.

        :raises DatabaseError: the server is gone
        :raises DBAPIError: the statement failed
        """
        connection = await self._connect()
        try:
            async with connection.begin():
                yield connection
        except DBAPIError as error:
            if is_lost(error):
                raise self._lose(error) from None
            self._count_failure()
            raise
        finally:
            await connection.close()

    async def engine_stopped(self) -> None:
        """Close the connections, after every pipeline and extension has used them."""
        if self.engine is not None:
            await self.engine.dispose()

    async def _connect(self) -> AsyncConnection:
        assert self.engine is not None, "the database is off"
        try:
            return await self.engine.connect()
        except DBAPIError as error:
            failure = error
        async with self._reconnecting:  # one page tries; the others learn from it
            for wait_seconds in RECONNECT_WAITS_SECONDS:
                if self._lost is not None:
                    break
                logger.warning("The database does not answer; trying again in %s s", wait_seconds)
                await asyncio.sleep(wait_seconds)
                try:
                    return await self.engine.connect()
                except DBAPIError as error:
                    failure = error
            raise self._lose(failure) from None

    def _count_failure(self) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("opera/database/failed")

    def _lose(self, error: DBAPIError) -> DatabaseError:
        """Close the crawl, once, and return what to raise."""
        self._count_failure()
        if self._lost is None:
            assert self.server is not None
            assert self.crawler.stats is not None
            self._lost = str(unreachable(self.server, error))
            logger.error(
                "The database is lost and the crawl stops; the next run fetches what was not stored. %s", self._lost
            )
            self.crawler.stats.set_value(f"opera/outcome/{Outcome.FAILED}", self._lost)
            if self.crawler.engine is not None:
                # Not awaited: closing waits for the very items that are failing now.
                closing = self.crawler.engine.close_spider_async(reason=Outcome.FAILED.value)
                self._closing = asyncio.ensure_future(closing)
        return DatabaseError(self._lost)
