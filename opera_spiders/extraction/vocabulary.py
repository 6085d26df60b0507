"""The vocabularies of ``opera_spiders/data`` as look-ups: labels, months, status words, voice types, works, composers.

Every word is looked up with the page's language: *direction* credits the conductor in French and the director in
English. Where the language is unknown, or does not have the word, all languages are asked, and a word that they
read differently gives nothing. Words are compared folded (:func:`opera_spiders.text.key`).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Generic, TypeVar, cast, get_args

from opera_spiders.extraction.schema import (
    Availability,
    Function,
    Genre,
    PerformanceStatus,
)
from opera_spiders.text import key

Value = TypeVar("Value")

EVERY_LANGUAGE = "mul"
"""Language code of rows that hold in every language (ISO 639-2 "multiple"), such as schema.org's status names."""


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``opera_spiders/data/<name>.csv``, also from inside a zipped egg."""
    text = files("opera_spiders").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1_024)
def primary(language: str | None) -> str | None:
    """Return the primary subtag of a language tag, Norwegian under one code: ``de-AT`` → ``de``, ``nb`` → ``no``."""
    if not language:
        return None
    tag = re.split(r"[-_]", language.strip().lower())[0]
    return {"nb": "no", "nn": "no", "iw": "he"}.get(tag, tag) or None


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A phrase of a vocabulary found in a text: the value it stands for, its words folded, and their word offsets."""

    value: Value
    phrase: str
    first: int
    last: int


# Scripts that write without spaces: their phrases are found inside words.
_UNSPACED = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Phrases(Generic[Value]):
    """Phrases with a value, by folded words. In a text the longest phrase wins, so *few tickets* hides *tickets*."""

    values: dict[str, Value]
    _starts: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    _unspaced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for phrase in self.values:
            words = tuple(phrase.split())
            if words:
                self._starts[words[0]].append(words)
            if _UNSPACED.search(phrase):
                self._unspaced.append(phrase)
        for entries in self._starts.values():
            entries.sort(key=len, reverse=True)
        self._unspaced.sort(key=len, reverse=True)

    def get(self, phrase: str) -> Value | None:
        """Return the value of exactly this phrase, in any printing."""
        return self.values.get(key(phrase))

    def find(self, words: Sequence[str]) -> Iterator[Found[Value]]:
        """Yield the phrases in a text given as folded words (``key(text).split()``), left to right, not overlapping."""
        if not self._unspaced and self._starts.keys().isdisjoint(words):
            return
        at = 0
        while at < len(words):
            for entry in self._starts.get(words[at], ()):
                if tuple(words[at : at + len(entry)]) == entry:
                    phrase = " ".join(entry)
                    yield Found(self.values[phrase], phrase, at, at + len(entry))
                    at += len(entry)
                    break
            else:
                if self._unspaced and _UNSPACED.search(words[at]):
                    phrase = next((p for p in self._unspaced if p in words[at]), "")
                    if phrase:
                        yield Found(self.values[phrase], phrase, at, at + 1)
                at += 1


def _by_language(
    entries: Iterable[tuple[str, str, Value]],
) -> dict[str | None, dict[str, Value]]:
    """Group (language, word, value) by language; under None the words that all languages read alike."""
    languages: dict[str | None, dict[str, Value]] = defaultdict(dict)
    readings: dict[str, set[Value]] = defaultdict(set)
    for language, word, value in entries:
        folded = key(word)
        languages[language].setdefault(folded, value)
        readings[folded].add(value)
    languages[None] = {word: next(iter(values)) for word, values in readings.items() if len(values) == 1}
    for code, words in languages.items():
        if code not in (None, EVERY_LANGUAGE):
            words.update({w: v for w, v in languages.get(EVERY_LANGUAGE, {}).items() if w not in words})
    return dict(languages)


# ------------------------------------------------------------------------------------------------ credit labels


@cache
def _credit_labels() -> dict[str | None, dict[str, tuple[Function, ...]]]:
    return _by_language(
        (row["language"], row["label"], cast("tuple[Function, ...]", tuple(row["function"].split("+"))))
        for row in rows("credit_labels")
    )


@cache
def _unique_functions(label: str) -> tuple[Function, ...]:
    return _credit_labels()[None].get(label, ())


_JOINTS = re.compile(r"\s*(?:[,/&+|·•–—]|\s-\s)\s*")


