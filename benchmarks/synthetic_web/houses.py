"""The houses of the synthetic web, each drawn from a seed: forty to tune by, ten that are held out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

from benchmarks.synthetic_web.markup import DATES, STYLES, Markup
from benchmarks.synthetic_web.programme import compose
from benchmarks.synthetic_web.schemes import HELD_OUT_SCHEMES, SCHEMES, Scheme
from benchmarks.synthetic_web.site import Options, Site

HOUSES = 40
HELD_OUT = 10
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


@cache
def house(number: int) -> Site:
    """Return house ``number``, from 0; from ``HOUSES`` on they are held out."""
    is_held_out = number >= HOUSES
    dice = random.Random(f"house {number}")
    schemes = HELD_OUT_SCHEMES if is_held_out else SCHEMES
    scheme = schemes[number % len(schemes)]
    native = dice.choice(_HELD_OUT_LANGUAGES if is_held_out else _LANGUAGES)
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
        markup=Markup("old" if scheme.name == "flat files" else dice.choice(STYLES), dice.choice(DATES)),
        seed=number,
    )
    site.build()
    return site


def houses(*, held_out: bool = False) -> Iterator[int]:
    """Yield the numbers of the houses."""
    yield from range(HOUSES, HOUSES + HELD_OUT) if held_out else range(HOUSES)


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
