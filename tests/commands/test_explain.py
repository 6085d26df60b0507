"""``scripts/explain`` shows one page from the fetch decision to its facts, with evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opera_spiders.commands.explain import _fetch_lines, _warnings, main
from sample_houses.server import PAGES, SampleHouses

JENUFA = PAGES / "kronwerth" / "produktionen" / "jenufa.html"


@pytest.fixture(scope="module")
def houses() -> Iterator[SampleHouses]:
    with SampleHouses(base_port=0) as running:
        yield running


def _kronwerth(houses: SampleHouses) -> str:
    return next(house.url for house in houses.houses if house.slug == "kronwerth")


def _explained(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    explanation: dict[str, Any] = json.loads(capsys.readouterr().out)
    return explanation


def test_a_file_is_explained_with_its_blocks_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(JENUFA), "--fetched-at", "2026-11-24"]) == 0

    printed = capsys.readouterr().out
    assert "| h1 | Jenůfa" in printed
    assert "/productions/0/performances/0/date = 2027-03-13  verified" in printed
    assert "“Sa, 13. März 2027, 19.30 Uhr”" in printed


def test_a_file_is_explained_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(JENUFA), "--json", "--fetched-at", "2026-11-24"]) == 0

    explanation = _explained(capsys)
    facts = {fact["pointer"]: fact for fact in explanation["facts"]}
    assert facts["/productions/0/composer"]["value"] == "Leoš Janáček"
    assert facts["/productions/0/composer"]["status"] in ("verified", "section")
    assert explanation["fetch"] is None
    assert explanation["error"] is None


def test_an_address_is_fetched_by_the_spider(
    houses: SampleHouses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPERA_ALLOWED_NETWORKS", "127.0.0.1/32")
    monkeypatch.setenv("OPERA_HOME", str(tmp_path))

    assert main([f"{_kronwerth(houses)}produktionen/jenufa", "--json"]) == 0

    explanation = _explained(capsys)
    assert explanation["fetch"]["status_code"] == 200
    assert explanation["fetch"]["outcome"].startswith("budget: ")
    assert any(fact["value"] == "Jenůfa" for fact in explanation["facts"])


def test_an_address_that_robots_forbids_is_explained_by_that(
    houses: SampleHouses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPERA_ALLOWED_NETWORKS", "127.0.0.1/32")
    monkeypatch.setenv("OPERA_HOME", str(tmp_path))

    assert main([f"{_kronwerth(houses)}intern/disposition", "--json"]) == 3

    explanation = _explained(capsys)
    assert explanation["fetch"]["outcome"].startswith("robots_denied: ")
    assert explanation["facts"] == []


def test_a_page_that_is_gone_is_not_explained_by_another(
    houses: SampleHouses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPERA_ALLOWED_NETWORKS", "127.0.0.1/32")
    monkeypatch.setenv("OPERA_HOME", str(tmp_path))
    gone = f"{_kronwerth(houses)}nonexist"

    assert main([gone]) == 3

    printed = capsys.readouterr().out
    assert f"outcome: no_pages: {gone} answers HTTP 404." in printed
    assert "Blocks" not in printed


def test_what_is_known_of_a_fetch_is_a_line_each() -> None:
    log = [
        "2026-11-24 08:21:20 [opera_spiders.addon] WARNING: OPERA_CONTACT is not set.",
        "2026-11-24 08:21:21 [opera] INFO: 1 page",
        "2026-11-24 08:21:22 [opera] ERROR: opera.example is down. Crawl it again later.",
    ]
    outcome = "site_down: opera.example: opera.example is down. Crawl it again later."
    rights = {"decision": "reserved", "reason": "meta robots: noai", "signals": ["meta robots: noai"]}

    fetch = {"outcome": outcome, "warnings": _warnings(log, outcome), "rights": rights, "etag": None, "rendered": False}

    assert list(_fetch_lines(fetch)) == [
        f"outcome: {outcome}",
        "warning: OPERA_CONTACT is not set.",
        "rights: reserved, meta robots: noai",
        "  signal: meta robots: noai",
        "rendered: False",
    ]


def test_a_text_that_is_cut_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    page.write_text(f"<main><p>{'Tosca ' * 200}</p></main>", encoding="utf-8")

    assert main([str(page)]) == 0

    (line,) = (line for line in capsys.readouterr().out.splitlines() if "| p |" in line)
    assert line.endswith("…")
    assert len(line) < 500


@pytest.mark.parametrize(
    ("name", "text", "status"),
    [
        ("README.md", "# Opera\n\n<p>A house.</p>", 2),
        ("table.csv", "title,date\nTosca,2027-01-02", 2),
        ("whats-on.php", "\ufeff\n<html><body><main><h1>Tosca</h1></main></body></html>", 0),
        ("answer", '{"name": "Tosca", "startDate": "2027-01-02"}', 0),
    ],
)
def test_only_html_pdf_and_json_are_explained(
    name: str, text: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")

    assert main([str(file)]) == status

    refusal = f"{file} is neither HTML nor PDF nor JSON. Give a file of one of these kinds.\n"
    assert capsys.readouterr().err == (refusal if status else "")


def test_a_page_made_to_be_slow_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPERA_READING_CPU_SECONDS", "0.5")
    file = tmp_path / "page.html"
    file.write_text("<p>Tosca, 3 March 2027, 19:30</p>" * 200_000, encoding="utf-8")
    assert main([str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{file.as_uri()} cannot be read: reading takes more than 0.5 s")
    assert err.count("\n") == 1


@pytest.mark.parametrize("source", ["/nowhere/page.html", "ftp://example.org/page"])
def test_a_source_that_cannot_be_read_is_one_line(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([source]) == 2
    assert capsys.readouterr().err.count("\n") == 1
