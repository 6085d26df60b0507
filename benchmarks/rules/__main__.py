"""What the rules read on the synthetic web, by style of markup and field: precision, recall and F1 of grounded values.

python -m benchmarks.rules [--group tuned|held-out|further] [--pages N]

Every page of a production of the seasons around 2026 is read, in each language its house has, and compared with what it
was made from. A page that prints the whole run has one answer; pages of single evenings and lists are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.synthetic_web.houses import house, houses
from benchmarks.synthetic_web.programme import Production
from benchmarks.synthetic_web.site import Page, Site
from opera_spiders.bounded import Threads
from opera_spiders.extraction.blocks import read_blocks
from opera_spiders.extraction.evaluate import Example, Report, compare, rows_of
from opera_spiders.extraction.evaluated_facts import taken
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.rules import RulesExtractor

_FUNCTIONS = {"designer": "set_designer", "costumes": "costume_designer"}


def main() -> int:
    """Read the pages and print a table for each style."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--group", choices=["tuned", "held-out", "further"], default="tuned")
    parser.add_argument("--pages", type=int, default=20, help="of each house and language (default: %(default)s)")
    arguments = parser.parse_args()
    for style, report in sorted(asyncio.run(measured(arguments.group, arguments.pages)).items()):
        print(f"\n{style}: {len(report.pages)} pages")
        print(f"{'field':<20}{'precision':>10}{'recall':>10}{'F1':>8}{'support':>9}")
        for name, score in rows_of(report.fields):
            if not score.support and not score.invented:
                continue
            print(f"{name:<20}{score.precision:>10.3f}{score.recall:>10.3f}{score.f1:>8.3f}{score.support:>9}")
    return 0


async def measured(group: Any, pages: int) -> dict[str, Report]:
    """Return one report for each style of markup.

    :param pages: at most, of each house and language
    """
    rules = RulesExtractor(Threads())
    reports: dict[str, Report] = defaultdict(Report)
    for number in houses(group):
        site = house(number)
        for path, page, production in _production_pages(site, pages):
            answer = site.answer(path)
            blocks = read_blocks(answer.body, answer.media_type, f"https://house-{number}.example{path}", None)
            # Read in its season: of days without a year, that to come is meant.
            fetched_at = datetime(production.season, 9, 1, 12, tzinfo=UTC)
            read = await rules.extract(PageToExtract(blocks, fetched_at, f"house-{number}.example"))
            venue = site.name if site.options.structured_data else None
            example = Example(Path(path), expected(production, page.language, venue), is_gold=False)
            compare(reports[site.markup.style], f"{number}{path}", page.language, example, taken(read))
    return reports


def _production_pages(site: Site, most: int) -> Iterator[tuple[str, Page, Production]]:
    of_number = {production.number: production for production in site.programme.productions}
    counts: dict[str, int] = defaultdict(int)
    for path, page in site.pages.items():
        if page.kind == "production" and len(page.productions) == 1:
            production = of_number[page.productions[0]]
            if production.is_of_interest and counts[page.language] < most:
                counts[page.language] += 1
                yield path, page, production


def expected(production: Production, language: str, venue: str | None) -> dict[str, Any]:
    """Return the answer to a production's page, in the form of the expected answers of ``sample_houses``.

    :param venue: of each evening, where structured data states one
    """
    low, high = production.price
    return {
        "page_type": "production",
        "language": language,
        "productions": [
            {
                "opera_title": production.title_in(language),
                "composer": production.composer,
                "genre": production.genre,
                "creative_team": [
                    {"name": name, "function": _FUNCTIONS.get(function, function)} for function, name in production.team
                ],
                "cast_members": [{"performer": name, "role": role, "kind": "main"} for role, name in production.cast],
                "performances": [
                    {
                        "date": night.day.isoformat(),
                        "time": night.time,
                        "year_inferred": False,
                        "venue": venue,
                        "availability": "on_sale",
                        "ticket_url": f"https://tickets.example/{night.number}",
                    }
                    for night in production.nights
                ],
                "ticket_prices": [{"min": low, "max": high, "currency": "EUR", "qualifier": "exact", "kind": "paid"}],
            }
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
