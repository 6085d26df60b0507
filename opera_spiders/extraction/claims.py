"""What an answer takes printed words for, and what the page says they are, where they stand.

That words stand on a page does not make them a venue. They are taken for one unless the page labels them as something
else at that place, or the answer itself takes the same words for a person; then only a label speaks for them.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, Literal

from opera_spiders.extraction import page_words
from opera_spiders.extraction.json_fields import is_title, spaced
from opera_spiders.extraction.page_index import PageIndex, Place
from opera_spiders.extraction.schema import PageExtraction
from opera_spiders.extraction.vocabulary import (
    credit_functions,
    genre_phrases,
    known_cities,
    month_number,
    rows,
    status_phrases,
    weekday_number,
)
from opera_spiders.text import key

Class = Literal[
    "title", "person", "performer", "composer", "librettist", "role", "place", "company", "season", "version"
]

# An opera may bear the name of a role, a house that of its city; a composer may write the words, too.
_COMPATIBLE: dict[str, frozenset[str]] = {
    "title": frozenset({"title", "role", "version"}),
    "place": frozenset({"place", "company"}),
    "company": frozenset({"company", "place"}),
    "composer": frozenset({"composer"}),
    "librettist": frozenset({"librettist"}),
    "version": frozenset({"version", "title"}),
    "performer": frozenset({"performer"}),
}
_GROUPS = frozenset({"dancers", "chorus", "childrens_chorus", "orchestra", "extras", "instrumentalist"})
_PLACE_KEYS = re.compile(
    r"(?:^| )(?:location|venue|place|spielort|ort|lieu|luogo|lugar|local|hall|stage|room|saal|sala|salle|"
    r"theat(?:er|re)|address|address locality|city|stadt|ville|citt[aà]|m[ií]sto|plats|sted)(?: |$)"
)
_PERSON_KEYS = re.compile(
    r"(?:^| )(?:performers?|actors?|artists?|persons?|people|cast|composers?|directors?|conductors?|authors?|creators?|"
    r"contributors?|characters?|roles?)(?: |$)"
)
_COMPANY_KEYS = re.compile(
    r"(?:^| )(?:organi[sz]ers?|publishers?|sponsors?|funders?|provider|producers?|brand|seller)(?: |$)"
)


class Claims:
    """The words of an answer, folded, with the classes it takes them for."""

    def __init__(self, answer: PageExtraction) -> None:
        self._classes: dict[str, Counter[str]] = defaultdict(Counter)
        for production in answer.productions:
            self._add("title", production.opera_title, production.production_title)
            self._add("composer", production.composer)
            self._add("librettist", production.librettist)
            self._add("place", production.venue, production.city)
            self._add("season", production.season)
            self._add("company", *production.co_producers)
            for work in production.works:
                self._add("title", work.title)
                self._add("composer", work.composer)
            for credit in production.creative_team:
                own = {"composer": "composer", "librettist": "librettist"}.get(credit.function, "person")
                self._add(own, credit.name)
            for member in production.cast_members:
                self._add("performer", member.performer)
                self._add("role", member.role)
            for evening in production.performances:
                self._add("place", evening.venue, evening.city)

    def _add(self, name: str, *values: str | None) -> None:
        for value in values:
            if value and key(value):
                self._classes[key(value)][name] += 1

    def against(self, value: str, name: Class) -> frozenset[str]:
        """Return the classes the answer takes these words for that they cannot be, if they are of this class.

        What it takes them for less often is no doubt: the hall of ten evenings stays one beside a slip. That somebody
        is on stage or in the team always is.
        """
        claimed = self._classes.get(key(value), Counter())
        return frozenset(
            other
            for other in claimed.keys() - _COMPATIBLE[name]
            if claimed[other] >= claimed[name] or other in ("person", "performer")
        )


class Labels:
    """What the page says of words where they stand: the label of their row or line, the key of their field."""

    def __init__(self, index: PageIndex) -> None:
        self.index = index

    def of(self, place: Place) -> frozenset[str]:
        """Return the classes the page gives the words at a place; none where it has no label for them."""
        block = self.index.blocks[place.number]
        quote = self.index.quote(place)
        if block.kind == "json":
            return frozenset(_classes_of_keys(block.text, key(quote)))
        return frozenset(
            name for label in self._labels(place) for name in _classes_of_label(label, self.index.language)
        )

    def _labels(self, place: Place) -> Iterator[str]:
        block = self.index.blocks[place.number]
        text = self.index.texts[place.number]
        start, end = text.spans[place.first][0], text.spans[place.last - 1][1]
        before, behind = text.printed[:start], text.printed[end:]
        line = re.split(r"\n", before)[-1]
        if len(block.cells) > 1 and " | " in before:
            yield before.split(" | ")[0]
        head = re.search(r"([^:;|\n]{2,40}):\s*[^:;|\n]*$", line)
        if head:
            yield head[1].strip()
        if re.match(r"\s*\(", behind):
            bracket = re.match(r"\s*\(([^()]*)\)", behind)
            yield bracket[1] if bracket else ""
        if place.first == 0 and place.number:
            previous = self.index.blocks[place.number - 1].text
            if len(previous) <= 40:
                yield previous.strip(" :")


_LABELS: tuple[tuple[page_words.Kind, Class], ...] = (
    ("venue", "place"),
    ("city", "place"),
    ("season", "season"),
    ("version", "version"),
    ("co_production", "company"),
)


@lru_cache(maxsize=16_384)
def _classes_of_label(label: str, language: str | None) -> frozenset[str]:
    found: set[str] = {name for kind, name in _LABELS if page_words.is_word(kind, label)}
    for function in credit_functions(label, language):
        if function not in _GROUPS:  # "Ballet | Roméo et Juliette": the kind of evening, no label
            found.add({"composer": "composer", "librettist": "librettist"}.get(function, "person"))
    return frozenset(found)


@lru_cache(maxsize=4_096)
def _classes_of_keys(text: str, folded: str) -> frozenset[str]:
    """Return what the keys say of a value of a JSON text; none where it is a part of a longer text."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(name for keys in _paths(value, folded, ()) for name in _class_of_path(keys))


