"""Redirects that are not followed: each is counted by its reason, and costs its own page only."""

from __future__ import annotations

from collections import Counter

import pytest

from opera_spiders.politeness.redirects import REASONS

from .local_host import Answer

REFUSED = {
    "file:///etc/passwd": "scheme_forbidden",
    "ftp://127.0.0.1/x": "scheme_forbidden",
    "data:text/html,<h1>Tosca</h1>": "scheme_forbidden",
    "javascript:alert(1)": "scheme_forbidden",
    "http://[oops/": "scheme_forbidden",
    "http://127.0.0.2:9/": "address_forbidden",
    "http://two.example:9/": "address_forbidden",
    "/private/rehearsals": "robots_denied",
    "/on-and-on": "too_many",
}


def refused(stats):
    return {name.rpartition("/")[2]: count for name, count in stats.items() if name.startswith("opera/redirects/")}


@pytest.mark.parametrize("kind", ["location", "refresh"])
def test_a_redirect_that_is_not_followed_is_counted_by_its_reason(host, crawl, kind):
    def redirect(target):
        if kind == "location":
            return Answer("", 302, {"Location": target})
        return Answer(f'<html><head><meta http-equiv="refresh" content="0; url={target}"></head>Tosca</html>')

    house = host(
        {
            "/robots.txt": Answer("User-agent: *\nDisallow: /private\n"),
            "/": Answer("".join(f'<a href="/{number}">x</a>' for number in range(len(REFUSED)))),
            "/on-and-on": redirect("/on-and-on"),
            **{f"/{number}": redirect(target) for number, target in enumerate(REFUSED)},
        }
    )
    settings = {"DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter"}  # else /on-and-on ends by that

    result = crawl(house.url(), settings=settings, names={"two.example": [["127.0.0.2"]]}, follow=True)

    assert refused(result.stats) == Counter(REFUSED.values())
    assert {f"opera/redirects/{reason}" for reason in REFUSED.values()} <= set(REASONS)
    scheme_count = list(REFUSED.values()).count("scheme_forbidden")
    assert len(result.pages) == 1 + (scheme_count if kind == "refresh" else 0)
    assert {error["error"] for error in result.errors} == {"ForbiddenAddress", "RobotsDenied", "RedirectRefused"}
    assert (result.reason, result.outcomes()) == ("finished", set())
