"""The marts written by hand agree with the answers to the pages."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import Any

import pytest

from sample_houses import server

with (server.PAGES.parent / "expected_marts" / "mart_production_summary.csv").open(
    encoding="utf-8", newline=""
) as file:
    ROWS = list(csv.DictReader(file))
PRINTED_TITLES = {"Cavalleria rusticana": "Cavalleria rusticana / Pagliacci"}


def mentions(company: str, title: str) -> list[dict[str, Any]]:
    slug = next(site.slug for site in server.SITES if site.name == company)
    pages = (server.PAGES / slug).rglob(f"*{server.EXPECTED}")
    productions = [p for page in pages for p in json.loads(page.read_text(encoding="utf-8")).get("productions", [])]
    return [p for p in productions if p["opera_title"] == PRINTED_TITLES.get(title, title)]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['company_name']}: {row['opera_title']}" for row in ROWS])
def test_a_row_says_what_the_pages_of_its_production_say(row: dict[str, str]) -> None:
    said = mentions(row["company_name"], row["opera_title"])
    evenings: dict[str, bool] = {}
    conductors: Counter[str] = Counter()
    directors, marked, closing, amounts, presentations = set(), set(), set(), set(), set()
    for production in said:
        for evening in production.get("performances", []):
            cancelled = evening.get("status") == "cancelled"
            evenings[evening["date"]] = evenings.get(evening["date"], False) or cancelled
        for credit in production.get("creative_team", []):
            if credit["function"] == "conductor":
                conductors[credit["name"]] += len(credit.get("nights", [None]))
            if credit["function"] == "director":
                directors.add(credit["name"])
        marked |= {production["premiere_date"]} if "premiere_date" in production else set()
        closing |= {production["closing_date"]} if "closing_date" in production else set()
        presentations.add(production.get("presentation", "staged"))
        for price in production.get("ticket_prices", []):
            amounts |= {(price.get("min"), price.get("max"), price["currency"])}
    played = sorted(day for day, is_cancelled in evenings.items() if not is_cancelled)
    assert (int(row["total_performances"]), int(row["actual_performances"])) == (len(evenings), len(played))
    assert row["conductor"] == conductors.most_common(1)[0][0]
    assert row["director"] == (directors.pop() if directors else "")
    assert row["premiere_date"] == (marked.pop() if marked else min(evenings))
    assert row["closing_date"] == (closing.pop() if closing else played[-1])
    assert not (directors or marked or closing), "two pages of the house contradict each other"
    assert row["presentation"] in presentations
    assert float(row["ticket_price_min"]) == min(low for low, _, _ in amounts)
    assert row["ticket_price_max"] == "" or float(row["ticket_price_max"]) == max(
        high for _, high, _ in amounts if high
    )
    assert {row["ticket_price_currency"]} == {currency for *_, currency in amounts}


def test_every_complete_opera_and_operetta_has_its_row() -> None:
    said = {
        (site.name, production["opera_title"])
        for site in server.SITES
        for page in (server.PAGES / site.slug).rglob(f"*{server.EXPECTED}")
        for production in json.loads(page.read_text(encoding="utf-8")).get("productions", [])
        if production["genre"] in ("opera", "operetta")
    }
    assert said == {(row["company_name"], PRINTED_TITLES.get(row["opera_title"], row["opera_title"])) for row in ROWS}
