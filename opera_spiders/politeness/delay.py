"""One turn at a time: the floor between two requests to a house, whoever makes them.

Scrapy's own delay holds requests before they reach the connection, per host name without port, and AutoThrottle moves
it; so the floor is kept where the connection is made (``handler.py``), and everything passes it: pages, retries,
redirects, robots.txt, sitemaps and what the browser asks for. Crawls of one machine share it.
"""

from __future__ import annotations

import asyncio
import fcntl
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from opera_spiders.politeness.endings import is_ending
from opera_spiders.urls import host_port

#: Request.meta: scripts and styles of one rendered page are one visit; they wait for suspensions only.
PART_OF_VISIT = "opera_part_of_visit"

_GLANCE_SECONDS = 0.5
_LOOK_SECONDS = 0.05


class HostLeft(IgnoreRequest):
    """The host is left alone for the rest of this crawl."""


@dataclass(slots=True)
class _House:
    delay_seconds: float
    last_at: float = float("-inf")
    suspended_until: float = float("-inf")
    unwelcome_until: float = float("-inf")
    left_because: str | None = None
    failures: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    parts_turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pacer:
    """When each house may be asked next. Times are of ``clock``, in seconds.

    One request at a time, and none sooner than the delay after the one before it was answered: measured at the server,
    the gap can then only be longer, however long connecting took.

    :param directory: where the crawls of this machine take turns, so that two of them are no faster than one; None:
        this one is alone
    """

    def __init__(
        self,
        delay_seconds: float,
        is_ending: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        directory: Path | None = None,
    ) -> None:
        self._houses: defaultdict[str, _House] = defaultdict(lambda: _House(delay_seconds))
        self._is_ending = is_ending
        self._clock = clock
        #: Told of each suspension (seconds) and of each host that is left; see ``host_memory.py``.
        self.on_suspended: Callable[[str, float], None] = lambda host, seconds: None
        self.on_left: Callable[[str], None] = lambda host: None
        self._sleep = sleep
        self._directory = directory

    @asynccontextmanager
    async def turn(self, host: str, *, is_spaced: bool = True) -> AsyncIterator[None]:
        """Hold the body until ``host`` may be asked; the next turn begins after it.

        :param is_spaced: False for the parts of one visit, which go one after the other and wait for suspensions only
        :raises HostLeft: the host is left for this crawl, or the crawl ends while it is suspended
        """
        house = self._houses[host]
        # Scrapy's limit per slot does not hold when several requests enter an empty slot at once (2.19).
        async with house.turn if is_spaced else house.parts_turn:
            if not is_spaced:
                await self._wait(house, is_spaced=False)
                yield
                return
            async with self._among_neighbours(host, house):
                await self._wait(house, is_spaced=True)
                try:
                    yield
                finally:
                    house.last_at = self._clock()

    @asynccontextmanager
    async def _among_neighbours(self, host: str, house: _House) -> AsyncIterator[None]:
        """Hold the body until no other crawl of this machine asks ``host``; both learn what the other knows.

        The file of a house holds when it was last asked and until when it is suspended, by the machine's own clock.
        """
        if self._directory is None:
            yield
            return
        with (self._directory / quote(host, safe="")).open("a+", encoding="ascii") as file:
            while not _is_locked(file):
                if house.left_because is not None:
                    raise HostLeft(house.left_because)
                if self._is_ending():
                    raise HostLeft("The crawl ends while another one asks the host.")
                await self._sleep(_LOOK_SECONDS)
            last_at, suspended_until = _times(file)
            if last_at <= self._clock():  # else written before the machine was started anew
                house.last_at = max(house.last_at, last_at)
                house.suspended_until = max(house.suspended_until, suspended_until)
            try:
                yield
            finally:
                file.seek(0)
                file.truncate()
                file.write(f"{house.last_at} {house.suspended_until}")

    async def _wait(self, house: _House, *, is_spaced: bool) -> None:
        while True:
            if house.left_because is not None:
                raise HostLeft(house.left_because)
            now = self._clock()
            spaced_at = house.last_at + house.delay_seconds if is_spaced else now
            remaining = max(spaced_at, house.suspended_until) - now
            if remaining <= 0:
                return
            if now < house.suspended_until and self._is_ending():
                raise HostLeft("The crawl ends while the host is suspended.")
            await self._sleep(min(remaining, _GLANCE_SECONDS))

    def check(self, host: str) -> None:
        """Raise when ``host`` is left.

        :raises HostLeft: with the reason
        """
        if (why := self._houses[host].left_because) is not None:
            raise HostLeft(why)

    def slow_down(self, host: str, delay_seconds: float) -> None:
        """Ask ``host`` no more often than it wants; never more often than before."""
        house = self._houses[host]
        house.delay_seconds = max(house.delay_seconds, delay_seconds)

    def suspend(self, host: str, seconds: float) -> None:
        """Ask ``host`` nothing for ``seconds``."""
        house = self._houses[host]
        house.suspended_until = max(house.suspended_until, self._clock() + seconds)
        self.on_suspended(host, house.suspended_until - self._clock())

    def leave(self, host: str, why: str, seconds: float = 0) -> None:
        """Ask ``host`` nothing any more; who waits for it is told why.

        :param seconds: for how long it wants to be left; this crawl does not wait for that
        """
        house = self._houses[host]
        house.left_because = why
        house.unwelcome_until = self._clock() + seconds
        self.on_left(host)

    def failed(self, host: str) -> int:
        """Count a failure and return how many there were in a row."""
        house = self._houses[host]
        house.failures += 1
        return house.failures

    def answered(self, host: str) -> None:
        """Forget the failures of ``host``."""
        self._houses[host].failures = 0

    def closed_seconds(self, host: str) -> float:
        """Return for how long ``host`` may not be asked; 0 or less when it may."""
        house = self._houses[host]
        open_at = max(house.last_at + house.delay_seconds, house.suspended_until, house.unwelcome_until)
        return open_at - self._clock()

    def delay_seconds(self, host: str) -> float:
        """Return the delay in force for ``host``."""
        return self._houses[host].delay_seconds