def _paths(value: Any, folded: str, keys: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _paths(item, folded, (*keys, spaced(name)))
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, folded, keys)
    elif isinstance(value, str) and key(value) == folded:
        yield keys


def _class_of_path(keys: Iterable[str]) -> Iterator[str]:
    *holders, last = keys or ("",)
    for words in (last, *reversed(holders[-2:])):
        if _PLACE_KEYS.search(words):
            yield "place"
            return
        if _PERSON_KEYS.search(words):
            yield {"composer": "composer", "author": "librettist", "character": "role", "role": "role"}.get(
                words.rstrip("s"), "person"
            )
            return
        if _COMPANY_KEYS.search(words):
            yield "company"
            return
    if is_title(last):
        yield "title"


def is_something_else(text: str, language: str | None, *, may_be_genre: bool = False) -> bool:
    """Tell whether words are, as a whole, a label, a heading of lists, a date, a status or a number: nobody's name.

    :param may_be_genre: a word for a kind of event is no hindrance: a guided tour is called just that

    >>> is_something_else("Besetzung", "de"), is_something_else("Fr 13.11.", "de"), is_something_else("Tosca", "de")
    (True, True, False)
    """
    folded = key(text)
    if not re.search(r"[^\W\d_]{2}", text) or any(page_words.is_word(kind, text) for kind in _HEADS):
        return True
    is_event = may_be_genre and genre_phrases(language).get(text) is not None
    if credit_functions(text, language) or (folded in _pages_of_sites() and not is_event):
        return True
    words = folded.split()
    dated = [word for word in words if word.isdigit() or month_number(word, language) or weekday_number(word, language)]
    return len(dated) * 2 > len(words) or any(
        hit.first == 0 and hit.last == len(words)
        for phrases in (status_phrases(language), *(() if may_be_genre else (genre_phrases(language),)))
        for hit in phrases.find(words)
    )


@cache
def _pages_of_sites() -> frozenset[str]:
    """Return what sites call their own pages: *Spielplan*, *Programme*, *Press*."""
    return frozenset(key(row["word"]) for row in rows("link_words") if row["page_type"] not in ("production", "artist"))


_HEADS: tuple[page_words.Kind, ...] = (
    *("cast", "team", "related", "venue", "city", "date", "time", "duration", "season", "co_production"),
)


@lru_cache(maxsize=16_384)
def names_place(text: str) -> bool:
    """Tell whether words hold one of venues' names, or are a city we know.

    >>> names_place("Großes Haus"), names_place("Wien"), names_place("Tosca")
    (True, True, False)
    """
    return has_venue_noun(text) or key(text) in known_cities()


def has_venue_noun(text: str) -> bool:
    """Tell whether a word of venues' names stands in a text, or ends one of its words: *Staatstheater*."""
    folded = key(text).split()
    if next(iter(page_words.phrases("venue_noun", None).find(folded)), None) is not None:
        return True
    nouns = page_words.words_of("venue_noun")
    return any(word.endswith(noun) for word in folded for noun in nouns if len(noun) > 3)
