"""Lies about a page, by kind: what it does not print at all, and what it prints of somebody or something else.

``INVENTED`` changes one value to something that stands nowhere on the page. ``REUSED`` takes words, days and amounts
that the page does print: names that change roles, the venue of another production, a day of another evening.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from opera_spiders.extraction.schema import PageExtraction
from opera_spiders.text import key

Json: TypeAlias = dict[str, Any]
Change: TypeAlias = tuple[str, Any]
"""A pointer below the production, and the value that is a lie there."""
Kind: TypeAlias = Callable[[Json, list[Json], random.Random], Iterator[Change]]

NOBODY = ("Balthasar Quendel", "Fiorenza Ubaldini", "Ottokar Zwettl", "Ginevra Malasorte", "Ambrose Thistlewood")
PARTNERS = {
    "performer": ("performer", "role", "kind", "nights", "voice_type", "replaces"),
    "role": ("role", "nights", "kind"),
    "name": ("name", "function", "nights"),
    "function": ("name", "function", "nights"),
    "date": ("date", "time", "venue", "city", "status", "availability", "type", "ticket_url"),
    "time": ("time",),
    "min": ("min", "max", "category", "qualifier", "kind", "nights", "currency"),
    "category": ("min", "max", "category", "qualifier", "kind", "nights", "currency"),
}
"""Values that are only true together: a lie about one leaves the others of its object without evidence."""


@dataclass(frozen=True)
class LyingAnswer:
    """An answer with lies of one kind: the leaves that are lies, and starts of pointers a lie may take with it."""

    kind: str
    answer: PageExtraction
    pointers: tuple[str, ...]
    partners: tuple[str, ...]


def lying_answers(answer: PageExtraction, kinds: dict[str, Kind], chance: random.Random) -> Iterator[LyingAnswer]:
    """Yield for each kind that the answer has a place for one answer with at most one lie in each object."""
    for name, kind in kinds.items():
        changed = answer.model_dump(mode="json")
        pointers, partners = [], []
        for number, production in enumerate(changed["productions"]):
            others = [other for other in changed["productions"] if other is not production]
            by_object: dict[str, list[Change]] = {}
            for pointer, value in kind(copy.deepcopy(production), copy.deepcopy(others), chance):
                by_object.setdefault(pointer.rpartition("/")[0], []).append((pointer, value))
            for holder, changes in by_object.items():
                pointer, value = chance.choice(changes)
                at = f"/productions/{number}"
                _set(production, pointer, value)
                pointers.append(f"{at}{pointer}")
                leaf = pointer.rpartition("/")[2]
                partners += [f"{at}{holder}/{partner}" for partner in PARTNERS.get(leaf, (leaf,))]
        if pointers:
            yield LyingAnswer(name, PageExtraction.model_validate(changed), tuple(pointers), tuple(partners))


def _set(production: Json, pointer: str, value: Any) -> None:
    *path, name = pointer.strip("/").split("/")
    holder: Any = production
    for part in path:
        holder = holder[int(part)] if part.isdigit() else holder[part]
    holder[int(name) if name.isdigit() else name] = value


def _numbered(production: Json, name: str) -> Iterator[tuple[str, Json]]:
    for number, item in enumerate(production[name]):
        yield f"/{name}/{number}", item


def _titles(production: Json) -> set[str]:
    titles = (production["opera_title"], production["production_title"], *(w["title"] for w in production["works"]))
    return {key(title) for title in titles if title}


def _people(production: Json) -> list[str]:
    names = [credit["name"] for credit in production["creative_team"]]
    return names + [member["performer"] for member in production["cast_members"]]


def _words(production: Json) -> list[str]:
    """What the page prints of a production that is no place, company or version."""
    words = [production["opera_title"], production["composer"], *_people(production)]
    return [word for word in words if word]


def _differs(one: str | None, *others: str | None) -> bool:
    """Tell whether words are not those of any other value, nor a part of them."""
    return bool(one) and all(
        not other or (key(one or "") not in key(other) and key(other) not in key(one or "")) for other in others
    )


def _next_day(day: str) -> str:
    return (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()


# ----------------------------------------------------------------------------------------------------------- invented


def _invented_words(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    yield "/opera_title", "Die Sirenen von Quendelberg"
    for name, value in (("composer", chance.choice(NOBODY)), ("librettist", chance.choice(NOBODY))):
        yield f"/{name}", value
    yield "/venue", "Quendelhaus"
    yield "/city", "Zwettlingen an der Quend"
    yield "/production_title", "Quendels Höllenfahrt"
    yield "/season", "1987/88"


def _invented_names(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, _credit in _numbered(production, "creative_team"):
        yield f"{at}/name", chance.choice(NOBODY)
    for at, _member in _numbered(production, "cast_members"):
        yield f"{at}/performer", chance.choice(NOBODY)


def _invented_roles(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, _member in _numbered(production, "cast_members"):
        yield f"{at}/role", "Quendelkönig"
        yield f"{at}/replaces", chance.choice(NOBODY)
    for at, _work in _numbered(production, "works"):
        yield f"{at}/version", "Quendelfassung von 1871"


def _wrong_functions(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, credit in _numbered(production, "creative_team"):
        wrong = "director" if credit["function"] != "director" else "lighting_designer"
        if not any(c["name"] == credit["name"] and c["function"] == wrong for c in production["creative_team"]):
            yield f"{at}/function", wrong


def _invented_enums(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    if production["duration_minutes"]:
        yield "/duration_minutes", production["duration_minutes"] + 7
    if production["genre"] != "ballet":
        yield "/genre", "zarzuela"
    if production["presentation"] is None:
        yield "/presentation", "semi_staged"


def _invented_evenings(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, _evening in _numbered(production, "performances"):
        yield f"{at}/date", "2026-02-31"
        yield f"{at}/date", "1999-12-24"


def _invented_times(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    evenings = {(e["date"], e["time"]) for e in production["performances"]}
    for at, evening in _numbered(production, "performances"):
        yield from ((f"{at}/time", t) for t in ("03:17", "11:11") if (evening["date"], t) not in evenings)


def _invented_states(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, evening in _numbered(production, "performances"):
        if evening["status"] != "postponed":
            yield f"{at}/status", "postponed"
        if evening["availability"] not in ("members_only", "free"):
            yield f"{at}/availability", "members_only"
        if evening["type"] is None:
            yield f"{at}/type", "gala"
        yield f"{at}/ticket_url", "https://tickets.quendel.example/1"


def _invented_prices(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, price in _numbered(production, "ticket_prices"):
        if price["min"] is not None:
            yield f"{at}/min", price["min"] + 1.37


INVENTED: dict[str, Kind] = {
    "words": _invented_words,
    "names": _invented_names,
    "roles": _invented_roles,
    "functions": _wrong_functions,
    "enums": _invented_enums,
    "evenings": _invented_evenings,
    "times": _invented_times,
    "states": _invented_states,
    "prices": _invented_prices,
}


# -------------------------------------------------------------------------------------------------- words of the page


def _title_of_a_person(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for name in _people(production):
        if _differs(name, *_titles(production)):
            yield "/opera_title", name


def _title_of_a_place(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for name in (production["venue"], production["city"], *(e["venue"] for e in production["performances"])):
        if _differs(name, *_titles(production)):
            yield "/opera_title", name


def _title_of_another(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    for other in others:
        if _differs(other["opera_title"], *_titles(production)):
            yield "/opera_title", other["opera_title"]


def _composer_of_credits(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    composers = [production["composer"], *(work["composer"] for work in production["works"])]
    composers += [c["name"] for c in production["creative_team"] if c["function"] in ("composer", "arranger")]
    for name in (production["librettist"], *_people(production)):
        if _differs(name, *composers):
            yield "/composer", name


def _composer_of_another(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    own = [production["composer"], *(work["composer"] for work in production["works"])]
    for other in others:
        if any(own) and _differs(other["composer"], *own):
            yield "/composer", other["composer"]
            yield from ((f"{at}/composer", other["composer"]) for at, _ in _numbered(production, "works"))


def _librettist_of_credits(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    texts = ("librettist", "source_author", "translator", "arranger")
    own = [production["librettist"], *(c["name"] for c in production["creative_team"] if c["function"] in texts)]
    for name in (production["composer"], *_people(production)):
        if _differs(name, *own):
            yield "/librettist", name


def _venue_of_words(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for word in _words(production):
        if _differs(word, production["venue"], production["city"], *(e["venue"] for e in production["performances"])):
            yield "/venue", word
            yield "/city", word


def _venue_of_another(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    own = [production["venue"], *(e["venue"] for e in production["performances"])]
    for other in others:
        for venue in (other["venue"], *(e["venue"] for e in other["performances"])):
            if any(own) and _differs(venue, *own):
                yield "/venue", venue


def _venue_of_another_evening(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, evening in _numbered(production, "performances"):
        for other in production["performances"]:
            if evening["venue"] and _differs(other["venue"], evening["venue"]):
                yield f"{at}/venue", other["venue"]


def _co_producer_of_words(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for number, _name in enumerate(production["co_producers"]):
        for word in (*_words(production), production["venue"]):
            if _differs(word, *production["co_producers"]):
                yield f"/co_producers/{number}", word


def _version_of_words(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, work in _numbered(production, "works"):
        for word in (*_people(production), production["venue"], production["season"]):
            if _differs(word, work["version"], work["title"]):
                yield f"{at}/version", word


def _name_of_another_credit(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    team = production["creative_team"]
    for at, credit in _numbered(production, "creative_team"):
        held = [c["name"] for c in team if c["function"] == credit["function"]]
        for other in team:
            if _differs(other["name"], *held):
                yield f"{at}/name", other["name"]


def _singer_as_credit(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, _credit in _numbered(production, "creative_team"):
        for member in production["cast_members"]:
            if _differs(member["performer"], *(c["name"] for c in production["creative_team"])):
                yield f"{at}/name", member["performer"]


def _credit_as_singer(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, _member in _numbered(production, "cast_members"):
        for credit in production["creative_team"]:
            if _differs(credit["name"], *(m["performer"] for m in production["cast_members"])):
                yield f"{at}/performer", credit["name"]


def _role_of_another(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, member in _numbered(production, "cast_members"):
        mine = [m["role"] for m in production["cast_members"] if m["performer"] == member["performer"]]
        for other in production["cast_members"]:
            if member["role"] and _differs(other["role"], *mine):
                yield f"{at}/role", other["role"]


def _role_and_name_exchanged(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, member in _numbered(production, "cast_members"):
        if _differs(member["role"], member["performer"]):
            yield f"{at}/performer", member["role"]


def _voice_of_another(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, member in _numbered(production, "cast_members"):
        for other in production["cast_members"]:
            if member["voice_type"] and _differs(other["voice_type"], member["voice_type"]):
                yield f"{at}/voice_type", other["voice_type"]


def _replaced_by_another(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, member in _numbered(production, "cast_members"):
        for name in _people(production):
            if _differs(name, member["replaces"], member["performer"]):
                yield f"{at}/replaces", name


def _shifted_days(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    days = {e["date"] for e in production["performances"]}
    for at, evening in _numbered(production, "performances"):
        if (day := _next_day(evening["date"])) not in days:
            yield f"{at}/date", day


def _days_of_others(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    days = {e["date"] for e in production["performances"]}
    printed = {e["date"] for other in others for e in other["performances"]} - days
    for at, _evening in _numbered(production, "performances"):
        yield from ((f"{at}/date", day) for day in sorted(printed))


def _times_of_others(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    evenings = [e for p in (production, *others) for e in p["performances"]]
    times = sorted({e["time"] for e in evenings if e["time"]})
    for at, evening in _numbered(production, "performances"):
        own = {e["time"] for e in evenings if e["date"] == evening["date"]}
        if evening["time"]:
            yield from ((f"{at}/time", time) for time in times if time not in own)


def _shifted_nights(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for name in ("creative_team", "cast_members"):
        for at, item in _numbered(production, name):
            own = {night["date"] for night in item["nights"]}
            for number, night in enumerate(item["nights"]):
                if (day := _next_day(night["date"])) not in own:
                    yield f"{at}/nights/{number}/date", day


def _nights_of_others(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    days = sorted({e["date"] for e in production["performances"]})
    for name, who in (("creative_team", "name"), ("cast_members", "performer")):
        for at, item in _numbered(production, name):
            own = {n["date"] for other in production[name] if other[who] == item[who] for n in other["nights"]}
            for number, _night in enumerate(item["nights"]):
                yield from ((f"{at}/nights/{number}/date", day) for day in days if day not in own)


def _edges_of_others(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    days = sorted({e["date"] for e in production["performances"]})
    for name in ("premiere_date", "closing_date"):
        if production[name]:
            yield from ((f"/{name}", day) for day in days if day != production[name])


def _price_of_another_category(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, price in _numbered(production, "ticket_prices"):
        for other in production["ticket_prices"]:
            is_other = price["category"] and other["category"] and other["nights"] == price["nights"]
            if is_other and None not in (price["min"], other["min"]) and other["min"] != price["min"]:
                yield f"{at}/min", other["min"]


def _price_of_another_evening(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
    for at, price in _numbered(production, "ticket_prices"):
        own = {night["date"] for night in price["nights"]}
        for other in production["ticket_prices"]:
            for night in other["nights"]:
                same = other["category"] == price["category"] and other["min"] != price["min"]
                if own and same and night["date"] not in own:
                    yield f"{at}/nights/0/date", night["date"]


def _price_of_another_production(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    own = {amount for price in production["ticket_prices"] for amount in (price["min"], price["max"])}
    for at, price in _numbered(production, "ticket_prices"):
        for other in others:
            for theirs in other["ticket_prices"]:
                if price["min"] is not None and theirs["min"] is not None and theirs["min"] not in own:
                    yield f"{at}/min", theirs["min"]


def _state_of_another_evening(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    evenings = [e for p in (production, *others) for e in p["performances"]]
    for at, evening in _numbered(production, "performances"):
        for name in ("status", "availability", "type"):
            theirs = {e[name] for e in evenings} - {e[name] for e in evenings if e["date"] == evening["date"]} - {None}
            yield from ((f"{at}/{name}", value) for value in sorted(theirs) if value not in ("scheduled", "regular"))


def _address_of_another_evening(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    evenings = [e for p in (production, *others) for e in p["performances"]]
    for at, evening in _numbered(production, "performances"):
        own = {e["ticket_url"] for e in evenings if e["date"] == evening["date"]}
        if evening["ticket_url"]:
            yield from ((f"{at}/ticket_url", e["ticket_url"]) for e in evenings if e["ticket_url"] not in {*own, None})


def _numbers_of_another(production: Json, others: list[Json], chance: random.Random) -> Iterator[Change]:
    for name in ("duration_minutes", "language", "season"):
        for other in others:
            if production[name] and other[name] and production[name] != other[name]:
                yield f"/{name}", other[name]


REUSED: dict[str, Kind] = {
    "title of a person": _title_of_a_person,
    "title of a place": _title_of_a_place,
    "title of another production": _title_of_another,
    "composer of the credits": _composer_of_credits,
    "composer of another production": _composer_of_another,
    "librettist of the credits": _librettist_of_credits,
    "place of other words": _venue_of_words,
    "venue of another production": _venue_of_another,
    "venue of another evening": _venue_of_another_evening,
    "co-producer of other words": _co_producer_of_words,
    "version of other words": _version_of_words,
    "name of another credit": _name_of_another_credit,
    "singer as credit": _singer_as_credit,
    "credit as singer": _credit_as_singer,
    "role of another": _role_of_another,
    "role and name exchanged": _role_and_name_exchanged,
    "voice of another": _voice_of_another,
    "replaced by another": _replaced_by_another,
    "day shifted": _shifted_days,
    "day of another production": _days_of_others,
    "time of another evening": _times_of_others,
    "night shifted": _shifted_nights,
    "night of another cast": _nights_of_others,
    "first or last night of another": _edges_of_others,
    "price of another category": _price_of_another_category,
    "price of another evening": _price_of_another_evening,
    "price of another production": _price_of_another_production,
    "state of another evening": _state_of_another_evening,
    "address of another evening": _address_of_another_evening,
    "length, language or season of another": _numbers_of_another,
}


def any_words(texts: list[str], answer: PageExtraction, chance: random.Random) -> dict[str, Kind]:
    """Return lies that take any words of a page, lines and pieces of them, for a title, a place, a person and so on.

    :param texts: the lines of the page; those with words of the answer are left out
    """
    stated = {key(word) for word in _leaves(answer.model_dump(mode="json")) if len(key(word)) > 3}
    lines = [line for text in texts for line in text.split("\n") if re.search(r"[^\W\d_]{3}", line)]
    others = [line for line in lines if not any(word in key(line) or key(line) in word for word in stated)]

    def pick() -> str:
        words = chance.choice(others).split()
        first = chance.randrange(max(1, len(words) - 2))
        return " ".join(words if len(words) < 4 else words[first : first + chance.choice((2, 3))])

    def kind(*names: str) -> Kind:
        def lie(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
            if others:
                yield from ((f"/{name}", pick()) for name in names)

        return lie

    def lists(production: Json, _: list[Json], chance: random.Random) -> Iterator[Change]:
        for at, _work in _numbered(production, "works") if others else ():
            yield f"{at}/version", pick()
        for at, _member in _numbered(production, "cast_members") if others else ():
            yield f"{at}/replaces", pick()
        for at, _evening in _numbered(production, "performances") if others else ():
            yield f"{at}/venue", pick()
        for number, _name in enumerate(production["co_producers"]) if others else ():
            yield f"/co_producers/{number}", pick()

    return {
        "any words as title": kind("opera_title"),
        "any words as person": kind("composer", "librettist"),
        "any words as place": kind("venue", "city"),
        "any words in lists": lists,
    }


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item) if name != "block" else ()
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value
