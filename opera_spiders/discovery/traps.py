"""Bounds against webs without end: calendars, sessions, mirrors of themselves, filters times filters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from opera_spiders.discovery.page_types import LinkType, kind_of
from opera_spiders.extraction.vocabulary import rows
from opera_spiders.text import key
from opera_spiders.urls import host_port, path_segments

MAX_SEGMENTS = 8
MAX_SAME_SEGMENT = 2
MAX_PARAMETERS = 5

#: How many addresses of one pattern (digits and last segment left open) are asked for, by kind.
QUOTAS: dict[LinkType, int] = {"production": 1500, "season": 120, "calendar": 400, "financial": 60}
QUOTA_OF_OTHERS = 150
_FOUND_OF_EACH_ASKED = 10  # addresses that may wait, as it is learned only later which of them are worth asking for

_SEASON_STARTS_MONTH = 8
_KINDS_WITH_YEARS = ("calendar", "season", "archive")
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_GERMAN_DAY = re.compile(r"(?<!\d)(0?[1-9]|[12]\d|3[01])[-_.](0?[1-9]|1[0-2])[-_.]((?:19|20)\d\d)(?!\d)")
_MONTH = re.compile(r"((?:19|20)\d\d)[-_.](0?[1-9]|1[0-2])")
_SEASON = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./]((?:19|20)?\d\d)(?!\d)")
_COMPACT_SEASON = re.compile(r"((?:19|20)\d\d)(\d\d)")
_SHORT_SEASON = re.compile(r"([^\W\d_]+)[-_]?(\d\d)[-_]?(\d\d)(?:\.\w+)?")
_LATEST_SHORT_YEAR = 60
_YEAR_WORD = re.compile(r"(?<![^\W_])((?:19|20)\d\d)(?![^\W_])")
_YEAR = re.compile(r"(?:19|20|21)\d\d")
_YEAR_PARAMETER = re.compile(r"y|year|jahr|annee|anno|ano|any|rok|ev|vuosi|ar|jaar", re.IGNORECASE)
_MONTH_PARAMETER = re.compile(r"m|month|monat|mois|mese|mes|mesic|honap|kuukausi|maned|manad|maand", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Window:
    """The days of interest, both included."""

    first: date
    last: date

    @classmethod
    def around(cls, today: date, seasons: int = 1) -> Window:
        """Return this season and ``seasons`` on either side. A season runs from August to July.

        >>> Window.around(date(2026, 11, 24))
        Window(first=datetime.date(2025, 8, 1), last=datetime.date(2028, 7, 31))
        """
        start = today.year if today.month >= _SEASON_STARTS_MONTH else today.year - 1
        return cls(
            date(start - seasons, _SEASON_STARTS_MONTH, 1),
            date(start + seasons + 1, _SEASON_STARTS_MONTH, 1) - timedelta(days=1),
        )

    def meets(self, first: date, last: date) -> bool:
        """Tell whether the days from ``first`` to ``last`` touch the window."""
        return first <= self.last and last >= self.first


@dataclass(slots=True)
class TrapRules:
    """Refuses addresses that only an endless web has. Keeps count, so ask once for each address that is found or asked.

    :param window: None opens the archive
    """

    window: Window | None
    counts: Counter[str] = field(default_factory=Counter)

    def refusal(self, url: str, kind: LinkType) -> str | None:
        """Return why ``url`` is not asked for, as one word for the stats, or None.

        >>> rules = TrapRules(Window.around(date(2026, 11, 24)))
        >>> rules.refusal("https://example.org/calendar/2095/01", "calendar")
        'outside_window'
        >>> rules.refusal("https://example.org/en/en/en/show", "production")
        'repeated_segment'
        >>> rules.refusal("https://example.org/shows/carmen", "production") is None
        True
        """
        segments = path_segments(url)
        if len(segments) > MAX_SEGMENTS or len(parse_qsl(urlsplit(url).query)) > MAX_PARAMETERS:
            return "too_deep"
        if segments and (max(Counter(segments).values()) > MAX_SAME_SEGMENT or _repeats(segments)):
            return "repeated_segment"
        if self.window is not None and not any_meets(self.window, periods_named(url)):
            return "outside_window"
        return (
            "quota"
            if not self._count(f"found {_pattern(url, segments)}", _FOUND_OF_EACH_ASKED * _quota(kind))
            else None
        )

    def may_ask(self, url: str, kind: LinkType) -> bool:
        """Tell whether the quota of the address's pattern allows one more request, and count it."""
        return self._count(_pattern(url, path_segments(url)), _quota(kind))

    def _count(self, what: str, limit: int) -> bool:
        if self.counts[what] >= limit:
            return False
        self.counts[what] += 1
        return True


def _quota(kind: LinkType) -> int:
    return QUOTAS.get(kind, QUOTA_OF_OTHERS)


def any_meets(window: Window, periods: list[tuple[date, date]]) -> bool:
    """Tell whether a period touches the window; an address that names no time is inside."""
    return not periods or any(window.meets(first, last) for first, last in periods)


