"""What a page states that the crawl has not read before: evenings and credits, counted, not extracted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import exp
from typing import Self

from opera_spiders.discovery.page_types import begins_as_education, opera_named
from opera_spiders.discovery.traps import Window
from opera_spiders.extraction.blocks import Block, PageBlocks
from opera_spiders.extraction.dates import find_dates, find_times
from opera_spiders.extraction.vocabulary import credit_functions
from opera_spiders.text import key

_MUCH = 6  # new statements make a page two thirds as good as one can be
_OF_AN_EVENING_ALONE = 0.5  # of an evening, where its page says neither who nor what: most are talks and tours
_LONGEST_LABEL = 60  # characters
_LONGEST_DATED_TEXT = 300  # characters of a block; a longer one tells a story


@dataclass(frozen=True, slots=True)
class Statements:
    """What a page states, wherever it stands.

    ``evenings`` are a day, the time ("" where none is printed), and whether the day's year is printed or certain.
    """

    evenings: frozenset[tuple[date, str, bool]] = frozenset()
    credits: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()

    @classmethod
    def of(cls, page: PageBlocks, today: date) -> Self:
        """Return the statements of a page.

        :param today: resolves dates without a year
        """
        blocks = [block for block in page.blocks if not block.chrome]
        headings = [block.text for block in blocks if block.kind == "h1"] or [page.title or ""]
        return cls(
            evenings=frozenset(evening for block in blocks for evening in _evenings(block, page.language, today)),
            credits=frozenset(credit for block in blocks for credit in _credits(block, page.language)),
            titles=frozenset(filter(None, map(opera_named, headings))),
        )


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
    """

    window: Window | None
    _known: set[int] = field(default_factory=set)

    def of(self, page: Statements) -> Tidings | None:
        """Return how much of a page is new, and remember it; None when it states nothing of interest.

        An evening is new once, whoever announces it; a credit is new for each evening that has a page to itself.
        """
        of_interest = [evening for evening in page.evenings if self._is_of_interest(evening[0])]
        if page.evenings and not of_interest:
            return None
        evenings = {f"{day} {time}" for day, time, _ in of_interest}
        people = set(page.credits)
        if len(evenings) == 1:
            people = {f"{credit} {evening}" for credit in people for evening in evenings}
        people |= {f"title {title}" for title in page.titles}
        if not evenings and not people:
            return None
        new_evenings, new_people = self._remember(evenings), self._remember(people)
        # A day without a time is a run's first, or a piece of news: many such days say no more than one.
        days_alone = {evening for evening in new_evenings if evening.endswith(" ")}
        count: float = len(new_evenings) - len(days_alone) + bool(days_alone)
        if not new_people and evenings:
            # A page that says neither who nor what is new only as far as most of its evenings are: else they are the
            # talks and tours between them.
            count *= len(new_evenings) / len(evenings) * (_OF_AN_EVENING_ALONE if len(evenings) == 1 else 1)
        count += len(new_people)
        is_dated = not of_interest or any(has_year for _, _, has_year in of_interest)
        return Tidings(1 - exp(-count / _MUCH), has_credits=bool(page.credits), is_dated=is_dated)

    def _remember(self, statements: set[str]) -> set[str]:
        """Return those that are new, and remember them."""
        new = {statement for statement in statements if hash(statement) not in self._known}
        self._known.update(map(hash, new))
        return new

    def _is_of_interest(self, day: date) -> bool:
        return self.window is None or self.window.meets(day, day)


def _evenings(block: Block, language: str | None, today: date) -> Iterator[tuple[date, str, bool]]:
    if block.kind == "json" or len(block.text) > _LONGEST_DATED_TEXT or not re.search(r"\d", block.text):
        return
    if any(map(begins_as_education, (*block.headings[-1:], *(block.cells or block.text.split("\n"))))):
        return
    times = [hit.time for hit in find_times(block.text, language)]
    for hit in find_dates(block.text, language, today):
        yield hit.date, hit.time or (times[0] if times else ""), not hit.year_inferred


def _credits(block: Block, language: str | None) -> Iterator[str]:
    """Yield the credits of a row, a definition, a line with a label or one set apart (``<b>Conductor</b> A B``)."""
    lines = (line.partition(" | ") if " | " in line else line.partition(":") for line in block.text.split("\n"))
    for label, name in (*((label, name) for label, _, name in lines), *pairwise(block.parts)):
        if name and len(label) <= _LONGEST_LABEL and (functions := credit_functions(label, language)):
            yield f"{functions} {key(name)}"
