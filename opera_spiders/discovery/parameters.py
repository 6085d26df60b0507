"""Query parameters that turn out, on this site, not to say which page is meant."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_PROOFS = 2
_MOST_COMPARED = 8  # pages of one path
_FEWEST_LINKS = 5
_NEARLY_ALL = 0.8
_SESSION = re.compile(r"(?=.*\d)[\w-]{8,}")


@dataclass(slots=True)
class Parameters:
    """Learns which parameters change nothing: sessions from one page's links, the rest from pages that are the same."""

    _noise: set[str] = field(default_factory=set)
    _same: Counter[str] = field(default_factory=Counter)
    _differing: set[str] = field(default_factory=set)
    _read: dict[str, list[tuple[dict[str, str], str]]] = field(default_factory=lambda: defaultdict(list))

    def plain(self, url: str) -> str:
        """Return a canonical address without the parameters known to change nothing."""
        if not self._noise or "?" not in url:
            return url
        parts = urlsplit(url)
        kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in self._noise]
        return urlunsplit(parts._replace(query=urlencode(kept)))

    def see_links(self, urls: Iterable[str]) -> None:
        """Note a session: one long value under one name in nearly all links of a page says nothing about any of them.

        >>> parameters = Parameters()
        >>> parameters.see_links(f"https://example.org/{page}?visit=8f14e45fceea" for page in range(9))
        >>> parameters.plain("https://example.org/tosca?id=3&visit=c9f0f895fb98")
        'https://example.org/tosca?id=3'
        """
        queries = [parse_qsl(urlsplit(url).query) for url in urls]
        values = Counter(pair for query in queries for pair in set(query))
        for (name, value), count in values.most_common(3):
            if len(queries) >= _FEWEST_LINKS and count >= _NEARLY_ALL * len(queries) and _SESSION.fullmatch(value):
                self._noise.add(name)

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
