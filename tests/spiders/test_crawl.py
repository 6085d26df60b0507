"""What a crawl fetches, in which order, and what it makes of it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable

import pytest

from opera_spiders.outcomes import Outcome
from tests.crawls import Crawl, html, sitemap
from tests.politeness.local_host import Answer, LocalHost

Crawler = Callable[..., Crawl]
Hosts = Callable[..., LocalHost]

ROBOTS = {"Content-Type": "text/plain"}


def test_pages_are_found_in_links_and_in_the_sitemap(crawl: Crawler, host: Hosts):
    house = host(
        {"/": html("Sample Opera", "/shows/tosca"), "/shows/tosca": html("Tosca"), "/shows/aida": html("Aida")}
    )
    house.routes["/sitemap.xml"] = sitemap(house.url("/shows/aida"))

    result = crawl(house.address)

    assert set(result.urls) == {house.url("/"), house.url("/shows/tosca"), house.url("/shows/aida")}


def test_robots_txt_names_the_sitemaps_and_an_index_is_followed(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera"), "/shows/aida": html("Aida")})
    house.routes["/robots.txt"] = Answer(f"Sitemap: {house.url('/maps/index.xml')}\n", headers=ROBOTS)
    house.routes["/maps/index.xml"] = sitemap(
        house.url("/maps/shows.xml.gz"), house.url("/maps/index.xml"), tag="sitemap"
    )
    shows = sitemap(house.url("/shows/aida")).body
    assert isinstance(shows, str)
    house.routes["/maps/shows.xml.gz"] = Answer(
        gzip.compress(shows.encode()), headers={"Content-Type": "application/gzip"}
    )

    result = crawl(house.address)

    assert result.urls == [house.url("/"), house.url("/shows/aida")]
    assert "/sitemap.xml" not in house.paths()


def test_a_sitemap_is_found_where_a_page_names_it_and_at_the_other_usual_place_when_nothing_better_waits(
    crawl: Crawler, host: Hosts
):
    named = host({"/": html("Sample Opera", head='<link rel="sitemap" href="/map/all">'), "/a": html("Aida")})
    named.routes["/map/all"] = sitemap(named.url("/a"))
    usual = host({"/": html("Sample Opera", "/shows/tosca"), "/shows/tosca": html("Tosca"), "/a": html("Aida")})
    usual.routes["/sitemap.xml"] = html("Not found")
    usual.routes["/sitemap_index.xml"] = sitemap(usual.url("/a"))

    assert crawl(named.address).urls == [named.url("/"), named.url("/a")]
    assert crawl(usual.address).urls == [usual.url("/"), usual.url("/shows/tosca"), usual.url("/a")]
    assert not {"/sitemap.xml", "/sitemap_index.xml"} & set(named.paths())


def test_only_the_company_s_own_house_is_visited(crawl: Crawler, host: Hosts):
    neighbour = host({"/": html("Neighbour")})
    house = host(
        {"/": html("Sample Opera", neighbour.url("/"), "/shows/aida", "/shows/tickets"), "/shows/aida": html("Aida")}
    )
    house.routes["/shows/tickets"] = Answer("", 302, {"Location": neighbour.url("/shows/aida")})

    crawl(house.address)

    assert neighbour.hits == []


def test_max_pages_is_kept_to_the_page_and_spent_on_productions(crawl: Crawler, host: Hosts):
    works = ("tosca", "aida", "carmen", "rigoletto", "fidelio", "salome")
    links = ["/about-us", "/ensemble/anna-bell", *(f"/shows/{work}" for work in works), "/news/today"]
    house = host({"/": html("Sample Opera", *links)} | {link: html(link.rpartition("/")[2]) for link in links})

    result = crawl(house.address, max_pages="4")

    assert result.outcome is Outcome.BUDGET
    assert len(result.feed) == 4
    asked = [path for path in house.paths() if path not in ("/robots.txt", "/sitemap.xml", "/.well-known/tdmrep.json")]
    assert len(asked) == 4
    assert all(path == "/" or path.startswith("/shows/") for path in asked)


def test_a_failure_does_not_count_as_a_page(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera", "/shows/tosca", "/shows/aida"), "/shows/aida": html("Aida")})

    result = crawl(house.address, max_pages="2")

    assert set(result.urls) == {house.url("/"), house.url("/shows/aida")}
    assert result.stats["opera/requests/failed"] == 1


def test_an_endless_calendar_ends_with_the_window(crawl: Crawler, host: Hosts):
    def month(hit) -> Answer:
        year, month = map(int, hit.path.rpartition("/")[2].split("-"))
        following = f"{year + month // 12}-{month % 12 + 1:02}"
        return html(f"Calendar {year}-{month}", (f"/calendar/{following}", "next"))

    house = host({"/": html("Sample Opera", "/calendar/2028-05")})
    house.routes |= {f"/calendar/{year}-{m:02}": month for year in range(2028, 2036) for m in range(1, 13)}

    result = crawl(house.address)

    assert [url.rpartition("/")[2] for url in result.urls[1:]] == ["2028-05", "2028-06", "2028-07"]
    assert result.stats["opera/links/outside_window"] == 1


@pytest.mark.parametrize(("archive", "is_read"), [("season", False), ("all", True)])
def test_past_seasons_are_read_when_the_archive_is_asked_for(crawl: Crawler, host: Hosts, archive: str, is_read: bool):
    house = host({"/": html("Sample Opera", "/season-2011-12/tosca"), "/season-2011-12/tosca": html("Tosca")})

    result = crawl(house.address, archive=archive)

    assert (house.url("/season-2011-12/tosca") in result.urls) is is_read


def test_tracking_parameters_do_not_make_a_second_page(crawl: Crawler, host: Hosts):
    links = ["/shows/tosca", "/shows/tosca?utm_source=home", "/shows/tosca?PHPSESSID=1#cast"]
    house = host({"/": html("Sample Opera", *links), "/shows/tosca": html("Tosca")})

    crawl(house.address)

    assert house.paths().count("/shows/tosca") == 1
    assert not any("?" in path for path in house.paths())


def test_each_page_is_read_in_one_language(crawl: Crawler, host: Hosts):
    def versions(path: str) -> str:
        return "".join(f'<link rel="alternate" hreflang="{code}" href="/{code}{path}">' for code in ("de", "en"))

    pages = {
        f"/{code}{path}": html(
            f"{code} {path}", f"/{code}/shows/tosca", "/de/", "/en/", head=versions(path), language=code
        )
        for code in ("de", "en")
        for path in ("/", "/shows/tosca")
    }
    house = host({"/": Answer("", 302, {"Location": "/de/"}), **pages})

    result = crawl(house.address)

    assert set(result.urls) == {house.url("/en/"), house.url("/en/shows/tosca")}
    assert {row["language"] for row in result.feed} == {"en"}


def test_a_site_that_calls_its_home_page_the_translation_of_every_page_is_still_read(crawl: Crawler, host: Hosts):
    head = '<link rel="alternate" hreflang="en" href="/en/">'
    shows = [f"/stuecke/{number}" for number in range(5)]
    house = host(
        {"/": html("Beispieloper", *shows, language="de"), "/en/": html("Sample Opera", head=head)}
        | {show: html(f"Stück {show}", head=head, language="de") for show in shows}
    )

    result = crawl(house.address)

    assert len({url for url in result.urls if "/stuecke/" in url}) >= 4


def test_since_leaves_out_what_has_not_changed_but_follows_its_links(crawl: Crawler, host: Hosts):
    old = {"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
    new = {"Last-Modified": "Mon, 02 Nov 2026 00:00:00 GMT"}
    house = host(
        {
            "/": Answer(html("Sample Opera", "/shows/tosca", "/shows/aida").body, headers=old),
            "/shows/tosca": Answer(html("Tosca").body, headers=old),
            "/shows/aida": Answer(html("Aida").body, headers=new),
        }
    )

    result = crawl(house.address, since="2026-09-01")

    assert result.outcome is Outcome.FINISHED
    assert result.urls == [house.url("/shows/aida")]
    assert result.pages("unchanged") == (2,)


def test_since_believes_the_sitemap(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera"), "/shows/aida": html("Aida")})
    house.routes["/sitemap.xml"] = sitemap(house.url("/shows/aida"), lastmod="2026-01-01")

    crawl(house.address, since="2026-09-01")

    assert "/shows/aida" not in house.paths()


def test_a_report_in_pdf_goes_into_the_feed_as_base64(crawl: Crawler, host: Hosts, tmp_path):
    pdf = b"%PDF-1.4\n\xff\xfe not much of a report"
    house = host(
        {
            "/": html("Sample Opera", ("/files/2025.pdf", "Annual report 2025"), ("/files/menu.pdf", "Menu")),
            "/files/2025.pdf": Answer(pdf, headers={"Content-Type": "application/pdf"}),
        }
    )
    feed = tmp_path / "pages.jsonl"

    crawl(house.address, settings={"FEEDS": {str(feed): {"format": "jsonlines"}}})

    rows = {row["url"]: row for row in map(json.loads, feed.read_text().splitlines())}
    report = rows[house.url("/files/2025.pdf")]
    assert base64.b64decode(report["body"]) == pdf
    assert report["html_content"] is None
    assert report["page_type"] == "financial"
    assert rows[house.url("/")]["body"] is None
    assert "/files/menu.pdf" not in house.paths()


def test_a_pdf_under_a_year_is_a_report_where_a_page_about_finances_lists_it(crawl: Crawler, host: Hosts):
    house = host(
        {
            "/": html("Sample Opera", ("/about-us/annual-reports", ""), ("/x/season.pdf", "2026")),
            "/about-us/annual-reports": html("Annual reports", ("/x/f3a1.pdf", "2025"), ("/x/menu.pdf", "Menu")),
            "/x/f3a1.pdf": Answer(b"%PDF-1.4", headers={"Content-Type": "application/pdf"}),
        }
    )

    crawl(house.address)

    assert [path for path in house.paths() if path.startswith("/x/")] == ["/x/f3a1.pdf"]


def test_the_feed_has_a_row_of_the_staging_table_for_each_page(crawl: Crawler, host: Hosts):
    answer = html("Tosca", language="it")
    house = host({"/": Answer(answer.body, headers={"Set-Cookie": "id=1", "ETag": '"7"', "X-Served-By": "a"})})

    row = crawl(house.address).feed[0]

    assert row["response_headers"]["x-served-by"] == "a"
    assert "set-cookie" not in row["response_headers"]
    assert (row["etag"], row["language"], row["status_code"]) == ('"7"', "it", 200)
    assert row["company_domain"] == house.address
    assert row["extraction"]["error"] is None
    assert {"checksum", "body_checksum", "rights", "rendered", "content_type"} <= row.keys()


def test_reserved_content_is_not_kept_and_not_extracted(crawl: Crawler, host: Hosts):
    house = host(
        {
            "/": html("Sample Opera", "/shows/tosca"),
            "/shows/tosca": Answer("<h1>Tosca</h1>", headers={"tdm-reservation": "1"}),
        }
    )

    result = crawl(house.address)

    assert result.urls == [house.url("/")]
    assert result.pages("fetched", "extracted", "withheld") == (2, 1, 1)


def test_who_we_are_is_said_with_every_request(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera")})

    crawl(house.address, settings={"OPERA_CONTACT": "curator@example.org"})

    agents = {hit.headers["user-agent"] for hit in house.hits}
    assert len(agents) == 1
    assert agents.pop().startswith("OperaResearchBot/")
    assert "(+mailto:curator@example.org)" in house.hits[-1].headers["user-agent"]


def test_without_a_contact_one_warning_says_so(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera")})

    result = crawl(house.address, settings={"OPERA_CONTACT": ""})

    assert [line for line in result.log if "OPERA_CONTACT is not set" in line and line.startswith("WARNING")]


def test_a_second_crawl_within_the_ttl_asks_for_nothing(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera", "/shows/tosca"), "/shows/tosca": html("Tosca")})
    settings = {"HTTPCACHE_ENABLED": True, "OPERA_PAGE_TTL_SECONDS": 86_400}
    first = crawl(house.address, settings=settings)
    house.hits.clear()

    second = crawl(house.address, settings=settings)

    assert second.urls == first.urls
    assert house.hits == []
    assert [row["scraped_at"] for row in second.feed] <= [row["scraped_at"] for row in first.feed]


def test_scrapyd_s_own_arguments_are_no_mistake(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera")})

    assert crawl(house.address, _job="6487ec79947edab326d6db28a2d86511e8247444").outcome is Outcome.FINISHED


def test_two_addresses_that_lead_to_one_page_are_one_page(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera", "/shows/tosca", "/shows/12"), "/shows/tosca": html("Tosca")})
    house.routes["/shows/12"] = Answer("", 301, {"Location": "/shows/tosca"})

    result = crawl(house.address)

    assert result.urls == [house.url("/"), house.url("/shows/tosca")]


def test_the_log_says_how_far_the_crawl_came(crawl: Crawler, host: Hosts):
    house = host({"/": html("Sample Opera", "/shows/tosca"), "/shows/tosca": html("Tosca")})

    result = crawl(house.address, max_pages="9")

    line = f"{house.address}: 2 pages of at most 9, 2 extracted, 0 unchanged, 0 failed, 0 waiting"
    assert f"INFO opera_spiders.extensions.progress: {line}" in result.log


def test_the_links_of_a_page_compete_for_the_very_next_request(crawl: Crawler, host: Hosts):
    house = host(
        {
            "/": html("Sample Opera", "/season", "/about-us"),
            "/season": html("Season", *(f"/shows/work-{number}" for number in range(3))),
            "/about-us": html("About us"),
        }
        | {
            f"/shows/work-{day}": html(
                f"Work {day}", "/shows/tosca", text=f"{day + 1} December 2026, 19:30, {day + 11} December 2026, 19:30"
            )
            for day in range(3)
        }
        | {"/shows/tosca": html("Tosca")}
    )

    result = crawl(house.address)

    assert [url.removeprefix(house.url("/")) for url in result.urls] == [
        "",
        "season",
        "shows/work-0",
        "shows/tosca",
        "shows/work-1",
        "shows/work-2",
        "about-us",
    ]
