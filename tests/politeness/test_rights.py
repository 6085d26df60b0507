from __future__ import annotations

import pytest

from opera_spiders.politeness.rights import (
    content_signals,
    decide,
    robots_tag_signals,
    rsl_signals,
    tdm_file_value,
    tdm_signals,
)

from .local_host import Answer

URL = "https://opera.example/season/tosca"


def html(head: str) -> str:
    return f"<html><head>{head}</head><body><p>Tosca, 3 March.</p></body></html>"


def rsl(licence: str, url: str = "/", attributes: str = "") -> bytes:
    return (
        f'<rsl xmlns="https://rslstandard.org/rsl"><content url="{url}" {attributes}>{licence}</content></rsl>'
    ).encode()


PAGES = [
    ("nothing said", {}, "", "", "kept", []),
    ("TDM header", {"tdm-reservation": "1"}, "", "", "reserved", ["header tdm-reservation: tdm-reservation=1"]),
    ("TDM header 0", {"TDM-Reservation": "0"}, "", "", "kept", ["header tdm-reservation: tdm-reservation=0"]),
    (
        "TDM meta",
        {},
        '<meta name="tdm-reservation" content="1">',
        "",
        "reserved",
        ["meta tdm-reservation: tdm-reservation=1"],
    ),
    ("TDM meta over header", {"tdm-reservation": "1"}, '<META name="TDM-Reservation" content="0">', "", "kept", None),
    ("TDM nonsense is unset", {"tdm-reservation": "yes"}, "", "", "kept", []),
    ("noai header", {"X-Robots-Tag": "noai, noimageai"}, "", "", "reserved", ["header X-Robots-Tag: noai"]),
    ("noai for another bot", {"X-Robots-Tag": "otherbot: noai"}, "", "", "kept", []),
    ("noai for us", {"X-Robots-Tag": "otherbot: noindex, operaresearchbot: noai"}, "", "", "reserved", None),
    ("noai meta", {}, '<meta name="robots" content="index, NOAI">', "", "reserved", ["meta robots: noai"]),
    ("noai meta for another bot", {}, '<meta name="googlebot" content="noai">', "", "kept", []),
    ("noindex is recorded", {"X-Robots-Tag": "noindex"}, '<meta name="robots" content="noarchive">', "", "kept", None),
    (
        "a directive with a value",
        {"X-Robots-Tag": "max-snippet: 50, noarchive"},
        "",
        "",
        "kept",
        ["header X-Robots-Tag: noarchive"],
    ),
    ("ai-input=no", {}, "", "User-agent: *\nContent-Signal: search=yes, ai-input=no\nAllow: /", "reserved", None),
    (
        "ai-input=no for another bot",
        {},
        "",
        "User-agent: x\nContent-Signal: ai-input=no\nAllow: /\nUser-agent: *\nAllow: /",
        "kept",
        [],
    ),
    (
        "ai-train=no is recorded",
        {},
        "",
        "User-agent: *\nContent-Signal: ai-train=no",
        "kept",
        ["robots.txt Content-Signal: ai-train=no"],
    ),
]


@pytest.mark.parametrize(
    ("headers", "head", "robots", "decision", "signals"), [case[1:] for case in PAGES], ids=[c[0] for c in PAGES]
)
def test_the_rights_of_a_page(host, crawl, headers, head, robots, decision, signals):
    house = host({"/robots.txt": Answer(robots), "/": Answer(html(head), headers=headers)})
    result = crawl(house.url())
    [page] = result.pages
    rights = page["meta"]["opera_rights"]
    assert rights["decision"] == decision
    if signals is not None:
        assert rights["signals"] == signals
    assert result.stats.get("opera/pages/reserved", 0) == (decision == "reserved")
    assert (rights["reason"] == "nothing reserves its use") is (decision == "kept")


def test_a_recorded_licence_stands_above_a_reservation():
    reserved = list(robots_tag_signals("header", ["noai"]))
    assert decide(reserved)["decision"] == "reserved"
    kept = decide(reserved, "letter of 3 March 2026")
    assert kept["decision"] == "kept"
    assert "letter of 3 March 2026" in kept["reason"]
    assert kept["signals"] == ["header: noai"]


def test_a_well_known_file_reserves_what_its_longest_location_says(host, crawl):
    house = host(
        {
            "/.well-known/tdmrep.json": Answer(
                '[{"location": "/*", "tdm-reservation": 1}, {"location": "/open/*", "tdm-reservation": 0}]',
                headers={"Content-Type": "application/json"},
            ),
            "/": Answer('<a href="/open/a">a</a>'),
            "/open/a": Answer(html("")),
        }
    )
    result = crawl(house.url(), follow=True)
    assert [page["meta"]["opera_rights"]["decision"] for page in result.pages] == ["reserved", "kept"]
    assert house.paths().count("/.well-known/tdmrep.json") == 1


