"""Invented seasons of many houses, as the crawl would have staged them: real works, invented people, skewed like the world.

A few houses play much and most play little; a few works are everywhere; a few singers sing everywhere and each house has an
ensemble of its own. Half of the productions name their casts night by night. Every evening stands on the production's page
and on a calendar page of its month, which mostly prints no composer. Some pages have an older version.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel

from opera_spiders.extraction import schema
from opera_spiders.extraction.vocabulary import rows
from tests.dbt.pages import leaves

FIRST_YEAR, SEASONS = 2017, 10
SYLLABLES = [
    "bar",
    "ben",
    "bor",
    "cal",
    "dor",
    "dra",
    "el",
    "fen",
    "gar",
    "gel",
    "hal",
    "har",
    "ist",
    "jor",
    "kan",
    "kel",
    "kor",
    "lan",
    "lin",
    "lor",
    "mar",
    "mel",
    "mor",
    "nar",
    "nel",
    "nor",
    "ost",
    "pal",
    "per",
    "pol",
    "ran",
    "rel",
    "ros",
    "sal",
    "sen",
    "sor",
    "tal",
    "ten",
    "tor",
    "ul",
    "val",
    "van",
    "ver",
    "vol",
    "wal",
    "wen",
    "win",
    "zan",
    "zel",
    "zor",
    "ber",
    "dal",
    "fal",
    "gor",
    "hol",
    "jan",
    "kir",
    "lund",
    "mir",
    "nov",
    "ril",
    "strand",
    "thal",
    "wick",
]
CREDITS = ("conductor", "director", "set_designer", "costume_designer", "lighting_designer")
LANGUAGES = ("de", "it", "en", "fr", "cs", "pl", "es", "sv")
NAMESPACE = UUID("8f1c6c5e-2f5b-4f0e-9a3e-5c8d4b8f2a10")
JSON = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One version of a page with the answer read from it."""

    url: str
    domain: str
    page_type: str
    scraped_at: datetime
    answer: JSON
    is_newest: bool = True

    def rows(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the rows of ``stg_scraped_pages`` and ``stg_llm_extractions``, in the order of ``load.COLUMNS``."""
        page_id = uuid5(NAMESPACE, f"{self.url} {self.scraped_at.isoformat()}")
        checksum = hashlib.sha256(page_id.bytes).hexdigest()
        evidence = {
            pointer: {"block": "b1", "xpath": "/html/body/main/p", "quote": str(value), "status": "verified"}
            for pointer, value in leaves(self.answer)
        }
        page = (page_id, self.url, self.domain, self.scraped_at, self.scraped_at, self.page_type, checksum, checksum)
        answer = json.dumps(self.answer, ensure_ascii=False)
        read = json.dumps(evidence, ensure_ascii=False)
        return page, (uuid5(page_id, "rules"), page_id, self.scraped_at, answer, read)


@dataclass
class House:
    """One house: where, how much it plays, and who sings there."""

    number: int
    evenings: int
    ensemble: list[str]
    language: str
    names_composers: bool
    venues: list[str] = field(default_factory=lambda: ["Main Stage", "Studio"])

    @property
    def domain(self) -> str:
        return f"house-{self.number:04}.example"


@dataclass(frozen=True)
class World:
    """``houses`` houses with about ``performances`` evenings in ten seasons; the same for the same seed."""

    houses: int
    performances: int
    seed: int = 7

    def versions(self) -> Iterator[Version]:
        """Yield every version of every page, house by house."""
        guests = self._people(random.Random(f"{self.seed} guests"), max(100, self.performances // 40))
        weights = [(rank + 3) ** -0.6 for rank in range(self.houses)]
        for number, weight in enumerate(weights):
            chance = random.Random(f"{self.seed} {number}")
            house = House(
                number,
                round(self.performances * weight / sum(weights)),
                self._people(chance, 15 + round(60 * weight / weights[0])),
                chance.choice(LANGUAGES),
                chance.random() < 0.2,
            )
            yield from self._of_house(house, guests, chance)

    def changed(self, share: float, round_number: int) -> Iterator[Version]:
        """Yield newer versions of a share of the production pages, chosen anywhere: one evening is cancelled."""
        chance = random.Random(f"{self.seed} changed {round_number}")
        seen_at = datetime(2027, 7, 1, tzinfo=UTC) + timedelta(days=round_number)
        for version in self.versions():
            if version.page_type != "production" or not version.is_newest or chance.random() >= share:
                continue
            answer = json.loads(json.dumps(version.answer))
            evening = chance.choice(answer["productions"][0]["performances"])
            evening["status"] = "cancelled"
            answer["productions"][0]["cast_members"][0]["performer"] = f"{chance.choice(given_names())} Newcomer"
            yield Version(version.url, version.domain, version.page_type, seen_at, answer)

    def _people(self, chance: random.Random, count: int) -> list[str]:
        names: set[str] = set()
        while len(names) < count:
            family = "".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3)))).capitalize()
            names.add(f"{chance.choice(given_names())} {family}")
        return sorted(names)

    def _of_house(self, house: House, guests: list[str], chance: random.Random) -> Iterator[Version]:
        left = house.evenings
        season = 0
        calendar: dict[str, list[JSON]] = defaultdict(list)
        while left > 0:
            year = FIRST_YEAR + season % SEASONS
            first = date(year, 9, 1) + timedelta(days=chance.randrange(270))
            count = min(left, max(2, round(chance.lognormvariate(2.0, 0.5))))
            left -= count
            work = _zipf(chance, works(), 0.9)
            production = self._production(house, work, year, first, count, guests, chance)
            url = f"https://{house.domain}/{year}-{(year + 1) % 100:02}/{work['work_id']}-{season}"
            read_at = datetime(year, 8, 1, tzinfo=UTC) + timedelta(days=chance.randrange(20), minutes=season % 1440)
            if chance.random() < 0.15:
                earlier = production | {"cast_members": production["cast_members"][:-1]}
                before = self._version(house, url, "production", read_at - timedelta(days=60), [earlier])
                yield replace(before, is_newest=False)
            yield self._version(house, url, "production", read_at, [production])
            months: dict[str, list[JSON]] = defaultdict(list)
            for evening in production["performances"]:
                months[evening["date"][:7]].append(evening)
            for month, evenings in months.items():
                calendar[month].append(
                    blank(schema.Production)
                    | {
                        "block": "b1",
                        "opera_title": production["opera_title"],
                        "composer": production["composer"] if house.names_composers else None,
                        "performances": evenings,
                    }
                )
            season += 1
        for month, productions in calendar.items():
            moment = datetime.fromisoformat(f"{month}-01T04:00:00+00:00") - timedelta(days=30)
            yield self._version(house, f"https://{house.domain}/calendar/{month}", "calendar", moment, productions)

    def _version(self, house: House, url: str, page_type: str, at: datetime, productions: Sequence[JSON]) -> Version:
        answer = blank(schema.PageExtraction) | {
            "page_type": page_type,
            "language": house.language,
            "productions": list(productions),
        }
        return Version(url, house.domain, page_type, at, answer)

    def _production(
        self,
        house: House,
        work: dict[str, str],
        year: int,
        first: date,
        count: int,
        guests: list[str],
        chance: random.Random,
    ) -> JSON:
        dates = [first + timedelta(days=3 * number) for number in range(count)]
        time = chance.choice(("19:00", "19:30", "20:00"))
        evenings = [{"date": day.isoformat(), "time": time} for day in dates]

        def singer() -> str:
            return chance.choice(house.ensemble) if chance.random() < 0.6 else _zipf(chance, guests, 0.6)

        casts = []
        parts = roles(work["work_id"])
        turns = 2 if chance.random() < 0.5 else 1
        for role in parts:
            for turn in range(turns):
                nights = evenings[turn::turns] if turns > 1 else []
                casts.append(
                    blank(schema.CastMember)
                    | {"block": "b1", "performer": singer(), "role": role, "nights": [night(at) for at in nights]}
                )
        return blank(schema.Production) | {
            "block": "b1",
            "opera_title": work["title"],
            "composer": work["composer"],
            "season": f"{year}/{(year + 1) % 100:02}" if first.month >= 8 or first.year > year else None,
            "genre": "opera",
            "venue": house.venues[chance.random() < 0.2],
            "production_type": chance.choice(("new", "revival", None)),
            "duration_minutes": chance.choice((None, 120, 150, 180)),
            "creative_team": [
                blank(schema.Credit) | {"block": "b1", "name": singer(), "function": function} for function in CREDITS
            ],
            "cast_members": casts,
            "performances": [
                blank(schema.Performance) | {"block": "b1", "year_inferred": False, "status": "scheduled"} | evening
                for evening in evenings
            ],
            "ticket_prices": [
                blank(schema.TicketPrice)
                | {"block": "b1", "category": name, "min": low, "max": low, "currency": "EUR"}
                | {"qualifier": "exact", "kind": "paid"}
                for name, low in (("A", chance.randrange(90, 200)), ("B", chance.randrange(50, 90)), ("C", 20))
            ],
        }


def night(evening: JSON) -> JSON:
    return blank(schema.Night) | evening


def _zipf(chance: random.Random, things: Sequence[Any], exponent: float) -> Any:
    return chance.choices(things, cum_weights=_weights(len(things), exponent))[0]


@cache
def _weights(count: int, exponent: float) -> list[float]:
    return list(accumulate((rank + 1) ** -exponent for rank in range(count)))


@cache
def given_names() -> list[str]:
    return sorted({row["given_name"] for row in rows("given_names")})


@cache
def works() -> list[dict[str, str]]:
    """Return the works of the reference, those with known roles first: they are the ones that are played."""
    found = [dict(row) for row in rows("opera_works") if row["composer"]]
    return sorted(found, key=lambda work: not known_roles().get(work["work_id"]))


@cache
def known_roles() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows("opera_roles"):
        found[row["work_id"]].append(row["role"])
    return dict(found)


@cache
def roles(work_id: str) -> list[str]:
    """Return the parts of a work: those the reference knows and, up to nine, invented ones."""
    known = known_roles().get(work_id, [])
    return [*known, *("Un messaggero", "Ein Bote", "First Guard", "Second Guard", "A Page")][: max(9, len(known))]


@cache
def _blank(model: type[BaseModel]) -> JSON:
    return {
        name: [] if getattr(known.annotation, "__origin__", None) is list else None
        for name, known in model.model_fields.items()
    }


def blank(model: type[BaseModel]) -> JSON:
    """Return an object of the contract that says nothing."""
    return dict(_blank(model))
