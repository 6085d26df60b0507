"""Spacing is measured where it matters: in the access log of the server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from scrapy.exceptions import IgnoreRequest

from opera_spiders.politeness.delay import HostLeft, Pacer
from opera_spiders.politeness.retry_after import retry_after_seconds

from .local_host import Answer

TOLERANCE_SECONDS = 0.05
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_no_two_requests_are_closer_than_the_delay_whatever_makes_them(host, crawl):
    links = "".join(f'<a href="{path}">x</a>' for path in ("/moved", "/flaky", "/a", "/b"))
    house = host(
        {
            "/robots.txt": Answer("", 302, {"Location": "/rules.txt"}),
            "/rules.txt": Answer("User-agent: *\nDisallow:"),
            "/": Answer(links),
            "/moved": Answer("", 301, {"Location": "/moved/again"}),
            "/moved/again": Answer("", 302, {"Location": "/c"}),
            "/flaky": [Answer("", 500), Answer(is_reset=True), Answer()],
            **{path: Answer() for path in ("/a", "/b", "/c")},
        }
    )
    settings = {
        "DOWNLOAD_DELAY": 0.25,
        "DOWNLOAD_DELAY_JITTER": 0.5,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": 0.01,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 8,
    }
    result = crawl(house.url(), follow=True, settings=settings)
    assert sorted(page["url"] for page in result.pages) == sorted(
        house.url(path) for path in ("/", "/a", "/b", "/c", "/flaky")
    )
    assert len(house.hits) == 12
    assert min(house.gaps()) >= 0.25 - TOLERANCE_SECONDS


def test_a_longer_crawl_delay_of_the_host_is_kept_from_the_first_page_on(host, crawl):
    house = host(
        {
            "/robots.txt": Answer("User-agent: *\nCrawl-delay: 0.4\nDisallow:"),
            **{path: Answer() for path in ("/a", "/b")},
        }
    )
    crawl(house.url("/a"), house.url("/b"), settings={"CONCURRENT_REQUESTS_PER_DOMAIN": 4})
    assert len(house.hits) == 4
    assert min(house.gaps()) >= 0.4 - TOLERANCE_SECONDS


def test_a_shorter_crawl_delay_changes_nothing(host, crawl):
    house = host({"/robots.txt": Answer("User-agent: *\nCrawl-delay: 0.01"), "/a": Answer()})
    crawl(house.url("/a"), settings={"DOWNLOAD_DELAY": 0.3})
    assert min(house.gaps()) >= 0.3 - TOLERANCE_SECONDS


def test_a_crawl_delay_beyond_five_minutes_is_cut_with_a_warning(host, crawl):
    house = host({"/robots.txt": Answer("User-agent: *\nCrawl-delay: 86400\nDisallow: /")})
    result = crawl(house.url())
    assert any("asks for a crawl delay of 86400 s" in line and line.startswith("WARNING") for line in result.log)


def test_two_houses_on_one_address_do_not_wait_for_each_other(host, crawl):
    houses = [host({"/a": Answer(), "/b": Answer()}) for _ in range(2)]
    crawl(*[house.url(path) for house in houses for path in ("/a", "/b")], settings={"DOWNLOAD_DELAY": 0.4})
    times = sorted(hit.at for house in houses for hit in house.hits)
    assert len(times) == 8
    assert min(later - earlier for earlier, later in pairwise(times)) < 0.2


@pytest.mark.parametrize("status", [429, 503])
def test_nothing_is_asked_while_the_host_has_suspended_us(host, crawl, status):
    busy = Answer("", status, {"Retry-After": "1"})
    house = host({"/a": [busy, Answer()], "/b": Answer(), "/c": Answer()})
    urls = [house.url(path) for path in ("/a", "/b", "/c")]
    result = crawl(*urls, settings={"OPERA_BACKOFF_SECONDS": 60})
    assert {page["url"] for page in result.pages} == set(urls)
    suspended_at = next(hit.at for hit in house.hits if hit.status == status)
    later = [hit.at - suspended_at for hit in house.hits if hit.at > suspended_at]
    assert len(later) == 4  # /a again, /b, /c, tdmrep.json
    assert min(later) >= 1.0


def test_a_suspension_by_robots_txt_holds_too(host, crawl):
    house = host({"/robots.txt": [Answer("", 429, {"Retry-After": "1"}), Answer("")], "/a": Answer()})
    crawl(house.url("/a"))
    assert house.gaps()[0] >= 1.0


def test_without_retry_after_the_waits_double(host, crawl):
    house = host({"/a": [Answer("", 503)] * 3 + [Answer()]})
    result = crawl(house.url("/a"), settings={"OPERA_BACKOFF_SECONDS": 0.1})
    waits = house.gaps("/robots.txt", "/.well-known")
    assert len(result.pages) == 1
    assert [wait >= least for wait, least in zip(waits, (0.1, 0.2, 0.4), strict=True)] == [True] * 3


def test_a_host_that_keeps_failing_is_left(host, crawl):
    house = host({"/": Answer('<a href="/a">a</a><a href="/b">b</a><a href="/c">c</a>'), "/a": Answer("", 503)})
    house.routes |= {"/b": Answer("", 502), "/c": Answer(is_reset=True)}
    result = crawl(house.url(), follow=True, settings={"OPERA_MAX_HOST_FAILURES": 4}, domain=house.address)
    assert (result.reason, result.outcomes()) == ("site_down", {"site_down"})
    assert len(house.hits) == 3 + 4


def test_a_host_that_wants_hours_is_left_at_once(host, crawl):
    house = host({"/": Answer("", 503, {"Retry-After": "7200"}), "/a": Answer()})
    result = crawl(house.url(), house.url("/a"))
    assert result.reason == "site_down"
    assert house.paths(but="/robots.txt") == ["/"]


def test_a_page_that_alone_is_always_busy_is_given_up(host, crawl):
    pages = {f"/{n}": Answer(f'<a href="/{n + 1}">x</a>') for n in range(12)}
    house = host({**pages, "/busy": Answer("", 503)})
    result = crawl(house.url("/busy"), house.url("/0"), follow=True, settings={"OPERA_MAX_HOST_FAILURES": 4})
    assert result.reason in ("finished", "site_down")
    assert house.paths().count("/busy") <= 4


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90),
        ("Sunday, 01-Mar-26 12:01:30 GMT", 90),
        ("Sun, 01 Mar 2026 13:01:30 +0100", 90),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("²", None),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after_seconds(value, NOW) == seconds


class _Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


async def test_parts_of_a_visit_wait_for_suspensions_only():
    clock = _Clock()
    pacer = Pacer(10, clock=clock, sleep=clock.sleep)
    async with pacer.turn("house"):
        pass
    async with pacer.turn("house", is_spaced=False):
        assert clock.now == 0
    pacer.suspend("house", 3)
    async with pacer.turn("house", is_spaced=False):
        assert clock.now == 3
    async with pacer.turn("house"):
        assert clock.now == 10


async def test_who_waits_for_a_host_that_is_left_is_told():
    clock = _Clock()
    pacer = Pacer(0, clock=clock, sleep=clock.sleep)
    pacer.suspend("house", 600)
    waiting = asyncio.ensure_future(_enter(pacer))
    await asyncio.sleep(0)
    pacer.leave("house", "it is down")
    with pytest.raises(HostLeft, match="it is down"):
        await waiting


async def test_who_waits_for_a_suspended_host_does_not_hold_up_the_end_of_a_crawl():
    clock = _Clock()
    pacer = Pacer(0, is_ending=lambda: clock.now > 5, clock=clock, sleep=clock.sleep)
    pacer.suspend("house", 600)
    with pytest.raises(IgnoreRequest):
        await _enter(pacer)
    assert clock.now < 7


async def _enter(pacer: Pacer) -> None:
    async with pacer.turn("house"):
        pass
