"""Looks every value of an answer up on the page: evidence for what it states, and the status of what it does not.

The same code checks rules, models and people. For each leaf of the answer that is not null, ``evidence`` maps its
JSON Pointer (RFC 6901) to the block, its path, the words found and a status:

``verified``   the words stand in the block the answer names
``section``    they stand elsewhere in the production's section (from its block up to the next production's)
``elsewhere``  they stand on the page, but outside that section
``inferred``   an enum, boolean or derived value, with the words that justify it
``absent``     the page does not say it

Values that only mean something together are looked up together: a role with its performer, a function with a name, a
time with its date, an amount with its category, a night with whoever appears in it. Where the named block says
something else (another date, another role for the same performer), the rest of the page is not asked.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from opera_spiders.companies import company_of
from opera_spiders.extraction import page_words
from opera_spiders.extraction.dates import DateHit, find_durations, find_intermissions, find_seasons
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.names import is_ensemble
from opera_spiders.extraction.page_index import PageIndex, Place
from opera_spiders.extraction.pairs import Mark, Pairs, is_conjunction
from opera_spiders.extraction.prices import PriceHit, parse_amount
from opera_spiders.extraction.schema import (
    CastMember,
    Company,
    Credit,
    FinancialYear,
    Night,
    PageExtraction,
    Performance,
    Production,
    TicketPrice,
    Work,
)
from opera_spiders.extraction.vocabulary import (
    composer_named,
    composer_names,
    credit_functions,
    genre_phrases,
    production_words,
    roles_of,
    rows,
    says,
    status_phrases,
    works_titled,
)
from opera_spiders.text import key

Status = Literal["verified", "section", "elsewhere", "inferred", "reviewed", "absent"]

WEIGHTS: dict[str, Decimal] = {
    "verified": Decimal("1.00"),
    "reviewed": Decimal("1.00"),
    "section": Decimal("0.95"),
    "inferred": Decimal("0.95"),
    "elsewhere": Decimal("0.60"),
    "absent": Decimal("0.00"),
}
"""How much a value of each status counts in ``confidence_score``, the mean over all values (not yet calibrated)."""

NOTHING_FOUND = Decimal("0.50")
"""Confidence of an answer without a single value: nobody has checked that the page is as silent as it says."""

_VOCAL_LABELS = frozenset(
    {"narrator", "chorus", "childrens_chorus", "dancers", "extras", "instrumentalist", "puppetry", "presenter", "other"}
)
_SAME_FUNCTION: dict[str, frozenset[str]] = {
    "chorus": frozenset({"chorus_master", "childrens_chorus"}),
    "childrens_chorus": frozenset({"childrens_chorus_master", "chorus"}),
    "orchestra": frozenset({"instrumentalist", "repetiteur", "continuo"}),
    "dancers": frozenset({"choreographer"}),
}
"""Labels that credit a person, and the group where the name is a group's: *Chor: Chor der Oper*."""

_INFLECTED = frozenset(
    ["cs", "sk", "pl", "ru", "uk", "bg", "hr", "sl", "lt", "lv", "fi", "et", "hu", "el", "ro", "sr", "mk", "be"]
)
_SURTITLES = [
    "ubertitel",
    "surtit",
    "sottotit",
    "sopratit",
    "sobretit",
    "subtit",
    "titulk",
    "felirat",
    "boventitel",
    "ondertitel",
    "supertit",
    "napis",
    "titr",
    "textning",
    "textmask",
    "tekstit",
    "subtit",
    "субтитр",
    "титр",
]


@dataclass(frozen=True, slots=True)
class Grounding:
    """What the page says to an answer. ``validation_errors`` are of the answer alone or of its fit to the page."""

    evidence: dict[str, dict[str, Any]]
    validation_errors: list[dict[str, str]]
    confidence_score: Decimal
    is_validated: bool


def ground(answer: PageExtraction, page: PageToExtract) -> Grounding:
    """Return evidence for every non-null value of an answer, and how far the answer can be trusted.

    :param answer: what any extractor read; values the page does not state are kept, with status ``absent``
    :param page: the page it was read from
    """
    checker = _Checker(answer, page)
    checker.check()
    return Grounding(checker.evidence, checker.errors, _confidence(checker.evidence), not checker.errors)


def checked(
    answer: PageExtraction,
    page: PageToExtract,
    *,
    extraction_version: str,
    llm_model: str,
    tokens_input: int | None = None,
    tokens_output: int | None = None,
    cost_usd: Decimal | None = None,
) -> Extraction:
    """Return an answer as a row of ``staging.stg_llm_extractions``, grounded."""
    grounding = ground(answer, page)
    return Extraction(
        extraction_version=extraction_version,
        llm_model=llm_model,
        raw_response=answer.model_dump(mode="json"),
        evidence=grounding.evidence,
        confidence_score=grounding.confidence_score,
        is_validated=grounding.is_validated,
        validation_errors=grounding.validation_errors,
        tokens_input=tokens_input,
        tokens_output=tokens_output,
        cost_usd=cost_usd,
    )


def _confidence(evidence: dict[str, dict[str, Any]]) -> Decimal:
    values = [found for pointer, found in evidence.items() if pointer not in ("/page_type", "/language")]
    if not values:
        return NOTHING_FOUND
    total = sum((WEIGHTS[found["status"]] for found in values), Decimal(0))
    return (total / len(values)).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class _Found:
    """Words on the page that speak for a value."""

    number: int | None
    quote: str
    status: Status | None = None  # None: by the place alone


@dataclass(slots=True)
class _Section:
    """A production's stretch of the page, and whether it is the only production."""

    first: int
    last: int
    only: bool
    titles: frozenset[str] = frozenset()
    evenings: frozenset[int] = frozenset()  # blocks of its performances, which a calendar prints all over the page
    headed: frozenset[int] = frozenset()  # blocks under a heading that is its title, there or elsewhere

    def __contains__(self, number: int) -> bool:
        return self.first <= number < self.last or number in self.evenings or number in self.headed


@dataclass(slots=True)
class _Evening:
    """What the page says about one evening: the blocks and texts of its entries."""

    texts: list[tuple[int, str]] = field(default_factory=list)


