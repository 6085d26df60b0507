"""Reads facts from structured data: schema.org in JSON-LD and microdata, and embedded state by its general keys.

Embedded state needs no code of its own: an object is laid out as the rows a page would print (key beside value, one
row per object of a list) and read like any section. Structured data is not truth: what the page shows wins over it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opera_spiders.companies import company_of
from opera_spiders.extraction.blocks import Block
from opera_spiders.extraction.evenings import attribute_date
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.json_fields import OWN_FIELDS, is_end, is_title, spaced
from opera_spiders.extraction.page_words import Kind, after, is_word
from opera_spiders.extraction.schema import (
    Availability,
    CastMember,
    Company,
    Credit,
    Function,
    Genre,
    Performance,
    PerformanceStatus,
    Production,
    TicketPrice,
    Work,
)
from opera_spiders.extraction.sections import Section, Title, read_title
from opera_spiders.extraction.vocabulary import (
    AVAILABILITIES,
    STATUSES,
    credit_functions,
    label_of,
    production_words,
    status_phrases,
)
from opera_spiders.text import clean, key

_ORGANISATIONS = frozenset(
    {
        "Organization",
        "PerformingGroup",
        "TheaterGroup",
        "MusicGroup",
        "DanceGroup",
        "PerformingArtsTheater",
        "OperaHouse",
    }
    | {"Corporation", "NGO", "LocalBusiness", "MusicVenue", "CivicStructure", "GovernmentOrganization"}
)
_GENRES: dict[str, Genre] = {"DanceEvent": "ballet", "EducationEvent": "education", "ChildrensEvent": "children"}


@dataclass(slots=True)
class StructuredFacts:
    """What the structured data of a page states."""

    productions: list[Production] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)  # embedded state, laid out as rows
    company: Company | None = None
    cities: set[str] = field(default_factory=set)
    unsure_times: set[tuple[str, str]] = field(default_factory=set)  # (block, date) whose time may be UTC

    def names(self, title: str | None) -> bool:
        """Tell whether the structured data has an event of this title."""
        return bool(title) and any(
            key(production.opera_title or "") == key(title or "") for production in self.productions
        )


def read_structured(page: PageToExtract, language: str | None) -> StructuredFacts:
    """Return the facts of a page's structured data."""
    reader = _Reader(page, language)
    for block in page.blocks.blocks:
        if block.kind == "json":
            try:
                value = json.loads(block.text)
            except ValueError:  # cut, because it was too long
                continue
            if isinstance(value, dict):
                reader.objects.append((block, value))
    return reader.read()


