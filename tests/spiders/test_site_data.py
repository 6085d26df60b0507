"""Houses that serve their programme as JSON: what is asked for, what never, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from opera_spiders.discovery.site_data import MAX_LIST_PAGES
from opera_spiders.warehouse.server import Server
from tests.crawls import html
from tests.politeness.local_host import Answer, LocalHost

WORDS = "The curtain rises at half past seven, and the doors open an hour before that. " * 5
ROBOTS = ("/robots.txt", "/.well-known/tdmrep.json", "/sitemap.xml", "/sitemap_index.xml")


def as_json(data: Any, **headers: str) -> Answer:
    return Answer(
        json.dumps(data),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        },
    )


def asked(house: LocalHost) -> list[str]:
    return [path for path in house.paths() if path not in ROBOTS]


def productions(row: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = row["extraction"]["raw_response"]["productions"]
    assert not [entry for entry in row["extraction"]["evidence"] if entry["status"] == "absent"]
    return found


def evenings(row: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (production["opera_title"], evening["date"], evening["time"])
        for production in productions(row)
        for evening in production["performances"]
    }


# --- WordPress

TITLES = ("Tosca", "Rusalka", "Falstaff", "Fidelio", "Norma")


def post(number: int, house: str) -> dict[str, Any]:
    slug = TITLES[number].lower()
    return {
        "id": number,
        "date": "2026-05-12T10:00:00",
        "date_gmt": "2026-05-12T08:00:00",
        "modified": "2026-06-12T10:00:00",
        "slug": slug,
        "link": f"{house}productions/{slug}/",
        "title": {"rendered": TITLES[number]},
        "content": {"rendered": "<p>On the main stage.</p>", "protected": False},
        "acf": {"conductor": "Hanne Obrestad", "dates": [{"date": f"2026-12-0{number + 1}", "time": "19:30"}]},
    }


def wordpress(host, **more: Answer) -> LocalHost:
    house = host({})
    api = house.url("/wp-json/")

    def types(*names: str) -> dict[str, Any]:
        return {
            name: {
                "name": name,
                "slug": name,
                "rest_base": name,
                "_links": {"wp:items": [{"href": f"{api}wp/v2/{name}"}]},
            }
            for name in names
        }

    house.routes |= {
        "/": html("Harbour Opera", head=f'<link rel="https://api.w.org/" href="{api}" />'),
        "/wp-json/wp/v2/types": as_json(types("post", "page", "attachment", "productions", "wp_block")),
        "/wp-json/wp/v2/productions?per_page=100": as_json(
            [post(0, house.url()), post(1, house.url())], X_WP_TotalPages="3", X_WP_Total="5"
        ),
        "/wp-json/wp/v2/productions?page=2&per_page=100": as_json([post(2, house.url()), post(3, house.url())]),
        "/wp-json/wp/v2/productions?page=3&per_page=100": as_json([post(4, house.url())]),
        "/wp-json/wp/v2/users": as_json([{"name": "admin"}]),
        **more,
    }
    return house


def test_wordpress_is_asked_for_its_productions_and_for_nothing_else(host, crawl):
    house = wordpress(host)
    result = crawl(house.address)
    assert asked(house)[:5] == [
        "/",
        "/wp-json/wp/v2/types",
        "/wp-json/wp/v2/productions?per_page=100",
        "/wp-json/wp/v2/productions?page=2&per_page=100",
        "/wp-json/wp/v2/productions?page=3&per_page=100",
    ]
    assert not [path for path in asked(house) if "users" in path or "posts" in path]
    # The pages its records name are found through it.
    assert {f"/productions/{title.lower()}/" for title in TITLES} <= set(asked(house))
    data = [row for row in result.feed if row["content_type"].startswith("application/json")]
    assert [row["url"] for row in data] == [house.url(path) for path in asked(house)[2:5]]
    assert set().union(*map(evenings, data)) == {
        (title, f"2026-12-0{number}", "19:30") for number, title in enumerate(TITLES, start=1)
    }
    assert {row["language"] for row in data} == {"en"}
    assert result.stats["opera/source/chosen"] == "data and pages"


def test_the_events_calendar_takes_the_place_of_its_bare_posts_and_its_own_next_pages_are_followed(host, crawl):
    house = wordpress(host)
    events = "/wp-json/tribe/events/v1/events"
    types = {"tribe_events": {"slug": "tribe_events", "_links": {"wp:items": [{"href": house.url("/x")}]}}}
    night = {
        "title": "Tosca",
        "date": "2026-05-01 10:00:00",
        "modified": "2026-05-01 10:00:00",
        "categories": [{"name": "Opera"}],
    }
    house.routes |= {
        "/wp-json/wp/v2/types": as_json(types),
        f"{events}?per_page=50": as_json(
            {
                "events": [night | {"start_date": "2026-12-03 19:30:00", "end_date": "2026-12-03 22:30:00"}],
                "next_rest_url": house.url(f"{events}/?page=2&per_page=50"),
            }
        ),
        f"{events}/?page=2&per_page=50": as_json({"events": [night | {"start_date": "2026-12-05 18:00:00"}]}),
    }
    result = crawl(house.address)
    data = [row for row in result.feed if "tribe" in row["url"]]
    assert set().union(*map(evenings, data)) == {("Tosca", "2026-12-03", "19:30"), ("Tosca", "2026-12-05", "18:00")}
    assert len(data) == 2


def test_what_is_named_is_asked_for_once_and_only_what_holds_productions(host, crawl):
    calendar = {
        "performances": [{"title": "Tosca", "composer": "Giacomo Puccini", "date": "2026-12-03", "time": "19:30"}]
    }
    other = host({"/api/events": as_json(calendar)})
    page = html(
        "Calendar",
        text=WORDS
        + "<i data-calendar-url='/api/calendar?month=2026-12'></i><i data-x='/api/calendar?month=2026-12'></i>"
        f"<script>var c = {{a: '/api/users/events', b: '/api/events/{{id}}', c: '/api/cart', d: '/api/menu',"
        f" e: '{other.url('/api/events')}', f: '/api/i18n/calendar.json'}}</script>",
    )
    house = host({"/": page, "/api/calendar?month=2026-12": as_json(calendar)})
    result = crawl(house.address)
    assert asked(house) == ["/", "/api/calendar?month=2026-12"]
    assert other.hits == []
    assert (result.stats["opera/data/asked"], result.stats["opera/data/foreign"]) == (1, 1)
    assert evenings(result.feed[-1]) == {("Tosca", "2026-12-03", "19:30")}
    assert result.feed[-1]["page_type"] == "calendar"


def test_data_is_asked_for_with_the_same_distance_as_pages(host, crawl):
    house = wordpress(host)
    crawl(house.address, settings={"DOWNLOAD_DELAY": 0.3}, max_pages="4")
    assert len(house.hits) > 5
    assert min(house.gaps()) >= 0.25


CALENDAR = '<div data-calendar-url="/api/calendar"></div>'


@pytest.mark.parametrize(
    ("answer", "stat"),
    [
        (Answer("<html><p>Not found</p></html>", headers={"Content-Type": "application/json"}), "opera/data/not_json"),
        (Answer("<html><p>The front page</p></html>"), "opera/data/not_json"),
        (Answer('{"nights": [{"title": "Tos', headers={"Content-Type": "application/json"}), "opera/data/not_json"),
        (Answer("42", headers={"Content-Type": "application/json"}), "opera/data/not_json"),
        (Answer("[" * 100_000, headers={"Content-Type": "application/json"}), "opera/data/not_json"),
        (as_json({"labels": {"title": "Calendar", "date": "Date"}}), "opera/data/without_facts"),
        (as_json([{"title": "Tosca", "date": "2026-12-03", "x": "x" * 9_000_000}]), "opera/data/failed"),
        (Answer("no", 401), "opera/data/failed"),
        (Answer("no", 500), "opera/data/failed"),
        (Answer("", 302, {"Location": "/imprint"}), "opera/data/not_json"),
    ],
    ids=["html", "a page", "cut", "a number", "deep", "labels", "huge", "refused", "broken", "redirected"],
)
def test_data_that_is_none_is_not_staged_and_the_crawl_goes_on(host, crawl, answer, stat):
    house = host(
        {
            "/": html("Opera", "/shows/tosca", text=CALENDAR),
            "/api/calendar": answer,
            "/shows/tosca": html("Tosca"),
            "/imprint": html("Imprint"),
        }
    )
    result = crawl(house.address)
    assert result.outcome == "finished"
    assert result.stats[stat] == 1
    assert result.urls == [house.url(), house.url("/shows/tosca")]


def test_data_that_robots_txt_forbids_is_not_asked_for(host, crawl):
    robots = Answer("User-agent: *\nDisallow: /api/", headers={"Content-Type": "text/plain"})
    house = host({"/robots.txt": robots, "/": html("Opera", text=CALENDAR), "/api/calendar": as_json([])})
    result = crawl(house.address)
    assert asked(house) == ["/"]
    assert result.outcome == "finished"


def test_reserved_data_is_not_kept(host, crawl):
    data = as_json([{"title": "Tosca", "date": "2026-12-03"}], X_Robots_Tag="noai")
    house = host({"/": html("Opera", text=CALENDAR), "/api/calendar": data})
    result = crawl(house.address)
    assert result.urls == [house.url()]
    assert result.pages("reserved", "withheld") == (1, 1)
    assert result.stats["opera/source/chosen"] == "pages"


def test_a_list_without_end_is_left_after_ten_pages(host, crawl):
    house = host({"/": html("Opera", text=CALENDAR)})

    def page(number: int) -> Answer:
        night = {"title": "Tosca", "date": "2026-12-03", "time": "19:30", "id": number}
        return as_json({"nights": [night], "next": f"/api/calendar?page={number + 1}"})

    house.routes |= {"/api/calendar": page(1)} | {f"/api/calendar?page={n}": page(n) for n in range(2, 50)}
    result = crawl(house.address)
    assert len([path for path in asked(house) if path.startswith("/api/")]) == MAX_LIST_PAGES
    assert result.stats["opera/data/too_many"] == 1


# --- pages that scripts fill

PROGRAMME = {
    "productions": [
        {
            "slug": slug,
            "title": title,
            "composer": composer,
            "performances": [{"date": f"2026-12-{day:02}", "time": "19:30"}],
            "cast": [{"role": role, "singer": singer}],
        }
        for slug, title, composer, day, role, singer in (
            ("tosca", "Tosca", "Giacomo Puccini", 3, "Floria Tosca", "Ilse Karvonen-Thal"),
            ("rusalka", "Rusalka", "Antonín Dvořák", 5, "Rusalka", "Zdenka Morávkova-Lind"),
            ("fidelio", "Fidelio", "Ludwig van Beethoven", 8, "Leonore", "Oda Thistlewood"),
            ("norma", "Norma", "Vincenzo Bellini", 9, "Norma", "Pia Quarantini"),
        )
    ]
}
NEXT_STATE = '<script id="__NEXT_DATA__" type="application/json">{"props": {"pageProps": {}}, "isFallback": true, "buildId": "Zk3x9"}</script>'
APP = """
const name = location.pathname.split('/').pop();
fetch('/api/programme').then(a => a.json()).then(({productions}) => {
  const one = productions.find(p => p.slug === name);
  document.getElementById('root').innerHTML = one
    ? `<h1>${one.title}</h1><p>Opera by ${one.composer}</p>`
      + one.performances.map(n => `<p>${n.date} ${n.time}</p>`).join('')
      + '<h2>Cast</h2><dl>' + one.cast.map(c => `<dt>${c.role}</dt><dd>${c.singer}</dd>`).join('') + '</dl>' + MORE
    : productions.map(p => `<p><a href="/shows/${p.slug}">${p.title}</a></p>`).join('');
});
"""


def shell_house(host, named: str = "", more: str = "") -> LocalHost:
    """Return a house of which every page is one and the same frame, filled from /api/programme."""
    frame = Answer(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Harbour Opera</title></head><body>'
        f'<div id="root" {named}></div><script>const MORE = "{more}";{APP}</script></body></html>'
        if not named
        else f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Harbour Opera</title></head><body>'
        f'<div id="root" {named}></div><script src="/app.js"></script></body></html>'
    )
    slugs = [production["slug"] for production in PROGRAMME["productions"]]
    return host(
        {
            **dict.fromkeys(("/", *(f"/shows/{slug}" for slug in slugs)), frame),
            "/app.js": Answer(f'const MORE = "{more}";{APP}', headers={"Content-Type": "text/javascript"}),
            "/api/programme": as_json(PROGRAMME),
        }
    )


CACHED = {"HTTPCACHE_ENABLED": True}
NAMED = 'data-programme-url="/api/programme"'


@pytest.mark.browser
def test_pages_are_left_undrawn_once_drawings_said_no_more_than_the_data(host, crawl):
    house = shell_house(host, NAMED)
    result = crawl(house.address, settings=CACHED)
    rows = {row["url"]: row for row in result.feed}
    assert asked(house).count("/api/programme") == 1  # and the browser's own from the cache
    assert asked(house).count("/") == 1
    assert result.pages("rendered", "answered_by_data") == (3, 2)
    assert result.stats["opera/source/chosen"] == "data"
    assert len(evenings(rows[house.url("/api/programme")])) == 4
    # What was left undrawn is no version of its page: it states nothing.
    assert sorted(row["rendered"] for row in rows.values()) == [False, True, True, True]


@pytest.mark.browser
def test_pages_are_drawn_for_ever_where_a_drawing_said_more(host, crawl):
    house = shell_house(host, NAMED, more="<p>Conductor: Hanne Obrestad</p>")
    result = crawl(house.address, settings=CACHED)
    assert result.pages("rendered", "answered_by_data") == (5, 0)
    assert result.stats["opera/source/chosen"] == "drawings"


@pytest.mark.browser
def test_data_that_only_the_scripts_name_is_staged_as_the_browser_loaded_it(host, crawl):
    house = shell_house(host)
    result = crawl(house.address, settings=CACHED)
    rows = {row["url"]: row for row in result.feed}
    assert rows[house.url("/api/programme")]["content_type"].startswith("application/json")
    assert len(evenings(rows[house.url("/api/programme")])) == 4
    assert asked(house).count("/api/programme") == 1


def test_without_a_browser_the_data_is_read_all_the_same(host, crawl):
    house = shell_house(host, NAMED)
    result = crawl(house.address, render="never")
    assert len(evenings(next(row for row in result.feed if row["url"].endswith("/api/programme")))) == 4


def test_a_fallback_page_of_next_is_read_from_its_data_route(host, crawl):
    data = {"pageProps": {"production": PROGRAMME["productions"][0] | {"title": "Tosca"}}}
    frame = Answer(f'<html lang="en"><body><div id="__next"></div>{NEXT_STATE}</body></html>')
    house = host(
        {"/": html("Opera", "/shows/tosca"), "/shows/tosca": frame, "/_next/data/Zk3x9/shows/tosca.json": as_json(data)}
    )
    result = crawl(house.address, render="never")
    assert evenings(result.feed[-1]) == {("Tosca", "2026-12-03", "19:30")}
    assert result.urls == [house.url(path) for path in ("/", "/shows/tosca", "/_next/data/Zk3x9/shows/tosca.json")]


# --- from one crawl to the next


def remembered(database: Server, house: LocalHost) -> dict[str, Any]:
    query = text("SELECT details->'source' FROM staging.host_state WHERE host = :host")
    engine = create_engine(database.url, poolclass=NullPool)
    with engine.connect() as connection:
        source: dict[str, Any] = connection.execute(query, {"host": house.address}).scalar_one()
    return source


def test_the_next_crawl_asks_what_carried_facts_before_and_forgets_what_does_no_more(
    host, crawl, database, database_url
):
    house = host({"/": html("Opera", text=WORDS + CALENDAR), "/api/calendar": as_json(PROGRAMME)})
    stored = {"OPERA_DATABASE": "on", "DATABASE_URL": database_url, "OPERA_PAGE_TTL_SECONDS": 0}
    crawl(house.address, settings=stored)
    first = remembered(database, house)
    assert (first["chosen"], list(first["data"])) == ("data and pages", [house.url("/api/calendar")])

    house.routes["/"] = html("Opera", text=WORDS)  # it names its calendar no more
    house.hits.clear()
    crawl(house.address, settings=stored)
    assert asked(house) == ["/", "/api/calendar"]

    house.routes["/api/calendar"] = as_json({"productions": []})
    crawl(house.address, settings=stored)
    assert remembered(database, house) | {"chosen": "pages", "data": {}} == remembered(database, house)
