"""The registry of companies: ``data/companies.csv``, one row each, shipped in the egg and seeded into dbt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Company:
    """One row of the registry. ``domains`` = domain + other_domains; any of them selects the company."""

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

    @property
    def domains(self) -> tuple[str, ...]:
        """Return every domain that selects this company, the canonical one first."""
        return (self.domain, *self.other_domains)


def company_of(domain: str) -> Company | None:
    """Return the company that lists ``domain`` (host or host:port, any case, with or without ``www.``)."""
    raise NotImplementedError
