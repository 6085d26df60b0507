"""The expected answers state what the pages print and nothing else; no page contradicts calendar or repertoire."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
import pytest

import opera_spiders
from opera_spiders.extraction.schema import PageExtraction
from sample_houses.answers import page_extraction
from sample_houses.server import EXPECTED, PAGES, SITES, SampleHouses, Site
from tests.conftest import find_chromium

DATA = Path(opera_spiders.__file__).parent / "data"
VERBATIM = {
    *("name", "city", "country", "opera_title", "composer", "librettist", "production_title", "season", "venue"),
    *("title", "version", "performer", "role", "voice_type", "replaces", "category", "premiere_words", "co_producers"),
    *("ticket_url",),
}
NOTICES = {
    "carrowick": "are invented. This site is sample data.",
    "kronwerth": "sind erfunden. Diese Seiten sind Beispieldaten.",
    "montelauro": "sono inventati. Questo sito contiene dati di esempio.",
    "valbrume": "sont fictifs. Ce site est un jeu de données d’exemple.",
    "vranohrad": "jsou smyšlení. Tyto stránky obsahují ukázková data.",
}
PAGE_FILES = [
    (site, file.relative_to(PAGES / site.slug).as_posix().removesuffix(EXPECTED))
    for site in SITES
    for file in sorted((PAGES / site.slug).rglob(f"*{EXPECTED}"))
]
WEEKDAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "de": ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "cs": ["pondělí", "úterý", "středa", "čtvrtek", "pátek", "sobota", "neděle"],
}
PRINTED_WEEKDAYS = {"carrowick": 23, "kronwerth": 28, "valbrume": 18, "vranohrad": 14}
every_page = pytest.mark.parametrize(("site", "name"), PAGE_FILES, ids=[f"{s.slug}/{n}" for s, n in PAGE_FILES])


def answer_of(site: Site, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((PAGES / site.slug / f"{name}{EXPECTED}").read_text(encoding="utf-8"))
    return answer


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).replace("\xad", ""))


def strings_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)
    elif isinstance(value, str):
        yield value


@cache
def text_of(site: Site, name: str) -> str:
    """All a reader may read: text and link targets of the page, the strings of its data; for a shell, what it draws."""
    if name.endswith(".json"):
        return folded("\n".join(strings_of(json.loads((PAGES / site.slug / name).read_text(encoding="utf-8")))))
    if site.is_shell:
        kind, _, slug = name.partition("/")
        data = {"index": "teatro", "stagione": "stagione"}.get(kind, f"opere/{slug}")
        drawn = json.loads((PAGES / site.slug / "api" / f"{data}.json").read_text(encoding="utf-8"))
        script = (PAGES / site.slug / "assets" / "app.js").read_text(encoding="utf-8")
        return folded("\n".join([*strings_of(drawn), re.sub(r"<[^>]+>", "\n", script)]))
    page = lxml.html.fromstring((PAGES / site.slug / f"{name}.html").read_bytes().decode("utf-8"))
    data = [json.loads(script.text or "") for script in page.xpath("//script[contains(@type, 'json')]")]
    for unseen in page.xpath("//script | //comment() | //*[contains(@style, 'display:none')]"):
        unseen.drop_tree()
    return folded("\n".join([*page.itertext(), *page.xpath("//@href"), *strings_of(data)]))


def verbatim_values(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            yield from verbatim_values(inner, inner_key)
    elif isinstance(value, list):
        for inner in value:
            yield from verbatim_values(inner, key)
    elif isinstance(value, str) and key in VERBATIM:
        yield key, value


def nodes_of(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes_of(inner)


@every_page
def test_an_answer_keeps_the_contract_and_leaves_out_what_the_page_does_not_say(site: Site, name: str) -> None:
    answer = answer_of(site, name)
    assert isinstance(page_extraction(answer), PageExtraction)
    empty = [f"{key}={node[key]!r}" for node in nodes_of(answer) for key in node if node[key] in (None, [], {}, "")]
    assert not empty


@every_page
def test_every_verbatim_value_stands_on_the_page(site: Site, name: str) -> None:
    answer, text = answer_of(site, name), text_of(site, name)
    missing = [f"{key}: {value}" for key, value in verbatim_values(answer) if folded(value) not in text]
    assert not missing


@pytest.mark.parametrize(
    ("site", "name"),
    [(site, name) for site, name in PAGE_FILES if not name.endswith(".json")],
    ids=lambda value: getattr(value, "slug", value),
)
def test_the_company_and_the_notice_stand_on_the_page(site: Site, name: str) -> None:
    assert answer_of(site, name)["company"]["name"] == site.name
    assert NOTICES[site.slug] in text_of(site, name)


@every_page
def test_nights_are_evenings_of_the_run_and_every_jump_in_replaces_somebody(site: Site, name: str) -> None:
    for production in answer_of(site, name).get("productions", []):
        evenings = {evening["date"] for evening in production.get("performances", [])}
        for group in ("cast_members", "creative_team", "ticket_prices"):
            for entry in production.get(group, []):
                nights = {night["date"] for night in entry.get("nights", [])}
                assert not evenings or len(evenings) == 1 or nights <= evenings, entry
                assert (entry.get("kind") == "jump_in") == ("replaces" in entry)
        for role in {member.get("role") for member in production.get("cast_members", [])}:
            kinds = [m.get("kind") for m in production["cast_members"] if m.get("role") == role and role]
            assert kinds.count("main") <= 1
            assert kinds.count("alternate") != 1


@cache
def months_of(language: str) -> dict[str, int]:
    with (DATA / "months.csv").open(encoding="utf-8", newline="") as file:
        return {row["form"].lower(): int(row["month"]) for row in csv.DictReader(file) if row["language"] == language}


def printed_dates(site: Site, text: str) -> Iterator[tuple[str, date]]:
    """Weekday and date, wherever a page prints both; a year that is not printed follows from season 2026/27."""
    days, months = "|".join(WEEKDAYS[site.language]), months_of(site.language)
    for day_name, day, month, year in re.findall(rf"\b({days})(?:day)?,? (\d+)(?:er|\.)? ([^\W\d]+) (\d{{4}})", text):
        yield day_name, date(int(year), months[month.lower()], int(day))
    for day_name, day, month in re.findall(rf"\b({days}), (\d+)\.(\d+)\.,", text):
        yield day_name, date(2026 if int(month) > 7 else 2027, int(month), int(day))
    for month, year in re.findall(rf"([^\W\d]+) (\d{{4}}) (?={days})", text):  # the heading over a month's rows
        for day_name, day in re.findall(rf"\b({days}) (\d+)\. ", text):
            yield day_name, date(int(year), months[month.lower()], int(day))


@pytest.mark.parametrize(
    ("site", "count"),
    [pytest.param(site, PRINTED_WEEKDAYS[site.slug], id=site.slug) for site in SITES if not site.is_shell],
)
def test_every_weekday_printed_is_right(site: Site, count: int) -> None:
    found = 0
    for _, name in (page for page in PAGE_FILES if page[0] is site):
        for day_name, day in printed_dates(site, text_of(site, name)):
            found += 1
            assert WEEKDAYS[site.language][day.weekday()] == day_name, f"{name}: {day_name} {day}"
    assert found == count


def test_every_opera_has_its_composer_in_the_reference_works() -> None:
    works = {}
    with (DATA / "opera_works.csv").open(encoding="utf-8", newline="") as file:
        titles = {row["work_id"]: {row["title"]} for row in csv.DictReader(file)}
    with (DATA / "opera_work_aliases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            titles[row["work_id"]].add(row["alias"])
    with (DATA / "composer_aliases.csv").open(encoding="utf-8", newline="") as file:
        composers = {row["alias"]: row["composer_id"] for row in csv.DictReader(file)}
    with (DATA / "opera_works.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            works[row["work_id"]] = row["composer_id"]
    resolved = 0
    for site, name in PAGE_FILES:
        for production in answer_of(site, name).get("productions", []):
            if production["genre"] not in ("opera", "operetta", "children"):
                continue
            for work in production.get("works", [production]):
                title, composer = work.get("title", production["opera_title"]), composers[work["composer"]]
                assert any(composer == works[id_] for id_, names in titles.items() if title in names), title
                resolved += 1
    assert resolved > 40


@pytest.mark.browser
def test_a_browser_draws_what_the_shell_lacks(houses: SampleHouses, tmp_path: Path) -> None:
    house = houses.house("montelauro")
    path = "opera/rigoletto"
    site = next(site for site in SITES if site.slug == house.slug)
    command = [
        str(find_chromium()), "--headless", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path}", "--virtual-time-budget=5000", "--dump-dom", f"{house.url}{path}",
    ]  # fmt: skip
    drawn = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.decode("utf-8")
    page = lxml.html.fromstring(drawn)
    text = folded(" ".join([*page.itertext(), *page.xpath("//@href")]))
    answer = answer_of(site, path)
    assert [value for _, value in verbatim_values(answer) if folded(value) not in text] == []
    for printed in (
        "dal 12 al 20 febbraio 2027",
        "venerdì 12 febbraio 2027, ore 20.00",
        "(12, 16, 20 febbraio)",
        "Platea € 75",
    ):
        assert printed in text
    assert "Rigoletto" not in (PAGES / house.slug / "index.html").read_text(encoding="utf-8")