class _Checker:
    """One answer against one page."""

    def __init__(self, answer: PageExtraction, page: PageToExtract) -> None:
        self.answer = answer
        self.page = page
        self.index = PageIndex(page)
        self.evidence: dict[str, dict[str, Any]] = {}
        self.errors: list[dict[str, str]] = []
        self.whole = _Section(0, len(self.index.blocks), only=True)
        company = company_of(page.company_domain)
        self.zone = ZoneInfo(company.timezone) if company and company.timezone else None
        self.pairs = Pairs(self.index, self._names(), self._roles())
        self.claimed_blocks = {
            self.index.number[evening.block]
            for production in answer.productions
            for evening in production.performances
            if evening.block in self.index.number
        }

    def _names(self) -> Iterator[str]:
        for production in self.answer.productions:
            yield from (credit.name for credit in production.creative_team)
            for member in production.cast_members:
                yield member.performer
                if member.replaces:
                    yield member.replaces

    def _roles(self) -> Iterator[str]:
        for production in self.answer.productions:
            roles = [member.role for member in production.cast_members if member.role]
            yield from (role for role in roles if not self._is_credit_label(role))
            titles = [production.opera_title, *(work.title for work in production.works)]
            for title in titles:
                for work in works_titled(title or ""):
                    yield from (role for role, _ in roles_of(work.work_id))

    def _is_credit_label(self, role: str) -> bool:
        """Tell whether a role's name is the label of a function nobody sings, dances or speaks."""
        functions = set(credit_functions(role, self.index.language))
        return bool(functions) and not functions & _VOCAL_LABELS

    # -- recording --------------------------------------------------------------------------------------------------

    def _put(self, pointer: str, found: _Found | None, own: int | None, section: _Section) -> bool:
        """Record the evidence of one leaf; the place decides the status. Return whether anything was found."""
        if found is None:
            self.evidence[pointer] = {"block": None, "xpath": None, "quote": "", "status": "absent"}
            return False
        status = found.status
        if status is None:
            if found.number == own and own is not None:
                status = "verified"
            else:
                status = "section" if found.number is not None and found.number in section else "elsewhere"
        block = self.index.blocks[found.number] if found.number is not None else None
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

    def _order(self, own: int | None, section: _Section) -> Any:
        """Return the sort key that prefers the named block, then the section, then the page."""

        def rank(number: int) -> tuple[int, int]:
            if number == own:
                return (0, number)
            near = abs(number - own) if own is not None else number
            return (1, near) if number in section else (2, near)

        return rank

    # -- the whole answer ---------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Ground every leaf."""
        self.evidence["/page_type"] = {"block": None, "xpath": None, "quote": "", "status": "inferred"}
        if self.answer.language is not None:
            self._language_code("/language", self.answer.language)
            self.evidence["/language"] = {"block": None, "xpath": None, "quote": "", "status": "inferred"}
        if self.answer.company is not None:
            self._company(self.answer.company)
        for number, production in enumerate(self.answer.productions):
            self._production(f"/productions/{number}", production, self._section(production))
        for number, year in enumerate(self.answer.financials):
            self._financials(f"/financials/{number}", year)

    def _language_code(self, pointer: str, code: str) -> None:
        if not re.fullmatch(r"[a-z]{2,3}", code):
            self._error(pointer, f"{code!r} is no ISO 639-1 code.")

    def _section(self, production: Production) -> _Section:
        starts = sorted({self.index.number[p.block] for p in self.answer.productions if p.block in self.index.number})
        only = len(self.answer.productions) == 1
        first = self.index.number.get(production.block)
        numbers = (self.index.number.get(evening.block) for evening in production.performances)
        evenings = frozenset(number for number in numbers if number is not None)
        headed = frozenset[int]().union(*(self.index.under_titles.get(t, ()) for t in _titles(production)))
        if first is None:
            return self.whole if only else _Section(0, 0, False, _titles(production), evenings, headed)
        last = next((start for start in starts if start > first), len(self.index.blocks))
        if not only and self.index.blocks[first].kind != "json":
            last = min(last, self._structured)
        return _Section(first, last, only, _titles(production), evenings, headed)

    @cached_property
    def _structured(self) -> int:
        """The first block of structured data; they stand after the text and belong to no section of it."""
        return next((n for n, b in enumerate(self.index.blocks) if b.kind == "json"), len(self.index.blocks))

    def _company(self, company: Company) -> None:
        own = self._own("/company", company.block)
        for name in ("name", "city", "country"):
            value = getattr(company, name)
            if value is not None:
                self._put(f"/company/{name}", self._words(value, own, self.whole), own, self.whole)

    # -- words ------------------------------------------------------------------------------------------------------

    def _words(self, value: str, own: int | None, section: _Section) -> _Found | None:
        """Find words as printed, preferring the named block."""
        places = self.index.places(value) or self._inflected(value)
        if not places:
            return None
        rank = self._order(own, section)
        place = min(places, key=lambda place: (*rank(place.number), place.first))
        return _Found(place.number, self.index.quote(place))

    def _inflected(self, value: str) -> list[Place]:
        """Find a name in another grammatical case, where the page's language has cases."""
        words = key(value).split()
        if self.index.language not in _INFLECTED or len(words) < 2 or any(len(word) < 3 for word in words):
            return []
        stems = [word[: max(3, len(word) - 2)] for word in words]
        places = []
        for number, text in enumerate(self.index.texts):
            for at in range(len(text.words) - len(words) + 1):
                if all(
                    text.words[at + offset].startswith(stem) and len(text.words[at + offset]) <= len(words[offset]) + 3
                    for offset, stem in enumerate(stems)
                ):
                    places.append(Place(number, at, at + len(words)))
        return places

    def _scalar(self, pointer: str, value: str | None, own: int | None, section: _Section) -> None:
        if value is not None:
            self._put(pointer, self._words(value, own, section), own, section)

    # -- productions ------------------------------------------------------------------------------------------------

    def _production(self, pointer: str, production: Production, section: _Section) -> None:
        own = self._own(pointer, production.block)
        for name in ("opera_title", "production_title", "venue", "city"):
            self._scalar(f"{pointer}/{name}", getattr(production, name), own, section)
        self._credited_scalar(f"{pointer}/composer", production.composer, "composer", own, section)
        self._credited_scalar(f"{pointer}/librettist", production.librettist, "librettist", own, section)
        self._season(f"{pointer}/season", production.season, own, section)
        if production.language is not None:
            self._language_code(f"{pointer}/language", production.language)
            self._put(f"{pointer}/language", self._sung_language(production.language, own, section), own, section)
        for name in ("premiere_words", "co_producers"):
            for number, words in enumerate(getattr(production, name)):
                self._scalar(f"{pointer}/{name}/{number}", words, own, section)
        self._production_enums(pointer, production, own, section)
        self._lengths(pointer, production, own, section)
        for number, work in enumerate(production.works):
            self._work(f"{pointer}/works/{number}", work, section)
        evenings = self._performances(pointer, production, section)
        self._edges(pointer, production, own, section, evenings)
        for number, credit in enumerate(production.creative_team):
            self._credit(f"{pointer}/creative_team/{number}", credit, section, evenings)
        for number, member in enumerate(production.cast_members):
            self._member(f"{pointer}/cast_members/{number}", member, production, section, evenings)
        for number, price in enumerate(production.ticket_prices):
            self._price(f"{pointer}/ticket_prices/{number}", price, section, evenings)

    def _credited_scalar(
        self, pointer: str, value: str | None, function: str, own: int | None, section: _Section
    ) -> None:
        """A composer or librettist: printed, and not under the label of another function everywhere."""
        if value is None:
            return
        places = self.index.places(value) or self._inflected(value)
        single = Pairs(self.index, [value], []) if places and key(value) not in self.pairs.name_places else self.pairs
        rank = self._order(own, section)
        for place in sorted(places, key=lambda place: (*rank(place.number), place.first)):
            functions = {f for mark in single.governing(place) for f in mark.functions}
            if not functions or function in functions or composer_named(value) is not None:
                self._put(pointer, _Found(place.number, self.index.quote(place)), own, section)
                return
        self._put(pointer, self._known_composer(value, section) if function == "composer" else None, own, section)

    def _known_composer(self, value: str, section: _Section) -> _Found | None:
        """A composer printed in another known form, such as the surname: the same person by our list."""
        composer = composer_named(value)
        if composer is None:
            return None
        for alias, known in composer_names().items():
            if known != composer or not set(key(composer.name).split()[-1:]) & set(alias.split()):
                continue
            for place in self.index.places(alias):
                quote = self.index.quote(place)
                if place.number in section and quote[:1].isupper():
                    return _Found(place.number, quote, "inferred")
        return None

    def _season(self, pointer: str, value: str | None, own: int | None, section: _Section) -> None:
        if value is None:
            return
        found = self._words(value, own, section)
        wanted = {season.first for season in find_seasons(f"Season {value}")}
        if found is None and wanted:
            rank = self._order(own, section)
            hits = [
                (number, season)
                for number, block in enumerate(self.index.blocks)
                for season in find_seasons(block.text)
                if season.first in wanted
            ]
            if hits:
                number, season = min(hits, key=lambda hit: rank(hit[0]))
                found = _Found(number, season.printed)
        self._put(pointer, found, own, section)

    def _sung_language(self, code: str, own: int | None, section: _Section) -> _Found | None:
        """The name of the language, unless it is that of the surtitles."""
        candidates = []
        for number in self._section_then_page(section):
            text = self.index.texts[number]
            surtitles = _surtitle_languages(text.words, self.index.language)
            for at, word in enumerate(text.words):
                if at not in surtitles and _language_named(word, self.index.language) == code:
                    candidates.append((number, at))
            if candidates and number in section:
                break
        if not candidates:
            return None
        rank = self._order(own, section)
        number, at = min(candidates, key=lambda hit: rank(hit[0]))
        if number not in section and not section.only:
            return None
        return _Found(number, self.index.texts[number].quote(at, at + 1), "inferred")

    def _section_then_page(self, section: _Section) -> Iterator[int]:
        yield from range(section.first, section.last)
        if section.only:
            yield from (n for n in range(len(self.index.blocks)) if n not in section)

    # -- enums and booleans -------------------------------------------------------------------------------------------

    def _production_enums(self, pointer: str, production: Production, own: int | None, section: _Section) -> None:
        if production.genre is not None:
            self._put(f"{pointer}/genre", self._genre(production, section), own, section)
        for name in ("production_type", "presentation"):
            value = getattr(production, name)
            if value is not None:
                found = self._meaning(lambda m, n=name, v=value: says(m, n) == v, self._section_then_page(section))
                if found is None and value == "staged":
                    found = _Found(None, "", "inferred") if self._has_director(production) else None
                self._put(f"{pointer}/{name}", found, own, section)
        if production.is_family is not None:
            found = _Found(None, "", "inferred")
            if production.is_family:
                found = self._family(production, section)
            self._put(f"{pointer}/is_family", found, own, section)
        if production.is_world_premiere is not None:
            found = _Found(None, "", "inferred")
            if production.is_world_premiere:
                found = self._meaning(lambda m: m == "world_premiere", self._section_then_page(section))
            self._put(f"{pointer}/is_world_premiere", found, own, section)

    def _has_director(self, production: Production) -> bool:
        return any(credit.function == "director" for credit in production.creative_team)

    def _genre(self, production: Production, section: _Section) -> _Found | None:
        """Genre words in the section; an opera may also be known by its title."""
        for language in dict.fromkeys((self.index.language, "en")):
            for number in self._section_then_page(section):
                if self.index.blocks[number].chrome:
                    continue
                text = self.index.texts[number]
                for hit in genre_phrases(language).find(text.words):
                    if hit.value == production.genre:
                        return _Found(number, text.quote(hit.first, hit.last), "inferred")
        if production.genre == "education":
            return self._meaning(lambda m: m in ("introduction", "open_rehearsal"), range(section.first, section.last))
        if production.genre in ("opera", "operetta", "zarzuela", "musical", "oratorio"):
            for title in (production.opera_title, *(work.title for work in production.works)):
                works = works_titled(title or "")
                if works and production.genre in {_genre_of(work.genre, work.is_opera) for work in works}:
                    return _Found(None, title or "", "inferred")
        if production.genre == "opera" and production.cast_members:
            return _Found(None, "", "inferred") if any(m.role for m in production.cast_members) else None
        return _Found(None, "", "inferred") if production.genre == "other" else None

    def _family(self, production: Production, section: _Section) -> _Found | None:
        found = self._meaning(lambda m: m == "children_version", self._section_then_page(section))
        if found is None:
            for number in self._section_then_page(section):
                text = self.index.texts[number]
                for hit in genre_phrases(self.index.language).find(text.words):
                    if hit.value == "children":
                        return _Found(number, text.quote(hit.first, hit.last), "inferred")
                for at, word in enumerate(text.words):
                    if word.startswith(_FAMILY_STEMS):
                        return _Found(number, text.quote(at, at + 1), "inferred")
        return found

    def _meaning(self, fits: Any, numbers: Iterable[int]) -> _Found | None:
        """The first production status words whose meaning fits."""
        for number in numbers:
            block = self.index.blocks[number]
            for language in dict.fromkeys((self.index.language, "en")):
                for word in production_words(block.text, language):
                    if fits(word.meaning):
                        return _Found(number, word.printed, "inferred")
        return None

    def _lengths(self, pointer: str, production: Production, own: int | None, section: _Section) -> None:
        if production.duration_minutes is not None:
            found = self._length(production.duration_minutes, own, section)
            self._put(f"{pointer}/duration_minutes", found, own, section)
        if production.intermissions is not None:
            rank = self._order(own, section)
            hits = [
                (number, hit.printed)
                for number in self._section_then_page(section)
                for hit in find_intermissions(self.index.blocks[number].text, self.index.language)
                if hit.minutes == production.intermissions
            ]
            best = min(hits, key=lambda hit: rank(hit[0]), default=None)
            self._put(f"{pointer}/intermissions", _Found(*best) if best else None, own, section)

    def _length(self, minutes: int, own: int | None, section: _Section) -> _Found | None:
        rank = self._order(own, section)
        hits: list[tuple[int, str]] = []
        spans: list[tuple[int, str]] = []
        for number in self._section_then_page(section):
            block = self.index.blocks[number]
            hits += [
                (number, hit.printed)
                for hit in find_durations(block.text, self.index.language)
                if hit.minutes == minutes
            ]
            spans += [
                (number, hit.printed) for hit in self.index.printed_dates(number) if _span_minutes(hit) == minutes
            ]
        if hits:
            return _Found(*min(hits, key=lambda hit: rank(hit[0])))
        return _Found(*min(spans, key=lambda hit: rank(hit[0])), "inferred") if spans else None

    def _work(self, pointer: str, work: Work, section: _Section) -> None:
        own = self._own(pointer, work.block)
        self._scalar(f"{pointer}/title", work.title, own, section)
        self._credited_scalar(f"{pointer}/composer", work.composer, "composer", own, section)
        self._scalar(f"{pointer}/version", work.version, own, section)
        if work.extent is not None:
            found: _Found | None = _Found(None, "", "inferred")
            if work.extent != "complete":
                kind: Any = work.extent
                found = None
                for number in self._section_then_page(section):
                    hit = next(page_words.phrases(kind, self.index.language).find(self.index.texts[number].words), None)
                    if hit is not None:
                        quote = self.index.texts[number].quote(hit.first, hit.last)
                        found = _Found(number, quote, "inferred")
                        break
                if found is None:
                    found = self._meaning(lambda m: m == "children_version", self._section_then_page(section))
            self._put(f"{pointer}/extent", found, own, section)

    # -- evenings -----------------------------------------------------------------------------------------------------

    def _valid_evening(self, pointer: str, date: str, time: str | None) -> tuple[dt.date | None, str | None]:
        """Return the evening of an answer, None for parts that are no date or time; those are errors."""
        day, clock = _date(date), time
        if day is None:
            self._error(f"{pointer}/date", f"{date!r} is no date of the calendar (YYYY-MM-DD).")
        if time is not None and not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", time):
            self._error(f"{pointer}/time", f"{time!r} is no time of day (HH:MM).")
            clock = None
        elif time == "00:00":
            self._error(f"{pointer}/time", "00:00 means that the time is unknown: leave it null.")
            clock = None
        return day, clock

    def _performances(
        self, pointer: str, production: Production, section: _Section
    ) -> dict[tuple[dt.date, str | None], _Found]:
        """Ground the evenings; return those the page states."""
        stated: dict[tuple[dt.date, str | None], _Found] = {}
        for number, evening in enumerate(production.performances):
            at = f"{pointer}/performances/{number}"
            own = self._own(at, evening.block)
            day, time = self._valid_evening(at, evening.date, evening.time)
            date_found, time_found = self._evening(day, time, own, section)
            self._put(f"{at}/date", date_found, own, section)
            if evening.time is not None:
                self._put(f"{at}/time", time_found if date_found else None, own, section)
            self._put(f"{at}/year_inferred", _Found(None, "", "inferred"), own, section)
            if day is not None and date_found is not None:
                stated[day, time if time_found else None] = date_found
            self._evening_details(at, evening, day, date_found, own, section)
        return stated

    def _readings(self, number: int) -> list[tuple[dt.date, str | None, DateHit]]:
        """Return the evenings a block stands under; an instant in UTC also as local time."""
        readings = []
        for hit in self.index.dates_of(number):
            readings.append((hit.date, hit.time, hit))
            if hit.end_date is not None:
                readings.append((hit.end_date, hit.time, hit))
            local = self._local(hit)
            if local is not None:
                readings.append((*local, hit))
        return readings

    def _local(self, hit: DateHit) -> tuple[dt.date, str] | None:
        if hit.offset is None or hit.time is None or self.zone is None:
            return None
        instant = dt.datetime.fromisoformat(f"{hit.date}T{hit.time}:00{hit.offset.replace('Z', '+00:00')}")
        local = instant.astimezone(self.zone)
        return local.date(), f"{local:%H:%M}"

    def _evening(
        self, day: dt.date | None, time: str | None, own: int | None, section: _Section
    ) -> tuple[_Found | None, _Found | None]:
        """Find a date, and a time together with it."""
        if day is None:
            return None, None
        best: tuple[_Found | None, _Found | None] = (None, None)
        if own is not None and (readings := self._readings(own)):
            if self._is_of_another(own, section):
                return None, None
            if not any(date == day or (hit.end_date and hit.date <= day <= hit.end_date) for date, _, hit in readings):
                return None, None  # the block named speaks of other days
            best = self._evening_in(own, day, time)
            alone = [clock for date, clock, hit in readings if date == day and hit.end_date is None]
            if time is None or best[1] is not None or any(alone):
                return best
        rank = self._order(own, section)
        numbers = sorted((n for n in self._dated.get(day, ()) if n != own), key=rank)
        for number in numbers:
            if number in self.claimed_blocks and number not in section:
                continue
            found = self._evening_in(number, day, time)
            if found[0] is not None and (found[1] is not None or time is None):
                return best[0] or found[0], found[1]
            best = best if best[0] is not None else found
        return best

    def _is_of_another(self, number: int, section: _Section) -> bool:
        """Tell whether a calendar's entry names another production of the answer and not this one."""
        if section.only or section.first <= number < section.last:
            return False
        entry = {number, *self.index.headings[number], *(below for below, _ in self._below(number))}
        named = {title for title, numbers in self._title_blocks.items() if entry & numbers}
        return bool(named) and not named & section.titles

    @cached_property
    def _title_blocks(self) -> dict[str, frozenset[int]]:
        """For each title of the answer the blocks that print it."""
        titles = {title for production in self.answer.productions for title in _titles(production)}
        return {title: frozenset(place.number for place in self.index.places(title)) for title in titles}

    def _evening_in(self, number: int, day: dt.date, time: str | None) -> tuple[_Found | None, _Found | None]:
        dated = [(clock, hit) for date, clock, hit in self._readings(number) if date == day]
        if not dated:
            return None, None
        quote = dated[0][1].printed
        date_found = _Found(number, quote)
        if time is None:
            return date_found, None
        for clock, hit in dated:
            if clock == time:
                return _Found(number, hit.printed), _Found(number, hit.printed)
        if any(clock is not None for clock, _ in dated):
            return date_found, self._doors(number, day, time)
        times = self.index.times_in(number)
        if times:
            return date_found, (_Found(number, time) if time in times else None)
        return date_found, self._time_nearby(number, time)

    def _doors(self, number: int, day: dt.date, time: str) -> _Found | None:
        """The date is printed twice, once with another time: only a line of its own may still give this one."""
        own = {hit.time for hit in self.index.printed_dates(number) if hit.date == day and hit.time}
        return None if own else self._time_nearby(number, time)

    def _time_nearby(self, number: int, time: str) -> _Found | None:
        """A time in a line beside the date, or one that the page gives for every evening."""
        own = self.index.times_in(number)
        if own:
            return _Found(number, time) if time in own else None
        below = [near for near, _ in self._below(number)]
        for near in (*below, number - 1):
            if 0 <= near < len(self.index.blocks) and not self.index.printed_dates(near):
                times = self.index.times_in(near)
                if times:
                    return _Found(near, time) if time in times else None
        return None

    @cached_property
    def _dated(self) -> dict[dt.date, list[int]]:
        """For each date the blocks that print it."""
        numbers: dict[dt.date, list[int]] = defaultdict(list)
        for number in range(len(self.index.blocks)):
            for hit in self.index.printed_dates(number):
                local = self._local(hit)
                for date in {hit.date, hit.end_date, local[0] if local else None}:
                    if date is not None and number not in numbers[date][-1:]:
                        numbers[date].append(number)
        return numbers

    def _evening_details(
        self,
        pointer: str,
        evening: Performance,
        day: dt.date | None,
        found: _Found | None,
        own: int | None,
        section: _Section,
    ) -> None:
        self._scalar(f"{pointer}/venue", evening.venue, own, section)
        self._scalar(f"{pointer}/city", evening.city, own, section)
        entry = self._entry(day, found, own, section) if day is not None else []
        for name in ("status", "availability"):
            value = getattr(evening, name)
            if value is not None:
                self._put(f"{pointer}/{name}", self._status(value, entry), own, section)
        if evening.type is not None:
            self._put(f"{pointer}/type", self._evening_type(evening, entry), own, section)
        if evening.ticket_url is not None:
            self._put(f"{pointer}/ticket_url", self._link(evening.ticket_url, own, section), own, section)

    def _entry(self, day: dt.date, found: _Found | None, own: int | None, section: _Section) -> list[tuple[int, str]]:
        """Return the texts that speak of one evening: the words beside its date, up to the next date."""
        numbers = [own] if own is not None else []
        if found is not None and found.number is not None:
            numbers.append(found.number)
        dated = self._dated.get(day, ())
        if own is not None and own not in dated:  # a line of the entry: its head prints the date
            numbers += [n for n in dated if own - _REACH_ENTRY < n < own]
        numbers += [n for n in dated if n in section or self.index.blocks[n].kind == "json"]
        texts: list[tuple[int, str]] = []
        for number in dict.fromkeys(numbers):
            texts.append((number, self._text_of_day(number, day)))
            texts.extend((heading, self.index.blocks[heading].text) for heading in self.index.headings[number][-1:])
            if self.index.blocks[number].kind != "json":
                texts.extend(self._below(number))
        return texts

    def _below(self, number: int) -> Iterator[tuple[int, str]]:
        """The lines under a date, up to the next date: few in a list, all of an entry in a calendar with headings."""
        opens_entry = self.index.opens_entry(number) or any(
            block.kind in ("h1", "h2", "h3", "h4") for block in self.index.blocks[number + 1 : number + 4]
        )
        for below in range(number + 1, min(number + (40 if opens_entry else 4), len(self.index.blocks))):
            block = self.index.blocks[below]
            if block.kind == "json" or self.index.printed_dates(below):
                return
            if below in self.claimed_blocks and self.index.dates_of(below) != self.index.dates_of(number):
                return
            yield below, block.text

    def _text_of_day(self, number: int, day: dt.date) -> str:
        """The part of a block that speaks of one day, where it names several."""
        block = self.index.blocks[number]
        if block.kind == "json":
            return _object_of_day(block.text, day)
        hits = [hit for hit in self.index.dates_in(block.text, number)]
        days = {hit.date for hit in hits}
        if len(days) <= 1 or day not in days:
            return block.text
        start = next(hit.start for hit in hits if hit.date == day)
        end = min((hit.start for hit in hits if hit.start > start and hit.date != day), default=len(block.text))
        return block.text[start:end]

    def _status(self, value: str, entry: Sequence[tuple[int, str]]) -> _Found | None:
        for number, text in entry:
            words = key(text).split()
            for language in dict.fromkeys((self.index.language, "en")):
                for hit in status_phrases(language).find(words):
                    if hit.value == value:
                        return _Found(number, _printed(text, hit.phrase), "inferred")
        return None

    def _evening_type(self, evening: Performance, entry: Sequence[tuple[int, str]]) -> _Found | None:
        for number, text in entry:
            for language in dict.fromkeys((self.index.language, "en")):
                for word in production_words(text, language):
                    meant = says(word.meaning, "performance_type")
                    if meant == evening.type or (evening.type == "premiere" and word.meaning == "revival"):
                        return _Found(number, word.printed, "inferred")
        return None

    def _link(self, url: str, own: int | None, section: _Section) -> _Found | None:
        rank = self._order(own, section)
        numbers = [
            number
            for number, block in enumerate(self.index.blocks)
            if url in block.links or (block.kind == "json" and url in block.text)
        ]
        return _Found(min(numbers, key=rank), url) if numbers else None

    def _edges(
        self,
        pointer: str,
        production: Production,
        own: int | None,
        section: _Section,
        evenings: dict[tuple[dt.date, str | None], _Found],
    ) -> None:
        """First and last night: marked by words, or the ends of a printed range; the last also of a list of nights."""
        for name, meanings in (("premiere_date", _FIRST_WORDS), ("closing_date", frozenset({"last_performance"}))):
            value = getattr(production, name)
            if value is None:
                continue
            day = _date(value)
            if day is None:
                self._error(f"{pointer}/{name}", f"{value!r} is no date of the calendar (YYYY-MM-DD).")
            found = self._edge(day, name, meanings, own, section) if day else None
            if found is None and day is not None and evenings:
                days = sorted(date for date, _ in evenings)
                if day == (days[-1] if name == "closing_date" else None):
                    found = _Found(evenings[next(e for e in evenings if e[0] == day)].number, value, "inferred")
            self._put(f"{pointer}/{name}", found, own, section)

    def _edge(
        self, day: dt.date, name: str, meanings: frozenset[str], own: int | None, section: _Section
    ) -> _Found | None:
        rank = self._order(own, section)
        for number in sorted(self._dated.get(day, ()), key=rank):
            if (
                number not in section
                and not section.only
                and number != own
                and not self._heads_evening(number, section)
            ):
                continue
            for hit in self.index.printed_dates(number):
                if hit.end_date is not None and day == (hit.date if name == "premiere_date" else hit.end_date):
                    return _Found(number, hit.printed)
            hit = next(hit for hit in self.index.printed_dates(number) if day in (hit.date, hit.end_date) or hit.offset)
            texts = [(number, self._text_before_and_of(number, day)), *self._below(number)]
            texts += [(n, self.index.blocks[n].text) for n in self.index.headings[number][-1:]]
            if number and len(self.index.texts[number - 1].words) <= 6 and not self.index.printed_dates(number - 1):
                texts.append((number - 1, self.index.blocks[number - 1].text))
            for _, text in texts:
                for language in dict.fromkeys((self.index.language, "en")):
                    if any(word.meaning in meanings for word in production_words(text, language)):
                        return _Found(number, hit.printed)
        return None

    def _heads_evening(self, number: int, section: _Section) -> bool:
        """Tell whether a block prints the day of an entry that one of the production's evenings is a line of."""
        return any(number < evening < number + _REACH_ENTRY for evening in section.evenings) and any(
            hit.date == read.date
            for hit in self.index.printed_dates(number)
            for evening in section.evenings
            for read in self.index.dates_of(evening)
        )

    def _text_before_and_of(self, number: int, day: dt.date) -> str:
        """The part of a block from the date before this one to the one behind, as "Premiere: 14.3." prints it."""
        text = self.index.blocks[number].text
        hits = self.index.dates_in(text, number) if self.index.blocks[number].kind != "json" else ()
        if len({hit.date for hit in hits}) <= 1:
            return text
        start = next((hit.start for hit in hits if hit.date == day), 0)
        before = max((hit.end for hit in hits if hit.end <= start), default=0)
        after = min((hit.start for hit in hits if hit.start > start), default=len(text))
        return text[before:after]

    # -- people -------------------------------------------------------------------------------------------------------

    def _credit(
        self,
        pointer: str,
        credit: Credit,
        section: _Section,
        evenings: dict[tuple[dt.date, str | None], _Found],
    ) -> None:
        own = self._own(pointer, credit.block)
        places = self._name_places(credit.name, own, section)
        name_found = _Found(places[0].number, self.index.quote(places[0])) if places else None
        self._put(f"{pointer}/name", name_found, own, section)
        function_found: _Found | None = None
        held: list[Place] = []
        for place in places:
            found = self._function_at(credit, place)
            if found is not None:
                function_found = function_found or found
                held.append(place)
        if function_found is None and places:
            function_found = self._function_without_label(credit, places)
            held = places if function_found else []
        self._put(f"{pointer}/function", function_found, own, section)
        self._nights(pointer, credit.nights, held, own, section, evenings)

    def _name_places(self, name: str, own: int | None, section: _Section) -> list[Place]:
        places = self.pairs.name_places.get(key(name)) or self._inflected(name)
        rank = self._order(own, section)
        return sorted(places, key=lambda place: (*rank(place.number), place.first))

    def _function_at(self, credit: Credit, place: Place) -> _Found | None:
        """The label that gives a name this function at this place."""
        for mark in self.pairs.governing(place):
            functions = set(mark.functions)
            if mark.kind == "role":
                functions |= set(credit_functions(self.index.quote(mark.place), self.index.language))
            fits = credit.function in functions
            if not fits and is_ensemble(credit.name):
                fits = bool(functions & _SAME_FUNCTION.get(credit.function, frozenset()))
            if fits or (credit.function == "other" and not functions and mark.kind == "label"):
                return _Found(place.number, self.index.quote(mark.place))
        return None

    def _function_without_label(self, credit: Credit, places: Sequence[Place]) -> _Found | None:
        """Functions a name has by itself: a known composer's, a group's, or one no vocabulary knows."""
        governed = {f for place in places for mark in self.pairs.governing(place) for f in mark.functions}
        first = _Found(places[0].number, self.index.quote(places[0]), "inferred")
        if credit.function == "composer" and composer_named(credit.name) is not None:
            return first
        if is_ensemble(credit.name) and credit.function in _group_functions(credit.name):
            return first
        return first if credit.function == "other" and not governed else None

    def _member(
        self,
        pointer: str,
        member: CastMember,
        production: Production,
        section: _Section,
        evenings: dict[tuple[dt.date, str | None], _Found],
    ) -> None:
        own = self._own(pointer, member.block)
        places = self._name_places(member.performer, own, section)
        sung = [place for place in places if not self._is_credit_only(place, member)]
        name_found = _Found(sung[0].number, self.index.quote(sung[0])) if sung else None
        self._put(f"{pointer}/performer", name_found, own, section)
        held = sung
        if member.role is not None:
            role_found = None
            held = []
            for place in sung:
                mark = self._role_at(member.role, place)
                if mark is not None:
                    role_found = role_found or _Found(mark.place.number, self.index.quote(mark.place))
                    held.append(place)
            if role_found is None:
                role_found, held = self._role_under_name(member.role, sung)
            if role_found is not None and role_found.number != own and any(place.number == own for place in held):
                role_found = _Found(own, role_found.quote)  # label in the line or row beside the named block
            self._put(f"{pointer}/role", role_found, own, section)
        self._scalar(f"{pointer}/voice_type", member.voice_type, own, section)
        self._scalar(f"{pointer}/replaces", member.replaces, own, section)
        if member.kind is not None:
            self._put(f"{pointer}/kind", self._cast_kind(member, production, held), own, section)
        self._nights(pointer, member.nights, held, own, section, evenings)

    def _is_credit_only(self, place: Place, member: CastMember) -> bool:
        """Tell whether the page credits this name, here, with nothing one could sing, dance or speak."""
        marks = self.pairs.governing(place)
        functions = {f for mark in marks for f in mark.functions}
        return bool(functions) and not functions & _VOCAL_LABELS and not any(mark.kind == "role" for mark in marks)

    def _role_at(self, role: str, place: Place) -> Mark | None:
        if self._is_credit_label(role):
            return None
        wanted = key(role)
        for mark in self.pairs.governing(place):
            if mark.value == wanted or (mark.kind == "label" and wanted in mark.value):
                return mark
        return None

    def _role_under_name(self, role: str, sung: Sequence[Place]) -> tuple[_Found | None, list[Place]]:
        """An artist's own page: the name is a heading, the roles stand below it."""
        headings = {place.number for place in sung if self.index.is_whole(place)}
        for place in self.pairs.role_places.get(key(role), ()):
            if headings & set(self.index.headings[place.number]):
                return _Found(place.number, self.index.quote(place)), [place]
        return None, []

    def _cast_kind(self, member: CastMember, production: Production, held: Sequence[Place]) -> _Found | None:
        if member.kind == "main":
            return _Found(None, "", "inferred")
        if member.kind == "alternate":
            sharing = {key(m.performer) for m in production.cast_members if m.role and m.role == member.role}
            return _Found(None, member.role or "", "inferred") if len(sharing) > 1 else None
        kinds: tuple[page_words.Kind, ...] = ("cover",) if member.kind == "cover" else ("instead_of",)
        for place in held:
            numbers = (place.number, *self.index.headings[place.number][-1:], place.number + 1)
            for number in numbers:
                if number >= len(self.index.blocks):
                    continue
                text = self.index.texts[number]
                for kind in kinds:
                    hit = next(page_words.phrases(kind, self.index.language).find(text.words), None)
                    if hit is not None:
                        return _Found(number, text.quote(hit.first, hit.last), "inferred")
        return None

    # -- nights -------------------------------------------------------------------------------------------------------

    def _nights(
        self,
        pointer: str,
        nights: Sequence[Night],
        held: Sequence[Place],
        own: int | None,
        section: _Section,
        evenings: dict[tuple[dt.date, str | None], _Found],
    ) -> None:
        """An evening of somebody: the page prints the date beside, above or in the column of the name."""
        if nights:
            days = [
                (date, time, _Found(place.number, quote))
                for place in held
                for date, time, quote in self._days_of(place, section)
            ]
            first = _Found(held[0].number, self.index.quote(held[0])) if held else None
            self._put_nights(pointer, nights, days, first, own, section, evenings)

    def _put_nights(
        self,
        pointer: str,
        nights: Sequence[Night],
        days: Sequence[tuple[dt.date, str | None, _Found]],
        holder: _Found | None,
        own: int | None,
        section: _Section,
        evenings: dict[tuple[dt.date, str | None], _Found],
    ) -> None:
        """Ground the nights of whoever or whatever ``holder`` is, by the days printed for it.

        Where it is printed without any day it holds for the whole run, which an answer may spell out.
        """
        printed: dict[dt.date, list[tuple[str | None, _Found]]] = defaultdict(list)
        for date, clock, found_there in days:
            printed[date].append((clock, found_there))
        everything = {date for date, _ in evenings}
        named = {day for night in nights if (day := _date(night.date))}
        for number, night in enumerate(nights):
            at = f"{pointer}/nights/{number}"
            day, time = self._valid_evening(at, night.date, night.time)
            found = time_found = None
            if day is not None and printed:
                if printed.get(day):
                    found = printed[day][0][1]
                    time_found = self._night_time(day, time, printed[day], evenings)
            elif day is not None and holder and everything and everything <= named and day in everything:
                found = _Found(holder.number, holder.quote, "section")
                time_found = found if (day, time) in evenings else None
            self._put(f"{at}/date", found, own, section)
            if night.time is not None:
                self._put(f"{at}/time", time_found if found else None, own, section)

    def _night_time(
        self,
        day: dt.date,
        time: str | None,
        printed: Sequence[tuple[str | None, _Found]],
        evenings: dict[tuple[dt.date, str | None], _Found],
    ) -> _Found | None:
        for clock, found in printed:
            if clock == time:
                return found
        if all(clock is None for clock, _ in printed) and (day, time) in evenings:
            return printed[0][1]
        return None

    def _days_of(self, place: Place, section: _Section) -> Iterator[tuple[dt.date, str | None, str]]:
        """Yield the days the page prints for a name: beside it, in its column, in its footnote, or above it."""
        block = self.index.blocks[place.number]
        text = self.index.texts[place.number]
        found = False
        for hit in self._hits_beside(place):
            found = True
            yield hit.date, hit.time, hit.printed
        if found:
            return
        for hit in self._hits_in_column(place):
            found = True
            yield hit.date, hit.time, hit.printed
        mark = _FOOTNOTE.match(text.printed, text.spans[place.last - 1][1])
        if not found and mark:
            for number in range(place.number, min(place.number + _REACH_FOOTNOTE, len(self.index.blocks))):
                for line in self.index.blocks[number].text.split("\n"):
                    if line.strip().startswith(mark.group().strip()):
                        for hit in self.index.dates_in(line, number):
                            found = True
                            yield hit.date, hit.time, hit.printed
        if found or (block.kind != "json" and self.index.dates_in(block.text, place.number)):
            return
        for date, time, hit in self._readings(place.number):
            yield date, time, hit.printed

    def _hits_beside(self, place: Place) -> list[DateHit]:
        """The dates in the same stretch of text as a name: behind it up to the next name, or before it."""
        block = self.index.blocks[place.number]
        if block.kind == "json":
            return []
        hits = self.index.dates_in(block.text, place.number)
        if not hits:
            return []
        text = self.index.texts[place.number]
        names = [mark for mark in self.pairs.marks(place.number) if mark.kind == "name"]
        spans = sorted((text.spans[m.place.first][0], text.spans[m.place.last - 1][1]) for m in names)
        start, end = text.spans[place.first][0], text.spans[place.last - 1][1]
        if len(spans) <= 1:
            return list(hits)
        if hits[0].start < spans[0][0]:
            days_first = [hit for hit in hits if hit.end <= start]
            previous = max((stop for _, stop in spans if stop <= start), default=0)
            near = [hit for hit in days_first if hit.start >= previous]
            if near or not days_first:
                return near
            last = days_first[-1]
            return [hit for hit in days_first if not any(hit.end <= s <= last.start for s, _ in spans)]
        following = min((begin for begin, _ in spans if begin >= end), default=len(block.text))
        return [hit for hit in hits if end <= hit.start < following]

    def _hits_in_column(self, place: Place) -> tuple[DateHit, ...]:
        """A table with the days in its head: those of the name's column."""
        block = self.index.blocks[place.number]
        if len(block.cells) < 2:
            return ()
        forms = key(self.index.quote(place))
        column = next((n for n, cell in enumerate(block.cells) if forms in key(cell)), None)
        if not column:
            return ()
        for above in range(place.number - 1, max(place.number - 60, -1), -1):
            cells = self.index.blocks[above].cells
            if not cells:
                break
            if len(cells) > column and (hits := self.index.dates_in(cells[column], above)):
                return hits
        return ()

    # -- prices -------------------------------------------------------------------------------------------------------

    def _price(
        self,
        pointer: str,
        price: TicketPrice,
        section: _Section,
        evenings: dict[tuple[dt.date, str | None], _Found],
    ) -> None:
        own = self._own(pointer, price.block)
        if price.min is not None and price.max is not None and price.min > price.max:
            self._error(f"{pointer}/max", f"The highest price {price.max} is below the lowest {price.min}.")
        rank = self._order(own, section)
        candidates = [own] if own is not None else []
        if own is None or not any(hit.min or hit.max for hit in self.index.prices_in(own)):
            candidates += sorted((n for n in self._priced if n != own), key=rank)
        found = next((hit for number in candidates if (hit := self._price_in(price, number)) is not None), None)
        for name in ("min", "max"):
            if getattr(price, name) is not None:
                self._put(f"{pointer}/{name}", found, own, section)
        category = None
        if price.category is not None and found is not None and found.number is not None:
            category = self._category_at(price.category, found.number)
        if price.category is not None:
            self._put(f"{pointer}/category", category, own, section)
        if price.currency is not None:
            if not re.fullmatch(r"[A-Z]{3}", price.currency):
                self._error(f"{pointer}/currency", f"{price.currency!r} is no ISO 4217 code.")
            number = found.number if found is not None else own
            self._put(f"{pointer}/currency", self._currency(price.currency, number, section), own, section)
        self._price_enums(pointer, price, found, own, section)
        same = {found.number} if found is not None and price.nights else set()
        if same:
            same |= {n for n in self._priced if n in section or self._below_evening(n, section)}
        days = [
            (date, time, _Found(number, hit.printed))
            for number in sorted(n for n in same if n is not None)
            if self._price_in(price, number) is not None
            for date, time, hit in self._readings(number)
        ]
        self._put_nights(pointer, price.nights, days, found, own, section, evenings)

    def _below_evening(self, number: int, section: _Section) -> bool:
        """Tell whether a line belongs to the entry of one of the production's evenings."""
        return any(below == number for evening in section.evenings for below, _ in self._below(evening))

    @cached_property
    def _priced(self) -> list[int]:
        return [number for number in range(len(self.index.blocks)) if self.index.prices_in(number)]

    def _amounts(self, number: int) -> set[Decimal]:
        """The amounts a block prints: prices, and in structured data or table rows plain numbers too."""
        hits = self.index.prices_in(number)
        amounts = {amount for hit in hits for amount in (hit.min, hit.max) if amount is not None}
        block = self.index.blocks[number]
        if block.kind in ("json", "row") or not amounts:
            dated = [(hit.start, hit.end) for hit in self.index.dates_in(block.text, number)]
            for match in _PLAIN_AMOUNT.finditer(block.text):
                if not any(start <= match.start() < end for start, end in dated):
                    amounts.add(parse_amount(match.group()))
        return amounts

    def _price_in(self, price: TicketPrice, number: int) -> _Found | None:
        """The block prints both amounts, as one range, one price, or the ends of a list, and for this category."""
        wanted = [Decimal(str(value)) for value in (price.min, price.max) if value is not None]
        if not wanted:
            hits = self.index.prices_in(number)
            return _Found(number, hits[0].printed) if hits and price.kind == "free" else None
        hits = self.index.prices_in(number)
        if price.category is not None:
            own = [hit for hit in hits if hit.category and key(hit.category) == key(price.category)]
            if own:
                hits, allowed = tuple(own), _amounts_of(own)
            else:
                if self._category_at(price.category, number) is None:
                    return None
                allowed = self._amounts_beside(price.category, number) or self._amounts(number)
        else:
            allowed = self._amounts(number)
        if not all(amount in allowed for amount in wanted):
            return None
        quote = next((hit.printed for hit in hits if {hit.min, hit.max} & set(wanted)), None)
        return _Found(number, quote or _printed_amount(self.index.blocks[number].text, wanted[0]))

    def _category_at(self, category: str, number: int) -> _Found | None:
        places = self.index.places(category)
        whole = [p for p in places if key(category) in map(key, self.index.blocks[p.number].cells)]
        for place in whole or places:
            if place.number == number or place.number in self.index.headings[number][-1:]:
                return _Found(place.number, self.index.quote(place))
            if place.number == number - 1 and not self.index.prices_in(place.number):
                return _Found(place.number, self.index.quote(place))
        return None

    def _amounts_beside(self, category: str, number: int) -> set[Decimal]:
        """Amounts in a category's own stretch of a block: its cells behind, or the text up to the next cell."""
        block = self.index.blocks[number]
        if block.kind == "json":
            return _amounts_in_object(block.text, category)
        equal = key(category) in map(key, block.cells)
        for at, cell in enumerate(block.cells):
            if key(category) == key(cell) or (not equal and key(category) in key(cell)):
                beside = " ".join(block.cells[at:])
                return {parse_amount(match.group()) for match in _PLAIN_AMOUNT.finditer(beside)}
        for line in block.text.split("\n"):
            if key(category) in key(line) and len(block.text.split("\n")) > 1:
                return {parse_amount(match.group()) for match in _PLAIN_AMOUNT.finditer(line)}
        return set()

    def _currency(self, currency: str, number: int | None, section: _Section) -> _Found | None:
        numbers = [number] if number is not None else []
        numbers += [n for n in self._priced if n in section and n != number]
        numbers += [n for n in self._priced if n not in section]
        for at in numbers:
            for hit in self.index.prices_in(at):
                if hit.currency == currency:
                    return _Found(at, hit.printed)
                sign = _AMBIGUOUS_SIGN.search(hit.printed)
                if hit.currency is None and sign and currency in _SIGN_CURRENCIES[sign.group().lower().rstrip(".")]:
                    return _Found(at, sign.group(), "inferred")
        for place in self.index.places(currency):
            return _Found(place.number, self.index.quote(place))
        return None

    def _price_enums(
        self, pointer: str, price: TicketPrice, found: _Found | None, own: int | None, section: _Section
    ) -> None:
        hits: Sequence[PriceHit] = self.index.prices_in(found.number) if found and found.number is not None else ()
        if price.qualifier is not None:
            evidence = found and _Found(found.number, found.quote, "inferred")
            if price.qualifier != "exact" and not any(hit.qualifier == price.qualifier for hit in hits):
                evidence = None
            self._put(f"{pointer}/qualifier", evidence, own, section)
        if price.kind is not None:
            evidence = found and _Found(found.number, found.quote, "inferred")
            if price.kind != "paid" and not any(hit.kind == price.kind for hit in hits):
                evidence = None
            self._put(f"{pointer}/kind", evidence, own, section)

    # -- finances -----------------------------------------------------------------------------------------------------

    def _financials(self, pointer: str, year: FinancialYear) -> None:
        own = self._own(pointer, year.block)
        for name, value in year.model_dump().items():
            if value is None or name == "block":
                continue
            at = f"{pointer}/{name}"
            if name in ("fiscal_year", "currency"):
                found = self._words(str(value), own, self.whole)
                if found is None and name == "currency":
                    found = self._currency(str(value), own, self.whole)
            elif name in ("period_start", "period_end"):
                day = _date(str(value))
                if day is None:
                    self._error(at, f"{value!r} is no date of the calendar (YYYY-MM-DD).")
                numbers = self._dated.get(day, []) if day else []
                found = _Found(numbers[0], str(value)) if numbers else None
            elif name in ("unit_multiplier", "is_estimated"):
                found = _Found(own, "", "inferred")
            else:
                found = self._figure(Decimal(str(value)), own)
            self._put(at, found, own, self.whole)

    def _figure(self, value: Decimal, own: int | None) -> _Found | None:
        numbers = [own] if own is not None else []
        numbers += [n for n in range(len(self.index.blocks)) if n != own]
        for number in numbers:
            for match in _FIGURE.finditer(self.index.blocks[number].text):
                if parse_amount(match.group()) == abs(value):
                    return _Found(number, match.group())
        return None


