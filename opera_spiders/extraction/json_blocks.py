"""Reads structured data: JSON-LD, microdata and embedded state, one draft per object with data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from opera_spiders.extraction.dates import find_seasons
from opera_spiders.extraction.drafts import Draft, Element
from opera_spiders.extraction.json_fields import OWN_FIELDS, fields, spaced
from opera_spiders.extraction.page_words import is_word
from opera_spiders.extraction.vocabulary import is_credit_label
from opera_spiders.text import clean, visible

_STATE = re.compile(r"(?<![\w$])([\w$]{1,60})(?:[\"']\])?\s{0,20}=\s{0,20}(?=[{\[])")
_STATE_NAMES = re.compile(
    r"state|data|props|__|store|event|calendar|program|performance|production|show|apollo|config", re.I
)
_JSON_PARSE = re.compile(r"JSON\.parse\(\s*([\"'])(.*?)(?<!\\)\1\s*\)", re.S)
_DATA_KEYS = re.compile(
    r"^@type$|(?:^|_|[a-z])(?:name|title|titel|titre|titolo|titulo|headline|date|datum|data|start|begin|time|zeit|heure|"
    r"composer|komponist|compositeur|conductor|director|regie|role|rolle|character|personnage|ruolo|artist|performer|person|"
    r"cast|venue|location|spielort|lieu|price|preis|prix|prezzo|duration|season|genre)(?:s|$|_|[A-Z])",
    re.I,
)
_DAY = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d")
# Flags that say something of an evening; the other hundred are the page builder's.
_FLAG = re.compile(r"cancel|annul|abgesagt|sold|ausverkauft|esaurit|agotad|premi|postpon|verschoben", re.I)
_JSON_BLOCK_CHARACTERS = 16_000


def structured_drafts(root: Element) -> list[Draft]:
    """Return the objects of JSON-LD, microdata and embedded state of an HTML page, in document order by kind."""
    drafts: list[Draft] = []
    tree = root.getroottree()
    for script in root.iter("script"):
        text = script.text or ""
        if not text.strip():
            continue
        kind = (script.get("type") or "").lower()
        path = tree.getpath(script)
        if "json" in kind:
            for value in json_values(text):
                drafts += _objects(value, f"{path}#", schema_org="ld+json" in kind)
        elif not kind or "javascript" in kind or kind == "module":
            for value in _state_values(text):
                drafts += _objects(value, f"{path}#", schema_org=False)
    for scope in root.xpath("//*[@itemscope][not(@itemprop)]"):
        item = _microdata(scope)
        if len(item) > 1:
            drafts.append(
                Draft(
                    "json",
                    json.dumps(item, ensure_ascii=False, separators=(", ", ": ")),
                    path=f"{tree.getpath(scope)}#",
                    dates=[],
                )
            )
    return drafts


def json_values(text: str) -> list[Any]:
    """Return the value of a JSON text, of one with the usual faults too; none where it cannot be read."""
    text = re.sub(r"^\s*(?://)?\s*<!(?:\[CDATA\[|--)|(?://)?\s*(?:\]\]>|-->)\s*$", "", text).strip().rstrip(";")
    try:
        return [json.loads(text, strict=False)]
    except (ValueError, RecursionError):
        pass
    try:  # comma before a closing bracket: the commonest fault of hand-made JSON-LD
        return [json.loads(re.sub(r",\s*(?=[}\]])", "", text), strict=False)]
    except (ValueError, RecursionError):
        return []


def _state_values(text: str) -> list[Any]:
    """Return the JSON literals a script assigns to a variable, in order."""
    values: list[Any] = []
    decoder = json.JSONDecoder(strict=False)
    position = 0
    while match := _STATE.search(text, position):
        position = match.end()
        if not _STATE_NAMES.search(match[1]):
            continue
        try:
            value, position = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            continue
        values.append(value)
    for match in _JSON_PARSE.finditer(text):
        try:
            values.append(
                json.loads(json.loads(f'"{match[2]}"') if match[1] == '"' else _unescaped(match[2]), strict=False)
            )
        except (ValueError, RecursionError):
            continue
    return values


def _unescaped(text: str) -> str:
    return re.sub(r"\\(['\"\\])", r"\1", text)


def _objects(value: Any, path: str, *, schema_org: bool) -> Iterator[Draft]:
    """Yield one draft per JSON object that carries data, outermost that fits first."""
    for item, place, text, dates in carriers(value, path, 1 if schema_org else 2):
        yield Draft("json", text or json_text(item), path=place, dates=dates)


def carriers(value: Any, path: str, least: int = 2) -> Iterator[tuple[dict[str, Any], str, str | None, list[str]]]:
    """Yield the objects that carry data, each with its JSON Pointer, outermost that fits a block first.

    An object in a list of a season has its season among its fields. The third is the text of an object that is too
    large for a block: its own scalars; what it holds follows. The last is the day under which it is filed, where a
    calendar has days for keys.

    :param least: how many keys with a text must be of the kind that states facts
    """
    stack: list[tuple[Any, str, list[str], dict[str, Any]]] = [(unflattened(value), path, [], {})]
    while stack:
        value, place, day, season = stack.pop()
        if isinstance(value, list):
            stack.extend((item, f"{place}/{index}", day, season) for index, item in reversed(list(enumerate(value))))
            continue
        if not isinstance(value, dict):
            continue
        if isinstance(value, Placed):
            place = f"{path}/{value.index}"
        stated = dict(fields(value))
        season = {name: item for name, item in stated.items() if _is_season(name, item)} or season
        if _carries(stated) >= least and "@graph" not in value:
            if len(json_text(value)) <= _JSON_BLOCK_CHARACTERS:
                yield {**season, **value}, place, None, day
                continue
            scalars = {name: item for name, item in value.items() if not isinstance(item, (dict, list))}
            yield value, place, json_text(scalars)[: 4 * _JSON_BLOCK_CHARACTERS], day
        stack.extend(
            (value[name], f"{place}/{pointer_part(name)}", [name] if _DAY.fullmatch(name) else day, season)
            for name, item in reversed(stated.items())
            if isinstance(item, (dict, list)) and item
        )


def _carries(stated: dict[str, Any]) -> int:
    """Return how many fields are of the kind that states facts, or hold a text with markup."""
    own = [
        item
        for name, value in stated.items()
        if name in OWN_FIELDS and isinstance(value, dict)
        for item in value.items()
    ]
    return sum(
        isinstance(item, str) and item != "" and (_names_a_fact(name) or "</" in item)
        for name, item in (*stated.items(), *own)
    )


def _is_season(name: str, value: Any) -> bool:
    return isinstance(value, str) and is_word("season", spaced(name)) and find_seasons(value) != ()


@lru_cache(maxsize=4096)
def _names_a_fact(name: str) -> bool:
    return _DATA_KEYS.search(name) is not None or is_credit_label(spaced(name))


def json_text(value: Any) -> str:
    """Return the text of a block: an object without what says nothing."""
    return _dumped(_kept(value))


def _dumped(value: Any) -> str:
    return _storable(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


class Placed(dict[str, Any]):
    """An object that stands at ``index`` of the flat list it was written in."""

    index = 0


def unflattened(value: Any) -> Any:
    """Return what a flat list of values and their indices stands for (devalue, as Nuxt writes its payloads).

    >>> unflattened([["Reactive", 1], {"title": 2, "nights": 3}, "Tosca", [4], {"date": 5}, "2026-12-03"])
    {'title': 'Tosca', 'nights': [{'date': '2026-12-03'}]}
    >>> unflattened([{"title": "Tosca"}])
    [{'title': 'Tosca'}]
    """
    if not isinstance(value, list) or not value or not _is_flat(value):
        return value
    return _at(value, 0, frozenset())


def _is_flat(value: list[Any]) -> bool:
    def refers(item: Any) -> bool:
        return isinstance(item, int) and not isinstance(item, bool) and -10 < item < len(value)

    first = value[0]
    if isinstance(first, list):
        return len(first) == 2 and first[0] in _WRAPPERS and refers(first[1])
    return isinstance(first, dict) and len(first) > 0 and len(value) > 1 and all(map(refers, first.values()))


_WRAPPERS = frozenset({"Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "EmptyShallowRef"})


def _at(flat: list[Any], index: int, above: frozenset[int]) -> Any:
    """Return the value at ``index``; None for what is not there, or holds itself."""
    if not 0 <= index < len(flat) or index in above or len(above) > 40:
        return None
    value, above = flat[index], above | {index}
    if isinstance(value, dict):
        placed = Placed((name, _at(flat, item, above)) for name, item in value.items() if isinstance(item, int))
        placed.index = index
        return placed
    if isinstance(value, list):
        if value and isinstance(value[0], str):
            # A tagged value: a wrapper round one index, or a date, whose text follows.
            if value[0] == "Date":
                return value[1] if len(value) > 1 else None
            return _at(flat, value[1], above) if len(value) > 1 and isinstance(value[1], int) else None
        return [_at(flat, item, above) for item in value if isinstance(item, int)]
    return value


def _kept(value: Any, depth: int = 0) -> Any:
    """Return ``value`` without what changes on every request or says nothing."""
    if depth > 40:
        return None
    if isinstance(value, dict):
        kept = {name: _kept(item, depth + 1) for name, item in fields(value)}
        return {
            name: item
            for name, item in kept.items()
            if item not in (None, "", [], {}, 0)
            and (not isinstance(item, (int, float)) or (_FLAG if item is True else _DATA_KEYS).search(name))
        }
    if isinstance(value, list):
        return [item for item in (_kept(item, depth + 1) for item in value) if item not in (None, "", [], {})]
    if isinstance(value, str):
        return clean(
            re.sub(r"<[a-zA-Z/!][^<>]{0,299}>", " ", visible(value)) if "<" in value or "&" in value else value
        )
    return value


def pointer_part(name: str) -> str:
    """Return a key as a part of a JSON Pointer."""
    return _storable(name.replace("~", "~0").replace("/", "~1"))


def _storable(text: str) -> str:
    """Return ``text`` without halves of surrogate pairs, which JSON can escape and nothing can store."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _microdata(scope: Element, depth: int = 0) -> dict[str, Any]:
    """Return a microdata item in the shape of JSON-LD."""
    item: dict[str, Any] = {}
    kind = (scope.get("itemtype") or "").rstrip("/").rsplit("/", 1)[-1]
    if kind:
        item["@type"] = kind
    stack = list(reversed(scope))
    while stack:
        element = stack.pop()
        if not isinstance(element.tag, str):
            continue
        nested = element.get("itemscope") is not None
        for name in (element.get("itemprop") or "").split():
            value = _microdata(element, depth + 1) if nested and depth < 20 else _microdata_value(element)
            if value in ("", {}, None):
                continue
            if name in item:
                item[name] = [*(item[name] if isinstance(item[name], list) else [item[name]]), value]
            else:
                item[name] = value
        if not nested:
            stack.extend(reversed(element))
    return item


def _microdata_value(element: Element) -> str:
    for name in ("content", "datetime", "href", "src"):
        value = element.get(name)
        if value is not None and (name in {"content", "datetime"} or element.tag in {"a", "link", "area"}):
            return clean(value)
    return clean("".join(element.itertext()))
