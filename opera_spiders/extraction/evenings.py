"""Reads the evenings of a production: dates with their times, what is sold and what is special about each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise

from opera_spiders.extraction.blocks import Block
from opera_spiders.extraction.dates import (
    DateHit,
    find_dates,
    find_durations,
    find_month,
    find_times,
    prints_month_first,
)
from opera_spiders.extraction.lines import Line, boxes_around, is_inside, lines_of
from opera_spiders.extraction.page_words import contains
from opera_spiders.extraction.schema import Availability, PerformanceStatus, PerformanceType
from opera_spiders.extraction.sections import SATELLITES, Section, is_loose_day
from opera_spiders.extraction.vocabulary import (
    AVAILABILITIES,
    STATUSES,
    production_words,
    says,
    status_phrases,
)
from opera_spiders.text import key

_LINE_CHARACTERS = 220
_LEFTOVER_WORDS = 16
_NOTE_CHARACTERS = 90
_SENTENCE_CHARACTERS = 30
_LOOSE_DAYS_BACK, _LOOSE_DAYS_AHEAD = 20, 70
_AVAILABILITY_ORDER: tuple[Availability, ...] = ("sold_out", "members_only", "few_left", "not_yet", "free", "on_sale")
_FIRST = frozenset({"premiere", "world_premiere", "national_premiere", "revival"})
_TICKETS = re.compile(
    r"ticket|shop|buy|book|karten|billet|bigliett|entrad|boleto|vstupenk|jegy|bilet|reserv|eventim|sales", re.I
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What decides how the dates of a page are read."""

    language: str | None
    tag: str | None  # the whole language tag
    reference: dt.date
    month_first: bool | None = None
    season: tuple[dt.date, dt.date] | None = None

    def dates(self, text: str, month: tuple[int | None, int] | None = None) -> tuple[DateHit, ...]:
        """Return the dates of a text as this page prints them."""
        return find_dates(text, self.tag, self.reference, season=self.season, month=month, month_first=self.month_first)


@dataclass(slots=True)
class Evening:
    """One evening as printed, with the block of its date."""

    date: dt.date
    time: str | None
    block: Block
    year_inferred: bool = False
    notes: list[str] = field(default_factory=list)
    status: PerformanceStatus | None = None
    availability: Availability | None = None
    type: PerformanceType | None = None
    ticket_url: str | None = None
    box: tuple[Block, ...] = ()
    is_first: bool = False  # marked as the first of a run: premiere, revival


@dataclass(slots=True)
class Evenings:
    """The evenings of a section, and the last day of a run the page gives as a range."""

    evenings: list[Evening] = field(default_factory=list)
    run_first: dt.date | None = None
    run_last: dt.date | None = None
    run_block: Block | None = None


def attribute_date(value: str, month_first: bool | None) -> tuple[dt.date, str | None] | None:
    """Return the date and local time of a date-bearing attribute; None for one that cannot be read surely.

    >>> attribute_date("04-12-2026", True), attribute_date("04-2026-14", None)
    ((datetime.date(2026, 4, 12), None), (datetime.date(2026, 4, 14), None))
    """
    match = _ISO.match(value) or _COMPACT.match(value)
    if match:
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _MONTH_YEAR_DAY.match(value):
        month, year, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _NUMERIC.match(value):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if first > 12 or month_first is False:
            day, month = first, second
        elif second > 12 or month_first:
            month, day = first, second
        elif first == second:
            day, month = first, second
        else:
            return None
    else:
        return None
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date, _clock_of(value[match.end() :])


_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_MONTH_YEAR_DAY = re.compile(r"(\d{1,2})[-/.](\d{4})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")


def _clock_of(rest: str) -> str | None:
    """Return HH:MM behind a date in an attribute. Midnight and UTC say nothing of the local time."""
    match = re.match(r"[T ]?(\d{2}):?(\d{2})(?::?\d{2})?(?:\.\d+)?\s*(Z|[+-]00:?00)?", rest)
    if not match or match[3] or (match[1], match[2]) == ("00", "00") or int(match[1]) > 23:
        return None
    return f"{match[1]}:{match[2]}"


def page_prints_month_first(blocks: Iterable[Block]) -> bool | None:
    """Tell whether numeric dates put the month first, by the dates of the page that show it."""
    texts: list[str] = []
    for block in blocks:
        texts += block.dates
        if len(block.text) < 300:
            texts.append(block.text)
    return prints_month_first(texts)