@cache
def _joint(language: str | None) -> re.Pattern[str]:
    conjunctions = {row["word"] for row in rows("date_words") if row["kind"] == "and" and row["language"] == language}
    if not conjunctions:
        return _JOINTS
    words = "|".join(map(re.escape, sorted(conjunctions)))
    return re.compile(rf"{_JOINTS.pattern}|\s+(?:{words})\s+", re.IGNORECASE)


@lru_cache(maxsize=16_384)
def credit_functions(label: str, language: str | None) -> tuple[Function, ...]:
    """Return the functions a label credits, none when it is no label or one that languages read differently.

    A label that is not listed but joins listed ones credits all of them, when every part is known.

    >>> credit_functions("Inszenierung, Bühne & Kostüme:", "de")
    ('director', 'set_designer', 'costume_designer')
    >>> credit_functions("lavastus", None)
    ()
    """
    language = primary(language)
    whole = _functions_of(key(label), language)
    if whole:
        return whole
    parts = [part for part in _joint(language).split(label) if part.strip()]
    if len(parts) < 2:
        return ()
    found = [_functions_of(key(part), language) for part in parts]
    if not all(found):
        return ()
    return tuple(dict.fromkeys(function for functions in found for function in functions))


def _functions_of(folded: str, language: str | None) -> tuple[Function, ...]:
    return _credit_labels().get(language, {}).get(folded) or _unique_functions(folded)


@cache
def known_cities() -> frozenset[str]:
    """Return the cities of the registry's companies, folded."""
    return frozenset(key(row["city"]) for row in rows("companies") if row["city"])


def is_credit_label(text: str) -> bool:
    """Tell whether a text is, as a whole, a credit label of some language, even if languages read it differently.

    >>> is_credit_label("lavastus"), is_credit_label("Floria Tosca")
    (True, False)
    """
    folded = key(text)
    return any(folded in labels for labels in _credit_labels().values())


def label_of(functions: tuple[Function, ...], language: str | None) -> str | None:
    """Return a label that credits just these functions in a language.

    >>> credit_functions(label_of(("director",), "et"), "et")
    ('director',)
    """
    tables = (_credit_labels().get(primary(language), {}), _credit_labels()[None])
    return next((label for table in tables for label, found in table.items() if found == functions), None)


@cache
def credit_phrases(language: str | None) -> Phrases[tuple[Function, ...]]:
    """Return the credit labels of a language (None: those all languages read alike) to find in running text.

    Labels of other languages are left out here: in running text short ones ("da", "text") are ordinary words.
    """
    language = primary(language)
    labels = _credit_labels()
    return Phrases(labels[language] if language in labels else labels[None])


# ------------------------------------------------------------------------------------------ calendar and connectors


@cache
def _months() -> tuple[dict[str | None, dict[str, int]], dict[str, int]]:
    of_language = _by_language((row["language"], row["form"], int(row["month"])) for row in rows("months"))
    whole = {key(row["form"]) for row in rows("months") if row["kind"] != "abbr"}
    return of_language, {form: month for form, month in of_language[None].items() if form in whole}


@lru_cache(maxsize=16_384)
def month_number(word: str, language: str | None) -> int | None:
    """Return 1–12 for a month's name, inflected form or abbreviation.

    Of other languages than the page's only whole names count, and only those that mean one month everywhere.
    """
    of_language, elsewhere = _months()
    folded, language = key(word), primary(language)
    if language in of_language and language is not None:
        return of_language[language].get(folded) or elsewhere.get(folded)
    return of_language[None].get(folded)


@cache
def _date_words(kind: str) -> dict[str | None, dict[str, str]]:
    return _by_language(
        (row["language"], row["word"], row["value"]) for row in rows("date_words") if row["kind"] == kind
    )


@lru_cache(maxsize=16_384)
def date_word(kind: str, word: str, language: str | None) -> str | None:
    """Return the value of a word of ``date_words.csv``, "" for kinds without values, None when it is none.

    Kinds: ``weekday`` (1 Monday … 7 Sunday), ``relative`` (days from today), ``and``, ``to``, ``beside`` (stands
    between the parts of a date), ``at`` (opens a time).
    """
    words, folded, language = _date_words(kind), key(word), primary(language)
    value = words.get(language, {}).get(folded) if language else None
    if value is None and (language is None or language not in words or kind == "weekday"):
        is_month = kind == "weekday" and language is not None and month_number(word, language) is not None
        value = None if is_month else words[None].get(folded)  # "Mar 6" is no French Tuesday
    return value


