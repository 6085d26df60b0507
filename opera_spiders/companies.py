"""The registry of companies: ``data/companies.csv``, one row each, shipped in the egg and seeded into dbt."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO
from typing import TextIO
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from opera_spiders.errors import BadInputError
from opera_spiders.urls import ascii_host, bare_domain, host_port, is_domain, is_same_company

COLUMNS = (
    "slug",
    "name",
    "native_name",
    "city",
    "country_code",
    "domain",
    "other_domains",
    "start_url",
    "founded_year",
    "main_venue",
    "capacity",
    "tier",
    "timezone",
    "currency",
    "latitude",
    "longitude",
    "coord_precision",
    "company_type",
    "wikidata",
    "source",
    "page_language",
    "licence_note",
    "archive_policy",
)
REQUIRED = ("slug", "name", "city", "country_code", "domain", "tier", "timezone", "currency", "company_type")
TIERS = ("tier-1", "tier-2", "regional", "festival")
COMPANY_TYPES = ("resident", "festival", "touring")
ARCHIVE_POLICIES = ("all", "never")
# Codes that Babel lists among the territories and ISO 3166-1 gives to no country.
_NO_COUNTRIES = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")


@dataclass(frozen=True, slots=True)
class Company:
    """One row of the registry. ``domains`` = domain + other_domains; any of them selects the company.

    ``page_language`` (ISO 639-1) is the language read where a site offers several. A ``licence_note`` records a
    permission that stands above the rights a page reserves. ``archive_policy`` is ``all`` where past seasons are
    crawled as well, ``never`` where they must not be even when asked for, None for this season and its neighbours.
    """

    slug: str
    name: str
    native_name: str | None
    city: str | None
    country_code: str | None
    domain: str
    start_url: str | None
    timezone: str | None
    currency: str | None
    page_language: str | None
    other_domains: tuple[str, ...] = ()
    licence_note: str | None = None
    archive_policy: str | None = None
    is_registered: bool = True

    @property
    def domains(self) -> tuple[str, ...]:
        """Return every domain that selects this company, the canonical one first."""
        return (self.domain, *self.other_domains)

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> Company:
        """Return the company of one row of the registry."""
        return cls(
            slug=row["slug"],
            name=row["name"],
            native_name=row["native_name"] or None,
            city=row["city"] or None,
            country_code=row["country_code"] or None,
            domain=row["domain"],
            start_url=row["start_url"] or None,
            timezone=row["timezone"] or None,
            currency=row["currency"] or None,
            page_language=row["page_language"] or None,
            other_domains=_listed(row["other_domains"]),
            licence_note=row["licence_note"] or None,
            archive_policy=row["archive_policy"] or None,
        )

    @classmethod
    def provisional(cls, domain: str) -> Company:
        """Return a company of which only the domain (host or host:port) is known: it may be crawled all the same.

        >>> Company.provisional("127.0.0.1:8101").slug
        '127-0-0-1-8101'
        """
        house = ascii_host(domain)
        return cls(
            slug="-".join(house.replace(":", ".").replace("[", "").replace("]", "").split(".")),
            name=house,
            native_name=None,
            city=None,
            country_code=None,
            domain=house,
            start_url=None,
            timezone=None,
            currency=None,
            page_language=None,
            is_registered=False,
        )


def company_of(domain: str) -> Company | None:
    """Return the company that lists ``domain`` (host or host:port, any case, with or without ``www.``).

    >>> company_of("www.roh.org.uk").domain
    'rbo.org.uk'
    >>> company_of("127.0.0.1:8101") is None
    True
    """
    return _by_domain().get(bare_domain(domain))


@cache
def companies() -> tuple[Company, ...]:
    """Return every company of the registry, in the order of the file."""
    with resources.files("opera_spiders.data").joinpath("companies.csv").open(encoding="utf-8") as lines:
        return tuple(Company.from_row(row) for row in csv.DictReader(lines))


@cache
def _by_domain() -> dict[str, Company]:
    return {bare_domain(domain): company for company in companies() for domain in company.domains}


def read_rows(lines: TextIO) -> list[dict[str, str]]:
    """Return the rows of a registry file.

    :raises BadInputError: the file's columns are not the registry's
    """
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise BadInputError(
            f"{lines.name} is no registry, which has exactly these columns, in this order: {', '.join(COLUMNS)}. "
            "Name one with --file."
        )
    return list(reader)


def write_rows(rows: Iterable[Mapping[str, str]]) -> str:
    """Return a registry file."""
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def problems(rows: list[dict[str, str]]) -> list[str]:
    """Return what is wrong with a registry, one sentence for each fault; none when it can be used."""
    found = [f"{_place(number, row)}: {fault}" for number, row in enumerate(rows, start=2) for fault in _faults(row)]
    rows = [row for row in rows if _is_whole(row)]
    for column in ("slug", "wikidata"):
        counts = Counter(row[column] for row in rows if row[column])
        found += [
            f"{column} {value!r} stands in {count} rows; it must be unique."
            for value, count in counts.items()
            if count > 1
        ]
    claims = Counter(bare_domain(domain) for row in rows for domain in (row["domain"], *_listed(row["other_domains"])))
    found += [
        f"domain {domain!r} is listed {count} times; one company only." for domain, count in claims.items() if count > 1
    ]
    return found


def _place(number: int, row: Mapping[str, str]) -> str:
    return f"line {number} ({row['slug'] or 'no slug'})"


def _is_whole(row: Mapping[str, str | None]) -> bool:
    """Tell whether a row has as many fields as columns: csv marks what is too many or too few with None."""
    return None not in row and None not in row.values()


def _faults(row: Mapping[str, str | None]) -> Iterator[str]:
    if not _is_whole(row):
        yield f"must have {len(COLUMNS)} fields."
        return
    values = {column: value or "" for column, value in row.items()}
    for column in REQUIRED:
        if not values[column].strip():
            yield f"{column} is empty."
    yield from _faults_of_names(values)
    yield from _faults_of_codes(values)
    yield from _faults_of_numbers(values)


def _faults_of_names(row: Mapping[str, str]) -> Iterator[str]:
    for column, value in row.items():
        if value != value.strip():
            yield f"{column} {value!r} has white space around it."
    if row["slug"] != row["slug"].lower() or not row["slug"].replace("-", "").isalnum() or not row["slug"].isascii():
        yield f"slug {row['slug']!r} must consist of a-z, 0-9 and hyphens."
    domains = (row["domain"], *_listed(row["other_domains"]))
    for domain in domains:
        if not is_domain(domain) or domain != bare_domain(domain):
            yield f"domain {domain!r} must be a bare host name in lower case, without scheme, path and www."
    start = row["start_url"]
    if start and (urlsplit(start).scheme not in ("http", "https") or not is_same_company(start, domains)):
        yield f"start_url {start!r} must be an http(s) address on one of the row's domains ({host_port(start)} is not)."


def _faults_of_codes(row: Mapping[str, str]) -> Iterator[str]:
    # Babel knows the ISO lists; it is only needed to check the file, never to crawl.
    from babel import Locale  # noqa: PLC0415

    english = Locale("en")
    code = row["country_code"]
    if code and (len(code) != 2 or code not in english.territories or code in _NO_COUNTRIES):
        yield f"country_code {code!r} is not an ISO 3166-1 code such as DE."
    if row["currency"] and row["currency"] not in english.currencies:
        yield f"currency {row['currency']!r} is not an ISO 4217 code such as EUR."
    if row["page_language"] and (len(row["page_language"]) != 2 or row["page_language"] not in english.languages):
        yield f"page_language {row['page_language']!r} is not an ISO 639-1 code such as de."
    if row["timezone"] and row["timezone"] not in available_timezones():
        yield f"timezone {row['timezone']!r} is not an IANA name such as Europe/Berlin."
    for column, allowed in (("tier", TIERS), ("company_type", COMPANY_TYPES), ("archive_policy", ARCHIVE_POLICIES)):
        if row[column] and row[column] not in allowed:
            yield f"{column} {row[column]!r} must be one of: {', '.join(allowed)}."


def _faults_of_numbers(row: Mapping[str, str]) -> Iterator[str]:
    for column, low, high in (
        ("founded_year", 1500, 2100),
        ("capacity", 10, 100_000),
        ("latitude", -90, 90),
        ("longitude", -180, 180),
    ):
        text = row[column]
        if not text:
            continue
        try:
            is_in_range = low <= float(text) <= high
        except ValueError:
            is_in_range = False
        if not is_in_range:
            yield f"{column} {text!r} must be a number from {low} to {high}."


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
