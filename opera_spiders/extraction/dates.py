"""Reads dates, times, seasons and durations as opera houses print them, in every language of the vocabularies.

A text is cut into tokens (numbers, months, weekdays, connecting words, times), and one pass over them collects days
until the month that closes the list: *4, 5, 7 Aug 2026*, *dal 3 al 12 marzo*, *March 14, 19, … April 02*,
*2027. február 14.* and *14.3., 18.3.2026* are one grammar. What is not surely a date gives nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from opera_spiders.extraction.date_reader import DateReader, Day, days_under, give_times_to_following
from opera_spiders.extraction.date_tokens import CURRENCY_SIGNS, Token, clock_time, date_tokens
from opera_spiders.extraction.durations import Duration, find_durations, find_intermissions
from opera_spiders.extraction.vocabulary import (
    month_number,
    primary,
)
from opera_spiders.text import key

__all__ = [
    "DateHit",
    "Duration",
    "Season",
    "TimeHit",
    "find_dates",
    "find_durations",
    "find_intermissions",
    "find_month",
    "find_seasons",
    "find_times",
    "prints_month_first",
]

_PAST_DAYS = 90
_NEXT_DAYS = 275
"""Without any other sign a date lies between three months before and nine months after the page was fetched."""


@dataclass(frozen=True, slots=True)
class DateHit:
    """A date found in a text, with the time that stands by it.

    ``end_date`` closes a range. ``time`` and ``end_time`` are HH:MM as printed; 00:00 means unknown and gives None.
    ``year_inferred`` tells that the year is not printed. ``weekday_matches`` is None when no weekday is printed.
    ``offset`` is the zone of an ISO time (``Z``, ``+01:00``), as printed. ``start`` and ``end`` cover date and time.
    """

    date: dt.date
    start: int
    end: int
    printed: str
    end_date: dt.date | None = None
    time: str | None = None
    end_time: str | None = None
    year_inferred: bool = False
    weekday_matches: bool | None = None
    offset: str | None = None


@dataclass(frozen=True, slots=True)
class TimeHit:
    """A time of day, HH:MM."""

    time: str
    start: int
    end: int
    printed: str


@dataclass(frozen=True, slots=True)
class Season:
    """A season's label and the days it may cover: 1 July to 31 August of the next year."""

    first: dt.date
    last: dt.date
    printed: str
    start: int
    end: int


# -------------------------------------------------------------------------------------------------------- year and all


def _safe_date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _infer_year(day: Day, reference: dt.date, season: tuple[dt.date, dt.date] | None) -> dt.date | None:
    candidates = [_safe_date(year, day.month, day.day) for year in range(reference.year - 2, reference.year + 4)]
    dates = [date for date in candidates if date is not None]
    if season is not None:
        inside = [
            date
            for year in range(season[0].year, season[1].year + 1)
            if (date := _safe_date(year, day.month, day.day)) and season[0] <= date <= season[1]
        ]
        fitting = [date for date in inside if day.weekday is None or date.isoweekday() == day.weekday]
        if fitting or (inside and day.weekday is None):
            return (fitting or inside)[0]
    first, last = reference - dt.timedelta(days=_PAST_DAYS), reference + dt.timedelta(days=_NEXT_DAYS)
    if day.weekday is not None:
        fitting = [date for date in dates if date.isoweekday() == day.weekday and abs((date - reference).days) <= 800]
        if fitting:
            return min(fitting, key=lambda date: (not first <= date <= last, abs((date - reference).days)))
    usual = [date for date in dates if first <= date <= last]
    return usual[0] if usual else None


def _dates(
    days: list[Day], reference: dt.date, season: tuple[dt.date, dt.date] | None, text: str
) -> list[tuple[Day, dt.date | None, bool]]:
    known = [day.absolute or (_safe_date(day.year, day.month, day.day) if day.year else None) for day in days]
    result: list[tuple[Day, dt.date | None, bool]] = []
    for index, day in enumerate(days):
        if day.year is not None or day.absolute is not None:
            result.append((day, known[index], False))
            continue
        date, inferred = _from_neighbour(days, known, index)
        if date is None or (day.weekday is not None and date.isoweekday() != day.weekday):
            alone = _infer_year(day, reference, season)
            if date is None or (alone is not None and alone.isoweekday() == day.weekday):
                date, inferred = alone, True
        known[index] = known[index] or date
        result.append((day, date, inferred))
    return result