class _Reader:
    def __init__(self, page: PageToExtract, language: str | None) -> None:
        self.page = page
        self.language = language
        self.objects: list[tuple[Block, dict[str, Any]]] = []
        self.by_id: dict[str, dict[str, Any]] = {}
        self.facts = StructuredFacts()
        company = company_of(page.company_domain)
        self.zone: ZoneInfo | None = None
        if company is not None and company.timezone:
            try:
                self.zone = ZoneInfo(company.timezone)
            except (ZoneInfoNotFoundError, ValueError):
                self.zone = None

    def read(self) -> StructuredFacts:
        for _, value in self.objects:
            name = value.get("@id")
            if isinstance(name, str):
                self.by_id[name] = {**value, **self.by_id.get(name, {})}
        for block, value in self.objects:
            kinds = _types(value)
            if any(kind.endswith(("Event", "EventSeries", "Festival")) for kind in kinds):
                self._event(block, value)
            elif kinds & _ORGANISATIONS:
                self._company(block, value)
            elif not kinds:
                section = self._section(block, value)
                if section is not None:
                    self.facts.sections.append(section)
        return self.facts

    # --- schema.org

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"@id"}:
            return self.by_id.get(value["@id"], value)
        return value

    def _name(self, value: Any) -> str | None:
        value = self._resolved(value)
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, list):
            value = value[0] if value else None
        return clean(value) or None if isinstance(value, str) else None

    def _company(self, block: Block, value: dict[str, Any]) -> None:
        name = self._name(value)
        address = self._resolved(value.get("address"))
        city = country = None
        if isinstance(address, dict):
            city = self._name(address.get("addressLocality"))
            country = self._name(address.get("addressCountry"))
        if city:
            self.facts.cities.add(city)
        if self.facts.company is None and name:
            self.facts.company = Company(block=block.id, name=name, city=city, country=country)

    def _event(self, block: Block, value: dict[str, Any]) -> None:
        works = [work for work in map(self._resolved, _listed(value.get("workPerformed"))) if isinstance(work, dict)]
        name = self._name(value)
        title = read_title(name, self.language) if name else None
        performed = [self._name(work) for work in works]
        if title is not None and not title.is_known and len(performed) == 1 and performed[0]:
            named = read_title(performed[0], self.language)
            if named.is_known:
                title = Title(
                    named.text, named.works, production_title=title.text if key(title.text) != key(named.text) else None
                )
        if title is None:
            return
        composers = [composer for work in works if (composer := self._name(work.get("composer")))]
        parts = [work for work in map(self._resolved, _listed(value.get("subEvent"))) if isinstance(work, dict)]
        performances = [
            performance
            for part in (parts or [value])
            if (performance := self._performance(block, part, value)) is not None
        ]
        # Where a single evening is played says nothing of the run.
        venue, city = self._place(value) if parts or not performances else (None, None)
        self.facts.productions.append(
            Production(
                block=block.id,
                opera_title=title.text,
                composer=composers[0] if len(composers) == 1 else title.composer,
                librettist=None,
                production_title=title.production_title,
                season=None,
                language=None,
                genre=next((_GENRES[kind] for kind in _types(value) if kind in _GENRES), None),
                venue=venue,
                city=city,
                production_type=None,
                presentation=None,
                is_family=None,
                is_world_premiere=None,
                premiere_date=None,
                closing_date=self._closing(value),
                duration_minutes=None,
                intermissions=None,
                premiere_words=[],
                co_producers=[],
                works=self._works(block, title, works),
                creative_team=list(self._team(block, value)),
                cast_members=list(self._cast(block, value)),
                performances=performances,
                ticket_prices=list(self._prices(block, value)),
            )
        )

    def _works(self, block: Block, title: Title, works: Sequence[dict[str, Any]]) -> list[Work]:
        if len(works) < 2 or len(title.works) != len(works):
            return []
        return [
            Work(
                block=block.id,
                title=self._name(work),
                composer=self._name(work.get("composer")),
                version=None,
                extent=None,
            )
            for work in works
        ]

    def _performance(self, block: Block, event: dict[str, Any], series: dict[str, Any]) -> Performance | None:
        read = self._when(event.get("startDate"))
        if read is None or (self._closing(event) and "T" not in str(event.get("startDate"))):
            return None
        date, time = read
        if re.search(r"(?:Z|[+-]00:?00)$", str(event.get("startDate"))):
            # as often local time in disguise as it is UTC
            self.facts.unsure_times.add((block.id, date.isoformat()))
        venue, city = self._place(event) if event.get("location") else self._place(series)
        status, availability = self._status(event)
        offers = [offer for offer in map(self._resolved, _listed(event.get("offers"))) if isinstance(offer, dict)]
        urls = {url for offer in offers if isinstance(url := offer.get("url"), str) and url.startswith("http")}
        sold = availability in {"sold_out", "members_only", "not_yet"}
        return Performance(
            block=block.id,
            date=date.isoformat(),
            time=time,
            year_inferred=False,
            venue=venue,
            city=city,
            status=status,
            availability=availability,
            type=None,
            ticket_url=urls.pop() if len(urls) == 1 and not sold else None,
        )

    def _when(self, value: Any) -> tuple[dt.date, str | None] | None:
        """Return local date and time. UTC is read in the company's zone; midnight means unknown."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._instant(float(value))
        if not isinstance(value, str):
            return None
        text = value.strip()
        if re.fullmatch(r"\d{10}|\d{13}", text):
            return self._instant(float(text))
        return attribute_date(re.sub(r"(?:Z|[+-]00:?00)$", "", text), None)

    def _instant(self, seconds: float) -> tuple[dt.date, str | None] | None:
        if seconds > 1e11:
            seconds /= 1000
        if not 1e9 < seconds < 4e9:
            return None
        if self.zone is None:
            return dt.datetime.fromtimestamp(seconds, dt.UTC).date(), None
        local = dt.datetime.fromtimestamp(seconds, self.zone)
        return local.date(), local.strftime("%H:%M") if (local.hour, local.minute) != (0, 0) else None

    def _closing(self, event: dict[str, Any]) -> str | None:
        first, last = self._when(event.get("startDate")), self._when(event.get("endDate"))
        if first is None or last is None or (last[0] - first[0]).days < 2:
            return None
        return last[0].isoformat()

    def _place(self, event: dict[str, Any]) -> tuple[str | None, str | None]:
        location = self._resolved(_first(event.get("location")))
        if isinstance(location, str):
            return clean(location) or None, None
        if not isinstance(location, dict) or "VirtualLocation" in _types(location):
            return None, None
        address = self._resolved(location.get("address"))
        city = self._name(address.get("addressLocality")) if isinstance(address, dict) else None
        if city:
            self.facts.cities.add(city)
        return self._name(location), city

    def _status(self, event: dict[str, Any]) -> tuple[PerformanceStatus | None, Availability | None]:
        status: PerformanceStatus | None = None
        availability: Availability | None = None
        printed = event.get("eventStatus")
        if isinstance(printed, str):
            value = status_phrases(None).get(printed.rsplit("/", 1)[-1])
            status = value if value in STATUSES else None  # type: ignore[assignment]
        for offer in map(self._resolved, _listed(event.get("offers"))):
            if isinstance(offer, dict) and isinstance(offer.get("availability"), str):
                value = status_phrases(None).get(offer["availability"].rsplit("/", 1)[-1])
                if value in AVAILABILITIES:
                    availability = value  # type: ignore[assignment]
                    break
        return status, availability

    def _team(self, block: Block, event: dict[str, Any]) -> Iterator[Credit]:
        functions: dict[str, Function] = {
            "director": "director",
            "conductor": "conductor",
            "choreographer": "choreographer",
        }
        for name, function in functions.items():
            for person in _listed(event.get(name)):
                if printed := self._name(person):
                    yield Credit(block=block.id, name=printed, function=function, nights=[])
        for role in (
            *_listed(event.get("performer")),
            *_listed(event.get("contributor")),
            *_listed(event.get("actor")),
        ):
            if not isinstance(role, dict):
                continue
            label = self._name(role.get("roleName") or role.get("jobTitle"))
            person = role.get("performer") or role.get("contributor") or role.get("actor") or role
            if label and (printed := self._name(person)):
                for found in credit_functions(label, self.language):
                    yield Credit(block=block.id, name=printed, function=found, nights=[])

    def _cast(self, block: Block, event: dict[str, Any]) -> Iterator[CastMember]:
        for role in map(self._resolved, (*_listed(event.get("performer")), *_listed(event.get("actor")))):
            if not isinstance(role, dict):
                continue
            character = self._name(role.get("characterName"))
            person = self._name(_first(role.get("performer") or role.get("actor")) or role)
            if character and person:
                yield CastMember(
                    block=block.id,
                    performer=person,
                    role=character,
                    voice_type=None,
                    kind="main",
                    replaces=None,
                    nights=[],
                )

    def _prices(self, block: Block, event: dict[str, Any]) -> Iterator[TicketPrice]:
        for offer in map(self._resolved, _listed(event.get("offers"))):
            if not isinstance(offer, dict):
                continue
            currency = offer.get("priceCurrency")
            low, high = _amount(offer.get("lowPrice")), _amount(offer.get("highPrice"))
            single = _amount(offer.get("price"))
            low, high = (low, high) if low is not None or high is not None else (single, single)
            if not isinstance(currency, str) or len(currency) != 3 or not (low or high):
                continue
            yield TicketPrice(
                block=block.id,
                category=self._name(offer.get("name")) if single is not None else None,
                nights=[],
                min=low,
                max=high,
                currency=currency.upper(),
                qualifier="exact" if high is not None else "from",
                kind="paid",
            )

    # --- embedded state

    def _section(self, block: Block, value: dict[str, Any]) -> Section | None:
        """Return an object of embedded state as the section a page would print of it."""
        for own in OWN_FIELDS & value.keys():
            if isinstance(value[own], dict):
                value = {**value[own], **{other: item for other, item in value.items() if other != own}}
        name = next((name for name in value if is_title(name) and isinstance(value[name], str)), None)
        if name is None:
            return None
        printed = re.sub(r"(?<!\w)(?:__|\*\*)|(?:__|\*\*)(?!\w)", "", clean(value[name]))  # Markdown's bold
        title = read_title(printed, self.language)
        laid_out = self._rows({other: item for other, item in value.items() if other != name}, block)
        rows = [row._replace(path=f"{block.path}/row[{number}]") for number, row in enumerate(laid_out, start=1)]
        heading = _row(block, clean(value[name]))
        section = Section(
            title, heading, [heading, *rows], is_main=any(isinstance(item, list) for item in value.values())
        )
        dated = any(row.dates for row in rows)
        return section if dated or any(len(row.cells) == 2 for row in rows) else None

    def _rows(self, value: dict[str, Any], block: Block) -> Iterator[Block]:
        yield from self._own_evenings(value, block)
        for name, item in value.items():
            label = self._key_label(name)
            if isinstance(item, dict):
                printed = self._name(item) or self._titled(item) or item.get(name)
                if isinstance(printed, str):
                    yield _row(block, label, printed)
            elif isinstance(item, list):
                for entry in item:
                    if isinstance(entry, dict):
                        row = self._entry(entry, block, label)
                        if row is not None:
                            yield row
                    elif (date := self._date_text(name, entry)) is not None:
                        yield _row(block, date, dates=(date,))
                    elif isinstance(entry, str) and not entry.startswith("http"):
                        yield _row(block, label, entry) if self._is_label(label) else _row(block, entry)
            elif self._date_text(name, item) is None and not is_end(name):
                yield from self._scalar(label, item, block)

    def _own_evenings(self, value: dict[str, Any], block: Block) -> Iterator[Block]:
        """Yield the evenings that an object's own fields state, each with the time and the state beside it.

        None where a list of it holds dates: its own say when the run begins and ends. A span of days is a run.
        """
        lists = [item for item in value.values() if isinstance(item, list)]
        if any(self._is_dated(entry) for item in lists for entry in item):
            return
        starts = [date for name, item in value.items() if not is_end(name) and (date := self._date_text(name, item))]
        ends = [date for name, item in value.items() if is_end(name) and (date := self._date_text(name, item))]
        starts = starts or [date for text in block.dates if (date := self._date_text("date", text))]
        if starts and ends and (_day_of(ends[0]) - _day_of(starts[0])).days >= 2:
            yield _row(block, f"{starts[0][:10]} – {ends[0][:10]}")
            return
        times = [item for name, item in value.items() if _TIME_KEY.search(spaced(name)) and _is_clock(item)]
        flags = [_flag(name) for name, item in value.items() if item is True]
        words = [item for item in value.values() if isinstance(item, str) and len(item) <= 40]
        states = [text for text in (*words, *flags) if status_phrases(self.language).get(text) is not None]
        for date in starts:
            clock = times[0][:5] if len(date) == 10 and len(times) == 1 else ""
            yield _row(block, f"{date} {clock}".strip(), *states, dates=(date,))

    def _is_dated(self, entry: Any) -> bool:
        if isinstance(entry, dict):
            return any(self._date_text(name, item) is not None for name, item in entry.items())
        return isinstance(entry, str) and self._date_text("date", entry) is not None

    def _key_label(self, name: str) -> str:
        """Return a key as a label in the page's language: field names are English in every country."""
        label = _label(name)
        if credit_functions(label, self.language) or not (functions := credit_functions(label, "en")):
            return label
        return label_of(functions, self.language) or label

    def _titled(self, value: dict[str, Any]) -> str | None:
        return next((clean(item) for name, item in value.items() if is_title(name) and isinstance(item, str)), None)

    def _scalar(self, label: str, item: Any, block: Block) -> Iterator[Block]:
        if isinstance(item, str) and item and not item.startswith(("http", "/")) and len(item) <= 400:
            text = f"{item} {label}" if _is_currency(label) else item
            says_itself = after("co_production", clean(item), self.language) or production_words(item, self.language)
            yield _row(block, label, text) if self._is_label(label) and not says_itself else _row(block, text)

    def _date_text(self, name: str, item: Any) -> str | None:
        """Return a date of any form as local ISO text, None for what is no date, or a date of something else."""
        words = spaced(name)
        if not _DATE_KEY.search(words) or _OTHER_DATE_KEY.search(words) or isinstance(item, (dict, list)):
            return None
        read = self._when(item)
        if read is None:
            return None
        date, time = read
        if isinstance(item, str) and _UNIVERSAL.search(item) and not self._is_universal(date):
            # As often local time in disguise as it is UTC; where the house lies on UTC it is both.
            time = None
        return f"{date.isoformat()} {time}" if time else date.isoformat()

    def _is_universal(self, date: dt.date) -> bool:
        noon = dt.datetime(date.year, date.month, date.day, 12, tzinfo=self.zone)
        return noon.utcoffset() == dt.timedelta(0)

    def _is_label(self, label: str) -> bool:
        return bool(credit_functions(label, self.language)) or any(is_word(kind, label) for kind in _LABELS)

    def _entry(self, entry: dict[str, Any], block: Block, label: str) -> Block | None:
        """Return one object of a list as a row: its texts in order, people with their nights in brackets."""
        cells: list[str] = []
        links: list[tuple[str, str]] = []
        dates: list[str] = []
        for name, item in entry.items():
            key_words = _label(name)
            if isinstance(item, str) and item.startswith(("http://", "https://")):
                links.append((item, key_words))
                if status_phrases(self.language).get(key_words) is not None:  # tickets: https://…
                    cells.append(key_words)
            elif is_end(name):
                continue
            elif (date := self._date_text(name, item)) is not None:
                cells.append(date)
                dates.append(date)
            elif item is True:  # isPremiere, soldOut
                cells.append(_flag(name))
            elif isinstance(item, str) and item and len(item) <= 300 and not _is_identifier(name, item):
                cells.append(f"{item} {key_words}" if _is_currency(key_words) else item)
            elif isinstance(item, (dict, list)):
                cells += [text for part in _listed(item) if (text := self._person(part))]
        if not cells:
            return None
        if len(cells) == 1 and self._is_label(label):
            cells.insert(0, label)
        words = [text for text in cells if status_phrases(self.language).get(text) is not None]
        shown = tuple((address, words[0] if words else text) for address, text in links)
        return _row(block, *cells, dates=tuple(dates), links=shown)

    def _person(self, value: Any) -> str | None:
        if isinstance(value, str):
            return value if not value.startswith("http") else None
        if not isinstance(value, dict):
            return None
        name = self._name(value) or next(
            (
                clean(item)
                for key_name, item in value.items()
                if _PERSON_KEY.search(spaced(key_name)) and isinstance(item, str)
            ),
            None,
        )
        nights = [
            date
            for key_name, item in value.items()
            for part in _listed(item)
            if (date := self._date_text("date" if _is_days(item) else key_name, part)) is not None
        ]
        return f"{name} ({', '.join(nights)})" if name and nights else name


