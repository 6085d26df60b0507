"""Words that say what stands where on a page: headings of casts, labels of venue and duration, connectors.

``data/page_words.csv`` has them by language and kind, ``data/language_names.csv`` the names of languages.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal

from opera_spiders.extraction.vocabulary import EVERY_LANGUAGE, Phrases, primary, rows
from opera_spiders.text import key

Kind = Literal[
    "cast",  # opens a cast list
    "team",  # opens the list of the creative team
    "related",  # opens a list of other productions
    "venue",
    "city",
    "date",  # heads of columns
    "time",
    "venue_noun",  # a word of venues' names
    "sung_in",  # stands before the language
    "duration",
    "season",
    "as",  # between performer and role
    "instead_of",
    "cover",
    "debut",
    "co_production",
    "abridged",
    "adaptation",
    "excerpt",
    "not_a_night",  # the date beside it is no evening: sale, publication, birth
    "by",
    "version",
    "for_schools",  # a closed performance beside the public ones
]


@cache
def _words(kind: Kind) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for row in rows("page_words"):
        if row["kind"] == kind:
            words.setdefault(row["language"], {})[key(row["word"])] = row["word"]
    return words


@cache
def words_of(kind: Kind) -> frozenset[str]:
    """Return the words of a kind in all languages, folded."""
    return frozenset(word for words in _words(kind).values() for word in words)


def is_word(kind: Kind, text: str) -> bool:
    """Tell whether ``text`` is exactly such a word or phrase, in any language and printing."""
    return key(text) in words_of(kind)


@cache
def phrases(kind: Kind, language: str | None) -> Phrases[str]:
    """Return the phrases of a kind to find in running text: the language's, or all when it is unknown or has none."""
    words = _words(kind)
    language = primary(language)
    if language in words:
        return Phrases({**words[language], **words.get(EVERY_LANGUAGE, {})})
    return Phrases({folded: word for of_language in words.values() for folded, word in of_language.items()})


def contains(kind: Kind, text: str, language: str | None) -> bool:
    """Tell whether running text contains a phrase of this kind."""
    return next(iter(phrases(kind, language).find(key(text).split())), None) is not None


@cache
def _opening(kind: Kind, language: str | None) -> re.Pattern[str]:
    words = _words(kind)
    of_language = {w for lang in {language, "en"} for w in words.get(lang or "", {}).values()}
    if language not in words:
        of_language = {word for known in words.values() for word in known.values()}
    alternatives = "|".join(
        re.escape(word).replace(r"\ ", r"\s+") for word in sorted(of_language, key=lambda word: (-len(word), word))
    )
    return re.compile(rf"\s*(?:{alternatives})(?!\w)\s*:?\s*", re.IGNORECASE)


def after(kind: Kind, text: str, language: str | None) -> str | None:
    """Return what follows such a phrase at the start of ``text``, as printed; None when it starts otherwise.

    >>> after("co_production", "A co-production with Opéra de Valbrume", "en")
    'Opéra de Valbrume'
    """
    match = _opening(kind, primary(language)).match(text)
    return text[match.end() :].strip() if match else None


@cache
def _language_names() -> dict[str, str]:
    return {key(row["name"]): row["code"] for row in rows("language_names")}


_INFLECTED = frozenset({"cs", "sk", "pl", "ru", "uk", "hr", "sl", "de", "bg", "lt", "lv", "et", "fi", "hu"})


@cache
def _language_stems(language: str) -> dict[str, str]:
    stems: dict[str, str] = {}
    for row in rows("language_names"):
        name = key(row["name"])
        if row["language"] == language and len(name) >= 5:
            stems[name[:-1]] = row["code"]
            if len(name) >= 7:
                stems[name[:-2]] = row["code"]
    return stems


@lru_cache(maxsize=4096)
def language_code(word: str, language: str | None = None) -> str | None:
    """Return the ISO 639-1 code of a language named in any language: *Italian*, *italienischer*, *olaszul*.

    :param language: the page's language; where it inflects, other endings are read too: *v italském originále*
    """
    folded = key(word)
    code = _language_names().get(folded)
    if code is None and language in _INFLECTED and len(folded) >= 5:
        stems = _language_stems(language)
        for end in range(len(folded) - 1, max(3, len(folded) - 5), -1):
            if folded[:end] in stems:
                return stems[folded[:end]]
    return code


@cache
def between(kind: Kind, language: str | None) -> re.Pattern[str]:
    """Return the pattern of such a word standing between two texts: *Diana Rockwell as Amina*."""
    words = _words(kind)
    of_language = {w for lang in {primary(language), "en"} for w in words.get(lang or "", {}).values()}
    alternatives = "|".join(re.escape(word) for word in sorted(of_language, key=lambda word: (-len(word), word)))
    return re.compile(rf"\s+(?:{alternatives})\s+", re.IGNORECASE)