def periods_named(url: str) -> list[tuple[date, date]]:
    """Return the days, months, seasons or years that an address names.

    A number inside a title (``don-carlos-1867``) is no date, and four digits alone are a year only where the address
    goes on behind them, or where a calendar, season or archive stands before them: ``/event/2031`` is a number.

    >>> periods_named("https://example.org/kalender/2026-11")
    [(datetime.date(2026, 11, 1), datetime.date(2026, 11, 30))]
    >>> periods_named("https://example.org/saison-2019-20/aida")
    [(datetime.date(2019, 8, 1), datetime.date(2020, 7, 31))]
    >>> periods_named("https://example.org/don-carlos-1867"), periods_named("https://example.org/cal?month=3&year=2031")
    ([], [(datetime.date(2031, 3, 1), datetime.date(2031, 3, 31))])
    """
    segments = path_segments(url)
    parameters = parse_qsl(urlsplit(url).query)
    years = [int(value) for name, value in parameters if _YEAR_PARAMETER.fullmatch(name) and _YEAR.fullmatch(value)]
    months = [int(value) for name, value in parameters if _MONTH_PARAMETER.fullmatch(name) and _is_month(value)]
    written = [period for text in (*segments, *(value for _, value in parameters)) for period in _periods_in(text)]
    if years and months:
        return [_month(years[0], months[0])]
    return _split_months(segments) or written or [_year(year) for year in (*years, *_years_alone(segments))]


def _periods_in(text: str) -> Iterator[tuple[date, date]]:
    """Yield the periods written inside one segment or value; the finest reading of it only."""
    for pattern, order in ((_DAY, (1, 2, 3)), (_GERMAN_DAY, (3, 2, 1))):
        days = [tuple(int(match[group]) for group in order) for match in pattern.finditer(text)]
        if days:
            yield from (day for day in map(_day, days) if day)
            return
    if named := _month_named(text):
        yield named
        return
    if (short := _SHORT_SEASON.fullmatch(text)) and kind_of(short[1]) in _KINDS_WITH_YEARS:
        start, end = int(short[2]), int(short[3])
        if end == (start + 1) % 100:
            start += 1900 if start > _LATEST_SHORT_YEAR else 2000
            yield date(start, 8, 1), date(start + 1, 7, 31)
            return
    for season in _SEASON.finditer(text):
        start = int(season[1])
        if int(season[2]) % 100 == (start + 1) % 100:
            yield date(start, 8, 1), date(start + 1, 7, 31)
            return
    if month := _MONTH.fullmatch(text):
        yield _month(int(month[1]), int(month[2]))


def _month_named(text: str) -> tuple[date, date] | None:
    """Return the month that a month's name and a year stand for, the year where languages read the name differently.

    >>> _month_named("november-2026"), _month_named("listopad-2026")[0]
    ((datetime.date(2026, 11, 1), datetime.date(2026, 11, 30)), datetime.date(2026, 1, 1))
    """
    words = key(text).split()
    if len(words) != 2:
        return None
    year = next((word for word in words if _YEAR.fullmatch(word)), None)
    months = _month_numbers().get(next((word for word in words if word != year), ""), frozenset())
    if year is None or not months:
        return None
    return _month(int(year), min(months)) if len(months) == 1 else _year(int(year))


@cache
def _month_numbers() -> dict[str, frozenset[int]]:
    numbers: dict[str, set[int]] = {}
    for row in rows("months"):
        numbers.setdefault(key(row["form"]), set()).add(int(row["month"]))
    return {form: frozenset(months) for form, months in numbers.items()}


def _split_months(segments: list[str]) -> list[tuple[date, date]]:
    """Return the months written as two segments (``/2026/11``)."""
    numbered = [
        _month(int(year), int(month))
        for year, month in pairwise(segments)
        if _YEAR.fullmatch(year) and _is_month(month)
    ]
    return numbered or [named for pair in pairwise(segments) if (named := _month_named(" ".join(pair)))]


def _years_alone(segments: list[str]) -> Iterator[int]:
    for number, segment in enumerate(segments):
        is_last = number == len(segments) - 1
        if _YEAR.fullmatch(segment) and (
            not is_last or (number and kind_of(segments[number - 1]) in _KINDS_WITH_YEARS)
        ):
            yield int(segment)
        elif number and (season := _COMPACT_SEASON.fullmatch(segment)) and int(season[2]) == (int(season[1]) + 1) % 100:
            if kind_of(segments[number - 1]) in ("season", "archive"):
                yield int(season[1])
        elif len(years := _YEAR_WORD.findall(segment)) == 1 and kind_of(segment) in _KINDS_WITH_YEARS:
            yield int(years[0])


def _is_month(text: str) -> bool:
    return re.fullmatch(r"0?[1-9]|1[0-2]", text) is not None


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _day(parts: tuple[int, ...]) -> tuple[date, date] | None:
    try:
        day = date(parts[0], parts[1], parts[2])
    except ValueError:
        return None
    return day, day


def _month(year: int, month: int) -> tuple[date, date]:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


def _repeats(segments: list[str]) -> bool:
    """Tell whether a run of two or more segments follows itself (``/a/b/a/b``)."""
    return any(
        segments[start : start + length] == segments[start + length : start + 2 * length]
        for length in range(2, len(segments) // 2 + 1)
        for start in range(len(segments) - 2 * length + 1)
    )


def _pattern(url: str, segments: list[str]) -> str:
    opened = [re.sub(r"\d+", "0", segment) for segment in segments[:-1]]
    names = ",".join(sorted({name for name, _ in parse_qsl(urlsplit(url).query)}))
    return f"{host_port(url)}/{'/'.join(opened)}/*?{names}"
