"""What a crawl leaves to the next one, on this node and on others; the judge is the host's access log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.discovery.lastmod import is_sampled
from opera_spiders.outcomes import Outcome
from tests.crawls import Crawl, html, sitemap
from tests.politeness.local_host import Answer, Hit, LocalHost

Crawler = Callable[..., Crawl]
Hosts = Callable[..., LocalHost]
Rows = Callable[..., list[tuple[Any, ...]]]

ROOT = Path(__file__).parents[2]
DAY = 86_400
SHOWS = 33
PATHS = [f"/shows/work-{number}" for number in range(SHOWS)]


class Version:
    """An answer with validators of its body, which says 304 to them."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, hit: Hit) -> Answer:
        tag = f'"{hash(self.answer.body)}"'
        headers = {**self.answer.headers, "ETag": tag}
        if hit.headers.get("if-none-match") == tag:
            return Answer("", 304, headers)
        return Answer(self.answer.body, headers=headers)


@pytest.fixture
def house(host: Hosts) -> LocalHost:
    """A house with all that makes a host ask: robots.txt, sitemap, redirects, other languages, what is not there."""
    links = [*PATHS[:-1], "/old", "/gone", "/shows/alias?page=1", "/es/obra"]
    alternates = (
        '<link rel="alternate" hreflang="en" href="/shows/opera"><link rel="alternate" hreflang="es" href="/es/obra">'
    )
    alias = Version(html("Alias", head='<link rel="canonical" href="/shows/alias">'))
    house = host(
        {
            "/": Version(html("Sample Opera", *links)),
            "/old": Answer("", 301, {"Location": PATHS[0]}),
            "/shows/alias?page=1": alias,
            "/shows/alias": alias,
            "/es/obra": Version(html("Obra", head=alternates, language="es")),
            "/shows/opera": Version(html("Opera", head=alternates)),
            **{path: Version(html(path.rpartition("/")[2])) for path in PATHS},
        }
    )
    house.routes["/robots.txt"] = Version(
        Answer(f"Sitemap: {house.url('/map.xml')}\n", headers={"Content-Type": "text/plain"})
    )
    house.routes["/map.xml"] = Version(sitemap(house.url(PATHS[-1])))
    return house


@pytest.fixture
def node(crawl: Crawler, database_url: str, tmp_path: Path) -> Crawler:
    """Crawl into one database from the node of this name, which has a cache of its own."""

    def run(domain: str, name: str = "first", settings: dict[str, Any] | None = None, **arguments: Any) -> Crawl:
        own = {
            "OPERA_DATABASE": "on",
            "DATABASE_URL": database_url,
            "TEST_EXTRACTION_VERSION": "1",
            "OPERA_PAGE_TTL_SECONDS": DAY,
            "HTTPCACHE_ENABLED": True,
            "HTTPCACHE_GZIP": False,
            "HTTPCACHE_DIR": str(tmp_path / name),
        }
        return crawl(domain, {**own, **(settings or {})}, **arguments)

    return run


@pytest.fixture
def age(rows: Rows, database: Any, tmp_path: Path) -> Callable[[], None]:
    """Let a day and an hour pass for all that is remembered."""
    from sqlalchemy import text

    from tests.politeness.test_cache import age as age_cache

    def pass_by() -> None:
        with database.engine().begin() as connection:
            for table in ("stg_scraped_pages", "site_answers"):
                connection.execute(
                    text(f"UPDATE staging.{table} SET last_seen_at = last_seen_at - interval '25 hours'")
                )
        if any(tmp_path.rglob("pickled_meta")):
            age_cache(tmp_path, DAY + 3600)

    return pass_by


@pytest.mark.parametrize("second", ["first", "another"])
def test_within_the_ttl_no_node_asks_for_anything(house: LocalHost, node: Crawler, second: str):
    first = node(house.address)
    assert first.pages("extracted", "failed") == (SHOWS + 3, 0)
    house.hits.clear()

    again = node(house.address, second)

    assert house.hits == []
    assert again.outcome is Outcome.FINISHED
    assert again.pages("fetched", "seen", "extracted") == (SHOWS + 3, SHOWS + 3, 0)
    assert again.stats["opera/saved/extractor_calls"] == SHOWS + 3
    assert again.stats["opera/saved/requests"] >= SHOWS + 3
    assert again.stats["opera/saved/bytes"] > 1000


