"""Reads structured data: JSON-LD, microdata, embedded state and JSON documents, one draft per object with data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from opera_spiders.extraction.drafts import Draft, Element
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
_VOLATILE_KEYS = re.compile(
    r"token|nonce|csrf|buildid|requestid|session|hash|etag|__typename|generatedat|fetchedat|renderedat|^timestamp$|viewcount|"
    r"srcset|sizes|blurdata|tracking|analytics",
    re.I,
)
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
            for value in _json_values(text):
                drafts += _objects(value, f"{path}#", schema_org="ld+json" in kind)
        elif not kind or "javascript" in kind or kind == "module":
            for value in _state_values(text):
                drafts += _objects(value, f"{path}#", schema_org=False)
    for scope in root.xpath("//*[@itemscope][not(@itemprop)]"):
        item = _microdata(scope)
        if len(item) > 1:
            drafts.append(Draft("json", _dumped(item), path=f"{tree.getpath(scope)}#", dates=[]))
    return drafts


def _json_values(text: str) -> list[Any]:
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
    stack: list[tuple[Any, str]] = [(value, path)]
    while stack:
        value, path = stack.pop()
        if isinstance(value, list):
            stack.extend((item, f"{path}/{index}") for index, item in reversed(list(enumerate(value))))
            continue
        if not isinstance(value, dict):
            continue
        scalars = {name: item for name, item in value.items() if isinstance(item, (str, int, float)) and item != ""}
        nested = [
            (item, f"{path}/{_pointer_part(name)}")
            for name, item in value.items()
            if isinstance(item, (dict, list)) and item and not _VOLATILE_KEYS.search(name)
        ]
        carries = [name for name, item in scalars.items() if isinstance(item, str) and _DATA_KEYS.search(name)]
        if len(carries) >= (1 if schema_org else 2) and "@graph" not in value:
            kept = _kept(value)
            text = _dumped(kept)
            if len(text) <= _JSON_BLOCK_CHARACTERS:
                yield Draft("json", text, path=path)
                continue
            text = _dumped({name: item for name, item in kept.items() if not isinstance(item, (dict, list))})
            yield Draft("json", text[: 4 * _JSON_BLOCK_CHARACTERS], path=path)
        stack.extend(reversed(nested))


def _kept(value: Any, depth: int = 0) -> Any:
    """Return ``value`` without what changes on every request or says nothing."""
    if depth > 40:
        return None
    if isinstance(value, dict):
        kept = {name: _kept(item, depth + 1) for name, item in value.items() if not _VOLATILE_KEYS.search(name)}
        return {
            name: item
            for name, item in kept.items()
            if item not in (None, "", [], {}, 0) and (not isinstance(item, (int, float)) or _DATA_KEYS.search(name))
        }
    if isinstance(value, list):
        return [item for item in (_kept(item, depth + 1) for item in value) if item not in (None, "", [], {})]
    if isinstance(value, str):
        return clean(re.sub(r"<[^<>]{1,300}>", " ", visible(value)) if "<" in value or "&" in value else value)
    return value


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _pointer_part(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


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


def json_drafts(text: str) -> Iterator[Draft]:
    """Yield the objects of a JSON document; nothing for a broken one."""
    for value in _json_values(text):
        yield from _objects(value, "#", schema_org=False)
