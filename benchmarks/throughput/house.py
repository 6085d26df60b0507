"""An invented opera house as large as real ones: pages of 58 KB, some of 600 KB, little of it text.

Real pages are menus, class lists, picture sources, inline scripts and styles; what a reader sees is a twentieth of the
characters. Works are real ones, everybody and everything else is made up, the same for the same ``seed``.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from functools import cache
from importlib import resources

TYPICAL_BYTES = 58_000
LARGE_BYTES = 590_000
LARGE_SHARE = 0.03
FIRST_DAY = dt.date(2026, 12, 1)

_FIRST = (
    "Ada Bruno Clara Dario Elin Farid Greta Henrik Ilse Jonas Katia Lorenz Mira Nils Olga Pavel Rosa Sven Tamar Ugo"
)
_LAST = "Arlund Bessina Corvath Dellmark Ekström Farnholt Gerlova Hasting Irmel Jarosz Keller Lindqvist Morvay Norrby"
_LAST += " Orsini Pellgrim Quarles Rosvall Sandrin Tervo Ullmark Varga Westrup Ystad Zeman"
_TEAM = ("Conductor", "Director", "Set designer", "Costume designer", "Lighting designer", "Chorus director")
_WORDS = [
    "evening",
    "stage",
    "orchestra",
    "voice",
    "chorus",
    "story",
    "garden",
    "letter",
    "night",
    "king",
    "daughter",
    "storm",
    "harbour",
    "mirror",
    "oath",
    "promise",
    "forest",
    "winter",
    "lantern",
    "shadow",
    "silence",
    "return",
    "secret",
    "wedding",
    "flight",
    "crown",
    "river",
    "stranger",
    "music",
    "light",
    "dance",
]
_ICON = "M12 2a5 5 0 0 1 5 5v3h1a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2h1V7a5 5 0 0 1 5-5z"


def pages(count: int, seed: int = 0) -> dict[str, bytes]:
    """Return the pages of the house by path: a start page, a calendar, ``count`` productions."""
    dice = random.Random(seed)
    works = _works()
    shows = [
        _Show(number, *works[number % len(works)], random.Random(f"{seed}-{number}")) for number in range(1, count + 1)
    ]
    made: dict[str, bytes] = {"/": _page("Invented Opera", _listing(shows[:60], dice), shows, dice, TYPICAL_BYTES)}
    per_month = max(1, count // 12)
    for month in range(12):
        some = shows[month * per_month : (month + 1) * per_month] or shows[:1]
        path = f"/calendar/{2026 + (month + 11) // 12}-{(month + 11) % 12 + 1:02d}"
        made[path] = _page("Calendar", _listing(some, dice), shows, dice, TYPICAL_BYTES)
    for show in shows:
        is_large = dice.random() < LARGE_SHARE
        size = LARGE_BYTES if is_large else int(TYPICAL_BYTES * dice.triangular(0.5, 1.8, 0.8))
        made[show.path] = _page(show.title, show.body(shows, size), shows, dice, size, data=show.data())
    made["/sitemap.xml"] = _sitemap(list(made))
    made["/robots.txt"] = b"User-agent: *\nAllow: /\nSitemap: /sitemap.xml\n"
    return made


@cache
def _works() -> list[tuple[str, str]]:
    with resources.files("opera_spiders.data").joinpath("opera_works.csv").open(encoding="utf-8") as lines:
        return [(row["title"], row["composer"]) for row in csv.DictReader(lines)]


@cache
def _roles() -> list[str]:
    with resources.files("opera_spiders.data").joinpath("opera_roles.csv").open(encoding="utf-8") as lines:
        return [row["role"] for row in csv.DictReader(lines)]


class _Show:
    """One production: its page's facts."""

    def __init__(self, number: int, title: str, composer: str, dice: random.Random) -> None:
        self.title, self.composer, self.dice = title, composer, dice
        slug = "".join(letter if letter.isalnum() else "-" for letter in title.casefold()).strip("-")
        self.path = f"/productions/{slug}-{number}"
        first = FIRST_DAY + dt.timedelta(days=dice.randrange(150))
        self.days = [first + dt.timedelta(days=3 * night) for night in range(dice.randint(4, 12))]
        self.time = dice.choice(("19:00", "19:30", "18:00"))
        self.cast = [(dice.choice(_roles()), _name(dice)) for _ in range(dice.randint(6, 14))]
        self.team = [(label, _name(dice)) for label in _TEAM]

    def body(self, shows: list[_Show], size: int) -> str:
        rows = "".join(
            f'<div class="cast__row row no-gutters" data-id="{n}"><div class="cast__role col-md-5">{role}</div>'
            f'<div class="cast__name col-md-7"><a class="link link--arrow" href="https://artists.example/a-{n}">{name}</a></div></div>'
            for n, (role, name) in enumerate(self.cast)
        )
        team = "".join(
            f'<dt class="team__label">{label}</dt><dd class="team__name">{name}</dd>' for label, name in self.team
        )
        nights = "".join(
            f'<li class="date-list__item"><time datetime="{day}T{self.time}">{day:%a} {day.day} {day:%B %Y}, {self.time}'
            f'</time> <span class="venue">Great Stage</span> <a class="btn btn--ticket" href="https://tickets.example/{day:%Y%m%d}">'
            "Tickets from € 18</a></li>"
            for day in self.days
        )
        story = "".join(f'<p class="text-block__p">{_prose(self.dice, 70)}</p>' for _ in range(max(3, size // 16_000)))
        return (
            f'<h1 class="hero__title">{self.title}</h1><p class="hero__composer">{self.composer}</p>'
            f'<p class="hero__facts">Opera in {self.dice.randint(1, 5)} acts. Sung in Italian. 2 h 45 min, one interval</p>'
            f'{story}<h2>Dates</h2><ul class="date-list">{nights}</ul><h2>Creative team</h2><dl class="team">{team}</dl>'
            f'<h2>Cast</h2><div class="cast">{rows}</div><h2>Prices</h2><p>€ 120 / 95 / 70 / 45 / 18</p>'
            f"<h2>You may also like</h2>{_listing(self.dice.sample(shows, min(len(shows), max(6, size // 12_000))), self.dice)}"
        )

    def data(self) -> str:
        events = [
            {
                "@context": "https://schema.org",
                "@type": "TheaterEvent",
                "name": self.title,
                "startDate": f"{day}T{self.time}",
                "location": {"@type": "Place", "name": "Great Stage"},
            }
            for day in self.days
        ]
        return f'<script type="application/ld+json">{json.dumps(events)}</script>'


def _listing(shows: list[_Show], dice: random.Random) -> str:
    return "".join(
        f'<article class="teaser teaser--event col-12 col-md-6 col-lg-4" data-tracking="teaser-{n}"><a class="teaser__link" '
        f'href="{show.path}"><picture class="teaser__media"><source media="(min-width: 992px)" srcset="{_pictures(dice)}">'
        f'<img class="lazyload" loading="lazy" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=""></picture>'
        f'<h3 class="teaser__title">{show.title}</h3></a><p class="teaser__meta">{show.composer}</p>'
        f'<p class="teaser__date">{show.days[0].day} {show.days[0]:%B %Y}, {show.time}</p>'
        f'<svg class="icon icon--heart" viewBox="0 0 24 24" aria-hidden="true"><path d="{_ICON}"/></svg></article>'
        for n, show in enumerate(shows)
    )


def _page(title: str, body: str, shows: list[_Show], dice: random.Random, size: int, data: str = "") -> bytes:
    """Return a page of about ``size`` bytes; menus, and styles and scripts in the weight that is missing."""
    menu = "".join(
        f'<li class="nav__item nav__item--level-2 menu-item menu-item-type-post_type"><a class="nav__link js-nav" '
        f'data-level="2" href="{show.path}" aria-label="{show.title}">{show.title}</a></li>'
        for show in dice.sample(shows, min(len(shows), 24))
    )
    months = "".join(f'<li><a href="/calendar/2027-{month:02d}">Calendar {month}</a></li>' for month in range(1, 13))
    foot = "".join(
        f'<li class="footer__item"><a href="https://about.example/{word}">About the {word}</a></li>'
        for word in _WORDS[:20]
    )
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Invented Opera</title>'
        f'<meta name="description" content="{_prose(dice, 20)}"><link rel="canonical" href="">%s{data}</head>'
        f'<body class="page page--default"><header class="header"><nav class="nav"><ul class="nav__list">{menu}{months}</ul></nav>'
        f'</header><main id="main" class="main"><div class="container"><div class="content">{body}</div></div></main>'
        f'<footer class="footer"><ul class="footer__list">{foot}</ul><p>Invented Opera, 1 Nowhere Square</p></footer>%s</body></html>'
    )
    missing = max(0, size - len(page.encode()))
    styles = "".join(
        f".c{n}{{margin:{n % 40}px;color:#{n % 4096:03x};transition:all .2s ease-in-out}}"
        for n in range(missing // 104)
    )
    scripts = json.dumps({f"key{n}": {"value": n, "label": _WORDS[n % len(_WORDS)]} for n in range(missing // 90)})
    return (page % (f"<style>{styles}</style>", f"<script>window.config = {scripts}</script>")).encode()


def _sitemap(paths: list[str]) -> bytes:
    entries = "".join(f"<url><loc>{path}</loc></url>" for path in paths)
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()
    )


def _name(dice: random.Random) -> str:
    return f"{dice.choice(_FIRST.split())} {dice.choice(_LAST.split())}"


def _prose(dice: random.Random, words: int) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(words)).capitalize() + "."


def _pictures(dice: random.Random) -> str:
    name = dice.randrange(10**6)
    return ", ".join(
        f"/media/cache/{width}x{width}/uploads/2026/{name}_stage_{width}.webp {width}w" for width in (400, 800, 1200)
    )
