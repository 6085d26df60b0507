"""What the words of annual reports mean: lines of a statement, units, currencies, and the heads of columns.

``data/financial_words.csv`` has them by language and kind. Labels are compared folded; units as printed, because
*T€* and *£'000* are signs rather than words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from opera_spiders.extraction.prices import currency_of
from opera_spiders.extraction.vocabulary import EVERY_LANGUAGE, Phrases, primary, rows
from opera_spiders.text import key

REVENUES = (
    "ticket_revenue",
    "subscription_revenue",
    "donation_revenue",
    "government_grants",
    "corporate_sponsorship",
    "endowment_income",
    "other_revenue",
)
EXPENSES = (
    "artist_fees",
    "production_costs",
    "venue_costs",
    "marketing_costs",
    "administrative_costs",
    "other_expenses",
)
COSTS = frozenset({"total_expenses", *EXPENSES})
FIELDS = frozenset({"total_revenue", *REVENUES, *COSTS})
"""The amounts of a FinancialYear."""

Side = Literal["revenue", "expenses"]
ColumnWord = Literal["year", "previous", "current", "estimate", "change", "note"]

_GENERAL = frozenset({"total", "other", "revenue", "expenses"})
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\][]*\]")
_NUMBERING = re.compile(r"^\s*(?:\(?(?:\d{1,2}(?:\.\d{1,2})*|[ivxIVX]{1,4}|[a-zA-Z])[.)]\s*)+(?=\S)|^[-–—•*·]+\s*")
_NOTE = re.compile(r"\s*(?:\d\)|[*†‡¹²³⁴⁵]+)$")


@dataclass(frozen=True, slots=True)
class Unit:
    """What amounts are counted in, with the currency (ISO 4217) if the same words say it."""

    multiplier: int
    currency: str | None
    printed: str


@dataclass(frozen=True, slots=True)
class YearLabel:
    """A fiscal year as printed: 2024, or 2024/25 of two calendar years."""

    first: int
    is_double: bool
    printed: str
    start: int
    end: int

    @property
    def year(self) -> tuple[int, bool]:
        """Return what equal fiscal years have equal."""
        return self.first, self.is_double


_YEAR = re.compile(r"(?<!\d)(?<!\d[,'’])((?:19|20)\d\d)(?:(\s?[/–—-]\s?)((?:19|20)?\d\d))?(?!\d|[.,'’]\d)")
_SHORT_YEAR = re.compile(r"\bFY\s?['’]?(\d\d)(?:\s?[/–-]\s?(\d\d))?\b")


@lru_cache(maxsize=16_384)
def year_labels(text: str) -> tuple[YearLabel, ...]:
    """Return the fiscal years a text prints.

    >>> [label.year for label in year_labels("2024/25, 31.12.2023, FY22")]
    [(2024, True), (2023, False), (2022, False)]
    """
    labels = []
    position = 0
    while match := _YEAR.search(text, position):
        first = int(match[1])
        if match[3] and int(match[3][-2:]) == (first + 1) % 100 and int(match[3]) in ((first + 1) % 100, first + 1):
            labels.append(YearLabel(first, True, match.group(), match.start(), match.end()))
            position = match.end()
        else:
            labels.append(YearLabel(first, False, match[1], match.start(1), match.end(1)))
            position = match.end(1)
    for match in _SHORT_YEAR.finditer(text):
        labels.append(YearLabel(2000 + int(match[1]), bool(match[2]), match.group(), match.start(), match.end()))
    return tuple(sorted(labels, key=lambda label: label.start))


# ------------------------------------------------------------------------------------------------------------- lines


@cache
def _lines() -> dict[str | None, dict[str, str]]:
    """Return for each language what its labels mean; under None those that all languages read alike."""
    by_language: dict[str | None, dict[str, str]] = defaultdict(dict)
    meanings: dict[str, set[str]] = defaultdict(set)
    for row in rows("financial_words"):
        if row["kind"] == "line":
            by_language[row["language"]][key(row["word"])] = row["value"]
            meanings[key(row["word"])].add(row["value"])
    by_language[None] = {word: min(values) for word, values in meanings.items() if len(values) == 1}
    return dict(by_language)


@cache
def _phrases(language: str | None) -> Phrases[str]:
    return Phrases({**_lines()[None], **_lines().get(language, {})})


@lru_cache(maxsize=16_384)
def meaning_of_line(label: str, language: str | None) -> str | None:
    """Return what a line of a statement is: a field of FinancialYear, a general word, or ``none`` for another line.

    General words are ``total``, ``other``, ``revenue`` and ``expenses``: where they stand tells the field. None for a
    label nobody knows, or one that names several lines.

    >>> meaning_of_line("2. Erlöse aus Kartenverkauf (brutto)", "de"), meaning_of_line("Besucher", "de")
    ('ticket_revenue', 'none')
    """
    language = primary(language)
    bare = _NOTE.sub("", _NUMBERING.sub("", _BRACKETS.sub(" ", label))).strip(" :.…")
    folded = key(bare)
    exact = _lines().get(language, {}).get(folded) or _lines()[None].get(folded)
    if exact:
        return exact
    words = folded.split()
    hits = list(_phrases(language).find(words))
    special = [hit for hit in hits if hit.value not in _GENERAL]
    found = {hit.value for hit in special or hits}
    covered = sum(hit.last - hit.first for hit in hits)
    if len(found) != 1 or 2 * covered <= len(words):
        return None
    return found.pop()


def field_of(meaning: str | None, side: Side | None) -> str | None:
    """Return the field of a line by its meaning and by the side of the statement it stands on."""
    if meaning in FIELDS:
        return meaning
    if meaning == "total":
        return {"revenue": "total_revenue", "expenses": "total_expenses"}.get(side or "")
    if meaning == "other":
        return {"revenue": "other_revenue", "expenses": "other_expenses"}.get(side or "")
    return {"revenue": "total_revenue", "expenses": "total_expenses"}.get(meaning or "")


def side_of(meaning: str | None) -> Side | None:
    """Return the side of the statement that a line opens or belongs to."""
    if meaning in ("revenue", "total_revenue", *REVENUES):
        return "revenue"
    return "expenses" if meaning == "expenses" or meaning in COSTS else None


# ----------------------------------------------------------------------------------------------------------- columns


@cache
def _column_words(kind: ColumnWord, language: str | None) -> Phrases[str]:
    words = {
        key(row["word"]): row["word"]
        for row in rows("financial_words")
        if row["kind"] == kind and row["language"] in (language, "en", EVERY_LANGUAGE) and key(row["word"])
    }
    return Phrases(words)


@cache
def _column_signs(kind: ColumnWord) -> frozenset[str]:
    return frozenset(row["word"] for row in rows("financial_words") if row["kind"] == kind and not key(row["word"]))


@lru_cache(maxsize=16_384)
def has_column_word(kind: ColumnWord, text: str, language: str | None) -> bool:
    """Tell whether a text says that a column, or what stands below, is of this kind."""
    phrases = _column_words(kind, primary(language))
    return next(iter(phrases.find(key(text).split())), None) is not None or text.strip() in _column_signs(kind)


# ------------------------------------------------------------------------------------------------------------- units


def _written(word: str) -> str:
    """Return the pattern of a unit as printed, with any apostrophe and space."""
    escaped = re.escape(word).replace("'", "['’‘]").replace(r"\ ", r"\s?")
    before = r"(?<![^\W_])" if word[0].isalpha() else r"(?<!\d)"
    after = r"(?![^\W_])" if word[-1].isalnum() else ""
    return rf"{before}{escaped}{after}"


@cache
def _units(language: str | None) -> tuple[re.Pattern[str], dict[str, str]]:
    values: dict[str, set[str]] = defaultdict(set)
    own: dict[str, str] = {}
    for row in rows("financial_words"):
        if row["kind"] == "unit":
            values[row["word"]].add(row["value"])
            if row["language"] in (language, EVERY_LANGUAGE):
                own[row["word"]] = row["value"]
    words = {word: min(found) for word, found in values.items() if len(found) == 1} | own
    folded = {_sign(word): value for word, value in words.items()}
    ordered = sorted(words, key=lambda word: (-len(word), word))
    # "12.3 million" is an amount, no heading of a column.
    return re.compile(rf"(?<!\d\s)(?<!\d)(?:{'|'.join(map(_written, ordered))})", re.IGNORECASE), folded


def _sign(word: str) -> str:
    return re.sub(r"[\s]", "", word).translate(str.maketrans("’‘", "''")).casefold()


@lru_cache(maxsize=16_384)
def units_in(text: str, language: str | None, default: str | None = None) -> tuple[Unit, ...]:
    """Return the units in which a text says that amounts are counted: thousands, millions, or whole currency units.

    :param default: the company's currency, which decides what ``$`` and ``kr`` mean

    >>> [(unit.multiplier, unit.currency) for unit in units_in("Beträge in TEUR", "de")]
    [(1000, 'EUR')]
    """
    pattern, values = _units(primary(language))
    found = []
    for match in pattern.finditer(text):
        multiplier, _, sign = values[_sign(match.group())].partition(" ")
        rest = text[: match.start()] + text[match.end() :]
        currency = currency_of(sign, language, default) if sign else _currency_in(rest, language, default)
        found.append(Unit(int(multiplier), currency, match.group()))
    return tuple(found) or tuple(_whole_units(text, language, default))


_IN = re.compile(r"^(?:\W*|.*(?<![^\W_])(?:in|en|em|i|w|v|в)\s+)$", re.IGNORECASE | re.DOTALL)


def _whole_units(text: str, language: str | None, default: str | None) -> Iterator[Unit]:
    """Yield the currency that a text says all amounts are in: *in EUR*, or a column's head *€*."""
    for match in _currency_pattern(primary(language)).finditer(text):
        if _IN.match(text[: match.start()]) and not re.search(r"\d", text[match.end() : match.end() + 3]):
            yield Unit(1, currency_of(match.group(), language, default), match.group())