def read_evenings(
    section: Section,
    blocks: Sequence[Block],
    calendar: Calendar,
    is_credit: Callable[[Line], bool] = lambda line: False,
) -> Evenings:
    """Return the evenings of a section from the lines that credit nobody.

    :param blocks: blocks of the section that may hold dates
    :param is_credit: tells the lines that are read already
    """
    result = Evenings()
    month = _month_above(section, calendar)
    months = _months_above(blocks, calendar)
    found: list[tuple[Block, list[tuple[DateHit, Line]]]] = []
    for block in blocks:
        lines = [line for line in lines_of(block) if not is_credit(line)]
        hits = [(hit, line) for line in lines for hit in _night_hits(line, calendar, month)]
        nights = []
        for hit, line in hits:
            if hit.end_date is not None:
                if result.run_last is None or hit.end_date > result.run_last:
                    result.run_first, result.run_last, result.run_block = hit.date, hit.end_date, block
            else:
                nights.append((hit, line))
        if nights:
            found.append((block, nights))
    boxes = _night_boxes(section, [block for block, _ in found], blocks)
    for (_, nights), box in zip(found, boxes, strict=True):
        for hit, line in nights:
            if not _is_about_another_event(line if len(nights) == 1 else None, section, calendar.language):
                note = _around(hit, [other for other, place in nights if place is line], line)
                if (hit.date.year, hit.date.month) in (months.get(line.block.id), month):
                    hit = replace(hit, year_inferred=False)  # noqa: PLW2901 - the heading above prints its year
                result.evenings += _evenings(hit, line, box, calendar, note, is_alone=len(nights) == 1)
    if not result.evenings:
        result.evenings += _dated_otherwise(section, blocks, calendar, month)
    result.evenings = _once(result.evenings)
    if len(result.evenings) == 1 and result.evenings[0].time is None:
        _timed_above(result.evenings[0], section, calendar, month)
    return result


def _timed_above(evening: Evening, section: Section, calendar: Calendar, month: tuple[int | None, int] | None) -> None:
    """Give an evening the time that stands with its date above or beside the box."""
    for block in section.before:
        if any(hit.date == evening.date and hit.end_date is None for hit in calendar.dates(block.text, month)):
            times = _times_of(section.before, block, calendar)
            if len(times) == 1:
                evening.time = times[0]
                evening.block = block if section.has_own_date_above else evening.block
            return


def _once(evenings: Sequence[Evening]) -> list[Evening]:
    """An evening printed twice is one; the one with a time or a note wins."""
    by_night: dict[tuple[dt.date, str | None], Evening] = {}
    for evening in evenings:
        known = by_night.setdefault((evening.date, evening.time), evening)
        if known is not evening:
            known.status = known.status or evening.status
            known.availability = known.availability or evening.availability
            known.type = known.type or evening.type
            known.ticket_url = known.ticket_url or evening.ticket_url
            known.is_first = known.is_first or evening.is_first
    timed = {date for date, time in by_night if time}
    kept = []
    for (date, time), evening in by_night.items():
        if time is None and date in timed:
            others = [other for (day, clock), other in by_night.items() if day == date and clock]
            if len(others) == 1:
                others[0].type = others[0].type or evening.type
                others[0].status = others[0].status or evening.status
                others[0].is_first = others[0].is_first or evening.is_first
            continue
        kept.append(evening)
    return kept


def _month_above(section: Section, calendar: Calendar) -> tuple[int | None, int] | None:
    headings = [*section.block.headings, *(block.text for block in section.before)]
    for text in reversed(headings):
        month = find_month(text, calendar.language)
        if month is not None:
            return month
    return None


def _months_above(blocks: Sequence[Block], calendar: Calendar) -> dict[str, tuple[int | None, int]]:
    """Return the year and month that the heading above each block names."""
    above: dict[str, tuple[int | None, int]] = {}
    for block in blocks:
        named = [month for text in block.headings[-2:] if (month := find_month(text, calendar.language)) is not None]
        if named:
            above[block.id] = named[-1]
    return above


@lru_cache(maxsize=32_768)
def _night_hits(line: Line, calendar: Calendar, month: tuple[int | None, int] | None) -> tuple[DateHit, ...]:
    """Return the dates of a line that says little else: prose, sales and publication dates are no evenings."""
    text = line.text
    if len(text) > (_LINE_CHARACTERS if not line.is_row else 2 * _LINE_CHARACTERS):
        return ()
    hits = calendar.dates(text, month if is_loose_day(text, calendar.language) else None)
    if not hits and month is not None:  # a day box beside the rest of a row, below the heading of its month
        days = [
            piece
            for piece in dict.fromkeys((*line.pieces, *line.block.parts))
            if is_loose_day(piece, calendar.language)
        ]
        return calendar.dates(days[0], month) if days else ()
    if not hits:
        return ()
    leftover = text
    for hit in hits:
        leftover = leftover.replace(hit.printed, " ")
    if contains("not_a_night", text[: hits[0].start], calendar.language):
        return ()
    limit = _LEFTOVER_WORDS if not line.is_row else 3 * _LEFTOVER_WORDS
    return hits if len(leftover.split()) <= limit else ()


