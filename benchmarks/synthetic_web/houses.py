"""The houses of the synthetic web, each drawn from a seed: forty to tune by, ten held out, and twelve of other kinds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, Literal

from benchmarks.synthetic_web.markup import DATES, FURTHER_DATES, FURTHER_STYLES, STYLES, Markup
from benchmarks.synthetic_web.programme import compose
from benchmarks.synthetic_web.schemes import FURTHER_SCHEMES, HELD_OUT_SCHEMES, SCHEMES, Scheme
from benchmarks.synthetic_web.site import Options, Site

HOUSES = 40
HELD_OUT = 10
FURTHER = 12
Group = Literal["tuned", "held-out", "further"]
_LANGUAGES = ("en", "de", "fr", "it", "es", "cs", "pl", "nl", "sv", "pt", "da", "ru")
_HELD_OUT_LANGUAGES = ("hu", "fi", "no", "ro", "hr", "en", "de")
_PLACES = [
    "Aldmere",
    "Bruckenau",
    "Corvale",
    "Dornwick",
    "Esterhall",
    "Fiumara",
    "Grenoux",
    "Halmsted",
    "Istvara",
    "Jelenow",
]


# What sets each of the further houses apart, in the order of their schemes: language and options.
_FURTHER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("en", {"sitemap": "none", "mixes_titles": True}),
    ("fr", {"sitemap": "complete", "one_page_seasons": True}),
    ("ja", {"languages": ("ja",), "sitemap": "none"}),
    ("uk", {"languages": ("uk", "en"), "language_in": "prefix", "sitemap": "index", "evenings": "own"}),
    ("de", {"languages": ("de", "en"), "language_parameter": "clang", "sitemap": "none", "evenings": "same"}),
    ("de", {"languages": ("de",), "session": "before", "sitemap": "none"}),
    ("it", {"languages": ("it",), "session": "behind", "sitemap": "none"}),
    ("es", {"languages": ("es", "en"), "language_in": "host", "has_hreflang": False, "evenings": "own"}),
    ("en", {"languages": ("en",), "lists_are_data": True, "sitemap": "none", "lists_by": 8}),
    ("nl", {"calendar_by": "entries", "sitemap": "none", "evenings": "same", "has_endless_calendar": True}),
    ("sv", {"calendar_by": "entries", "mixes_titles": True, "sitemap": "none", "has_endless_calendar": True}),
    ("cs", {"mixes_titles": True, "sitemap": "listed", "news_count": 200}),
)


@cache
def house(number: int) -> Site:
    """Return house ``number``, from 0; from ``HOUSES`` on they are held out, from ``HOUSES + HELD_OUT`` on further ones."""
    dice = random.Random(f"house {number}")
    group = next(group for group in _NUMBERS if number in _NUMBERS[group])
    schemes = {"tuned": SCHEMES, "held-out": HELD_OUT_SCHEMES, "further": FURTHER_SCHEMES}[group]
    place = number - _NUMBERS[group].start if group == "further" else number
    scheme = schemes[place % len(schemes)]
    native = dice.choice(_LANGUAGES if group == "tuned" else _HELD_OUT_LANGUAGES)
    styles, dates = STYLES, DATES
    if group == "further":
        native, own = _FURTHER[place]
        options = replace(_options(dice, scheme, native), **own)
        styles, dates = FURTHER_STYLES, ("signs",) if native == "ja" else FURTHER_DATES
    else:
        options = _options(dice, scheme, native)
    genres = dice.choice(
        (("opera",), ("opera", "concert"), ("opera", "ballet", "concert"), ("opera", "ballet", "concert"))
    )
    programme = compose(
        dice, first_season=options.archive_since, size=dice.randint(12, 24), nights=dice.randint(4, 9), genres=genres
    )
    site = Site(
        name=f"Opera {_PLACES[number % 10]} {number}",
        scheme=scheme,
        options=options,
        programme=programme,
        markup=Markup("old" if scheme.name == "flat files" else dice.choice(styles), dice.choice(dates)),
        seed=number,
    )
    site.build()
    return site


_NUMBERS: dict[Group, range] = {
    "tuned": range(HOUSES),
    "held-out": range(HOUSES, HOUSES + HELD_OUT),
    "further": range(HOUSES + HELD_OUT, HOUSES + HELD_OUT + FURTHER),
}


def houses(group: Group = "tuned") -> Iterator[int]:
    """Yield the numbers of a group's houses."""
    yield from _NUMBERS[group]


def _options(dice: random.Random, scheme: Scheme, native: str) -> Options:
    has_roots = any("{root}" in form for form in scheme.formats.values())
    second = "en" if native != "en" else dice.choice(("de", "fr"))
    is_bilingual = dice.random() < 0.5 and scheme.name != "flat files"
    evenings = (
        "own"
        if not scheme.of("production")
        else dice.choice(("none", "own", "same"))
        if scheme.of("evening")
        else "none"
    )
    return Options(
        languages=(native, second) if is_bilingual else (native,),
        language_in=dice.choice(("prefix", "prefixes")) if has_roots else "parameter",
        has_hreflang=dice.random() < 0.6,
        sitemap=dice.choice(("none", "none", "complete", "complete", "index", "listed", "stale", "events")),
        has_endless_calendar=dice.random() < 0.6,
        evenings=evenings,
        lists_by=dice.choice((0, 0, 8, 12)),
        session=dice.choice((None, None, None, "PHPSESSID", "sid", "visit"))
        if "servlets" not in scheme.name
        else dice.choice((None, "jsessionid")),
        facets=dice.random() < 0.5,
        prints=dice.random() < 0.5,
        backlinks=dice.random() < 0.3,
        galleries=dice.random() < 0.4,
        tags=dice.random() < 0.4,
        relative_bug=dice.random() < 0.3,
        soft_404=dice.random() < 0.3,
        redirects=dice.random() < 0.25,
        structured_data=dice.random() < 0.35,
        archive_since=dice.choice((1985, 2005, 2015, 2025, 2025)),
        archive_in_place=dice.random() < 0.4,
        news_count=dice.randint(40, 220),
        reports=dice.random() < 0.5,
        blocks_by_robots=dice.random() < 0.4,
    )
