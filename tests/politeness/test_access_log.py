"""Hosts that misbehave, judged by their own access logs, whatever asks: pages, retries, redirects, robots.txt, data."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.crawls import crawl as crawl_company
from tests.crawls import crawl_worker, html, sitemap

from .crawl_worker import POLITE_SETTINGS
from .local_host import Answer, Hit, LocalHost

__all__ = ["crawl_company", "crawl_worker"]

DELAY_SECONDS = 0.2
TOLERANCE_SECONDS = 0.05
BACKOFF_SECONDS = 0.3
FORBIDDEN = "User-agent: *\nDisallow: /private\n"
SETTINGS = {
    "DOWNLOAD_DELAY": DELAY_SECONDS,
    "DOWNLOAD_DELAY_JITTER": 0.5,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "AUTOTHROTTLE_ENABLED": True,
    "AUTOTHROTTLE_START_DELAY": 0.01,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": 8,
    "DOWNLOAD_TIMEOUT": 1,
    "OPERA_BACKOFF_SECONDS": BACKOFF_SECONDS,
    "OPERA_MAX_HOST_FAILURES": 20,
}
LINKS = "".join(f'<a href="{path}">x</a>' for path in ("/a", "/private/x", "/b", "/moved", "/c", "/private/y", "/d"))


def date_in(seconds: float) -> str:
    """An HTTP date so many whole seconds ahead, at least."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds + 1), usegmt=True)


def once(first: Answer) -> list[Answer]:
    return [first, Answer()]


def busy(status: int, retry_after: str | None = None) -> Answer:
    return Answer("", status, {"Retry-After": retry_after} if retry_after else {})


#: What misbehaves · its routes, beside a house of ordinary ones · the delay it wants · the suspension it asks for.
HOUSES = {
    "429, seconds": ({"/a": once(busy(429, "1"))}, 0, 1.0),
    "503, seconds": ({"/b": once(busy(503, "1"))}, 0, 1.0),
    "429 without": ({"/a": once(busy(429))}, 0, BACKOFF_SECONDS),
    "503 in a burst": ({"/a": [busy(503)] * 3 + [Answer()]}, 0, BACKOFF_SECONDS),
    "500 once": ({"/c": once(Answer("", 500))}, 0, BACKOFF_SECONDS),
    "resets": (
        {"/a": once(Answer(status=500, is_reset=True)), "/c": once(Answer(status=500, is_reset=True))},
        0,
        BACKOFF_SECONDS,
    ),
    "never answers": ({"/b": once(Answer(is_silent=True))}, 0, BACKOFF_SECONDS),
    "robots 503": ({"/robots.txt": [busy(503), Answer(FORBIDDEN)]}, 0, BACKOFF_SECONDS),
    "robots 429, seconds": ({"/robots.txt": [busy(429, "1"), Answer(FORBIDDEN)]}, 0, 1.0),
    "robots resets": ({"/robots.txt": [Answer(status=500, is_reset=True), Answer(FORBIDDEN)]}, 0, BACKOFF_SECONDS),
    "robots silent": ({"/robots.txt": [Answer(is_silent=True), Answer(FORBIDDEN)]}, 0, BACKOFF_SECONDS),
    "robots moved": ({"/robots.txt": Answer("", 301, {"Location": "/r"}), "/r": Answer(FORBIDDEN)}, 0, 0),
    "rights busy": ({"/.well-known/tdmrep.json": busy(503, "1")}, 0, 1.0),
    "crawl-delay": ({"/robots.txt": Answer(FORBIDDEN + "Crawl-delay: 0.5\n")}, 0.5, 0),
    "redirects": ({"/moved": Answer("", 302, {"Location": "/m1"}), "/m1": Answer("", 301, {"Location": "/m2"})}, 0, 0),
    "redirect to the forbidden": ({"/moved": Answer("", 302, {"Location": "/private/z"})}, 0, 0),
    "asks for seconds while it redirects": (
        {"/moved": Answer("", 503, {"Location": "/a", "Retry-After": "1"})},
        0,
        1.0,
    ),
}
NEVER = {
    "robots 503 for ever": {"/robots.txt": busy(503)},
    "robots silent for ever": {"/robots.txt": Answer(is_silent=True)},
    "robots resets for ever": {"/robots.txt": Answer(status=500, is_reset=True)},
    "robots 429 for ever": {"/robots.txt": busy(429)},
}


def suspensions(hits: list[Hit], seconds: float) -> Iterator[tuple[Hit, Hit]]:
    """Yield what was asked within ``seconds`` of a busy or failing answer, with that answer."""
    for number, hit in enumerate(hits):
        if hit.status in (429, 500, 503):
            yield from ((hit, later) for later in hits[number + 1 :] if later.at - hit.at < seconds)


def check(house: LocalHost, delay_seconds: float, suspension_seconds: float, *but: str) -> None:
    """Judge an access log; ``but`` are parts of visits."""
    assert [path for path in house.paths() if path.startswith("/private")] == []
    assert min(house.gaps(*but)) >= max(DELAY_SECONDS, delay_seconds) - TOLERANCE_SECONDS
    assert list(suspensions(house.hits, suspension_seconds)) == []


