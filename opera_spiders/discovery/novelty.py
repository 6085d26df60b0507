"""What a page states that the crawl has not read before: evenings and credits, counted, not extracted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from math import exp

from opera_spiders.discovery.page_types import opera_named
from opera_spiders.discovery.traps import Window
from opera_spiders.extraction.blocks import Block, PageBlocks
from opera_spiders.extraction.dates import find_dates, find_times
from opera_spiders.extraction.vocabulary import credit_functions
from opera_spiders.text import key

_MUCH = 6  # new statements make a page two thirds as good as one can be
_LONGEST_LABEL = 60  # characters
_LONGEST_DATED_TEXT = 300  # characters of a block; a longer one tells a story


@dataclass(frozen=True, slots=True)
class Tidings:
    """What a page has brought, from 0 to 1. With credits it is no list: its links lead to people, not productions.

    ``is_dated`` is False where no day of interest has its year.
    """

    gain: float
    has_credits: bool
    is_dated: bool


@dataclass(slots=True)
class Novelty:
    """Remembers the statements of a crawl's pages.

    :param window: days outside are of no interest; None for all
    :param today: resolves dates without a year
    """

    window: Window | None
    today: date
    _known: set[int] = field(default_factory=set)

    def of(self, page: PageBlocks) -> Tidings | None:
        """Return how much of ``page`` is new, and remember it; None when it states nothing.

        An evening is new once, whoever announces it; a credit is new for each evening that has a page to itself.
        """
        blocks = [block for block in page.blocks if not block.chrome]
        days = {day for block in blocks for day in self._days(block, page.language)}
        evenings = {f"{day} {time}" for day, time, _ in days if self._is_of_interest(day)}
        is_dated = not days or any(has_year for day, _, has_year in days if self._is_of_interest(day))
        if days and not evenings:
            return None
        credits_ = {credit for block in blocks for credit in _credits(block, page.language)}
        if len(evenings) == 1:
            credits_ = {f"{credit} {evening}" for credit in credits_ for evening in evenings}
        titles = {f"title {title}" for block in blocks if block.kind == "h1" and (title := opera_named(block.text))}
        stated = evenings | credits_ | titles
        if not stated:
            return None
        new = {statement for statement in stated if hash(statement) not in self._known}
        self._known.update(map(hash, new))
        # A day without a time is a run's first, or a piece of news: many such days say no more than one.
        days_alone = {statement for statement in new if statement.endswith(" ")}
        count = len(new) - len(days_alone) + bool(days_alone)
        return Tidings(1 - exp(-count / _MUCH), has_credits=bool(credits_), is_dated=is_dated)

    def _is_of_interest(self, day: date) -> bool:
        return self.window is None or self.window.meets(day, day)

    def _days(self, block: Block, language: str | None) -> Iterator[tuple[date, str, bool]]:
        if block.kind == "json" or len(block.text) > _LONGEST_DATED_TEXT or not re.search(r"\d", block.text):
            return
        times = [hit.time for hit in find_times(block.text, language)]
        for hit in find_dates(block.text, language, self.today):
            yield hit.date, hit.time or (times[0] if times else ""), not hit.year_inferred


def _credits(block: Block, language: str | None) -> Iterator[str]:
    """Yield the credits of a row, a definition or a line with a label."""
    for line in block.text.split("\n"):
        label, _, name = line.partition(" | ") if " | " in line else line.partition(":")
        if name and len(label) <= _LONGEST_LABEL and (functions := credit_functions(label, language)):
            yield f"{functions} {key(name)}"