# -------------------------------------------------------------------------------------------------------- small readers

_FIRST_WORDS = frozenset({"premiere", "second_premiere", "world_premiere", "national_premiere", "revival"})
_FAMILY_STEMS = ("famil", "kinder", "children", "enfant", "bambin", "ragazz", "infantil", "gyer", "detem", "detsk")
_FOOTNOTE = re.compile(r"\s?(?:[*°†‡§]+|[¹²³⁴⁵])")
_REACH_FOOTNOTE = 40
_REACH_ENTRY = 15
_PLAIN_AMOUNT = re.compile(
    r"(?<![\d.,:/-])(?:\d{1,3}(?:[  ’']\d{3})+|\d{1,3}(?:[.,]\d{3})+(?![\d])|\d+)(?:[.,]\d{1,2}(?!\d))?(?![\d:/])"
)
_FIGURE = re.compile(r"\d{1,3}(?:[.,  ’']\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)")
_AMBIGUOUS_SIGN = re.compile(r"\$|(?<![^\W\d_])kr\.?(?![^\W\d_])", re.IGNORECASE)
_SIGN_CURRENCIES = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "MXN", "ARS", "CLP", "COP", "HKD", "SGD", "TWD"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}),
}


def _titles(production: Production) -> frozenset[str]:
    titles = (production.opera_title, production.production_title, *(work.title for work in production.works))
    return frozenset(key(title) for title in titles if title)