@pytest.mark.parametrize(
    "answer",
    [Answer("", 503), Answer(is_reset=True), Answer("{not json"), Answer('{"location": 1}'), Answer("[1, {}]")],
)
def test_a_well_known_file_that_cannot_be_read_says_nothing(host, crawl, answer):
    house = host({"/.well-known/tdmrep.json": answer, "/": Answer(html(""))})
    [page] = crawl(house.url()).pages
    assert page["meta"]["opera_rights"]["decision"] == "kept"


def test_a_licence_named_in_robots_txt_is_read(host, crawl):
    house = host(
        {
            "/robots.txt": Answer("License: /rsl.xml\nUser-agent: *\nDisallow:"),
            "/rsl.xml": Answer(rsl('<license><prohibits type="usage">ai-all</prohibits></license>')),
            "/": Answer(html("")),
        }
    )
    [page] = crawl(house.url()).pages
    rights = page["meta"]["opera_rights"]
    assert rights["decision"] == "reserved"
    assert rights["signals"] == ["RSL licence: /rsl.xml", "RSL licence: AI input is not granted"]


@pytest.mark.parametrize(
    ("body", "is_reserved"),
    [
        (rsl('<license><permits type="usage">all</permits></license>'), False),
        (rsl('<license><permits type="usage">search ai-input</permits></license>'), False),
        (rsl('<license><permits type="usage">search</permits></license>'), True),
        (rsl('<license><prohibits type="usage">ai-train</prohibits></license>'), False),
        (rsl('<license><prohibits type="usage">ai-train,ai-input</prohibits></license>'), True),
        (rsl('<license><payment type="crawl"><amount currency="EUR">1</amount></payment></license>'), True),
        (rsl('<license><payment type="attribution"/></license>'), False),
        (rsl('<license><prohibits type="usage">all</prohibits></license>', url="/press/*"), False),
        (rsl('<license><prohibits type="usage">all</prohibits></license>', url="https://opera.example/season/*"), True),
        (rsl('<license><prohibits type="usage">all</prohibits></license>', url="https://other.example/*"), False),
        (rsl("<license/>", attributes='server="https://l.example"'), True),
        (rsl(""), True),
        (b"<html>not found</html>", False),
        (b"no xml", False),
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rsl xmlns="https://rslstandard.org/rsl">&a;</rsl>',
            False,
        ),
    ],
)
def test_rsl(body, is_reserved):
    assert bool(list(rsl_signals(body, URL))) is is_reserved


def test_of_several_tdm_statements_the_last_valid_one_is_in_force():
    found = [("file", "1"), ("header", "0"), ("meta", None)]
    assert [str(signal) for signal in tdm_signals(found)] == ["header: tdm-reservation=0"]


@pytest.mark.parametrize("line", ["", "ai-input", "ai-input=maybe", "ai-input=nope"])
def test_a_content_signal_that_cannot_be_read_says_nothing(line):
    assert list(content_signals("header", [line])) == []


def test_a_tdm_file_without_a_matching_location_says_nothing():
    assert tdm_file_value(b'[{"location": "/press/", "tdm-reservation": 1}]', URL) is None


def test_what_is_no_html_has_rights_too(host, crawl):
    json_type, pdf_type = {"Content-Type": "application/json"}, {"Content-Type": "application/pdf"}
    house = host(
        {
            "/a.json": Answer("{}", headers={**json_type, "X-Robots-Tag": "noai"}),
            "/b.json": Answer("{}", headers=json_type),
            "/c.pdf": Answer(b"%PDF-1.7", headers={**pdf_type, "tdm-reservation": "1"}),
            "/d.pdf": Answer(b"%PDF-1.7 <tdm:reservation>1</tdm:reservation>", headers=pdf_type),
            "/e.pdf": Answer(b'%PDF-1.7 <rdf:Description tdm:reservation="0"/>', headers=pdf_type),
        }
    )
    result = crawl(*map(house.url, ("/a.json", "/b.json", "/c.pdf", "/d.pdf", "/e.pdf")))
    decided = {page["url"][-6:]: page["meta"]["opera_rights"]["decision"] for page in result.pages}
    assert decided == {
        "a.json": "reserved",
        "b.json": "kept",
        "/c.pdf": "reserved",
        "/d.pdf": "reserved",
        "/e.pdf": "kept",
    }


def test_a_reservation_that_comes_with_a_304_counts(host, crawl, tmp_path):
    cached = {"HTTPCACHE_ENABLED": True, "HTTPCACHE_DIR": str(tmp_path), "OPERA_PAGE_TTL_SECONDS": 0}
    house = host(
        {"/": [Answer(html(""), headers={"ETag": '"1"'}), Answer("", 304, {"ETag": '"1"', "X-Robots-Tag": "noai"})]}
    )
    decisions = [crawl(house.url(), settings=cached).pages[0]["meta"]["opera_rights"]["decision"] for _ in range(2)]
    assert decisions == ["kept", "reserved"]
    assert [hit.status for hit in house.hits if hit.path == "/"] == [200, 304]
