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

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Literal

from opera_spiders.extraction import page_words
from opera_spiders.extraction.blocks import Block
from opera_spiders.extraction.claims import is_something_else
from opera_spiders.extraction.confidence import confidence_of
from opera_spiders.extraction.dates import DateHit, find_durations, find_intermissions, find_seasons
from opera_spiders.extraction.evidence import INFLECTED, Found, Section, titles_of
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.financial_evidence import FinancialEvidence
from opera_spiders.extraction.lines import HEADINGS
from opera_spiders.extraction.names import is_person
from opera_spiders.extraction.pairs import Pairs, is_conjunction
from opera_spiders.extraction.price_evidence import names_price
from opera_spiders.extraction.schema import Company, PageExtraction, Production, Work
from opera_spiders.extraction.vocabulary import (
    composer_named,
    composer_names,
    genre_phrases,
    rows,
    says,
    works_titled,
)
from opera_spiders.text import key

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
_JOINED = re.compile(r"\s*[/&,;+]\s*|\s+(?:und|and|et|e|y|og|och|i|a|en|и)\s+")
_FAMILY_STEMS = ("famil", "kinder", "children", "enfant", "bambin", "ragazz", "infantil", "gyer", "detem", "detsk")


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
    return Grounding(checker.evidence, checker.errors, confidence_of(checker.evidence), not checker.errors)


def checked(answer: PageExtraction, page: PageToExtract, *, extraction_version: str, llm_model: str) -> Extraction:
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
    )