_pacers: WeakKeyDictionary[Crawler, Pacer] = WeakKeyDictionary()


def pacer_of(crawler: Crawler) -> Pacer:
    """Return the one pacer of a crawl; its floor is ``DOWNLOAD_DELAY``."""
    if crawler not in _pacers:
        directory = crawler.settings["OPERA_TURNS_DIR"]
        if directory:
            Path(directory).mkdir(parents=True, exist_ok=True)
        _pacers[crawler] = Pacer(
            crawler.settings.getfloat("DOWNLOAD_DELAY"),
            is_ending=lambda: is_ending(crawler),
            directory=Path(directory) if directory else None,
        )
    return _pacers[crawler]


def _is_locked(file: IO[str]) -> bool:
    """Lock ``file`` if nobody has; the lock ends when it is closed, or its process does."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _times(file: IO[str]) -> tuple[float, float]:
    """Return what the file of a house says, nothing of long ago where it is new or was cut."""
    file.seek(0)
    try:
        last_at, suspended_until = map(float, file.read().split())
    except ValueError:
        return float("-inf"), float("-inf")
    return last_at, suspended_until


class HouseMiddleware:
    """Gives each house (host and port) its own slot, also after a redirect, and refuses hosts that were left."""

    def __init__(self, pacer: Pacer, per_slot_settings: Callable[[], dict[str, dict[str, float]]]) -> None:
        self.pacer = pacer
        self.per_slot_settings = per_slot_settings

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Share the crawl's pacer."""

        def per_slot_settings() -> dict[str, dict[str, float]]:
            assert crawler.engine is not None
            return crawler.engine.downloader.per_slot_settings

        return cls(pacer_of(crawler), per_slot_settings)

    def process_request(self, request: Request) -> None:
        """Set the slot; Scrapy would keep the first host's through a redirect."""
        host = host_port(request.url)
        self.pacer.check(host)
        slot = host
        if request.meta.get(PART_OF_VISIT):
            # Beside the house's own slot, so that a page's scripts do not queue behind the next pages.
            slot = f"{host} parts"
            request.meta["autothrottle_dont_adjust_delay"] = True
            self.per_slot_settings().setdefault(slot, {"concurrency": 1, "delay": 0})
        request.meta["download_slot"] = slot
