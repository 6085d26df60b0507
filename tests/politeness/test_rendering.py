"""Real Chromium; its requests are read from the access logs of the houses it visits."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from opera_spiders.errors import BadInputError
from opera_spiders.politeness.browser import MAX_REQUESTS_PER_PAGE, find_chromium
from opera_spiders.politeness.shells import is_shell

from .local_host import Answer

ROBOTS = ["/robots.txt", "/.well-known/tdmrep.json"]


def shell(script: str = '<script src="/app.js"></script>') -> Answer:
    return Answer(f'<!doctype html><meta charset="utf-8"><title>Cartellone</title><div id="app"></div>{script}')


def javascript(source: str) -> Answer:
    return Answer(source, headers={"Content-Type": "text/javascript; charset=utf-8"})


def inline(source: str) -> Answer:
    return shell(f"<script>{source}</script>")


DRAW = (
    "const draw = (...titles) => document.getElementById('app').innerHTML = titles.map(t => `<h2>${t}</h2>`).join('');"
)
APP = javascript(
    f"{DRAW} fetch('/api/nights').then(a => a.json()).then(nights => setTimeout(() => draw(...nights), 300))"
)
NIGHTS = Answer(json.dumps(["La traviata", "Tosca", "Jenůfa"]), headers={"Content-Type": "application/json"})


def asked(house) -> list[str]:
    return [path for path in house.paths() if path not in ROBOTS]


@pytest.fixture
def house(host):
    return host({"/": shell(), "/app.js": APP, "/api/nights": NIGHTS})


@pytest.mark.browser
def test_a_page_that_its_script_draws_late_is_drawn(house, crawl):
    result = crawl(house.url())
    [page] = result.pages
    assert all(title in page["text"] for title in ("La traviata", "Tosca", "Jenůfa"))
    assert page["meta"]["opera_rendered"] is True
    assert asked(house) == ["/", "/app.js", "/api/nights"]
    assert {hit.headers["user-agent"] for hit in house.hits} == {"OperaResearchBot/0 (+tests)"}
    assert result.stats["opera/pages/rendered"] == 1
    assert result.stats["opera/browser/pages_left_open"] == 0
    assert result.children == []


@pytest.mark.browser
def test_the_browser_reaches_no_other_host_and_fetches_nothing_to_look_at(host, crawl):
    other = host({"/x.js": javascript("document.title = 'foreign'"), "/data": Answer("{}"), "/frame": Answer("x")})
    house = host(
        {
            "/": shell(
                f"""<link rel=stylesheet href=/a.css><link rel=icon href=/icon.png>
                <link rel=preload as=font href=/f.woff>
                <link rel=prefetch href={other.url("/data")}><link rel=preconnect href={other.url()}>
                <img src=/a.png><img src={other.url("/b.png")}>
                <iframe src={other.url("/frame")}></iframe><iframe src=/inner></iframe>
                <video src=/v.mp4></video><script src={other.url("/x.js")}></script><script src=/gtm.js></script>
                <script>{DRAW}
                fetch('{other.url("/data")}').catch(() => 0);
                fetch('/post', {{method: 'POST', body: 'x'}}).catch(() => 0);
                navigator.sendBeacon('/beacon', 'x'); new EventSource('/events'); new WebSocket('ws://{other.address}/ws');
                navigator.serviceWorker && navigator.serviceWorker.register('/sw.js').catch(() => 0);
                window.open('{other.url("/popup")}'); window.open('/popup');
                new Image().src = '{other.url("/pixel")}'; draw('Tosca')</script>"""
            )
        }
    )
    result = crawl(house.url())
    [page] = result.pages
    assert "<h2>Tosca</h2>" in page["text"]
    assert other.hits == []
    assert asked(house) == ["/"]
    assert result.stats["opera/browser/refused_foreign"] >= 2
    assert result.stats["opera/browser/refused_method"] == 1
    assert result.stats["opera/browser/refused_tracker"] == 1
    assert result.stats["opera/browser/pages_left_open"] == 0


@pytest.mark.browser
def test_workers_hints_and_peer_connections_reach_nobody(host, crawl):
    other = host({"/data": Answer("{}"), "/w.js": javascript("0")})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.setblocking(False)
        work = f"fetch('{other.url('/data')}').catch(() => 0); importScripts('{other.url('/w.js')}')"
        house = host(
            {
                "/": inline(
                    f"""{DRAW}
                    const code = URL.createObjectURL(new Blob([`{work}`], {{type: 'text/javascript'}}));
                    new Worker(code); try {{ new SharedWorker(code) }} catch {{}}
                    const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{peer.getsockname()[1]}'}}]}});
                    peer.createDataChannel('x'); peer.createOffer().then(o => peer.setLocalDescription(o));
                    for (const rel of ['prefetch', 'modulepreload', 'dns-prefetch', 'prerender', 'manifest']) {{
                      const hint = document.createElement('link');
                      hint.rel = rel; hint.href = '{other.url("/data")}'; document.head.append(hint);
                    }}
                    const rules = document.createElement('script'); rules.type = 'speculationrules';
                    rules.text = JSON.stringify({{prerender: [{{source: 'list', urls: ['/speculated']}}]}});
                    document.head.append(rules);
                    fetch('{other.url("/data")}', {{keepalive: true}}).catch(() => 0);
                    addEventListener('pagehide', () => navigator.sendBeacon('{other.url("/data")}', 'x'));
                    const frame = document.createElement('iframe');
                    frame.srcdoc = '<img src="{other.url("/data")}">'; document.body.append(frame);
                    draw('Tosca')"""
                )
            }
        )
        result = crawl(house.url())
        with pytest.raises(BlockingIOError):
            peer.recv(1)
    assert "<h2>Tosca</h2>" in result.pages[0]["text"]
    assert other.hits == []
    assert asked(house) == ["/"]
    assert result.stats["opera/browser/pages_left_open"] == 0
    assert result.children == []


@pytest.mark.browser
def test_redirects_of_scripts_and_data_are_followed_and_guarded(host, crawl):
    inside = host({"/data": NIGHTS, "/robots.txt": Answer("")}, address="127.0.0.2")
    house = host(
        {
            "/": inline(
                f"{DRAW} Promise.allSettled([fetch('/moved'), fetch('/away')]).then(async ([a, b]) =>"
                " draw(...(await a.value.json()), b.status))"
            ),
            "/moved": Answer("", 302, {"Location": "/api/nights"}),
            "/away": Answer("", 302, {"Location": inside.url("/data")}),
            "/api/nights": NIGHTS,
        }
    )
    [page] = crawl(house.url()).pages
    assert "<h2>Tosca</h2>" in page["text"]
    assert "<h2>rejected</h2>" in page["text"]
    assert inside.hits == []


@pytest.mark.browser
def test_robots_txt_holds_for_what_the_browser_asks(host, crawl):
    house = host(
        {
            "/robots.txt": Answer("User-agent: *\nDisallow: /api/"),
            "/": inline(f"{DRAW} fetch('/api/nights').catch(() => draw('nothing'))"),
            "/api/nights": NIGHTS,
        }
    )
    [page] = crawl(house.url()).pages
    assert "<h2>nothing</h2>" in page["text"]
    assert asked(house) == ["/"]


@pytest.mark.browser
def test_data_keeps_the_distance_and_scripts_are_one_visit(host, crawl):
    house = host(
        {
            "/": shell('<script src="/a.js"></script><script src="/b.js"></script><script src="/c.js"></script>'),
            "/a.js": javascript(DRAW),
            "/b.js": javascript("const b = fetch('/api/1')"),
            "/c.js": javascript("Promise.all([b, fetch('/api/2')]).then(() => draw('Tosca'))"),
            "/api/1": NIGHTS,
            "/api/2": NIGHTS,
        }
    )
    [page] = crawl(house.url(), settings={"DOWNLOAD_DELAY": 0.5}).pages
    assert "<h2>Tosca</h2>" in page["text"]
    assert min(house.gaps("/a.js", "/b.js", "/c.js")) >= 0.45
    scripts = [hit.at for hit in house.hits if hit.path.endswith(".js")]
    assert scripts[-1] - scripts[0] < 0.5


@pytest.mark.browser
def test_scripts_are_fetched_once_in_a_crawl(host, crawl):
    house = host({"/1": shell(), "/2": shell(), "/app.js": APP, "/api/nights": NIGHTS})
    result = crawl(house.url("/1"), house.url("/2"))
    assert all("Tosca" in page["text"] for page in result.pages)
    assert house.paths().count("/app.js") == 1


@pytest.mark.browser
def test_a_page_may_ask_for_thirty_things(host, crawl):
    house = host({"/": inline(f"{DRAW} for (let i = 0; i < 50; i++) fetch('/api/' + i).catch(() => 0); draw('Tosca')")})
    house.routes |= {f"/api/{n}": NIGHTS for n in range(50)}
    result = crawl(house.url())
    assert len(asked(house)) == 1 + MAX_REQUESTS_PER_PAGE
    assert result.stats["opera/browser/refused_too_many"] == 20


@pytest.mark.browser
@pytest.mark.parametrize(
    "source",
    ["while (true) {}", "fetch('/silent')", "setInterval(() => document.body.append('x'), 20)"],
    ids=["a script without end", "data that never comes", "a page that never rests"],
)
def test_a_page_that_does_not_settle_is_bounded_and_the_next_is_drawn(host, crawl, source):
    house = host(
        {
            "/stuck": inline(source),
            "/silent": Answer(is_silent=True),
            "/": shell(),
            "/app.js": APP,
            "/api/nights": NIGHTS,
        }
    )
    result = crawl(
        house.url("/stuck"), house.url("/"), settings={"OPERA_RENDER_TIMEOUT_SECONDS": 4, "DOWNLOAD_TIMEOUT": 10}
    )
    pages = {page["url"]: page for page in result.pages}
    assert set(pages) == {house.url("/stuck"), house.url("/")}
    assert "Tosca" in pages[house.url("/")]["text"]
    assert result.stats["opera/browser/pages_left_open"] == 0
    assert result.children == []
    assert result.stats["elapsed_time_seconds"] < 20


@pytest.mark.browser
def test_a_page_that_its_script_sends_elsewhere_is_drawn_from_there(host, crawl):
    house = host({"/": inline("location.href = '/next'"), "/next": shell(), "/app.js": APP, "/api/nights": NIGHTS})
    [page] = crawl(house.url()).pages
    assert "Tosca" in page["text"]
    assert page["url"] == house.url("/")


@pytest.mark.browser
def test_a_page_that_its_script_sends_to_a_foreign_host_is_kept_as_it_came(host, crawl):
    other = host({"/": Answer("elsewhere")})
    house = host({"/": inline(f"location.href = '{other.url()}'")})
    result = crawl(house.url())
    assert '<div id="app"></div>' in result.pages[0]["text"]
    assert other.hits == []
    assert result.stats["opera/pages/render_failed"] == 1
    assert result.stats["opera/browser/pages_left_open"] == 0


@pytest.mark.browser
def test_what_was_drawn_is_kept_apart_and_as_long_as_pages_are(house, crawl, tmp_path):
    cached = {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": str(tmp_path), "OPERA_PAGE_TTL_SECONDS": 86_400}
    first = crawl(house.url(), settings=cached)
    house.hits.clear()
    second = crawl(house.url(), settings=cached)
    assert house.hits == []
    assert second.pages[0]["text"] == first.pages[0]["text"]
    assert second.pages[0]["meta"]["opera_rendered"] is True
    assert second.stats["opera/pages/rendered_before"] == 1
    assert "playwright/browser_count" not in second.stats
    raw = crawl(house.url(), settings=cached, render="never")
    assert "Tosca" not in raw.pages[0]["text"]
    assert house.hits == []


def test_pages_that_need_no_script_start_no_browser(host, crawl):
    house = host({"/": Answer("<p>" + "Tosca, 3 March. " * 30 + "</p><script src=/app.js></script>")})
    result = crawl(house.url())
    assert asked(house) == ["/"]
    assert not any(name.startswith("playwright/") for name in result.stats)


def test_playwright_is_not_imported_before_a_page_needs_it():
    code = "import sys, opera_spiders.politeness.rendering; sys.exit('playwright' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


@pytest.mark.browser
def test_always_draws_every_page(host, crawl):
    text = "Tosca, 3 March. " * 30
    house = host({"/": Answer(f"<p id=app>{text}</p><script>document.getElementById('app').append('drawn')</script>")})
    [page] = crawl(house.url(), render="always").pages
    assert page["text"].count("drawn") == 2


def test_never_draws_none(house, crawl):
    [page] = crawl(house.url(), render="never").pages
    assert asked(house) == ["/"]
    assert not page["meta"].get("opera_rendered")
    assert not page["meta"].get("opera_render_missing")


def test_a_reserved_page_is_not_drawn(house, crawl):
    house.routes["/"] = Answer(house.routes["/"].body, headers={"X-Robots-Tag": "noai"})
    [page] = crawl(house.url()).pages
    assert asked(house) == ["/"]
    assert page["meta"]["opera_rights"]["decision"] == "reserved"


def test_without_a_browser_pages_are_kept_as_they_come_and_marked_and_said_so_once(host, crawl):
    house = host({"/1": shell(), "/2": shell()})
    result = crawl(house.url("/1"), house.url("/2"), is_without_browser=True)
    assert len(result.pages) == 2
    for page in result.pages:
        assert page["meta"]["opera_render_missing"] is True
        assert page["meta"]["opera_rights"]["render_missing"] is True
        assert not page["meta"].get("opera_rendered")
    assert result.stats["opera/pages/render_missing"] == 2
    [warning] = [line for line in result.log if line.startswith("WARNING")]
    assert "scripts/install_browser" in warning


def test_a_browser_that_does_not_start_is_as_good_as_none(host, crawl, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    house = host({"/1": shell(), "/2": shell()})
    result = crawl(house.url("/1"), house.url("/2"), settings={"PLAYWRIGHT_CHROMIUM_PATH": str(broken)})
    assert len(result.pages) == 2
    assert result.stats["opera/pages/render_missing"] == 2
    assert len([line for line in result.log if line.startswith("WARNING")]) == 1
    assert result.children == []


def test_a_configured_browser_must_be_there():
    with pytest.raises(BadInputError, match="PLAYWRIGHT_CHROMIUM_PATH is /no/such/chromium"):
        find_chromium(Path("/no/such/chromium"))


EMPTY = '<div id="root"></div><script src="/app.js"></script>'
NIGHT = '{"title": "Tosca", "date": "2026-12-03"}'
MENU = "<nav>" + "".join(f"<a href=/{n}>Menu entry {n}</a>" for n in range(40)) + "</nav>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (EMPTY, True),
        ("<app-root></app-root><script type=module src=/main.js></script>", True),
        ("<main></main><script src=/bundle.js></script>", True),
        (MENU + EMPTY, True),
        (MENU + "<main></main><script src=/x.js></script><noscript>Please enable JavaScript.</noscript>", True),
        ("<p>Chiuso.</p>", False),
        ("<p>" + "Tosca, 3 March. " * 150 + "</p>" + EMPTY, False),
        ('<script id="__NEXT_DATA__" type="application/json">{"nights": [' + NIGHT + "]}</script>" + EMPTY, False),
        ('<script id="__NEXT_DATA__" type="application/json">{"props": {}, "isFallback": true}</script>' + EMPTY, True),
        ("<script>window.__INITIAL_STATE__ = " + NIGHT + "</script>" + EMPTY, False),
        ("<script>window.__NUXT__ = (function(a) {return {nights: a}})([])</script>" + EMPTY, True),
        ("<script>self.__next_f.push([1, 'x'])</script>" + EMPTY, True),
        (
            '<script type="application/ld+json">{"@type": "TheaterEvent", "startDate": "2026-12-03"}</script>' + EMPTY,
            False,
        ),
        ('<script type="application/ld+json">{"@type": "Organization"}</script>' + EMPTY, True),
        ('<script type="application/json">{"locale": "it"}</script>' + EMPTY, True),
        ("", False),
    ],
)
def test_a_shell_is_recognised(body, expected):
    assert is_shell(f"<!doctype html><html><head><title>x</title></head><body>{body}</body></html>") is expected
