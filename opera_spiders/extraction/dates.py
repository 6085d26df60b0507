"""Reads dates, times, seasons and durations as opera houses print them, in every language of the vocabularies.

A text is cut into tokens (numbers, months, weekdays, connecting words, times), and one pass over them collects days
until the month that closes the list: *4, 5, 7 Aug 2026*, *dal 3 al 12 marzo*, *March 14, 19, … April 02*,
*2027. február 14.* and *14.3., 18.3.2026* are one grammar. What is not surely a date gives nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise

from opera_spiders.extraction.vocabulary import (
    date_phrases,
    date_word,
    month_number,
    primary,
    rows,
    weekday_number,
)
from opera_spiders.text import key

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
    """A season's label and the days it may cover: a calendar year, or 1 July to 31 August of the next year."""

    first: dt.date
    last: dt.date
    printed: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in minutes."""

    minutes: int
    start: int
    end: int
    printed: str


# ------------------------------------------------------------------------------------------------------------ tokens

_MERIDIEM = r"(?P<{0}>[ap]\.?\s?m\.?(?![^\W\d_]))"
_CLOCK_WORD = (
    r"(?:uhr|uur|órakor|óra|ó\.|heures?|h(?:rs|od)?\b\.?|sati|hodin[uy]?|годин[иі]?|час(?:ов|а|у)?|"
    r"godz\.?|val\.?|horas?|óra)(?![^\W\d_])"
)

_TOKEN = re.compile(
    rf"""
    (?P<iso>(?<!\d)(?P<iy>\d{{4}})-(?P<im>\d{{2}})-(?P<id>\d{{2}})(?!\d)
        (?:[T\s](?P<ih>\d{{2}}):(?P<imin>\d{{2}})(?::\d{{2}}(?:\.\d+)?)?\s?(?P<zone>Z|[+-]\d{{2}}:?\d{{2}})?)?)
  | (?P<compact>(?<![\d.,])(?P<cy>20\d{{2}})(?P<cm>0[1-9]|1[0-2])(?P<cd>[0-2]\d|3[01])
        (?:T(?P<ch>\d{{2}})(?P<cmin>\d{{2}})(?:\d{{2}})?(?P<czone>Z?))?(?!\d))
  | (?P<cjk>(?:(?P<jy>\d{{4}})\s?[年년]\s?)?(?P<jm>\d{{1,2}})\s?[月월]\s?(?P<jd>\d{{1,2}})\s?[日일])
  | (?P<ymd>(?<![\d.])(?P<yy>\d{{4}})\s?(?P<ys>[./-])\s?(?P<ym>\d{{1,2}})\s?(?P=ys)\s?(?P<yd>\d{{1,2}})(?!\d)\.?)
  | (?P<season>(?<!\d)(?P<s1>\d{{4}})\s?[/–-]\s?(?P<s2>\d{{4}}|\d{{2}})(?!\d))
  | (?P<dmy>(?<![\d.])(?P<da>\d{{1,2}})\s?(?P<ds>[./-])\s?(?P<db>\d{{1,2}})\s?(?P=ds)\s?(?P<dy>\d{{4}})(?!\d))
  | (?P<dmyy>(?<![\d.])(?P<ea>\d{{1,2}})(?P<es>[./])\s?(?P<eb>\d{{1,2}})(?P=es)'?(?P<ey>\d{{2}})(?![\d:h]|\.\d))
  | (?P<words>(?<!\d)(?P<wh>\d{{1,2}})(?:[.:](?P<wm>\d{{2}}))?\s?{_CLOCK_WORD}(?:\s?(?P<wm2>[0-5]\d)(?!\d))?)
  | (?P<clock>(?<!\d)(?P<kh>\d{{1,2}})\s?[:h]\s?(?P<km>\d{{2}})(?::\d{{2}})?(?!\d)(?:\s?{_MERIDIEM.format("kp")})?)
  | (?P<ampm>(?<![\d.])(?P<ah>\d{{1,2}})(?:\.(?P<am>\d{{2}}))?\s?{_MERIDIEM.format("ap")})
  | (?P<noon>(?<!\w)(?:12\s)?(?:noon|midday)(?!\w))
  | (?P<cjktime>(?P<half>午前|午後|오전|오후)?\s?
        (?P<th>\d{{1,2}})\s?[時时시](?:\s?(?P<tm>\d{{1,2}})\s?[分분]|(?P<t30>半))?)
  | (?P<dm>(?<![\d.])(?P<ga>\d{{1,2}})\.\s?(?P<gb>\d{{1,2}})\.(?!\d))
  | (?P<slash>(?<![\d./])(?P<la>\d{{1,2}})/(?P<lb>\d{{1,2}})(?![\d/]))
  | (?P<dotted>(?<![\d.])(?P<pa>\d{{1,2}})\.(?P<pb>\d{{1,2}})(?![\d]|\.\d))
  | (?P<year>(?<![\d.])(?:(?:1[6-9]|20)\d{{2}}|['’]\d{{2}})(?![\d]|[.,]\d))
  | (?P<number>(?<![\d.,])\d{{1,2}}(?![\d])(?:st|nd|rd|th|er|ère|º|°|ª|-го|-е|:[ae])?(?![^\W\d_])(?:\.(?!\d))?)
  | (?P<digits>\d+(?:[.,]\d+)*)
  | (?P<word>t/m|[^\W\d_]+)
  | (?P<mark>\S|\n)
    """,
    re.IGNORECASE | re.VERBOSE,
)

_HOURS_BEHIND = re.compile(r"\s?(?:h|std|stunden|hrs?|hours?|heures?|ore|godz|hod|uur|tim|ч)\b", re.IGNORECASE)
_RANGE_MARKS = frozenset("-–—‒−~〜～→")
_LIST_MARKS = frozenset(",/&+·・、;")
_HARD_MARKS = frozenset("|\n")
_CURRENCY = frozenset("€$£¥₽%")


@dataclass(slots=True)
class _Token:
    kind: str  # date, month, weekday, day, year, season, time, dotted, slash, and, to, beside, at, aside, word, mark
    start: int
    end: int
    text: str
    match: re.Match[str] | None = None
    value: int = 0
    time: str | None = None
    known_time: bool = True
    dot: bool = False


def _clock(hour: int, minute: int, meridiem: str | None = None) -> tuple[bool, str | None]:
    """Return (is a time of day, HH:MM or None for 00:00, which means unknown)."""
    if meridiem:
        if not 1 <= hour <= 12:
            return False, None
        hour = hour % 12 + (12 if meridiem.lower().startswith("p") else 0)
    if not (0 <= hour <= 24 and 0 <= minute <= 59):
        return False, None
    if (hour, minute) in ((0, 0), (24, 0)):
        return True, None
    return hour < 24, f"{hour:02d}:{minute:02d}"


_PHRASE_KINDS = ("relative", "aside", "at", "to", "and", "beside")


def _tokens(text: str, language: str | None) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while match := _TOKEN.search(text, position):
        token = _token(match)
        tokens.append(token)
        position = token.end
    _name_words(tokens, language)
    _hours_alone(tokens)
    return tokens


def _token(match: re.Match[str]) -> _Token:
    group = match.groupdict()
    kind = next(name for name in _TOP if group[name] is not None)
    token = _Token(kind, match.start(), match.end(), match.group(), match)
    text = token.text
    clock: tuple[bool, str | None] | None = None
    if kind == "clock":
        clock = _clock(int(group["kh"]), int(group["km"]), group["kp"])
        if int(group["kh"]) < 8 and not group["kp"] and _HOURS_BEHIND.match(match.string, match.end()):
            clock = (False, None)  # "4:20 h" is a length
    elif kind == "ampm":
        clock = _clock(int(group["ah"]), int(group["am"] or 0), group["ap"])
    elif kind == "words":
        clock = _clock(int(group["wh"]), int(group["wm"] or group["wm2"] or 0))
        if int(group["wh"]) <= 7 and not re.search(r"uhr|uur|kor$|sati", text, re.IGNORECASE):
            clock = (False, None)  # "3 h 15" is a length
    elif kind == "noon":
        clock = (True, "12:00")
    elif kind == "cjktime":
        hour = int(group["th"]) + (12 if group["half"] in ("午後", "오후") and int(group["th"]) < 12 else 0)
        clock = _clock(hour, 30 if group["t30"] else int(group["tm"] or 0))
    elif kind == "number":
        token.kind, token.value = "day", int(re.match(r"\d+", text)[0])  # type: ignore[index]
        token.dot = text.endswith(".")
    elif kind == "year":
        token.value = int(text) if len(text) == 4 else 2000 + int(text[1:])
    elif kind == "season" and int(group["s2"]) % 100 != (int(group["s1"]) + 1) % 100:
        token.kind, token.value = "year", int(group["s1"])  # "2026 - 20h": the rest is read on its own
        token.text, token.end = group["s1"], token.start + 4
    if clock is not None:
        valid, token.time = clock
        token.kind = "time" if valid else "digits"
    return token


_TOP = [
    "iso",
    "compact",
    "cjk",
    "ymd",
    "season",
    "dmy",
    "dmyy",
    "words",
    "clock",
    "ampm",
    "noon",
    "cjktime",
    "dm",
    "slash",
    "dotted",
    "year",
    "number",
    "digits",
    "word",
    "mark",
]


def _name_words(tokens: list[_Token], language: str | None) -> None:
    """Give the words their kinds: month, weekday, or a connecting word of ``date_words.csv``."""
    spoken = [t for t in tokens if t.kind == "word" or t.text not in "'’-."]
    words = [key(t.text).replace(" ", "") if t.kind == "word" else "\0" for t in spoken]
    for kind in _PHRASE_KINDS:
        for hit in date_phrases(kind, language).find(words):
            for number, token in enumerate(spoken[hit.first : hit.last]):
                if token.kind == "word":
                    token.kind = kind if number == 0 else "beside"
                    token.value = int(hit.value or 0)
    for token in spoken:
        if token.text.isalpha() and token.kind in ("word", "beside", "at", "to", "and"):
            month, weekday = month_number(token.text, language), weekday_number(token.text, language)
            if token.text == "may":  # the verb; the month is capitalised
                month = None
            if month and weekday:
                token.kind, token.value = "month_or_weekday", month * 10 + weekday
            elif month:
                token.kind, token.value = "month", month
            elif weekday and token.kind == "word":
                token.kind, token.value = "weekday", weekday
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.kind == "month_or_weekday":
            after_day = before is not None and before.kind in ("day", "beside")
            token.kind = "month" if after_day or after is None or after.kind == "year" else "weekday"
            token.value = token.value // 10 if token.kind == "month" else token.value % 10


def _hours_alone(tokens: list[_Token]) -> None:
    """Turn the number of "ore 20", "klo 19" or "at 8" into a time, unless a month makes it a day."""
    for index, token in enumerate(tokens[1:], 1):
        before = index - 1
        if tokens[before].text == "." and before:
            before -= 1
        if token.kind == "day" and tokens[before].kind == "at" and 8 <= token.value <= 23 and token.text.isdigit():
            following = tokens[index + 1] if index + 1 < len(tokens) else None
            if following is None or following.kind not in ("month", "beside", "and", "to", "month_or_weekday"):
                token.kind, token.time = "time", f"{token.value:02d}:00"


# ------------------------------------------------------------------------------------------------------------- dates


@dataclass(slots=True)
class _Day:
    """A day on its way to becoming a date."""

    day: int
    start: int
    end: int
    month: int = 0
    year: int | None = None
    weekday: int | None = None
    opens_range: bool = False
    times: list[tuple[str | None, str | None]] = field(default_factory=list)
    group: int = 0
    other_order: bool = False  # day and month may be the other way round
    offset: str | None = None
    absolute: dt.date | None = None
    dot: bool = False


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(self, tokens: list[_Token], month_first: bool | None, undecided: bool) -> None:
        self.tokens = tokens
        self.month_first = month_first
        self.undecided = undecided
        self.days: list[_Day] = []
        self.pending: list[_Day] = []
        self.open_month: tuple[int, int | None] | None = None  # month printed before its days
        self.month_year: int | None = None
        self.month_start = 0
        self.weekday: _Token | None = None
        self.group = 0
        self.lead_time: str | None = None
        self.order: list[str] = []  # "T" and "D": does the time stand before its date?
        self.link = "none"
        self.words_since = 99
        self.aside = False
        self.depth = 0
        self.last_time_at: _Token | None = None
        self.plain = not any(t.kind == "word" for t in tokens)
        self.year_before: int | None = None
        self.unclosed: list[_Day] = []  # days of the last month, waiting for a year

    def read(self) -> list[_Day]:
        for index, token in enumerate(self.tokens):
            handler = getattr(self, f"_on_{token.kind}", None)
            if handler:
                handler(token, index)
        return self.days

    # -- what stands between ------------------------------------------------------------------------------------

    def _on_word(self, token: _Token, index: int) -> None:
        if self.depth and (self.pending or self.open_month):
            return
        self.words_since += 1
        self._close()
        self.weekday = None

    def _close(self) -> None:
        if self.link == "range" and self.days:
            self.days[-1].opens_range = False  # the dash before "Opera House"
        self.pending, self.open_month, self.year_before = [], None, None
        self.unclosed = []
        self.link = "broken"

    def _on_aside(self, token: _Token, index: int) -> None:
        self.aside = True

    def _on_digits(self, token: _Token, index: int) -> None:
        self._close()

    def _on_and(self, token: _Token, index: int) -> None:
        self.link = "list"

    def _on_to(self, token: _Token, index: int) -> None:
        self._opens_range()

    def _opens_range(self) -> None:
        self.link = "range"
        last = self.pending[-1] if self.pending else (self.days[-1] if self.days and self.words_since == 0 else None)
        if last is not None:
            last.opens_range = True

    def _on_mark(self, token: _Token, index: int) -> None:
        if token.text in _RANGE_MARKS:
            self._opens_range()
        elif token.text in _LIST_MARKS:
            self.link = "list"
        elif token.text in _HARD_MARKS:
            self.link = "hard"
        elif token.text == "(":
            self.depth += 1
        elif token.text == ")":
            self.depth = max(0, self.depth - 1)
        elif token.text in _CURRENCY:
            self._close()
        elif token.text == "…":
            self.link = "list"

    def _on_weekday(self, token: _Token, index: int) -> None:
        self.weekday = token

    # -- parts of dates -----------------------------------------------------------------------------------------

    def _on_day(self, token: _Token, index: int) -> None:
        following = self._next(index)
        if not 1 <= token.value <= 31 or (following is not None and following.text in _CURRENCY):
            self._close()
            return
        before = self.tokens[index - 1] if index else None
        if before is not None and (before.text in _CURRENCY or date_word("numbered", before.text, None) is not None):
            return
        if self.open_month and not (following is not None and following.kind == "month" and self.link != "range"):
            month, year = self.open_month
            last = self.days[-1] if self.days else None
            fresh = last is None or last.month != month or self.link in ("list", "range")
            if (self.month_year is None or self.weekday or token.dot) and (fresh or self.weekday):
                day = self._make(token, token.value, month, year)
                day.start = min(day.start, self.month_start)
                self.month_start = len(token.match.string) if token.match else day.end
                self._add(day)
                self.unclosed.append(day)
                return
        if self.link == "hard":
            self.pending = []
        day = self._make(token, token.value)
        day.dot = token.dot
        self.pending.append(day)
        self.link = "none"

    def _make(self, token: _Token, day: int, month: int = 0, year: int | None = None) -> _Day:
        made = _Day(day, self.weekday.start if self.weekday else token.start, token.end, month, year)
        made.weekday = self.weekday.value if self.weekday else None
        self.weekday = None
        return made

    def _add(self, day: _Day) -> None:
        if self.order[-1:] == ["T"] or self.words_since or self.link not in ("none", "list", "range") or not self.days:
            self.group += 1
        if self.order[-1:] != ["D"] or self.group != (self.days[-1].group if self.days else 0):
            self.order.append("D")
        day.group = self.group
        self.days.append(day)
        self.words_since, self.link, self.aside, self.last_time_at = 0, "none", False, None

    def _on_month(self, token: _Token, index: int) -> None:
        following = self._next(index)
        ahead = following is not None and following.kind == "year"
        if self.pending and self.link == "list":
            self.pending = []  # "14, 19, … April 02": the days before belong to a month printed elsewhere
        if self.pending:
            self._settle(token.value, None)
            self.days[-1].end = token.end
            self.open_month = None
        else:
            self.open_month = (token.value, None if ahead else self.year_before)
            self.month_start = token.start
            self.unclosed = []
        self.month_year = following.value if following is not None and ahead else None

    def _settle(self, month: int, year: int | None) -> None:
        """The month that closes the days waiting for it."""
        pending, self.pending = self.pending, []
        if self.year_before is not None and year is None:
            year = self.year_before
        self.unclosed = []
        for number, day in enumerate(pending):
            day.month, day.year = month, year
            saved_link = "none" if number == 0 else "list"
            self.link = saved_link if not day.opens_range else "range"
            if number and self.order[-1:] == ["T"]:
                self.order.append("D")
            self._add_pending(day, first=number == 0)
            self.unclosed.append(day)

    def _add_pending(self, day: _Day, first: bool) -> None:
        if first or self.days[-1].times:
            self.group += 1
            self.order.append("D")
        day.group = self.group
        if day.times:
            self.order.append("T")
        self.days.append(day)
        self.words_since, self.link, self.aside, self.last_time_at = 0, "none", False, None

    def _on_year(self, token: _Token, index: int) -> None:
        if self.unclosed and self.unclosed[-1].year is None:
            for day in self.unclosed:
                day.year = token.value
            self.days[-1].end = max(self.days[-1].end, token.end)
            self.unclosed = []
            self.open_month = None
        elif self.open_month and self.open_month[1] is None:
            self.open_month = (self.open_month[0], token.value)
        else:
            self.year_before = token.value

    def _on_iso(self, token: _Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(token, int(m["id"]), int(m["im"]), int(m["iy"]), m["ih"], m["imin"], m["zone"])

    def _on_compact(self, token: _Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(token, int(m["cd"]), int(m["cm"]), int(m["cy"]), m["ch"], m["cmin"], m["czone"] or None)

    def _on_cjk(self, token: _Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(token, int(m["jd"]), int(m["jm"]), int(m["jy"]) if m["jy"] else None)

    def _on_ymd(self, token: _Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(token, int(m["yd"]), int(m["ym"]), int(m["yy"]))

    def _on_dmy(self, token: _Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._numeric(token, int(m["da"]), int(m["db"]), int(m["dy"]), m["ds"])

    def _on_dmyy(self, token: _Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        year = int(m["ey"])
        self._numeric(token, int(m["ea"]), int(m["eb"]), year + (1900 if year >= 70 else 2000), m["es"])

    def _on_dm(self, token: _Token, index: int) -> None:
        assert token.match is not None
        following = self._next(index)
        if following is not None and following.kind == "month" and int(token.match["gb"]) <= 31:
            # "5. 7. März": two days of a list
            for name in ("ga", "gb"):
                self.pending.append(self._make(token, int(token.match[name])))
            return
        self._numeric(token, int(token.match["ga"]), int(token.match["gb"]), None, ".")

    def _on_slash(self, token: _Token, index: int) -> None:
        assert token.match is not None
        following = self._next(index)
        if self.weekday or self.depth or self.plain or (following is not None and following.kind == "time"):
            self._numeric(token, int(token.match["la"]), int(token.match["lb"]), None, "/")
        else:
            self._close()

    def _on_dotted(self, token: _Token, index: int) -> None:
        """``19.30`` is a time after a date or "at"; ``14.3`` a date after a weekday or in a list of dates."""
        assert token.match is not None
        first, second = int(token.match["pa"]), int(token.match["pb"])
        before = self.tokens[index - 1] if index else None
        following = self._next(index)
        if (following is not None and following.text in _CURRENCY) or (before is not None and before.text in _CURRENCY):
            self._close()
            return
        two_digits = len(token.match["pb"]) == 2
        valid, token.time = _clock(first, second)
        after_at = before is not None and (
            before.kind == "at" or (before.text == "." and index > 1 and self.tokens[index - 2].kind == "at")
        )
        in_range = self.last_time_at is not None and self.link == "range"
        if (
            valid
            and two_digits
            and (
                after_at
                or in_range
                or ((self.days or self.pending) and second % 5 == 0 and not self.weekday and self.words_since < 9)
            )
        ):
            token.kind = "time"
            self._on_time(token, index)
        elif (
            1 <= second <= 12
            and 1 <= first <= 31
            and (self.weekday or ((self.depth or self.plain) and not (two_digits and second % 5 == 0 and first >= 9)))
        ):
            self._numeric(token, first, second, None, ".")
        elif valid and two_digits and self.plain and second % 5 == 0 and first >= 9:
            token.kind = "time"
            self._on_time(token, index)
        else:
            self._close()

    def _numeric(self, token: _Token, first: int, second: int, year: int | None, separator: str) -> None:
        month_first = self.month_first if separator != "." else False
        swap = bool(month_first)
        unsure = False
        if separator != ".":
            if first > 12:
                swap = False
            elif second > 12:
                swap = True
            else:
                unsure = self.undecided and month_first is None and first != second
        day, month = (second, first) if swap else (first, second)
        self._whole(token, day, month, year, other_order=unsure)

    def _whole(
        self,
        token: _Token,
        day: int,
        month: int,
        year: int | None,
        hour: str | None = None,
        minute: str | None = None,
        zone: str | None = None,
        other_order: bool = False,
    ) -> None:
        if not (1 <= month <= 12 and 1 <= day <= 31):
            self._close()
            return
        # "3., 5. und 7.3.2026" and "3.–12.3.2026": days before a numeric date share its month.
        if (
            self.pending
            and all(p.dot or p.opens_range or p.weekday for p in self.pending)
            and self.link in ("list", "range")
        ):
            range_open = self.link == "range"
            self._settle(month, year)
            self.link = "range" if range_open else "list"
        else:
            self.pending = []
        self.open_month = None
        made = self._make(token, day, month, year)
        made.other_order = other_order
        made.offset = zone
        self._add(made)
        self.unclosed = [made] if year is None else []
        if hour is not None:
            _, time = _clock(int(hour), int(minute or 0))
            made.times.append((time, None))
            self.order.append("T")
            self.last_time_at = token

    # -- times --------------------------------------------------------------------------------------------------

    def _on_time(self, token: _Token, index: int) -> None:
        aside, self.aside = self.aside, False
        if self.pending:
            if not self.pending[-1].times:
                self.pending[-1].times.append((token.time, None))
            self.pending[-1].opens_range = False
            self.last_time_at = token
            self.link = "none"
            return
        if not self.days:
            if not self.order:
                self.order.append("T")
                self.lead_time = token.time
            return
        last = self.days[-1]
        group = [day for day in self.days if day.group == last.group]
        last.opens_range = False
        if last.times and self.last_time_at is not None and self.words_since == 0:
            if self.link == "range":
                start_time = last.times[-1][0]
                for day in group:
                    if day.times:
                        day.times[-1] = (_same_half(start_time, self.last_time_at.text, token), token.time)
                last.end = token.end
            elif self.link in ("list", "none") and not aside and token.time:
                for day in group:
                    day.times.append((token.time, None))
                last.end = token.end
        elif not last.times and not aside and self.words_since <= 8:
            for day in group:
                if not day.times:
                    day.times.append((token.time, None))
            if self.words_since == 0:
                last.end = token.end
            self.order.append("T")
        else:
            self.order.append("T?")
        self.last_time_at = token
        self.words_since = 0 if self.words_since == 0 else self.words_since
        self.link = "none"
        self.open_month = self.open_month if self.open_month else None

    def _next(self, index: int) -> _Token | None:
        """The next token that says something."""
        for token in self.tokens[index + 1 : index + 4]:
            if token.kind == "beside" or token.text in (".", "'", "’"):
                continue
            return token
        return None


def _same_half(start: str | None, start_printed: str, end: _Token) -> str | None:
    """Return the start of "7.30–10pm" in the half of the day its end is printed with."""
    if start is None or end.time is None or end.match is None:
        return start
    printed = end.match.groupdict()
    if not (printed.get("ap") or printed.get("kp")) or re.search(r"[ap]\.?\s?m", start_printed, re.IGNORECASE):
        return start
    hour = int(start[:2])
    later = f"{hour + 12:02d}{start[2:]}"
    return later if hour < 12 and later <= end.time else start


def _times_before(days: list[_Day], order: list[str], lead: str | None) -> None:
    """Move times to the date that follows them when the text prints each time before its date."""
    if lead is None or not days:
        return
    if not any(day.times for day in days):
        if len({day.group for day in days}) == 1:
            for day in days:
                day.times.append((lead, None))
        return
    if order[0] == "T" and order[-1] == "D" and all(a != b for a, b in pairwise(order)):
        carried: list[tuple[str | None, str | None]] = [(lead, None)]
        for group in dict.fromkeys(day.group for day in days):
            members = [day for day in days if day.group == group]
            taken = list(members[0].times)
            for day in members:
                day.times = list(carried)
            carried = taken


# -------------------------------------------------------------------------------------------------------- year and all


def _safe_date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _infer_year(day: _Day, reference: dt.date, season: tuple[dt.date, dt.date] | None) -> dt.date | None:
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
    days: list[_Day], reference: dt.date, season: tuple[dt.date, dt.date] | None, text: str
) -> list[tuple[_Day, dt.date | None, bool]]:
    known = [day.absolute or (_safe_date(day.year, day.month, day.day) if day.year else None) for day in days]
    result: list[tuple[_Day, dt.date | None, bool]] = []
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


def _from_neighbour(days: list[_Day], known: list[dt.date | None], index: int) -> tuple[dt.date | None, bool]:
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
    tokens = _tokens(text, code)
    reader = _Reader(tokens, month_first, undecided=month_first is None)
    days = reader.read()
    _times_before(days, reader.order, reader.lead_time)
    if month is not None and not days:
        days = _days_under(month, reader, tokens)
    relative = _relative(tokens, reference, days)
    if relative is not None:
        days = [relative, *days]
    if season is None:
        season = next(((s.first, s.last) for s in find_seasons(text)), None)
    return tuple(_hits(_dates(days, reference, season, text), text))


def _days_under(month: tuple[int | None, int], reader: _Reader, tokens: list[_Token]) -> list[_Day]:
    """Days printed alone under a heading that names month and year."""
    loose = _Reader(tokens, False, undecided=False)
    loose.open_month = (month[1], month[0])
    loose.month_year = month[0]
    for index, token in enumerate(tokens):
        if token.kind == "day" and not loose.days and (loose.weekday or _is_day(tokens, index)):
            behind = next((t for t in tokens[index + 1 :] if t.text not in _HARD_MARKS), None)
            if loose.weekday is None and behind is not None and behind.kind == "weekday":
                loose.weekday = behind
            day = loose._make(token, token.value, month[1], month[0])
            day.start = min(day.start, token.start)
            if 1 <= token.value <= 31:
                loose._add(day)
        elif token.kind in ("weekday", "time", "dotted", "mark", "and", "to", "aside", "at", "beside"):
            getattr(loose, f"_on_{token.kind}", lambda *_: None)(token, index)
        elif token.kind == "word":
            loose.words_since += 1
    for day in loose.days:
        day.opens_range = False
    return loose.days


def _is_day(tokens: list[_Token], index: int) -> bool:
    """A bare number is a day when it opens a cell or line of its own or a weekday follows; in "12 – 84 €" it is not."""
    if index and tokens[index - 1].text not in _HARD_MARKS:
        return False
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return following is None or following.kind in ("weekday", "time") or following.text in _HARD_MARKS | {","}


def _relative(tokens: list[_Token], reference: dt.date, days: list[_Day]) -> _Day | None:
    """*Today* and its kin count as the first word of a text, before a time, a weekday or nothing."""
    if not tokens or tokens[0].kind != "relative":
        return None
    rest = [token for token in tokens[1:] if token.kind != "beside"]
    if rest and rest[0].kind not in ("weekday", "time", "at", "dotted", "mark", "day", "date", "dmy", "iso"):
        return None
    if days and days[0].start - tokens[0].end <= 15:
        return None
    made = _Day(0, tokens[0].start, tokens[0].end, absolute=reference + dt.timedelta(days=tokens[0].value))
    for token in rest[:4]:
        if token.kind == "time":
            made.times.append((token.time, None))
            made.end = token.end
            break
        if token.kind not in ("at", "mark", "weekday"):
            break
    return made


def _hits(dated: list[tuple[_Day, dt.date | None, bool]], text: str) -> Iterator[DateHit]:
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
    tokens = _tokens(text, primary(language))
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
            time = _clock(int(hour), int(minute))[1] if hour else None
        if token.kind == "dotted" and token.match is not None and len(token.match["pb"]) == 2:
            valid, clock = _clock(int(token.match["pa"]), int(token.match["pb"]))
            near = tokens[max(0, index - 2) : index]
            following = tokens[index + 1].text if index + 1 < len(tokens) else ""
            dated = any(t.kind in _DATE_KINDS for t in tokens[:index])
            if valid and following not in _CURRENCY and not any(t.text in _CURRENCY for t in near):
                if any(t.kind == "at" for t in near) or (int(token.match["pb"]) % 5 == 0 and (plain or dated)):
                    time = clock
        if time:
            hits.append(TimeHit(time, token.start, token.end, token.text))
    return tuple(hits)


_DATE_KINDS = frozenset({"iso", "compact", "cjk", "ymd", "dmy", "dmyy", "dm", "month", "weekday"})


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
    tokens = _tokens(text, primary(language))
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


# --------------------------------------------------------------------------------------------------------- durations


@cache
def _duration_words(kind: str) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for row in rows("duration_words"):
        if row["kind"] == kind:
            words.setdefault(row["language"], {})[row["word"].casefold()] = row["value"]
    return words


@cache
def _alternatives(kind: str, language: str | None) -> str:
    words = _duration_words(kind)
    of_language = words.get(language or "", {}) if language in words else {w: "" for ws in words.values() for w in ws}
    every = {**of_language, **words.get("mul", {}), **words.get("en", {})}
    return "|".join(re.escape(word) for word in sorted(every, key=len, reverse=True))


@cache
def _duration_pattern(language: str | None) -> re.Pattern[str]:
    hour, minute = _alternatives("hour", language), _alternatives("minute", language)
    half = _alternatives("half", language)
    number = _alternatives("number", language)
    conjunction = "|".join(
        re.escape(w) for w in ("and", "und", "et", "e", "y", "i", "och", "og", "ja", "és", "a", "en", "и")
    )
    end = r"(?![^\W\d_])"
    return re.compile(
        rf"""
        (?<![\d.,:])(?:
          (?P<colon_h>\d{{1,2}}):(?P<colon_m>[0-5]\d)\s?(?:{hour}){end}
        | (?:(?P<h>\d{{1,2}})(?P<frac>[.,]\d{{1,2}}|\s?½|\s1/2)?|(?<!\w)(?P<hw>{number}))\s?-?(?:{hour}){end}
          (?:\s?(?P<half>{half})(?!\w)
          | \s?(?:,|(?:{conjunction})\s)?\s?(?P<m>[0-5]?\d)(?!\d)(?:\s?-?(?:{minute}){end}|(?![\d:.,]|\s?%)))?
        | (?P<only>\d{{2,3}})\s?-?(?:{minute}){end}
        | PT(?:(?P<iso_h>\d{{1,2}})H)?(?:(?P<iso_m>\d{{1,3}})M)?(?:\d+S)?
        )""",
        re.IGNORECASE | re.VERBOSE,
    )


@lru_cache(maxsize=16_384)
def find_durations(text: str, language: str | None) -> tuple[Duration, ...]:
    """Return the lengths of time a text prints: *ca. 4:20 h*, *3 h 15*, *2 Stunden 30 Minuten*, *2h45*, *180 min*.

    Hours of more than seven are times of day (*19h30*) and are left out.
    """
    language = primary(language)
    found = []
    for match in _duration_pattern(language).finditer(text):
        group = match.groupdict()
        if group["only"]:
            minutes = int(group["only"])
        elif group["iso_h"] or group["iso_m"]:
            minutes = int(group["iso_h"] or 0) * 60 + int(group["iso_m"] or 0)
        elif group["colon_h"]:
            minutes = int(group["colon_h"]) * 60 + int(group["colon_m"])
        elif group["h"] or group["hw"]:
            hours = int(group["h"]) if group["h"] else _number_word(group["hw"], language)
            if hours > 7:
                continue
            minutes = hours * 60 + int(group["m"] or 0) + (30 if group["half"] else 0)
            if group["frac"]:
                fraction = group["frac"].strip()
                minutes += 30 if fraction in ("½", "1/2") else round(float("0." + fraction[1:]) * 60)
        else:
            continue
        if 0 < minutes <= 1000:
            found.append(Duration(minutes, match.start(), match.end(), match.group()))
    return tuple(found)


def _number_word(word: str, language: str | None) -> int:
    words = _duration_words("number")
    value = words.get(language or "", {}).get(word.casefold()) or words["en"].get(word.casefold())
    if value is None:
        value = next(ws[word.casefold()] for ws in words.values() if word.casefold() in ws)
    return int(value)


@cache
def _interval_pattern(language: str | None) -> re.Pattern[str]:
    interval, without = _alternatives("interval", language), _alternatives("without", language)
    number, including = _alternatives("number", language), _alternatives("including", language)
    return re.compile(
        rf"""(?<![\w])(?:
          (?P<none>{without})\s?(?:{interval})(?!\w) | (?:{interval})\s(?P<none_after>nélkül)(?!\w)
        | (?P<digit>\d)\s?(?:x\s)?(?:{interval})(?!\w)
        | (?P<word>{number})\s(?:(?:kurze|short|lange|long|\d{{2}}[- ]min\w*|\d{{2}}[- ]minute)\s)?(?:{interval})(?!\w)
        | (?:{including})\s(?P<one>{interval})(?!\w)
        )""",
        re.IGNORECASE | re.VERBOSE,
    )


@lru_cache(maxsize=16_384)
def find_intermissions(text: str, language: str | None) -> tuple[Duration, ...]:
    """Return counts of intervals as hits whose ``minutes`` is the count: *zwei Pausen* 2, *sans entracte* 0."""
    language = primary(language)
    found = []
    for match in _interval_pattern(language).finditer(text):
        if match["none"] or match["none_after"]:
            count = 0
        elif match["digit"]:
            count = int(match["digit"])
        elif match["word"]:
            count = _number_word(match["word"], language)
        else:
            count = 1
        found.append(Duration(count, match.start(), match.end(), match.group()))
    return tuple(found)
