"""Every bad argument is one line that says what, where, and what to do."""

from __future__ import annotations

from datetime import date

import pytest

from opera_spiders.discovery.crawl_arguments import CrawlArguments
from opera_spiders.errors import BadInputError


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "No domain given"),
        ({"domain": " "}, "No domain given"),
        ({"domain": "https://roh.org.uk/whats-on"}, "-a domain=roh.org.uk"),
        ({"domain": "roh.org.uk/whats-on"}, "-a domain=roh.org.uk"),
        ({"domain": "user@roh.org.uk"}, "-a domain=roh.org.uk"),
        ({"domain": "royal opera house"}, "is not a host name"),
        ({"domain": "roh.org.uk:99999"}, "is not a host name"),
        ({"domain": "127.1"}, "is not a host name"),
        ({"domain": "roh.org.uk", "maxpages": "2"}, "Unknown spider argument maxpages"),
        ({"domain": "roh.org.uk", "max_pages": "many"}, "max_pages=many"),
        ({"domain": "roh.org.uk", "max_pages": "0"}, "above 0"),
        ({"domain": "roh.org.uk", "max_pages": "-3"}, "above 0"),
        ({"domain": "roh.org.uk", "max_pages": "1.5"}, "whole number"),
        ({"domain": "roh.org.uk", "since": "yesterday"}, "YYYY-MM-DD"),
        ({"domain": "roh.org.uk", "since": "2026-02-30"}, "since=2026-02-30"),
        ({"domain": "roh.org.uk", "since": "20260201"}, "YYYY-MM-DD"),
        ({"domain": "roh.org.uk", "archive": "yes"}, "season, all"),
        ({"domain": "teatroallascala.org", "archive": "all"}, "archive_policy never"),
        ({"domain": "roh.org.uk", "render": "maybe"}, "auto, never, always"),
        ({"domain": "roh.org.uk", "seeds": "whats-on"}, "whole URLs"),
        ({"domain": "roh.org.uk", "seeds": "https://metopera.org/"}, "metopera.org"),
        ({"domain": "roh.org.uk", "seeds": "ftp://roh.org.uk/"}, "whole URLs"),
        ({"domain": "roh.org.uk", "seeds": "http://[::1"}, "seeds=http://[::1 is not an address"),
        ({"domain": "roh.org.uk", "seeds": "http://roh.org.uk:notaport/"}, "is not an address"),
        ({"domain": "[::1"}, "domain=[::1 is not a host name"),
        ({"domain": "https://[::1"}, "is not a host name"),
    ],
)
def test_a_bad_argument_is_refused_in_one_line(given: dict[str, str], says: str):
    with pytest.raises(BadInputError) as error:
        CrawlArguments.parse(given)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "given",
    [
        {"domain": "me:hunter2@roh.org.uk"},
        {"domain": "https://me:hunter2@roh.org.uk/"},
        {"domain": "https://me:[hunter2@roh.org.uk/"},
        {"domain": "roh.org.uk", "seeds": "http://me:hunter2@roh.org.uk/"},
        {"domain": "roh.org.uk", "seeds": "http://me:[hunter2@roh.org.uk/"},
        {"domain": "roh.org.uk", "seeds": "http://me:hunter2/x@roh.org.uk/"},
        {"domain": "roh.org.uk", "seeds": "http://me:hunter2,x@roh.org.uk/"},
        {"domain": "roh.org.uk", "seeds": "http://me:x,hunter2@roh.org.uk/"},
    ],
)
def test_a_password_is_refused_and_not_repeated(given: dict[str, str]):
    with pytest.raises(BadInputError) as error:
        CrawlArguments.parse(given)
    assert "hunter2" not in str(error.value)
    assert "\n" not in str(error.value)


def test_an_at_sign_in_a_path_is_no_password():
    seeds = CrawlArguments.parse({"domain": "roh.org.uk", "seeds": "https://roh.org.uk/@stage"}).seeds
    assert seeds == ("https://roh.org.uk/@stage",)


def test_any_domain_of_a_company_selects_it():
    for domain in ("roh.org.uk", "www.roh.org.uk", "RBO.org.uk"):
        assert CrawlArguments.parse({"domain": domain}).company.slug == "royal-opera-house"


def test_a_domain_nobody_has_registered_is_a_company_of_that_name():
    company = CrawlArguments.parse({"domain": "127.0.0.1:8711"}).company
    assert (company.domain, company.is_registered) == ("127.0.0.1:8711", False)


def test_good_arguments_are_read():
    arguments = CrawlArguments.parse(
        {
            "domain": "roh.org.uk",
            "max_pages": "20",
            "seeds": "https://www.rbo.org.uk/a, http://roh.org.uk/b#c",
            "since": "2026-09-01",
            "archive": "all",
            "render": "never",
        }
    )
    assert arguments.max_pages == 20
    assert arguments.seeds == ("https://www.rbo.org.uk/a", "http://roh.org.uk/b")
    assert arguments.since == date(2026, 9, 1)
    assert (arguments.archive, arguments.render) == ("all", "never")
