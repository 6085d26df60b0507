"""What the keys of a JSON object say about their values, whoever's system wrote them.

A content system states a dozen instants beside the one at which the curtain rises: when the record was written, when
sales open, the same evening in UTC, its end. Keys tell them apart; a value alone does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

_VOLATILE = re.compile(
    r"token|nonce|csrf|buildid|requestid|session|hash|etag|__typename|generatedat|fetchedat|renderedat|^timestamp$|viewcount|"
    r"srcset|sizes|blurdata|tracking|analytics",
    re.I,
)
# Said of the record, of the sale or of the person who typed it, not of an evening. Compared as spaced words.
_OF_THE_RECORD = re.compile(
    r"""^(?:
    (?:date\ )?(?:modified|created|updated|published|changed|crdate|tstamp|uploaded)(?:\ (?:at|on|date|gmt|utc|time))*
    |(?:publish|publication|creation|modification|update|upload|expiry|expiration|embargo)\ (?:date|time|at)s?
    |(?:last|first)\ (?:modified|updated|published|change|edited)(?:\ (?:at|on|date))*
    |unpublish.*|sys
    |(?:.*\ )?(?:selling|sales?|booking|presale|on\ sale|vorverkauf)
        (?:\ (?:at|starts?|ends?|opens?|from|until|utc|date|time|begin))+
    |(?:start|stop|open|close)s?\ (?:selling|sales?|booking).*
    |guid|global\ id.*|rest\ url|next\ rest\ url|class\ list|template|slug|(?:utc\ )?(?:start|end)\ date\ details
    |menu\ order|comment\ status|ping\ status|yoast.*|rank\ math.*|aioseo.*|seo|opengraph|og\ .*|meta\ tags
    )$""",
    re.I | re.X,
)
_RECORD_MARKS = ("date_gmt", "date_utc", "modified", "modified_gmt", "modified_utc")
_UTC = re.compile(r"^(?:utc|gmt) | (?:utc|gmt)$", re.I)
_END = re.compile(
    r"""^(?:
    (?:end|ends|until|to|finish|ende|bis|fin|fine|einde|slut|koniec|konec|loppu|al|au|hasta|tot|til|till|do)
        (?:\ (?:at|on|date|time|datetime|date\ time|datum|local))*
    |(?:date|datetime|time|datum)\ (?:end|ends|to|until|bis|fin)
    |(?:closing|doors?|admission|einlass)(?:\ .*)?
    )$""",
    re.I | re.X,
)
_MOST_KEYS_OF_A_WRAPPER = 4  # its value, and whether it is protected, raw or of an editor's version
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2})?")
#: Objects that hold more fields of the thing they stand in: custom fields of WordPress, attributes of Strapi.
OWN_FIELDS = frozenset({"acf", "fields", "attributes", "meta", "custom_fields", "customFields", "data", "cmb2"})


@lru_cache(maxsize=4096)
def spaced(name: str) -> str:
    """Return a key as words.

    >>> spaced("startDate"), spaced("set_designer"), spaced("attribute_Composer")
    ('start date', 'set designer', 'attribute composer')
    """
    return re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])|[_\-.\s]+", " ", name).strip().lower()


def fields(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object that may state a fact, in order, values out of their wrappers.

    Left out: what changes on every request, what is said of the record or the sale, and the UTC twin of a local time.

    >>> dict(fields({"title": {"rendered": "Tosca"}, "date": "2026-05-12", "modified": "2026-09-01T12:00:00"}))
    {'title': 'Tosca'}
    >>> dict(fields({"start": "2026-12-03T19:30", "startUtc": "2026-12-03T18:30Z", "startSellingAt": "2026-06-01"}))
    {'start': '2026-12-03T19:30'}
    """
    is_record = any(mark in value for mark in _RECORD_MARKS)
    words = {name: spaced(name) for name in value}
    told = set(words.values())
    for name, item in value.items():
        if name.startswith("_") and name != "_embedded":
            continue
        if _is_of_the_record(name):
            continue
        if is_record and name in ("date", "author", "organizer"):
            continue
        if _UTC.search(words[name]) and _UTC.sub("", words[name]) in told:
            continue
        yield name, unwrapped(item)


@lru_cache(maxsize=4096)
def _is_of_the_record(name: str) -> bool:
    return bool(_VOLATILE.search(name) or _OF_THE_RECORD.search(spaced(name)))


def unwrapped(value: Any) -> Any:
    """Return what a wrapper of one value holds: WordPress's ``rendered``, a language's text."""
    if isinstance(value, dict) and len(value) <= _MOST_KEYS_OF_A_WRAPPER:
        inner = [(name, item) for name, item in value.items() if name not in ("protected", "raw", "block_version")]
        if len(inner) == 1 and isinstance(inner[0][1], str):
            name, item = inner[0]
            if name == "rendered" or _LOCALE.fullmatch(name):
                return item
    return value


def is_end(name: str) -> bool:
    """Tell whether a key names when an evening or a run ends, or the doors open: no evening of its own.

    >>> [is_end(name) for name in ("endDate", "end_date", "end", "ends_at", "dateEnd", "startDate", "trend")]
    [True, True, True, True, True, False, False]
    """
    return _END.search(spaced(name)) is not None


def is_title(name: str) -> bool:
    """Tell whether a key names what an object is called.

    >>> is_title("title"), is_title("Název"), is_title("seasonName")
    (True, True, False)
    """
    words = spaced(name)
    return words in {"name", "nome", "nom", "naam", "namn", "navn"} or _TITLE.search(words) is not None


_TITLE = re.compile(
    r"(?:^|\s)(?:title|titel|titre|titolo|título|titulo|otsikko|tytuł|název|nazev|cím|naslov|titlu|название|headline)$",
    re.I,
)


def states_dates(texts: Iterable[str]) -> bool:
    """Tell whether the blocks of a JSON page print a date: what states none holds no production, nor an evening.

    >>> states_dates(['{"title": "Tosca", "start": "2026-12-03T19:30"}']), states_dates(['{"name": "Main stage"}'])
    (True, False)
    """
    return any(_ANY_DATE.search(text) for text in texts)


_ANY_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d-?[01]\d-?[0-3]\d|[0-3]?\d[./][01]?\d[./](?:20)?\d\d|1[5-9]\d{8}(?:\d{3})?)(?!\d)"
)