def weekday_number(word: str, language: str | None) -> int | None:
    """Return 1 (Monday) to 7 (Sunday) for a weekday's name or abbreviation."""
    value = date_word("weekday", word, language)
    return int(value) if value else None


@cache
def date_phrases(kind: str, language: str | None) -> Phrases[str]:
    """Return the words of one kind of ``date_words.csv`` to find in running text."""
    words, language = _date_words(kind), primary(language)
    return Phrases(words[language] if language in words else words[None])


# ------------------------------------------------------------------------------------------------- status and genre

Status = Availability | PerformanceStatus
STATUSES: frozenset[str] = frozenset(get_args(PerformanceStatus))
AVAILABILITIES: frozenset[str] = frozenset(get_args(Availability))

MEANINGS: dict[str, dict[str, str]] = {
    "premiere": {"performance_type": "premiere", "production_type": "new"},
    "second_premiere": {"performance_type": "premiere", "production_type": "new"},
    "world_premiere": {"performance_type": "premiere", "production_type": "new"},
    "national_premiere": {"performance_type": "premiere", "production_type": "new"},
    "new_production": {"production_type": "new"},
    "revival": {"production_type": "revival"},
    "rental": {"production_type": "rental"},
    "last_performance": {"performance_type": "last_night"},
    "matinee": {"performance_type": "matinee"},
    "preview": {"performance_type": "preview"},
    "gala": {"performance_type": "gala"},
    "concert_performance": {"presentation": "concert"},
    "semi_staged": {"presentation": "semi_staged"},
    "staged": {"presentation": "staged"},
    "guest_performance": {},
    "open_rehearsal": {},
    "introduction": {},
    "children_version": {},
}
"""What each meaning of ``production_status_words.csv`` says in the schema's enums.

A premiere word speaks for a new production; whether a given night is that premiere is for the reader to see.
"""


def _with_everywhere(words: dict[str | None, dict[str, Value]], language: str | None) -> dict[str, Value]:
    language = primary(language)
    return words[language] if language in words else words[None]


@cache
def status_phrases(language: str | None) -> Phrases[str]:
    """Return the status words of a language: value = PerformanceStatus or Availability."""
    words = _by_language((row["language"], row["phrase"], row["status"]) for row in rows("status_words"))
    return Phrases(_with_everywhere(words, language))


@cache
def genre_phrases(language: str | None) -> Phrases[Genre]:
    """Return the genre words of a language."""
    words = _by_language(
        (row["language"], row["word"], cast("Genre", row["genre_class"])) for row in rows("genre_words")
    )
    return Phrases(_with_everywhere(words, language))


@cache
def _production_words() -> tuple[dict[str | None, dict[str, str]], dict[str | None, dict[str, str]]]:
    abbreviations = [row for row in rows("production_status_words") if _is_abbreviation(row["phrase"])]
    whole = [row for row in rows("production_status_words") if not _is_abbreviation(row["phrase"])]
    return (
        _by_language((row["language"], row["phrase"], row["meaning"]) for row in whole),
        _by_language((row["language"], row["phrase"], row["meaning"]) for row in abbreviations),
    )


def _is_abbreviation(phrase: str) -> bool:
    return len(phrase) <= 3


@dataclass(frozen=True, slots=True)
class ProductionWord:
    """Words that say what kind of run or evening this is, as printed, and their meaning (a key of ``MEANINGS``)."""

    meaning: str
    printed: str
    start: int
    end: int


_WORDS = re.compile(r"[^\W_]+(?:\u00ad[^\W_]+)*")


@cache
def _production_phrases(language: str | None) -> Phrases[str]:
    return Phrases(_with_everywhere(_production_words()[0], language))


@lru_cache(maxsize=4_096)
def production_words(text: str, language: str | None) -> tuple[ProductionWord, ...]:
    """Return the production status words of a text; abbreviations (UA, WA, DEA) only as whole upper-case words."""
    spans = [(m.start(), m.end()) for m in _WORDS.finditer(text)]
    words = [key(text[start:end]).replace(" ", "") for start, end in spans]
    found = [
        ProductionWord(
            hit.value, text[spans[hit.first][0] : spans[hit.last - 1][1]], spans[hit.first][0], spans[hit.last - 1][1]
        )
        for hit in _production_phrases(primary(language)).find(words)
    ]
    abbreviations = _with_everywhere(_production_words()[1], language)
    for (start, end), word in zip(spans, words, strict=True):
        if word in abbreviations and text[start:end].isupper():
            found.append(ProductionWord(abbreviations[word], text[start:end], start, end))
    return tuple(sorted(found, key=lambda word: word.start))


