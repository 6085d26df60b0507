"""What an invented house plays: real works, invented people, three seasons of interest and an archive before them."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from opera_spiders.text import key

TODAY = date(2026, 11, 24)
SEASONS_OF_INTEREST = (2025, 2026, 2027)  # by the year in which they start; of the last, little is announced yet

# Syllables, so that no name is anybody's on purpose.
_FIRST = [
    "Alva",
    "Benno",
    "Cilia",
    "Dario",
    "Edda",
    "Fabio",
    "Gerda",
    "Hanno",
    "Ilva",
    "Jorin",
    "Karel",
    "Livia",
    "Marek",
    "Nadja",
    "Orla",
    "Piet",
    "Quirin",
    "Rosa",
    "Silvan",
    "Tilda",
    "Ugo",
    "Vesna",
    "Wanda",
    "Yorick",
    "Zita",
]
_SURNAME_STARTS = [
    "Bar",
    "Cal",
    "Dorn",
    "El",
    "Fen",
    "Gar",
    "Hol",
    "Ist",
    "Jor",
    "Kram",
    "Lind",
    "Mor",
    "Nor",
    "Ost",
    "Per",
    "Quen",
    "Ros",
    "Sal",
    "Tor",
    "Ul",
    "Var",
    "Wen",
    "Yst",
    "Zan",
]
_SURNAME_ENDS = [
    "bach",
    "bury",
    "dal",
    "din",
    "elli",
    "ersen",
    "eva",
    "gård",
    "heim",
    "inska",
    "ison",
    "ler",
    "lund",
    "mark",
    "nau",
    "ova",
    "quist",
    "rini",
    "ska",
    "stein",
    "thal",
    "urel",
    "vik",
    "wood",
]
_NONSENSE = [
    "lor",
    "vint",
    "samel",
    "to",
    "quor",
    "an",
    "besk",
    "il",
    "fara",
    "mund",
    "esto",
    "rai",
    "delk",
    "om",
    "saro",
    "vey",
    "und",
    "tasse",
    "bri",
    "col",
]


@dataclass(frozen=True, slots=True)
class Work:
    """A work of the reference data: its title in each language, its roles in order of the list."""

    work_id: str
    title: str
    composer: str
    titles: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]

    def title_in(self, language: str) -> str:
        """Return the title in ``language``, else the original one."""
        return dict(self.titles).get(language, self.title)


@dataclass(frozen=True, slots=True)
class Night:
    """One evening. ``substitute`` sings the first role (or conducts, where there is none) on this evening only."""

    day: date
    time: str
    number: int
    substitute: str | None = None


@dataclass(frozen=True, slots=True)
class Production:
    """One run of one season. ``genre`` is a word of ``words.csv``; ``titles`` gives the title in each language."""

    number: int
    season: int
    genre: str
    work: Work | None
    title: str
    composer: str
    team: tuple[tuple[str, str], ...]
    cast: tuple[tuple[str, str], ...]
    nights: tuple[Night, ...]
    price: tuple[int, int]

    def title_in(self, language: str) -> str:
        """Return the printed title."""
        title = self.work.title_in(language) if self.work else self.title
        return _in_kana(title) if language == "ja" else title

    @property
    def is_of_interest(self) -> bool:
        """Tell whether a crawl with the default window is meant to find it."""
        return self.season in SEASONS_OF_INTEREST


@dataclass(frozen=True, slots=True)
class Programme:
    """Everything a house announces: productions by season, and what is no production."""

    productions: tuple[Production, ...]
    artists: tuple[str, ...]
    tours: tuple[tuple[str, Night], ...]  # word of words.csv, when

    def of_season(self, season: int) -> list[Production]:
        """Return the productions of the season that starts in the year ``season``."""
        return [production for production in self.productions if production.season == season]


def compose(dice: random.Random, *, first_season: int, size: int, nights: int, genres: tuple[str, ...]) -> Programme:
    """Return a programme.

    :param first_season: year in which the oldest season of the archive starts
    :param size: productions of a full season
    :param nights: evenings of a production, at most
    """
    company = [_person(dice) for _ in range(90)]
    numbers = iter(dice.sample(range(1000, 99_999), 20_000))
    productions = []
    for season in range(first_season, 2028):
        count = dice.randint(2, max(3, size // 3)) if season == 2027 else size - dice.randint(0, size // 4)
        works = dice.sample(_works(), min(count, len(_works())))
        for place in range(count):
            genre = dice.choices(genres, [6 if genre == "opera" else 1.2 for genre in genres])[0]
            productions.append(_production(dice, season, genre, works[place % len(works)], company, nights, numbers))
    used = sorted({name for p in productions if p.is_of_interest for _, name in (*p.team, *p.cast)})
    dice.shuffle(used)
    tours = tuple(
        (
            dice.choice(("tour", "talk", "workshop")),
            Night(_day(dice, 2026), dice.choice(("11:00", "14:00")), next(numbers)),
        )
        for _ in range(dice.randint(12, 50))
    )
    return Programme(tuple(productions), tuple(used), tours)


def nonsense(dice: random.Random, sentences: int) -> str:
    """Return sentences that say nothing in no language."""
    return " ".join(
        " ".join(
            "".join(dice.choices(_NONSENSE, k=dice.randint(1, 3))) for _ in range(dice.randint(6, 14))
        ).capitalize()
        + "."
        for _ in range(sentences)
    )


def _production(
    dice: random.Random, season: int, genre: str, work: Work, company: list[str], most_nights: int, numbers: object
) -> Production:
    people = dice.sample(company, 16)
    functions = {
        "opera": ("conductor", "director", "designer", "costumes"),
        "ballet": ("conductor", "designer", "costumes"),
        "concert": ("conductor",),
    }[genre]
    team = tuple(zip(functions, people, strict=False))
    roles = work.roles[: dice.randint(4, 8)] if genre == "opera" else ()
    cast = tuple(zip(roles, people[5:], strict=False))
    start = _day(dice, season)
    count = 1 if genre == "concert" else dice.randint(2, most_nights)
    days = sorted({start + timedelta(days=3 * step + dice.randint(0, 2)) for step in range(count)})
    evenings = tuple(
        Night(
            day,
            dice.choice(("18:00", "19:00", "19:30", "20:00")),
            next(numbers),
            people[15] if place and dice.random() < 0.4 else None,
        )  # type: ignore[call-overload]
        for place, day in enumerate(days)
    )
    is_known = genre == "opera" and dice.random() > 0.12  # the rest are first performances of works nobody knows
    title = work.title if is_known else _invented_title(dice, genre)
    composer = work.composer if is_known else dice.choice(people)
    low = dice.randint(8, 25)
    number = next(numbers)  # type: ignore[call-overload]
    return Production(
        number,
        season,
        genre,
        work if is_known else None,
        title,
        composer,
        team,
        cast,
        evenings,
        (low, low * dice.randint(4, 9)),
    )


def _invented_title(dice: random.Random, genre: str) -> str:
    surname = dice.choice(_SURNAME_STARTS) + dice.choice(_SURNAME_ENDS)
    forms = {
        "opera": (
            f"The {surname} Letters",
            f"{surname}",
            f"A Night in {surname}",
            f"{dice.choice(_FIRST)} and the Sea",
        ),
        "ballet": (f"{surname} & {dice.choice(_FIRST)}", "Nocturne", f"{surname}: new steps", "Tides", "Winter Garden"),
        "concert": (
            f"Recital {_person(dice)}",
            f"{dice.randint(1, 10)}. Philharmonic",
            "Kammermusik VI",
            "Gala",
            "Mahler 4",
        ),
    }
    return dice.choice(forms[genre])


def _person(dice: random.Random) -> str:
    return f"{dice.choice(_FIRST)} {dice.choice(_SURNAME_STARTS)}{dice.choice(_SURNAME_ENDS)}"


def _day(dice: random.Random, season: int) -> date:
    return date(season, 9, 10) + timedelta(days=dice.randint(0, 270))


@cache
def _works() -> list[Work]:
    """Return the operas of which roles are known, the usual repertoire of a house."""
    roles: dict[str, list[str]] = defaultdict(list)
    for row in _rows("opera_roles.csv"):
        roles[row["work_id"]].append(row["role"])
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("opera_work_aliases.csv"):
        titles[row["work_id"]].setdefault(row["language"], row["alias"])
    return [
        Work(
            row["work_id"],
            row["title"],
            row["composer"],
            tuple(titles[row["work_id"]].items()),
            tuple(roles[row["work_id"]]),
        )
        for row in _rows("opera_works.csv")
        if len(roles[row["work_id"]]) >= 4
    ]


def _in_kana(title: str) -> str:
    """Return a title in signs that no vocabulary knows."""
    signs = "アイウエオカキクケコサシスセソタチツテトナニヌ"
    return "".join(signs[ord(letter) % len(signs)] for letter in key(title) if letter.isalnum())


def _rows(name: str) -> list[dict[str, str]]:
    with resources.files("opera_spiders.data").joinpath(name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def slug(text: str) -> str:
    """Return a title as addresses write it.

    >>> slug("L'elisir d'amore")
    'l-elisir-d-amore'
    """
    return key(text).replace(" ", "-")
