"""Cuts a text into the tokens that dates and times are made of: numbers, months, weekdays, connecting words, marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opera_spiders.extraction.vocabulary import date_phrases, month_number, weekday_number
from opera_spiders.text import key

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
  | (?P<number>(?<![\d.,])\d{{1,2}}(?![\d])(?:st|nd|rd|th|m|er|ère|º|°|ª|-го|-е|:[ae])?(?![^\W\d_])(?:\.(?!\d))?)
  | (?P<digits>\d+(?:[.,]\d+)*)
  | (?P<word>t/m|[^\W\d_]+)
  | (?P<mark>\S|\n)
    """,
    re.IGNORECASE | re.VERBOSE,
)

_HOURS_BEHIND = re.compile(r"\s?(?:h|std|stunden|hrs?|hours?|heures?|ore|godz|hod|uur|tim|ч)\b", re.IGNORECASE)

RANGE_MARKS = frozenset("-–—‒−~〜～→>›")

LIST_MARKS = frozenset(",/&+·・、;")

HARD_MARKS = frozenset("|\n")

CURRENCY_SIGNS = frozenset("€$£¥₽%")

_PHRASE_KINDS = ("relative", "aside", "at", "to", "and", "beside")


@dataclass(slots=True)
class Token:
    """One piece of a text; ``value`` is the number, month or weekday it stands for, ``time`` HH:MM."""

    kind: str  # date, month, weekday, day, year, season, time, dotted, slash, and, to, beside, at, aside, word, mark
    start: int
    end: int
    text: str
    match: re.Match[str] | None = None
    value: int = 0
    time: str | None = None
    known_time: bool = True
    dot: bool = False


def clock_time(hour: int, minute: int, meridiem: str | None = None) -> tuple[bool, str | None]:
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


def date_tokens(text: str, language: str | None) -> list[Token]:
    """Return the tokens of a text, words named by what they are in this language (None: in any)."""
    tokens: list[Token] = []
    position = 0
    while match := _TOKEN.search(text, position):
        token = _token(match)
        if token.kind == "ymd" and tokens and tokens[-1].kind == "word" and month_number(tokens[-1].text, language):
            token = Token("year", token.start, token.start + 4, token.text[:4], value=int(token.text[:4]))
        tokens.append(token)
        position = token.end
    _name_words(tokens, language)
    _hours_alone(tokens)
    return tokens


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup  # the outermost: each alternative is one group around the others
    assert kind is not None
    token = Token(kind, match.start(), match.end(), match.group(), match)
    text = token.text
    clock: tuple[bool, str | None] | None = None
    if kind == "clock":
        clock = clock_time(int(match["kh"]), int(match["km"]), match["kp"])
        if int(match["kh"]) < 8 and not match["kp"] and _HOURS_BEHIND.match(match.string, match.end()):
            clock = (False, None)  # "4:20 h" is a length
    elif kind == "ampm":
        clock = clock_time(int(match["ah"]), int(match["am"] or 0), match["ap"])
    elif kind == "words":
        clock = clock_time(int(match["wh"]), int(match["wm"] or match["wm2"] or 0))
        if int(match["wh"]) <= 7 and not re.search(r"uhr|uur|kor$|sati", text, re.IGNORECASE):
            clock = (False, None)  # "3 h 15" is a length
    elif kind == "noon":
        clock = (True, "12:00")
    elif kind == "cjktime":
        hour = int(match["th"]) + (12 if match["half"] in ("午後", "오후") and int(match["th"]) < 12 else 0)
        clock = clock_time(hour, 30 if match["t30"] else int(match["tm"] or 0))
    elif kind == "number":
        token.kind, token.value = "day", int(re.match(r"\d+", text)[0])  # type: ignore[index]
        token.dot = text.endswith(".")
    elif kind == "year":
        token.value = int(text) if len(text) == 4 else 2000 + int(text[1:])
    elif kind == "season" and int(match["s2"]) % 100 != (int(match["s1"]) + 1) % 100:
        token.kind, token.value = "year", int(match["s1"])  # "2026 - 20h": the rest is read on its own
        token.text, token.end = match["s1"], token.start + 4
    if clock is not None:
        valid, token.time = clock
        token.kind = "time" if valid else "digits"
    return token


def _name_words(tokens: list[Token], language: str | None) -> None:
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


def _hours_alone(tokens: list[Token]) -> None:
    """Turn the number of "ore 20", "klo 19" or "at 8" into a time, unless a month makes it a day."""
    for index, token in enumerate(tokens[1:], 1):
        before = index - 1
        if tokens[before].text == "." and before:
            before -= 1
        if token.kind == "day" and tokens[before].kind == "at" and 8 <= token.value <= 23 and token.text.isdigit():
            following = tokens[index + 1] if index + 1 < len(tokens) else None
            if following is None or following.kind not in ("month", "beside", "and", "to", "month_or_weekday"):
                token.kind, token.time = "time", f"{token.value:02d}:00"