def _date(value: str) -> dt.date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _span_minutes(hit: DateHit) -> int | None:
    """The length of an evening printed with its end, in minutes."""
    if hit.time is None or hit.end_time is None:
        return None
    start, end = (int(t[:2]) * 60 + int(t[3:]) for t in (hit.time, hit.end_time))
    return (end - start) % (24 * 60)


def _surtitle_languages(words: Sequence[str], language: str | None) -> set[int]:
    """Offsets of the languages that surtitles are in: those beside a word for surtitles."""
    excluded: set[int] = set()
    for at, word in enumerate(words):
        if not word.startswith(tuple(_SURTITLES)):
            continue
        excluded_here: set[int] = set()
        for step in (1, -1):
            near = at + step
            if step < 0 and excluded_here:
                break  # "surtitré en français": what stands before is sung
            while 0 <= near < len(words):
                if _language_named(words[near], language):
                    excluded_here.add(near)
                elif not (is_conjunction(words[near]) or (step > 0 and near == at + 1)):
                    break
                near += step
        excluded |= excluded_here
    return excluded


@lru_cache(maxsize=16_384)
def _language_named(word: str, language: str | None) -> str | None:
    """Return the language a folded word names, also in another grammatical case of the page's language."""
    code = page_words.language_code(word)
    if code or language not in _INFLECTED:
        return code
    for row in rows("language_names"):
        name = key(row["name"])
        stem = name[: max(4, len(name) - 3)]
        if row["language"] == language and word.startswith(stem) and abs(len(word) - len(name)) <= 4:
            return row["code"]
    return None


