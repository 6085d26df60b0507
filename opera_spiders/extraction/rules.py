"""The extractor that needs no model: structured data, then labels, dates and names in the visible text.

It knows the vocabularies of opera in twenty languages and a few mechanisms of layout, and no site. What it does not
know it leaves null.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from opera_spiders.bounded import BoundedProcesses, BoundExceededError, Threads
from opera_spiders.companies import company_of
from opera_spiders.errors import UNREADABLE
from opera_spiders.extraction import grounding
from opera_spiders.extraction.blocks import Block, PageBlocks
from opera_spiders.extraction.dates import find_month, find_seasons
from opera_spiders.extraction.evenings import Calendar, page_prints_month_first
from opera_spiders.extraction.extractor import Extraction, PageToExtract
from opera_spiders.extraction.figures import prints_statement
from opera_spiders.extraction.financial_reader import read_financials
from opera_spiders.extraction.merge import merge_productions
from opera_spiders.extraction.names import is_person
from opera_spiders.extraction.page_words import after
from opera_spiders.extraction.production_reader import (
    Artist,
    House,
    PageContext,
    ReadProduction,
    SectionReader,
    places_of,
)
from opera_spiders.extraction.schema import Company, PageExtraction, PageType, Performance, Production
from opera_spiders.extraction.sections import Section, Splitter
from opera_spiders.extraction.structured import StructuredFacts, read_structured
from opera_spiders.extraction.vocabulary import composer_named, known_cities, primary, voice_type, works_titled
from opera_spiders.text import key

_CREATIVE: frozenset[str] = frozenset({"conductor", "director", "set_designer", "costume_designer", "choreographer"})


class RulesExtractor:
    """Reads pages by rules. Costs nothing, and gives the same answer for the same page.

    :param processes: where pages are read: a calendar of two megabytes takes seconds, in which a crawl must go on, and
        what is made to take for ever must not
    """

    llm_model = "rules"

    def __init__(self, processes: BoundedProcesses | Threads) -> None:
        self.extraction_version = rules_version()
        self._processes = processes

    async def extract(self, page: PageToExtract) -> Extraction:
        """Return what the rules read from the page, checked; an error only where the reading itself failed."""
        try:
            return await self._processes.run(_extract, page, self.extraction_version)
        except BoundExceededError as error:
            return _failed(error, self.extraction_version)

    async def aclose(self) -> None:
        """End the processes."""
        self._processes.close()


def _extract(page: PageToExtract, version: str) -> Extraction:
    try:
        return grounding.checked(read_page(page), page, extraction_version=version, llm_model=RulesExtractor.llm_model)
    except UNREADABLE as error:
        return _failed(error, version)


def _failed(error: Exception, version: str) -> Extraction:
    return Extraction(
        extraction_version=version, llm_model=RulesExtractor.llm_model, error=f"rules: {type(error).__name__}: {error}"
    )


@cache
def rules_version() -> str:
    """Return a digest of the code and the vocabularies that decide what the rules answer."""
    digest = hashlib.sha256()
    package = files("opera_spiders")
    sources = [package.joinpath("text.py")]
    sources += [
        file
        for file in package.joinpath("extraction").iterdir()
        if file.name.endswith(".py") and not file.name.startswith(("llm", "model_", "evaluate", "review"))
    ]
    sources += [file for file in package.joinpath("data").iterdir() if file.name.endswith(".csv")]
    for source in sorted(sources, key=lambda file: file.name):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return f"rules-{digest.hexdigest()[:16]}"


def read_page(page: PageToExtract) -> PageExtraction:
    """Return everything the rules read from a page."""
    blocks = page.blocks
    language = primary(blocks.language or page.language)
    facts = read_structured(page, language)
    sections = Splitter(blocks, language).split()
    context = _context(page, language, facts, sections)
    read = [SectionReader(section, context).read() for section in sections]
    visible = [item.production for item in _kept(read, facts)]
    state = [SectionReader(section, context).read() for section in facts.sections]
    stated = [item.production for item in state if _is_production(item, facts)]
    financials = read_financials(blocks, language, context.house.currency) if prints_statement(blocks, language) else []
    productions = merge_productions(_agreeing([*visible, *stated], facts.productions, facts.unsure_times))
    return PageExtraction(
        page_type=_page_type(page, context, productions, is_financial=bool(financials)),
        language=language,
        company=_company(page, facts),
        productions=productions,
        financials=financials,
    )


def _context(
    page: PageToExtract, language: str | None, facts: StructuredFacts, sections: Sequence[Section]
) -> PageContext:
    company = company_of(page.company_domain)
    season = _page_season(page.blocks)
    found = find_seasons(season)[0] if season else None
    calendar = Calendar(
        language=language,
        tag=page.blocks.locale or language,
        reference=page.fetched_at.date(),
        month_first=page_prints_month_first(page.blocks.blocks),
        season=_month_of_page(page.blocks, language) or ((found.first, found.last) if found else None),
    )
    house = House(
        city=company.city if company else None,
        currency=company.currency if company else None,
        venue=None,
        cities=known_cities().union(map(key, facts.cities)),
    )
    return PageContext(calendar, house, season, _artist(sections, language), _composer_places(sections))


def _headings_of_page(blocks: PageBlocks) -> list[str]:
    return [
        block.text
        for block in blocks.blocks
        if block.kind in {"h1", "title"} and not block.chrome and len(block.text) <= 90
    ]


def _page_season(blocks: PageBlocks) -> str | None:
    """Return the season that the title or main heading of the page names, when it is just one."""
    found: dict[dt.date, str] = {}
    for text in _headings_of_page(blocks):
        for season in find_seasons(text):
            found.setdefault(season.first, season.printed)
    if len(found) != 1:
        lines = [block.text for block in blocks.blocks if not block.chrome and len(block.text) <= 40]
        labelled = [season.printed for text in lines if after("season", text, None) for season in find_seasons(text)]
        return labelled[0] if len(set(labelled)) == 1 else None
    return next(iter(found.values()))


def _month_of_page(blocks: PageBlocks, language: str | None) -> tuple[dt.date, dt.date] | None:
    """Return the weeks around the month that the page's title names: its dates lie there."""
    for text in _headings_of_page(blocks):
        for piece in re.split(r"\s*[|:·–—]\s*|\s-\s", text):
            month = find_month(piece, language)
            if month is not None and month[0] is not None:
                first = dt.date(month[0], month[1], 1)
                return first - dt.timedelta(days=31), first + dt.timedelta(days=92)
    return None