@pytest.mark.parametrize("run", [0, *(pytest.param(number, marks=pytest.mark.long) for number in range(1, 10))])
def test_the_access_logs_of_hosts_that_misbehave(host, crawl, run):
    order = random.Random(run)
    ordinary = {
        "/robots.txt": Answer(FORBIDDEN),
        **{path: Answer() for path in ("/a", "/b", "/c", "/d", "/moved", "/m2")},
    }
    houses = {}
    for name in order.sample(sorted(HOUSES), len(HOUSES)):
        links = order.sample(LINKS.split("</a>"), 8)
        houses[name] = host({"/": Answer("</a>".join(links)), **ordinary, **HOUSES[name][0]})
    # By links, not as start pages: a start page that cannot be had is the end of the crawl.
    unreachable = [host({"/": Answer(LINKS), **ordinary, **routes}) for routes in NEVER.values()]
    doors = "".join(f'<a href="{house.url()}">x</a>' for house in unreachable)
    dated = host({"/": Answer(LINKS + doors), **ordinary})
    dated.routes["/b"] = lambda _: busy(429, date_in(1)) if dated.paths().count("/b") < 1 else Answer()
    houses["429, date"] = dated

    result = crawl(
        *[house.url() for house in houses.values()], follow=True, settings=SETTINGS, domain="elsewhere.example"
    )

    assert result.reason == "finished"
    for house in unreachable:
        assert set(house.paths()) == {"/robots.txt"}
        assert min(house.gaps()) >= BACKOFF_SECONDS
    smallest = min(min(house.gaps()) for house in (*houses.values(), *unreachable))
    asked = sum(len(house.hits) for house in (*houses.values(), *unreachable))
    print(f"run {run}: {asked} requests to {len(houses) + len(unreachable)} houses, {smallest:.3f} s apart at least")  # noqa: T201 (the figures are the point)
    for name, house in houses.items():
        delay_seconds, suspension_seconds = HOUSES[name][1:] if name in HOUSES else (0, 1.0)
        assert {"/a", "/b", "/c", "/d"} <= set(house.paths()), name
        check(house, delay_seconds, suspension_seconds)


def test_a_house_with_two_names_is_spaced_for_each_and_never_asked_what_it_forbids(host, crawl):
    house = host({"/robots.txt": Answer(FORBIDDEN), "/": Answer(LINKS), **{path: Answer() for path in ("/a", "/b")}})
    names = {"one.example": [["127.0.0.1"]], "two.example": [["127.0.0.1"]]}
    urls = [f"http://{name}:{house.port}/" for name in names]
    crawl(*urls, follow=True, settings=SETTINGS, names=names)
    assert [path for path in house.paths() if path.startswith("/private")] == []
    for name in names:
        times = [hit.at for hit in house.hits if hit.headers["host"].startswith(name)]
        assert min(b - a for a, b in pairwise(times)) >= DELAY_SECONDS - TOLERANCE_SECONDS


@pytest.mark.browser
def test_whatever_a_crawl_asks_of_a_house_keeps_the_distance(host, crawl_company):
    house = host({})
    shell = '<!doctype html><title>Season</title><div id="app"></div><script src="/app.js"></script>'
    script = """
        const draw = text => { document.getElementById('app').innerHTML = `<h1>Tosca</h1><p>${text}</p>`.repeat(20) };
        if (location.search) fetch('/api/casts/1').then(answer => answer.json()).then(cast => draw(cast.name));
        else location = '/productions/drawn?by=script';
    """
    events = [{"title": f"Tosca {n}", "date": f"2027-01-{n:02d}", "time": "19:30"} for n in range(1, 5)]
    json_type = {"Content-Type": "application/json"}
    house.routes |= {
        "/robots.txt": Answer(f"{FORBIDDEN}Sitemap: {house.url('/index.xml')}\n"),
        "/index.xml": sitemap(house.url("/map.xml"), tag="sitemap"),
        "/map.xml": sitemap(*(house.url(path) for path in ("/productions/drawn", "/productions/moved", "/private/x"))),
        "/": html("Season", "/productions/aida", "/private/y", head='<link rel=preload as=fetch href="/api/events">'),
        "/productions/aida": html("Aida", text="Aida, 14 March 2027, 19:30"),
        "/productions/moved": Answer("", 301, {"Location": "/productions/moved-there"}),
        "/productions/moved-there": once(busy(503, "1")),
        "/api/events": Answer(json.dumps(events), headers=json_type),
        "/productions/drawn": Answer(shell),
        "/productions/drawn?by=script": Answer(shell),
        "/app.js": Answer(script, headers={"Content-Type": "text/javascript"}),
        "/api/casts/1": Answer('{"name": "Floria Tosca"}', headers=json_type),
    }

    result = crawl_company(house.address, {**SETTINGS, "CONCURRENT_REQUESTS": 1}, seeds=house.url())

    assert result.stats["opera/pages/rendered"] == 1
    assert set(house.routes) <= set(house.paths())
    check(house, 0, 1.0, "/app.js")


def test_two_crawls_of_one_house_at_once_are_no_faster_than_one(host, tmp_path):
    pages = {f"/{number}": Answer() for number in range(3)}
    house = host({"/robots.txt": Answer(FORBIDDEN), "/0": [busy(503, "1"), Answer()], "/1": Answer(), "/2": Answer()})
    settings = {**POLITE_SETTINGS, **SETTINGS, "OPERA_TURNS_DIR": str(tmp_path)}
    job = json.dumps(
        {
            "settings": settings,
            "is_without_browser": True,
            "browser": {},
            "arguments": {"urls": [house.url(p) for p in pages]},
        }
    )
    worker = [sys.executable, str(Path(__file__).with_name("crawl_worker.py"))]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    crawls = [
        subprocess.Popen(worker, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    with ExitStack() as stack:
        for process in crawls:
            stack.enter_context(process)
            process.stdin.write(job + "\n")
            process.stdin.flush()
        results = [json.loads(process.stdout.readline()) for process in crawls]
        for process in crawls:
            process.stdin.close()
    assert [len(result["pages"]) for result in results] == [3, 3]
    check(house, 0, 1.0)