@cache
def _currency_pattern(language: str | None) -> re.Pattern[str]:
    words = {
        row["word"]
        for row in rows("price_words")
        if row["kind"] == "currency"
        and row["language"] in (language, EVERY_LANGUAGE)
        and row["word"] not in ('"', ":-")
    }
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(_written, ordered)), re.IGNORECASE)


def _currency_in(text: str, language: str | None, default: str | None) -> str | None:
    match = _currency_pattern(primary(language)).search(text)
    return currency_of(match.group(), language, default) if match else None


@lru_cache(maxsize=16_384)
def without_currency(text: str, language: str | None, default: str | None = None) -> tuple[str, str | None, str]:
    """Return a cell's text without the currency beside its number, the currency's code and its sign."""
    match = _currency_pattern(primary(language)).search(text)
    if match is None:
        return text, None, ""
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    return rest, currency_of(match.group(), language, default), match.group()


@lru_cache(maxsize=16_384)
def without_unit(text: str, language: str | None, default: str | None = None) -> tuple[str, Unit | None]:
    """Return the text of an amount without the unit behind it: *12,3 Mio. €*."""
    pattern, values = _units(primary(language))
    number = re.search(r"\d[\d.,'’\s]*", text)
    if number is None:
        return text, None
    match = pattern.search(text[number.end() :])
    if match is None:
        return text, None
    start, end = number.end() + match.start(), number.end() + match.end()
    multiplier, _, sign = values[_sign(match.group())].partition(" ")
    currency = currency_of(sign, language, default) if sign else None
    return f"{text[:start]} {text[end:]}", Unit(int(multiplier), currency, match.group())
