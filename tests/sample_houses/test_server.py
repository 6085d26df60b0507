"""The sample houses answer as polite sites do, and remember who asked."""

from __future__ import annotations

import gzip
import http.client
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sample_houses.server import PAGES, SITES, House, SampleHouses, expected

SLUGS = [site.slug for site in SITES]


def ask(
    house: House, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection(house.domain, timeout=10)) as connection:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_with_an_answer_is_served_in_its_charset(houses: SampleHouses, slug: str) -> None:
    house = houses.house(slug)
    paths = expected(house)
    assert 5 <= len(paths) <= 13
    for path in paths:
        status, headers, body = ask(house, path)
        assert status == 200
        kind, charset = headers["content-type"].split("; charset=")
        is_data = path.endswith(".json")
        assert kind == ("application/json" if is_data else "text/html")
        assert is_data or "<title>" in body.decode(charset)
        assert b"{{" not in body


@pytest.mark.parametrize("slug", SLUGS)
def test_every_link_of_a_house_leads_to_a_page_or_another_host(houses: SampleHouses, slug: str) -> None:
    house = houses.house(slug)
    for path in expected(house):
        _, headers, body = ask(house, path)
        text = body.decode(headers["content-type"].split("charset=")[1])
        for link in re.findall(r'href="(/[^"]*)"', text):
            assert ask(house, link)[0] == (404 if link == "/account/login" else 200), link


def test_an_unchanged_page_is_304_by_either_validator(houses: SampleHouses) -> None:
    house = houses.house("valbrume")
    _, first, _ = ask(house, "/saison.html")
    for validator in ({"If-None-Match": first["etag"]}, {"If-Modified-Since": first["last-modified"]}):
        status, headers, body = ask(house, "/saison.html", headers=validator)
        assert (status, headers["etag"], body) == (304, first["etag"], b"")
    stale = {"If-None-Match": '"other"', "If-Modified-Since": first["last-modified"]}
    assert ask(house, "/saison.html", headers=stale)[0] == 200


def test_a_page_is_compressed_only_for_who_accepts_it(houses: SampleHouses) -> None:
    house = houses.house("carrowick")
    _, plain_headers, plain = ask(house, "/whats-on/tosca")
    _, headers, body = ask(house, "/whats-on/tosca", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain_headers
    assert (headers["content-encoding"], gzip.decompress(body)) == ("gzip", plain)


def test_head_answers_like_get_without_the_body(houses: SampleHouses) -> None:
    house = houses.house("carrowick")
    _, get, body = ask(house, "/shop")
    status, head, nothing = ask(house, "/shop", method="HEAD")
    assert (status, head["etag"], head["content-length"], nothing) == (200, get["etag"], str(len(body)), b"")


def test_the_announced_sitemap_lists_every_page_of_its_house(houses: SampleHouses) -> None:
    house = houses.house("carrowick")
    _, _, robots = ask(house, "/robots.txt")
    assert f"Sitemap: {house.url}sitemap.xml" in robots.decode()
    _, headers, sitemap = ask(house, "/sitemap.xml")
    assert headers["content-type"].startswith("application/xml")
    listed = re.findall(r"<loc>(.*?)</loc>", sitemap.decode())
    assert sorted(listed) == sorted(house.url.rstrip("/") + path for path in expected(house))


@pytest.mark.parametrize(
    ("slug", "rule"),
    [("carrowick", "Disallow: /account/"), ("kronwerth", "Disallow: /intern/"), ("valbrume", "Crawl-delay: 1")],
)
def test_a_house_has_its_rules_for_robots(houses: SampleHouses, slug: str, rule: str) -> None:
    status, headers, body = ask(houses.house(slug), "/robots.txt")
    assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert rule in body.decode().splitlines()


@pytest.mark.parametrize("slug", ["kronwerth", "montelauro", "valbrume"])
def test_a_house_without_sitemap_has_none(houses: SampleHouses, slug: str) -> None:
    assert ask(houses.house(slug), "/sitemap.xml")[0] == 404


@pytest.mark.parametrize("path", ["/nothing", "/whats-on/tosca.expected.json", "/../kronwerth/index.html", "/%2e%2e/x"])
def test_what_is_no_page_is_404(houses: SampleHouses, path: str) -> None:
    assert ask(houses.house("carrowick"), path)[0] == 404


def test_the_log_tells_time_host_path_status_and_headers(houses: SampleHouses) -> None:
    house = houses.house("kronwerth")
    ask(house, "/spielplan?x=1", headers={"User-Agent": "Reader/1"})
    last = houses.log[-1]
    assert (last.host, last.method, last.path, last.status) == (house.domain, "GET", "/spielplan?x=1", 200)
    assert last.headers["User-Agent"] == "Reader/1"
    assert last.time >= houses.log[0].time


def test_a_page_may_be_edited_in_a_copy(tmp_path: Path) -> None:
    shutil.copytree(PAGES, tmp_path / "pages")
    page = tmp_path / "pages" / "carrowick" / "news.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Soup", "Bread"), encoding="utf-8")
    with SampleHouses(base_port=0, pages=tmp_path / "pages") as copy:
        assert b"Bread is" in ask(copy.house("carrowick"), "/news")[2]


def test_serve_prints_a_line_per_house_and_stops_when_asked() -> None:
    command = [sys.executable, "-m", "sample_houses", "serve", "--base-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in SITES]
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert [line.split()[1] for line in lines] == SLUGS


def test_a_taken_port_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "sample_houses", "serve", "--base-port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert re.fullmatch(rf"Cannot serve .*{port}.*--base-port.*\n", done.stderr)