def _composer_places(sections: Sequence[Section]) -> frozenset[tuple[str, str, int]]:
    """Return the places of the layout at which several sections print a known composer."""
    counts: dict[tuple[str, str, int], set[str]] = {}
    for section in sections:
        for place, text in places_of(section):
            composer = composer_named(text)
            if composer is not None:
                counts.setdefault(place, set()).add(composer.composer_id)
    return frozenset(place for place, composers in counts.items() if len(composers) >= 2)


def _artist(sections: Sequence[Section], language: str | None) -> Artist | None:
    """Return the person whom the main heading names, with the voice type printed below it."""
    main = next((section for section in sections if section.is_main), None)
    if main is None or main.title.is_known or not is_person(main.title.text, language):
        return None
    short = [block.text for block in main.blocks if len(block.text) <= 60]
    return Artist(main.title.text, next((text for text in short if voice_type(text) is not None), None))


def _kept(read: Sequence[ReadProduction], facts: StructuredFacts) -> list[ReadProduction]:
    """Return the sections that are productions, and on a page about one production that one alone."""
    kept = [item for item in read if _is_production(item, facts)]
    main = _main_of(kept)
    if main is None:
        return kept
    name = key(main.production.opera_title or "")
    return [item for item in kept if item is main or key(item.production.opera_title or "") == name]


def _is_production(item: ReadProduction, facts: StructuredFacts) -> bool:
    production = item.production
    if production.genre == "education":
        return item.evening_count > 0 and item.genre_printed
    leads = sum(credit.function in _CREATIVE for credit in production.creative_team)
    if item.is_known:
        return bool(
            item.evening_count or item.credit_count or item.cast_count or (production.composer and item.genre_printed)
        )
    if facts.names(production.opera_title):
        return True
    if item.is_main:
        announced = item.genre_printed and item.evening_count > 0 and production.genre != "other"
        return announced or (leads >= 1 and item.cast_count >= 2) or leads >= 3
    if not item.evening_count:
        return False
    return (item.genre_printed and production.genre not in {"other", None}) or (leads >= 2 and item.cast_count >= 1)


def _main_of(kept: Sequence[ReadProduction]) -> ReadProduction | None:
    """Return the production a page is about: its main heading, or the only one of a few with credits."""
    credited = [item for item in kept if item.cast_count >= 2 or item.credit_count >= 2]
    titles = {key(item.production.opera_title or "") for item in kept}
    with_credits = {key(item.production.opera_title or "") for item in credited}
    for item in kept:
        if item.is_main and (item.is_known or item in credited):
            return item
    if len(with_credits) == 1 and 1 < len(titles) <= 6:
        return credited[0]
    return None


