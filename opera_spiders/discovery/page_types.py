"""What kind of page an address leads to, guessed from its URL and anchor, then from what it says itself."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from opera_spiders.extraction.blocks import PageBlocks
from opera_spiders.text import key
from opera_spiders.urls import host_port, path_segments

LinkType = Literal["production", "calendar", "season", "artist", "company", "financial", "archive", "noise", "other"]

#: Kinds whose children are productions: /spielplan/fidelio, /whats-on/tosca.
HUBS = ("production", "calendar", "season")

#: What a page of each kind is expected to bring before the site is known, from 0 to 1: best first.
EXPECTED: dict[LinkType, float] = {
    "production": 0.8,
    "season": 0.7,
    "calendar": 0.6,
    "financial": 0.5,
    "other": 0.25,
    "company": 0.22,
    "archive": 0.15,
    "artist": 0.1,
    "noise": 0.0,
}
_OF_EDUCATION = 0.15  # tours, talks and workshops stand in calendars among the evenings, and are none
_LANGUAGE_LIKE = re.compile(r"[a-z]{2}([_-][a-z]{2})?", re.IGNORECASE)
_FILE_ENDING = re.compile(r"\.(html?|php|aspx?|jsp|pdf)$", re.IGNORECASE)
_RECORD_NUMBER = re.compile(r"\d{5,7}|\d{9,}")  # 8 digits may be a day
# The art form is in every house's name: it says something only where it stands alone.
_ART_FORM = re.compile(r"oo?per\w*|опер\w*")
_SHOP_LABELS = frozenset(
    (
        *("tickets", "ticket", "ticketing", "shop", "webshop", "store", "bourse", "play", "tv", "media"),
        *("billetterie", "biglietteria", "entradas", "jegy", "kassa", "kasse"),
    )
)
_LONGEST_WORD = 5  # words of the longest entry of the vocabularies that is looked up inside a longer text
_STRUCTURED_EVENT = re.compile(r'"@type": ?"?\[?"?(?:Theater|Music|Dance)?Event"')


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind of page with what one like it is expected to bring, from 0 to 1."""

    page_type: LinkType
    expected: float


def guess_link(url: str, anchor: str = "") -> Guess:
    """Return what a link leads to, from its address and its anchor text.

    >>> guess_link("https://example.org/de/spielplan/").page_type
    'calendar'
    >>> guess_link("https://example.org/de/spielplan/fidelio-2026/").page_type
    'production'
    >>> guess_link("https://example.org/node/12", "La traviata").page_type
    'production'
    >>> guess_link("https://example.org/files/Annual-Report-2025.pdf").page_type
    'financial'
    >>> guess_link("https://example.org/de/spielplan/warenkorb").page_type
    'noise'
    """
    by_url = _guess_path(url)
    by_anchor = kind_of(anchor) if len(anchor) <= 80 else None
    kind: LinkType = by_url or by_anchor or "other"
    if by_anchor == "financial" and kind != "noise":
        kind = "financial"
    names_work = names_an_opera(anchor) or names_an_opera(_last_words(url))
    if by_url in (None, "season", "calendar") and names_an_opera(anchor):
        kind = "production"
    if kind in (*HUBS, "other") and any(map(begins_as_education, (anchor, _last_words(url)))):
        return Guess("other", _OF_EDUCATION)
    return Guess(kind, EXPECTED[kind] + (0.15 if kind == "production" and names_work else 0))


def guess_page(url: str, blocks: PageBlocks) -> str:
    """Return the page type of ``PageExtraction`` that a fetched page most likely has.

    Its address comes first, and the root is the company's; a page that announces a single event as structured data,
    or whose heading names an opera, is a production whatever its address says.
    """
    by_url = guess_link(url).page_type
    if not path_segments(url):
        return "company"
    if by_url == "financial":
        return by_url
    events = sum(block.kind == "json" and _STRUCTURED_EVENT.search(block.text) is not None for block in blocks.blocks)
    headings = [block.text for block in blocks.blocks if block.kind == "h1" and not block.chrome]
    if by_url in ("other", "calendar", "season", "archive") and (
        events == 1 or (len(headings) == 1 and names_an_opera(headings[0]))
    ):
        return "production"
    if by_url == "other" and headings:
        by_url = kind_of(headings[0]) or "other"
    return {"archive": "season", "noise": "other"}.get(by_url, by_url)


