"""Tells persons, ensembles and placeholders apart, and takes names from the text around them.

Conservative: what is not surely a person's name is ``other``, and a list is only split where every part is a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from opera_spiders.extraction.vocabulary import (
    credit_functions,
    date_word,
    is_role_name,
    month_number,
    primary,
    rows,
    voice_type,
    weekday_number,
    works_titled,
)
from opera_spiders.text import key

NameKind = Literal["person", "ensemble", "placeholder", "other"]


@dataclass(frozen=True, slots=True)
class PrintedName:
    """A name with what stands around it.

    ``marks`` are signs that lead to a footnote (``*``, ``°``, ``1``) and honorifics; ``nights`` the text of a bracket
    with dates (*14.3., 18.3.*); ``note`` any other bracket or a voice type; ``replaces`` whom she is said to replace.
    """

    name: str
    kind: NameKind
    marks: tuple[str, ...] = ()
    nights: str | None = None
    note: str | None = None
    replaces: str | None = None


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(key(row["word"]) for row in rows("name_words") if row["kind"] == kind)


@cache
def _printed_words(kind: str) -> tuple[str, ...]:
    words = {row["word"] for row in rows("name_words") if row["kind"] == kind}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


_MARKS = re.compile(r"[*°†‡§¹²³⁴⁵⁶⁷⁸⁹#^]+|(?<=[^\W\d_])\d{1,2}\)?$|^\d{1,2}\)\s")
_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’.·‑-][^\W\d_]+)*[.’']?")
_CJK_NAME = re.compile(
    r"^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,6}([ \u3000・][\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,6})?$"
)
_DATE_INSIDE = re.compile(
    r"\d{1,2}\s?[./]\s?\d{1,2}|\d{1,2}\.|\b\d{1,2}\s?[^\W\d_]{3,}|[^\W\d_]{3,}\s\d{1,2}\b|\d{4}-\d{2}-\d{2}"
)


def bare_days(text: str) -> tuple[int, ...]:
    """Return the days of the month that a text lists and nothing else, at least one of them behind a comma.

    >>> bare_days("22, 26"), bare_days("1, 3 Feb"), bare_days("2")
    ((22, 26), (), ())
    """
    if not re.fullmatch(r"\s*\d{1,2}(?:\s*[,;/+&]\s*\d{1,2}|\s+[^\W\d_]{1,3}\s+\d{1,2})+\s*", text):
        return ()
    days = tuple(map(int, re.findall(r"\d+", text)))
    return days if all(1 <= day <= 31 for day in days) else ()


def is_placeholder(text: str) -> bool:
    """Tell whether a text stands for a name not known yet: *N. N.*, *TBA*."""
    return key(text) in _words("placeholder")


@lru_cache(maxsize=32_768)
def is_ensemble(text: str) -> bool:
    """Tell whether a text names an orchestra, chorus, ballet, company or other group."""
    words = key(text).split()
    ensemble = _words("ensemble")
    if any(word in ensemble for word in words):
        return True
    return any(len(word) > 8 and word.endswith(_ENSEMBLE_ENDINGS) for word in words)


_ENSEMBLE_ENDINGS = ("orchester", "chor", "philharmoniker", "kapelle", "ensemble", "orkester", "zenekar", "symphoniker")


@lru_cache(maxsize=65_536)
def is_person(text: str, language: str | None = None) -> bool:
    """Tell whether a text is surely one person's name: two to six capitalised words, none of them another thing."""
    text = text.strip(" ,;:")
    if _CJK_NAME.match(text):
        return not credit_functions(text, language) and voice_type(text) is None
    words = text.split()
    return _has_the_shape_of_a_name(text, words) and not _is_another_thing(text, words, language)


def _has_the_shape_of_a_name(text: str, words: list[str]) -> bool:
    """Capitalised words and particles, no digits, no marks of sentences and addresses."""
    if not (3 <= len(text) <= 60 and 2 <= len(words) <= 6) or _NO_NAME.search(text):
        return False
    particles, never = _words("particle"), _words("not_name")
    folded = [key(word) for word in words]
    capitalised = 0
    for word, bare in zip(words, folded, strict=True):
        if not _NAME_WORD.fullmatch(word.strip(",")):
            return False
        if word[0].isupper() or (len(word) > 2 and word[1] in "'’" and word[2].isupper()):
            capitalised += 1
        elif bare not in particles and not (word[0].lower() == "d" and word[1:2] in "'’"):
            return False
    return capitalised >= 2 and not {folded[0], folded[-1]} & never and folded[-1] not in _NEVER_LAST


def _is_another_thing(text: str, words: list[str], language: str | None) -> bool:
    """A placeholder, a group, a label, a role, a title, or a phrase that begins with a day or month."""
    first = words[0]
    return bool(
        is_placeholder(text)
        or is_ensemble(text)
        or credit_functions(text, language)
        or voice_type(text)
        or is_role_name(text)
        or works_titled(text)
        or (
            key(first) not in _words("given")  # Domingo, August, Marta
            and (
                (len(first) > 3 and weekday_number(first, language))
                or (len(first) > 4 and len(words) == 2 and month_number(first, language))
            )
        )
    )


_NO_NAME = re.compile(r"[\d:;!?@/|€$£%&»«„“”\"()\[\]]|\.{2}|…")
_NEVER_LAST = frozenset(
    {"de", "di", "du", "van", "von", "vom", "der", "den", "del", "della", "la", "le", "und", "zu", "zur"}
)


def name_kind(text: str, language: str | None = None) -> NameKind:
    """Return what a text names."""
    if is_placeholder(text):
        return "placeholder"
    if is_person(text, language):
        return "person"
    return "ensemble" if is_ensemble(text) else "other"