def _night_boxes(section: Section, anchors: Sequence[Block], blocks: Sequence[Block]) -> list[tuple[Block, ...]]:
    """Return the blocks around each date that belong to no other date."""
    if len(anchors) == 1:
        return [tuple(section.blocks)]
    boxes = []
    for anchor in anchors:
        best = anchor.path
        for box in boxes_around(anchor.path):
            if any(other is not anchor and is_inside(other.path, box) for other in anchors):
                break
            best = box
        boxes.append(tuple(block for block in blocks if is_inside(block.path, best)))
    return boxes


def _evenings(
    hit: DateHit, line: Line, box: tuple[Block, ...], calendar: Calendar, note: str, *, is_alone: bool
) -> list[Evening]:
    """Return the evenings of one date, one per time; a date that is alone in its block owns its box."""
    block = line.block
    stated = [read for value in block.dates if (read := attribute_date(value, calendar.month_first)) is not None]
    with_year = next((day for day, _ in stated if (day.month, day.day) == (hit.date.month, hit.date.day)), None)
    if hit.year_inferred and with_year is not None:
        hit = replace(hit, date=with_year, year_inferred=False)
    notes = [note]
    if is_alone:
        notes += [note for other in box if other is not block for note in _notes(other)]
    times: list[str | None]
    times = [hit.time if hit.offset != "Z" else None]
    if hit.time is None and is_alone:
        clocks = [read[1] for read in stated if read[0] == hit.date and read[1]]
        times = [clocks[0]] if clocks else times
    if times == [None] and is_alone:
        times = list(_times_of(box or (block,), block, calendar)) or [None]
    return [
        _noted(
            Evening(hit.date, time, block, hit.year_inferred, notes, box=box),
            box or (block,) if is_alone else (block,),
            calendar,
        )
        for time in times
    ]


def _notes(block: Block) -> list[str]:
    """Return a short text whole, of a long one the short sentences: *… Eintritt frei.*"""
    if len(block.text) <= _NOTE_CHARACTERS:
        return [block.text]
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+|\n", block.text) if len(sentence) <= _SENTENCE_CHARACTERS]


def _around(hit: DateHit, dates: Sequence[DateHit], line: Line) -> str:
    """Return what a line says of one of its dates: all of it, or where it lists several the label and bracket beside.

    *Premiere: 10. Juli, 14. (zum letzten Mal)*.
    """
    if len(dates) == 1:
        return line.text
    before = max((other.end for other in dates if other.end <= hit.start), default=0)
    label = re.search(r"[^,;:()]*:\s*(?:[^\W\d_]+\.?,?\s+)?$", line.text[before : hit.start])
    bracket = re.match(r"\s*\([^()]*\)", line.text[hit.end :])
    return f"{label[0] if label else ''}{line.text[hit.start : hit.end]}{bracket[0] if bracket else ''}"


def _is_about_another_event(line: Line | None, section: Section, language: str | None) -> bool:
    """An introduction or rehearsal listed among the evenings; on its own page it is the event itself."""
    return line is not None and _is_satellite(line.text, language) and not _is_satellite(section.title.text, language)


def _is_satellite(text: str, language: str | None) -> bool:
    words = production_words(text, language)
    return any(word.meaning in SATELLITES for word in words) and len(text) <= _NOTE_CHARACTERS


def _times_of(box: Sequence[Block], anchor: Block, calendar: Calendar) -> list[str]:
    """Return the start times beside a date: the first of a range, each of a list."""
    for block in sorted(box, key=lambda block: block is not anchor):
        if len(block.text) > _LINE_CHARACTERS and not block.cells:
            continue
        for line in lines_of(block):
            if find_durations(line.text, calendar.language):
                continue
            if block is not anchor and _is_satellite(line.text, calendar.language):
                continue
            times = find_times(line.text, calendar.language)
            if not times:
                continue
            starts = [times[0].time]
            for before, after in pairwise(times):
                if re.fullmatch(r"\s*(?:[,/&+;]|\w{1,3})\s*", line.text[before.end : after.start]) and not re.fullmatch(
                    r"\s*(?:bis|to|à|a|do|до|al)\s*", line.text[before.end : after.start]
                ):
                    starts.append(after.time)
                else:
                    break
            return list(dict.fromkeys(starts))
    return []