def _genre_of(printed: str, is_opera: bool) -> str:
    found = next(genre_phrases(None).find(key(printed).split()), None)
    return found.value if found is not None and not is_opera else "operetta" if "operett" in key(printed) else "opera"


def _group_functions(name: str) -> frozenset[str]:
    """The functions a group's own name tells."""
    words = key(name)
    found = set()
    if re.search(r"or[ck]h?est|orkest|zenekar|philharm|filharm|kapelle|symphon|sinfon|оркестр", words):
        found.add("orchestra")
    if re.search(r"ch(?:o|oe)[eu]?r|\bcoro\b|\bcor\b|\bkoor\b|\bsbor\b|\bkor|\bchor|kuoro|хор|maitrise|enekkar", words):
        found |= {"chorus", "childrens_chorus"}
    if re.search(r"bal+et|danc|tanz|danse|балет", words):
        found.add("dancers")
    if re.search(r"statist|figurant|extras|komparser|comparsa", words):
        found.add("extras")
    return frozenset(found)


def _printed(text: str, phrase: str) -> str:
    """Return a folded phrase as its text prints it, or the phrase itself."""
    words = phrase.split()
    spans = [match.span() for match in re.finditer(r"[^\W_]+", text)]
    printed = [key(text[start:end]) for start, end in spans]
    for at in range(len(printed) - len(words) + 1):
        if printed[at : at + len(words)] == words:
            return text[spans[at][0] : spans[at + len(words) - 1][1]]
    return phrase


def _printed_amount(text: str, amount: Decimal) -> str:
    return next((m.group() for m in _PLAIN_AMOUNT.finditer(text) if parse_amount(m.group()) == amount), str(amount))


def _amounts_of(hits: Iterable[PriceHit]) -> set[Decimal]:
    return {amount for hit in hits for amount in (hit.min, hit.max) if amount is not None}


def _objects(text: str) -> Iterator[dict[str, Any]]:
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


def _object_of_day(text: str, day: dt.date) -> str:
    """The smallest object of a JSON text that names a day in its own fields; the whole text when none does."""
    for value in _objects(text):
        if any(isinstance(item, str) and day.isoformat() in item for item in value.values()):
            return json.dumps(value, ensure_ascii=False)
    return text


def _amounts_in_object(text: str, category: str) -> set[Decimal]:
    """The amounts of the object whose fields name a category."""
    for value in _objects(text):
        if any(isinstance(item, str) and key(item) == key(category) for item in value.values()):
            fields = " ".join(str(item) for item in value.values() if not isinstance(item, (dict, list)))
            return {parse_amount(match.group()) for match in _PLAIN_AMOUNT.finditer(fields)}
    return set()
