"""Pieces of addresses that turn out, on this site, not to say which page is meant: parameters, sessions in paths."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from opera_spiders.urls import path_segments

_PAGE_NUMBER = re.compile(
    r"(?:p|pg|page|paged|pagina|page_?no|seite|sivu|side|strana|str|oldal|offset|start|skip|from)", re.I
)
_PROOFS = 2
_MOST_COMPARED = 8  # pages of one path
_FEWEST_LINKS = 5
_NEARLY_ALL = 0.8
_SESSION = re.compile(r"(?=.*\d)[\w-]{8,}")
_PATH_SESSION = re.compile(r"\W*(?:\w{1,4}\W)?(?=\w*\d)(?=\w*[a-z])\w{12,}\W*", re.IGNORECASE)


@dataclass(slots=True)
class Parameters:
    """Learns which parameters change nothing: sessions from one page's links, the rest from pages that are the same."""

    _noise: set[str] = field(default_factory=set)
    _path_noise: set[tuple[int, str]] = field(default_factory=set)  # which segment, and its form
    _path_sessions: dict[tuple[int, str], str] = field(default_factory=dict)  # as first seen
    _same: Counter[str] = field(default_factory=Counter)
    _differing: set[str] = field(default_factory=set)
    _read: dict[str, list[tuple[dict[str, str], str]]] = field(default_factory=lambda: defaultdict(list))

    def plain(self, url: str) -> str:
        """Return a canonical address without the parameters known to change nothing."""
        parts = urlsplit(url)
        for place, form in self._path_noise:
            segments = parts.path.strip("/").split("/")
            if _form(segments[place]) == form:
                del segments[place]
                is_folder = bool(segments) and parts.path.endswith("/")
                parts = parts._replace(path=f"/{'/'.join(segments)}{'/' * is_folder}")
                url = urlunsplit(parts)
        if not self._noise or "?" not in url:
            return url
        kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in self._noise]
        return urlunsplit(parts._replace(query=urlencode(kept)))

    def see_links(self, urls: Iterable[str]) -> None:
        """Note a session: one long value under one name in nearly all links of a page says nothing about any of them.

        So does a first or last segment of the path, where the next page has another one of the same form.

        >>> parameters = Parameters()
        >>> parameters.see_links(f"https://example.org/{page}?visit=8f14e45fceea" for page in range(9))
        >>> parameters.plain("https://example.org/tosca?id=3&visit=c9f0f895fb98")
        'https://example.org/tosca?id=3'
        """
        urls = list(urls)
        self._see_paths([path_segments(url) for url in urls if urlsplit(url).path.strip("/")])
        queries = [parse_qsl(urlsplit(url).query) for url in urls]
        values = Counter(pair for query in queries for pair in set(query))
        for (name, value), count in values.most_common(3):
            if len(queries) >= _FEWEST_LINKS and count >= _NEARLY_ALL * len(queries) and _SESSION.fullmatch(value):
                self._noise.add(name)

    def _see_paths(self, paths: list[list[str]]) -> None:
        for place in (0, -1):
            for value, count in Counter(path[place] for path in paths).most_common(1):
                if count < max(_FEWEST_LINKS, _NEARLY_ALL * len(paths)) or not _PATH_SESSION.fullmatch(value):
                    continue
                if self._path_sessions.setdefault((place, _form(value)), value) != value:
                    self._path_noise.add((place, _form(value)))

    def see_page(self, url: str, checksum: str) -> None:
        """Compare a page that states something with those of the same path that differ in one parameter only.

        >>> parameters = Parameters()
        >>> for night in (1, 2, 3):
        ...     parameters.see_page(f"https://example.org/tosca?night={night}", "the same")
        >>> parameters.plain("https://example.org/aida?night=9")
        'https://example.org/aida'
        """
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        read = self._read[parts.path]
        for other, its_checksum in read[-_MOST_COMPARED:]:
            changed = [name for name in query.keys() | other.keys() if query.get(name) != other.get(name)]
            if len(changed) != 1:
                continue
            if checksum != its_checksum:
                self._differing.add(changed[0])
                self._noise.discard(changed[0])
            else:
                self._same[changed[0]] += 1
                if self._same[changed[0]] >= _PROOFS and changed[0] not in self._differing:
                    self._noise.add(changed[0])
        read.append((query, checksum))


def _form(segment: str) -> str:
    """Return a segment with its letters and digits left open, not their number.

    >>> _form("(S(lit3py55t21z5v55vlm25s55))"), _form("%28S%28lit3py55t21z5v55vlm25s55%29%29")
    ('(0(000000000000000000000000))', '(0(000000000000000000000000))')
    """
    return re.sub(r"[^\W_]", "0", unquote(segment))


def is_next_of(url: str, source: str) -> bool:
    """Tell whether an address is another page of the list at ``source``.

    >>> is_next_of("https://example.org/season?page=2", "https://example.org/season")
    True
    >>> is_next_of("https://example.org/season/page/3", "https://example.org/season/page/2")
    True
    >>> is_next_of("https://example.org/season?view=grid", "https://example.org/season")
    False
    """
    ours, theirs = urlsplit(url), urlsplit(source)
    if re.sub(r"/page/\d+/?$|/$", "", ours.path) != re.sub(r"/page/\d+/?$|/$", "", theirs.path):
        return False
    changed = set(parse_qsl(ours.query)) ^ set(parse_qsl(theirs.query))
    is_numbered = all(_PAGE_NUMBER.fullmatch(name) and value.isdecimal() for name, value in changed)
    return is_numbered and (bool(changed) or ours.path != theirs.path)
