"""What a page prints, indexed once, so that any name, date, time or price of an answer is looked up without a scan."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from opera_spiders.companies import company_of
from opera_spiders.extraction import page_words
from opera_spiders.extraction.blocks import Block
from opera_spiders.extraction.dates import (
    DateHit,
    Season,
    find_dates,
    find_month,
    find_seasons,
    find_times,
    prints_month_first,
)
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.prices import PriceHit, find_prices
from opera_spiders.extraction.vocabulary import primary, weekday_number
from opera_spiders.text import key

_WORD = re.compile(r"[^\W_]+")
_BORDER = re.compile(r"\n| \| ")
_JSON_BORDER = re.compile(r"(?<!\\)\"|\n")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


_TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "title"})
_LIST_HEADS: tuple[page_words.Kind, ...] = ("cast", "team")
_REACH_ENTRY = 15
_REACH_CAST = 80
"""How many lines below its head, in blocks, an entry of a calendar and the cast of an evening may be."""


@dataclass(slots=True)
class IndexedText:
    """The words of one text, folded, with their places in the printed text and the numbers of their cells or lines."""

    printed: str
    border: re.Pattern[str] = _BORDER
    words: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    stretches: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        stretch = end = 0
        for match in _WORD.finditer(self.printed):
            stretch += self.border.search(self.printed, end, match.start()) is not None
            end = match.end()
            for word in key(match.group()).split():
                self.words.append(word)
                self.spans.append(match.span())
                self.stretches.append(stretch)

    def is_unbroken(self, first: int, last: int) -> bool:
        """Tell whether the words from offset ``first`` up to ``last`` stand in one cell and line."""
        return self.stretches[first] == self.stretches[last - 1]

    def find(self, phrase: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        """Yield (first, last) word offsets at which ``phrase`` stands, over the borders of cells and lines too."""
        words, length = self.words, len(phrase)
        start = 0
        while True:
            try:
                start = words.index(phrase[0], start)
            except ValueError:
                return
            if tuple(words[start : start + length]) == phrase:
                yield start, start + length
            start += 1

    def quote(self, first: int, last: int) -> str:
        """Return the printed words from offset ``first`` up to ``last``."""
        return self.printed[self.spans[first][0] : self.spans[last - 1][1]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand: the block's number in the page, and its first and last word."""

    number: int
    first: int
    last: int


_INSTANT = re.compile(r"(?<![\d.\"-])(1[4-9]\d{8}|2[0-4]\d{8})(?:\d{3})?(?![\d.])")


def _instants(text: str) -> Iterator[DateHit]:
    """Yield the Unix times of structured data, in UTC."""
    for match in _INSTANT.finditer(text):
        instant = dt.datetime.fromtimestamp(int(match[1]), tz=dt.UTC)
        yield DateHit(instant.date(), match.start(), match.end(), match.group(), time=f"{instant:%H:%M}", offset="Z")


