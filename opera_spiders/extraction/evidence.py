"""What an answer's values find on the page: the places, the statuses, and where they are written down."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from opera_spiders.extraction.claims import Claims, Class, Labels, is_something_else, names_place
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.lines import HEADINGS
from opera_spiders.extraction.page_index import PageIndex, Place
from opera_spiders.extraction.schema import PageExtraction, Production
from opera_spiders.extraction.vocabulary import production_words
from opera_spiders.text import key

Status = Literal["verified", "section", "elsewhere", "inferred", "reviewed", "absent"]

INFLECTED = frozenset(
    ["cs", "sk", "pl", "ru", "uk", "bg", "hr", "sl", "lt", "lv", "fi", "et", "hu", "el", "ro", "sr", "mk", "be"]
)
"""Languages that print names in grammatical cases."""

_OPENS_PIECE = re.compile(r"(?:^|[\n|:;·•–—„“«»\"(]|\s[-/,&]|,)\s*$")
_CLOSES_PIECE = re.compile(r"\W{0,2}\s*(?:$|[\n|:;·•–—”“»«\"(),*]|\s[-/&])")


@dataclass(frozen=True, slots=True)
class Found:
    """Words on the page that speak for a value."""

    number: int | None
    quote: str
    status: Status | None = None  # None: by the place alone


@dataclass(slots=True)
class Section:
    """A production's stretch of the page, and whether it is the only production."""

    first: int
    last: int
    only: bool
    titles: frozenset[str] = frozenset()
    evenings: frozenset[int] = frozenset()  # blocks of its performances, which a calendar prints all over the page
    headed: frozenset[int] = frozenset()  # the headings above it, and all under a heading that is its title
    block: str = ""
    owners: Sequence[frozenset[str]] = ()  # for each block the titles and block ids of the productions it belongs to

    def __contains__(self, number: int) -> bool:
        return self.first <= number < self.last or number in self.evenings or number in self.headed

    def is_foreign(self, number: int) -> bool:
        """Tell whether a block belongs to other productions of the answer and not to this one."""
        return number not in self and self.is_owned_elsewhere(number)

    def is_owned_elsewhere(self, number: int) -> bool:
        """Tell whether the nearest evening or title above a block is that of another production."""
        if not self.owners or not self.owners[number]:
            return False
        return self.owners[number].isdisjoint({*self.titles, self.block})