@pytest.mark.parametrize("second", ["first", "another"])
@pytest.mark.parametrize("changed_count", [0, 1])
def test_after_the_ttl_every_request_is_conditional_and_only_what_changed_is_read(
    house: LocalHost, node: Crawler, age: Callable[[], None], second: str, changed_count: int
):
    node(house.address)
    age()
    house.hits.clear()
    for path in PATHS[:changed_count]:
        house.routes[path] = Version(html(path, text="A new cast list of this"))

    again = node(house.address, second)

    unconditional = {hit.path for hit in house.hits if "if-none-match" not in hit.headers}
    assert unconditional <= {"/old", "/gone", "/.well-known/tdmrep.json"}  # they have no validators
    assert {hit.path for hit in house.hits if hit.status == 200} == set(PATHS[:changed_count])
    assert again.pages("fetched", "extracted") == (SHOWS + 3, changed_count)
    assert again.stats["opera/saved/transfers"] >= SHOWS + 2 - changed_count
    house.hits.clear()
    node(house.address, "a third")
    assert house.hits == []


def test_what_max_pages_left_is_fetched_by_the_next_run_and_nothing_twice(house: LocalHost, node: Crawler, rows: Rows):
    asked: list[str] = []
    for _ in range(4):
        result = node(house.address, settings={"HTTPCACHE_ENABLED": False}, max_pages="12")
        asked += house.paths()
        house.hits.clear()

    assert result.outcome is Outcome.FINISHED
    assert len(asked) == len(set(asked))
    assert set(PATHS) < set(asked)
    assert rows("SELECT url FROM staging.frontier") == []


def test_the_frontier_holds_what_was_left_best_first_and_loses_what_is_not_there(
    host: Hosts, node: Crawler, rows: Rows
):
    house = host(
        {
            "/": html("Sample Opera", "/shows/aida", "/shows/tosca", "/about-us", "/shows/gone"),
            "/shows/tosca": [Answer("", 500), html("Tosca")],
        }
    )
    result = node(house.address, settings={"OPERA_MAX_HOST_FAILURES": 1})
    assert result.outcome is Outcome.SITE_DOWN
    left = [url for (url,) in rows("SELECT url FROM staging.frontier ORDER BY priority DESC, url")]
    assert left == [house.url(path) for path in ("/shows/tosca", "/shows/gone", "/about-us")]


def test_an_address_that_redirects_where_we_do_not_go_leaves_the_frontier(host: Hosts, node: Crawler, rows: Rows):
    elsewhere = host({"/shows/tosca": html("Tosca")})
    targets = [elsewhere.url("/shows/tosca"), "file:///etc/passwd", "http://[oops/", "/private/tosca", "/shows/4"]
    house = host(
        {
            "/robots.txt": Answer("User-agent: *\nDisallow: /private\n", headers={"Content-Type": "text/plain"}),
            "/": html("Sample Opera", *(f"/shows/{number}" for number in range(len(targets)))),
            **{f"/shows/{number}": Answer("", 302, {"Location": target}) for number, target in enumerate(targets)},
        }
    )
    result = node(house.address)
    assert result.outcome is Outcome.FINISHED
    assert set(house.routes) <= set(house.paths())
    assert elsewhere.hits == []
    assert rows("SELECT url FROM staging.frontier") == []


@pytest.fixture
def forgive(database: Any) -> Callable[[], None]:
    """Let the time come at which hosts may be asked again."""
    from sqlalchemy import text

    def pass_by() -> None:
        with database.engine().begin() as connection:
            connection.execute(text("UPDATE staging.host_state SET not_before_at = now() - interval '1 second'"))

    return pass_by