def _dated_otherwise(
    section: Section, blocks: Sequence[Block], calendar: Calendar, month: tuple[int | None, int] | None
) -> list[Evening]:
    """Dates that stand in attributes, in pieces (day, month), above the box, or as day and weekday alone."""
    content = [block for block in section.blocks if block.text]
    for block in content:
        for value in block.dates:
            stated = attribute_date(value, calendar.month_first)
            if stated is not None:
                return _with_times((*stated, False), block, content, calendar)
    pieces = [block for block in content if len(block.text) <= 40 and not find_times(block.text, calendar.language)]
    for start in range(len(pieces)):
        together = " ".join(block.text.replace("|", " ") for block in pieces[start : start + 2])
        hits = [hit for hit in calendar.dates(together) if hit.end_date is None]
        if len(hits) == 1 and _says_only_a_date(together, hits[0], calendar):
            return _with_times((hits[0].date, None, hits[0].year_inferred), pieces[start], content, calendar)
    for block in reversed(section.before):
        hits = [hit for hit in calendar.dates(block.text, month) if hit.end_date is None]
        if len(hits) == 1:
            read = (hits[0].date, hits[0].time, hits[0].year_inferred)
            return _with_times(read, block, [*content, *section.before], calendar)
        for value in block.dates:
            stated = attribute_date(value, calendar.month_first)
            if stated is not None:
                return _with_times((*stated, False), block, content, calendar)
    for block in [*content, *reversed(section.before)]:
        if is_loose_day(block.text, calendar.language):
            date = _nearest(block.text, calendar)
            if date is not None:
                return _with_times((date, None, True), block, content, calendar)
    return []


def _says_only_a_date(text: str, hit: DateHit, calendar: Calendar) -> bool:
    return len(re.findall(r"[^\W_]{2,}", text.replace(hit.printed, " "))) <= 2


def _nearest(text: str, calendar: Calendar) -> dt.date | None:
    """Return the day near the fetch date that a weekday and a day of the month alone can mean, if there is just one."""
    day = int(re.findall(r"\d+", text)[0])
    if not re.search(r"[^\W\d_]", text):
        return None
    found = []
    for offset in range(-_LOOSE_DAYS_BACK, _LOOSE_DAYS_AHEAD):
        date = calendar.reference + dt.timedelta(days=offset)
        if date.day == day:
            hits = find_dates(text, calendar.tag, calendar.reference, month=(date.year, date.month))
            if any(hit.weekday_matches and hit.date == date for hit in hits):
                found.append(date)
    return found[0] if len(found) == 1 else None


def _with_times(
    read: tuple[dt.date, str | None, bool], block: Block, box: Sequence[Block], calendar: Calendar
) -> list[Evening]:
    """Return the evenings of a (date, time, year is inferred), with the times of the box where it has none."""
    date, time, year_inferred = read
    times: list[str | None] = [time] if time else list(_times_of(box, block, calendar)) or [None]
    notes = [other.text for other in box if len(other.text) <= 2 * _NOTE_CHARACTERS]
    return [
        _noted(Evening(date, clock, block, year_inferred, notes, box=tuple(box)), tuple(box), calendar)
        for clock in times
    ]


def _noted(evening: Evening, box: Sequence[Block], calendar: Calendar) -> Evening:
    """Add what the notes beside an evening say of its sale and its kind."""
    availabilities: set[str] = set()
    for note in evening.notes:
        if len(note) > 2 * _LINE_CHARACTERS:
            continue
        for found in status_phrases(calendar.language).find(key(note).split()):
            if found.value in STATUSES and found.value != "scheduled":
                evening.status = evening.status or found.value  # type: ignore[assignment]
            elif found.value in AVAILABILITIES and (found.value != "on_sale" or _is_offer(note, box)):
                availabilities.add(found.value)
        for word in production_words(note, calendar.language):
            evening.is_first = evening.is_first or word.meaning in _FIRST
            kind = says(word.meaning, "performance_type")
            if kind is not None and evening.type is None:
                evening.type = kind  # type: ignore[assignment]
    evening.availability = next((value for value in _AVAILABILITY_ORDER if value in availabilities), None)
    evening.ticket_url = _ticket_url(box, calendar)
    return evening


def _is_offer(note: str, box: Sequence[Block]) -> bool:
    """A word like *tickets* says that tickets are on sale when it stands on a link or stands alone."""
    words = key(note)
    return any(words == key(text) or (text and key(text) in words) for block in box for text in block.link_texts)


def _ticket_url(box: Sequence[Block], calendar: Calendar) -> str | None:
    """Return the address behind words that sell: *Book now*, *Tickets*."""
    found: list[str] = []
    for block in box:
        for address, words in zip(block.links, block.link_texts, strict=True):
            sells = any(
                hit.value in {"on_sale", "few_left"}
                for hit in status_phrases(calendar.language).find(key(words).split())
            )
            if sells and len(words) <= 60:
                found.append(address)
    unique = list(dict.fromkeys(found))
    if len(unique) > 1:
        unique = [address for address in unique if _TICKETS.search(address)] or unique
    return unique[0] if len(unique) == 1 else None