def _from_neighbour(days: list[Day], known: list[dt.date | None], index: int) -> tuple[dt.date | None, bool]:
    """A year printed once for several dates: the next dated one closes the list, else the one before opens it."""
    day = days[index]
    for other in range(index + 1, len(days)):
        date = known[other]
        if days[other].start - days[index].end > 400:
            break
        if date is not None and days[other].year is not None:
            same = _safe_date(date.year, day.month, day.day)
            if same is not None and same <= date:
                return same, False
            return _safe_date(date.year - 1, day.month, day.day), True
    for other in range(index - 1, -1, -1):
        date = known[other]
        if date is not None and (days[other].year is not None or days[other].absolute is None):
            if days[other].year is None and not any(d.year for d in days[:index]):
                return None, True
            same = _safe_date(date.year, day.month, day.day)
            if same is not None and (same - date).days >= -31:
                return same, True
            return _safe_date(date.year + 1, day.month, day.day), True
    return None, True


def _day_first_known(language: str | None, tag: str | None) -> bool | None:
    """None for plain English: British and American pages order day and month differently."""
    if language != "en":
        return True
    region = re.split(r"[-_]", tag or "")[1:2]
    if not region:
        return None
    return region[0].upper() not in ("US", "PH")


@lru_cache(maxsize=65_536)
def find_dates(
    text: str,
    language: str | None,
    reference: dt.date,
    *,
    season: tuple[dt.date, dt.date] | None = None,
    month: tuple[int | None, int] | None = None,
    month_first: bool | None = None,
) -> tuple[DateHit, ...]:
    """Return the dates a text prints, each with the time beside it, one hit per date and time, in order.

    :param language: the page's language, a tag with region (``en-US``) decides between 3/14 and 14/3
    :param reference: day the page was fetched; resolves *today* and missing years
    :param season: first and last day a missing year may fall between, when the page names its season
    :param month: (year, month) of a heading above the text: lets *Sa 14.* be a date
    :param month_first: the order of numeric dates, when the page shows it (see :func:`prints_month_first`)

    >>> [hit.date.isoformat() for hit in find_dates("4, 5, 7 Aug 2026, 7.30pm", "en", dt.date(2026, 1, 1))]
    ['2026-08-04', '2026-08-05', '2026-08-07']
    """
    if not any(character.isdigit() for character in text) and len(text) > 60:
        return ()
    code = primary(language)
    day_first = _day_first_known(code, language)
    if month_first is None and day_first is not None:
        month_first = not day_first
    tokens = date_tokens(text, code)
    reader = DateReader(tokens, month_first, undecided=month_first is None)
    days = reader.read()
    give_times_to_following(days, reader.order, reader.lead_time)
    if month is not None and not days:
        days = days_under(month, tokens)
    relative = _relative(tokens, reference, days)
    if relative is not None:
        days = [relative, *days]
    if season is None:
        season = next(((s.first, s.last) for s in find_seasons(text)), None)
    return tuple(_hits(_dates(days, reference, season, text), text))


def _relative(tokens: list[Token], reference: dt.date, days: list[Day]) -> Day | None:
    """*Today* and its kin count as the first word of a text, before a time, a weekday or nothing."""
    if not tokens or tokens[0].kind != "relative":
        return None
    rest = [token for token in tokens[1:] if token.kind != "beside"]
    if rest and rest[0].kind not in ("weekday", "time", "at", "dotted", "mark", "day", "date", "dmy", "iso"):
        return None
    if days and days[0].start - tokens[0].end <= 15:
        return None
    made = Day(0, tokens[0].start, tokens[0].end, absolute=reference + dt.timedelta(days=tokens[0].value))
    for token in rest[:4]:
        if token.kind == "time":
            made.times.append((token.time, None))
            made.end = token.end
            break
        if token.kind not in ("at", "mark", "weekday"):
            break
    return made


def _hits(dated: list[tuple[Day, dt.date | None, bool]], text: str) -> Iterator[DateHit]:
    index = 0
    while index < len(dated):
        day, date, inferred = dated[index]
        index += 1
        if date is None:
            continue
        if day.other_order and not (day.weekday and date.isoweekday() == day.weekday):
            swapped = _safe_date(date.year, date.day, date.month)
            if swapped is None or not (day.weekday and swapped.isoweekday() == day.weekday):
                continue
            date = swapped
        end_date, end, times = None, day.end, day.times
        if day.opens_range and index < len(dated) and dated[index][1] is not None:
            closing, closing_date, _ = dated[index]
            if closing.opens_range and index + 1 < len(dated):  # "14 – 16 – 18 March" is a list
                day.opens_range = closing.opens_range = False
            elif closing_date is not None and date < closing_date and (closing_date - date).days < 500:
                end_date, end, times = closing_date, closing.end, day.times or closing.times
                index += 1
        matches = None if day.weekday is None else date.isoweekday() == day.weekday
        for time, end_time in times or [(None, None)]:
            yield DateHit(
                date, day.start, end, text[day.start : end], end_date, time, end_time, inferred, matches, day.offset
            )