def test_a_host_that_was_left_is_not_asked_before_its_time_and_then_asked_for_what_is_missing(
    host: Hosts, node: Crawler, rows: Rows, forgive: Callable[[], None]
):
    busy = Answer("", 503, {"Retry-After": "5000"})
    house = host({"/": html("Sample Opera", "/shows/aida", "/shows/tosca"), "/shows/tosca": html("Tosca")})
    house.routes["/shows/aida"] = [busy, html("Aida")]
    assert node(house.address).outcome is Outcome.SITE_DOWN
    (wait,) = rows("SELECT extract(epoch FROM not_before_at - now()), failures_count FROM staging.host_state")
    assert 4900 < wait[0] <= 5000
    assert wait[1] == 1
    house.hits.clear()

    again = node(house.address, "another")

    assert house.hits == []
    assert again.outcome is Outcome.SITE_DOWN
    assert "is asked nothing before" in again.line
    assert len([line for line in again.log if house.address in line and line.startswith(("ERROR", "WARNING"))]) == 1

    forgive()
    assert node(house.address, "another").outcome is Outcome.FINISHED
    # The last place where a sitemap may be was not reached before the host was left.
    assert sorted(house.paths()) == ["/shows/aida", "/shows/tosca", "/sitemap_index.xml"]
    assert rows("SELECT failures_count, not_before_at FROM staging.host_state") == [(0, None)]


def test_a_suspension_is_waited_for_by_the_next_crawl(host: Hosts, node: Crawler, database: Any):
    house = host({"/": html("Sample Opera")})
    from sqlalchemy import text

    with database.engine().begin() as connection:
        connection.execute(
            text("INSERT INTO staging.host_state (host, not_before_at) VALUES (:host, now() + interval '2 seconds')"),
            {"host": house.address},
        )
        until = time.monotonic() + 1.9

    assert node(house.address).outcome is Outcome.FINISHED

    assert house.hits[0].at > until


def test_the_delay_holds_between_crawls(host: Hosts, node: Crawler):
    house = host({"/": html("Sample Opera"), "/robots.txt": Answer("User-agent: *\nCrawl-delay: 2")})
    for name in ("first", "another"):
        node(house.address, name, {"OPERA_PAGE_TTL_SECONDS": 0})
    assert min(house.gaps()) > 1.95


def test_a_house_that_speaks_http_only_is_known_to(host: Hosts, node: Crawler):
    house = host({"/": html("Sample Opera")})
    first, second = node(house.address), node(house.address, "another")
    assert any("does not speak TLS" in line for line in first.log)
    assert not any("does not speak TLS" in line for line in second.log)


def test_what_may_not_be_kept_is_not_asked_for_again_and_what_it_links_to_is_found(
    host: Hosts, node: Crawler, age: Callable[[], None]
):
    reserved = Version(Answer(str(html("Opera", "/shows/aida").body), headers={"tdm-reservation": "1"}))
    house = host({"/": reserved, "/shows/aida": html("Aida", "/shows/new")})
    node(house.address)
    house.routes["/shows/new"] = html("New")
    house.hits.clear()

    within = node(house.address, "another")

    assert within.outcome is Outcome.FINISHED
    assert house.paths() == []

    age()
    after = node(house.address, "a third")
    assert after.outcome is Outcome.FINISHED
    assert {"/", "/shows/aida", "/shows/new"} <= set(house.paths())
    assert [hit.status for hit in house.hits if hit.path == "/"] == [304]
    house.hits.clear()
    node(house.address, "a fourth")
    assert house.hits == []


def test_what_another_node_staged_is_read_by_a_new_extractor_without_a_request(house: LocalHost, node: Crawler):
    node(house.address)
    house.hits.clear()
    again = node(house.address, "another", {"TEST_EXTRACTION_VERSION": "2"})
    assert house.hits == []
    assert again.pages("extracted") == (SHOWS + 3,)