class _Checker(FinancialEvidence):
    """One answer against one page."""

    def check(self) -> None:
        """Ground every leaf."""
        self.evidence["/page_type"] = {"block": None, "xpath": None, "quote": "", "status": "inferred"}
        for block in self.page.blocks.instructions:
            words = block.text if len(block.text) <= 200 else f"{block.text[:200]} …"
            self._error(
                "/page_type", f"The page tells a machine what to answer, which nobody read: {words!r}. Look at it."
            )
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

    def _section(self, production: Production) -> Section:
        starts = sorted({self.index.number[p.block] for p in self._named if p.block in self.index.number})
        only = len(self._named) == 1 and production in self._named
        first = self.index.number.get(production.block)
        numbers = (self.index.number.get(evening.block) for evening in production.performances)
        evenings = frozenset(number for number in numbers if number is not None)
        headed = frozenset[int]().union(*(self.index.under_titles.get(t, ()) for t in titles_of(production)))
        if first is None:
            if only:
                return self.whole
            return Section(0, 0, False, titles_of(production), evenings, headed, production.block, self._owners)
        headed |= frozenset(self.index.headings[first])  # "Season 2026/27" above all of them is said of each
        last = next((start for start in starts if start > first), len(self.index.blocks))
        if not only and self.index.blocks[first].kind != "json":
            last = min(last, self._structured)
        owners = () if only else self._owners
        return Section(first, last, only, titles_of(production), evenings, headed, production.block, owners)

    @cached_property
    def _named(self) -> list[Production]:
        """The productions whose title the page prints; one that was made up bounds no section of the others."""
        named = [
            production
            for production in self.answer.productions
            if not titles_of(production) or any(self.index.places(title) for title in titles_of(production))
        ]
        return named or self.answer.productions

    @cached_property
    def _owners(self) -> tuple[frozenset[str], ...]:
        """For each block the titles and block ids of the productions whose block or evening stands nearest above it.

        A heading above the rank of theirs, site chrome and structured data that nobody names belong to none.
        """
        claims: dict[int, set[str]] = defaultdict(set)
        for production in self._named:
            for claimed in (production.block, *(evening.block for evening in production.performances)):
                if claimed in self.index.number:
                    claims[self.index.number[claimed]] |= {*titles_of(production), production.block}
        owners: list[frozenset[str]] = []
        running, rank = frozenset[str](), ""
        for number, block in enumerate(self.index.blocks):
            if number in claims:
                running, rank = frozenset(claims[number]), block.kind if block.kind in HEADINGS else ""
            elif block.kind == "json" or (block.kind in HEADINGS and (block.kind < rank or self._heads_prices(block))):
                running = frozenset()
            owners.append(frozenset() if block.chrome and number not in claims else running)
        return tuple(owners)

    def _heads_prices(self, block: Block) -> bool:
        """Tell whether a heading is one of prices alone, which a house prints once for all its productions."""
        return len(block.text) <= 40 and names_price(block.text, self.index.language)

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

    def _production(self, pointer: str, production: Production, section: Section) -> None:
        own = self._own(pointer, production.block)
        for name in ("opera_title", "production_title"):
            self._title(f"{pointer}/{name}", getattr(production, name), own, section)
        for name in ("venue", "city"):
            self._place(f"{pointer}/{name}", getattr(production, name), own, section)
        self._credited_scalar(f"{pointer}/composer", production.composer, "composer", own, section)
        self._credited_scalar(f"{pointer}/librettist", production.librettist, "librettist", own, section)
        self._season(f"{pointer}/season", production.season, own, section)
        if production.language is not None:
            self._language_code(f"{pointer}/language", production.language)
            self._put(f"{pointer}/language", self._sung_language(production.language, own, section), own, section)
        for number, words in enumerate(production.premiere_words):
            self._scalar(f"{pointer}/premiere_words/{number}", words, own, section)
        for number, name in enumerate(production.co_producers):
            self._co_producer(f"{pointer}/co_producers/{number}", name, own, section)
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

    def _place(self, pointer: str, value: str | None, own: int | None, section: Section) -> None:
        """A venue or city, outside the entries of other productions where the page prints it in one of this."""
        if value is not None:
            found = None
            for place in self._words_of(value, "place", own, section):
                if place.number == own or not section.is_owned_elsewhere(place.number):
                    found = Found(place.number, self.index.quote(place))
                    break
                found = found or Found(place.number, self.index.quote(place), "elsewhere")
            self._put(pointer, found, own, section)

    def _title(self, pointer: str, value: str | None, own: int | None, section: Section) -> None:
        """A title stands in the block that opens the section, in a heading, or alone in a line or cell below it."""
        if value is None:
            return
        against = self.claims.against(value, "title")
        opens_page = section.only and own is not None and self.index.blocks[own].kind in HEADINGS
        for place in self._nearest(value, own, section):
            kind = self.index.blocks[place.number].kind
            # A name that a heading prints is a title, whatever else the answer takes it for; a person's is not.
            is_claimed = bool(against - {"place", "company", "season"} if kind in HEADINGS else against)
            labels = self.labels.of(place)
            if not self._is_within(place.number, own, section) or ("title" not in labels and (labels or is_claimed)):
                continue
            is_above = kind in HEADINGS and (not opens_page or place.number <= (own or 0))
            is_head = is_above or kind in ("json", "caption") or place.number == own
            is_entry = (place.number in section.evenings or kind in ("title", "meta")) and self._stands_alone(place)
            may_be_genre = place.number == own or (section.only and kind in HEADINGS)
            is_word = is_something_else(self.index.quote(place), self.index.language, may_be_genre=may_be_genre)
            if works_titled(value) or (not is_word and (is_head or is_entry)):
                self._put(pointer, Found(place.number, self.index.quote(place)), own, section)
                return
        self._put(pointer, None, own, section)

    def _is_within(self, number: int, own: int | None, section: Section) -> bool:
        """Tell whether a block is in a section's stretch or above it, whatever else bears the title in question."""
        if section.only or section.first <= number < section.last or number in section.evenings or number == own:
            return True
        return own is not None and number in self.index.headings[own]

    def _co_producer(self, pointer: str, value: str, own: int | None, section: Section) -> None:
        """A company in a line, or under a line, that speaks of co-producing."""
        for place in self._words_of(value, "company", own, section):
            near = (place.number, *self.index.headings[place.number][-1:], place.number - 1)
            texts = [self.index.blocks[number].text for number in near if number >= 0]
            if "company" in self.labels.of(place) or any(
                page_words.contains("co_production", text, language)
                for text in texts
                for language in dict.fromkeys((self.index.language, None))
            ):
                self._put(pointer, Found(place.number, self.index.quote(place)), own, section)
                return
        self._put(pointer, None, own, section)

    def _credited_scalar(
        self,
        pointer: str,
        value: str | None,
        function: Literal["composer", "librettist"],
        own: int | None,
        section: Section,
    ) -> None:
        """A composer or librettist: printed, and not under the label of another function everywhere.

        Where the answer credits the same name with something else, and of a librettist who is known for music, a
        label must say it.
        """
        if value is None:
            return
        known = composer_named(value) is not None
        parts = [part.strip() for part in _JOINED.split(value)]
        is_name = known or all(composer_named(part) or is_person(part, self.index.language) for part in parts)
        is_doubted = bool(self.claims.against(value, function) - {"composer", "librettist"})
        is_doubted |= known if function == "librettist" else bool(self.claims.against(value, function)) and not known
        single: Pairs | None = None
        for place in self._nearest(value, own, section):
            if single is None:
                is_named = key(value) in self.pairs.name_places
                single = self.pairs if is_named else Pairs(self.index, [value], [])
            functions = {f for mark in single.governing(place) for f in mark.functions}
            labels = self.labels.of(place)
            if function in functions or function in labels:
                is_said = True
            else:
                is_said = (
                    is_name
                    and not is_doubted
                    and ((not functions and not labels) or (known and function == "composer"))
                )
            if is_said:
                self._put(pointer, Found(place.number, self.index.quote(place)), own, section)
                return
        is_other = is_doubted and function == "composer"
        found = self._known_composer(value, section) if function == "composer" and not is_other else None
        self._put(pointer, found, own, section)

    def _known_composer(self, value: str, section: Section) -> Found | None:
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
                    return Found(place.number, quote, "inferred")
        return None

    def _season(self, pointer: str, value: str | None, own: int | None, section: Section) -> None:
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
                found = Found(number, season.printed)
        only_season = [season.first for season in self.index.seasons]
        if found is not None and found.number is not None and only_season == list(wanted):
            outside = found.number not in section and found.number != own
            found = Found(found.number, found.quote, "section") if outside else found  # the page is about one season
        self._put(pointer, found, own, section)

    def _sung_language(self, code: str, own: int | None, section: Section) -> Found | None:
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
        return Found(number, self.index.texts[number].quote(at, at + 1), "inferred")

    def _production_enums(self, pointer: str, production: Production, own: int | None, section: Section) -> None:
        if production.genre is not None:
            self._put(f"{pointer}/genre", self._genre(production, section), own, section)
        for name in ("production_type", "presentation"):
            value = getattr(production, name)
            if value is not None:
                found = self._meaning(lambda m, n=name, v=value: says(m, n) == v, self._section_then_page(section))
                if found is None and value == "staged":
                    found = Found(None, "", "inferred") if self._has_director(production) else None
                self._put(f"{pointer}/{name}", found, own, section)
        if production.is_family is not None:
            found = Found(None, "", "inferred")
            if production.is_family:
                found = self._family(production, section)
            self._put(f"{pointer}/is_family", found, own, section)
        if production.is_world_premiere is not None:
            found = Found(None, "", "inferred")
            if production.is_world_premiere:
                found = self._meaning(lambda m: m == "world_premiere", self._section_then_page(section))
            self._put(f"{pointer}/is_world_premiere", found, own, section)

    def _has_director(self, production: Production) -> bool:
        return any(credit.function == "director" for credit in production.creative_team)

    def _genre(self, production: Production, section: Section) -> Found | None:
        """Genre words in the section; an opera may also be known by its title."""
        for language in dict.fromkeys((self.index.language, "en")):
            for number in self._section_then_page(section):
                if self.index.blocks[number].chrome:
                    continue
                text = self.index.texts[number]
                for hit in genre_phrases(language).find(text.words):
                    if hit.value == production.genre:
                        return Found(number, text.quote(hit.first, hit.last), "inferred")
        if production.genre == "education":
            return self._meaning(lambda m: m in ("introduction", "open_rehearsal"), range(section.first, section.last))
        if production.genre in ("opera", "operetta", "zarzuela", "musical", "oratorio"):
            for title in (production.opera_title, *(work.title for work in production.works)):
                works = works_titled(title or "")
                if works and production.genre in {_genre_of(work.genre, work.is_opera) for work in works}:
                    return Found(None, title or "", "inferred")
        if production.genre == "opera" and production.cast_members:
            return Found(None, "", "inferred") if any(m.role for m in production.cast_members) else None
        return Found(None, "", "inferred") if production.genre == "other" else None

    def _family(self, production: Production, section: Section) -> Found | None:
        found = self._meaning(lambda m: m == "children_version", self._section_then_page(section))
        if found is None:
            for number in self._section_then_page(section):
                text = self.index.texts[number]
                for hit in genre_phrases(self.index.language).find(text.words):
                    if hit.value == "children":
                        return Found(number, text.quote(hit.first, hit.last), "inferred")
                for at, word in enumerate(text.words):
                    if word.startswith(_FAMILY_STEMS):
                        return Found(number, text.quote(at, at + 1), "inferred")
        return found

    def _lengths(self, pointer: str, production: Production, own: int | None, section: Section) -> None:
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
            self._put(f"{pointer}/intermissions", Found(*best) if best else None, own, section)

    def _length(self, minutes: int, own: int | None, section: Section) -> Found | None:
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
            return Found(*min(hits, key=lambda hit: rank(hit[0])))
        return Found(*min(spans, key=lambda hit: rank(hit[0])), "inferred") if spans else None

    def _work(self, pointer: str, work: Work, section: Section) -> None:
        own = self._own(pointer, work.block)
        self._title(f"{pointer}/title", work.title, own, section)
        self._credited_scalar(f"{pointer}/composer", work.composer, "composer", own, section)
        self._version(f"{pointer}/version", work, own, section)
        self._extent(pointer, work, own, section)

    def _version(self, pointer: str, work: Work, own: int | None, section: Section) -> None:
        """A version stands beside its title, or says by a word or a year that it is one."""
        if work.version is None:
            return
        titled = {place.number for place in self.index.places(work.title)} if work.title else set()
        says_so = bool(re.search(r"(?<!\d)1[5-9]\d\d(?!\d)", work.version)) or any(
            page_words.contains("version", work.version, language)
            for language in dict.fromkeys((self.index.language, None))
        )
        for place in self._words_of(work.version, "version", own, section):
            if says_so or place.number in titled or "version" in self.labels.of(place):
                self._put(pointer, Found(place.number, self.index.quote(place)), own, section)
                return
        self._put(pointer, None, own, section)

    def _extent(self, pointer: str, work: Work, own: int | None, section: Section) -> None:
        if work.extent is not None:
            found: Found | None = Found(None, "", "inferred")
            if work.extent != "complete":
                kind: Any = work.extent
                found = None
                for number in self._section_then_page(section):
                    hit = next(page_words.phrases(kind, self.index.language).find(self.index.texts[number].words), None)
                    if hit is not None:
                        quote = self.index.texts[number].quote(hit.first, hit.last)
                        found = Found(number, quote, "inferred")
                        break
                if found is None:
                    found = self._meaning(lambda m: m == "children_version", self._section_then_page(section))
            self._put(f"{pointer}/extent", found, own, section)


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
    if code or language not in INFLECTED:
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
