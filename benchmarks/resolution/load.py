"""Productions as somebody else scraped them, staged as pages of ours."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from opera_spiders.extraction.schema import Function
from opera_spiders.extraction.vocabulary import rows
from sample_houses.answers import page_extraction
from tests.dbt.pages import Page, leaves

FUNCTIONS = frozenset(get_args(Function))
Production = dict[str, Any]


def productions(file: Path) -> list[Production]:
    """Return the productions of a JSON Lines file, in order."""
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def pages(found: Sequence[Production]) -> Iterator[Page]:
    """Yield one page for each production, reviewed: what is measured is resolution, not extraction.

    Productions of one address are numbered (``#2``), so that each stays a page.
    """
    seen: Counter[str] = Counter()
    for production in found:
        url = production["url"]
        seen[url] += 1
        yield page(url if seen[url] == 1 else f"{url}#{seen[url]}", production)


def page(url: str, production: Production) -> Page:
    """Return the page of a production; its house is the one named, wherever the page lies."""
    answer = {
        "page_type": "production",
        "language": production.get("language"),
        "company": {
            "name": production["company"],
            "city": production.get("city"),
            "country": production.get("country"),
        },
        "productions": [
            {
                "opera_title": production["opera_title"],
                "composer": production.get("composer"),
                "season": production.get("season"),
                "creative_team": [
                    {"name": credit["name"], "function": function}
                    for credit in production["creative_team"]
                    for function in functions(credit["function"])
                ],
                "cast_members": [
                    {"performer": part["performer"], "role": part["role"]} for part in production["cast_members"]
                ],
                "performances": [
                    {
                        "date": evening["date"],
                        "time": evening["time"],
                        "year_inferred": False,
                        **status(evening["status"]),
                    }
                    for evening in production["performances"]
                ],
            }
        ],
    }
    pointers = leaves(page_extraction(answer, block="b1").model_dump(mode="json"))
    return HousePage(
        url,
        answer,
        statuses=dict.fromkeys((pointer for pointer, _ in pointers), "reviewed"),
        llm_model="import:directory",
        house=production["domain"],
    )


@dataclass(frozen=True)
class HousePage(Page):
    """A page whose house does not follow from its address."""

    house: str = ""

    @property
    def company_domain(self) -> str:
        return self.house


def status(printed: str) -> dict[str, str]:
    return {
        "sold_out": {"status": "scheduled", "availability": "sold_out"},
        "cancelled": {"status": "cancelled"},
        "postponed": {"status": "postponed"},
    }.get(printed, {"status": "scheduled"})


def functions(label: str) -> list[str]:
    """Return our functions for a label of the directory (``set-designer``) or, where it has none, of a house."""
    name = label.replace("-", "_")
    named = {"lighting": "lighting_designer", "dramaturgy": "dramaturg", "video": "video_designer"}.get(name, name)
    if named in FUNCTIONS:
        return [named]
    known = next((row["function"] for row in rows("credit_labels") if row["label"] == label.casefold()), "other")
    return [part for part in re.split(r"\+", known) if part in FUNCTIONS] or ["other"]
