"""The arguments of ``scrapy crawl opera``, checked before anything is started."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from opera_spiders.companies import Company, company_of
from opera_spiders.errors import BadInputError
from opera_spiders.urls import canonical_url, host_port, is_domain, is_same_company

Render = Literal["auto", "never", "always"]
Archive = Literal["season", "all"]

KNOWN = ("domain", "max_pages", "seeds", "since", "archive", "render")
_EXAMPLE = "scrapy crawl opera -a domain=roh.org.uk"


@dataclass(frozen=True, slots=True)
class CrawlArguments:
    """What to crawl. ``seeds`` take the place of the company's start page; ``since`` leaves out what did not change."""

    company: Company
    max_pages: int | None = None
    seeds: tuple[str, ...] = ()
    since: date | None = None
    archive: Archive = "season"
    render: Render = "auto"

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> CrawlArguments:
        """Return the arguments of ``-a name=value``.

        :raises BadInputError: one cannot be used; one line that says which, why, and what it takes
        """
        # Scrapyd passes its own, such as _job.
        unknown = sorted(name for name in given if name not in KNOWN and not name.startswith("_"))
        if unknown:
            raise BadInputError(f"Unknown spider argument {', '.join(unknown)}. The arguments are: {', '.join(KNOWN)}.")
        company = _company(given.get("domain", ""))
        archive = _choice(given, "archive", ("season", "all"))
        if archive == "all" and company.archive_policy == "never":
            raise BadInputError(
                f"archive=all cannot be used for {company.domain}: its row in companies.csv says archive_policy never. "
                "Leave the argument out, or change the row."
            )
        return cls(
            company=company,
            max_pages=_count(given.get("max_pages")),
            seeds=_seeds(given.get("seeds", ""), company),
            since=_date(given.get("since")),
            archive="all" if archive == "all" or company.archive_policy == "all" else "season",
            render=_choice(given, "render", ("auto", "never", "always")),  # type: ignore[arg-type]
        )


def _company(domain: str) -> Company:
    domain = domain.strip()
    if not domain:
        raise BadInputError(f"No domain given. Say whose website to crawl: {_EXAMPLE}")
    if not is_domain(domain):
        host = re.split(r"[/?#]", domain.rpartition("//")[2], maxsplit=1)[0].rpartition("@")[2]
        hint = f"-a domain={host}" if is_domain(host) else _EXAMPLE
        # A password may stand before an @, and is not repeated.
        given = "domain holds a user name or password and" if "@" in domain else f"domain={domain}"
        raise BadInputError(f"{given} is not a host name. Give the host alone, with a port if it has one: {hint}")
    return company_of(domain) or Company.provisional(domain)


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.strip().isascii() or not text.strip().isdigit() or int(text) == 0:
        raise BadInputError(
            f"max_pages={text} is not a number of pages. Give a whole number above 0, such as max_pages=200."
        )
    return int(text)


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        # fromisoformat takes 20260901 and 2026-W36 too, which no one means.
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else _bad_date(text)
    except ValueError:
        return _bad_date(text)


def _bad_date(text: str) -> date:
    raise BadInputError(f"since={text} is not a date. Write it as YYYY-MM-DD, such as since=2026-09-01.")


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = given.get(name, choices[0])
    if value not in choices:
        raise BadInputError(f"{name}={value} is unknown. {name} takes one of: {', '.join(choices)}.")
    return value


def _seeds(text: str, company: Company) -> tuple[str, ...]:
    seeds = []
    for url in re.split(r"[,\s]+", text.strip()) if text.strip() else ():
        if "@" in _netloc(url):
            raise BadInputError(
                "seeds holds a user name or password. Nobody logs in on a crawl: give the address without what stands "
                "before its @."
            )
        if not _is_address(url):
            # Where an @ follows, this may be a piece of a password.
            given = "seeds holds what" if "@" in text else f"seeds={url}"
            raise BadInputError(
                f"{given} is not an address. Give whole URLs, separated by commas: seeds=https://…,https://…"
            )
        if not is_same_company(url, company.domains):
            raise BadInputError(
                f"seeds={url} is on {host_port(url)}, which is not a domain of {company.domain}. "
                f"Take one of {', '.join(company.domains)}, or add the domain to the company's row."
            )
        seeds.append(canonical_url(url))
    return tuple(seeds)


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:  # a bracket that is not closed
        return url


def _is_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and is_domain(host_port(url)) and bool(canonical_url(url))
    except ValueError:
        return False
