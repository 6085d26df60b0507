"""What the built warehouse says about each labelled row, pair and name, counted by half of the labels."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.resolution.load import HousePage, Production, functions, page

LABELS = Path(__file__).parents[2] / "tests" / "dbt" / "labels"
COUNTED_GENRES = frozenset({"opera", "operetta", "zarzuela"})
BY_HAND = "written by hand"

WORKS = """
    select m.url, p.genre, p.is_counted, coalesce(w.slug, '?'), w.resolution,
        coalesce(b.extent, 'complete') <> 'complete' as is_shortened, l.works_key
    from dbt_staging.int_mentions as m
    inner join dbt_staging.int_mention_productions as l on m.mention_id = l.mention_id
    inner join core.productions as p on l.production_id = p.id
    inner join core.production_works as b on p.id = b.production_id
    inner join core.opera_works as w on b.opera_work_id = w.id
    order by m.url, b.ordinal
"""
PEOPLE = """
    select distinct d.company_domain, n.printed, p.performer_id, p.name, n.is_ensemble, n.position
    from dbt_staging.int_people as p
    inner join dbt_staging.int_names as n on p.printed = n.printed and p.position = n.position
    inner join dbt_staging.int_domains as d on p.company_id = d.company_id
    order by n.position
"""


def labelled(name: str) -> list[dict[str, str]]:
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Tally:
    """Of one measure: how many cases, how many right, and what was wrong with cases of the tuned half."""

    cases: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, split: str, is_right: bool, what: str) -> None:
        self.cases[split] += 1
        self.right[split] += is_right
        if not is_right and split == "tune":
            self.wrong.append(what)


class Tallies(defaultdict[str, Tally]):
    def __init__(self) -> None:
        super().__init__(Tally)


@dataclass(frozen=True)
class Found:
    """A production of the warehouse as one page has it."""

    genres: frozenset[str | None]
    is_counted: bool
    slugs: frozenset[str]
    keys: frozenset[str]
    is_shortened: bool


def found_productions(connection: Connection) -> dict[str, Found]:
    """Return what each address became. An address that is missing was taken for no evening of a work."""
    by_url: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(text(WORKS)):
        by_url[row[0]].append(row)
    return {
        url: Found(
            genres=frozenset(row[1] for row in group),
            is_counted=any(row[2] for row in group),
            slugs=frozenset(row[3] if row[4] != "provisional" else "other_opera" for row in group),
            keys=frozenset(row[6] for row in group),
            is_shortened=any(row[5] for row in group),
        )
        for url, group in by_url.items()
    }


# Rows: which work, or none.


def score_rows(connection: Connection, urls: dict[int, str], tallies: Tallies) -> None:
    """Count how labelled productions resolved. ``urls``: line of the source → address of its page."""
    found = found_productions(connection)
    others: dict[tuple[str, str], dict[str, set[frozenset[str]]]] = defaultdict(lambda: defaultdict(set))
    for row in labelled("resolution_rows"):
        kind, _, ids = row["label"].partition(":")
        is_at = found.get(urls[int(row["line"])])
        what = f"{row['opera_title']!r} by {row['composer']!r} is {row['label']} ({row['kind']}): {is_at}"
        flagged = is_at is None or bool(is_at.genres - COUNTED_GENRES - {None})
        if kind == "work":
            tallies["works resolve"].count(row["split"], is_at is not None and is_at.slugs == set(ids.split("+")), what)
            tallies["works are whole"].count(row["split"], is_at is not None and not is_at.is_shortened, what)
            if row["kind"] == "opera":
                tallies["operas are taken for operas"].count(row["split"], not flagged, what)
            if "+" in ids:
                tallies["double bills are split"].count(
                    row["split"], is_at is not None and len(is_at.slugs) == ids.count("+") + 1, what
                )
        elif kind == "children_version":
            tallies["children's versions stand apart"].count(
                row["split"], is_at is None or is_at.is_shortened or is_at.slugs != {ids}, what
            )
        elif kind == "other_opera":
            tallies["unknown operas stay unknown"].count(
                row["split"], is_at is not None and is_at.slugs == {"other_opera"}, what
            )
            tallies["operas are taken for operas"].count(row["split"], not flagged, what)
            if is_at is not None:
                others[row["true_title"], row["true_composer"]][row["split"]].add(is_at.keys)
        elif kind == "not_opera":
            tallies["what is no opera is flagged"].count(row["split"], flagged, what)
            tallies["what is no opera is not counted"].count(row["split"], is_at is None or not is_at.is_counted, what)
    for (title, composer), splits in others.items():
        for split, keys in splits.items():
            tallies["unknown operas are one row each"].count(split, len(keys) == 1, f"{title} by {composer}: {keys}")


# Pairs: one work, one person.


@dataclass(frozen=True)
class Side:
    url: str
    name: str


def sides_of_works(row: dict[str, str], number: int, found: Sequence[Production], urls: dict[int, str]) -> list[Side]:
    sides = []
    for place in ("left", "right"):
        title, context = row[place], row[f"{place}_context"]
        composer, _, house = context.rpartition(" · ")
        if BY_HAND in house or BY_HAND in context:
            sides.append(Side(f"https://{place}-{number}.example/", title))
            continue
        lines = [
            line
            for line, production in enumerate(found, 1)
            if production["opera_title"].strip() == title.strip()
            and production["company"] == house
            and (composer == "no composer" or (production["composer"] or "").strip().startswith(composer.strip()[:20]))
        ]
        if composer == "no composer":
            lines = [line for line in lines if not found[line - 1]["composer"]] or lines
        sides.append(Side(urls[lines[0]] if lines else "", title))
    return sides


def handwritten_pages(found: Sequence[Production]) -> Iterator[HousePage]:
    """Yield pages for the sides of pairs that the source does not hold, each at a house of its own."""
    for number, row in enumerate(labelled("resolution_pairs")):
        for place in ("left", "right"):
            context, name = row[f"{place}_context"], row[place]
            if BY_HAND not in context:
                continue
            host = f"{place}-{number}.example"
            shared: Production = {"company": host, "domain": host, "url": f"https://{host}/"}
            shared |= {"performances": [], "creative_team": [], "cast_members": []}
            if row["kind"] == "work":
                composer = context.rpartition(" · ")[0]
                yield page(
                    shared["url"],
                    shared | {"opera_title": name, "composer": None if composer == "no composer" else composer},
                )
                continue
            other = row["left" if place == "right" else "right"]
            other_context = row["left_context" if place == "right" else "right_context"]
            yield page(shared["url"], shared | engagement(name, other, other_context, found))


def engagement(name: str, other: str, context: str, found: Sequence[Production]) -> Production:
    """Return a production in which ``name`` does what ``other`` does: the label knows nothing else of them."""
    for production in found:
        if production["company"] not in context.replace(" …", ""):
            continue
        shared = {"opera_title": production["opera_title"], "composer": production["composer"]}
        for credit in production["creative_team"]:
            if credit["name"] == other and functions(credit["function"]):
                return shared | {"creative_team": [{"name": name, "function": credit["function"]}]}
        for part in production["cast_members"]:
            if part["performer"] == other:
                return shared | {"cast_members": [{"performer": name, "role": part["role"]}]}
    return {"opera_title": "Carmen", "composer": "Georges Bizet", "cast_members": [{"performer": name, "role": None}]}


def score_pairs(connection: Connection, found: Sequence[Production], urls: dict[int, str], tallies: Tallies) -> None:
    works = found_productions(connection)
    domains = {production["company"]: production["domain"] for production in found}
    people = found_people(connection)
    candidates = (
        {frozenset(row) for row in connection.execute(text("select left_id, right_id from core.resolution_candidates"))}
        if has_candidates(connection)
        else set()
    )
    for number, row in enumerate(labelled("resolution_pairs")):
        if row["label"] == "unclear":
            continue
        if row["kind"] == "work":
            sides = sides_of_works(row, number, found, urls)
            keys: list[Any] = [works[side.url].keys if side.url in works else None for side in sides]
        else:
            keys = [
                people_at(people, domains, row[place], row[f"{place}_context"], f"{place}-{number}.example")
                for place in ("left", "right")
            ]
        what = f"{row['left']!r} ({row['left_context']}) and {row['right']!r} ({row['right_context']}): {keys}"
        is_same = keys[0] is not None and keys[0] == keys[1]
        if row["kind"] == "person":
            is_same = bool(keys[0] and keys[1] and keys[0] & keys[1])
        noun = "works" if row["kind"] == "work" else "people"
        if row["label"] == "same":
            tallies[f"{noun}: what is one is one"].count(row["split"], is_same, what)
            if not is_same and row["kind"] == "person":
                is_listed = any(frozenset((a, b)) in candidates for a in keys[0] or () for b in keys[1] or ())
                tallies[f"{noun}: what is one and was not merged is a candidate"].count(row["split"], is_listed, what)
        else:
            tallies[f"{noun}: what is two is two"].count(row["split"], not is_same, what)


def has_candidates(connection: Connection) -> bool:
    return bool(connection.execute(text("select to_regclass('core.resolution_candidates') is not null")).scalar_one())


People = dict[tuple[str, str], list[tuple[str, str, bool]]]
Domains = dict[str, str]


def found_people(connection: Connection) -> People:
    """Return (house, printed name) → (performer id, name, whether an ensemble)."""
    people: People = defaultdict(list)
    for house, printed, performer_id, name, is_ensemble, _ in connection.execute(text(PEOPLE)):
        people[house, printed.strip()].append((performer_id, name, is_ensemble))
    return people


def people_at(people: People, domains: Domains, name: str, context: str, host: str) -> set[str] | None:
    if BY_HAND in context:
        return {person[0] for person in people.get((host, name.strip()), ())} or None
    houses = re.sub(" ?…", "", context.partition(":")[0]).split(", ")
    ids: set[str] = set()
    for house in houses:
        ids |= {person[0] for person in people.get((domains.get(house, ""), name.strip()), ())}
    return ids or None


# Names: who is meant by a printed string.


def score_names(connection: Connection, found: Sequence[Production], tallies: Tallies) -> None:
    domains = {production["company"]: production["domain"] for production in found}
    people = found_people(connection)
    for row in labelled("names"):
        house = row["context"].partition(":")[0]
        meant = people.get((domains.get(house, ""), row["name"].strip()), [])
        kind = "not_a_name" if not meant else "several" if len(meant) > 1 else "ensemble" if meant[0][2] else "person"
        what = f"{row['name']!r} ({row['context']}) is {row['label']}: {kind} {[name for _, name, _ in meant]}"
        tallies["names: person, ensemble, several or none"].count(row["split"], kind == row["label"], what)
        if row["label"] in ("person", "several"):
            expected = {plain(name) for name in row["clean_names"].split("; ")}
            tallies["names: without what is printed around them"].count(
                row["split"], {plain(name) for _, name, _ in meant} == expected, what
            )


def plain(name: str) -> str:
    return re.sub(r"\W+", " ", name).strip().casefold()