class PageIndex:
    """The visible blocks of a page by word, with lazily read dates, times and prices. Hidden text is not in it."""

    def __init__(self, page: PageToExtract) -> None:
        self.page = page
        self.blocks: tuple[Block, ...] = page.blocks.blocks
        self.number = {block.id: number for number, block in enumerate(self.blocks)}
        self.texts = [IndexedText(b.text, _JSON_BORDER if b.kind == "json" else _BORDER) for b in self.blocks]
        self.language = primary(page.blocks.language or page.language)
        self.reference = page.fetched_at.date()
        company = company_of(page.company_domain)
        self.currency = company.currency if company else None
        self.country = company.country_code if company else None
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self.texts):
            for word in dict.fromkeys(text.words):
                self._postings[word].append(number)
        self._dates: dict[int, tuple[DateHit, ...]] = {}
        self._own_dates: dict[int, tuple[DateHit, ...]] = {}

    # -- words --------------------------------------------------------------------------------------------------

    def blocks_with(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of the blocks that contain all of the words, in order."""
        lists = sorted((self._postings.get(word, []) for word in words), key=len)
        if not lists or not lists[0]:
            return []
        common = set(lists[0])
        for numbers in lists[1:]:
            common &= set(numbers)
        return sorted(common)

    def places(self, phrase: str, *, broken: bool = False) -> list[Place]:
        """Return every place at which a phrase is printed, whatever its case, accents or punctuation.

        :param broken: read over line breaks in headings and titles, whose words belong together; never over cells
        """
        words = tuple(key(phrase).split())
        if not words:
            return []
        if _UNSPACED.search(phrase):
            return self._unspaced_places(words)
        return [place for place in self._printed_places(words) if self._is_together(place, broken)]

    def _printed_places(self, words: tuple[str, ...]) -> list[Place]:
        return [
            Place(number, first, last)
            for number in self.blocks_with(words)
            for first, last in self.texts[number].find(words)
        ]

    def _is_together(self, place: Place, broken: bool) -> bool:
        if self.texts[place.number].is_unbroken(place.first, place.last):
            return True
        return broken and self.blocks[place.number].kind in _TITLES and " | " not in self.quote(place)

    def _unspaced_places(self, words: tuple[str, ...]) -> list[Place]:
        """Scripts without spaces: the phrase may stand inside a longer run of characters."""
        wanted = "".join(words)
        return [
            Place(number, at, at + 1)
            for number, text in enumerate(self.texts)
            for at, word in enumerate(text.words)
            if wanted in word
        ] + [place for place in self._printed_places(words) if self._is_together(place, broken=False)]

    def quote(self, place: Place) -> str:
        """Return the words at a place as printed."""
        return self.texts[place.number].quote(place.first, place.last)

    # -- context ------------------------------------------------------------------------------------------------

    @cached_property
    def headings(self) -> list[tuple[int, ...]]:
        """For each block the numbers of the headings above it, outermost first."""
        last_printed: dict[str, int] = {}
        chains = []
        for number, block in enumerate(self.blocks):
            chains.append(tuple(last_printed[text] for text in block.headings if text in last_printed))
            if block.kind in ("h1", "h2", "h3", "h4", "h5", "h6"):
                last_printed[block.text] = number
        return chains

    @cached_property
    def under_titles(self) -> dict[str, frozenset[int]]:
        """For each heading's text, folded, the numbers of the heading, the blocks below it and its day above it."""
        under: dict[str, set[int]] = defaultdict(set)
        for number, above in enumerate(self.headings):
            for heading in above:
                under[key(self.blocks[heading].text)].update((heading, number))
        for numbers in under.values():
            numbers.update([head for heading in numbers if (head := self._day_above(heading)) is not None])
        return {title: frozenset(numbers) for title, numbers in under.items()}

    def _day_above(self, heading: int) -> int | None:
        """Return the line with day and time that belongs to a heading below it.

        A calendar prints the day above the title. Where it prints several days in a row, in a column of their own,
        the titles below follow in the same order.
        """
        kind = self.blocks[heading].kind
        if kind not in ("h1", "h2", "h3", "h4"):
            return None
        passed = 0
        for last in range(heading - 1, max(heading - _REACH_CAST, -1), -1):
            if self._is_timed(last):
                first = last
                while self._is_timed(first - 1):
                    first -= 1
                return first + passed if first + passed <= last else None
            passed += self.blocks[last].kind == kind
        return None

    def _is_timed(self, number: int) -> bool:
        return number >= 0 and any(hit.time for hit in self.printed_dates(number))

    @cached_property
    def seasons(self) -> tuple[Season, ...]:
        """The season labels of the page, each once."""
        found: dict[dt.date, Season] = {}
        for block in self.blocks:
            if block.kind not in ("json", "link") and not block.chrome:
                for season in find_seasons(block.text):
                    found.setdefault(season.first, season)
        return tuple(found.values())

    @cached_property
    def season_window(self) -> tuple[dt.date, dt.date] | None:
        """The window of the only season the page names, unless most dates with a year lie outside it."""
        if len(self.seasons) != 1:
            return None
        first, last = self.seasons[0].first, self.seasons[0].last
        printed = [
            hit.date
            for block in self.blocks
            if block.kind != "json" and len(block.text) <= 200
            for hit in find_dates(block.text, self.language, self.reference)
            if not hit.year_inferred
        ]
        outside = sum(not first <= date <= last for date in printed)
        return None if outside * 2 > len(printed) else (first, last)

    @cached_property
    def month_first(self) -> bool | None:
        """Whether visible numeric dates put the month first, from the page or the company's country."""
        seen = prints_month_first(block.text for block in self.blocks if block.kind != "json")
        if seen is None and self.language == "en" and self.country:
            return self.country == "US"
        return seen

    @cached_property
    def attributes_month_first(self) -> bool | None:
        """Whether dates in attributes put the month first: they may follow another order than the text."""
        return prints_month_first(value for block in self.blocks for value in block.dates)

    @cached_property
    def _months(self) -> list[tuple[int | None, int] | None]:
        """For each block the month a heading, or a line before it, names."""
        months: list[tuple[int | None, int] | None] = []
        running: tuple[int | None, int] | None = None
        for number, block in enumerate(self.blocks):
            if block.kind != "json" and len(block.text) <= 40:
                running = find_month(block.text.replace("\n", " "), self.language) or running
            of_heading = None
            for heading in reversed(self.headings[number]):
                of_heading = find_month(self.blocks[heading].text, self.language)
                if of_heading:
                    break
            months.append(of_heading or running)
        return months

    # -- dates, times, prices -----------------------------------------------------------------------------------

    def dates_in(self, text: str, number: int | None = None) -> tuple[DateHit, ...]:
        """Return the dates a text of this page prints."""
        month = self._months[number] if number is not None else None
        return find_dates(
            text,
            self.language,
            self.reference,
            season=self.season_window,
            month=month,
            month_first=self.month_first,
        )

    def printed_dates(self, number: int) -> tuple[DateHit, ...]:
        """Return the dates in a block's own text and in its ``datetime`` and date-bearing attributes."""
        if number not in self._own_dates:
            block = self.blocks[number]
            hits = list(self._day_heads(number))
            for cell in block.cells:
                hits.extend(
                    hit for hit in self.dates_in(cell, number) if hit not in hits and hit.weekday_matches is not False
                )
            if block.kind == "json":
                hits.extend(_instants(block.text))
            for value in block.dates:
                hits.extend(find_dates(value, "en", self.reference, month_first=bool(self.attributes_month_first)))
            self._own_dates[number] = tuple(hits)
        return self._own_dates[number]

    def dates_of(self, number: int) -> tuple[DateHit, ...]:
        """Return the dates a block stands under: its own, else those of its nearest heading or calendar entry.

        A calendar that prints the day before an entry's heading is read as that entry's day.
        """
        if number not in self._dates:
            self._dates[number] = self.printed_dates(number) or self._context_dates(number)
        return self._dates[number]

    def _context_dates(self, number: int) -> tuple[DateHit, ...]:
        for heading in reversed(self.headings[number]):
            hits = self.printed_dates(heading)
            if hits:
                return hits
            if any(page_words.is_word(kind, self.blocks[heading].text) for kind in _LIST_HEADS):
                continue  # a list of dates may stand above it: "13 March, 14 March, Cast"
            for before in range(heading - 1, max(heading - 5, -1), -1):
                if self.blocks[before].kind in ("h1", "h2", "h3", "h4") and before != heading - 1:
                    break
                hits = self.printed_dates(before)
                if hits and before and self.printed_dates(before - 1):
                    break  # the last of a list of dates
                if hits:
                    return hits
        for before in range(number - 1, max(number - _REACH_CAST, -1), -1):
            if self.blocks[before].headings != self.blocks[number].headings:
                return ()
            hits = self.printed_dates(before)
            if hits and (self._opens_cast(before) or (self.opens_entry(before) and number - before <= _REACH_ENTRY)):
                return hits
            if hits:
                return ()
        return ()

    def _opens_cast(self, number: int) -> bool:
        """Tell whether a line announces the cast of a day: *Cast on Wednesday 1 April*."""
        text = self.texts[number]
        return len(text.words) <= 12 and page_words.contains("cast", text.printed, self.language)

    def _day_heads(self, number: int) -> tuple[DateHit, ...]:
        """Return the dates of a block that may print a day without its month, as the rows of a calendar do.

        The month is that of its heading; where that contradicts the weekday, the one month of the page that fits.
        """
        text = self.blocks[number].text
        explicit = self.dates_in(text)
        if explicit:
            return explicit
        under = [hit for hit in self.dates_in(text, number) if hit.weekday_matches is not False]
        if any(hit.weekday_matches for hit in under) or len(text) > 60:
            return tuple(under)
        if not any(weekday_number(word, self.language) for word in self.texts[number].words):
            return tuple(under)
        fitting: dict[dt.date, DateHit] = {}
        for year, month in self._printed_months:
            for candidate in (year,) if year else (self.reference.year, self.reference.year + 1):
                for hit in find_dates(text, self.language, self.reference, month=(candidate, month)):
                    if hit.weekday_matches:
                        fitting[hit.date] = hit
        return tuple(fitting.values()) if len(fitting) == 1 else tuple(under)

    @cached_property
    def _printed_months(self) -> tuple[tuple[int | None, int], ...]:
        """The months the page names without a day, as a calendar does in its head."""
        found = [find_month(b.text.replace("\n", " "), self.language) for b in self.blocks if len(b.text) <= 40]
        cells = [find_month(c, self.language) for b in self.blocks for c in b.cells if len(c) <= 20]
        return tuple(dict.fromkeys(month for month in (*found, *cells) if month))

    def opens_entry(self, number: int) -> bool:
        """Tell whether a block holds a day alone, with other lines below: the head of a calendar's entry."""
        return self._is_day_alone(number) and not self._is_day_alone(number - 1) and not self._is_day_alone(number + 1)

    def _is_day_alone(self, number: int) -> bool:
        if not 0 <= number < len(self.blocks) or len(self.texts[number].words) > 6:
            return False
        block = self.blocks[number]
        covered = max((hit.end - hit.start for hit in self._day_heads(number)), default=0)
        return covered * 2 > len(block.text)

    def is_whole(self, place: Place) -> bool:
        """Tell whether the words at a place are all that their block prints."""
        return place.last - place.first == len(self.texts[place.number].words)

    def times_in(self, number: int) -> tuple[str, ...]:
        """Return the times of day a block prints, in order."""
        block = self.blocks[number]
        texts = (block.text, *block.cells, *block.dates)
        return tuple(dict.fromkeys(hit.time for text in texts for hit in find_times(text, self.language)))

    def printed_time(self, number: int, time: str) -> str:
        """Return a time of day as a block prints it: *7.30pm* for 19:30."""
        block = self.blocks[number]
        texts = (block.text, *block.cells, *block.dates)
        hits = (hit for text in texts for hit in find_times(text, self.language))
        return next((hit.printed for hit in hits if hit.time == time), time)

    def holds(self, number: int, quote: str) -> bool:
        """Tell whether a block prints these words, in its text, a cell, a date attribute or a link."""
        block = self.blocks[number]
        texts = (block.text, *block.cells, *block.dates, *block.links)
        return any(quote in text for text in texts)

    def holder(self, number: int, quote: str) -> int:
        """Return the block that prints words said of a block: itself, a heading of it, or the nearest other one."""
        candidates = chain((number,), reversed(self.headings[number]), self._outwards(number))
        return next((candidate for candidate in candidates if self.holds(candidate, quote)), number)

    def _outwards(self, number: int) -> Iterator[int]:
        """Yield the blocks around a block, the nearest first, of two as near the one above."""
        for distance in range(1, len(self.blocks)):
            if number >= distance:
                yield number - distance
            if number + distance < len(self.blocks):
                yield number + distance

    def prices_in(self, number: int) -> tuple[PriceHit, ...]:
        """Return the prices a block prints."""
        return find_prices(self.blocks[number].text, self.language, self.currency)