def test_a_crawl_that_is_killed_loses_no_page_and_asks_for_none_twice(
    house: LocalHost, node: Crawler, database_url: str, tmp_path: Path, rows: Rows
):
    kill_at = PATHS[SHOWS // 2]
    answers = {path: house.routes[path] for path in PATHS}
    killed: list[str] = []

    def answer_or_kill(hit: Hit) -> Answer:
        if hit.path == kill_at and not killed:
            killed.append(hit.path)
            process.kill()
        return answers[hit.path](hit)

    house.routes[kill_at] = answer_or_kill
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "OPERA_HOME": str(tmp_path),
        "OPERA_CONTACT": "tests@example.org",
        "OPERA_ALLOWED_NETWORKS": "127.0.0.1/32",
    }
    command = [sys.executable, "-m", "scrapy", "crawl", "opera", "-a", f"domain={house.address}"]
    options = ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "HTTPCACHE_ENABLED=False"]
    process = subprocess.Popen([*command, *options, "-s", f"JOBDIR={tmp_path / 'job'}"], cwd=ROOT, env=environment)
    assert process.wait(timeout=120) == -signal.SIGKILL
    assert killed
    asked = house.paths()
    house.hits.clear()

    on_another_node = node(house.address, "another", {"JOBDIR": str(tmp_path / "job")})

    assert on_another_node.outcome is Outcome.FINISHED
    assert set(house.paths()) & set(asked) <= {
        kill_at,
        *asked[-3:],
    }  # what was in flight, or on its way to the database
    assert {*asked, *house.paths()} >= {"/", *PATHS}
    assert rows("SELECT url FROM staging.frontier") == []


def test_a_sitemap_that_was_right_saves_requests_after_the_ttl_until_it_lies(
    host: Hosts, node: Crawler, age: Callable[[], None], rows: Rows
):
    house = host({"/": html("Sample Opera"), **{path: Version(html(path)) for path in PATHS}})
    lastmods = dict.fromkeys(PATHS, "2026-11-01T10:00:00Z")

    def publish(*changed: str, lastmod: str | None = None) -> None:
        """Change these pages, and say so in the sitemap with ``lastmod``."""
        for path in changed:
            house.routes[path] = Version(html(path, text=f"What is new since {lastmod or 'nobody says when'} on this"))
            lastmods[path] = lastmod or lastmods[path]
        entries = "".join(
            f"<url><loc>{house.url(path)}</loc><lastmod>{at}</lastmod></url>" for path, at in lastmods.items()
        )
        house.routes["/sitemap.xml"] = Version(Answer(f"<urlset>{entries}</urlset>"))

    def shows_asked() -> set[str]:
        age()
        house.hits.clear()
        node(house.address)
        return set(house.paths()) & set(PATHS)

    publish()
    node(house.address)
    publish(*PATHS[:3], lastmod="2026-11-20T10:00:00Z")
    assert shows_asked() >= set(PATHS[:3])  # and so it has proved itself

    sampled = {path for path in PATHS if is_sampled(house.url(path), date(2026, 11, 24))}
    trusted = [path for path in PATHS if path not in sampled]
    publish(trusted[0], lastmod="2026-11-21T10:00:00Z")
    assert shows_asked() == {trusted[0], *sampled}

    if sampled:
        publish(*sampled)  # nobody says so, and the sample shows it
        assert shows_asked() >= sampled
        assert shows_asked() == set(PATHS)
    (record,) = rows("SELECT details->'lastmod' FROM staging.host_state")
    assert record[0]["hidden"] == len(sampled)


def test_a_job_directory_is_taken_up_where_its_crawl_stopped(house: LocalHost, crawl: Crawler, tmp_path: Path):
    settings = {"JOBDIR": str(tmp_path / "job")}
    asked: list[str] = []
    outcomes = []
    for _ in range(4):
        outcomes.append(crawl(house.address, settings, max_pages="10").outcome)
        asked += [path for path in house.paths() if path not in ("/robots.txt", "/.well-known/tdmrep.json")]
        house.hits.clear()

    assert outcomes == [*[Outcome.BUDGET] * 3, Outcome.FINISHED]
    assert len(asked) == len(set(asked))
    assert {"/", "/gone", *PATHS} < set(asked)
    crawl(house.address, settings, max_pages="1")  # what is finished begins anew
    assert "/" in house.paths()
