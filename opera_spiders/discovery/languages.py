"""One language for each page where a site offers several: the company's, else English, else its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qsl, urlsplit

from opera_spiders.extraction.vocabulary import rows
from opera_spiders.urls import host_port, path_segments

_LANGUAGE_PARAMETER = re.compile(r"l|lang|language|locale|hl|lng|sprache|langue|lingua|idioma", re.IGNORECASE)
_PAGES_OF_A_TREE = 2
_PAGES_BEFORE_SETTLING = 10
_LANGUAGE_SEGMENT = re.compile(r"([a-z]{2})([-_][a-z]{2})?", re.IGNORECASE)


@dataclass(slots=True)
class LanguageChoice:
    """Chooses among the versions of a page and remembers which addresses and trees were not chosen.

    :param preferred: ISO 639-1 code of the company's choice; None for English, else the page's own
    """

    preferred: str | None
    own: str | None = None  # the start page's language
    _seen_trees: set[str] = field(default_factory=set)
    _settled: str | None = None  # the tree to read, once pages of it have been
    _pages_read: int = 0
    _spoken: dict[str, Counter[str]] = field(default_factory=dict)  # languages of the pages read, by mark
    _refused: set[str] = field(default_factory=set)
    _refused_trees: set[tuple[str, str]] = field(default_factory=set)

    def choose(self, versions: Iterable[tuple[str, str]]) -> str | None:
        """Return the version to read, None when there is no choice to make; the others are refused from now on.

        >>> choice = LanguageChoice("de")
        >>> choice.choose([("de", "https://example.org/de/"), ("en", "https://example.org/en/")])
        'https://example.org/de/'
        >>> choice.is_refused("https://example.org/en/shows/tosca"), choice.is_refused("https://example.org/de/")
        (True, False)
        """
        offered = dict(versions)
        languages = {language: url for language, url in offered.items() if language != "x-default"}
        if len(set(languages.values())) < 2:
            return None
        wanted = next(
            (language for language in (self.preferred, "en") if language in languages),
            next((language for language, url in languages.items() if url == offered.get("x-default")), None),
        ) or next(iter(languages))
        chosen = languages[wanted]
        for language, url in languages.items():
            if url != chosen:
                self._refused.add(url)
                if tree := _language_tree(url, language):
                    self._refused_trees.add(tree)
        self._refused.discard(chosen)
        self._refused_trees -= {(host_port(chosen), segment) for segment in path_segments(chosen)[:1]}
        return chosen

    def tree(self, url: str) -> str:
        """Return the language of the tree ``url`` lies in, by its host, first segment or parameter, and remember it.

        What is no code (``/eng/``, ``?clang=1``) stands for the language of the pages read there.

        >>> choice = LanguageChoice(None, own="de")
        >>> for page in ("a", "b"):
        ...     choice.learn(f"https://example.org/{page}?clang=1", "en")
        >>> choice.tree("https://example.org/c?clang=1"), choice.tree("https://example.org/c")
        ('en', 'de')
        """
        tree = _tree_language(url) or self._learned_language(url) or self.own or ""
        self._seen_trees.add(tree)
        return tree

    def learn(self, url: str, language: str) -> None:
        """Note the language that a page states. The first pages decide for good which tree is read."""
        self._pages_read += 1
        if self._pages_read == _PAGES_BEFORE_SETTLING:
            self._settled = self._best_tree()
        for mark in _marks(url):
            self._spoken.setdefault(mark, Counter())[language] += 1

    def _learned_language(self, url: str) -> str | None:
        """Return the one language of all pages with a mark of this address."""
        for mark in _marks(url):
            spoken = self._spoken.get(mark, Counter())
            if len(spoken) == 1 and self.own not in spoken and spoken.total() >= _PAGES_OF_A_TREE:
                return next(iter(spoken))
        return None

    def is_other(self, tree: str) -> bool:
        """Tell whether there is a tree that is rather read than this one.

        Many sites offer languages side by side and never say that their pages correspond.

        >>> choice = LanguageChoice(None, own="it")
        >>> choice.is_other(choice.tree("https://example.org/opere/aida"))
        False
        >>> choice.is_other(choice.tree("https://example.org/en/operas/aida")), choice.is_other("it")
        (False, True)
        """
        return tree != (self._settled or self._best_tree() or tree)

    def _best_tree(self) -> str | None:
        return next((code for code in (self.preferred, "en") if code in self._seen_trees), self.own)

    def is_refused(self, url: str) -> bool:
        """Tell whether ``url`` is a version that was not chosen, or lies in the tree of such a language."""
        if url in self._refused:
            return True
        segments = path_segments(url)
        return bool(segments) and (host_port(url), segments[0]) in self._refused_trees


def _marks(url: str) -> list[str]:
    """Return what may tell the languages of a site apart: its host, the first segment, each parameter."""
    parts = urlsplit(url)
    return [f"//{parts.netloc}", *(f"/{segment}" for segment in path_segments(url)[:1]), *parts.query.split("&")]


def _tree_language(url: str) -> str | None:
    segments = path_segments(url)
    label, _, domain = host_port(url).partition(".")
    if label in _codes() and "." in domain:
        return label
    for segment in segments[:2]:
        if (match := _LANGUAGE_SEGMENT.fullmatch(segment)) and match[1].lower() in _codes():
            return match[1].lower()
    for name, value in parse_qsl(urlsplit(url).query):
        if _LANGUAGE_PARAMETER.fullmatch(name) and value[:2].lower() in _codes() and len(value) in (2, 5):
            return value[:2].lower()
    return None


@cache
def _codes() -> frozenset[str]:
    return frozenset(row["language"] for row in rows("months"))


def _language_tree(url: str, language: str) -> tuple[str, str] | None:
    """Return (house, first segment) where the first segment is this language's code."""
    segments = path_segments(url)
    if not segments or (match := _LANGUAGE_SEGMENT.fullmatch(segments[0])) is None:
        return None
    return (host_port(url), segments[0]) if match[1].lower() == language else None