@cache
def _words() -> dict[str, LinkType]:
    """Map each word or phrase of ``link_words.csv`` to its kind, all languages in one: an address has no language."""
    words: dict[str, LinkType] = {}
    with resources.files("opera_spiders.data").joinpath("link_words.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            words.setdefault(key(row["word"]), row["page_type"])  # type: ignore[arg-type]
    return words


@cache
def _genres(*, education: bool = False) -> frozenset[str]:
    """Return the names of genres, which alone head a list of productions (/konzerte); or those of education."""
    with resources.files("opera_spiders.data").joinpath("genre_words.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return frozenset(key(row["word"]) for row in rows if (row["genre_class"] == "education") is education)


def begins_as_education(text: str) -> bool:
    """Tell whether a text begins with the name of an event that is no performance.

    >>> begins_as_education("Führung durch das Haus"), begins_as_education("Das schlaue Füchslein")
    (True, False)
    """
    words = key(text).split()
    return any(" ".join(words[:length]) in _genres(education=True) for length in (1, 2, 3)) and (
        " ".join(words) not in _opera_titles()
    )


@cache
def _opera_titles() -> frozenset[str]:
    """Return the titles of the repertoire that are long enough not to be common words."""
    with resources.files("opera_spiders.data").joinpath("opera_work_aliases.csv").open(encoding="utf-8") as lines:
        titles = {key(row["alias"]) for row in csv.DictReader(lines)}
    return frozenset(title for title in titles if len(title) >= 4 and title not in _words())


def names_an_opera(text: str) -> bool:
    """Tell whether a text is, or contains as whole words, the title of an opera.

    Inside a longer text only titles of several words or of six letters count.

    >>> names_an_opera("Premiere: La Traviata"), names_an_opera("Aida"), names_an_opera("Visit our bar")
    (True, True, False)
    """
    return opera_named(text) is not None


def opera_named(text: str) -> str | None:
    """Return the title that ``names_an_opera`` finds, folded.

    >>> opera_named("Introduction: La Traviata")
    'la traviata'
    """
    words = key(text).split()
    if not words or len(words) > 20:
        return None
    titles = _opera_titles()
    whole = " ".join(words)
    inside = (run for run in _runs(words) if run in titles and (" " in run or len(run) >= 6))
    return whole if whole in titles else next(inside, None)


def _guess_path(url: str) -> LinkType | None:
    """Return the kind an address states, None when it states none."""
    segments = [_FILE_ENDING.sub("", segment) for segment in path_segments(url)]
    while segments and _LANGUAGE_LIKE.fullmatch(segments[0]):
        segments = segments[1:]
    while len(segments) > 1 and _RECORD_NUMBER.fullmatch(segments[-1]):
        segments = segments[:-1]
    kinds = [kind_of(segment) for segment in segments]
    labels = host_port(url).partition(":")[0].split(".")[:-2]
    by_whole_path: tuple[tuple[LinkType, bool], ...] = (
        ("noise", any(map(_is_noise, segments)) or not _SHOP_LABELS.isdisjoint(labels)),
        ("financial", "financial" in kinds),
        ("archive", "archive" in kinds),
        ("production", _event_in_query(url)),
        ("other", not segments and "?" not in url),
    )
    stated = next((kind for kind, holds in by_whole_path if holds), None)
    return stated or (_guess_last(segments, kinds) if segments else None)


def _guess_last(segments: list[str], kinds: list[LinkType | None]) -> LinkType | None:
    """Return the kind of the last segment, which the segments before it help to tell.

    .../opera alone is a list of operas, .../opera/fidelio a production, .../calendar/2026-11 a calendar.
    """
    last = kinds[-1]
    hub = next((kind for kind in kinds[:-1] if kind in HUBS), None)
    if hub is not None and names_an_opera(segments[-1]):
        return "production"
    if last in HUBS:
        return "season" if last == "production" else last
    if hub is not None:
        return hub if _is_date(segments[-1]) else "production"
    named = next((kind for kind in reversed(kinds) if kind), None)
    return named or ("production" if names_an_opera(segments[-1]) else None)


def _event_in_query(url: str) -> bool:
    """Tell whether the query names one production (``?production=12``, ``?stueck_id=7``)."""
    return any(
        value and _words().get(key(re.sub(r"[_-]?id$", "", name, flags=re.IGNORECASE))) == "production"
        for name, value in parse_qsl(urlsplit(url).query)
    )


def _last_words(url: str) -> str:
    segments = path_segments(url)
    return _FILE_ENDING.sub("", segments[-1]) if segments else ""


def kind_of(text: str) -> LinkType | None:
    """Return the kind a text names: as a whole, or by its longest known phrase of several words, or in two words.

    >>> kind_of("Spielzeit 2026/27"), kind_of("Season Calendar"), kind_of("Our annual report")
    ('season', 'season', 'financial')
    >>> kind_of("Opera"), kind_of("Oper Frankfurt")
    ('production', None)
    """
    words = [word for word in key(text).split() if not word.isdigit()]
    known = _words()
    whole = known.get(" ".join(words)) or ("season" if " ".join(words) in _genres() else None)
    if whole or not words or len(words) > 8:
        return whole
    runs = (run for run in _runs(words) if " " in run or (len(words) <= 2 and not _ART_FORM.fullmatch(run)))
    return next((known[run] for run in runs if known.get(run, "noise") != "noise"), None)


def _is_noise(segment: str) -> bool:
    """Tell whether a segment is noise as a whole, or begins with it: a title may well contain such a word.

    >>> _is_noise("privacy-policy-2026"), _is_noise("the-barber-of-seville-video"), _is_noise("shop")
    (True, False, True)
    """
    words = key(segment).split()
    return any(_words().get(" ".join(words[:length])) == "noise" for length in (1, 2, 3)) and (
        len(words) <= 3 and not names_an_opera(segment)
    )


def _is_date(segment: str) -> bool:
    """Tell whether a segment is a date, a month or a number in any language, and nothing else.

    >>> _is_date("2026-11"), _is_date("april-2027"), _is_date("fidelio-2027")
    (True, True, False)
    """
    return all(word.isdigit() or word in _months() for word in key(segment).split())


@cache
def _months() -> frozenset[str]:
    with resources.files("opera_spiders.data").joinpath("months.csv").open(encoding="utf-8") as lines:
        return frozenset(key(row["form"]) for row in csv.DictReader(lines))


def _runs(words: list[str]) -> Iterator[str]:
    """Yield the runs of neighbouring words, longest first."""
    for length in range(min(_LONGEST_WORD, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])