def _agreeing(
    shown: Sequence[Production], stated: Sequence[Production], unsure: set[tuple[str, str]]
) -> list[Production]:
    """Return what the page shows and what its structured data states of the same evenings and further ones.

    An evening the page shows with another time is not taken from the structured data, nor is a price where the page
    prints prices; a production of which the page shows nothing is kept when its title is a known work.
    """
    result = list(shown)
    for production in stated:
        same = [other for other in shown if key(other.opera_title or "") == key(production.opera_title or "")]
        if not same:
            known = bool(works_titled(production.opera_title or "")) or len(production.works) > 1
            if known and (production.performances or production.closing_date) and not shown:
                result.append(_with_sure_times(production, unsure))
            continue
        times: dict[str, set[str | None]] = {}
        for other in same:
            for evening in other.performances:
                times.setdefault(evening.date, set()).add(evening.time)
        performances = [
            _as_shown(evening, times.get(evening.date, set()), unsure) for evening in production.performances
        ]
        priced = any(other.ticket_prices for other in same)
        result.append(
            production.model_copy(
                update={
                    "performances": [evening for evening in performances if evening is not None],
                    "ticket_prices": [] if priced else production.ticket_prices,
                    "venue": None if any(other.venue for other in same) else production.venue,
                }
            )
        )
    return result


def _with_sure_times(production: Production, unsure: set[tuple[str, str]]) -> Production:
    evenings = [_as_shown(evening, set(), unsure) for evening in production.performances]
    return production.model_copy(update={"performances": [evening for evening in evenings if evening is not None]})


def _as_shown(evening: Performance, shown: set[str | None], unsure: set[tuple[str, str]]) -> Performance | None:
    """Return a stated evening with its time only where that is sure; None where the page shows other times."""
    if evening.time in shown:
        return evening
    if evening.time is not None and (evening.block, evening.date) in unsure:
        return evening.model_copy(update={"time": None}) if len(shown) < 2 else None
    return evening if not shown or None in shown or (evening.time is None and len(shown) == 1) else None


def _company(page: PageToExtract, facts: StructuredFacts) -> Company | None:
    """Return the company as structured data or the address at the foot of the page name it."""
    return facts.company or next(
        (
            company
            for block in reversed(page.blocks.blocks)
            if (company := _company_of_address(block, page)) is not None
        ),
        None,
    )


_POSTAL_CITY = re.compile(
    r"^(?:[A-Z]{1,2}[- ])?(?:\d{3} \d{2}|\d{4,6}(?: ?[A-Z]{2})?)\s+(?P<after>[^\d,]+)$"
    r"|^(?P<before>[^\d,]+?),?\s+[A-Z]{1,2}\d[\dA-Z]?\s*\d[A-Z]{2}$"
)


def _company_of_address(block: Block, page: PageToExtract) -> Company | None:
    """Read an address of several lines at the foot of the page: name, street, postal code with city, country."""
    lines = [line.strip(" ,") for line in block.text.split("\n")]
    if not block.chrome or not 3 <= len(lines) <= 6 or len(block.text) > 250:
        return None
    cities = [match for line in lines[1:] if (match := _POSTAL_CITY.match(line))]
    if len(cities) != 1:
        return None
    city = (cities[0]["after"] or cities[0]["before"]).strip()
    last = lines[-1]
    country = last if last != cities[0].string and not re.search(r"\d", last) and len(last) < 30 else None
    named = any(
        key(lines[0]) in key(other.text) for other in page.blocks.blocks if other is not block and len(other.text) < 120
    )
    return Company(block=block.id, name=lines[0], city=city, country=country) if named else None


def _page_type(
    page: PageToExtract, context: PageContext, productions: Sequence[Production], *, is_financial: bool
) -> PageType:
    if context.artist is not None:
        return "artist" if productions else "other"
    if len(productions) == 1 and (
        productions[0].cast_members or productions[0].creative_team or productions[0].performances
    ):
        return "production"
    if productions:
        timed = sum(bool(evening.time) for production in productions for evening in production.performances)
        return "calendar" if timed else "season"
    if is_financial or page.page_type == "financial":
        return "financial"
    steps = [step for step in urlsplit(page.blocks.url).path.split("/") if step]
    is_home = not steps or (len(steps) == 1 and (len(steps[0]) == 2 or steps[0].startswith("index.")))
    return "company" if is_home else "other"
