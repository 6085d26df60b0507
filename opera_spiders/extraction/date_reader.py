"""One pass over the tokens of a text that collects days until the month that closes or opens their list."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from itertools import pairwise

from opera_spiders.extraction.date_tokens import CURRENCY_SIGNS, HARD_MARKS, LIST_MARKS, RANGE_MARKS, Token, clock_time
from opera_spiders.extraction.vocabulary import date_word

_REACH_WORDS = 8
"""How many words may stand between a date and its time."""


@dataclass(slots=True)
class Day:
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


class DateReader:
    """One pass over the tokens of a text."""

    def __init__(self, tokens: list[Token], month_first: bool | None, undecided: bool) -> None:
        self.tokens = tokens
        self.month_first = month_first
        self.undecided = undecided
        self.days: list[Day] = []
        self.pending: list[Day] = []
        self.open_month: tuple[int, int | None] | None = None  # month printed before its days
        self.month_year: int | None = None
        self.month_start = 0
        self.weekday: Token | None = None
        self.group = 0
        self.lead_time: str | None = None
        self.order: list[str] = []  # "T" and "D": does the time stand before its date?
        self.link = "none"
        self.words_since = 99
        self.aside = False
        self.depth = 0
        self.last_time_at: Token | None = None
        self.plain = not any(t.kind == "word" for t in tokens)
        self.year_before: int | None = None
        self.unclosed: list[Day] = []  # days of the last month, waiting for a year

    def read(self) -> list[Day]:
        """Return the days of the text, in order; their dates may lack the year."""
        for index, token in enumerate(self.tokens):
            handler = getattr(self, f"_on_{token.kind}", None)
            if handler:
                handler(token, index)
        return self.days

    # -- what stands between ------------------------------------------------------------------------------------

    def _on_word(self, token: Token, index: int) -> None:
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

    def _on_aside(self, token: Token, index: int) -> None:
        self.aside = True

    def _on_digits(self, token: Token, index: int) -> None:
        self._close()

    def _on_and(self, token: Token, index: int) -> None:
        self.link = "list"

    def _on_to(self, token: Token, index: int) -> None:
        self._opens_range()

    def _opens_range(self) -> None:
        self.link = "range"
        last = self.pending[-1] if self.pending else (self.days[-1] if self.days and self.words_since == 0 else None)
        if last is not None:
            last.opens_range = True

    def _on_mark(self, token: Token, index: int) -> None:
        if token.text in RANGE_MARKS:
            self._opens_range()
        elif token.text in LIST_MARKS:
            self.link = "list"
        elif token.text in HARD_MARKS:
            self.link = "hard"
        elif token.text == "(":
            self.depth += 1
        elif token.text == ")":
            self.depth = max(0, self.depth - 1)
        elif token.text in CURRENCY_SIGNS:
            self._close()
        elif token.text == "…":
            self.link = "list"

    def _on_weekday(self, token: Token, index: int) -> None:
        self.weekday = token

    # -- parts of dates -----------------------------------------------------------------------------------------

    def _on_day(self, token: Token, index: int) -> None:
        following = self._next(index)
        if not 1 <= token.value <= 31 or (following is not None and following.text in CURRENCY_SIGNS):
            self._close()
            return
        before = self.tokens[index - 1] if index else None
        if before is not None and (
            before.text in CURRENCY_SIGNS or date_word("numbered", before.text, None) is not None
        ):
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

    def _make(self, token: Token, day: int, month: int = 0, year: int | None = None) -> Day:
        made = Day(day, self.weekday.start if self.weekday else token.start, token.end, month, year)
        made.weekday = self.weekday.value if self.weekday else None
        self.weekday = None
        return made

    def _add(self, day: Day) -> None:
        if self.order[-1:] == ["T"] or self.words_since or self.link not in ("none", "list", "range") or not self.days:
            self.group += 1
        if self.order[-1:] != ["D"] or self.group != (self.days[-1].group if self.days else 0):
            self.order.append("D")
        day.group = self.group
        self.days.append(day)
        self.words_since, self.link, self.aside, self.last_time_at = 0, "none", False, None

    def _on_month(self, token: Token, index: int) -> None:
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

    def _add_pending(self, day: Day, first: bool) -> None:
        if first or self.days[-1].times:
            self.group += 1
            self.order.append("D")
        day.group = self.group
        if day.times:
            self.order.append("T")
        self.days.append(day)
        self.words_since, self.link, self.aside, self.last_time_at = 0, "none", False, None

    def _on_year(self, token: Token, index: int) -> None:
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

    def _on_iso(self, token: Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(token, int(m["id"]), int(m["im"]), int(m["iy"]), hour=m["ih"], minute=m["imin"], zone=m["zone"])

    def _on_compact(self, token: Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(
            token, int(m["cd"]), int(m["cm"]), int(m["cy"]), hour=m["ch"], minute=m["cmin"], zone=m["czone"] or None
        )

    def _on_cjk(self, token: Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(token, int(m["jd"]), int(m["jm"]), int(m["jy"]) if m["jy"] else None)

    def _on_ymd(self, token: Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._whole(token, int(m["yd"]), int(m["ym"]), int(m["yy"]))

    def _on_dmy(self, token: Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        self._numeric(token, int(m["da"]), int(m["db"]), int(m["dy"]), m["ds"])

    def _on_dmyy(self, token: Token, index: int) -> None:
        assert token.match is not None
        m = token.match
        year = int(m["ey"])
        self._numeric(token, int(m["ea"]), int(m["eb"]), year + (1900 if year >= 70 else 2000), m["es"])

    def _on_dm(self, token: Token, index: int) -> None:
        assert token.match is not None
        following = self._next(index)
        if following is not None and following.kind == "month" and int(token.match["gb"]) <= 31:
            # "5. 7. März": two days of a list
            for name in ("ga", "gb"):
                self.pending.append(self._make(token, int(token.match[name])))
            return
        self._numeric(token, int(token.match["ga"]), int(token.match["gb"]), None, ".")

    def _on_slash(self, token: Token, index: int) -> None:
        assert token.match is not None
        following = self._next(index)
        if self.weekday or self.depth or self.plain or (following is not None and following.kind == "time"):
            self._numeric(token, int(token.match["la"]), int(token.match["lb"]), None, "/")
        else:
            self._close()

    def _on_dotted(self, token: Token, index: int) -> None:
        """``19.30`` is a time after a date or "at"; ``14.3`` a date after a weekday or in a list of dates."""
        assert token.match is not None
        first, second = int(token.match["pa"]), int(token.match["pb"])
        before = self.tokens[index - 1] if index else None
        following = self._next(index)
        if (following is not None and following.text in CURRENCY_SIGNS) or (
            before is not None and before.text in CURRENCY_SIGNS
        ):
            self._close()
            return
        two_digits = len(token.match["pb"]) == 2
        valid, token.time = clock_time(first, second)
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

    def _numeric(self, token: Token, first: int, second: int, year: int | None, separator: str) -> None:
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
        token: Token,
        day: int,
        month: int,
        year: int | None,
        *,
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
            _, time = clock_time(int(hour), int(minute or 0))
            made.times.append((time, None))
            self.order.append("T")
            self.last_time_at = token

    # -- times --------------------------------------------------------------------------------------------------

    def _on_time(self, token: Token, index: int) -> None:
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
        last.opens_range = False
        if last.times and self.last_time_at is not None and self.words_since == 0:
            self._add_another_time(token, self.last_time_at, aside=aside)
        elif not last.times and not aside and self.words_since <= _REACH_WORDS:
            for day in self._group():
                if not day.times:
                    day.times.append((token.time, None))
            if self.words_since == 0:
                last.end = token.end
            self.order.append("T")
        else:
            self.order.append("T?")
        self.last_time_at = token
        self.link = "none"

    def _group(self) -> list[Day]:
        """The days of the last list: they share the time behind it."""
        return [day for day in self.days if day.group == self.days[-1].group]

    def _add_another_time(self, token: Token, before: Token, *, aside: bool) -> None:
        """A second time beside the first: the end of the evening, or a second evening of the day."""
        last = self.days[-1]
        if self.link == "range":
            start = _same_half(last.times[-1][0], before.text, token)
            for day in self._group():
                if day.times:
                    day.times[-1] = (start, token.time)
            last.end = token.end
        elif self.link in ("list", "none") and not aside and token.time:
            for day in self._group():
                day.times.append((token.time, None))
            last.end = token.end

    def _next(self, index: int) -> Token | None:
        """The next token that says something."""
        for token in self.tokens[index + 1 : index + 4]:
            if token.kind == "beside" or token.text in (".", "'", "’"):
                continue
            return token
        return None


def _same_half(start: str | None, start_printed: str, end: Token) -> str | None:
    """Return the start of "7.30–10pm" in the half of the day its end is printed with."""
    if start is None or end.time is None or end.match is None:
        return start
    printed = end.match.groupdict()
    if not (printed.get("ap") or printed.get("kp")) or re.search(r"[ap]\.?\s?m", start_printed, re.IGNORECASE):
        return start
    hour = int(start[:2])
    later = f"{hour + 12:02d}{start[2:]}"
    return later if hour < 12 and later <= end.time else start


def give_times_to_following(days: list[Day], order: list[str], lead: str | None) -> None:
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


def days_under(month: tuple[int | None, int], tokens: list[Token]) -> list[Day]:
    """Days printed alone under a heading that names month and year."""
    loose = DateReader(tokens, False, undecided=False)
    loose.open_month = (month[1], month[0])
    loose.month_year = month[0]
    for index, token in enumerate(tokens):
        if token.kind == "day" and not loose.days and (loose.weekday or _is_day(tokens, index)):
            behind = next((t for t in tokens[index + 1 :] if t.text not in HARD_MARKS), None)
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


def _is_day(tokens: list[Token], index: int) -> bool:
    """A bare number is a day when it opens a cell or line of its own or a weekday follows; in "12 – 84 €" it is not."""
    if index and tokens[index - 1].text not in HARD_MARKS:
        return False
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return following is None or following.kind in ("weekday", "time") or following.text in HARD_MARKS | {","}
