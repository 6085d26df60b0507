"""What the rules read on the synthetic web, by style of markup and field: precision, recall and F1 of grounded values.

python -m benchmarks.rules [--group tuned held-out further] [--pages N] [--write]

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
from opera_spiders.extraction.evaluate import Example, Report, Score, compare, rows_of
from opera_spiders.extraction.evaluated_facts import taken
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.rules import RulesExtractor

GROUPS = {
    "tuned": "Forty houses",
    "held-out": "Ten houses of other addresses and languages",
    "further": "Twelve houses of other kinds",
}
FEWEST_ANSWERS = 10
DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"
INTRODUCTION = """# What the rules read

Made by `python -m benchmarks.rules --write`: pages of productions of the synthetic web (`benchmarks/synthetic_web`, invented
houses in nineteen languages) read by the rules, compared with what they were made from. F1 of grounded values for each
style of markup; precision and recall of all. The houses were drawn before the rules read them, and the rules have been mended
by what the forty showed."""
_FUNCTIONS = {"designer": "set_designer", "costumes": "costume_designer"}


def main() -> int:
    """Read the pages and print a table for each group; with ``--write``, keep them in docs/rules.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rules", description=__doc__)
    parser.add_argument("--group", nargs="*", choices=list(GROUPS), default=list(GROUPS), help="default: all")
    parser.add_argument("--pages", type=int, default=10, help="of each house and language (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/rules.md")
    arguments = parser.parse_args()
    tables = [
        f"## {GROUPS[group]}\n\n{table(asyncio.run(measured(group, arguments.pages)))}" for group in arguments.group
    ]
    text = "\n\n".join([INTRODUCTION, *tables]) + "\n"
    print(text)
    if arguments.write:
        DOCUMENT.write_text(text, encoding="utf-8")
    return 0


def table(reports: dict[str, Report]) -> str:
    """Return a Markdown table: a row for each field, F1 for each style, then precision and recall of all."""
    whole = Report()
    for report in reports.values():
        for name, score in report.fields.items():
            whole.fields[name].add(score)
    styles = sorted(reports)
    head = ["field", *styles, "precision", "recall", "answers"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for name, score in rows_of(whole.fields):
        if score.support >= FEWEST_ANSWERS:
            own = [reports[style].fields.get(name, Score()) for style in styles]
            shares = [f"{one.f1:.3f}" if one.support else "" for one in own]
            lines.append(
                f"| {name} | {' | '.join(shares)} | {score.precision:.3f} | {score.recall:.3f} | {score.support} |"
            )
    return "\n".join(lines)


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