_LABELS: tuple[Kind, ...] = ("venue", "duration", "season", "sung_in")
_PERSON_KEY = re.compile(
    r"^(?:full |display )?(?:name|nome|nom|nombre|naam|namn|navn|jmeno|jméno|név|nev|imie|imię|имя)$", re.I
)
_DATE_KEY = re.compile(
    r"date|datum|data|fecha|time|start|begin|when|day|tag|uhrzeit|dato|päivä|dátum|термин|дата|premi|nights?|evenings?|end|"
    r"until|instance|^(?:from|to|von|ab|bis|dal|al|du|au|desde|hasta|van|tot|fra|från|til|till|od|do)$",
    re.I,
)
_OTHER_DATE_KEY = re.compile(r"birth|death|born|died|geburt|deadline|register|season|archiv|valid|news|post", re.I)
_TIME_KEY = re.compile(
    r"time|uhrzeit|zeit|beginn?|heure|hora|ora|orario|start|klokken|tid|kello|godz|čas|cas|idő",
    re.I,
)
_ISO_DAY = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)")
_UNIVERSAL = re.compile(r"(?:Z|[+-]00:?00)$")
_IDENTIFIER_KEY = re.compile(
    r"(?:^|_|[a-z])(?:id|slug|uuid|hash|type|class|href|path|url|image|img|icon|color|locale)s?$|^id", re.I
)


