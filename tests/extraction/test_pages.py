"""The rules on one invented page of each kind of house. ``pages/`` has the page, and its answer beside it.

The answers follow the conventions of ``sample_houses``, but that an orchestra or chorus printed under its whole name is
a credit. What the rules miss on these pages is known and listed by ``scripts/evaluate_extraction tests/extraction/pages``;
here stands what they may not fall below.
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

import pytest

from opera_spiders.bounded import Threads
from opera_spiders.extraction.evaluate import Report, evaluate
from opera_spiders.extraction.rules import RulesExtractor

PAGES = Path(__file__).parent / "pages"


@cache
def report() -> Report:
    return asyncio.run(evaluate(PAGES, RulesExtractor(Threads())))


@pytest.mark.parametrize(
    ("field", "recall"),
    [
        ("title", 0.85),
        ("composer", 0.9),
        ("date", 0.9),
        ("time", 0.78),
        ("performer_role", 0.95),
        ("conductor", 0.95),
        ("director", 0.95),
        ("premiere_date", 0.85),
        ("closing_date", 0.9),
        ("duration_minutes", 0.95),
        ("cast_night", 0.9),
    ],
)
def test_a_field_is_read_from_every_kind_of_page(field: str, recall: float) -> None:
    assert report().fields[field].recall >= recall


def test_hardly_anything_is_invented_on_any_kind_of_page() -> None:
    scores = report().fields
    weak = {name: score.precision for name, score in scores.items() if score.support >= 10 and score.precision < 0.85}
    assert not {name for name in weak if not name.startswith("company_")}
    known = [score for name, score in scores.items() if not name.startswith("company_")]
    right, invented = sum(score.right for score in known), sum(score.invented for score in known)
    assert right / (right + invented) >= 0.97