def says(meaning: str, field_name: str) -> str | None:
    """Return what a meaning says of ``performance_type``, ``production_type`` or ``presentation``, if anything."""
    return MEANINGS[meaning].get(field_name)


# ------------------------------------------------------------------------------------------------------- voice types


@cache
def _voices() -> tuple[dict[str, str], dict[str, str]]:
    words: dict[str, str] = {}
    letters: dict[str, str] = {}
    for row in rows("voice_types"):
        for alias in (row["voice_type"], *row["aliases"].split("; ")):
            if len(alias) <= 2 and alias.isascii():
                letters[alias] = row["voice_type"]
            elif key(alias):
                words.setdefault(key(alias), row["voice_type"])
    return words, letters


def voice_type(printed: str) -> str | None:
    """Return the key of ``voice_types.csv`` for a printed voice type; letters ("S", "MS") only in upper case."""
    words, letters = _voices()
    return words.get(key(printed)) or letters.get(printed.strip(" .()[]"))


@cache
def voice_phrases() -> Phrases[str]:
    """Return the voice types to find in running text (without the letters)."""
    return Phrases(_voices()[0])


# ------------------------------------------------------------------------------------------ works, composers, roles


@dataclass(frozen=True, slots=True)
class KnownWork:
    """One row of ``opera_works.csv``."""

    work_id: str
    title: str
    composer_id: str
    composer: str
    genre: str
    is_opera: bool


@dataclass(frozen=True, slots=True)
class KnownComposer:
    """One row of ``composers.csv``."""

    composer_id: str
    name: str
    sort_name: str


@cache
def _works() -> dict[str, KnownWork]:
    return {
        row["work_id"]: KnownWork(
            row["work_id"], row["title"], row["composer_id"], row["composer"], row["genre"], row["is_opera"] == "true"
        )
        for row in rows("opera_works")
    }


@cache
def work_titles() -> dict[str, tuple[KnownWork, ...]]:
    """Return every work by folded title or alias; a title of two works has both (it identifies neither)."""
    works = _works()
    titles: dict[str, dict[str, KnownWork]] = defaultdict(dict)
    for work in works.values():
        titles[key(work.title)][work.work_id] = work
    for row in rows("opera_work_aliases"):
        titles[key(row["alias"])][row["work_id"]] = works[row["work_id"]]
    for row in rows("opera_works"):
        titles[key(row["title_en"])][row["work_id"]] = works[row["work_id"]]
    titles.pop("", None)
    return {title: tuple(found.values()) for title, found in titles.items()}


def works_titled(title: str) -> tuple[KnownWork, ...]:
    """Return the works known under a title, in any language or printing."""
    return work_titles().get(key(title), ())


@cache
def composer_names() -> dict[str, KnownComposer]:
    """Return every composer by folded name or alias (no alias belongs to two)."""
    composers = {
        row["composer_id"]: KnownComposer(row["composer_id"], row["name"], row["sort_name"])
        for row in rows("composers")
    }
    names = {key(composer.name): composer for composer in composers.values()}
    for row in rows("composer_aliases"):
        names.setdefault(key(row["alias"]), composers[row["composer_id"]])
    return names


def composer_named(name: str) -> KnownComposer | None:
    """Return the composer known under a name, inverted name, transliteration or unshared surname."""
    return composer_names().get(key(name))


@cache
def _roles() -> dict[str, tuple[tuple[str, str], ...]]:
    roles: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows("opera_roles"):
        roles[row["work_id"]].append((row["role"], row["voice_type"]))
    return {work_id: tuple(entries) for work_id, entries in roles.items()}


def roles_of(work_id: str) -> tuple[tuple[str, str], ...]:
    """Return (role, voice type) of a work in the order of the score's list; empty when we have none."""
    return _roles().get(work_id, ())


@cache
def _role_names() -> frozenset[str]:
    return frozenset(key(role) for entries in _roles().values() for role, _ in entries)


def is_role_name(name: str) -> bool:
    """Tell whether some work has a role of exactly this name."""
    return key(name) in _role_names()
