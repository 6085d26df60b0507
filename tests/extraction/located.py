"""Gives an expected answer the block ids that an extractor would have given it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.page_index import PageIndex
from opera_spiders.extraction.schema import PageExtraction
from opera_spiders.text import key
from sample_houses.answers import page_extraction
from sample_houses.server import EXPECTED, PAGES

FETCHED_AT = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def html_page(html: str, *, language: str | None = None, fetched_at: dt.datetime = FETCHED_AT) -> PageToExtract:
    """A page of our own, as an extractor sees it."""
    blocks = read_blocks(html.encode(), "text/html; charset=utf-8", "https://example.org/page", "utf-8")
    return PageToExtract(blocks, fetched_at, "example.org", language=language)


def sample_pages() -> list[Path]:
    """The files of the sample houses that have an answer and are read without a browser."""
    answers = sorted(PAGES.rglob(f"*{EXPECTED}"))
    pages = [path.with_name(path.name.removesuffix(EXPECTED) + ".html") for path in answers]
    return [page for page in pages if page.exists() and "montelauro" not in page.parts]


def sample(path: Path) -> tuple[PageExtraction, PageToExtract]:
    """A sample page with its expected answer, located."""
    answer = json.loads(path.with_name(path.name.removesuffix(".html") + EXPECTED).read_text(encoding="utf-8"))
    page = html_page(path.read_text(encoding="utf-8").replace("{{origin}}", "http://127.0.0.1:8711"))
    return located(page_extraction(answer), page), page


class _Places:
    """Blocks of a page by what they print, the production's own first."""

    def __init__(self, index: PageIndex) -> None:
        self.index = index

    def numbers(self, text: str | None) -> list[int]:
        return [place.number for place in self.index.places(text)] if text else []

    def pick(self, start: str, *choices: Iterable[int]) -> str:
        first = self.index.number[start]
        for choice in choices:
            numbers = list(choice)
            if numbers:
                return self.index.blocks[next((n for n in numbers if n >= first), numbers[0])].id
        return start


def located(answer: PageExtraction, page: PageToExtract) -> PageExtraction:
    """The answer with, for every object, a block that prints it."""
    index = PageIndex(page)
    if not index.blocks:
        return answer
    places = _Places(index)
    values = answer.model_dump(mode="json")
    top = index.blocks[0].id
    if values["company"]:
        values["company"]["block"] = places.pick(top, places.numbers(values["company"]["name"]))
    for production in values["productions"]:
        _locate(production, places, top)
    return PageExtraction.model_validate(values)


def _locate(production: dict[str, Any], places: _Places, top: str) -> None:
    index = places.index
    title = production["opera_title"]
    headings = [
        n for n, b in enumerate(index.blocks) if b.kind in ("h1", "h2", "h3", "h4") and key(title) in key(b.text)
    ]
    start = production["block"] = places.pick(top, headings, places.numbers(title))
    for work in production["works"]:
        work["block"] = places.pick(start, places.numbers(work["title"]))
    for credit in production["creative_team"]:
        credit["block"] = places.pick(start, places.numbers(credit["name"]))
    for member in production["cast_members"]:
        named, role = places.numbers(member["performer"]), set(places.numbers(member["role"]))
        member["block"] = places.pick(start, [n for n in named if n in role], named)
    for evening in production["performances"]:
        day, time = dt.date.fromisoformat(evening["date"]), evening["time"]
        hits = {n: [h for h in index.dates_of(n) if h.date == day] for n in range(len(index.blocks))}
        evening["block"] = places.pick(
            start,
            [n for n, found in hits.items() if any(not h.end_date and h.time == time for h in found)],
            [n for n in places.numbers(title) if hits[n] and time in index.times_in(n)],
            [n for n, found in hits.items() if found and index.printed_dates(n)],
            [n for n, found in hits.items() if found],
        )
    for price in production["ticket_prices"]:
        category = price["category"]
        cells = [n for n, b in enumerate(index.blocks) if category and key(category) in map(key, b.cells)]
        amounts = [
            n
            for n in range(len(index.blocks))
            if any(hit.min == price["min"] and hit.max == price["max"] for hit in index.prices_in(n))
        ]
        price["block"] = places.pick(start, [n for n in cells if n in amounts], cells, amounts)
