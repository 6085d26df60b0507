"""Reads lengths of time and counts of intervals as opera houses print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from opera_spiders.extraction.vocabulary import primary, rows


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in minutes."""

    minutes: int
    start: int
    end: int
    printed: str


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