@lru_cache(maxsize=65_536)
def find_times(text: str, language: str | None) -> tuple[TimeHit, ...]:
    """Return the times of day a text prints, in order; 00:00, which means unknown, is left out."""
    if not any(character.isdigit() for character in text) and len(text) > 30:
        return ()
    tokens = date_tokens(text, primary(language))
    plain = not any(token.kind == "word" for token in tokens)
    hits = []
    for index, token in enumerate(tokens):
        time = token.time if token.kind == "time" else None
        if token.kind in ("iso", "compact") and token.match is not None:
            hour, minute = (
                (token.match["ih"], token.match["imin"])
                if token.kind == "iso"
                else (token.match["ch"], token.match["cmin"])
            )
            time = clock_time(int(hour), int(minute))[1] if hour else None
        if token.kind == "dotted" and token.match is not None and len(token.match["pb"]) == 2:
            valid, clock = clock_time(int(token.match["pa"]), int(token.match["pb"]))
            near = tokens[max(0, index - 2) : index]
            following = tokens[index + 1].text if index + 1 < len(tokens) else ""
            dated = any(t.kind in _DATE_KINDS for t in tokens[:index])
            priced = following in CURRENCY_SIGNS or any(t.text in CURRENCY_SIGNS for t in near)
            announced = any(t.kind == "at" for t in near) or (int(token.match["pb"]) % 5 == 0 and (plain or dated))
            if valid and announced and not priced:
                time = clock
        if time:
            hits.append(TimeHit(time, token.start, token.end, token.text))
    return tuple(hits)


_DATE_KINDS = frozenset({"iso", "compact", "cjk", "ymd", "dmy", "dmyy", "dm", "month", "weekday"})


@lru_cache(maxsize=65_536)
def find_seasons(text: str) -> tuple[Season, ...]:
    """Return season labels such as 2026/27, 2026-2027 or *Saison 26/27*, in order."""
    found = []
    for match in _SEASON.finditer(text):
        first, second = match["first"], match["second"]
        if int(second) % 100 != (int(first) + 1) % 100:
            continue
        alone = match.group().strip() == text.strip()
        if len(first) == 2 and not match["word"] and not alone:
            continue
        year = int(first) if len(first) == 4 else 2000 + int(first)
        if 1900 <= year <= 2100:
            label = match.start("first")
            found.append(
                Season(
                    dt.date(year, 7, 1),
                    dt.date(year + 1, 8, 31),
                    match.group()[label - match.start() :],
                    label,
                    match.end(),
                )
            )
    return tuple(found)


_SEASON = re.compile(
    r"(?P<word>(?:season|saison|spielzeit|stagione|temporada|seizoen|sezona|sezóna|sezonas|sezon|évad|сезон|säsong|sæson|sesong|kausi|σεζόν|hooaeg)\w*\W{0,3})?"
    r"(?<!\d)(?<!\d[./-])(?P<first>(?:19|20)\d{2}|\d{2})\s?[/–-]\s?(?P<second>(?:19|20)\d{2}|\d{2})(?![\d]|[./-]\d)",
    re.IGNORECASE,
)


@lru_cache(maxsize=65_536)
def find_month(text: str, language: str | None) -> tuple[int | None, int] | None:
    """Return (year, month) of a heading that names one month and no day: *März 2026*, *Apr*; None for anything else."""
    if len(text) > 80 or not any(month_number(word, language) for word in key(text).split()):
        return None
    tokens = date_tokens(text, primary(language))
    months = [token for token in tokens if token.kind == "month"]
    if len(months) != 1 or len(tokens) > 6 or any(t.kind in ("day", "iso", "dmy", "ymd", "dm", "word") for t in tokens):
        return None
    years = [token.value for token in tokens if token.kind == "year"]
    return (years[0] if len(years) == 1 else None), months[0].value


def prints_month_first(texts: Iterable[str]) -> bool | None:
    """Tell whether the numeric dates of a page put the month first (04-15-2026); None when no date shows it."""
    month_first = day_first = 0
    for text in texts:
        for match in _NUMERIC.finditer(text):
            first, second = int(match[1]), int(match[3])
            if first <= 12 < second <= 31:
                month_first += 1
            elif second <= 12 < first <= 31:
                day_first += 1
    if month_first and not day_first:
        return True
    return False if day_first and not month_first else None


_NUMERIC = re.compile(r"(?<![\d.])(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")
