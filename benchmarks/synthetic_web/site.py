"""One invented house's web: its pages with what each one states, and how its server answers anything asked."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from benchmarks.synthetic_web.markup import Entry, Markup, pdf
from benchmarks.synthetic_web.programme import TODAY, Night, Production, Programme, nonsense, slug
from benchmarks.synthetic_web.schemes import Scheme
from opera_spiders.data import __name__ as DATA
from opera_spiders.text import key

Fact = tuple[int, str, str]  # production (0: the company), what, value
SESSION_PARAMETERS = ("PHPSESSID", "sid", "visit", "jsessionid")
ROBOTS_TYPE = "text/plain"
DATA_TYPE = "application/vnd.api+json"
FIRST_REPORT = 2019


@dataclass(frozen=True, slots=True)
class Options:
    """What else a site does, well or badly."""

    languages: tuple[str, ...]
    language_in: str  # "prefix" (of all but the first), "prefixes" (of all), "parameter", "host"
    has_hreflang: bool
    sitemap: str  # none, complete, index, listed, stale, events
    has_endless_calendar: bool
    evenings: str  # none, own (that night's cast), same (the production again)
    lists_by: int  # entries of one page of a list; 0 for all
    session: str | None  # a parameter's name; "before" or "behind": a piece of the path
    facets: bool
    prints: bool
    backlinks: bool  # links from calendars name where the visitor came from
    galleries: bool
    tags: bool
    relative_bug: bool
    soft_404: bool
    redirects: bool
    structured_data: bool
    archive_since: int
    archive_in_place: bool  # old productions at the addresses of new ones
    news_count: int
    reports: bool
    blocks_by_robots: bool
    language_parameter: str = "lang"  # "clang" counts the languages
    one_page_seasons: bool = False  # a season's page holds its productions
    mixes_titles: bool = False  # news and goods are called after productions
    lists_are_data: bool = False  # scripts draw lists from JSON
    calendar_by: str = "months"  # "entries": ten at a time, in both directions without end


@dataclass(frozen=True, slots=True)
class Page:
    """One document. ``facts`` is what it states of productions, performances and finances, the same in any language."""

    kind: str
    language: str
    title: str
    body: Callable[[dict[str, str]], str]
    facts: frozenset[Fact] = frozenset()
    productions: tuple[int, ...] = ()
    head: str = ""
    alternates: tuple[tuple[str, str], ...] = ()
    media_type: str = "text/html"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sends; ``page`` is the document behind it, None for errors, redirects and sitemaps."""

    status: int
    body: bytes
    media_type: str
    page: Page | None = None
    location: str | None = None