def _types(value: dict[str, Any]) -> frozenset[str]:
    kinds = _listed(value.get("@type"))
    return frozenset(str(kind).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for kind in kinds)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _amount(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value).replace(",", "."))
    except ValueError:
        return None


def _label(name: str) -> str:
    """Return a key as the label a page would print: ``attribute_Composer`` → ``composer``."""
    return re.sub(r"^(?:attribute|field|acf|custom) ", "", spaced(name))


def _flag(name: str) -> str:
    """Return a flag as the words it stands for: ``isPremiere`` → ``premiere``."""
    return re.sub(r"^(?:is|has) ", "", _label(name))


def _is_clock(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d(?::00)?", value) is not None


def _is_days(value: Any) -> bool:
    """Tell whether a value is a list of days, whatever its key is called."""
    return isinstance(value, list) and all(isinstance(part, str) and _ISO_DAY.match(part) for part in value)


def _day_of(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


def _is_currency(label: str) -> bool:
    return label in {"euro", "eur", "usd", "gbp", "chf", "czk", "huf", "pln", "sek", "nok", "dkk", "kč", "ft"}


def _is_identifier(name: str, item: str) -> bool:
    return _IDENTIFIER_KEY.search(name) is not None or (
        re.fullmatch(r"[\w-]*\d[\w-]*", item) is not None and not re.search(r"\d[.:]\d\d|^\d{1,3}$", item)
    )


def _row(block: Block, *cells: str, dates: tuple[str, ...] = (), links: tuple[tuple[str, str], ...] = ()) -> Block:
    """Return cells as a row that stands in the block of the object they come from."""
    texts = tuple(clean(cell) if "\n" not in cell else cell for cell in cells)
    return Block(
        id=block.id,
        kind="row" if len(texts) > 1 else "p",
        text=" | ".join(texts),
        path=block.path,
        cells=texts if len(texts) > 1 else (),
        dates=dates,
        links=tuple(address for address, _ in links),
        link_texts=tuple(words for _, words in links),
    )
