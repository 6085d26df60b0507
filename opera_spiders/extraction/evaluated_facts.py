"""What an answer states, by field, in a form in which every printing of a name, title or amount compares equal."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from opera_spiders.extraction.dates import find_seasons
from opera_spiders.extraction.extractor import Extraction
from opera_spiders.extraction.names import read_names
from opera_spiders.extraction.page_words import language_code
from opera_spiders.extraction.vocabulary import composer_named, works_titled
from opera_spiders.text import key

Value = tuple[Any, ...]
Facts = dict[str, list[Value]]
TAKEN = frozenset({"verified", "section", "inferred", "reviewed"})


def taken(extraction: Extraction) -> dict[str, Any]:
    """Return what the warehouse would take of an extraction: its answer with every other value null."""
    answer: dict[str, Any] = json.loads(json.dumps(extraction.raw_response or {}))
    only = len(answer.get("productions", [])) == 1
    for pointer, found in extraction.evidence.items():
        parts = pointer.strip("/").split("/")
        if found["status"] in TAKEN or pointer in ("/page_type", "/language"):
            continue
        if found["status"] == "elsewhere" and _is_scalar_of_only_production(parts, only):
            continue
        holder: Any = answer
        for part in parts[:-1]:
            holder = holder[int(part)] if part.isdigit() else holder[part]
        holder[int(parts[-1]) if parts[-1].isdigit() else parts[-1]] = None
    return answer


def _is_scalar_of_only_production(parts: Sequence[str], only: bool) -> bool:
    return only and len(parts) == 3 and parts[0] == "productions"


@lru_cache(maxsize=65_536)
def _title(printed: str) -> str:
    works = works_titled(printed)
    return works[0].work_id if len(works) == 1 else key(printed)


@lru_cache(maxsize=65_536)
def _name(printed: str) -> str:
    names = read_names(printed)
    bare = names[0].name if len(names) == 1 else printed
    return " ".join(sorted(key(bare).split()))


@lru_cache(maxsize=65_536)
def _composer(printed: str) -> str:
    known = composer_named(printed)
    return known.composer_id if known else _name(printed)


@lru_cache(maxsize=4_096)
def _season(printed: str) -> str:
    seasons = find_seasons(f"Season {printed}")
    return seasons[0].first.isoformat() if seasons else key(printed)


def _amount(value: Any) -> str:
    return "" if value is None else f"{Decimal(str(value)):.2f}"


_PLAIN: dict[str, Any] = {
    "opera_title": ("title", _title),
    "composer": ("composer", _composer),
    "librettist": ("librettist", key),
    "production_title": ("production_title", key),
    "season": ("season", _season),
    "language": ("language", str),
    "genre": ("genre", str),
    "venue": ("venue", key),
    "city": ("city", key),
    "production_type": ("production_type", str),
    "presentation": ("presentation", str),
    "premiere_date": ("premiere_date", str),
    "closing_date": ("closing_date", str),
    "duration_minutes": ("duration_minutes", int),
    "intermissions": ("intermissions", int),
}


def production_facts(production: Mapping[str, Any]) -> Facts:
    """Return what a production of a PageExtraction states, by field, in a form in which printings compare equal."""
    facts: Facts = defaultdict(list)
    for name, (label, fold) in _PLAIN.items():
        if production.get(name) is not None:
            facts[label].append((fold(production[name]),))
    for name in ("is_family", "is_world_premiere"):
        if production.get(name) is not None:
            facts[name].append((production[name],))
    for name in ("premiere_words", "co_producers"):
        facts[name] += [(key(words),) for words in production.get(name) or [] if words]
    for work in production.get("works") or []:
        _add_work(facts, work)
    for credit in production.get("creative_team") or []:
        _add_credit(facts, credit)
    for member in production.get("cast_members") or []:
        _add_member(facts, member)
    for evening in production.get("performances") or []:
        _add_evening(facts, evening)
    for price in production.get("ticket_prices") or []:
        _add_price(facts, price)
    # Values compare as sets; that none was read twice is counted apart.
    facts["entries"] = [(name, len(production.get(name) or [])) for name in _LISTS if production.get(name)]
    return {name: list(dict.fromkeys(values)) for name, values in facts.items() if values}


_LISTS = ("creative_team", "cast_members", "performances", "ticket_prices", "works")


def _nights(holder: Mapping[str, Any], who: Value) -> list[Value]:
    return [(*who, night["date"], night.get("time")) for night in holder.get("nights") or [] if night.get("date")]


def _add_work(facts: Facts, work: Mapping[str, Any]) -> None:
    if not work.get("title"):
        return
    title = _title(work["title"])
    facts["work"].append((title, _composer(work.get("composer") or "")))
    for name in ("version", "extent"):
        if work.get(name):
            facts[f"work_{name}"].append((title, key(work[name])))


def _add_credit(facts: Facts, credit: Mapping[str, Any]) -> None:
    if credit.get("name") and credit.get("function"):
        name = _name(credit["name"])
        facts[credit["function"]].append((name,))
        facts["credit_night"] += _nights(credit, (name, credit["function"]))


def _add_member(facts: Facts, member: Mapping[str, Any]) -> None:
    if not member.get("performer"):
        return
    pair = (_name(member["performer"]), key(member.get("role") or ""))
    facts["performer_role"].append(pair)
    facts["cast_night"] += _nights(member, pair)
    if member.get("kind"):
        facts["cast_kind"].append((*pair, member["kind"]))
    if member.get("voice_type"):
        facts["voice_type"].append((*pair, key(member["voice_type"])))
    if member.get("replaces"):
        facts["replaces"].append((*pair, _name(member["replaces"])))


def _add_price(facts: Facts, price: Mapping[str, Any]) -> None:
    low, high = price.get("min"), price.get("max")
    if low is None and high is None and price.get("kind") != "free":
        return
    facts["price"].append((key(price.get("category") or ""), _amount(low), _amount(high), price.get("currency")))
    facts["price_night"] += _nights(price, (_amount(low), _amount(high)))
    for name in ("qualifier", "kind"):
        if price.get(name):
            facts[f"price_{name}"].append((_amount(low), _amount(high), price[name]))


def _add_evening(facts: Facts, evening: Mapping[str, Any]) -> None:
    date, time = evening.get("date"), evening.get("time")
    if not date:
        return
    facts["date"].append((date,))
    if time:
        facts["time"].append((date, time))
    for name in ("status", "availability", "type", "ticket_url"):
        if evening.get(name):
            facts[name if name == "ticket_url" else f"performance_{name}"].append((date, time, evening[name]))
    facts["year_inferred"] += [(date, time)] if evening.get("year_inferred") else []
    for name in ("venue", "city"):
        if evening.get(name):
            facts[f"performance_{name}"].append((date, time, key(evening[name])))


def page_facts(answer: Mapping[str, Any]) -> Facts:
    """Return what a PageExtraction says of the page itself."""
    facts: Facts = {"page_type": [(answer["page_type"],)]} if answer.get("page_type") else {}
    if answer.get("language"):
        facts["page_language"] = [(answer["language"],)]
    for name, value in (answer.get("company") or {}).items():
        if name != "block" and value:
            facts[f"company_{name}"] = [(key(value),)]
    facts["financial"] = [
        (year.get("fiscal_year") or "", name, str(value))
        for year in answer.get("financials") or []
        for name, value in year.items()
        if name != "block" and value is not None
    ]
    return facts


GOLD_CREDITS = (
    "director",
    "set_designer",
    "costume_designer",
    "lighting_designer",
    "choreographer",
    "chorus_master",
)
_GOLD_FIELDS = frozenset(
    {
        "title",
        "composer",
        "conductor",
        *GOLD_CREDITS,
        "premiere_date",
        "closing_date",
        "venue",
        "language",
        "duration_minutes",
        "date",
        "time",
        "status",
        "performer_role",
        "cast_night",
        "price_min",
        "price_max",
        "currency",
    }
)


def gold_facts(production: Mapping[str, Any]) -> Facts:
    """Return what a production of a gold answer states, in the same form as :func:`production_facts`."""
    facts: Facts = defaultdict(list)
    folds = {"opera_title": ("title", _title), "composer": ("composer", _composer), "venue": ("venue", key)}
    for name, (label, fold) in folds.items():
        if production.get(name):
            facts[label].append((fold(production[name]),))
    for name in ("premiere_date", "closing_date", "duration_minutes"):
        if production.get(name):
            facts[name].append((production[name],))
    if production.get("language"):
        facts["language"].append((language_code(production["language"]) or production["language"],))
    facts["conductor"] += [(_name(person["name"]),) for person in production.get("conductors") or []]
    for name in GOLD_CREDITS:
        facts[name] += [(_name(person),) for person in re.split(r"\s*;\s*", production.get(name) or "") if person]
    for member in production.get("cast") or []:
        pair = (_name(member["performer"]), key(member.get("role") or ""))
        facts["performer_role"].append(pair)
        facts["cast_night"] += [(*pair, date) for date in member.get("dates") or []]
    for evening in production.get("performances") or []:
        facts["date"].append((evening["date"],))
        for name in ("time", "status"):
            facts[name] += [(evening["date"], evening[name])] if evening.get(name) else []
    prices = production.get("ticket_prices") or {}
    for name in ("min", "max"):
        facts[f"price_{name}"] += [(_amount(prices[name]),)] if prices.get(name) is not None else []
    facts["currency"] += [(prices["currency"],)] if prices.get("currency") else []
    return {name: list(dict.fromkeys(values)) for name, values in facts.items() if values}


def as_gold(production: Mapping[str, Any], gold: Mapping[str, Any] | None) -> Facts:
    """Return a read production's facts in the fields of the gold format.

    :param gold: the gold production it is compared with: nights and open sale count only where that has them
    """
    all_facts = production_facts(production)
    facts = {name: values for name, values in all_facts.items() if name in _GOLD_FIELDS}
    evenings = production.get("performances") or []
    if "venue" not in facts:
        venues = {key(evening["venue"]) for evening in evenings if evening.get("venue")}
        if len(venues) == 1:
            facts["venue"] = [(venues.pop(),)]
    statuses = [
        (e["date"], e["status"] if e.get("status") in ("cancelled", "postponed") else e.get("availability"))
        for e in evenings
        if e.get("date")
    ]
    silent = {e["date"] for e in (gold or {}).get("performances") or [] if not e.get("status")}
    facts["status"] = list(
        dict.fromkeys(s for s in statuses if s[1] and not (s[1] == "on_sale" and (gold is None or s[0] in silent)))
    )
    prices = production.get("ticket_prices") or []
    lows = [Decimal(str(p["min"])) for p in prices if p.get("min") is not None]
    highs = [Decimal(str(p["max"])) for p in prices if p.get("max") is not None]
    if lows:
        facts["price_min"] = [(_amount(min(lows)),)]
    if highs:
        facts["price_max"] = [(_amount(max(highs)),)]
    currencies = Counter(p["currency"] for p in prices if p.get("currency"))
    if currencies:
        facts["currency"] = [(currencies.most_common(1)[0][0],)]
    dated = {pair[:2] for pair in (gold_facts(gold).get("cast_night", []) if gold else [])}
    facts["cast_night"] = [night[:3] for night in facts.get("cast_night", []) if night[:2] in dated]
    return {name: values for name, values in facts.items() if values}


def accepted(gold: Mapping[str, Any], name: str) -> list[Any]:
    """Return other right values of a gold field; None among them means that it may be missing."""
    alternatives = list((gold.get("accept") or {}).get(name, []))
    if name in (gold.get("derived") or []):
        alternatives.append(None)
    return alternatives
