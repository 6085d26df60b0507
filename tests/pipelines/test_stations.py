"""The stations of a page, with a real database: what is stored, what is skipped, and that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from opera_spiders.outcomes import Outcome
from tests.crawls import Crawl, html
from tests.politeness.local_host import Answer, LocalHost

Hosts = Callable[..., LocalHost]
Rows = Callable[..., list[tuple[Any, ...]]]

PAGES = "SELECT url, id, last_seen_at FROM staging.stg_scraped_pages ORDER BY url, scraped_at"
EXTRACTIONS = "SELECT count(*) FROM staging.stg_llm_extractions"


@pytest.fixture
def stored_crawl(crawl: Callable[..., Crawl], database_url: str) -> Callable[..., Crawl]:
    """Crawl into a fresh database."""

    def run(domain: str, settings: dict[str, Any] | None = None, **arguments: Any) -> Crawl:
        on = {
            "OPERA_DATABASE": "on",
            "DATABASE_URL": database_url,
            "TEST_EXTRACTION_VERSION": "1",
            "OPERA_PAGE_TTL_SECONDS": 0,
        }
        return crawl(domain, {**on, **(settings or {})}, **arguments)

    return run


def house_of(host: Hosts) -> LocalHost:
    return host(
        {
            "/": html("Sample Opera", "/shows/tosca", "/shows/aida", ("/files/2025.pdf", "Annual report")),
            "/shows/tosca": html("Tosca"),
            "/shows/aida": html("Aida", text="This page cannot be extracted, it"),
            "/files/2025.pdf": Answer(b"%PDF-1.4 \xff\xfe", headers={"Content-Type": "application/pdf"}),
        }
    )


def test_every_page_is_stored_and_read_once(stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows):
    house = house_of(host)

    result = stored_crawl(house.address)

    assert result.outcome is Outcome.FINISHED
    assert result.pages("fetched", "seen", "staged", "extracted", "failed") == (4, 0, 4, 3, 1)
    assert [url for url, *_ in rows(PAGES)] == sorted(
        house.url(path) for path in ("/", "/files/2025.pdf", "/shows/aida", "/shows/tosca")
    )
    assert rows("SELECT error FROM staging.stg_llm_extractions WHERE error IS NOT NULL") == [
        ("The page says it cannot be extracted.",)
    ]
    assert rows("SELECT html_content, body FROM staging.stg_scraped_pages WHERE url LIKE '%.pdf'") == [
        (None, b"%PDF-1.4 \xff\xfe")
    ]


def test_a_crawl_with_extraction_off_stages_pages_and_leaves_them_pending(
    stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows
):
    house = house_of(host)
    off = {"OPERA_EXTRACTION": "off", "TEST_EXTRACTION_VERSION": None}

    staged, again, read = (
        stored_crawl(house.address, off),
        stored_crawl(house.address, off),
        stored_crawl(house.address),
    )

    assert staged.pages("fetched", "seen", "staged", "extracted") == (4, 0, 4, 0)
    assert again.pages("fetched", "seen", "staged", "extracted") == (4, 4, 0, 0)
    assert read.pages("fetched", "seen", "extracted", "failed") == (4, 0, 3, 1)
    assert rows("SELECT count(*) FROM staging.stg_scraped_pages") == [(4,)]
    assert {result.outcome for result in (staged, again, read)} == {Outcome.FINISHED}


def test_a_second_crawl_stores_no_page_and_reads_none_again(
    stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows
):
    house = house_of(host)
    house.routes["/shows/aida"] = html("Aida")
    stored_crawl(house.address)
    before = rows(PAGES)

    again = stored_crawl(house.address)

    assert again.pages("fetched", "seen", "staged", "extracted", "failed") == (4, 4, 0, 0, 0)
    after = rows(PAGES)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert all(new[2] > old[2] for new, old in zip(after, before, strict=True))
    assert rows(EXTRACTIONS) == [(4,)]


def test_a_changed_page_is_a_new_version_and_a_changed_menu_is_none(
    stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows
):
    house = house_of(host)
    stored_crawl(house.address)
    menu = "<nav><ul><li>A new menu</li></ul></nav>"
    house.routes["/"] = Answer(str(house.routes["/"].body).replace("<body>", f"<body>{menu}"))
    house.routes["/shows/tosca"] = html("Tosca", text="A new cast list of this")

    result = stored_crawl(house.address)

    # Tosca is new; Aida failed a moment ago, so it waits.
    assert result.pages("seen", "staged", "extracted", "claimed_elsewhere") == (2, 2, 1, 1)
    versions = rows("SELECT url, count(*) FROM staging.stg_scraped_pages GROUP BY url HAVING count(*) > 1")
    assert versions == [(house.url("/shows/tosca"), 2)]


def test_content_that_comes_back_is_a_third_version(stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows):
    house = host({"/": [html("A"), html("B"), html("A")]})

    for _ in range(3):
        stored_crawl(house.address)

    assert rows("SELECT count(*), count(DISTINCT checksum) FROM staging.stg_scraped_pages") == [(3, 2)]


def test_a_newer_extractor_reads_what_is_stored_without_storing_it_again(
    stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows
):
    house = host({"/": html("Sample Opera")})
    stored_crawl(house.address)

    again = stored_crawl(house.address, {"TEST_EXTRACTION_VERSION": "2"})

    assert again.pages("seen", "extracted") == (0, 1)
    assert rows("SELECT count(*) FROM staging.stg_scraped_pages") == [(1,)]
    assert rows("SELECT extraction_version FROM staging.stg_llm_extractions ORDER BY 1") == [("1",), ("2",)]


def test_reserved_content_leaves_a_row_without_content(stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows):
    house = host({"/": Answer("<h1>Tosca</h1>", headers={"tdm-reservation": "1"})})

    result = stored_crawl(house.address)

    assert result.pages("fetched", "staged", "withheld", "extracted") == (1, 1, 1, 0)
    assert rows("SELECT html_content, body, rights->>'decision' FROM staging.stg_scraped_pages") == [
        (None, None, "reserved")
    ]


def test_the_ledger_records_every_crawl_with_its_outcome(
    stored_crawl: Callable[..., Crawl], host: Hosts, rows: Rows, closed_port: int
):
    house = host({"/": html("Sample Opera")})
    stored_crawl(house.address, max_pages="5")
    stored_crawl(f"127.0.0.1:{closed_port}")

    finished, down = rows(
        "SELECT company_domain, outcome, reason, spider_args, finished_at >= started_at, stats"
        " FROM staging.crawl_runs ORDER BY started_at"
    )

    assert finished[:3] == (house.address, "finished", "1 page read")
    assert finished[3] == {"domain": house.address, "max_pages": "5"}
    assert finished[4] is True
    assert finished[5]["opera/pages/fetched"] == 1
    assert down[1] == "site_down"
    assert "refused" in down[2]
    assert rows(
        "SELECT count(*) FROM staging.stg_scraped_pages p JOIN staging.crawl_runs r ON r.id = p.crawl_run_id"
    ) == [(1,)]


def test_a_database_that_dies_ends_the_crawl_with_one_clear_line(
    crawl: Callable[..., Crawl], host: Hosts, mortal_database: tuple[str, Callable[[], None]]
):
    url, kill = mortal_database
    works = [f"/shows/work-{number}" for number in range(400)]
    house = host({"/": html("Sample Opera", *works)} | {work: html(work) for work in works})

    def last_page_before_the_end(_: object) -> Answer:
        kill()
        return html("Work 3")

    house.routes["/shows/work-3"] = last_page_before_the_end

    result = crawl(house.address, {"OPERA_DATABASE": "on", "DATABASE_URL": url, "TEST_EXTRACTION_VERSION": "1"})

    assert (result.outcome, result.outcome.exit_status) == (Outcome.FAILED, 1)
    assert result.line.startswith("failed: ")
    assert "\n" not in result.line
    assert "/shows/work-399" not in house.paths()
    assert not any("Traceback" in line for line in result.log)
    assert result.pages("fetched")[0] == result.stats["opera/extractions/stored"] + result.pages("lost")[0]


def test_a_wrong_database_url_starts_no_crawl(crawl: Callable[..., Crawl], host: Hosts, closed_port: int):
    house = host({"/": html("Sample Opera")})
    url = f"postgresql://opera:hidden@127.0.0.1:{closed_port}/opera"

    result = crawl(house.address, {"OPERA_DATABASE": "on", "DATABASE_URL": url})

    assert (result.outcome, result.outcome.exit_status) == (Outcome.FAILED, 1)
    assert str(closed_port) in result.line
    assert "\n" not in result.line
    assert "hidden" not in json.dumps([result.line, *result.log])
    assert house.hits == []