_ALWAYS_SPLITS = re.compile(r"\s+/\s+|\s*[;|\n•·]\s*|\s+&\s+|(?<=[^\W\d_.])/(?=[^\W\d_])")


@cache
def _conjunction(language: str | None) -> re.Pattern[str]:
    words = {
        row["word"]
        for row in rows("date_words")
        if row["kind"] == "and" and (row["language"] in (language, "en") or language is None) and len(row["word"]) > 1
    }
    words |= {row["word"] for row in rows("date_words") if row["kind"] == "and" and row["language"] == language}
    return re.compile(rf"\s*,\s+|\s+(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})\s+")


def split_names(text: str, language: str | None = None) -> tuple[str, ...]:
    """Return the names of a list: *A / B*, *A, B und C*; brackets are kept with their name.

    A comma or "und" splits only when every part is a person, an ensemble or a placeholder, so *Surname, Given* and
    *Chor und Orchester der Oper* stay whole.
    """
    parts: list[str] = []
    for piece in _outside_brackets(text, _ALWAYS_SPLITS):
        pieces = [part for part in _outside_brackets(piece, _conjunction(primary(language))) if part.strip()]
        kinds = [_bare_kind(part, language) for part in pieces]
        if len(pieces) > 1 and all(kind in ("person", "placeholder") for kind in kinds):
            parts.extend(pieces)
        else:
            parts.append(piece)
    return tuple(part.strip() for part in parts if part.strip(" ,;"))


def _bare_kind(text: str, language: str | None) -> NameKind:
    name = _read_one(text, language)
    return name.kind


def _outside_brackets(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Split at a pattern, but not inside brackets."""
    hidden = _BRACKET.sub(lambda match: match.group().replace(match.group(1), "\0" * len(match.group(1))), text)
    pieces, start = [], 0
    for match in pattern.finditer(hidden):
        pieces.append(text[start : match.start()])
        start = match.end()
    pieces.append(text[start:])
    return pieces


@lru_cache(maxsize=32_768)
def read_names(text: str, language: str | None = None) -> tuple[PrintedName, ...]:
    """Return the names a text lists, each freed of marks, honorifics, brackets, voice type and "as guest".

    >>> [(name.name, name.nights) for name in read_names("Anna Beispiel* (14.3., 18.3.) / N. N.", "de")]
    [('Anna Beispiel', '14.3., 18.3.'), ('N. N.', None)]
    """
    return tuple(_read_one(part, language) for part in split_names(text, language))


@lru_cache(maxsize=32_768)
def _read_one(text: str, language: str | None) -> PrintedName:
    printed = " ".join(text.split())
    nights = note = replaces = None
    marks: list[str] = []
    if not is_placeholder(printed):
        for match in _BRACKET.finditer(printed):
            inside = match.group(1).strip()
            instead = _instead_of(inside)
            if instead is not None:
                replaces = replaces or instead
            elif _DATE_INSIDE.search(inside) or bare_days(inside):
                nights = f"{nights}, {inside}" if nights else inside
            elif inside and re.fullmatch(r"[*°†\d]+", inside):
                marks.append(inside)
            elif inside:
                note = note or inside
        printed = _BRACKET.sub("", printed).strip()
        instead = _instead_of(printed)
        if instead is not None:
            cut = _instead_start(printed)
            replaces, printed = replaces or instead, printed[:cut].strip(" ,*–—-")
        marks += [mark.strip() for mark in _MARKS.findall(printed)]
        printed = _MARKS.sub("", printed).strip(" ,;:–—")
        printed, titles = _without_titles(printed)
        marks += titles
        printed, voice = _without_voice(printed)
        note = note or voice
    return PrintedName(printed, name_kind(printed, language), tuple(marks), nights, note, replaces)


@cache
def _instead_pattern() -> re.Pattern[str]:
    words = "|".join(map(re.escape, _printed_words("instead")))
    return re.compile(rf"(?:^|[\s,*–—-])(?:{words})\s+(?P<whom>.+)$", re.IGNORECASE)


def _instead_of(text: str) -> str | None:
    match = _instead_pattern().search(text)
    return match["whom"].strip(" .,;") if match else None


def _instead_start(text: str) -> int:
    match = _instead_pattern().search(text)
    return match.start() if match else len(text)


def _without_titles(text: str) -> tuple[str, list[str]]:
    titles = []
    changed = True
    while changed:
        changed = False
        for title in _printed_words("honorific"):
            if text.startswith(title + " ") and len(text.split()) > 2:
                titles.append(title)
                text = text[len(title) :].strip()
                changed = True
        for suffix in _printed_words("suffix"):
            if text.endswith((" " + suffix, "," + suffix)) and (len(text.split()) > 2 or suffix[0].islower()):
                titles.append(suffix)
                text = text[: -len(suffix)].strip(" ,")
                changed = True
    return text, titles


def _without_voice(text: str) -> tuple[str, str | None]:
    match = re.search(r"\s*(?:,|[–—]|\s-)\s*([^,–—]+)$", text)
    if match and voice_type(match[1]) is not None:
        return text[: match.start()].strip(), match[1].strip()
    return text, None


def name_words(text: str) -> tuple[str, ...]:
    """Return a name's words folded and sorted, so that *Surname, Given* and Hungarian order compare equal."""
    return tuple(sorted(key(text).split()))


def is_night_word(text: str, language: str | None) -> bool:
    """Tell whether a word names a day (month, weekday, today) and so is no part of a name."""
    return bool(
        month_number(text, language)
        or weekday_number(text, language)
        or date_word("relative", text, language) is not None
    )