@dataclass(slots=True)
class Site:
    """One house. Addresses are paths with queries, as the server sees them."""

    name: str
    scheme: Scheme
    options: Options
    programme: Programme
    markup: Markup
    seed: int
    origin: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    sitemaps: dict[str, bytes] = field(default_factory=dict)
    robots: str = "User-agent: *\nDisallow:\n"
    _endless: list[tuple[re.Pattern[str], str]] = field(default_factory=list)
    _ids: dict[tuple[str, str], int] = field(default_factory=dict)
    _sorted: dict[str, Page] | None = None
    _editions: dict[str, _Edition] = field(default_factory=dict)
    _served: int = 0

    def build(self) -> None:
        """Make every page."""
        editions = [self._edition(language) for language in self.options.languages]
        for edition in editions:
            edition.build()
        if len(editions) > 1:
            # Every edition makes the same pages in the same order.
            for versions in zip(*(edition.made for edition in editions), strict=True):
                alternates = tuple(zip(self.options.languages, versions, strict=True))
                for path in versions:
                    self.pages[path] = replace(self.pages[path], alternates=alternates)
        self._write_robots()
        self._write_sitemaps()

    # --- addresses ------------------------------------------------------------------------------------------------

    def address(self, kind: str, language: str, what: str = "", title: str = "", **more: Any) -> str:
        """Return the address of a page, with the query that any language but the first needs."""
        form = self.scheme.of(kind)
        if form is None:
            raise KeyError(kind)
        number = self._number(kind, what)
        values = {
            "root": self._root(language),
            "slug": slug(title) or str(number),
            "camel": "".join(word.capitalize() for word in key(title).split()) or f"p{number}",
            "id": number,
            "hash": hashlib.sha256(f"{self.seed}{number}".encode()).hexdigest()[:10],
            **slugs(language),
            **more,
        }
        path = quote(form.format(**values), safe="/?&=;.:,+%")
        if (
            self.options.language_in == "parameter"
            and language != self.options.languages[0]
            and not path.endswith(".pdf")
        ):
            path += ("&" if "?" in path else "?") + self._language_query(language)
        return path

    def home(self, language: str) -> str:
        """Return the address of a language's start page."""
        if root := self._root(language):
            return f"{root}/"
        return "/" if language == self.options.languages[0] else f"/?{self._language_query(language)}"

    def _language_query(self, language: str) -> str:
        value = self.options.languages.index(language) if self.options.language_parameter == "clang" else language
        return f"{self.options.language_parameter}={value}"

    def _number(self, kind: str, what: str) -> int:
        """Return the record number: without order, all kinds mixed."""
        if what.isdigit():
            return int(what)
        digest = hashlib.sha256(f"{self.seed} {kind} {what}".encode()).digest()
        return self._ids.setdefault((kind, what), 100 + int.from_bytes(digest[:3]) % 98_000)

    def _root(self, language: str) -> str:
        is_first = language == self.options.languages[0]
        if self.options.language_in == "parameter" or (is_first and self.options.language_in != "prefixes"):
            return ""
        return f"/~{language}" if self.options.language_in == "host" else f"/{language}"

    # --- answers --------------------------------------------------------------------------------------------------

    def answer(self, target: str) -> Answer:
        """Return the answer to a GET of ``target``."""
        self._served += 1
        if target == "/robots.txt":
            return Answer(200, self.robots.replace("{origin}", self.origin).encode(), ROBOTS_TYPE)
        if target in self.sitemaps:
            body = self.sitemaps[target]
            if not body.startswith(b"\x1f\x8b"):
                text = body.decode().replace("{origin}", self.origin)
                return Answer(200, self._by_hosts(text).encode(), "application/xml")
            return Answer(
                200, gzip.compress(gzip.decompress(body).replace(b"{origin}", self.origin.encode())), "application/gzip"
            )
        target, query = self._plain(target)
        if (to := self.redirects.get(target)) is not None:
            return Answer(301, b"", "text/html", location=self._by_hosts(f"{self.origin}{to}"))
        page = self._page(target)
        if page is None:
            if target.endswith(".ics"):
                return Answer(200, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar")
            language = self.options.languages[0]
            text = self._document(Page("missing", language, "404", lambda _: "<p>404</p>"), {})
            return Answer(200 if self.options.soft_404 else 404, text.encode(), "text/html; charset=utf-8")
        if page.media_type == "application/pdf":
            return Answer(200, pdf(page.body({})), "application/pdf", page)
        if page.media_type == DATA_TYPE:
            return Answer(200, page.body({}).encode(), DATA_TYPE, page)
        return Answer(200, self._document(page, query).encode(), "text/html; charset=utf-8", page)

    def _plain(self, target: str) -> tuple[str, dict[str, str]]:
        """Return the address without what changes nothing, and that."""
        target = re.sub(r";jsessionid=\w+|^/\(S\(\w+\)\)|/~[0-9a-f]{16}(?=$|\?)", "", target)
        target = target if target.startswith("/") else f"/{target}"
        parts = urlsplit(target)
        extra: dict[str, str] = {}
        kept = []
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if name in (
                *SESSION_PARAMETERS,
                "sort",
                "view",
                "genre",
                "venue",
                "back",
                "print",
                "lang_ref",
            ) or name.startswith("utm_"):
                extra[name] = value
            else:
                kept.append((name, value))
        query = urlencode(kept)
        path = quote(unquote(parts.path), safe="/;.:,+%")
        if self.options.relative_bug:
            path = re.sub(r"(/[^/]+)\1+/?$", r"\1", path)
        return path + (f"?{query}" if query else ""), extra

    def _page(self, target: str) -> Page | None:
        for spelling in (target, target.rstrip("/"), f"{target}/"):
            if (page := self.pages.get(spelling)) is not None:
                return page
        path, _, query = target.partition("?")
        ordered = f"{path}?{urlencode(sorted(parse_qsl(query)))}"
        if (page := self._by_sorted_query().get(ordered)) is not None:
            return page
        for pattern, language in self._endless:
            if (match := pattern.fullmatch(target)) or (match := pattern.fullmatch(ordered)):
                edition = self._edition(language)
                if self.options.calendar_by == "entries":
                    offset = edition.offset_of(match)
                    return Page("empty calendar", language, "", lambda _, e=edition, at=offset: e.stretch_body(at))
                month = (
                    match["month"]
                    if "month" in pattern.groupindex
                    else _month_number(unquote(match["month_name"]), language)
                )
                year, number = int(match["year"]), int(month)
                if 1 <= number <= 12:
                    return Page(
                        "empty month",
                        language,
                        f"{number}/{year}",
                        lambda _, edition=edition, year=year, number=number: edition.month_body(year, number),
                    )
        return None

    def _edition(self, language: str) -> _Edition:
        if language not in self._editions:
            self._editions[language] = _Edition(self, language)
        return self._editions[language]

    def _by_sorted_query(self) -> dict[str, Page]:
        if self._sorted is None:
            self._sorted = {
                f"{path.partition('?')[0]}?{urlencode(sorted(parse_qsl(path.partition('?')[2])))}": page
                for path, page in self.pages.items()
                if "?" in path
            }
        return self._sorted

    def _document(self, page: Page, query: dict[str, str]) -> str:
        edition = self._edition(page.language)
        head = page.head
        if self.options.has_hreflang:
            head += "".join(
                f'<link rel="alternate" hreflang="{code}" href="{self.origin}{path}">' for code, path in page.alternates
            )
        versions = [(code, path) for code, path in page.alternates if code != page.language]
        text = self.markup.document(
            language=page.language,
            title=page.title,
            site=self.name,
            head=head,
            navigation=edition.navigation(),
            versions=versions,
            main=page.body(query),
            footer=[*edition.footer()],
            notice=words(page.language)["invented"],
        )
        if self.options.language_in == "host":
            text = self._by_hosts(re.sub(r'href="/(?!/)', f'href="{self.origin}/', text))
        return self._with_session(text) if self.options.session else text

    def _by_hosts(self, text: str) -> str:
        """Return a text with the addresses of languages that have a host of their own."""
        if self.options.language_in != "host":
            return text
        return re.sub(
            rf"{re.escape(self.origin)}/~(\w\w)", lambda match: self.origin.replace("//", f"//{match[1]}."), text
        )

    def _with_session(self, text: str) -> str:
        value = hashlib.sha256(f"{self.seed}:{self._served}".encode()).hexdigest()[:26]
        name = self.options.session

        def add(match: re.Match[str]) -> str:
            address = match[2]
            if name == "jsessionid":
                path, mark, query = address.partition("?")
                address = f"{path};jsessionid={value}{mark}{query}"
            elif name == "before":
                address = f"/(S({value[:24]})){address}"
            elif name == "behind":
                path, mark, query = address.partition("?")
                address = f"{path.rstrip('/')}/~{value[:16]}{mark}{query}"
            else:
                address += ("&amp;" if "?" in address else "?") + f"{name}={value}"
            return f'{match[1]}{address}"'

        return re.sub(r'(<a [^>]*href=")(/[^"#]*)"', add, text)

    # --- robots and sitemaps --------------------------------------------------------------------------------------

    def _write_robots(self) -> None:
        lines = ["User-agent: *"]
        if self.options.blocks_by_robots:
            lines += [
                f"Disallow: {self.address('shop_list', language)}"
                for language in self.options.languages
                if "{w_shop}" in (self.scheme.of("shop_list") or "")
            ]
            lines += ["Disallow: /cart/", "Disallow: /login"]
        lines += [] if len(lines) > 1 else ["Disallow:"]
        if self.options.sitemap == "listed":
            lines += ["", "Sitemap: {origin}/xml/site-map-1.xml"]
        self.robots = "\n".join(lines) + "\n"

    def _write_sitemaps(self) -> None:
        kind = self.options.sitemap
        if kind == "none":
            return
        listed = [path for path, page in self.pages.items() if page.kind not in ("gallery",)]
        random.Random(self.seed).shuffle(listed)
        if kind == "stale":
            listed = [
                path
                for path in listed
                if self.pages[path].kind in ("news", "info", "archive production", "archive list", "artist")
            ]
            listed += [f"/old/{number}" for number in range(25)]
        elif kind == "events":
            listed = [
                path
                for path in listed
                if self.pages[path].kind in ("production", "evening", "education", "archive production")
            ]
        if kind == "index":
            parts = {"pages": [], "events": [], "posts": []}
            for path in listed:
                part = self.pages[path].kind
                parts[
                    "events"
                    if part in ("production", "evening", "education", "archive production")
                    else "posts"
                    if part in ("news", "artist")
                    else "pages"
                ].append(path)
            for part, paths in parts.items():
                self.sitemaps[f"/sitemap-{part}.xml.gz"] = gzip.compress(self._urlset(paths), mtime=0)
            entries = "".join(f"<sitemap><loc>{{origin}}/sitemap-{part}.xml.gz</loc></sitemap>" for part in parts)
            self.sitemaps["/sitemap_index.xml"] = (
                f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'.encode()
            )
            return
        self.sitemaps["/xml/site-map-1.xml" if kind == "listed" else "/sitemap.xml"] = self._urlset(listed)

    def _urlset(self, paths: Iterable[str]) -> bytes:
        entries = "".join(f"<url><loc>{{origin}}{path.replace('&', '&amp;')}</loc></url>" for path in paths)
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()


class _Edition:
    """One language of a site."""

    def __init__(self, site: Site, language: str) -> None:
        self.site = site
        self.language = language
        self.words = words(language)
        self.options = site.options
        self.dice = random.Random(site.seed)
        self.made: list[str] = []
        namesakes: Counter[str] = Counter()
        self.ordinals: dict[int, int] = {}
        for production in site.programme.productions:
            namesakes[self.title(production)] += 1
            self.ordinals[production.number] = namesakes[self.title(production)]

    def build(self) -> None:
        """Make the pages of this language."""
        site, programme = self.site, self.site.programme
        current = [p for p in programme.productions if p.is_of_interest]
        self._productions(current, "production")
        old = [p for p in programme.productions if not p.is_of_interest]
        if self.options.archive_since < 2025:
            self._productions(old, "archive production")
            seasons = sorted({p.season for p in old}, reverse=True)
            self._list(
                "archive",
                [Entry(f"{s}/{s + 1}", self._season_address(s, old=True)) for s in seasons],
                "archive list",
                words_key="archive",
            )
            for season in seasons:
                self._season(season, "archive list", old=True)
        for season in sorted({p.season for p in current}):
            self._season(season, "list")
        if site.scheme.of("listing"):
            live = [p for p in current if p.season >= 2026]
            self._list(
                "listing",
                [self._entry(p) for p in live],
                "list",
                words_key="whats_on",
                facts=_titles(live),
                faceted=True,
            )
        if site.scheme.of("month"):
            self._months(current)
        self._home(current)
        self._others()

    # --- productions ----------------------------------------------------------------------------------------------

    def _productions(self, productions: list[Production], kind: str) -> None:
        for production in productions:
            has_own_page = self.site.scheme.of("production") is not None
            if has_own_page:
                path = self.production_address(production)
                self._add(
                    path,
                    kind,
                    self.title(production),
                    self._production_body(production),
                    _facts(production),
                    [production],
                    head=self._structured(production),
                )
                if self.options.redirects and production.number % 4 == 0:
                    self.site.redirects[f"/go/{self.language}/{production.number}"] = path
                if self.options.galleries and production.number % 2:
                    gallery = self._gallery_address(production)
                    self._add(gallery, "gallery", f"{self.title(production)} – {self.words['gallery']}", self._text(8))
            if (
                self.options.evenings != "none"
                and self.site.scheme.of("evening")
                and (kind == "production" or not has_own_page)
            ):
                for night in production.nights:
                    is_same = self.options.evenings == "same" and has_own_page
                    self._add(
                        self.evening_address(production, night),
                        "evening" if kind == "production" else kind,
                        self.title(production),
                        self._production_body(production, None if is_same else night),
                        _facts(production) if is_same else _night_facts(production, night, is_whole=not has_own_page),
                        [production],
                        head=self._structured(production, night),
                    )

    def production_address(self, production: Production) -> str:
        """Return the address of a production's page, or of its first evening where there is none."""
        if self.options.one_page_seasons:
            season = self._season_address(production.season, old=not production.is_of_interest)
            return f"{season}#{slug(self.title(production))}"
        if self.site.scheme.of("production") is None:
            return self.evening_address(production, production.nights[0])
        return self._spelt("production", production, str(production.number), production.nights[0].day)

    def evening_address(self, production: Production, night: Night) -> str:
        """Return the address of one evening's page."""
        return self._spelt("evening", production, str(night.number), night.day, night.time)

    def _link(self, production: Production) -> str:
        if self.options.redirects and production.number % 4 == 0 and self.site.scheme.of("production"):
            return f"/go/{self.language}/{production.number}"
        return self.production_address(production)

    def _spelt(self, kind: str, production: Production, what: str, day: date, time: str = "19:00") -> str:
        title = self.title(production)
        if self.ordinals[production.number] > 1:  # systems number what has a title already
            title = f"{title} {self.ordinals[production.number]}"
        return self.site.address(
            kind,
            self.language,
            what,
            title,
            genre=slug(self.words[production.genre]),
            **_season_values(production.season),
            **_day_values(day, self.language),
            time=time.replace(":", ""),
        )

    def _gallery_address(self, production: Production) -> str:
        return (
            self.site.address(
                "gallery",
                self.language,
                f"{production.number}",
                self.title(production),
                production=self.production_address(production).rstrip("/").partition("?")[0],
            )
            if self.site.scheme.of("gallery") and "{production}" in (self.site.scheme.of("gallery") or "")
            else self.site.address(
                "gallery",
                self.language,
                f"gallery {production.number}",
                f"{self.title(production)} {self.words['gallery']}",
            )
        )

    def _production_body(self, production: Production, night: Night | None = None) -> Callable[[dict[str, str]], str]:
        def body(query: dict[str, str]) -> str:
            team = [(self.words[function], name) for function, name in production.team]
            cast = list(production.cast)
            if night is not None and night.substitute:
                if cast:
                    cast[0] = (cast[0][0], night.substitute)
                else:
                    team[0] = (team[0][0], night.substitute)
            people = {name: self._artist(name) for name in self.site.programme.artists}
            nights = [night] if night else production.nights
            rows = [
                (
                    one.day,
                    one.time,
                    self.evening_address(production, one)
                    if self.options.evenings != "none" and self.site.scheme.of("evening") and night is None
                    else None,
                    f"https://tickets.example/{one.number}",
                )
                for one in nights
            ]
            extra = (
                [(self.words["gallery"], self._gallery_address(production))]
                if self.options.galleries and production.number % 2 and self.site.scheme.of("production")
                else []
            )
            own = self.production_address(production).partition("#")[0]
            if self.options.prints:
                extra += [
                    ("Print", own + ("&" if "?" in own else "?") + "print=1"),
                    ("ICS", f"{own.rstrip('/').partition('?')[0]}/calendar-{production.number}.ics"),
                    ("Login", "/login?return=" + quote(own, safe="")),
                ]
            return self.site.markup.production(
                title=self.title(production),
                subtitle=" ".join(filter(None, (self.words["by"], production.composer))),
                genre=self.words[production.genre],
                team=team,
                cast_label=self.words["cast"],
                cast=cast,
                people=people,
                nights=rows,
                months=month_names(self.language),
                price=(self.words["prices"], f"€ {production.price[0]} – {production.price[1]}")
                if night is None
                else None,
                text=nonsense(random.Random(production.number), 7),
                extra=extra,
            )

        return body

    def _structured(self, production: Production, night: Night | None = None) -> str:
        if not self.options.structured_data:
            return ""
        return self.site.markup.structured(
            self.title(production), [night] if night else production.nights, self.site.name
        )

    def title(self, production: Production) -> str:
        """Return the title as this edition prints it."""
        return production.title_in(self.language)

    # --- lists ----------------------------------------------------------------------------------------------------

    def _entry(self, production: Production) -> Entry:
        first, last = production.nights[0].day, production.nights[-1].day
        return Entry(
            self.title(production), self._link(production), production.composer, (first, last), self.words["more"]
        )

    def _season_address(self, season: int, *, old: bool = False) -> str:
        kind = "archive_season" if old and not self.options.archive_in_place else "season"
        return self.site.address(
            kind, self.language, f"season {season}", f"{self.words['season']} {season}", **_season_values(season)
        )

    def _season(self, season: int, kind: str, *, old: bool = False) -> None:
        productions = self.site.programme.of_season(season)
        title = f"{self.words['season']} {season}/{(season + 1) % 100:02}"
        address = self._season_address(season, old=old)
        if self.options.one_page_seasons:
            facts: frozenset[Fact] = frozenset().union(*map(_facts, productions))
            self._add(address, kind, title, self._one_page(title, productions), facts, productions)
        else:
            self._paged(address, title, [self._entry(p) for p in productions], productions, kind)

    def _one_page(self, title: str, productions: list[Production]) -> Callable[[dict[str, str]], str]:
        bodies = [(slug(self.title(p)), self._production_body(p)) for p in productions]

        def body(query: dict[str, str]) -> str:
            contents = "".join(f'<li><a href="#{name}">{name}</a></li>' for name, _ in bodies)
            sections = "".join(
                f'<section id="{name}">{one(query).replace("<h1>", "<h2>").replace("</h1>", "</h2>")}</section>'
                for name, one in bodies
            )
            return f"<h1>{title}</h1><ul>{contents}</ul>{sections}"

        return body

    def _list(
        self,
        kind: str,
        entries: list[Entry],
        page_kind: str,
        *,
        words_key: str,
        facts: dict[str, frozenset[Fact]] | None = None,
        faceted: bool = False,
    ) -> None:
        address = self.site.address(kind, self.language, kind, self.words[words_key], **_season_values(2026))
        self._paged(address, self.words[words_key], entries, None, page_kind, facts=facts, faceted=faceted)

    def _paged(
        self,
        address: str,
        title: str,
        entries: list[Entry],
        productions: list[Production] | None,
        kind: str,
        *,
        facts: dict[str, frozenset[Fact]] | None = None,
        faceted: bool = False,
    ) -> None:
        known = facts or (_titles(productions) if productions else {})
        size = self.options.lists_by or max(1, len(entries))
        is_data = self.options.lists_are_data and bool(known)
        if is_data:
            shown, address = address, f"/jsonapi/node/event?{urlencode({'filter[list]': self._list_number(address)})}"
            self._add(shown, kind, title, lambda _: f'<div id="app" data-api="{address}"></div>')
        mark = "&" if "?" in address else "?"
        for number, start in enumerate(range(0, max(1, len(entries)), size)):
            part = entries[start : start + size]
            step = "page%5Boffset%5D" if is_data else "page"
            path = address if not number else f"{address}{mark}{step}={number * size if is_data else number}"
            stated: frozenset[Fact] = frozenset().union(
                *(
                    known.get(
                        f"{entry.title}{entry.dates[0] if entry.dates else ''}", known.get(entry.title, frozenset())
                    )
                    for entry in part
                )
            )
            if is_data:
                following = f"{address}{mark}{step}={start + size}" if start + size < len(entries) else None
                self._add(path, "data", title, self._data_body(part, following), stated, media_type=DATA_TYPE)
                continue
            steps = [
                *(
                    [(self.words["previous"], address if number == 1 else f"{address}{mark}page={number - 1}")]
                    if number
                    else []
                ),
                *([(self.words["next"], f"{address}{mark}page={number + 1}")] if start + size < len(entries) else []),
            ]
            self._add(
                path,
                kind,
                title,
                self._list_body(title, part, steps, path if faceted and self.options.facets else None),
                stated,
            )

    def _list_number(self, address: str) -> str:
        return hashlib.sha256(address.encode()).hexdigest()[:6]

    def _data_body(self, entries: list[Entry], following: str | None) -> Callable[[dict[str, str]], str]:
        """Return a list as JSON:API has it."""
        records = [
            {
                "type": "node--event",
                "id": hashlib.sha256(entry.address.encode()).hexdigest()[:32],
                "attributes": {
                    "title": entry.title,
                    "path": {"alias": entry.address, "langcode": self.language},
                    "field_composer": entry.note,
                    "field_first_night": entry.dates[0].isoformat() if entry.dates else None,
                    "changed": "2026-09-01T10:00:00+00:00",
                },
            }
            for entry in entries
        ]
        links = {"next": {"href": f"{{origin}}{following}"}} if following else {}
        text = json.dumps({"jsonapi": {"version": "1.0"}, "data": records, "links": links}, ensure_ascii=False)
        return lambda _: text.replace("{origin}", self.site.origin)

    def _list_body(
        self, title: str, entries: list[Entry], steps: list[tuple[str, str]], faceted: str | None
    ) -> Callable[[dict[str, str]], str]:
        def body(query: dict[str, str]) -> str:
            filters = []
            if faceted:
                for name, values in (
                    ("genre", ("opera", "ballet", "concert")),
                    ("venue", ("main", "studio")),
                    ("sort", ("date", "title")),
                    ("view", ("grid", "list")),
                ):
                    for value in values:
                        chosen = {
                            **{k: v for k, v in query.items() if k in ("genre", "venue", "sort", "view")},
                            name: value,
                        }
                        filters.append((value, faceted + ("&" if "?" in faceted else "?") + urlencode(chosen)))
            shown = sorted(entries, key=lambda entry: entry.title) if query.get("sort") == "title" else entries
            return self.site.markup.listing(title, shown, steps, filters, month_names(self.language))

        return body

    def _months(self, productions: list[Production]) -> None:
        if self.options.calendar_by == "entries":
            self._stretches()
            return
        months = [
            (year, month)
            for year in (2025, 2026, 2027, 2028)
            for month in range(1, 13)
            if (2025, 8) <= (year, month) <= (2028, 7)
        ]
        if not self.options.has_endless_calendar:
            months = [m for m in months if (2026, 9) <= m <= (2027, 7)]
        for year, month in months:
            inside = [
                (p, night)
                for p in productions
                for night in p.nights
                if (night.day.year, night.day.month) == (year, month)
            ]
            facts = frozenset(
                fact
                for p, night in inside
                for fact in ((p.number, "title", p.title), (p.number, "night", f"{night.day} {night.time}"))
            )
            self._add(
                self.month_address(year, month),
                "calendar",
                f"{self.words['calendar']} {month}/{year}",
                lambda _, y=year, m=month: self.month_body(y, m),
                facts,
            )
        if self.options.has_endless_calendar:
            parts = (
                re.escape(self.month_address(7777, 7))
                if "{month_name}" not in (self.site.scheme.of("month") or "")
                else re.escape(self.month_address(7777, 7)).replace(
                    re.escape(quote(month_names(self.language)[6])), "(?P<month_name>[^/?&-]+)"
                )
            )
            self.site._endless.append(
                (re.compile(parts.replace("7777", r"(?P<year>\d{4})").replace("07", r"(?P<month>\d\d)")), self.language)
            )

    def _stretches(self) -> None:
        """Make a calendar that goes on by entries: those pages of it that hold any."""
        nights = self._calendar()
        first = -len([night for _, night in nights if night.day < TODAY]) // _STRETCH * _STRETCH
        for offset in range(first, len(nights), _STRETCH):
            facts = frozenset(
                fact
                for p, night in self._stretch(offset)
                if p.is_of_interest
                for fact in ((p.number, "title", p.title), (p.number, "night", f"{night.day} {night.time}"))
            )
            if facts:
                body = self.stretch_body(offset)
                self._add(self.offset_address(offset), "calendar", self.words["calendar"], lambda _, b=body: b, facts)
        mark = self.offset_address(_MARK)
        number = re.escape(self._cursor(_MARK) if "{cursor}" in (self.site.scheme.of("month") or "") else str(_MARK))
        self.site._endless.append((re.compile(re.escape(mark).replace(number, "(?P<at>-?[0-9a-f]+)")), self.language))

    def _calendar(self) -> list[tuple[Production, Night]]:
        """Return all evenings in order."""
        nights = [(p, night) for p in self.site.programme.productions if p.season >= 2024 for night in p.nights]
        return sorted(nights, key=lambda pair: (pair[1].day, pair[1].number))

    def _stretch(self, offset: int) -> list[tuple[Production, Night]]:
        nights = self._calendar()
        start = len([night for _, night in nights if night.day < TODAY]) + offset
        return nights[max(0, start) : max(0, start + _STRETCH)]

    def stretch_body(self, offset: int) -> str:
        """Return ten evenings of the calendar, counted from today, and the ways on."""
        entries = [
            Entry(
                self.title(production),
                self._evening_link(production, night),
                production.composer,
                (night.day,),
                self.words["more"],
                night.time,
            )
            for production, night in self._stretch(offset)
        ]
        ways = ((self.words["previous"], offset - _STRETCH), (self.words["next"], offset + _STRETCH))
        steps = [(word, self.offset_address(at)) for word, at in ways]
        return self.site.markup.listing(self.words["calendar"], entries, steps, [], month_names(self.language))

    def offset_address(self, offset: int) -> str:
        """Return the address of the calendar from an evening on, counted from the next one."""
        return self.site.address("month", self.language, "month", "", offset=offset, cursor=self._cursor(offset))

    def offset_of(self, match: re.Match[str]) -> int:
        """Return the offset that an address of the calendar names."""
        is_cursor = "{cursor}" in (self.site.scheme.of("month") or "")
        return int(match["at"], 16) // 7919 - 50_000 if is_cursor else int(match["at"])

    @staticmethod
    def _cursor(offset: int) -> str:
        return f"{(offset + 50_000) * 7919:x}"

    def _evening_link(self, production: Production, night: Night) -> str:
        has_evenings = self.site.scheme.of("evening") and (
            not self.site.scheme.of("production") or (self.options.evenings != "none" and production.is_of_interest)
        )
        return self.evening_address(production, night) if has_evenings else self._link(production)

    def month_address(self, year: int, month: int) -> str:
        """Return the address of one month's calendar, or of the calendar's beginning where it has no months."""
        if self.options.calendar_by == "entries":
            return self.offset_address(0)
        return self.site.address(
            "month",
            self.language,
            "month",
            "",
            year=year,
            month=f"{month:02}",
            month_name=month_names(self.language)[month - 1],
        )

    def month_body(self, year: int, month: int) -> str:
        """Return a month: its evenings, talks and tours, and the ways to its neighbours."""
        entries = []
        for production in self.site.programme.productions:
            for night in production.nights if production.season >= 2024 else ():
                if (night.day.year, night.day.month) == (year, month):
                    address = self._evening_link(production, night)
                    if self.options.backlinks:
                        address += ("&" if "?" in address else "?") + f"back={year}-{month:02}"
                    entries.append(
                        Entry(
                            self.title(production),
                            address,
                            production.composer,
                            (night.day,),
                            self.words["more"],
                            night.time,
                        )
                    )
        entries += [
            Entry(
                self._tour_title(kind, night),
                self._tour_address(kind, night),
                "",
                (night.day,),
                self.words["more"],
                night.time,
            )
            for kind, night in self.site.programme.tours
            if (night.day.year, night.day.month) == (year, month)
        ]
        entries.sort(key=lambda entry: (entry.dates, entry.time))
        before = (year - 1, 12) if month == 1 else (year, month - 1)
        after = (year + 1, 1) if month == 12 else (year, month + 1)
        ends = () if self.options.has_endless_calendar else (before < (2026, 9), after > (2027, 7))
        steps = [
            (word, self.month_address(*at))
            for number, (word, at) in enumerate(((self.words["previous"], before), (self.words["next"], after)))
            if not (ends and ends[number])
        ]
        return self.site.markup.listing(
            f"{month_names(self.language)[month - 1]} {year}", entries, steps, [], month_names(self.language)
        )

    # --- the rest -------------------------------------------------------------------------------------------------

    def _home(self, current: list[Production]) -> None:
        coming = sorted((p for p in current if p.nights[0].day >= TODAY), key=lambda p: p.nights[0].day)[:6]
        path = self.site.home(self.language)
        facts: frozenset[Fact] = frozenset().union(*_titles(coming).values())
        self._add(
            path,
            "home",
            self.site.name,
            self._list_body(self.site.name, [self._entry(p) for p in coming], [], None),
            facts,
        )
        if path != "/" and self.language == self.options.languages[0]:
            self.site.pages["/"] = self.site.pages[path]

    def _others(self) -> None:
        dice = self.dice
        for name in self.site.programme.artists:
            if path := self._artist(name):
                roles = [
                    (p, role)
                    for p in self.site.programme.productions
                    if p.is_of_interest
                    for role, who in p.cast
                    if who == name
                ]
                facts = frozenset((p.number, "cast", f"{role}: {name}") for p, role in roles)
                listed = [
                    Entry(self.title(p), self._link(p), role, (p.nights[0].day, p.nights[-1].day), self.words["more"])
                    for p, role in roles
                ]
                biography = nonsense(random.Random(name), 6)
                self._add(
                    path, "artist", name, self._list_body(name, [Entry(biography, "", ""), *listed], [], None), facts
                )
        self._list(
            "artists",
            [Entry(name, self._artist(name) or "") for name in self.site.programme.artists],
            "artists",
            words_key="artists",
        )
        self._news()
        self._list(
            "education_list",
            [
                Entry(self._tour_title(kind, night), self._tour_address(kind, night), "", (night.day,))
                for kind, night in self.site.programme.tours
            ],
            "education",
            words_key="education",
        )
        for kind, night in self.site.programme.tours:
            title = self._tour_title(kind, night)
            entry = Entry(
                title,
                f"https://tickets.example/{night.number}",
                nonsense(random.Random(night.number), 3),
                (night.day,),
                self.words["tickets"],
                night.time,
            )
            self._add(self._tour_address(kind, night), "education", title, self._list_body(title, [entry], [], None))
        goods = [
            Entry(f"{self.words['shop']} {dice.choice(('Mug', 'DVD', 'Libretto', 'Poster', 'Scarf'))} {number}", "")
            for number in range(dice.randint(15, 50))
        ]
        if self.options.mixes_titles:
            titles = [self.title(p) for p in self.site.programme.productions if p.is_of_interest]
            kinds = (" (DVD)", "", ": Libretto")
            goods = [
                Entry(f"{titles[place % len(titles)]}{kinds[place % 3]}", "")
                for place in range(min(len(goods), len(titles)))
            ]
        goods = [
            Entry(good.title, self.site.address("shop", self.language, f"shop {place}", good.title))
            for place, good in enumerate(goods)
        ]
        self._list("shop_list", goods, "shop", words_key="shop")
        for good in goods:
            self._add(good.address, "shop", good.title, self._text(3))
        for word in _INFO:
            self._add(
                self._info(word),
                "info",
                self.words[word],
                self._text(10, relative=self.options.relative_bug and word == "history"),
            )
        self._add(
            self.site.address("about", self.language, "about", self.words["about"]),
            "info",
            self.words["about"],
            self._about_body(),
        )
        if self.options.reports:
            self._reports()

    def _reports(self) -> None:
        reports = [
            Entry(
                f"{self.words['report']} {year}",
                self.site.address("report", self.options.languages[0], f"report {year}", year=year),
            )
            for year in range(FIRST_REPORT, 2026)
        ]
        self._list("reports", reports, "reports", words_key="reports")
        for year in range(FIRST_REPORT, 2026):
            text = f"{self.site.name}\n{self.words['report']} {year}\n{self.words['revenue']} {year}: EUR {20_000_000 + 137 * year}"
            path = self.site.address("report", self.options.languages[0], f"report {year}", year=year)
            self.site.pages[path] = Page(
                "report",
                self.language,
                f"{year}",
                lambda _, text=text: text,
                frozenset({(0, "revenue", str(year))}),
                media_type="application/pdf",
            )

    def _news(self) -> None:
        dice = random.Random(f"news {self.site.seed}")
        items = []
        titles = [self.title(p) for p in self.site.programme.productions if p.is_of_interest and p.genre == "opera"]
        for number in range(self.options.news_count):
            year, month = 2026 - number * 10 // max(1, self.options.news_count), dice.randint(1, 12)
            about = dice.choice(titles) if dice.random() < 0.2 else ""
            title = f"{about + ': ' if about else ''}{nonsense(dice, 1)[:40]}"
            if self.options.mixes_titles and number % 2:
                title = titles[number % len(titles)]
            day = date(year, month, dice.randint(1, 28))
            path = self.site.address(
                "news",
                self.language,
                f"news {number}",
                title,
                **_day_values(day, self.language),
                **_season_values(year),
            )
            items.append(Entry(title, path, "", (day,), self.words["more"]))
            self._add(path, "news", title, self._news_body(items[-1], number))
        per_page, self_options = 12, self.options
        address = self.site.address("news_list", self.language, "news_list", self.words["news"])
        mark = "&" if "?" in address else "?"
        for number, start in enumerate(range(0, max(1, len(items)), per_page)):
            steps = [(self.words["next"], f"{address}{mark}page={number + 1}")] if start + per_page < len(items) else []
            if self_options.tags and not number:
                steps += [(f"#{tag}", f"/tag/{tag}") for tag in _TAGS]
            self._add(
                address if not number else f"{address}{mark}page={number}",
                "news list",
                self.words["news"],
                self._list_body(self.words["news"], items[start : start + per_page], steps, None),
            )
        if self_options.tags:
            for place, tag in enumerate(_TAGS):
                self._add(f"/tag/{tag}", "news list", tag, self._list_body(tag, items[place::7][:20], [], None))

    def _news_body(self, entry: Entry, number: int) -> Callable[[dict[str, str]], str]:
        text = nonsense(random.Random(number), 9)
        tags = [(f"#{_TAGS[number % len(_TAGS)]}", f"/tag/{_TAGS[number % len(_TAGS)]}")] if self.options.tags else []
        return self._list_body(entry.title, [Entry(text, "", "", entry.dates)], tags, None)

    def _text(self, sentences: int, *, relative: bool = False) -> Callable[[dict[str, str]], str]:
        text = nonsense(self.dice, sentences)
        link = f'<p><a href="{slug(self.words["history"])}/">{self.words["history"]}</a></p>' if relative else ""
        return lambda _: f"<p>{text}</p>{link}"

    def _about_body(self) -> Callable[[dict[str, str]], str]:
        inner = [(self.words[word], self._info(word)) for word in ("history", "hire", "jobs", "restaurant", "access")]
        if self.options.reports:
            inner.append(
                (
                    self.words["reports"],
                    self.site.address(
                        "reports", self.language, "reports", self.words["reports"], **_season_values(2026)
                    ),
                )
            )
        return self._list_body(self.words["about"], [Entry(label, address) for label, address in inner], [], None)

    def _tour_title(self, kind: str, night: Night) -> str:
        titles = [self.title(p) for p in self.site.programme.productions if p.season == 2026]
        return (
            f"{self.words[kind]}: {titles[night.number % len(titles)]}"
            if kind == "talk"
            else f"{self.words[kind]} {night.number % 9 + 1}"
        )

    def _tour_address(self, kind: str, night: Night) -> str:
        return self.site.address(
            "education",
            self.language,
            str(night.number),
            self._tour_title(kind, night),
            genre=slug(self.words[kind]),
            time=night.time.replace(":", ""),
            **_day_values(night.day, self.language),
            **_season_values(2026),
        )

    def _artist(self, name: str) -> str | None:
        return (
            self.site.address("artist", self.language, f"artist {name}", name, **_season_values(2026))
            if self.site.scheme.of("artist")
            else None
        )

    def _info(self, word: str) -> str:
        return self.site.address("info", self.language, f"info {word}", self.words[word])

    def navigation(self) -> list[tuple[str, str]]:
        """Return the links on top of each page."""
        kinds = (
            ("listing", "whats_on"),
            ("artists", "artists"),
            ("news_list", "news"),
            ("education_list", "education"),
            ("about", "about"),
            ("shop_list", "shop"),
        )
        links = [
            (self.words[word], self.site.address(kind, self.language, kind, self.words[word], **_season_values(2026)))
            for kind, word in kinds
            if self.site.scheme.of(kind)
        ]
        seasons = sorted({p.season for p in self.site.programme.productions if p.is_of_interest})
        links[1:1] = [
            (f"{self.words['season']} {season}/{(season + 1) % 100:02}", self._season_address(season))
            for season in seasons
        ]
        if self.site.scheme.of("month"):
            links.insert(1, (self.words["calendar"], self.month_address(TODAY.year, TODAY.month)))
        links.insert(0, (self.words["home"], self.site.home(self.language)))
        links += [(self.words[word], self._info(word)) for word in ("visit", "subscribe", "support")]
        return [*links, (self.words["tickets"], "https://tickets.example/")]

    def footer(self) -> Iterable[tuple[str, str]]:
        """Yield the links below each page."""
        for word in ("press", "contact", "privacy", "search", "jobs"):
            yield self.words[word], self._info(word)
        if self.options.archive_since < 2025:
            yield (
                self.words["archive"],
                self.site.address("archive", self.language, "archive", self.words["archive"], **_season_values(2026)),
            )
        yield "Instagram", "https://social.example/opera"

    def _add(
        self,
        path: str,
        kind: str,
        title: str,
        body: Callable[[dict[str, str]], str],
        facts: frozenset[Fact] = frozenset(),
        productions: Iterable[Production] = (),
        head: str = "",
        media_type: str = "text/html",
    ) -> None:
        numbers = tuple(production.number for production in productions)
        self.made.append(path)
        self.site.pages[path] = Page(kind, self.language, title, body, facts, numbers, head, media_type=media_type)


_STRETCH = 10  # evenings of one page of a calendar that goes on by entries
_MARK = 770_077  # an offset that no calendar has


_INFO = (
    "history",
    "visit",
    "restaurant",
    "access",
    "hire",
    "support",
    "jobs",
    "subscribe",
    "contact",
    "privacy",
    "press",
    "search",
)
_TAGS = ("baroque", "premiere", "family", "orchestra", "tour", "interview", "radio", "gala")


def _facts(production: Production) -> frozenset[Fact]:
    number = production.number
    return frozenset(
        (
            (number, "title", production.title),
            (number, "composer", production.composer),
            (number, "price", str(production.price)),
            *((number, function, name) for function, name in production.team),
            *((number, "cast", f"{role}: {name}") for role, name in production.cast),
            *((number, "night", f"{night.day} {night.time}") for night in production.nights),
        )
    )


def _night_facts(production: Production, night: Night, *, is_whole: bool) -> frozenset[Fact]:
    number = production.number
    own = {
        (number, "title", production.title),
        (number, "night", f"{night.day} {night.time}"),
        (number, "cast of the night", f"{night.day} {night.substitute}"),
    }
    return frozenset(own | {fact for fact in _facts(production) if is_whole and fact[1] not in ("night", "price")})


def _titles(productions: list[Production]) -> dict[str, frozenset[Fact]]:
    """Map a list's entry, by title and first day, to what the list states of it."""
    return {
        f"{title}{p.nights[0].day}": frozenset(
            {(p.number, "title", p.title), (p.number, "composer", p.composer), (p.number, "run", str(p.nights[0].day))}
        )
        for p in productions
        for title in {p.title, p.title_in("ja"), *(dict(p.work.titles).values() if p.work else ())}
    }


def _month_number(name: str, language: str) -> int:
    names = month_names(language)
    return names.index(name) + 1 if name in names else 0


def _season_values(season: int) -> dict[str, Any]:
    return {"s": season, "e": season + 1, "s2": f"{season % 100:02}", "e2": f"{(season + 1) % 100:02}"}


def _day_values(day: date, language: str) -> dict[str, Any]:
    return {
        "year": day.year,
        "month": f"{day.month:02}",
        "day": f"{day.day:02}",
        "month_name": month_names(language)[day.month - 1],
    }


@cache
def words(language: str) -> dict[str, str]:
    """Return the words of a language."""
    with (Path(__file__).parent / "words.csv").open(encoding="utf-8") as lines:
        return {row["word"]: row[language] for row in csv.DictReader(lines)}


@cache
def slugs(language: str) -> dict[str, str]:
    """Return the words of a language as addresses have them, by ``w_<word>``."""
    return {f"w_{word}": slug(text) for word, text in words(language).items()}


@cache
def month_names(language: str) -> tuple[str, ...]:
    """Return the months' names in lower case, as addresses have them."""
    if language == "ja":
        return tuple(f"{month}月" for month in range(1, 13))
    names: dict[int, str] = {}
    with resources.files(DATA).joinpath("months.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["language"] == language and row["kind"] == "full":
                names.setdefault(int(row["month"]), row["form"].lower())
    return tuple(names[month] for month in range(1, 13))
