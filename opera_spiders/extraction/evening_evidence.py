"""Evidence for evenings: a date and a time together, and what the page says beside them."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

from opera_spiders.companies import company_of
from opera_spiders.extraction.dates import DateHit
from opera_spiders.extraction.evidence import Found, Ledger, Section, date_of, json_objects, titles_of
from opera_spiders.extraction.extractor import PageToExtract
from opera_spiders.extraction.json_fields import is_end
from opera_spiders.extraction.lines import HEADINGS
from opera_spiders.extraction.schema import PageExtraction, Performance, Production
from opera_spiders.extraction.vocabulary import production_words, says, status_phrases
from opera_spiders.text import key

_FIRST_WORDS = frozenset({"premiere", "second_premiere", "world_premiere", "national_premiere", "revival"})
_REACH_ENTRY = 15


class EveningEvidence(Ledger):
    """Grounds the performances of a production, its first and its last night."""

    def __init__(self, answer: PageExtraction, page: PageToExtract) -> None:
        super().__init__(answer, page)
        company = company_of(page.company_domain)
        self.zone = ZoneInfo(company.timezone) if company and company.timezone else None
        self.claimed_blocks = {
            self.index.number[evening.block]
            for production in answer.productions
            for evening in production.performances
            if evening.block in self.index.number
        }

    def _valid_evening(self, pointer: str, date: str, time: str | None) -> tuple[dt.date | None, str | None]:
        """Return the evening of an answer, None for parts that are no date or time; those are errors."""
        day, clock = date_of(date), time
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
        self, pointer: str, production: Production, section: Section
    ) -> dict[tuple[dt.date, str | None], Found]:
        """Ground the evenings; return those the page states."""
        stated: dict[tuple[dt.date, str | None], Found] = {}
        for number, evening in enumerate(production.performances):
            at = f"{pointer}/performances/{number}"
            own = self._own(at, evening.block)
            day, time = self._valid_evening(at, evening.date, evening.time)
            date_found, time_found = self._evening(day, time, own, section)
            self._put(f"{at}/date", date_found, own, section)
            if evening.time is not None:
                self._put(f"{at}/time", time_found if date_found else None, own, section)
            self._put(f"{at}/year_inferred", Found(None, "", "inferred"), own, section)
            if day is not None and date_found is not None:
                stated[day, time if time_found else None] = date_found
            self._evening_details(at, evening, day, date_found, own=own, section=section)
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
        self, day: dt.date | None, time: str | None, own: int | None, section: Section
    ) -> tuple[Found | None, Found | None]:
        """Find a date, and a time together with it."""
        if day is None:
            return None, None
        best: tuple[Found | None, Found | None] = (None, None)
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

    def _is_of_another(self, number: int, section: Section) -> bool:
        """Tell whether a calendar's entry names another production of the answer and not this one."""
        if section.only or section.first <= number < section.last:
            return False
        entry = {number, *self.index.headings[number], *(below for below, _ in self._below(number))}
        named = {title for title, numbers in self._title_blocks.items() if entry & numbers}
        return bool(named) and not named & section.titles

    @cached_property
    def _title_blocks(self) -> dict[str, frozenset[int]]:
        """For each title of the answer the blocks that print it."""
        titles = {title for production in self.answer.productions for title in titles_of(production)}
        return {title: frozenset(place.number for place in self.index.places(title)) for title in titles}

    def _evening_in(self, number: int, day: dt.date, time: str | None) -> tuple[Found | None, Found | None]:
        dated = [(clock, hit) for date, clock, hit in self._readings(number) if date == day]
        if not dated:
            return None, None
        quote = dated[0][1].printed
        date_found = Found(number, quote)
        if time is None:
            return date_found, None
        for clock, hit in dated:
            if clock == time:
                return Found(number, hit.printed), Found(number, hit.printed)
        if any(clock is not None for clock, _ in dated):
            return date_found, self._doors(number, day, time)
        times = self.index.times_in(number)
        if times:
            return date_found, (Found(number, self.index.printed_time(number, time)) if time in times else None)
        return date_found, self._time_nearby(number, time)

    def _doors(self, number: int, day: dt.date, time: str) -> Found | None:
        """The date is printed twice, once with another time: only a line of its own may still give this one."""
        own = {hit.time for hit in self.index.printed_dates(number) if hit.date == day and hit.time}
        return None if own else self._time_nearby(number, time)

    def _time_nearby(self, number: int, time: str) -> Found | None:
        """A time in a line beside the date, or one that the page gives for every evening."""
        own = self.index.times_in(number)
        if own:
            return Found(number, self.index.printed_time(number, time)) if time in own else None
        below = [near for near, _ in self._below(number)]
        for near in (*below, number - 1):
            if 0 <= near < len(self.index.blocks) and not self.index.printed_dates(near):
                times = self.index.times_in(near)
                if times:
                    return Found(near, self.index.printed_time(near, time)) if time in times else None
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
        found: Found | None,
        *,
        own: int | None,
        section: Section,
    ) -> None:
        for name in ("venue", "city"):
            value = getattr(evening, name)
            if value is not None:
                places = (p for p in self._words_of(value, "place", own, section) if self._may_speak_of(p.number, day))
                place = next(places, None)
                self._put(
                    f"{pointer}/{name}", Found(place.number, self.index.quote(place)) if place else None, own, section
                )
        entry = self._entry(day, found, own, section) if day is not None else []
        for name in ("status", "availability"):
            value = getattr(evening, name)
            if value is not None:
                self._put(f"{pointer}/{name}", self._status(value, entry), own, section)
        if evening.type is not None:
            self._put(f"{pointer}/type", self._evening_type(evening, entry), own, section)
        if evening.ticket_url is not None:
            self._put(f"{pointer}/ticket_url", self._link(evening.ticket_url, day, own, section), own, section)

    def _may_speak_of(self, number: int, day: dt.date | None) -> bool:
        """Tell whether a block stands under this day, or under no day at all."""
        block = self.index.blocks[number]
        if block.kind == "json":
            return (
                day is None or not self._readings(number) or day.isoformat() in block.text or day in self._days(number)
            )
        hits = self.index.printed_dates(number) or (self.index.dates_of(number) if number in self._entry_lines else ())
        return day is None or not hits or day in self._days(number)

    def _states_with(self, number: int, value: str, day: dt.date | None) -> bool:
        """Tell whether structured data states a value of this day, in the same object."""
        if day is None:
            return True
        stated = _object_of_day(self.index.blocks[number].text, day)
        return value in stated and (day.isoformat() in stated or day in self._days(number))

    def _days(self, number: int) -> set[dt.date]:
        return {date for date, _, _ in self._readings(number)}

    @cached_property
    def _entry_lines(self) -> frozenset[int]:
        """The lines below the evenings of the answer."""
        return frozenset(below for number in self.claimed_blocks for below, _ in self._below(number))

    def _entry(self, day: dt.date, found: Found | None, own: int | None, section: Section) -> list[tuple[int, str]]:
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
            block.kind in HEADINGS for block in self.index.blocks[number + 1 : number + 4]
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
        hits = self.index.dates_in(block.text, number)
        days = {hit.date for hit in hits}
        if len(days) <= 1 or day not in days:
            return block.text
        start = next(hit.start for hit in hits if hit.date == day)
        end = min((hit.start for hit in hits if hit.start > start and hit.date != day), default=len(block.text))
        return block.text[start:end]

    def _status(self, value: str, entry: Sequence[tuple[int, str]]) -> Found | None:
        for number, text in entry:
            words = key(text).split()
            for language in dict.fromkeys((self.index.language, "en")):
                for hit in status_phrases(language).find(words):
                    if hit.value == value:
                        return Found(number, _printed(text, hit.phrase), "inferred")
        return None

    def _evening_type(self, evening: Performance, entry: Sequence[tuple[int, str]]) -> Found | None:
        for number, text in entry:
            for language in dict.fromkeys((self.index.language, "en")):
                for word in production_words(text, language):
                    meant = says(word.meaning, "performance_type")
                    if meant == evening.type or (evening.type == "premiere" and word.meaning == "revival"):
                        return Found(number, word.printed, "inferred")
        return None

    def _link(self, url: str, day: dt.date | None, own: int | None, section: Section) -> Found | None:
        """An address that stands with this evening, or with no other one."""
        rank = self._order(own, section)
        numbers = [
            number
            for number, block in enumerate(self.index.blocks)
            if (url in block.links and self._may_speak_of(number, day))
            or (block.kind == "json" and url in block.text and self._states_with(number, url, day))
        ]
        return Found(min(numbers, key=rank), url) if numbers else None

    def _edges(
        self,
        pointer: str,
        production: Production,
        own: int | None,
        section: Section,
        evenings: dict[tuple[dt.date, str | None], Found],
    ) -> None:
        """First and last night: marked by words, or the ends of a printed range; the last also of a list of nights."""
        for name, meanings in (("premiere_date", _FIRST_WORDS), ("closing_date", frozenset({"last_performance"}))):
            value = getattr(production, name)
            if value is None:
                continue
            day = date_of(value)
            if day is None:
                self._error(f"{pointer}/{name}", f"{value!r} is no date of the calendar (YYYY-MM-DD).")
            found = self._edge(day, name, meanings, own, section) if day else None
            if found is None and day is not None and evenings:
                days = sorted(date for date, _ in evenings)
                if day == (days[-1] if name == "closing_date" else None):
                    found = Found(evenings[next(e for e in evenings if e[0] == day)].number, value, "inferred")
            self._put(f"{pointer}/{name}", found, own, section)

    def _edge(
        self, day: dt.date, name: str, meanings: frozenset[str], own: int | None, section: Section
    ) -> Found | None:
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
                    return Found(number, hit.printed)
            is_stated = name == "closing_date" and self.index.blocks[number].kind == "json"
            if is_stated and (end := _end_of_run(self.index.blocks[number].text, day)) is not None:
                return Found(number, end)
            hit = next(hit for hit in self.index.printed_dates(number) if day in (hit.date, hit.end_date) or hit.offset)
            texts = [(number, self._text_before_and_of(number, day)), *self._below(number)]
            texts += [(n, self.index.blocks[n].text) for n in self.index.headings[number][-1:]]
            if number and len(self.index.texts[number - 1].words) <= 6 and not self.index.printed_dates(number - 1):
                texts.append((number - 1, self.index.blocks[number - 1].text))
            for _, text in texts:
                for language in dict.fromkeys((self.index.language, "en")):
                    if any(word.meaning in meanings for word in production_words(text, language)):
                        return Found(number, hit.printed)
        return None

    def _heads_evening(self, number: int, section: Section) -> bool:
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
        if self.index.blocks[number].kind == "json":
            return _object_of_day(text, day)
        hits = self.index.dates_in(text, number)
        if len({hit.date for hit in hits}) <= 1:
            return text
        start = next((hit.start for hit in hits if hit.date == day), 0)
        before = max((hit.end for hit in hits if hit.end <= start), default=0)
        after = min((hit.start for hit in hits if hit.start > start), default=len(text))
        return text[before:after]


def _printed(text: str, phrase: str) -> str:
    """Return a folded phrase as its text prints it, or the phrase itself."""
    words = phrase.split()
    spans = [match.span() for match in re.finditer(r"[^\W_]+", text)]
    printed = [key(text[start:end]) for start, end in spans]
    for at in range(len(printed) - len(words) + 1):
        if printed[at : at + len(words)] == words:
            return text[spans[at][0] : spans[at + len(words) - 1][1]]
    return phrase


def _object_of_day(text: str, day: dt.date) -> str:
    """The smallest object of a JSON text that names a day in its own fields; the whole text when none does."""
    for value in json_objects(text):
        if any(isinstance(item, str) and day.isoformat() in item for item in value.values()):
            return json.dumps(value, ensure_ascii=False)
    return text


def _end_of_run(text: str, day: dt.date) -> str | None:
    """Return the value of a JSON text's key that says a run ends on ``day``."""
    return next(
        (
            item
            for value in json_objects(text)
            for name, item in value.items()
            if is_end(name) and isinstance(item, str) and item.startswith(day.isoformat())
        ),
        None,
    )