class Ledger:
    """Looks words up on one page and writes the evidence of one answer down."""

    def __init__(self, answer: PageExtraction, page: PageToExtract) -> None:
        self.answer = answer
        self.page = page
        self.index = PageIndex(page)
        self.evidence: dict[str, dict[str, Any]] = {}
        self.errors: list[dict[str, str]] = []
        self.whole = Section(0, len(self.index.blocks), only=True)
        self.claims = Claims(answer)
        self.labels = Labels(self.index)

    def _put(self, pointer: str, found: Found | None, own: int | None, section: Section) -> bool:
        """Record the evidence of one leaf; the place decides the status. Return whether anything was found.

        The block written down is the one that prints the quote: of a row that a label or a heading speaks for, theirs.
        """
        if found is None:
            self.evidence[pointer] = {"block": None, "xpath": None, "quote": "", "status": "absent"}
            return False
        status = found.status
        if status is None:
            if found.number == own and own is not None and not section.is_foreign(own):
                status = "verified"
            else:
                status = "section" if found.number is not None and found.number in section else "elsewhere"
        block = self.index.blocks[self.index.holder(found.number, found.quote)] if found.number is not None else None
        self.evidence[pointer] = {
            "block": block.id if block else None,
            "xpath": block.path if block else None,
            "quote": found.quote[:500],
            "status": status,
        }
        return True

    def _error(self, pointer: str, error: str) -> None:
        self.errors.append({"pointer": pointer, "error": error})

    def _own(self, pointer: str, block: str) -> int | None:
        number = self.index.number.get(block)
        if number is None:
            self._error(f"{pointer}/block", f"The page has no block {block!r}; the page was searched instead.")
        return number

    def _order(self, own: int | None, section: Section) -> Any:
        """Return the sort key that prefers the named block, then the section, then the page."""

        def rank(number: int) -> tuple[int, int]:
            if number == own:
                return (0, number)
            near = abs(number - own) if own is not None else number
            return (1, near) if number in section else (2, near)

        return rank

    def _words(self, value: str, own: int | None, section: Section) -> Found | None:
        """Find words as printed, preferring the named block."""
        place = next(self._nearest(value, own, section), None)
        return Found(place.number, self.index.quote(place)) if place is not None else None

    def _nearest(self, value: str, own: int | None, section: Section) -> Iterator[Place]:
        """Yield the places that print words, those in the named block first, then those in the section."""
        places = self.index.places(value) or self.index.places(value, broken=True) or self._inflected(value)
        rank = self._order(own, section)
        yield from sorted(places, key=lambda place: (*rank(place.number), place.first))

    def _words_of(self, value: str, name: Class, own: int | None, section: Section) -> Iterator[Place]:
        """Yield the places at which words may be of a class.

        A label that says something else speaks against a place; where the answer takes the same words for something
        else, only a label speaks for one.
        """
        is_claimed = bool(self.claims.against(value, name))
        for place in self._nearest(value, own, section):
            labels = self.labels.of(place)
            if name in labels or (not labels and not is_claimed and (name != "place" or self._may_be_place(place))):
                yield place

    def _may_be_place(self, place: Place) -> bool:
        """Tell whether words hold a word of venues' names, are a city we know, or stand alone and are nothing else."""
        quote, block = self.index.quote(place), self.index.blocks[place.number]
        if is_something_else(quote, self.index.language):
            return False
        if names_place(quote):
            return True
        is_name = not quote[0].islower() and not re.search(r"\d", quote) and len(quote.split()) <= 6
        return is_name and not block.chrome and block.kind not in HEADINGS and self._stands_alone(place)

    def _stands_alone(self, place: Place) -> bool:
        """Tell whether the words at a place fill a line, a cell or a piece between dashes, or stand in quotes."""
        text = self.index.texts[place.number]
        start, end = text.spans[place.first][0], text.spans[place.last - 1][1]
        return bool(_OPENS_PIECE.search(text.printed[:start]) and _CLOSES_PIECE.match(text.printed[end:]))

    def _inflected(self, value: str) -> list[Place]:
        """Find a name in another grammatical case, where the page's language has cases."""
        words = key(value).split()
        if self.index.language not in INFLECTED or len(words) < 2 or any(len(word) < 3 for word in words):
            return []
        stems = [word[: max(3, len(word) - 2)] for word in words]
        places = []
        for number, text in enumerate(self.index.texts):
            for at in range(len(text.words) - len(words) + 1):
                if text.is_unbroken(at, at + len(words)) and all(
                    text.words[at + offset].startswith(stem) and len(text.words[at + offset]) <= len(words[offset]) + 3
                    for offset, stem in enumerate(stems)
                ):
                    places.append(Place(number, at, at + len(words)))
        return places

    def _scalar(self, pointer: str, value: str | None, own: int | None, section: Section) -> None:
        if value is not None:
            self._put(pointer, self._words(value, own, section), own, section)

    def _section_then_page(self, section: Section) -> Iterator[int]:
        yield from range(section.first, section.last)
        if section.only:
            yield from (n for n in range(len(self.index.blocks)) if n not in section)

    def _meaning(self, fits: Any, numbers: Iterable[int]) -> Found | None:
        """The first production status words whose meaning fits."""
        for number in numbers:
            block = self.index.blocks[number]
            for language in dict.fromkeys((self.index.language, "en")):
                for word in production_words(block.text, language):
                    if fits(word.meaning):
                        return Found(number, word.printed, "inferred")
        return None


def titles_of(production: Production) -> frozenset[str]:
    """Return the folded titles of a production, its evening and its works."""
    titles = (production.opera_title, production.production_title, *(work.title for work in production.works))
    return frozenset(key(title) for title in titles if title)


def date_of(value: str) -> dt.date | None:
    """Return the day of a YYYY-MM-DD text, None when the calendar has no such day."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def json_objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON text, inner ones first; none when it was cut."""
    try:
        stack: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    found = []
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            found.append(value)
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    yield from reversed(found)
