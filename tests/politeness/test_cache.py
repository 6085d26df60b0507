from __future__ import annotations

import pickle

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.settings import Settings

from opera_spiders.politeness.cache import TtlCachePolicy

from .local_host import Answer

DAY = 86_400
LINKS = '<a href="/a">a</a><a href="/moved">m</a><a href="/gone">g</a>'


def conditional(body: str, **headers: str):
    """A page that answers 304 to its own validators."""

    def route(hit):
        is_known = all(
            hit.headers.get(name) == value
            for name, value in (
                ("if-none-match", headers.get("ETag")),
                ("if-modified-since", headers.get("Last-Modified")),
            )
            if value
        )
        return Answer("", 304, headers) if is_known else Answer(body, headers={"Cache-Control": "no-store", **headers})

    return route


@pytest.fixture
def house(host):
    return host(
        {
            "/robots.txt": conditional("User-agent: *\nDisallow: /x", ETag='"r"'),
            "/": conditional(LINKS, ETag='"1"'),
            "/a": conditional("a", **{"Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}),
            "/moved": Answer("", 302, {"Location": "/b"}),
            "/b": Answer("b"),
        }
    )


@pytest.fixture
def cached(tmp_path):
    return {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": str(tmp_path), "OPERA_PAGE_TTL_SECONDS": DAY}


def age(directory, seconds):
    """Let every entry of the cache be older."""
    entries = list(directory.rglob("pickled_meta"))
    for entry in entries:
        meta = pickle.loads(entry.read_bytes())
        entry.write_bytes(pickle.dumps({**meta, "timestamp": meta["timestamp"] - seconds}))
    assert entries


def test_within_the_ttl_nothing_is_asked_again(house, crawl, cached):
    first = crawl(house.url(), follow=True, settings=cached)
    asked = house.paths()
    assert {"/robots.txt", "/", "/a", "/moved", "/b", "/gone", "/.well-known/tdmrep.json"} == set(asked)
    second = crawl(house.url(), follow=True, settings=cached)
    assert house.paths() == asked
    assert {page["url"] for page in second.pages} == {page["url"] for page in first.pages}


def test_after_the_ttl_pages_are_asked_for_with_their_validators_and_304_renews_them(house, crawl, cached, tmp_path):
    first = crawl(house.url(), follow=True, settings=cached)
    age(tmp_path, DAY + 60)
    house.hits.clear()
    second = crawl(house.url(), follow=True, settings=cached)
    assert [page["text"] for page in second.pages] == [page["text"] for page in first.pages]
    assert {hit.path: hit.status for hit in house.hits} == {
        "/robots.txt": 304,
        "/": 304,
        "/a": 304,
        "/moved": 302,
        "/b": 200,
        "/gone": 404,
        "/.well-known/tdmrep.json": 404,
    }
    house.hits.clear()
    crawl(house.url(), follow=True, settings=cached)
    assert house.hits == []


def test_a_changed_page_replaces_the_kept_one(house, crawl, cached, tmp_path):
    crawl(house.url(), settings=cached)
    age(tmp_path, DAY + 60)
    house.routes["/"] = conditional("changed", ETag='"2"')
    assert [page["text"] for page in crawl(house.url(), settings=cached).pages] == ["changed"]
    assert [page["text"] for page in crawl(house.url(), settings=cached).pages] == ["changed"]


def test_what_the_cache_answers_does_not_wait(house, crawl, cached):
    crawl(house.url(), follow=True, settings=cached)
    second = crawl(house.url(), follow=True, settings={**cached, "DOWNLOAD_DELAY": 30})
    assert second.stats["elapsed_time_seconds"] < 5


@pytest.mark.parametrize("answer", [Answer("", 503), Answer("", 500), Answer("", 403), Answer("", 429)])
def test_errors_and_refusals_are_not_kept(host, crawl, cached, answer):
    house = host({"/a": [answer] * 4 + [Answer("there")]})
    settings = {**cached, "RETRY_ENABLED": False, "OPERA_MAX_HOST_FAILURES": 2}
    for _ in range(4):
        crawl(house.url("/a"), settings=settings)
    assert house.paths().count("/a") >= 4


def test_an_errors_answer_does_not_hide_that_the_host_fails(house, crawl, cached, tmp_path):
    crawl(house.url(), settings=cached)
    age(tmp_path, DAY + 60)
    house.routes["/"] = Answer("", 503)
    assert crawl(house.url(), settings={**cached, "OPERA_MAX_HOST_FAILURES": 2}).reason == "site_down"


@pytest.mark.parametrize(
    ("path", "ttl", "age_seconds", "is_fresh"),
    [
        ("/a", DAY, DAY - 1, True),
        ("/a", DAY, DAY, False),
        ("/a", 0, 0, False),
        ("/a", DAY, -60, False),
        ("/a", 7 * DAY, 2 * DAY, True),
        ("/robots.txt", 7 * DAY, 2 * DAY, False),
        ("/robots.txt", 7 * DAY, DAY - 1, True),
        ("/robots.txt", 60, 61, False),
    ],
)
def test_freshness(path, ttl, age_seconds, is_fresh):
    policy = TtlCachePolicy(Settings({"OPERA_PAGE_TTL_SECONDS": ttl}), now=lambda: 1_000_000.0)
    request = Request(f"https://opera.example{path}", meta={"cache_timestamp": 1_000_000.0 - age_seconds})
    kept = Response(request.url, headers={"ETag": '"1"', "Cache-Control": "no-cache"})
    assert policy.is_cached_response_fresh(kept, request) is is_fresh
    assert (b"If-None-Match" in request.headers) is not is_fresh


@pytest.mark.parametrize("flag", ["partial", "dataloss", "download_stopped"])
def test_a_cut_body_is_not_kept(flag):
    policy = TtlCachePolicy(Settings({"OPERA_PAGE_TTL_SECONDS": DAY}))
    request = Request("https://opera.example/a")
    assert policy.should_cache_response(Response(request.url), request)
    assert not policy.should_cache_response(Response(request.url, flags=[flag]), request)
